{#- A Jinja value as a DuckDB literal: texts quoted, lists and maps nested. -#}
{% macro sql_value(value) -%}
  {%- if value is none -%}NULL
  {%- elif value is boolean -%}{{ 'true' if value else 'false' }}
  {%- elif value is number -%}{{ value }}
  {%- elif value is string -%}'{{ value | replace("'", "''") }}'
  {%- elif value is mapping -%}
    {%- set pairs = [] -%}
    {%- for key, item in value.items() -%}
      {%- do pairs.append("'" ~ (key | string | replace("'", "''")) ~ "': " ~ locus_dbt.sql_value(item)) -%}
    {%- endfor -%}
    {{ '{' ~ pairs | join(', ') ~ '}' }}
  {%- else -%}
    {%- set items = [] -%}
    {%- for item in value -%}{%- do items.append(locus_dbt.sql_value(item)) -%}{%- endfor -%}
    {{ '[' ~ items | join(', ') ~ ']' }}
  {%- endif -%}
{%- endmacro %}
