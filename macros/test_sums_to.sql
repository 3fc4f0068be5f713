{#- Fails for rows whose parts do not add up to the total; rows that lack one of them are not judged. -#}
{% test sums_to(model, parts, total, tolerance=0.01) %}
  select *
  from {{ model }}
  where abs(({% for part in parts %}{{ adapter.quote(part) }}{{ ' + ' if not loop.last }}{% endfor %}) - {{ adapter.quote(total) }}) > {{ tolerance }}
{% endtest %}
