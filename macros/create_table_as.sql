{#- Takes the place of dbt-duckdb's macro (see "dispatch" in the README): builds the table as dbt-duckdb does and writes
    the model's lineage in the same transaction. -#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql') %}
  {%- set traced = model.resource_type in ('model', 'snapshot') and (config.get('meta', {}) or {}).get('locus', {}).get('lineage', 'eager') != 'off' -%}
  {%- if not traced or not locus_dbt.plugin_loaded() -%}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, **kwargs)) }}
  {%- endif -%}
  {%- if language != 'sql' -%}
    {%- do locus_dbt.capture_python(this) -%}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, **kwargs)) }}
  {%- endif -%}
  {%- set built = relation.include(database=(not temporary), schema=(not temporary)) | string -%}
  {%- set additions = temporary and config.get('materialized') == 'incremental' -%}
  {%- set captured = locus_dbt.capture(compiled_code, this, additions, built) -%}
  {%- set build = dbt.duckdb__create_table_as(temporary, relation, captured.sql, language, **kwargs) -%}
  {{ return(build ~ (";\n" ~ captured.after if captured.after else "")) }}
{% endmacro %}
