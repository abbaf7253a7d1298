{#-
    Pre-hook of the publication: publishes only in a build that runs every
    error-severity test above it. dbt runs a test before a model only when
    all of the test's parents are above that model, so a test with another
    parent, or with none, could fail after publication: it is refused too.
-#}
{% macro refuse_partial_publication() %}
{% if execute %}
    {% set audited, whys, left_out = [], [], [] %}
    {% set frontier = namespace(nodes=[model.unique_id]) %}
    {% for step in range(graph.nodes | length) if frontier.nodes %}
        {% set above = [] %}
        {% for node in frontier.nodes if node in graph.nodes %}
            {% for parent in graph.nodes[node].depends_on.nodes
                if parent not in audited %}
                {% do audited.append(parent) %}
                {% do above.append(parent) %}
            {% endfor %}
        {% endfor %}
        {% set frontier.nodes = above %}
    {% endfor %}
    {% for test in graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'test')
        if test.config.enabled and test.config.severity | lower == 'error' %}
        {% set parents = test.depends_on.nodes %}
        {% set above = parents | select('in', audited) | list %}
        {% set is_ours = project_name == model.package_name
            and test.package_name == project_name %}
        {% if is_ours and not parents %}
            {% do whys.append(
                "test " ~ test.name ~ " has no ref, so nothing makes it run "
                ~ "before publication. Add `-- depends_on: {{ ref('…') }}` to "
                ~ "it"
            ) %}
        {% elif above | length < parents | length and (above or is_ours) %}
            {% do whys.append(
                "test " ~ test.name ~ " depends on "
                ~ parents | reject('in', audited) | join(', ')
                ~ ", which is not above publications. Add it to "
                ~ "models/publish/public_tables.sql, or test something that is"
            ) %}
        {% elif above and test.unique_id not in selected_resources %}
            {% do left_out.append(test.name) %}
        {% endif %}
    {% endfor %}
    {% if left_out %}
        {% do whys.append(
            "this invocation leaves out " ~ left_out | length
            ~ " of the tests that must pass first (" ~ left_out[0]
            ~ (", …" if left_out | length > 1 else "")
            ~ "). Run a whole `dbt build`"
        ) %}
    {% endif %}
    {% if whys %}
        {% do exceptions.raise_compiler_error(
            "Nothing was published and the published files are as before: "
            ~ whys[0] ~ "."
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
