"""Guarded calls of a model: keys, consent, budgets, and the judge of the full mode.

Nothing here is imported, and no connection opened, unless the settings ask for the full mode. The core finds
:func:`make_judge` by name.
"""

from locus_dbt.llm.judge import make_judge

__all__ = ["make_judge"]
