"""The public names of the errors; see :mod:`locus_dbt.model.errors` for the tree and the codes."""

from locus_dbt.model.errors import (
    CODES,
    CellError,
    InputError,
    LineageError,
    LocusError,
    ManifestError,
    RequestError,
    RunError,
    UntracedSQL,
)

__all__ = [
    "CODES",
    "CellError",
    "InputError",
    "LineageError",
    "LocusError",
    "ManifestError",
    "RequestError",
    "RunError",
    "UntracedSQL",
]
