{#-
    Every setting is of its kind and in range, and every var that was given is
    a setting: known before the first model runs. With `{products: maybe}` dbt
    stops before this runs: `segmentation.build` asks earlier. In a project that
    installs this one, a var may be another's: only what stands under
    `segmentation:` must be a setting, and of what is nearly one the build
    warns.
-#}
{% macro validate_settings() %}
    {% set table = segmentation.settings_table() %}
    {% for name, row in table.items() if row.scope in ['project', 'basket'] %}
        {% do segmentation.checked_setting(name, row, 'customer') %}
    {% endfor %}
    {% set entries = segmentation.segmentations() %}
    {#- Vars of a segmentation that is left out are no mistakes. #}
    {% set added = segmentation.given_var('segmentations') or {} %}
    {% set names = ['customer', 'product'] + added.keys() | list %}
    {% set known = segmentation.setting('own_vars') | list %}
    {% for name, row in table.items() %}
        {% set is_plain = row.scope in ['project', 'basket'] %}
        {% for of in (['customer'] if is_plain else names | unique) %}
            {% do known.append(segmentation.setting_var(of, name)) %}
        {% endfor %}
    {% endfor %}
    {% set project = adapter.config %}
    {% set ours = project.vars.vars.get('segmentation') or {} %}
    {% set all = dict(project.vars.vars, **project.cli_vars) %}
    {% set is_own = project.project_name == 'segmentation' %}
    {% for name in ours.keys() | list + all.keys() | list
        if name not in known and name != 'segmentation' %}
        {% set is_ours = is_own or name in ours %}
        {% set nearest = segmentation.nearest_name(
            name, known, share=-1 if is_ours else 0.8
        ) %}
        {% set sentence = "Setting " ~ name ~ " is unknown. The nearest one is "
            ~ nearest ~ ". Correct it in dbt_project.yml or --vars; what only"
            ~ " models of your own read belongs in the list own_vars too." %}
        {% if is_ours %}
            {% do exceptions.raise_compiler_error(sentence) %}
        {% elif nearest and all[name] is not mapping %}
            {% do exceptions.warn(sentence) %}
        {% endif %}
    {% endfor %}
    {% if execute and not entries
        and 'model.segmentation.policies' in selected_resources %}
        {% do exceptions.raise_compiler_error(
            "The var segmentations leaves nothing to segment. Add a table's"
            ~ " entry to it, which `segmentation new` writes, or build your"
            ~ " own models alone: dbt build --select package:" ~ project_name
            ~ "."
        ) %}
    {% endif %}
    {% for entry in entries if execute %}
        {% for name, row in table.items() if row.scope == 'policy' %}
            {% do segmentation.checked_setting(name, row, entry.name) %}
        {% endfor %}
        {% do segmentation.resolved_recipe(entry) %}
    {% endfor %}
{% endmacro %}
