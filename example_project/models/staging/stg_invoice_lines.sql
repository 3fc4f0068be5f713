{{ config(materialized='incremental', unique_key='_locus_row_id', on_schema_change='fail') }}

select * from {{ locus_dbt.image('invoice-extractor', files='documents/invoices/**/*.pdf', grain='lines') }}
