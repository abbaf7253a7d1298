{#-
    What `segmentation new` asks of the warehouse, as one line of JSON: the
    names in the project, and of one model or seed its columns with figures of
    their values, and how often its key repeats. A run-operation, so that it
    reads through the project's own profile on whatever engine that is.
-#}
{% macro describe_table(model_name, key) %}
    {% set nodes = {} %}
    {% for node in graph.nodes.values() | sort(attribute='name')
        if node.resource_type in ['model', 'seed', 'snapshot'] %}
        {% do nodes.update({node.name: node}) %}
    {% endfor %}
    {% set found = {'nodes': nodes.keys() | list, 'is_built': false} %}
    {% set node = nodes.get(model_name) %}
    {% set relation = adapter.get_relation(
        database=node.database, schema=node.schema, identifier=node.alias
    ) if node %}
    {% if relation %}
        {% set columns = adapter.get_columns_in_relation(relation) %}
        {% set described = [] %}
        {% for column in columns %}
            {% set name = adapter.quote(column.name) %}
            {% set type = column.data_type | lower %}
            {#- An adapter's is_number() can miss a decimal's brackets. #}
            {% set is_number = type.endswith('int') or type.split('(')[0] in [
                'decimal', 'numeric', 'double', 'float', 'real', 'long',
                'integer',
            ] %}
            {% set is_text = column.is_string() or type.startswith('enum') %}
            {% set number = 'cast(' ~ (
                segmentation.finite_number(name) if is_number else 'null'
            ) ~ ' as double)' %}
            {% set text = name if is_text else 'null' %}
            {#- Skewness is of the values' place in their range, from 0 to 1:
                finite at any magnitude. #}
            {% set row = run_query(
                "select count(name), count(distinct name), min(number),"
                ~ " max(number), cast(skewness((number - least)"
                ~ " / nullif(greatest - least, 0)) as double),"
                ~ " count(try_cast(replace(text, ',', '.') as double))"
                ~ " from (select " ~ name ~ " as name, " ~ number
                ~ " as number, cast(" ~ text ~ " as string) as text, min("
                ~ number ~ ") over () as least, max(" ~ number
                ~ ") over () as greatest from " ~ relation ~ ") as described"
            ).rows[0] %}
            {% do described.append({
                'name': column.name,
                'type': type,
                'is_number': is_number,
                'is_string': is_text,
                'values': row[0] | int,
                'distinct': row[1] | int,
                'least': row[2] | float if row[2] is not none else none,
                'greatest': row[3] | float if row[3] is not none else none,
                'skewness': row[4] | float if row[4] is not none else none,
                'numeric_texts': row[5] | int,
            }) %}
        {% endfor %}
        {% do found.update({
            'is_built': true, 'columns': described, 'key': {},
        }) %}
        {% set names = columns | map(attribute='name') | list %}
        {% if key | reject('in', names) | list == [] %}
            {% set counts = run_query(
                segmentation.key_counts(relation, key)
            ).rows[0] %}
            {#- The most frequent key; ties go to the one that comes first. #}
            {% set keys = segmentation.quoted_list(key) %}
            {% set joined = segmentation.joined_key(key) %}
            {% set worst = run_query(
                "select " ~ joined ~ ", count(*) as row_count from " ~ relation
                ~ " where " ~ joined ~ " is not null group by " ~ keys
                ~ " order by row_count desc, " ~ keys ~ " limit 1"
            ).rows %}
            {% do found.update({'key': {
                'rows': counts[0] | int,
                'missing': (counts[0] - counts[1]) | int,
                'keys': counts[2] | int,
                'most_frequent': worst[0][0] | string if worst else none,
                'most_frequent_rows': worst[0][1] | int if worst else 0,
            }}) %}
        {% endif %}
    {% endif %}
    {% do print('segmentation: ' ~ tojson(found)) %}
{% endmacro %}
