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
    {%- do segmentation.check_raw_header(table_name, file, header) -%}
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
