"""XML to ``ir/v1``: repeated elements become rows, written text blocks; places are XPaths. No entity, no network."""

from __future__ import annotations

from lxml import etree

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import MAX_DEPTH, over
from locus_dbt.parsers.records import Leaf, Many, Node, Record, append_records
from locus_dbt.parsers.sheet_tables import sheets_parsed
from locus_dbt.parsers.spreadsheet_xml import is_workbook, read_workbook
from locus_dbt.parsers.xml_document import is_document, read_document
from locus_dbt.parsers.xml_tree import local_name, tree


def parse(document: Document) -> Parsed:
    """Parse an XML document; an Excel 2003 workbook in XML is read as its sheets, an article as text."""
    root = tree(document.data, filename=document.filename)
    if is_workbook(root):
        return sheets_parsed(document, read_workbook(root))
    flow = Flow()
    if is_document(root):
        read_document(root, flow)
    else:
        name = local_name(root)
        node = _node(root, f"/{name}", depth=0)
        append_records(Record(((name, node),), ""), flow)
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables))


def _node(element: etree._Element, place: str, *, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise over(f"XML nested deeper than {MAX_DEPTH}", where=place[:200])
    children = [child for child in element if isinstance(child.tag, str)]
    attributes = [(f"@{_local(k)}", Leaf(str(v), f"{place}/@{_local(k)}")) for k, v in element.attrib.items()]
    if _is_mixed(element, children):
        text = " ".join("".join(map(str, element.itertext())).split())
        own: Node = Leaf(text or None, place)
        return Record((*attributes, ("", own)), place) if attributes else own
    if not children:
        text = (element.text or "").strip()
        own = Leaf(text or None, place)
        return Record((*attributes, ("", own)), place) if attributes else own
    grouped: dict[str, list[etree._Element]] = {}
    for child in children:
        grouped.setdefault(local_name(child), []).append(child)
    members: list[tuple[str, Node]] = list(attributes)
    for name, group in grouped.items():
        nodes = tuple(_node(e, f"{place}/{name}[{i}]", depth=depth + 1) for i, e in enumerate(group, 1))
        members.append((name, nodes[0] if len(nodes) == 1 else Many(nodes, f"{place}/{name}")))
    return Record(tuple(members), place)


def _is_mixed(element: etree._Element, children: list[etree._Element]) -> bool:
    """Running text with inline elements: text beside the children, or children that only mark up text."""
    return bool(children) and bool(
        (element.text or "").strip() or any((child.tail or "").strip() for child in children)
    )


def _local(name: str | bytes) -> str:
    text = name if isinstance(name, str) else name.decode()
    return text.rsplit("}", 1)[-1]
