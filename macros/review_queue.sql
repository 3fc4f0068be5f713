{#- The cells of a relation that wait for review, to select from, worst first. With max_error: those above which no promise
    can be made; without: those stated to be less sure than the threshold. Cells drawn for review wait in any case. -#}
{% macro review_queue(relation, max_error=none, threshold=0.7) -%}
  {%- set name = '"' ~ locus_dbt.relation_key(relation).split('.', 1) | join('"."') ~ '"' -%}
  (select * from main.locus_review_queue({{ locus_dbt.sql_value(name) }},
     max_error := {{ locus_dbt.sql_value(max_error) }}, threshold := {{ locus_dbt.sql_value(threshold) }}))
{%- endmacro %}
