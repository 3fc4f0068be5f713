{#- Fails while cells wait for review. -#}
{% test reviewed(model, max_error=none, threshold=0.7, columns=none) %}
  select waiting._locus_row_id, waiting.column_name, waiting.value, waiting.stated, waiting.filename, waiting.page, waiting.reason
  from {{ locus_dbt.review_queue(model, max_error, threshold) }} as waiting
  {% if columns %}where waiting.column_name in ({% for c in columns %}{{ locus_dbt.sql_value(c) }}{{ ', ' if not loop.last }}{% endfor %}){% endif %}
{% endtest %}
