{#-
    How well the columns of a key tell the rows of a table apart: rows, keys,
    rows without a key, and the most frequent key with its rows. Ties go to the
    key that comes first.
-#}
{% macro key_counts(relation, key) %}
    {% set columns = segmentation.quoted_list(key) %}
    {% set keyed = [] %}
    {% for column in key %}
        {% do keyed.append(adapter.quote(column) ~ ' is not null') %}
    {% endfor %}
    {% set totals = run_query(
        "select count(*), count(case when " ~ keyed | join(' and ')
        ~ " then 1 end) from " ~ relation
    ).rows[0] %}
    {% set keys = run_query(
        "select count(*) from (select distinct " ~ columns ~ " from " ~ relation
        ~ " where " ~ keyed | join(' and ') ~ ") as keys"
    ).rows[0][0] %}
    {% set worst = run_query(
        "select " ~ segmentation.joined_key(key) ~ ", count(*) as row_count from "
        ~ relation ~ " where " ~ keyed | join(' and ')
        ~ " group by " ~ columns ~ " order by row_count desc, " ~ columns ~ " limit 1"
    ).rows %}
    {{ return({
        'rows': totals[0] | int,
        'missing': (totals[0] - totals[1]) | int,
        'keys': keys | int,
        'most_frequent': worst[0][0] | string if worst else none,
        'most_frequent_rows': worst[0][1] | int if worst else 0,
    }) }}
{% endmacro %}


{% macro quoted_list(columns) %}
    {% set quoted = [] %}
    {% for column in columns %}{% do quoted.append(adapter.quote(column)) %}{% endfor %}
    {{ return(quoted | join(', ')) }}
{% endmacro %}


{#-
    The columns of a key as one text, different for different keys: `|,` stands
    between them and `|.` for a bar in a value. A single column is as it is.
-#}
{% macro joined_key(key) %}
    {% set texts = [] %}
    {% for column in key %}
        {% set text = 'cast(' ~ adapter.quote(column) ~ ' as string)' %}
        {% do texts.append(
            text if key | length == 1 else "replace(" ~ text ~ ", '|', '|.')"
        ) %}
    {% endfor %}
    {{ return(texts[0] if key | length == 1 else "concat_ws('|,', " ~ texts | join(', ') ~ ")") }}
{% endmacro %}
