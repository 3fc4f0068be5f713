{#- Asks the plug-in for a statement's capture: the statement to run, and what to run after it in the same
    transaction. Returns the statement as it is when there is nothing of Locus in it. -#}
{% macro capture(sql, relation, incremental, built) %}
  {%- set request = tojson({
      'sql': sql, 'model': relation.render(), 'node': model.unique_id, 'invocation': invocation_id,
      'incremental': incremental, 'built': built}) -%}
  {%- set answer = run_query("select _locus_capture(" ~ locus_dbt.sql_value(request) ~ ")") -%}
  {{ return(fromjson(answer.columns[0].values()[0])) }}
{% endmacro %}
