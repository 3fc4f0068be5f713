{#- As capture(), for a view: its statement stays as written, because it runs again at every query. -#}
{% macro capture_view(sql, relation) %}
  {%- set request = tojson({
      'sql': sql, 'model': relation.render(), 'node': model.unique_id, 'invocation': invocation_id, 'view': true}) -%}
  {%- set answer = run_query("select _locus_capture(" ~ locus_dbt.sql_value(request) ~ ")") -%}
  {{ return(fromjson(answer.columns[0].values()[0])) }}
{% endmacro %}
