{#-
    The columns of a segmentation's table that a recipe may name: a list of
    {name, kind, is_whole}, kind `number` or `category`, from the entry's
    `columns`, else from the contract of its table and not from the database,
    so that the list is known before anything is built. A unit test sees no
    contract: it overrides this macro.
-#}
{% macro feature_columns(entry) %}
    {% set found = [] %}
    {% for column in entry.columns or segmentation.contract_columns(entry) %}
        {% set type = (column.type or '') | lower %}
        {% set is_whole = type in ['bigint', 'integer', 'int', 'smallint'] %}
        {% set is_number = is_whole or type in ['double', 'float']
            or type.startswith('decimal') %}
        {% if is_number or type in ['string', 'varchar', 'text', 'boolean'] %}
            {% do found.append({
                'name': column.name,
                'kind': 'number' if is_number else 'category',
                'is_whole': is_whole,
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#- {name, type} of a contract, without what says `meta: {feature: false}`. -#}
{% macro contract_columns(entry) %}
    {% set found = [] %}
    {% if execute %}
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
        {% for column in nodes[0].columns.values() %}
            {% set config = column.config or {} %}
            {% set meta = config.meta or column.meta %}
            {% if (meta or {}).get('feature', true) is not false %}
                {% do found.append({
                    'name': column.name, 'type': column.data_type,
                }) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
