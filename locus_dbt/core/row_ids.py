"""Row ids: a UUID (RFC 9562, version 8) of 82 bits that name document, image and params, and a 40-bit row number.

Ids of one document's rows are consecutive, so they compress, sort by row, and a document's rows are one range.
"""

from __future__ import annotations

import hashlib

#: Hex digits of the row number at the end of the id.
ORDINAL_DIGITS = 10


def row_prefix(document: str, image_digest: str, params: str, *, copy: int = 0) -> str:
    """The first 26 characters of the ids of a document's rows.

    ``copy`` tells files of equal bytes in one run apart (0 for the first by path), so that ids stay unique.
    """
    digest = hashlib.sha256(f"{document}\0{image_digest}\0{params}\0{copy}".encode()).hexdigest()
    variant = "89ab"[int(digest[15], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-{variant}{digest[16:19]}-{digest[19:21]}"


def row_id(prefix: str, ordinal: int) -> str:
    """The id of one row."""
    return f"{prefix}{ordinal:0{ORDINAL_DIGITS}x}"


def row_id_sql(prefix: str, ordinal: str) -> str:
    """SQL for the id, given SQL expressions of prefix and row number."""
    # Adding 16**10 pads with zeros at half the price of lpad().
    return f"CAST({prefix} || right(hex({16**ORDINAL_DIGITS} + {ordinal}), {ORDINAL_DIGITS}) AS UUID)"


def row_number_sql(prefix: str, ordinal: str) -> str:
    """As :func:`row_id_sql` for one known prefix, by arithmetic: a twentieth of the price of texts.

    For DuckDB versions that cast UHUGEINT to UUID (1.4 does not).
    """
    first = int(prefix.replace("-", "") + "0" * ORDINAL_DIGITS, 16)
    return f"CAST({first}::UHUGEINT + CAST({ordinal} AS UHUGEINT) AS UUID)"


def prefix_range(prefix: str) -> tuple[str, str]:
    """First and last id that the prefix can have."""
    return prefix + "0" * ORDINAL_DIGITS, prefix + "f" * ORDINAL_DIGITS
