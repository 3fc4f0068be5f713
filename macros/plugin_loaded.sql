{#- Whether the profile loads locus_dbt.dbt.plugin. Without it the package still reads lineage tables. -#}
{% macro plugin_loaded() %}
  {%- for plugin in target.get('plugins') or [] -%}
    {%- if plugin.get('module') == 'locus_dbt.dbt.plugin' -%}{{ return(true) }}{%- endif -%}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}
