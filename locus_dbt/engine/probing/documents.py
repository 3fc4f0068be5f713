"""Documents made for probing: the same few facts in each format, and the same format with nothing in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_LINES = (
    ("Probe Works Ltd", "Invoice 4711", "Date 2024-03-05", "Customer: Anna Example", "Item Quantity Amount",
     "Bolt 2 7.00", "Nut 10 2.50", "Total 9.50"),
    ("Invoice 4712", "Date 2024-03-06", "Item Quantity Amount", "Washer 4 1.25", "Total 1.25"),
)  # fmt: skip
_RECORDS = (("Bolt", "2", "7.00"), ("Nut", "10", "2.50"), ("Washer", "4", "1.25"))
_TEXT = "\n".join(line for page in _LINES for line in page) + "\n"


def probe_documents(media_types: Sequence[str]) -> Mapping[str, bytes]:
    """File name to bytes, for the formats that an image takes (all of them when it names none)."""
    return {name: data for name, (kind, data) in _full().items() if not media_types or kind in media_types}


def empty_documents(media_types: Sequence[str]) -> Mapping[str, bytes]:
    """Well-formed documents without a word."""
    return {name: data for name, (kind, data) in _EMPTY.items() if not media_types or kind in media_types}


def _full() -> dict[str, tuple[str, bytes]]:
    rows = "".join(f"<tr>{''.join(f'<td>{v}</td>' for v in r)}</tr>" for r in _RECORDS)
    table = f"<table><tr><th>item</th><th>quantity</th><th>amount</th></tr>{rows}</table>"
    html = f"<html><body><h1>Invoice 4711</h1><p>Total 9.50</p>{table}</body></html>"
    items = ", ".join(f'{{"item": "{i}", "quantity": {q}, "amount": {a}}}' for i, q, a in _RECORDS)
    csv = "item,quantity,amount\n" + "".join(",".join(r) + "\n" for r in _RECORDS)
    xml = "".join(f"<line><item>{i}</item><quantity>{q}</quantity></line>" for i, q, _ in _RECORDS)
    return {
        "probe.pdf": ("application/pdf", pdf(_LINES)),
        "probe.txt": ("text/plain", _TEXT.encode()),
        "probe.html": ("text/html", html.encode()),
        "probe.csv": ("text/csv", csv.encode()),
        "probe.json": ("application/json", f"[{items}]".encode()),
        "probe.xml": ("application/xml", f"<?xml version='1.0'?><lines>{xml}</lines>".encode()),
    }


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF with a printed line per text on each page, byte for byte the same for the same texts (ASCII)."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    fonts = "<< /Font << /F1 3 0 R >> >>"
    for i, lines in enumerate(pages):
        shown = "".join(f"1 0 0 1 72 {770 - 20 * n} Tm ({_escaped(line)}) Tj\n" for n, line in enumerate(lines))
        stream = f"BT /F1 12 Tf\n{shown}ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * i} 0 R /Resources {fonts} >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    out, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n"
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{entries}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + table + trailer).encode("latin-1")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


_EMPTY = {
    "empty.pdf": ("application/pdf", pdf([[]])),
    "empty.txt": ("text/plain", b"\n"),
    "empty.html": ("text/html", b"<html><body></body></html>"),
    "empty.csv": ("text/csv", b"item,quantity,amount\n"),
    "empty.json": ("application/json", b"[]"),
    "empty.xml": ("application/xml", b"<?xml version='1.0'?><lines/>"),
}
