{#-
    The settings of the typical baskets, checked. They belong to no recipe: a
    change of theirs refits the baskets and leaves segments alone.
-#}
{% macro basket_settings() %}
    {% set settings = {'seed': segmentation.setting('seed')} %}
    {% for name, row in segmentation.settings_table().items()
        if row.scope == 'basket' %}
        {% do settings.update({
            name.removeprefix('basket_'):
                segmentation.checked_setting(name, row, none)
        }) %}
    {% endfor %}
    {{ return(settings) }}
{% endmacro %}
