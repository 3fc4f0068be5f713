{#- After all models: how each build ended goes into the event log. -#}
{% macro on_run_end(results) %}
  {%- if execute and flags.WHICH in ('run', 'build', 'snapshot') and locus_dbt.plugin_loaded() -%}
    {%- set ended = [] -%}
    {%- for result in results if result.node.resource_type in ('model', 'snapshot') -%}
      {%- set failed = result.status | string not in ('success', 'pass') -%}
      {%- do ended.append({'node': result.node.unique_id,
                           'error': (result.message or result.status | string) if failed else none}) -%}
    {%- endfor -%}
    {%- do run_query("select _locus_end(" ~ locus_dbt.sql_value(tojson(ended)) ~ ")") -%}
  {%- endif -%}
{% endmacro %}
