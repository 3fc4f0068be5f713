{#- Fails for cells whose value does not stand in the text cited for it: another grounding than the allowed ones. -#}
{% test grounded(model, columns=none, allow=['exact', 'normalized', 'fuzzy']) %}
  select cells._locus_row_id, cells.column_name, cells.value, cells.grounding, cells.filename, cells.page, cells.reason
  from {{ locus_dbt.lineage(model) }} as cells
  where cells.grounding not in ({% for g in allow %}'{{ g }}'{{ ', ' if not loop.last }}{% endfor %})
  {% if columns %}and cells.column_name in ({% for c in columns %}{{ locus_dbt.sql_value(c) }}{{ ', ' if not loop.last }}{% endfor %}){% endif %}
{% endtest %}
