{#- Takes models that are no longer in the project out of the lineage; what their runs stored stays until "locus gc".
    Call it with: dbt run-operation locus_dbt.cleanup -#}
{% macro cleanup() %}
  {%- set keys = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
    {%- do keys.append((node.schema ~ '.' ~ (node.alias or node.name)) | lower) -%}
  {%- endfor -%}
  {%- do run_query("delete from locus.models where not list_contains(" ~ locus_dbt.sql_value(keys) ~ ", model)") -%}
{% endmacro %}
