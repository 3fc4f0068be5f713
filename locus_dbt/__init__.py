"""Documents as dbt models: extract, clean and deduplicate in DuckDB, every cell traced to page and box.

import duckdb, locus_dbt
con = duckdb.connect()
locus_dbt.attach(con)
con.sql("from locus_invoice_extractor('invoices/**/*.pdf')")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locus_dbt.core.batches import batches
    from locus_dbt.engine.attach import attach

__version__ = "0.1.0"

__all__ = ["__version__", "attach", "batches"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562: DuckDB is imported when it is first needed
    if name == "attach":
        from locus_dbt.engine.attach import attach  # noqa: PLC0415

        return attach
    if name == "batches":
        from locus_dbt.core.batches import batches  # noqa: PLC0415

        return batches
    raise AttributeError(f"module 'locus_dbt' has no attribute '{name}'")
