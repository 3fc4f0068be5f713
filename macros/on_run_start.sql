{#- Before any model: lineage tables exist, both halves of Locus are of one version, every image exists and fits. -#}
{% macro on_run_start() %}
  {%- if execute and flags.WHICH in ('run', 'build', 'snapshot') and locus_dbt.plugin_loaded() -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') -%}
      {%- do nodes.append({'id': node.unique_id, 'name': node.name, 'parents': node.depends_on.nodes,
                           'code': node.raw_code if 'locus' in node.raw_code else ''}) -%}
    {%- endfor -%}
    {%- set request = tojson({'nodes': nodes, 'package': locus_dbt.version()}) -%}
    {%- set answer = fromjson(run_query("select _locus_start(" ~ locus_dbt.sql_value(request) ~ ")").columns[0].values()[0]) -%}
    {%- for notice in answer.notices -%}{%- do log(notice, info=true) -%}{%- endfor -%}
    {%- for warning in answer.warnings -%}{%- do exceptions.warn(warning) -%}{%- endfor -%}
    {%- if answer.errors -%}{%- do exceptions.raise_compiler_error(answer.errors | join('\n')) -%}{%- endif -%}
  {%- endif -%}
{% endmacro %}
