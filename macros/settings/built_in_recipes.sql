{#-
    The recipes that come with the project. A recipe is data: YAML here, a row
    of JSON in the registry, a frozen dataclass in Python. What it does not say
    has its default from the settings table.
-#}
{% macro built_in_recipes() %}
{% set recipes %}
default:
  description: Behaviour and value cluster, attributes describe.
  features:
    - name: days_since_last_order
      transform: log1p
      low: recent
      high: lapsed
      triggers: false
    - name: total_orders
      transform: log1p
      low: few orders
      high: many orders
    - name: total_items
      transform: log1p
      low: few items
      high: many items
    - name: total_spend
      transform: log1p
      low: low spend
      high: high spend
    - name: average_order_value
      transform: log1p
      low: small baskets
      high: big baskets
    - name: distinct_brands
      transform: log1p
      low: few brands
      high: many brands
    - name: distinct_categories
      transform: log1p
      low: few categories
      high: many categories
    - {name: return_rate, low: rarely returns, high: returns items}
    - {name: cancellation_rate, low: rarely cancels, high: cancels orders}

article:
  description: The published walk-through, without its three mistakes.
  features:
    - {name: age, low: younger, high: older}
    - {name: gender}
    - {name: country}
    - {name: traffic_source}
    - {name: total_orders, low: few orders, high: many orders}
    - {name: most_frequent_brand}
    - {name: most_frequent_category}
  missing: drop
  encoding: label
  components: 2
  pca_seed: 444
  k: 5
  seed: 222

product:
  description: What products sell, earn and cost; rates of few sales describe.
  features:
    - name: units
      transform: log1p
      low: few units
      high: many units
    - name: revenue
      transform: log1p
      low: low revenue
      high: high revenue
    - name: average_price
      transform: log1p
      low: low-priced
      high: high-priced
    - {name: discount_share, low: near list price, high: discounted}
    - {name: margin_rate, low: thin margin, high: rich margin}
    - name: days_since_last_sale
      transform: log1p
      low: sold lately
      high: not sold lately
      triggers: false
{% endset %}
{{ return(fromyaml(recipes)) }}
{% endmacro %}
