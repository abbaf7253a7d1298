{% macro check_raw_file(table_name, is_required) -%}
    {%- set files = segmentation.find_raw_files(table_name) -%}
    {%- if files | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            "Both " ~ files | join(' and ') ~ " exist; keep the one that "
            ~ table_name ~ " should be read from and move the other away."
        ) }}
    {%- elif not files and is_required -%}
        {{ exceptions.raise_compiler_error(
            "The table " ~ table_name ~ " is missing: neither " ~ table_name
            ~ ".csv nor " ~ table_name ~ ".parquet is in "
            ~ segmentation.raw_path()
            ~ segmentation.name_similar_files([table_name])
            ~ "; put one of them there or point SEGMENTATION_RAW_PATH at "
            ~ "another folder."
        ) }}
    {%- elif not files -%}
        {{ return(none) }}
    {%- endif -%}

    {%- set file = files[0] -%}
    {%- set blob = "read_blob('" ~ file | replace("'", "''") ~ "')" -%}
    {%- set bytes = run_query("select size from " ~ blob).rows[0][0] | int -%}
    {%- if bytes == 0 -%}
        {{ exceptions.raise_compiler_error(
            file ~ " is an empty file; export the table again."
        ) }}
    {#- Only read_blob can look at a file without failing on it, and it reads
        the whole file: above 200 MB DuckDB's own message has to do. -#}
    {%- elif file.endswith('.parquet') and bytes < 200000000 and not run_query(
        "select size from " ~ blob ~ " where size >= 12 "
        ~ "and content[1:4] = 'PAR1'::blob and content[-4:] = 'PAR1'::blob"
    ).rows -%}
        {{ exceptions.raise_compiler_error(
            file ~ " is not a whole Parquet file (it does not begin and end "
            ~ "with the mark PAR1); export the table again or save it as .csv."
        ) }}
    {%- endif -%}

    {%- set header = segmentation.read_raw_header(file) -%}
    {%- set found = header | map('lower') | list -%}
    {%- set line = header | join(',') -%}
    {%- if '\x00' in line -%}
        {{ exceptions.raise_compiler_error(
            file ~ " is not UTF-8 text (its header has null bytes, as in "
            ~ "UTF-16); save the file again as comma-separated UTF-8 text."
        ) }}
    {%- endif -%}
    {%- for separator, name in {
        ';': 'semicolon', '\t': 'tab', '|': 'pipe',
    }.items() if header | length == 1 and separator in line -%}
        {{ exceptions.raise_compiler_error(
            file ~ " looks " ~ name ~ "-separated (its header is: "
            ~ line | replace('\t', ' ') ~ "); save the file again as "
            ~ "comma-separated UTF-8 text, with points in its numbers."
        ) }}
    {%- endfor -%}
    {%- set missing = segmentation.required_raw_columns(table_name)
        | reject('in', found) | list -%}
    {%- if missing -%}
        {%- if file.endswith('.csv') -%}
            {#- A first line that is no UTF-8 is passed over as if it were not
                there; a scan to the end tells. -#}
            {%- do run_query(
                "select max(line) from " ~ segmentation.scan_raw_lines(file)
            ) -%}
            {%- do segmentation.refuse_rejected_lines(table_name) -%}
        {%- endif -%}
        {{ exceptions.raise_compiler_error(
            file ~ " lacks the column " ~ missing | join(', ') ~ " (it has: "
            ~ header | join(', ')
            ~ "); add it or rename the column that holds it."
        ) }}
    {%- endif -%}
    {%- if table_name == 'order_items' and 'product_id' not in found
        and 'inventory_item_id' not in found -%}
        {{ exceptions.raise_compiler_error(
            file ~ " has neither product_id nor inventory_item_id (it has: "
            ~ header | join(', ') ~ "); add one of them, since brands and "
            ~ "categories are found through it."
        ) }}
    {%- endif -%}
    {%- set scan = segmentation.scan_raw_file(file, header) -%}
    {%- if is_required
        and not run_query("select 1 from " ~ scan ~ " limit 1").rows -%}
        {%- do segmentation.refuse_rejected_lines(table_name) -%}
        {{ exceptions.raise_compiler_error(
            file ~ " has no rows; export " ~ table_name
            ~ " again with its rows."
        ) }}
    {%- endif -%}
    {{ return(file) }}
{%- endmacro %}
