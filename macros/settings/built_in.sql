{#-
    What comes with the project, as YAML: `segmentations` are what entries of
    that var are merged over, `any` and where it is the shop's what else. Null:
    key NAME_id, recipe NAME, segments NAME_segments, key_type string,
    population the rows themselves. `recipes` are data here, a row of JSON in
    the registry and a frozen dataclass in Python; what one does not say has its
    default from the settings table.
-#}
{% macro built_in(what) %}
{% set segmentations %}
any:
  kind: fitted              # fitted, or rules: those of the seed rule_segments
  table: null               # the model of features, or with `columns` any other
  key: null                 # a column; with `columns` a list of them as well
  columns: null             # [{name, type, …}] of a table without contract
  key_type: null            # of the key's column in the tables made of those
  duplicates: null          # first, aggregate or keep rows that share a key
  date_column: null         # its newest value is the day the data are of
  as_of: null               # that day itself
  recipe: null              # a recipe's name or its settings
  unit: members             # what the rows are called
  segments: null            # the model that says each one's segment
  on_failure: warn          # warn goes on without it, stop ends the build
  population: null          # who is segmented or stands in the exclusions
  absent: not in the table  # why somebody of the population has no features
  revenue: null             # columns of money, where the table has them
  earnings: null
  is_shop: false            # its date is the shop's
  explore: false            # similar members and a map besides

customer: {table: customer_features, key: customer_id, recipe: default,
  unit: customers, on_failure: stop, population: shop_customers,
  absent: no order up to the date of the data, revenue: total_spend,
  earnings: margin_to_date, is_shop: true, explore: true}

product: {table: product_features, key: product_id, unit: products,
  population: shop_products, absent: never ordered up to the date of the data,
  revenue: revenue, earnings: margin, is_shop: true}
{% endset %}
{% set recipes %}
default:
  description: How lately, how often and for how much; the rest describes.
  features:
    - {name: days_since_last_order, transform: log1p, unit: 30, weight: 2,
       triggers: false, low: recent, high: lapsed}
    - {name: total_orders, transform: log1p, low: few orders, high: many orders}
    - {name: average_order_value, transform: log1p, shrink_by: kept_orders,
       low: small baskets, high: big baskets}

article:
  description: The published walk-through, without its three mistakes.
  features: [{name: age, low: younger, high: older}, {name: gender},
    {name: country}, {name: traffic_source},
    {name: total_orders, low: few orders, high: many orders},
    {name: most_frequent_brand}, {name: most_frequent_category}]
  missing: drop
  encoding: label
  components: 2
  pca_seed: 444
  k: 5
  seed: 222

product:
  description: What products sell, earn and cost; rates of few sales describe.
  features:
    - {name: units, transform: log1p, low: few units, high: many units}
    - {name: revenue, transform: log1p, low: low revenue, high: high revenue}
    - {name: average_price, transform: log1p, low: low-priced,
       high: high-priced}
    - {name: discount_share, low: near list price, high: discounted}
    - {name: margin_rate, low: thin margin, high: rich margin}
    - {name: days_since_last_sale, transform: log1p, triggers: false,
       low: sold lately, high: not sold lately}
{% endset %}
{{ return(fromyaml(segmentations if what == 'segmentations' else recipes)) }}
{% endmacro %}
