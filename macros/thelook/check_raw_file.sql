{#- Refuses a raw table whose file is missing, ambiguous, empty, torn, UTF-16 or
    separated by something else than commas, lacks a required column or has no
    rows; returns the path of its file, or none. -#}
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

    {%- set odd = segmentation.odd_file(file) -%}
    {%- if odd -%}
        {%- set faulty = none if odd == 'utf-16'
            else segmentation.faulty_line(file, odd) -%}
        {%- if faulty -%}
            {{ exceptions.raise_compiler_error(
                file ~ " is no UTF-8 text, and in line " ~ faulty ~ " other "
                ~ "fields than in its header; correct that line, or save the "
                ~ "file again as comma-separated UTF-8 text."
            ) }}
        {%- endif -%}
        {%- do log(
            file ~ (" ends its lines in two ways" if odd == 'two ends'
            else " is read as " ~ odd ~ " text, for it is no UTF-8") ~ ".",
            info=true
        ) -%}
    {%- endif -%}
    {%- set header = segmentation.read_raw_header(file, odd) -%}
    {%- set found = segmentation.read_columns(table_name, header) -%}
    {%- set line = header | join(',') -%}
    {%- set it_has = " (it has: " ~ header | join(', ') ~ "); " -%}
    {%- set separator = {';': 'semicolon', '\t': 'tab', '|': 'pipe'}.items()
        | selectattr('0', 'in', line) | map('last') | first
        if header | length == 1 -%}
    {%- set missing = segmentation.raw_columns(table_name).items()
        | selectattr('1.2') | map('first') | reject('in', found) | list -%}
    {%- for is_so, problem in [
        ['\x00' in line, "is not UTF-8 text (its header has null bytes, as in "
            ~ "UTF-16); save the file again as comma-separated UTF-8 text."],
        [separator, "looks " ~ separator ~ "-separated (its header is: "
            ~ line | replace('\t', ' ') ~ "); save the file again as "
            ~ "comma-separated UTF-8 text, with points in its numbers."],
        [missing, "lacks the column " ~ missing | join(', ') ~ it_has
            ~ "add it or rename the column that holds it."],
        [table_name == 'order_items' and 'product_id' not in found
            and 'inventory_item_id' not in found,
            "has neither product_id nor inventory_item_id" ~ it_has ~ "add one "
            ~ "of them, since brands and categories are found through it."],
    ] if is_so -%}
        {{ exceptions.raise_compiler_error(file ~ " " ~ problem) }}
    {%- endfor -%}
    {%- do segmentation.name_unread_columns(file, header, found) -%}
    {%- set scan = segmentation.scan_raw_file(file, header, odd) -%}
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


{#- Warns of columns that are not read and sound as if they moved money. -#}
{% macro name_unread_columns(file, header, found) -%}
    {%- for name in header if name not in found.values() and modules.re.match(
        '(line ?item |unit )?(quantity|qty|units|currency|exchange rate|store'
        ~ '|shop|refund|discount|coupon|tax|vat|shipping)( (id|code|amount))?$',
        name | lower | replace('_', ' ')
    ) -%}
        {%- do exceptions.warn(
            file ~ " has the column " ~ name ~ ", which is not read, although "
            ~ "it may change whose an order is or what it came to."
        ) -%}
    {%- endfor -%}
{%- endmacro %}
