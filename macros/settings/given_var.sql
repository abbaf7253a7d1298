{#-
    A var, or what stands for it. A model of the project that installs this one
    does not see what that project's vars say under `segmentation:`.
-#}
{% macro given_var(name, otherwise=none) %}
    {% set ours = adapter.config.vars.vars.get('segmentation') or {} %}
    {{ return(var(name, ours.get(name, otherwise))) }}
{% endmacro %}
