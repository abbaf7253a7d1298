{#-
    What `segmentation new` asks of the warehouse, as one line of JSON: the
    names in the project, and of one model or seed its columns with figures of
    their values, and how often its key repeats. A run-operation, so that it
    reads through the project's own profile on whatever engine that is.
-#}
{% macro describe_table(model_name, key) %}
    {% set nodes = segmentation.buildable_nodes() %}
    {% set found = {'nodes': nodes.keys() | list, 'is_built': false} %}
    {% set relation = segmentation.built_relation(nodes.get(model_name)) %}
    {% if relation %}
        {% set columns = adapter.get_columns_in_relation(relation) %}
        {% set names = columns | map(attribute='name') | list %}
        {% do found.update({'is_built': true, 'columns': [], 'key': {}}) %}
        {% for column in columns %}
            {% do found['columns'].append(segmentation.describe_column(relation, column)) %}
        {% endfor %}
        {% if key | reject('in', names) | list == [] %}
            {% do found.update({'key': segmentation.key_counts(relation, key)}) %}
        {% endif %}
    {% endif %}
    {% do print('segmentation: ' ~ tojson(found)) %}
{% endmacro %}


{#- Everything that can have a table, by name. -#}
{% macro buildable_nodes() %}
    {% set nodes = {} %}
    {% for node in graph.nodes.values() | sort(attribute='name')
        if node.resource_type in ['model', 'seed', 'snapshot'] %}
        {% do nodes.update({node.name: node}) %}
    {% endfor %}
    {{ return(nodes) }}
{% endmacro %}


{% macro built_relation(node) %}
    {% if not node %}{{ return(none) }}{% endif %}
    {{ return(adapter.get_relation(
        database=node.database, schema=node.schema, identifier=node.alias
    )) }}
{% endmacro %}


{% macro describe_column(relation, column) %}
    {% set name = adapter.quote(column.name) %}
    {% set type = column.data_type | lower %}
    {% set is_number = segmentation.is_number_type(type) %}
    {% set is_text = column.is_string() or type.startswith('enum') %}
    {% set number = segmentation.finite_number(name) if is_number else 'cast(null as double)' %}
    {% set text = 'cast(' ~ (name if is_text else 'null') ~ ' as string)' %}
    {% set row = run_query(
        "select count(" ~ name ~ "), count(distinct " ~ name ~ "), min(" ~ number
        ~ "), max(" ~ number ~ "), " ~ segmentation.finite_skewness(relation, number)
        ~ ", cast(max(length(" ~ text ~ ")) as bigint), "
        ~ "count(try_cast(replace(" ~ text ~ ", ',', '.') as double)) from " ~ relation
    ).rows[0] %}
    {{ return({
        'name': column.name,
        'type': type,
        'is_number': is_number,
        'is_string': is_text,
        'values': row[0] | int,
        'distinct': row[1] | int,
        'least': row[2] | float if row[2] is not none else none,
        'greatest': row[3] | float if row[3] is not none else none,
        'skewness': row[4] | float if row[4] is not none else none,
        'longest': row[5] | int if row[5] is not none else none,
        'numeric_texts': row[6] | int,
    }) }}
{% endmacro %}


{#- Of the values' place in their range, from 0 to 1: finite at any magnitude. -#}
{% macro finite_skewness(relation, number) -%}
    {%- set value = 'cast(' ~ number ~ ' as double)' -%}
    {%- set least = '(select min(' ~ value ~ ') from ' ~ relation ~ ')' -%}
    {%- set greatest = '(select max(' ~ value ~ ') from ' ~ relation ~ ')' -%}
    cast(skewness(
        ({{ value }} - {{ least }}) / nullif({{ greatest }} - {{ least }}, 0)
    ) as double)
{%- endmacro %}


{#- Decimals too, which an adapter's is_number() can miss for their brackets. -#}
{% macro is_number_type(type) %}
    {{ return(
        type.split('(')[0] in ['decimal', 'numeric', 'double', 'float', 'real', 'long']
        or type == 'integer' or type.endswith('int')
    ) }}
{% endmacro %}
