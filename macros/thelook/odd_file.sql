{#- What keeps DuckDB from reading a CSV file, or none: it is 'utf-16',
    'Windows-1252' or 'code page 437', which has other accents between letters,
    or its lines end in 'two ends'. Looked for below 20 MB; of a larger file
    DuckDB tells the first faulty line. -#}
{% macro odd_file(file) -%}
    {%- set found = run_query(
        "with file as (select content, cast(content as varchar) as bytes from "
        ~ "read_blob(" ~ segmentation.quoted_path(file) ~ ") where size < 2e7)"
        ~ " select case when bytes like '\\xFF\\xFE%' then 'utf-16' "
        ~ "when try(decode(content)) is null and regexp_matches(bytes, '[a-zA-Z"
        ~ "]\\\\x(8[1-9BDF]|9[0459]|A[1-5])[a-zA-Z]') and not regexp_matches("
        ~ "bytes, '[a-zA-Z]\\\\x([CDF].|E[02-9A-F])[a-zA-Z]') "
        ~ "then 'code page 437' "
        ~ "when try(decode(content)) is null then 'Windows-1252' "
        ~ "when bytes like '%\\x0D\\x0A%' and "
        ~ "replace(bytes, '\\x0D\\x0A', '') like '%\\x0A%' then 'two ends' end "
        ~ "from file"
    ).columns[0].values() | list + [none] if file.endswith('.csv') else [none]
    -%}
    {#- Lines that end in a quoted field are no ends of rows. -#}
    {{ return(
        none if found[0] == 'two ends'
            and segmentation.faulty_line(file, found[0])
        else found[0]
    ) }}
{%- endmacro %}


{#- The number of the first line that has other fields than the header. -#}
{% macro faulty_line(file, odd) -%}
    {{ return(run_query(
        "select number from (select *, first(len(fields)) over (order by number"
        ~ ") as columns from " ~ segmentation.odd_lines(file, odd) ~ ") where "
        ~ "len(fields) <> columns or array_to_string(fields, ',') <> line "
        ~ "order by number limit 1"
    ).columns[0].values() | list | first) }}
{%- endmacro %}


{#- The lines of such a file, and the fields of each, as they are written. -#}
{% macro odd_lines(file, odd) -%}
    {%- set text = namespace(
        sql="replace(cast(content as varchar), '%', '%25')"
    ) -%}
    {%- for pattern, by in {
        '\\\\x([89AB].)': '%C2%\\1', '\\\\xC(.)': '%C3%8\\1',
        '\\\\xD(.)': '%C3%9\\1', '\\\\xE(.)': '%C3%A\\1',
        '\\\\xF(.)': '%C3%B\\1', '\\\\x': '%',
    }.items() -%}
        {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern
            ~ "', '" ~ by ~ "', 'g')" -%}
    {%- endfor -%}
    {%- set signs = {
        'code page 437': "(select string_agg(chr(b::int), '' order by b) "
            ~ "from range(128, 256) as t (b)), '"
            ~ "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗"
            ~ "╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈"
            ~ "°∙·√ⁿ²■ '",
    }.get(odd, "'\x80\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8e\x91\x92"
        ~ "\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9e\x9f', "
        ~ "'€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'") -%}
    {{ return(
        "(select number, line, regexp_extract_all(',' || line, "
        ~ "',(\"(?:[^\"]|\"\")*\"|[^,\"]*)', 1) as fields from (select unnest("
        ~ "regexp_split_to_array(coalesce(try(decode(content)), translate("
        ~ "url_decode(" ~ text.sql ~ "), " ~ signs ~ ")), '\r\n|\r|\n')) as "
        ~ "line, generate_subscripts(regexp_split_to_array(cast(content as "
        ~ "varchar), '\\\\x0D\\\\x0A|\\\\x0D|\\\\x0A'), 1) as number from "
        ~ "read_blob(" ~ segmentation.quoted_path(file)
        ~ ")) where trim(line) <> '')"
    ) }}
{%- endmacro %}
