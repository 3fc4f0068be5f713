{#- The version of this dbt package; it must be that of the Python package. -#}
{% macro version() %}{{ return('0.1.0') }}{% endmacro %}
