{#- Fails for rows without a row id, and for rows that lead to no document. -#}
{% test lineage_complete(model) %}
  select rows._locus_row_id, 'no cell of the row leads to a document' as problem
  from {{ model }} as rows
  where rows._locus_row_id is null
     or (rows._locus_row_id not in (select _locus_row_id from {{ locus_dbt.lineage(model) }})
         and not exists (
           select 1 from locus.documents as d
           where d."native" and rows._locus_row_id between d.first_row_id and d.last_row_id))
{% endtest %}
