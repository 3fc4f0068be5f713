{#- dbt refuses an incremental model with an enforced contract unless on_schema_change is set, and its own default is one
    of the refused values. While parsing, an image model that leaves it open gets 'append_new_columns'; a value in the
    model or in dbt_project.yml stays. -#}
{% macro default_on_schema_change() %}
  {%- if not execute and config.context_config -%}
    {%- set known = config.context_config.build_config_dict(rendered=false) -%}
    {%- if known.get('materialized') == 'incremental' and not known.get('on_schema_change') -%}
      {%- do config.set('on_schema_change', 'append_new_columns') -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}
