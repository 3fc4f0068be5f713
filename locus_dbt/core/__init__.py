"""Registry, manifest files, planner, runner, grounding and store. Knows no dbt and no concrete image."""
