{% materialization table, adapter='sparksession',
    supported_languages=['sql', 'python'] %}
{{ run_hooks(pre_hooks) }}
{{ write_table(this) }}
{{ run_hooks(post_hooks) }}
{{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{#- Parquet knows no update: a table that goes on is written anew, the rows
    that stay with those that come. -#}
{% materialization incremental, adapter='sparksession',
    supported_languages=['sql', 'python'] %}
{{ run_hooks(pre_hooks) }}
{% set existing = load_relation(this) %}
{% if existing is none or should_full_refresh() %}
    {{ write_table(this) }}
{% else %}
    {% set new = this.incorporate(
        path={'identifier': this.identifier ~ '__dbt_new'}, type='table') %}
    {% do adapter.drop_building(new) %}
    {% call statement('main', language=model.language) %}
        {{ create_table_as(False, new, compiled_code, model.language) }}
    {% endcall %}
    {% do adapter.add_rows(this, new, config.get('unique_key') or []) %}
{% endif %}
{{ run_hooks(post_hooks) }}
{{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{% macro write_table(relation) %}
{% set building = relation.incorporate(
    path={'identifier': relation.identifier ~ '__dbt_building'}, type='table') %}
{% do adapter.drop_building(building) %}
{% call statement('main', language=model.language) %}
    {{ create_table_as(False, building, compiled_code, model.language) }}
{% endcall %}
{% do adapter.put_in_place(relation) %}
{% endmacro %}
