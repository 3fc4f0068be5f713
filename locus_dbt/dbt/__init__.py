"""The dbt side: the dbt-duckdb plug-in and what Python models use. The only place that imports dbt."""
