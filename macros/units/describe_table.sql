{#-
    What `segmentation new` asks of the warehouse, as one line of JSON: the
    names in the project, and of one model or seed its columns with the answers
    to `queries` of their kind, and how often its key repeats. A run-operation,
    so that it reads through the project's own profile on whatever engine it is.
-#}
{% macro describe_table(model_name, key, queries) %}
    {% set nodes = {} %}
    {% for node in graph.nodes.values() | sort(attribute='name')
        if node.resource_type in ['model', 'seed', 'snapshot'] %}
        {% do nodes.update({node.name: node}) %}
    {% endfor %}
    {% set node = nodes.get(model_name) %}
    {% set relation = adapter.get_relation(
        database=node.database, schema=node.schema, identifier=node.alias
    ) if node %}
    {% set columns = adapter.get_columns_in_relation(relation)
        if relation else [] %}
    {% set found = {'nodes': nodes.keys() | list, 'columns': [], 'key': []} %}
    {% for column in columns %}
        {% set name = adapter.quote(column.name) %}
        {% set type = column.data_type | lower %}
        {#- An adapter's is_number() can miss a decimal's brackets. #}
        {% set kind = 'number' if type.endswith('int') or type.split('(')[0] in
            ['decimal', 'numeric', 'double', 'float', 'real', 'long', 'integer']
            else 'text' if column.is_string() or type.startswith('enum')
            else 'other' %}
        {% set answers = [] %}
        {% for query in queries[kind] %}
            {% do answers.append(segmentation.answer_of(
                query.replace('{relation}', relation | string)
                .replace('{finite}', segmentation.finite_number(name))
                .replace('{clean}', segmentation.clean_text(name))
                .replace('{name}', name)
            )) %}
        {% endfor %}
        {% do found['columns'].append({'name': column.name, 'type': type,
            'kind': kind, 'answers': answers}) %}
    {% endfor %}
    {% set names = columns | map(attribute='name') | list %}
    {% if key and not key | reject('in', names) | list %}
        {% set found = dict(found, key=[
            segmentation.answer_of(segmentation.key_counts(relation, key)),
            segmentation.answer_of(
                queries['key'].replace('{relation}', relation | string)
                .replace('{keys}', segmentation.quoted_list(key))
                .replace('{joined}', segmentation.joined_key(key))
            ),
        ]) %}
    {% endif %}
    {% do print('segmentation: ' ~ tojson(found)) %}
{% endmacro %}


{#- The rows of a query as lists of texts: JSON knows no decimals. -#}
{% macro answer_of(query) %}
    {% set answer = [] %}
    {% for row in run_query(query).rows %}
        {% do answer.append(row.values() | map('string') | list) %}
    {% endfor %}
    {{ return(answer) }}
{% endmacro %}
