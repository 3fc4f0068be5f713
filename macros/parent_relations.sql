{#- The relations of the models that the current one refers to, as texts. -#}
{% macro parent_relations() %}
  {%- set out = [] -%}
  {%- for id in model.depends_on.nodes -%}
    {%- set node = graph.nodes.get(id) -%}
    {%- if node and node.relation_name -%}{%- do out.append(node.relation_name) -%}{%- endif -%}
  {%- endfor -%}
  {{ return(out) }}
{% endmacro %}
