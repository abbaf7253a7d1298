{#-
    One end of the 95 % interval of a share, `-` or `+`, by Wilson (1927): what
    the share could be among others of the same kind. Null of nothing.
-#}
{% macro wilson_bound(part, whole, side) -%}
{% set share = part ~ ' * 1.0e0 / ' ~ whole -%}
{% set within, bound, end, sign = ('least', 'greatest', 0, -1)
    if side == '-' else ('greatest', 'least', 1, 1) -%}
case when {{ whole }} > 0 then {{ bound }}({{ end }}, {{ within }}(
    {{ share }},
    ({{ part }} + 1.920729410347062e0 + {{ sign }} * 1.959963984540054e0 * sqrt(
        {{ part }} * (1.0e0 - {{ share }}) + 0.960364705173531e0
    )) / ({{ whole }} + 3.841458820694124e0)
)) end
{%- endmacro %}
