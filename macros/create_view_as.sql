{#- Views keep lineage too: a view over traced relations passes its rows on. -#}
{% macro duckdb__create_view_as(relation, sql) %}
  {%- if model.resource_type != 'model' or not locus_dbt.plugin_loaded() -%}
    {{ return(dbt.duckdb__create_view_as(relation, sql)) }}
  {%- endif -%}
  {%- set captured = locus_dbt.capture_view(sql, this) -%}
  {%- set build = dbt.duckdb__create_view_as(relation, sql) -%}
  {{ return(build ~ ("\n" ~ captured.after if captured.after else "")) }}
{% endmacro %}
