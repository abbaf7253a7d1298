{#- Half a sentence that names the files in the raw folder which are almost
    called like one of some tables (USERS.csv, users.csv.gz); empty if none. -#}
{% macro name_similar_files(table_names) -%}
    {%- set names = run_query(
        "select parse_filename(file) as name from glob("
        ~ segmentation.quoted_path(segmentation.raw_path())
        ~ " || '/*') order by name"
    ).columns[0].values() -%}
    {%- set similar = [] -%}
    {%- for name in names -%}
        {%- set stem = (name | lower).split('.')[0] -%}
        {%- set letters = modules.re.sub('[^a-z]', '', stem) -%}
        {%- for table_name in table_names
            if table_name.replace('_', '') in [letters, letters ~ 's'] -%}
            {%- do similar.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(
        " (" ~ similar | join(', ') ~ " is there: unpack or rename it)"
        if similar else ""
    ) }}
{%- endmacro %}
