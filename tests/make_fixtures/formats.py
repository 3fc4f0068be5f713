"""Writes the input documents of the conversion images' fixtures; same bytes on every run.

python -m tests.make_fixtures.formats   (from the repository's root)
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

IMAGES = Path(__file__).parents[2] / "locus_dbt" / "images"

PRICES_HTML = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Price list 2024</title></head>
<body>
<table role="presentation"><tr><td><h1>Price list</h1></td><td><p>Valid from 1 May 2024</p></td></tr></table>
<p>Net prices in euro, <b>without</b> freight.</p>
<table>
<caption>Fasteners</caption>
<thead>
<tr><th rowspan="2">Article<th rowspan="2">Name<th colspan="2">Price
<tr><th>from 1<th>from 100
</thead>
<tr><td>S-100<td>Hex bolt M8<td>0.42<td>0.35
<tr><td>S-101<td>Hex nut M8<sup><a href="#n1">1</a></sup><td>0.11<td>0.08
<tr><td>S-102<td>Washer &amp; spring set<td colspan="2">on request
</table>
<ul><li>Minimum order 50 euro<li>Delivery within 5 days</ul>
<h2 id="n1">Surcharges</h2>
<table>
<tr><th>Metal</th><th>Surcharge</th></tr>
<tr><td>Brass</td><td>12 %</td></tr>
<tr><td>Copper | tin</td><td>18 %</td></tr>
</table>
</body></html>
"""

STOCK_CSV = '''Stock report;;;
Warehouse North, printed 2024-05-02;;;
;;;
Article;Name;Quantity;Counted on
A-001;"Cable; red, 5 m";120;2024-04-30
A-002;"Plug ""Type F""";35;2024-04-30
A-003;Switch;;2024-05-01
A-004;Lamp;7;2024-05-01;late entry
'''

NOTES_MD = """# Delivery notes

Two parcels arrived on *3 May*; see the list.

| Parcel | Weight kg | Content |
|:-------|----------:|---------|
| 1 | 4.5 | bolts \\| nuts |
| 2 | 12 | cable |

1. Check the seals.
2. Sign for both.
"""

ORDERS_JSON = """{"supplier": "Nordwerk", "orders": [
 {"id": 1, "date": "2024-05-02", "ship_to": {"city": "Kiel", "zip": "24103"}, "total": 119.00},
 {"id": 2, "date": "2024-05-03", "ship_to": {"city": "Bremen"}, "total": 59.50, "tags": ["urgent", "gift"]}]}
"""

Cell = str | float | None


def workbook(sheets: dict[str, list[list[Cell]]], *, merges: dict[str, list[str]] | None = None) -> bytes:
    """A small XLSX file; numbers are numbers, texts are inline, no time stamp anywhere."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    names = list(sheets)
    ids = range(1, len(names) + 1)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>' for i in ids)
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in zip(ids, names, strict=True))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in ids
        )
        + "</Relationships>",
    }
    for i, name in zip(ids, names, strict=True):
        merged = (merges or {}).get(name, [])
        tail = f"<mergeCells>{''.join(f'<mergeCell ref={chr(34)}{m}{chr(34)}/>' for m in merged)}</mergeCells>"
        rows = "".join(_row(r, values) for r, values in enumerate(sheets[name], 1))
        files[f"xl/worksheets/sheet{i}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{tail if merged else ""}</worksheet>'
        )
    return zipped({name: '<?xml version="1.0" encoding="UTF-8"?>' + text for name, text in files.items()})


def _row(number: int, values: list[Cell]) -> str:
    cells = ""
    for col, value in enumerate(values):
        ref = f"{chr(65 + col)}{number}"
        if isinstance(value, str):
            cells += f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        elif value is not None:
            cells += f'<c r="{ref}"><v>{value!r}</v></c>'
    return f'<row r="{number}">{cells}</row>'


def zipped(files: dict[str, str]) -> bytes:
    """A ZIP archive with fixed dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def orders_workbook() -> bytes:
    """Two tables below each other on one sheet, a merged cell, and a second sheet."""
    orders: list[list[Cell]] = [
        ["Purchase orders May"],
        ["Order", "Supplier", "Net", "Tax"],
        ["PO-7", "Nordwerk GmbH", 100.1, 19.019],
        ["PO-8", None, 0.1 + 0.2, 0.057],
        ["PO-9", "Süd & Co", 1250, 237.5],
        [],
        ["Supplier", "Orders"],
        ["Nordwerk GmbH", 2],
        ["Süd & Co", 1],
    ]
    rates: list[list[Cell]] = [["Country", "Rate"], ["DE", 0.19], ["FR", 0.2]]
    return workbook({"Orders": orders, "Tax rates": rates}, merges={"Orders": ["B3:B4"]})


