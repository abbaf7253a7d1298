{#-
    The columns of a feature model that a recipe may name: a list of
    {name, kind, is_whole}, kind `number` or `category`, in the order of its contract.
    Taken from the contract and not from the database, so that the list is known
    before anything is built. A unit test sees no graph: it overrides this macro.
-#}
{% macro feature_columns(model_name) %}
    {% set columns = [] %}
    {% if execute %}
        {% set nodes = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('name', 'equalto', model_name) | list %}
        {% if not nodes %}
            {% do exceptions.raise_compiler_error(
                "Model '" ~ model_name ~ "' does not exist, so it has no features."
            ) %}
        {% endif %}
        {% for column in nodes[0].columns.values() %}
            {% set kind = segmentation.feature_kind(column) %}
            {% if kind %}
                {% do columns.append({
                    'name': column.name,
                    'kind': kind,
                    'is_whole': segmentation.is_whole_type(column.data_type),
                }) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}


{#- Keys and timestamps are no features: `meta: {feature: false}` says so. -#}
{% macro feature_kind(column) %}
    {% set type = (column.data_type or '') | lower %}
    {% set meta = column.config.meta if column.config and column.config.meta else column.meta %}
    {% if (meta or {}).get('feature', true) is false %}
        {{ return(none) }}
    {% elif type in ['string', 'varchar', 'text', 'boolean'] %}
        {{ return('category') }}
    {% elif type in ['bigint', 'integer', 'int', 'smallint', 'double', 'float']
        or type.startswith('decimal') %}
        {{ return('number') }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{% macro is_whole_type(data_type) %}
    {{ return((data_type or '') | lower in ['bigint', 'integer', 'int', 'smallint']) }}
{% endmacro %}
