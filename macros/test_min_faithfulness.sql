{#- Fails for cells whose faithfulness is below the minimum. -#}
{% test min_faithfulness(model, minimum=0.9, columns=none) %}
  select cells._locus_row_id, cells.column_name, cells.value, cells.text, cells.faithfulness, cells.filename, cells.page
  from {{ locus_dbt.lineage(model) }} as cells
  where cells.faithfulness < cast({{ minimum }} as float)
  {% if columns %}and cells.column_name in ({% for c in columns %}{{ locus_dbt.sql_value(c) }}{{ ', ' if not loop.last }}{% endfor %}){% endif %}
{% endtest %}
