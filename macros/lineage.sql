{#- The provenance of a relation's cells, to select from: one row a cell and place it was read from. Rows are followed
    from the relation down to the documents, so the cost grows with the relation and not with the project; each step
    goes to the run at which the source stood when the relation was built. -#}
{% macro lineage(relation) -%}
  {%- set key = locus_dbt.sql_value(locus_dbt.relation_key(relation)) -%}
  (with recursive reached as (
     select model, run_id from locus.models where model = {{ key }}
     union
     select steps.source, steps.source_run_id from reached join locus.steps as steps on steps.run_id = reached.run_id
   ),
   followed as (
     select (select run_id from locus.models where model = {{ key }}) as run_id, _locus_row_id as root,
            _locus_row_id as row_id
     from {{ relation }} where _locus_row_id is not null
     union
     select steps.source_run_id, followed.root, coalesce(edges.source_row_id, followed.row_id)
     from followed
     join locus.steps as steps on steps.run_id = followed.run_id
     left join locus.run_edges as edges
       on steps.by_edges and edges.run_id = steps.run_id and edges.source = steps.source
      and edges._locus_row_id = followed.row_id
     where not steps.by_edges or edges.source_row_id is not null
   ),
   named as (
     select c.run_id, c.source, c.source_column, c.column_name as asked, c.kind <> 'identity' as changed
     from locus.models as models
     join locus.run_columns as c on c.run_id = models.run_id and c.kind not in ('untraced', 'lineage_broken')
     where models.model = {{ key }}
     union
     select c.run_id, c.source, c.source_column, named.asked, named.changed or c.kind <> 'identity'
     from named
     join locus.steps as steps on steps.run_id = named.run_id and steps.source = named.source
     join locus.run_columns as c
       on c.run_id = steps.source_run_id and c.column_name = named.source_column
      and c.kind not in ('untraced', 'lineage_broken')
   )
   select followed.root as _locus_row_id, named.asked as column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place,
          s.text, s.value, s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop, named.changed,
          reached.model as leaf_model, s._locus_row_id as leaf_row_id, s.column_name as leaf_column
   from named
   join locus.run_spans as s
     on s.run_id = named.run_id and named.source = 'image:' || s.image and s.column_name = named.source_column
   join followed on followed.run_id = s.run_id and followed.row_id = s._locus_row_id
   join reached on reached.run_id = s.run_id)
{%- endmacro %}
