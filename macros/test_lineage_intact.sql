{#- Fails for the columns whose provenance some image does not keep (lineage_broken), here or in a model that this one reads
    from, and for a model that cannot be traced. The reason names the image. -#}
{% test lineage_intact(model, columns=none) %}
  {%- set key = locus_dbt.sql_value(locus_dbt.relation_key(model)) %}
  select distinct column_name, kind, reason
  from locus.columns
  where model = {{ key }} and kind = 'lineage_broken'
  {% if columns %}and column_name in ({% for c in columns %}{{ locus_dbt.sql_value(c) }}{{ ', ' if not loop.last }}{% endfor %}){% endif %}
  union all
  select null, state, reason from locus.models where model = {{ key }} and state = 'untraced'
{% endtest %}
