"""Parts the text of a mail into what is new, what is quoted, and the signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from locus_dbt.parsers.html_text import text_of

#: Words for "wrote" in a line such as ``On 3 May, Ann wrote:``.
_WROTE = (
    "wrote|writes|schrieb|schrieben|a écrit|a ecrit|escribió|escribio|ha scritto|schreef|escreveu|skrev"
    r"|napisał(?:a|\(a\))?"
)
_OPENS = "On|Am|Le|El|Il|Op|Em|Den|W dniu|Dnia|At|Vom"
_ATTRIBUTION = re.compile(
    rf"^\W{{0,3}}(?:(?:{_OPENS})\b.{{3,300}}?\b(?:{_WROTE})\b.{{0,120}}"
    rf"|.{{2,200}}?\b(?:{_WROTE})(?:\s+(?:on|am|le|el|op|il)\b.{{3,80}})?\s*)[:：]\s*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^\W{0,2}[-_=*]{2,}\s*(?:Original(?:\s+Message|nachricht)|Ursprüngliche Nachricht|Urspr\. Nachricht"
    r"|Forwarded message|Weitergeleitete Nachricht|Message (?:d['’]origine|original|transféré)"
    r"|Mensaje (?:original|reenviado)|Messaggio originale|Oorspronkelijk bericht|Mensagem original)\s*[-_=*]{2,}\s*$"
    r"|^(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)"
    r"|Début du message (?:transféré|réexpédié)|Inicio del mensaje reenviado)\s*:\s*$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^\W{0,3}(?P<from>From|Von|De|Da|Van)\s*:"
    r"|^\W{0,3}(?:Sent|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Date|Datum|Fecha|Data|To|An|À|A|Para|Aan|Subject"
    r"|Betreff|Objet|Asunto|Oggetto|Onderwerp|Cc|Kopie)\s*:",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(
    r"^(?:Sent from my \S|Sent from (?:Mail|Outlook|Yahoo)|Get Outlook for|Von meinem \S+ gesendet"
    r"|Gesendet (?:von meinem|mit der) \S|Diese Nachricht wurde von meinem|Envoyé de(?:puis)? (?:mon|ma) \S"
    r"|Enviado desde mi \S|Enviado do meu \S|Inviato da(?:l mio)? \S)",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[_\-=]{10,}\s*$")
_LONGEST_LINE = 1000
#: A copied head has no more lines than this.
_HEAD_LINES = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a text as one; ``line`` is the first of them, from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Split:
    """The three parts of a text; ``None`` for one that is not there."""

    reply: Piece | None
    quoted: Piece | None
    signature: Piece | None


def split(text: str) -> Split:
    """Part a text by its own marks: ``>`` before lines, lines that announce a quotation, ``-- `` before a signature.

    What stands between or below lines marked ``>`` is new. Behind a line that announces an unmarked quotation all is
    quoted. A greeting is no signature: without a mark none is found.
    """
    lines = text.split("\n")
    kinds = ["reply"] * len(lines)
    _mark_quotes(lines, kinds)
    _mark_signature(lines, kinds)
    return Split(*(_piece(lines, kinds, kind) for kind in ("reply", "quoted", "signature")))


def _mark_quotes(lines: Sequence[str], kinds: list[str]) -> None:
    for i, line in enumerate(lines):
        if line.startswith((">", "|>")) or re.match(r"[A-Z]{1,3}> ", line):
            kinds[i] = "quoted"
    at = 0
    while at < len(lines):
        if kinds[at] == "quoted":
            at += 1
            continue
        height = _announces(lines, at)
        if not height:
            at += 1
            continue
        stop = _history_ends(lines, kinds, at, height)
        kinds[at:stop] = ["quoted"] * (stop - at)
        at = max(stop, at + height)


def _history_ends(lines: Sequence[str], kinds: Sequence[str], at: int, height: int) -> int:
    """Where what is announced at ``at`` ends: before its marked lines, or with the text; ``at`` for prose."""
    marked = next((i for i in range(at + height, len(lines)) if kinds[i] == "quoted"), None)
    if marked is None:
        return len(lines)
    between = [line for line in lines[at + height : marked] if line.strip()]
    if _SEPARATOR.match(lines[at]) or _is_head(lines, at) or _RULE.match(lines[at]):
        return marked if len(between) <= _HEAD_LINES else len(lines)
    # an announcement in the middle of a text whose quotes are marked elsewhere is prose
    return at if between else marked


def _announces(lines: Sequence[str], at: int) -> int:
    """How many lines from here announce a quotation (0 for none); mail programs wrap the announcement."""
    first = lines[at][:_LONGEST_LINE].strip()
    if not first:
        return 0
    if _SEPARATOR.match(first) or _is_head(lines, at) or (_RULE.match(first) and _is_head(lines, at + 1)):
        return 1
    for height in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[at : at + height])[:_LONGEST_LINE]
        if not lines[at : at + height][-1:] or not lines[at : at + height][-1].strip():
            return 0
        opens = re.match(rf"\W{{0,3}}(?:{_OPENS})\b", joined) is not None
        dated = any(c.isdigit() for c in joined) or "@" in joined or "<" in joined
        if _ATTRIBUTION.match(joined) and (height == 1 or opens) and (dated or opens or len(joined) < 60):
            return height
    return 0


def _is_head(lines: Sequence[str], at: int) -> bool:
    """``From:`` with at least two of its companions in the lines below: an unmarked copy of a message's head."""
    if at >= len(lines):
        return False
    match = _HEAD.match(lines[at][:_LONGEST_LINE])
    if match is None or not match["from"]:
        return False
    return sum(1 for line in lines[at + 1 : at + 8] if _HEAD.match(line[:_LONGEST_LINE])) >= 2


def _mark_signature(lines: Sequence[str], kinds: list[str]) -> None:
    for i, line in enumerate(lines):
        if kinds[i] != "reply":
            continue
        if line.rstrip() == "--" and any(lines[j].strip() for j in range(i + 1, len(lines)) if kinds[j] == "reply"):
            stop = next((j for j in range(i, len(lines)) if kinds[j] == "quoted"), len(lines))
            kinds[i:stop] = ["signature"] * (stop - i)
            return
        if _TELEPHONE.match(line.strip()[:_LONGEST_LINE]):
            kinds[i] = "signature"


def _piece(lines: Sequence[str], kinds: Sequence[str], kind: str) -> Piece | None:
    mine = [i for i, one in enumerate(kinds) if one == kind]
    filled = [i for i in mine if lines[i].strip() and not (kind == "signature" and lines[i].rstrip() == "--")]
    if not filled:
        return None
    kept = [lines[i].rstrip() for i in mine if filled[0] <= i <= filled[-1]]
    return Piece(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n"), filled[0] + 1)


def shown_text(source: str) -> str:
    """The text that HTML shows; quotations in it are marked with ``>`` as in a plain text."""
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(source.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, RecursionError):
        return ""
    quotes = list(root.iter("blockquote"))[:1000]
    for quote in reversed(quotes):
        marked = ["> " + line for line in text_of(quote).split("\n")]
        tail = quote.tail
        quote.clear()
        quote.tail = tail
        for line in marked:
            row = etree.SubElement(quote, "p")
            row.text = line
    body = root.find("body")
    for table in root.iter("table"):
        table.tag = "div"  # a table's text is shown too
    return text_of(body if body is not None else root)
