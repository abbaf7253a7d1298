{#-
    What is segmented: a list of dicts, customers first, then products, then
    the entries that the var `segmentations` adds, in its order. An entry is
    merged over the defaults; `product: null` leaves that segmentation out, as
    `products: false` does. Made of vars alone, so it is known at parse time.
-#}
{% macro segmentations() %}
    {% set given = segmentation.given_var('segmentations') or {} %}
    {% if given is not mapping %}
        {% do exceptions.raise_compiler_error(
            "The var segmentations is " ~ segmentation.shown_value(given)
            ~ ", but it must hold segmentations by name. Write it as"
            ~ " '{seller: {table: seller_features, key: seller_id}}'."
        ) %}
    {% endif %}
    {% set entries = [] %}
    {% set names = ['customer', 'product'] %}
    {% for name in names + given.keys() | reject('in', names) | list %}
        {% set own = given.get(name, {}) %}
        {% set is_off = name == 'product'
            and not segmentation.given_var('products', true) %}
        {% if own is not none and not is_off %}
            {% do entries.append(segmentation.complete_entry(name, own)) %}
        {% endif %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}


{#-
    The entry of one segmentation. While dbt parses, a model of one that is
    left out is read as well: it gets the defaults.
-#}
{% macro segmentation_entry(name) %}
    {% set entries = segmentation.segmentations() %}
    {% for entry in entries if entry.name == name %}
        {{ return(entry) }}
    {% endfor %}
    {% if not execute %}
        {{ return(segmentation.complete_entry(name, {'table': name})) }}
    {% endif %}
    {% do exceptions.raise_compiler_error(
        "Segmentation '" ~ name ~ "' is not in the var segmentations, which"
        ~ " has " ~ entries | map(attribute='name') | join(', ')
        ~ ". Add it there, or remove the models that segment it."
    ) %}
{% endmacro %}


{#-
    What an entry is merged over: `any`, and where it is the shop's what else.
    Null: key NAME_id, recipe NAME, segments NAME_segments, key_type string,
    population the rows themselves.
-#}
{% macro built_in_segmentations() %}
{% set entries %}
any:
  table: null               # the model of features, or with `columns` any other
  key: null                 # a column; with `columns` a list of them as well
  columns: null             # [{name, type, from}] of a table without contract
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

customer:
  table: customer_features
  key: customer_id
  recipe: default
  unit: customers
  segments: customer_segments
  on_failure: stop
  population: shop_customers
  absent: no order up to the date of the data
  revenue: total_spend
  earnings: total_margin
  is_shop: true
  explore: true

product:
  table: product_features
  key: product_id
  recipe: product
  unit: products
  segments: product_segments
  population: shop_products
  absent: never ordered up to the date of the data
  revenue: revenue
  earnings: margin
  is_shop: true
{% endset %}
{{ return(fromyaml(entries)) }}
{% endmacro %}
