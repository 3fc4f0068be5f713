{#- Removes lineage of models that are no longer in the project. Call it with: dbt run-operation locus_dbt.cleanup -#}
{% macro cleanup() %}
  {%- set keys = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
    {%- do keys.append((node.schema ~ '.' ~ (node.alias or node.name)) | lower) -%}
  {%- endfor -%}
  {%- do run_query("begin") -%}
  {%- for table in ('spans', 'documents', 'completeness', 'rejects', 'edges', 'columns', 'models') -%}
    {%- do run_query("delete from locus." ~ table ~ " where not list_contains(" ~ locus_dbt.sql_value(keys) ~ ", model)") -%}
  {%- endfor -%}
  {%- do run_query("commit") -%}
{% endmacro %}
