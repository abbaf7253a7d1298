{#-
    The columns of a segmentation's table that a recipe may name: a list of
    {name, kind, is_whole, label, is_money, currency, ratio}, kind `number` or
    `category`, label the source's own name, ratio what its contract says of
    sums. They are the entry's
    `columns`, else those of its table's contract without what says `meta:
    {feature: false}`; not the database's, so that the list is known before
    anything is built. A unit test sees no contract: it overrides this macro.
-#}
{% macro feature_columns(entry) %}
    {% set columns = entry.columns or [] %}
    {% if execute and not entry.columns %}
        {% set nodes = graph.nodes.values()
            | selectattr('name', 'equalto', entry.table)
            | selectattr('resource_type', 'equalto', 'model') | list %}
        {% if not nodes %}
            {% do exceptions.raise_compiler_error(
                "Segmentation '" ~ entry.name ~ "' reads '" ~ entry.table
                ~ "', which is no model that is switched on. Correct its"
                ~ " `table` in the var segmentations, or leave it out there"
                ~ " with '{" ~ entry.name ~ ": null}'."
            ) %}
        {% endif %}
        {% set columns = nodes[0].columns.values() | list %}
    {% endif %}
    {% set found = [] %}
    {% set currency = segmentation.given_var('currency') %}
    {% for column in columns %}
        {% set meta = (column.config or {}).meta or column.meta or {} %}
        {% set type = (column.type or column.data_type or '') | lower %}
        {% set is_whole = type in ['bigint', 'integer', 'int', 'smallint'] %}
        {% set is_number = is_whole or type in ['double', 'float']
            or type.startswith('decimal') %}
        {% set is_text = type in ['string', 'varchar', 'text', 'boolean'] %}
        {% if (is_number or is_text) and meta.get('feature') is not false %}
            {% do found.append({
                'name': column.name,
                'kind': 'number' if is_number else 'category',
                'is_whole': is_whole,
                'label': column.from or column.name,
                'is_money': type.replace(' ', '').endswith(',2)'),
                'currency': currency,
                'ratio': meta.get('ratio_of_sums'),
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
