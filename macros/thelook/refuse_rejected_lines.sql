{#- Refuses a CSV file with lines that could not be read, naming the first.
    DuckDB collects them while it reads, so the file is read once. Post-hook of
    a raw model, and asked before any model about a file without a row or a
    required column: its lines or its header may be what is faulty. -#}
{% macro refuse_rejected_lines(table_name) -%}
    {%- if execute and segmentation.raw_path() -%}
        {%- set files = segmentation.find_raw_files(table_name) -%}
        {%- if files and files[0].endswith('.csv')
            and segmentation.odd_file(files[0]) in [none, 'utf-16'] -%}
            {%- set rejected = run_query(
                "select errors.line, errors.error_message "
                ~ "from reject_errors as errors "
                ~ "inner join reject_scans as scans using (scan_id, file_id) "
                ~ "where scans.file_path = '" ~ files[0] | replace("'", "''")
                ~ "' order by errors.line limit 1"
            ) -%}
            {%- for row in rejected -%}
                {{ exceptions.raise_compiler_error(
                    files[0] ~ " cannot be read: line " ~ row[0]
                    ~ " is faulty (" ~ row[1] | trim | trim('.')
                    ~ "); correct that line, or save the file again as "
                    ~ "comma-separated UTF-8 text."
                ) }}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
