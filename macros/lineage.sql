{#- The provenance of a relation's cells, to select from: one row a cell and place it was read from. -#}
{% macro lineage(relation) -%}
  {%- set key = locus_dbt.relation_key(relation) -%}
  (select cells.* exclude (model)
   from locus.cells as cells
   where cells.model = {{ locus_dbt.sql_value(key) }}
     and cells._locus_row_id in (select _locus_row_id from {{ relation }}))
{%- endmacro %}
