{#- Fails for every document or cell that was refused while the model was built. -#}
{% test no_rejects(model, codes=none) %}
  select filename, code, message, hint, column_name, page, raw
  from locus.rejects
  where model = {{ locus_dbt.sql_value(locus_dbt.relation_key(model)) }}
  {% if codes %}and code in ({% for c in codes %}{{ locus_dbt.sql_value(c) }}{{ ', ' if not loop.last }}{% endfor %}){% endif %}
{% endtest %}
