{#-
    Which layout of tables the warehouse has, written into it by its first
    build. One of another version, or of 0.1, which wrote none, is answered by
    one sentence and left as it is.
-#}
{% macro check_warehouse() %}
{% if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] %}
    {% set layout = 2 %}
    {% set place = api.Relation.create(
        database=target.database, schema=target.schema,
        identifier='warehouse_layout'
    ) %}
    {% set known = load_relation(place) is not none %}
    {% set found = run_query('select max(layout) from ' ~ place).rows[0][0]
        if known else 1 if load_relation(place.incorporate(
            path={'identifier': 'customer_model_log'}
        )) else none %}
    {% if found is not none and found != layout %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ (target.path or target.schema)
            ~ " has the tables of " ~ (
                "version 0.1" if found == 1
                else "a later version (layout " ~ found ~ ")"
            ) ~ ", which this version cannot read. It was left as it is: name "
            ~ "another file with SEGMENTATION_WAREHOUSE, or move it away and "
            ~ "build anew; docs/upgrading.md says what changed."
        ) %}
    {% elif not known %}
        {% do run_query(
            'create schema if not exists ' ~ place.without_identifier()
        ) %}
        {% do run_query(
            'create table ' ~ place ~ ' as select cast(' ~ layout
            ~ ' as bigint) as layout'
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
