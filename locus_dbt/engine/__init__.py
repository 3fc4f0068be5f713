"""The DuckDB binding: functions, bind planner, lineage tables. Holds connections; the layers below hold none."""
