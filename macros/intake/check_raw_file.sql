{% macro check_raw_file(table_name) -%}
    {%- set files = segmentation.find_raw_files(table_name) -%}
    {%- set is_required = table_name in ['users', 'orders', 'order_items'] -%}
    {%- if files | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            "Both " ~ files | join(' and ') ~ " exist; keep the one that "
            ~ table_name ~ " should be read from and move the other away."
        ) }}
    {%- elif not files and is_required -%}
        {{ exceptions.raise_compiler_error(
            "The table " ~ table_name ~ " is missing: neither " ~ table_name
            ~ ".csv nor " ~ table_name ~ ".parquet is in " ~ segmentation.raw_path()
            ~ segmentation.name_similar_files([table_name])
            ~ "; put one of them there or point SEGMENTATION_RAW_PATH at "
            ~ "another folder."
        ) }}
    {%- elif files -%}
        {%- do segmentation.check_raw_content(files[0]) -%}
        {%- set header = segmentation.read_raw_header(files[0]) -%}
        {%- do segmentation.check_raw_header(table_name, files[0], header) -%}
        {%- set scan = segmentation.scan_raw_file(files[0], header) -%}
        {%- if is_required
            and not run_query("select 1 from " ~ scan ~ " limit 1").rows -%}
            {%- do segmentation.refuse_rejected_lines(table_name) -%}
            {{ exceptions.raise_compiler_error(
                files[0] ~ " has no rows; export " ~ table_name
                ~ " again with its rows."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(files[0] if files else none) }}
{%- endmacro %}
