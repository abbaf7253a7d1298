{#-
    How well the columns of a key tell the rows of a table apart, a query of one
    row: rows, rows with a key, and different keys. A blank is no key, nor are
    the texts that stand for nothing.
-#}
{% macro key_counts(relation, key) %}
select
    count(*) as key_rows,
    count(joined_key) as keyed_rows,
    count(distinct joined_key) as different_keys
from (
    select
        case
            when 1 = 1
            {%- for column in key %}
            and {{ segmentation.clean_text(adapter.quote(column)) }} is not null
            {%- endfor %}
                then {{ segmentation.joined_key(key) }}
        end as joined_key
    from {{ relation }}
) as joined_keys
{%- endmacro %}


{% macro quoted_list(columns) %}
    {% set quoted = [] %}
    {% for column in columns %}
        {% do quoted.append(adapter.quote(column)) %}
    {% endfor %}
    {{ return(quoted | join(', ')) }}
{% endmacro %}


{#-
    The columns of a key as one text, different for different keys and null
    where one is: `|,` stands between them and `|.` for a bar in a value. A
    single column is as it is.
-#}
{% macro joined_key(key) %}
    {% set texts = [] %}
    {% for column in key %}
        {% do texts.append('cast(' ~ adapter.quote(column) ~ ' as string)') %}
    {% endfor %}
    {% if key | length == 1 %}{{ return(texts[0]) }}{% endif %}
    {{ return(
        "replace(" ~ texts | join(", '|', '|.') || '|,' || replace(")
        ~ ", '|', '|.')"
    ) }}
{% endmacro %}
