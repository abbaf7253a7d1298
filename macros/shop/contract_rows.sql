{#- Every column of `relation`, the model that fills a table of the shop
    contract, and as a null of its type every optional one of the contract's
    `columns` that it lacks; no rows at all where there is no relation. A
    required column that is missing stops the build. -#}
{% macro contract_rows(table_name, relation, columns) -%}
    {%- if not execute -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set found = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | map('lower') | list if relation else [] -%}
    {%- set is_known = found | length > 0 or not relation -%}
    {%- set missing = columns.values()
        | rejectattr('name', 'in', found) | list if is_known else [] -%}
    {%- set required = missing
        | selectattr('meta.required') | map(attribute='name') | list -%}
    {%- if relation and required -%}
        {{ exceptions.raise_compiler_error(
            relation.identifier ~ ", which fills " ~ table_name
            ~ ", lacks the column " ~ required | join(', ')
            ~ " (it has: " ~ found | join(', ') ~ "); add it there, or name "
            ~ "another model in the var " ~ table_name ~ "."
        ) }}
    {%- endif -%}
    select
        {{ '*' if relation }}
        {%- for column in missing %}
            {{- ',' if relation or not loop.first }}
            cast(null as {{ column.data_type }}) as {{ column.name }}
        {%- endfor %}
    {{ 'from ' ~ relation if relation else 'where false' }}
{%- endmacro %}
