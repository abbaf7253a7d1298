{#-
    Every setting that belongs to no recipe, policy or basket is of its kind. With
    `{products: maybe}` dbt stops before this runs: `segmentation.build` asks earlier.
-#}
{% macro check_plain_settings() %}
    {% set kinds = {
        'extras': 'switch', 'products': 'switch', 'forget_models': 'switch',
        'max_sale_price': 'amount', 'suggestion_effect': 'amount',
        'stability_warn': 'share', 'stability_doubtful': 'share',
    } %}
    {% set rules = {
        'switch': 'must be true or false',
        'amount': 'must be a number above 0',
        'share': 'must be a number from 0 to 1',
    } %}
    {% for setting, kind in kinds.items() %}
        {% set value = var(setting, true if kind == 'switch' else 1) %}
        {% set is_number = value is number and value is not boolean %}
        {% set is_right = {
            'switch': value is boolean,
            'amount': is_number and 0 < value < 1e16,
            'share': is_number and 0 <= value <= 1,
        } %}
        {% if not is_right[kind] %}
            {% do exceptions.raise_compiler_error(
                "Setting " ~ setting ~ " is " ~ segmentation.shown_value(value) ~ ", but it "
                ~ rules[kind] ~ ". Change it in dbt_project.yml or with --vars '{"
                ~ setting ~ ": …}'."
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{#- A value of a setting in a sentence: 'false' is a text, false is not. -#}
{% macro shown_value(value) %}
    {% if value is string %}{{ return("'" ~ value ~ "'") }}{% endif %}
    {% if value is none %}{{ return('null') }}{% endif %}
    {{ return((value | string | lower) if value is boolean else value | string) }}
{% endmacro %}
