{#- A query of the used columns of a raw table's file. A column the file lacks
    is a null text; a table without a file has no rows. CSV is read as text,
    Parquet keeps its types. -#}
{% macro raw_file(table_name) -%}
    {%- if execute -%}
        {%- set files = segmentation.find_raw_files(table_name) -%}
        {%- set odd = segmentation.odd_file(files[0]) if files -%}
        {%- set header = segmentation.read_raw_header(files[0], odd) if files
            else [] -%}
        {%- set found = segmentation.read_columns(table_name, header) -%}
select
        {%- for column in segmentation.raw_columns(table_name) %}
            {{ adapter.quote(found[column]) if column in found
                else 'cast(null as string)' }} as {{ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {% if files -%}
        from {{ segmentation.scan_raw_file(files[0], header, odd) }}
        {%- else -%}
        where false
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The name that each column the project reads has in a header; none of one
    that is not there. Some go by other names, as `Lineitem quantity`; the first
    that is there is taken. -#}
{% macro read_columns(table_name, header) -%}
    {%- set others = {
        'quantity': ['qty', 'units', 'lineitem_quantity'],
        'refunded_amount': ['refund_amount', 'amount_refunded', 'refunded'],
    } if table_name == 'order_items' else {} -%}
    {%- set names = {} -%}
    {%- for name in header | reverse -%}
        {%- do names.update({name | lower | replace(' ', '_'): name}) -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- for column in segmentation.raw_columns(table_name) -%}
        {%- for name in [column] + others.get(column, [])
            if name in names and column not in found -%}
            {%- do found.update({column: names[name]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
