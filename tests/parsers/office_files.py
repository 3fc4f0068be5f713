"""Small office documents written by hand, for what the libraries that make them cannot write."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.make_fixtures.formats import zipped
from tests.parsers.grids import Spanned

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
ODF_NAMES = " ".join(
    f'xmlns:{prefix}="{_ODF}{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
        ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"), ("presentation", "presentation"), ("meta", "meta"),
    )
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def docx(
    body: str, *, parts: dict[str, str] | None = None, main: str = "word/document.xml", kind: str = "document.main",
    strict: bool = False,
) -> bytes:  # fmt: skip
    """A Word document with this body; ``parts`` are further parts by name (``styles``, ``footnotes`` …)."""
    w = f"{_STRICT}/wordprocessingml/main" if strict else _W
    office = f"{_STRICT}/officeDocument/relationships" if strict else _OFFICE
    names = (
        f'xmlns:w="{w}" xmlns:r="{office}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    )
    folder, name = main.rsplit("/", 1)
    relations = "".join(
        f'<Relationship Id="{part}" Type="{office}/{part.rstrip("0123456789")}" Target="{part}.xml"/>'
        for part in parts or {}
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/{main}" ContentType='
        f'"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="{main}"/></Relationships>',
        main: f"<w:document {names}><w:body>{body}</w:body></w:document>",
        f"{folder}/_rels/{name}.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
    }
    for part, content in (parts or {}).items():
        root = {"header": "hdr", "footer": "ftr"}.get(part.rstrip("0123456789"), part)
        files[f"{folder}/{part}.xml"] = f"<w:{root} {names}>{content}</w:{root}>"
    return zipped(files)


def p(text: str, properties: str = "") -> str:
    """A Word paragraph of one run."""
    inner = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{inner}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def odf(content: str, *, kind: str = "text", styles: str = "", automatic: str = "", manifest: str = "") -> bytes:
    """An OpenDocument file with this content inside ``office:text`` (or ``office:presentation``)."""
    files = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {ODF_NAMES}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:{kind}>{content}</office:{kind}></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {ODF_NAMES}>{styles}</office:document-styles>",
    }
    if manifest:
        files["META-INF/manifest.xml"] = manifest
    return zipped(files)


def odf_table(grid: Sequence[Spanned]) -> str:
    """A table of OpenDocument with covered cells."""
    rows = []
    for row in range(max(c.row + c.row_span for c in grid)):
        cells = ""
        for col in range(max(c.col + c.col_span for c in grid)):
            own = next((c for c in grid if (c.row, c.col) == (row, col)), None)
            if own is None:
                cells += "<table:covered-table-cell/>"
            else:
                spans = f'table:number-rows-spanned="{own.row_span}" table:number-columns-spanned="{own.col_span}"'
                cells += f"<table:table-cell {spans}><text:p>{escape(own.text)}</text:p></table:table-cell>"
        rows.append(f"<table:table-row>{cells}</table:table-row>")
    return f"<table:table>{''.join(rows)}</table:table>"


def rtf_text(text: str) -> str:
    """A text in RTF's own escapes."""
    return "".join(c if c.isascii() and c not in "{}\\" else f"\\u{ord(c)}?" for c in text)


