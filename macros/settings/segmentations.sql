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
    {% set defaults = segmentation.built_in('segmentations') %}
    {% set names = ['customer', 'product'] %}
    {% for name in names + given.keys() | reject('in', names) | list %}
        {% set own = given.get(name, {}) %}
        {% set is_off = name == 'product'
            and not segmentation.given_var('products', true) %}
        {% if own is not none and not is_off %}
            {% do entries.append(
                segmentation.complete_entry(name, own, defaults)
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}
