{#-
    One encoded value: `p` is the parameter struct of an encoded column, and
    `numbers` and `levels` are the row's vectors. log1p is sign(x)·ln(1 + |x|),
    so that negative numbers have one too. A missing value becomes the fill
    value, and stays missing where the recipe fills nothing; a level never seen
    at fit time gets the centre of its label codes, so that it pulls nowhere.
-#}
{% macro scaled_value(p) -%}
{%- set number = segmentation.vector_element('numbers', p ~ '.input') -%}
{%- set level = segmentation.vector_element('levels', p ~ '.input') -%}
{%- set filled = 'coalesce(' ~ number ~ ', ' ~ p ~ '.fill_value)' -%}
(case
    when {{ p }}.transform = 'famd' then case
        when {{ level }} = {{ p }}.level then 1.0e0
        when {{ level }} = '(missing)' then {{ p }}.fill_value
        else 0.0e0
    end
    when {{ p }}.transform = 'label' then case
        when {{ number }} is not null then {{ number }}
        when {{ level }} = '(missing)' then {{ p }}.fill_value
        else {{ p }}.center
    end
    when {{ p }}.transform = 'log1p'
        then sign({{ filled }}) * ln(1 + abs({{ filled }}))
    else {{ filled }}
end - {{ p }}.center) / {{ p }}.scale * {{ p }}.weight
{%- endmacro %}
