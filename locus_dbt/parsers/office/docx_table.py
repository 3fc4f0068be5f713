"""A Word table's rows and cells, with what tables inside them and merged cells make of them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from locus_dbt.parsers.office.docx_styles import Styles, W, value
from locus_dbt.parsers.office.docx_text import DELETED, MC
from locus_dbt.parsers.office.merged import Merge
from locus_dbt.parsers.office.package import alternative

Addressed = tuple[etree._Element, str]  # noqa: SLF001 - lxml has no public name for it


def addressed(parent: etree._Element, path: str) -> Iterator[Addressed]:
    """The element children with their addresses; equal names are numbered from 1 as XPath does."""
    counts: dict[str, int] = {}
    for child in parent:
        name = str(child.tag).rsplit("}", 1)[-1]
        counts[name] = counts.get(name, 0) + 1
        yield child, f"{path}/{name}[{counts[name]}]"


def parts(parent: etree._Element, path: str, name: str) -> Iterator[Addressed]:
    """The rows of a table or cells of a row, through the wrappers that change tracking and controls put between."""
    for child, at in addressed(parent, path):
        tag = child.tag
        if tag == W + name:
            yield child, at
        elif tag == W + "sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                yield from parts(content, f"{at}/sdtContent", name)
        elif tag in (W + "customXml", W + "ins", W + "moveTo", W + "smartTag"):
            yield from parts(child, at, name)
        elif tag == MC + "AlternateContent":
            branch = alternative(child)
            if branch is not None:
                yield from parts(branch, at, name)


def is_on(element: etree._Element | None, path: str) -> bool:
    """Whether a switch below ``element`` is there and not off."""
    found = element.find(path) if element is not None else None
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off")


def is_deleted(row: etree._Element) -> bool:
    """Whether change tracking has the row deleted."""
    properties = row.find(f"{W}trPr")
    return properties is not None and any(child.tag in DELETED for child in properties)


def before(row: etree._Element) -> int:
    """Grid columns that the row leaves free at its start."""
    return count(value(row.find(f"{W}trPr"), f"{W}gridBefore"), default=0)


def span(cell: etree._Element) -> int:
    """Grid columns that the cell covers."""
    return max(1, count(value(cell.find(f"{W}tcPr"), f"{W}gridSpan"), default=1))


def merge(cell: etree._Element) -> Merge:
    """The cell's part in a vertical merge."""
    mark = cell.find(f"{W}tcPr/{W}vMerge")
    if mark is None:
        return "none"
    return "begins" if mark.get(f"{W}val") == "restart" else "goes_on"


def goes_on_left(cell: etree._Element) -> bool:
    """Whether the cell only continues the one on its left (the old way to span columns)."""
    mark = cell.find(f"{W}tcPr/{W}hMerge")
    return mark is not None and mark.get(f"{W}val") != "restart"


def first_row_is_header(table: etree._Element, styles: Styles) -> bool:
    """Whether the table asks for its style's own first row, and the style has one."""
    properties = table.find(f"{W}tblPr")
    look = properties.find(f"{W}tblLook") if properties is not None else None
    if look is None:
        return False
    asked = look.get(f"{W}firstRow")
    if asked is None:
        bits = look.get(f"{W}val") or "0"
        try:
            asked = "1" if int(bits, 16) & 0x20 else "0"
        except ValueError:
            asked = "0"
    return asked in ("1", "true", "on") and styles.marks_first_row(value(properties, f"{W}tblStyle"))


def count(text: str | None, *, default: int) -> int:
    """A small number as written; ``default`` for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else default
