{#-
    Every rule of a table, in one scan of it: a row for each broken rule, with
    the column it is about and how many rows break it. say_broken_rules says
    them at the end of the run.

    unique        columns that name a row, or a list of such lists; nulls count
                  as equal
    unique_where  condition of the rows that must be unique; all without it
    not_null      columns without missing values
    values        column: what follows it in a condition, as in `between 0 and
                  1` or `in ('a', 'b')`; missing values pass
    rows          column: a whole condition about it; unknown (null) fails
    refers_to     column: the table that holds its values, in a column of the
                  same name; missing values pass, and no table asks nothing.
                  By a join: for `not exists` DuckDB 2.0 keeps every column
-#}
{% test keeps_rules(
    model, unique=[], unique_where=none, not_null=[], values={}, rows={},
    refers_to={}
) %}
{%- set rules = [] %}
{%- set keys = [unique] if unique and unique[0] is string else unique %}
{%- for key in keys %}
    {%- set fields = [] %}
    {%- for column in key %}
        {%- do fields.append('key_' ~ loop.index ~ ' := ' ~ column) %}
    {%- endfor %}
    {%- set among = unique_where or 'true' %}
    {%- do rules.append([
        key | join(', '), 'with a repeated key',
        'count_if(' ~ among ~ ') - count(distinct case when ' ~ among
            ~ ' then struct_pack(' ~ fields | join(', ') ~ ') end)',
    ]) %}
{%- endfor %}
{%- for column in not_null %}
    {%- do rules.append([
        column, 'without a value',
        'count_if(' ~ column ~ ' is null)',
    ]) %}
{%- endfor %}
{%- for column, condition in values.items() %}
    {%- do rules.append([
        column, 'not ' ~ condition,
        'count_if(not (' ~ column ~ ' ' ~ condition ~ '))',
    ]) %}
{%- endfor %}
{%- for column, condition in rows.items() %}
    {%- do rules.append([
        column, 'against the rule ' ~ condition,
        'count_if(not coalesce((' ~ condition ~ '), false))',
    ]) %}
{%- endfor %}
{%- for column, table in refers_to.items() if table %}
    {%- do rules.append([
        column, 'not found in ' ~ table.identifier,
        '(select count(*) from ' ~ model ~ ' as referring left join ' ~ table
            ~ ' as known on referring.' ~ column ~ ' = known.' ~ column
            ~ ' where referring.' ~ column ~ ' is not null and known.' ~ column
            ~ ' is null)',
    ]) %}
{%- endfor %}

with counted as (
    select
        {% for column, rule, number in rules -%}
        {{ number }} as rule_{{ loop.index }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ model }}
),

broken as (
    select
        rules.column_name,
        rules.broken_rule,
        case rules.position
            {% for rule in rules -%}
            when {{ loop.index }} then counted.rule_{{ loop.index }}
            {% endfor %}
        end as rows_found
    from counted
    cross join (
        values
        {% for column, rule, number in rules -%}
        (
            {{ loop.index }},
            '{{ column }}',
            '{{ rule.strip() | replace("'", "''") }}'
        ){{ ',' if not loop.last }}
        {% endfor %}
    ) as rules (position, column_name, broken_rule)
)

select *
from broken
where rows_found > 0

{% endtest %}
