{#-
    The value of a setting, checked: from its var, else its default. A setting
    of a segmentation is asked for with its name: `setting('refit', 'product')`.
-#}
{% macro setting(name, of='customer') %}
    {% set row = segmentation.settings_table()[name] %}
    {{ return(segmentation.checked_setting(name, row, of)) }}
{% endmacro %}


{#- A var that says null says nothing, where it belongs to a segmentation. -#}
{% macro checked_setting(name, row, of) %}
    {% set is_plain = row.scope in ['project', 'basket'] %}
    {% set variable = name if is_plain
        else segmentation.setting_var(of, name) %}
    {% set given = segmentation.given_var(variable, row.default) %}
    {% set is_unsaid = given is none and not is_plain %}
    {% set value = row.default if is_unsaid else given %}
    {% if row.kind == 'date' %}
        {{ return(segmentation.calendar_date(variable, value)) }}
    {% endif %}
    {% set rule = segmentation.broken_rule(row, value) %}
    {% if rule %}
        {% set shown = segmentation.shown_value(value) %}
        {% do segmentation.refuse_setting(
            variable, shown if row.scope == 'project' else value, rule
        ) %}
    {% endif %}
    {{ return(value) }}
{% endmacro %}


{#- Customers read a var as it is named (`k`), others with theirs in front. -#}
{% macro setting_var(of, name) %}
    {{ return(name if of == 'customer' else of ~ '_' ~ name) }}
{% endmacro %}


{% macro refuse_setting(variable, shown, rule) %}
    {% do exceptions.raise_compiler_error(
        "Setting " ~ variable ~ " is " ~ shown ~ ", but it " ~ rule
        ~ ". Change it in dbt_project.yml or with --vars '{" ~ variable
        ~ ": …}'."
    ) %}
{% endmacro %}


{#- A value of a setting in a sentence: 'false' is a text, false is not. -#}
{% macro shown_value(value) %}
    {% if value is string %}{{ return("'" ~ value ~ "'") }}{% endif %}
    {% if value is none %}{{ return('null') }}{% endif %}
    {{ return(value | string | lower if value is boolean else value | string) }}
{% endmacro %}
