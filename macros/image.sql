{#- A call of an image, for the FROM clause. Extract images take files, relational ones a relation; further
    arguments are the image's params. In an incremental run only new and changed documents are read. -#}
{% macro image(name, files=none, relation=none, columns=none, filename=none, max_files=none, ignore_errors=none, removed=none, pages=none, password=none, ocr=none, languages=none, encoding=none, mojibake=none, members=none, min_faithfulness=none, below=none) %}
  {%- do locus_dbt.default_on_schema_change() -%}
  {%- if files is none and relation is none -%}
    {%- do exceptions.raise_compiler_error("[E103] image('" ~ name ~ "') takes files or a relation") -%}
  {%- endif -%}
  {%- set named = [] -%}
  {%- set params = dict(kwargs) -%}
  {%- if relation is not none and files is not none -%}
    {#- An image that works on a relation and looks into documents: the files are a param of it. -#}
    {%- do params.update({'files': [files] if files is string else files}) -%}
    {%- set files = none -%}
  {%- endif -%}
  {%- if params -%}{%- do named.append("params := " ~ locus_dbt.sql_value(params)) -%}{%- endif -%}
  {%- for key, value in {'columns': columns, 'filename': filename, 'max_files': max_files, 'ignore_errors': ignore_errors, 'removed': removed, 'pages': pages, 'password': password, 'ocr': ocr, 'languages': languages, 'encoding': encoding, 'mojibake': mojibake, 'members': members, 'min_faithfulness': min_faithfulness, 'below': below}.items() -%}
    {%- if value is not none -%}{%- do named.append(key ~ " := " ~ locus_dbt.sql_value(value)) -%}{%- endif -%}
  {%- endfor -%}
  {%- if files is not none -%}
    {%- if flags.EMPTY -%}
      {%- do named.append("empty := true") -%}
    {%- elif execute and model.config.materialized == 'incremental' and is_incremental() -%}
      {%- do named.append("target := " ~ locus_dbt.sql_value(this.render())) -%}
    {%- endif -%}
  {%- endif -%}
  {%- set source = files if files is not none else relation.render() if relation.render is defined else relation -%}
  locus_image({{ ([locus_dbt.sql_value(name), locus_dbt.sql_value(source)] + named) | join(', ') }})
{%- endmacro %}
