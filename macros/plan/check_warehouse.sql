{#-
    A warehouse that a build must not write to: one that DuckDB would confuse
    with a table in it, a published file, and one of another layout of tables,
    which every first build writes into its warehouse. Version 0.1 wrote none.
    Each is one sentence, and left as it is.
-#}
{% macro check_warehouse() %}
{% if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] %}
    {% set layout = 2 %}
    {% set path = target.path or target.schema %}
    {% set place = api.Relation.create(
        database=target.database, schema=target.schema,
        identifier='warehouse_layout'
    ) %}
    {% set known = load_relation(place) is not none %}
    {% set is_of_0_1 = load_relation(place.incorporate(
        path={'identifier': 'customer_model_log'}
    )) is not none %}
    {% set is_published = load_relation(place.incorporate(
        path={'identifier': 'publications'}
    )) is not none and not known and not is_of_0_1 %}
    {% set found = run_query('select max(layout) from ' ~ place).rows[0][0]
        if known else 1 if is_of_0_1 else layout %}
    {% set namesakes = graph.nodes.values()
        | map(attribute='alias') | select('defined') | map('lower')
        | select('equalto', target.database | lower) %}
    {% for name in namesakes %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ path ~ " is called like the table " ~ name
            ~ " in it, and DuckDB could not tell them apart: name another file "
            ~ "with SEGMENTATION_WAREHOUSE."
        ) %}
    {% endfor %}
    {% if is_published %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ path ~ " is a published file, which a build "
            ~ "would overwrite: name another file with SEGMENTATION_WAREHOUSE."
        ) %}
    {% elif found != layout %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ path ~ " has the tables of " ~ (
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
