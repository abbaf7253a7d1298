{#-
    What is segmented: a list of dicts, customers first, then products, then
    the entries that the var `segmentations` adds, in its order. An entry is
    merged over the defaults; `product: null` leaves that segmentation out, as
    `products: false` does. Made of vars alone, so it is known at parse time.
-#}
{% macro segmentations() %}
    {% set given = var('segmentations', none) or {} %}
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
        {% set is_removed = (name in given and given[name] is none)
            or (name == 'product' and not var('products', true)) %}
        {% if not is_removed %}
            {% do entries.append(
                segmentation.complete_entry(name, given.get(name, {}))
            ) %}
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
        "Segmentation '" ~ name ~ "' is not in the var segmentations, which has "
        ~ entries | map(attribute='name') | join(', ')
        ~ ". Add it there, or remove the models that segment it."
    ) %}
{% endmacro %}


{#- What an entry is merged over; `any` holds for what is no shop's. -#}
{% macro built_in_segmentations() %}
{% set entries %}
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
  as_of: null
  is_shop: true
  explore: true
  duplicates: null
  columns: null
  date_column: null

product:
  table: product_features
  key: product_id
  recipe: product
  unit: products
  segments: product_segments
  on_failure: warn
  population: shop_products
  absent: never ordered up to the date of the data
  revenue: revenue
  earnings: margin
  as_of: null
  is_shop: true
  explore: false
  duplicates: null
  columns: null
  date_column: null

any:
  table: null
  key: null
  recipe: null
  unit: members
  segments: null
  on_failure: warn
  population: null
  absent: not in the table
  revenue: null
  earnings: null
  as_of: null
  is_shop: false
  explore: false
  duplicates: null
  columns: null
  date_column: null
{% endset %}
{{ return(fromyaml(entries)) }}
{% endmacro %}


{#-
    An entry with all its parts, checked. The vars `recipe` and `as_of` of a
    segmentation win over what its entry says; a shop has one date.
-#}
{% macro complete_entry(name, given) %}
    {% set defaults = segmentation.built_in_segmentations() %}
    {% set entry = dict(defaults.get(name, defaults['any']), name=name) %}
    {% do segmentation.check_entry(name, given, entry.keys() | list) %}
    {% do entry.update(given) %}
    {% for part, value in {
        'key': name ~ '_id',
        'recipe': name,
        'segments': name ~ '_segments',
        'population': entry.table,
    }.items() if entry[part] is none %}
        {% do entry.update({part: value}) %}
    {% endfor %}
    {% set recipe = var(segmentation.setting_var(name, 'recipe'), none) %}
    {% set dated = 'customer' if entry.is_shop else name %}
    {% set variable = segmentation.setting_var(dated, 'as_of') %}
    {% set as_of = var(variable, none) or entry.as_of %}
    {% do entry.update({
        'recipe': entry.recipe if recipe is none else recipe,
        'as_of': segmentation.calendar_date(variable, as_of),
        'key_column': name ~ '_id' if entry.columns else entry.key,
    }) %}
    {{ return(entry) }}
{% endmacro %}


{% macro check_entry(name, given, known) %}
    {% set is_entry = given is mapping and name is string
        and modules.re.match('^[a-z][a-z0-9_]*$', name) %}
    {% if not is_entry %}
        {% do exceptions.raise_compiler_error(
            "Segmentation " ~ segmentation.shown_value(name) ~ " is "
            ~ segmentation.shown_value(given) ~ ", but an entry of the var"
            ~ " segmentations is a name in lower case and a mapping such as"
            ~ " '{table: seller_features, key: seller_id}'."
        ) %}
    {% endif %}
    {% for part in given if part not in known %}
        {% do exceptions.raise_compiler_error(
            "Segmentation '" ~ name ~ "' has the unknown part '" ~ part
            ~ "'. The nearest one is '" ~ segmentation.nearest_name(part, known)
            ~ "'. Correct it in the var segmentations."
        ) %}
    {% endfor %}
    {% set rules = {} %}
    {% if name not in ['customer', 'product'] and not given.get('table') %}
        {% do rules.update({'table': 'must be the name of a model'}) %}
    {% endif %}
    {% if given.get('on_failure', 'stop') not in ['stop', 'warn'] %}
        {% do rules.update({'on_failure': 'must be stop or warn'}) %}
    {% endif %}
    {% if given.get('duplicates') not in [none, 'first', 'aggregate', 'keep'] %}
        {% do rules.update({'duplicates': 'must be first, aggregate or keep'}) %}
    {% endif %}
    {% if given.get('key') is not string and given.get('key') is not none
        and not given.get('columns') %}
        {% do rules.update({
            'key': 'must be one column, unless `columns` says what to read'
        }) %}
    {% endif %}
    {% for part, rule in rules.items() %}
        {% do exceptions.raise_compiler_error(
            "Segmentation '" ~ name ~ "' has the " ~ part ~ " "
            ~ segmentation.shown_value(given.get(part)) ~ ", but it " ~ rule
            ~ ". Correct it in the var segmentations."
        ) %}
    {% endfor %}
{% endmacro %}
