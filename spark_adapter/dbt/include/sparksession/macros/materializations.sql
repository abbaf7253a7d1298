{#- A Python model is only run from a statement of the materialization itself,
    so both have one. -#}
{% materialization table, adapter='sparksession',
    supported_languages=['sql', 'python'] %}
{{ run_hooks(pre_hooks) }}
{% set building = beside(this, '__dbt_building') %}
{% call statement('main', language=model.language) %}
    {{ create_table_as(False, building, compiled_code, model.language) }}
{% endcall %}
{% do adapter.put_in_place(this) %}
{{ run_hooks(post_hooks) }}
{{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{#- Parquet knows no update: a table that goes on is written anew, the rows
    that stay with those that come. -#}
{% materialization incremental, adapter='sparksession',
    supported_languages=['sql', 'python'] %}
{{ run_hooks(pre_hooks) }}
{% set is_first = load_relation(this) is none or should_full_refresh() %}
{% set building = beside(this, '__dbt_building' if is_first else '__dbt_new') %}
{% call statement('main', language=model.language) %}
    {{ create_table_as(False, building, compiled_code, model.language) }}
{% endcall %}
{% if is_first %}
    {% do adapter.put_in_place(this) %}
{% else %}
    {% do adapter.add_rows(this, building, config.get('unique_key') or []) %}
{% endif %}
{{ run_hooks(post_hooks) }}
{{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{#- A table beside another one, where nothing is left of an ended build. -#}
{% macro beside(relation, suffix) %}
{% set other = relation.incorporate(
    path={'identifier': relation.identifier ~ suffix}, type='table') %}
{% do adapter.drop_building(other) %}
{{ return(other) }}
{% endmacro %}