def delivery_pdf() -> bytes:
    """Two pages: a heading, a paragraph, and a ruled table that is carried over."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A5
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    styles = getSampleStyleSheet()
    rows = [["Item", "Description", "Qty", "Weight kg"]]
    rows += [[f"{i}", f"Steel plate {i * 5} mm", f"{i % 4 + 1}", f"{i * 1.25:.2f}"] for i in range(1, 31)]
    rows.append(["", "Total", f"{sum(int(r[2]) for r in rows[1:])}", f"{sum(float(r[3]) for r in rows[1:]):.2f}"])
    table = Table(rows, colWidths=[36, 160, 40, 64], repeatRows=1)
    table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")])
    out = io.BytesIO()
    document = SimpleDocTemplate(out, pagesize=A5, invariant=1, title="Packing list")
    text = "Goods are packed on two pallets. Count them before you sign, and note damage on the carrier's copy."
    document.build(
        [
            Paragraph("Packing list 4711", styles["Heading1"]),
            Paragraph(text, styles["BodyText"]),
            Spacer(1, 12),
            table,
        ]
    )
    return out.getvalue()


def offer_docx() -> bytes:
    """A Word document: numbered headings, a list, a table with merged cells and a header row, a footnote, a comment."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def p(text: str, properties: str = "", after: str = "") -> str:
        return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{escape(text)}</w:t>{after}</w:r></w:p>"

    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"

    def row(*cells: str, head: bool = False) -> str:
        return f"<w:tr><w:trPr>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"

    across, starts, goes_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    head = '<w:pStyle w:val="H1"/>' + number.format(1)
    deleted = '<w:del w:id="1"><w:r><w:delText> net</w:delText></w:r></w:del>'
    body = (
        p("Scope", head)
        + p("We offer the goods below, free to the door.", after='<w:footnoteReference w:id="2"/>')
        + f"<w:p><w:r><w:t>Payment within 30 days</w:t></w:r>{deleted}</w:p>"
        + p("Prices", head)
        + "<w:tbl>"
        + row(cell("Article", starts), cell("Price in euro", across), head=True)
        + row(cell("", goes_on), cell("from 1"), cell("from 100"), head=True)
        + row(cell("Hex bolt M8"), cell("0.42"), cell("0.35"))
        + row(cell("Washer"), cell("on request", across))
        + "</w:tbl>"
        + p("Delivery", head)
        + p("on pallets", number.format(2))
        + p("in boxes", number.format(2), after='<w:commentReference w:id="1"/>')
    )
    parts = {
        "styles": '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>',
        "numbering": '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0">'
        '<w:numFmt w:val="bullet"/><w:lvlText w:val="-"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId '
        'w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>',
        "footnotes": f'<w:footnote w:id="2">{p("Within the country.")}</w:footnote>',
        "comments": f'<w:comment w:id="1" w:author="A. Reader">{p("How many?")}</w:comment>',
    }
    types = "".join(
        f'<Override PartName="/word/{name}.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/>'
        for name, kind in [("document", "document.main"), *((name, name) for name in parts)]
    )
    relations = "".join(f'<Relationship Id="{name}" Type="{office}/{name}" Target="{name}.xml"/>' for name in parts)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>',
    }
    files |= {f"word/{name}.xml": f'<w:{name} xmlns:w="{word}">{content}</w:{name}>' for name, content in parts.items()}
    return zipped({name: '<?xml version="1.0" encoding="UTF-8"?>' + text for name, text in files.items()})


def write(image: str, case: str, name: str, data: str | bytes, params: str = "") -> None:
    """One fixture's input and params."""
    folder = IMAGES / image / "fixtures" / case
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    if params:
        (folder / "params.yaml").write_text(params)


def main() -> None:
    """Write all inputs."""
    orders = orders_workbook()
    write("doc_to_tables", "price_list", "input.html", PRICES_HTML)
    write("doc_to_tables", "stock_report", "input.csv", STOCK_CSV, "shape: wide\n")
    write("doc_to_tables", "purchase_orders", "input.xlsx", orders, "shape: tables\n")
    packing = delivery_pdf()
    write("doc_to_tables", "packing_list", "input.pdf", packing)
    write("any_to_csv", "packing_list", "input.pdf", packing)
    write("any_to_parquet", "packing_list", "input.pdf", packing)
    write("any_to_markdown", "packing_list", "input.pdf", packing, "per: page\n")
    write("any_to_json", "packing_list", "input.pdf", packing, "what: tables\n")
    write("any_to_json", "price_list", "input.html", PRICES_HTML)
    write("any_to_json", "orders", "input.json", ORDERS_JSON, "what: rows\n")
    write("any_to_csv", "price_list", "input.html", PRICES_HTML)
    write("any_to_csv", "purchase_orders", "input.xlsx", orders, "table: 0\nrepeat_spans: true\n")
    write("any_to_parquet", "stock_report", "input.csv", STOCK_CSV)
    write("any_to_parquet", "purchase_orders", "input.xlsx", orders)
    offer = offer_docx()
    write("doc_to_tables", "offer", "input.docx", offer)
    write("any_to_markdown", "offer", "input.docx", offer)
    write("any_to_markdown", "price_list", "input.html", PRICES_HTML)
    write("any_to_markdown", "delivery_notes", "input.md", NOTES_MD)


if __name__ == "__main__":
    main()
