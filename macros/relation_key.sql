{#- How lineage tables name a relation: schema.table in lower case. With the config "where" a data test gets a subquery in
    place of its relation; then it is the relation that the test is attached to. -#}
{% macro relation_key(relation) %}
  {%- if relation.identifier is defined -%}
    {{ return((relation.schema ~ '.' ~ relation.identifier) | lower) }}
  {%- endif -%}
  {%- set node = graph.nodes.get(model.attached_node) if execute else none -%}
  {%- if node -%}{{ return((node.schema ~ '.' ~ (node.alias or node.name)) | lower) }}{%- endif -%}
  {{ return('') }}
{% endmacro %}