def rtf_table(grid: Sequence[Spanned]) -> str:
    """A table of RTF: wide cells across, merge marks down."""
    out = ""
    for row in range(max(c.row + c.row_span for c in grid)):
        shapes, texts = "", ""
        inside = sorted((c for c in grid if c.row <= row < c.row + c.row_span), key=lambda c: c.col)
        for c in inside:
            mark = "" if c.row_span == 1 else "\\clvmgf" if c.row == row else "\\clvmrg"
            shapes += f"{mark}\\cellx{(c.col + c.col_span) * 1000}"
            texts += f"\\pard\\intbl {rtf_text(c.text) if c.row == row else ''}\\cell"
        out += f"\\trowd{shapes}\n{texts}\\row\n"
    return out


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams, each of them padded beyond the size of small ones."""
    sector = 512
    chains: list[int] = []
    content = b""
    entries = []
    for name, data in streams.items():
        padded = data.ljust(max(4096, -(-len(data) // sector) * sector), b"\0")
        start, count = len(chains), len(padded) // sector
        chains += [*range(start + 1, start + count), 0xFFFFFFFE]
        content += padded
        entries.append((name, 2, start, len(padded)))
    directory = len(chains)
    n_directory = -(-(len(entries) + 1) // 4)
    chains += [*range(directory + 1, directory + n_directory), 0xFFFFFFFE]
    fat_at = len(chains)
    n_fat = -(-(len(chains) + 8) // 128)
    chains += [0xFFFFFFFD] * n_fat
    fat = struct.pack(f"<{n_fat * 128}I", *(chains + [0xFFFFFFFF] * (n_fat * 128 - len(chains))))
    listed = b""
    for i, (name, kind, start, size) in enumerate([("Root Entry", 5, 0xFFFFFFFE, 0), *entries]):
        raw = name.encode("utf-16-le") + b"\0\0"
        right = i + 1 if 0 < i < len(entries) else 0xFFFFFFFF
        child = 1 if i == 0 else 0xFFFFFFFF
        listed += struct.pack(
            "<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, 0xFFFFFFFF, right, child, b"", 0, 0, 0, start, size
        )
    listed = listed.ljust(n_directory * sector, b"\0")
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6, 0, n_fat, directory, 0,
        4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    difat = [*range(fat_at, fat_at + n_fat)]
    head += struct.pack("<109I", *(difat + [0xFFFFFFFF] * (109 - len(difat))))
    return head + content + listed + fat


def doc(text: str, *, notes: str = "", flags: int = 0x0200, compressed: bool = False) -> bytes:
    """A Word 97 document: information block, text, piece table; no formatting."""
    whole = text + notes
    data = whole.encode("cp1252") if compressed else whole.encode("utf-16-le")
    block = bytearray(0x600)
    struct.pack_into("<HH", block, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", block, 0x0A, flags)
    struct.pack_into("<ii", block, 0x4C, len(text), len(notes))
    # two pieces, as a fast save leaves them
    half = len(whole) // 2
    places = [len(block), len(block) + half * (1 if compressed else 2)]
    if compressed:
        places = [place * 2 | 0x40000000 for place in places]
    plc = struct.pack("<III", 0, half, len(whole)) + b"".join(struct.pack("<HIH", 0, place, 0) for place in places)
    clx = b"\x01" + struct.pack("<H", 2) + b"\0\0" + b"\x02" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<II", block, 0x1A2, 0, len(clx))
    return ole({"WordDocument": bytes(block) + data, "1Table": clx})


def doc_95(text: str, *, language: int = 0x409, encoding: str = "cp1252") -> bytes:
    """A Word 95 document, saved in full: its text is one run of bytes."""
    block = bytearray(0x300)
    struct.pack_into("<HH2xH", block, 0, 0xA5DC, 0x68, language)
    struct.pack_into("<II", block, 0x18, len(block), len(block) + len(text))
    struct.pack_into("<i", block, 0x34, len(text))
    return ole({"WordDocument": bytes(block) + text.encode(encoding)})


def record(kind: int, content: bytes, *, instance: int = 0, container: bool = False) -> bytes:
    """A record of a binary presentation."""
    return struct.pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(content)) + content


def text_shape(text: str, kind: int, box: tuple[int, int, int, int]) -> bytes:
    """A shape with text; ``box`` is left, top, right, bottom in master units."""
    left, top, right, bottom = box
    inside = record(3999, struct.pack("<I", kind)) + record(4000, text.encode("utf-16-le"))
    return record(
        0xF004,
        record(0xF010, struct.pack("<hhhh", top, left, right, bottom)) + record(0xF00D, inside, container=True),
        container=True,
    )


def ppt(slides: Sequence[Sequence[bytes]]) -> bytes:
    """A presentation of slides, each a list of shapes."""
    listed, offsets, stream = b"", [], b""
    made = []
    for i, shapes in enumerate(slides):
        head = record(0xF004, b"", container=True)
        group = record(0xF003, head + b"".join(shapes), container=True)
        drawing = record(1036, record(0xF002, group, container=True), container=True)
        atom = record(1007, struct.pack("<12xIIHH", 0, 0, 0, 0))
        made.append(record(1006, atom + drawing, container=True))
        listed += record(1011, struct.pack("<IIIII", i + 2, 0, 0, 256 + i, 0))
    document = record(
        1000, record(1001, struct.pack("<ii32x", 5760, 4320)) + record(4080, listed, container=True), container=True
    )
    for one in (document, *made):
        offsets.append(len(stream))
        stream += one
    directory = len(stream)
    stream += record(6002, struct.pack("<I", len(offsets) << 20 | 1) + struct.pack(f"<{len(offsets)}I", *offsets))
    edit = len(stream)
    stream += record(4085, struct.pack("<IIIIIII", 0, 0, 0, directory, 1, 0, 0))
    user = record(4086, struct.pack("<III", 20, 0xE391C05F, edit) + bytes(20))
    return ole({"PowerPoint Document": stream, "Current User": user})


def deck() -> bytes:
    """A presentation of one slide with a title and a table."""
    import pptx

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Title"
    slide.shapes.add_table(2, 2, 0, 0, 1_000_000, 1_000_000).table.cell(0, 0).text = "a"
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()
