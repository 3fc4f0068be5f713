{#- The provenance of a relation's cells, to select from: one row a cell and place it was read from. Rows are followed
    from the relation down to the documents, so the cost grows with the relation and not with the project. -#}
{% macro lineage(relation) -%}
  {%- set key = locus_dbt.sql_value(locus_dbt.relation_key(relation)) -%}
  (with recursive steps as (
     select distinct c.model, c.source, m.rows_by
     from locus.columns as c join locus.models as m on m.model = c.model
     where c.kind <> 'untraced' and not starts_with(c.source, 'image:')
   ),
   followed as (
     select {{ key }} as model, _locus_row_id as root, _locus_row_id as row_id
     from {{ relation }} where _locus_row_id is not null
     union
     select steps.source, followed.root, coalesce(edges.source_row_id, followed.row_id)
     from followed
     join steps on steps.model = followed.model
     left join locus.edges as edges
       on steps.rows_by = 'edges' and edges.model = steps.model and edges.source = steps.source
      and edges._locus_row_id = followed.row_id
     where steps.rows_by <> 'edges' or edges.source_row_id is not null
   ),
   named as (
     select c.model, c.source, c.source_column, c.column_name as asked, c.kind <> 'identity' as changed
     from locus.columns as c where c.model = {{ key }} and c.kind <> 'untraced'
     union
     select c.model, c.source, c.source_column, named.asked, named.changed or c.kind <> 'identity'
     from named
     join locus.columns as c on c.model = named.source and c.column_name = named.source_column and c.kind <> 'untraced'
   )
   select followed.root as _locus_row_id, named.asked as column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place,
          s.text, s.value, s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop, named.changed,
          s.model as leaf_model, s._locus_row_id as leaf_row_id, s.column_name as leaf_column
   from named
   join locus.spans as s
     on s.model = named.model and named.source = 'image:' || s.image and s.column_name = named.source_column
   join followed on followed.model = s.model and followed.row_id = s._locus_row_id)
{%- endmacro %}
