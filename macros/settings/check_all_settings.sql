{#-
    Every var that was given is a setting, and every setting is of its kind and
    in range. With `{products: maybe}` dbt stops before this runs:
    `segmentation.build` asks earlier.
-#}
{% macro check_all_settings() %}
    {% do segmentation.refuse_unknown_vars() %}
    {% for name, row in segmentation.settings_table().items()
        if row.scope in ['project', 'basket'] %}
        {% do segmentation.checked_setting(name, row, none) %}
    {% endfor %}
    {% do segmentation.setting('seed') %}
    {% for entry in segmentation.segmentations() %}
        {% do segmentation.segmentation_policy(entry.name) %}
        {% if execute %}{% do segmentation.resolved_recipe(entry) %}{% endif %}
    {% endfor %}
{% endmacro %}


{#-
    In a project that installs this one, vars outside the section `segmentation`
    may be another package's: only those inside must be settings of ours.
-#}
{% macro refuse_unknown_vars() %}
    {% set project = adapter.config %}
    {% set is_root = project.project_name == 'segmentation' %}
    {% set given = dict(project.vars.vars.get('segmentation', {})) %}
    {% if is_root %}
        {% do given.update(project.vars.vars) %}
        {% do given.update(project.cli_vars) %}
        {% do given.pop('segmentation', none) %}
    {% endif %}
    {% set known = segmentation.known_vars() %}
    {% for name in given if name not in known %}
        {% do exceptions.raise_compiler_error(
            "Setting " ~ name ~ " is unknown. The nearest one is "
            ~ segmentation.nearest_name(name, known) ~ ". Correct it in"
            ~ " dbt_project.yml or --vars; a var that only your own models read"
            ~ " belongs in the list `own_vars` too."
        ) %}
    {% endfor %}
{% endmacro %}


{% macro known_vars() %}
    {% set names = ['customer', 'product'] + var('segmentations', {}).keys() | list %}
    {% set known = [] + var('own_vars', []) %}
    {% for setting, row in segmentation.settings_table().items() %}
        {% if row.scope in ['project', 'basket'] %}
            {% do known.append(setting) %}
        {% else %}
            {% for name in names | unique %}
                {% do known.append(segmentation.setting_var(name, setting)) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(known) }}
{% endmacro %}
