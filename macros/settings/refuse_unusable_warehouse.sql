{#-
    A warehouse that DuckDB would confuse with one of its tables, because both
    have one name, or that is a published file, which a build would overwrite.
-#}
{% macro refuse_unusable_warehouse() %}
{% if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] %}
    {% set name = target.database | lower %}
    {% for node in graph.nodes.values()
        if node.resource_type in ['model', 'seed']
        and (node.alias | lower) == name %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ (target.path or target.schema) ~ " is called "
            ~ "like the table " ~ node.alias ~ " in it, and DuckDB could not "
            ~ "tell them apart: name another file with SEGMENTATION_WAREHOUSE."
        ) %}
    {% endfor %}
    {% set publications = api.Relation.create(
        database=target.database, schema=target.schema,
        identifier='publications'
    ) %}
    {% if load_relation(publications)
        and not load_relation(publications.incorporate(
            path={'identifier': 'warehouse_layout'}
        ))
        and not load_relation(publications.incorporate(
            path={'identifier': 'customer_model_log'}
        )) %}
        {% do exceptions.raise_compiler_error(
            "The warehouse " ~ (target.path or target.schema) ~ " is a "
            ~ "published file, which a build would overwrite: name another "
            ~ "file with SEGMENTATION_WAREHOUSE."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
