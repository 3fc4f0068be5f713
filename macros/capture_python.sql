{#- A Python model runs outside SQL: it is recorded as untraced when it reads a traced relation. -#}
{% macro capture_python(relation) %}
  {%- set request = tojson({
      'model': relation.render(), 'node': model.unique_id, 'invocation': invocation_id,
      'parents': locus_dbt.parent_relations()}) -%}
  {%- set answer = run_query("select _locus_capture_python(" ~ locus_dbt.sql_value(request) ~ ")") -%}
  {%- set after = answer.columns[0].values()[0] -%}
  {%- if after -%}{%- do run_query(after) -%}{%- endif -%}
{% endmacro %}
