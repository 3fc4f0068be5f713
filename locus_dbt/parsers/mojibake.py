"""Text that was decoded wrongly before it was saved (``Ã¼`` for ``ü``), put right line by line with ftfy."""

from __future__ import annotations

from locus_dbt.errors import InputError
from locus_dbt.model.element import Repair


def mend(text: str) -> tuple[str, list[Repair]]:
    """The text with mojibake undone, and a repair for each line that changed; E105 without ftfy."""
    if text.isascii():
        return text, []
    try:
        import ftfy  # noqa: PLC0415 - optional
    except ImportError as error:
        raise InputError(
            "mending mojibake needs the package 'ftfy'", code="E105", fix="pip install 'locus-dbt[text]'"
        ) from error
    lines = text.splitlines(keepends=True)
    repairs = []
    for i, line in enumerate(lines):
        if not line.isascii() and (mended := ftfy.fix_encoding(line)) != line:
            repairs.append(Repair("mojibake", f"line {i + 1}", line.rstrip("\r\n"), mended.rstrip("\r\n")))
            lines[i] = mended
    return "".join(lines), repairs
