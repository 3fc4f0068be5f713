{#- The rows of a relation with a cell below the threshold that it was read with, to select from or to join: how many
    cells, which columns, the lowest score, the reasons. -#}
{% macro flagged(relation) -%}
  (select cells._locus_row_id, count(distinct cells.column_name) as flagged_cells,
          list_sort(list(distinct cells.column_name)) as flagged_columns, min(f.faithfulness) as lowest,
          list_sort(list(distinct f.reason)) as reasons
   from {{ locus_dbt.lineage(relation) }} as cells
   join locus.flagged as f
     on f.model = cells.leaf_model and f._locus_row_id = cells.leaf_row_id and f.column_name = cells.leaf_column
   group by cells._locus_row_id)
{%- endmacro %}
