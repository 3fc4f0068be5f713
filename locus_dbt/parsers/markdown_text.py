"""Markdown's marks inside a line: what a reader sees of a text with links, emphasis and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape

#: Names of link targets that the document defines, folded.
LinkNames = Mapping[str, str]

_MARKED = re.compile(r"[\[\]*_~`\\<&]")
_PICTURE = re.compile(r"!\[([^\]]{0,500})\](?:\([^)\s]{0,2000}(?:\s[^)]{0,500})?\)|\[[^\]]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(([^)\s]{0,2000})(?:\s[^)]{0,500})?\)")
_REFERENCE = re.compile(r"\[([^\[\]^]{1,500})\](?:[ ]?\[([^\[\]]{0,200})\])?")
_TARGET = re.compile(r" {0,3}\[([^\]^][^\]]{0,200})\]:[ \t]*(\S{1,2000})(?:[ \t]+[\"'(].{0,500})?[ \t]*$")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^\s<>]{1,2000}|[^\s<>@]{1,64}@[^\s<>]{1,190})>")
_BREAK = re.compile(r"<br[ ]?/?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|sub|sup|small|kbd|code|span|a|mark|font|del|ins)(?:\s[^<>]{0,500})?>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,20}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_QUOTE = re.compile(r" {0,3}>[ ]?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SPAN = re.compile(r"(?<![`\\])(`{1,3})(?!`)([^`\n]{1,1000})\1(?!`)")
_KEPT = re.compile("\0(\\d{1,9})\0")
_MOST = 200_000


def link_names(lines: Sequence[str]) -> tuple[LinkNames, frozenset[int]]:
    """The link targets that lines of their own define (``[name]: address``), and the numbers of those lines."""
    names: dict[str, str] = {}
    found: set[int] = set()
    fence = ""
    for i, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and "]:" in line and (target := _TARGET.match(line)):
            names.setdefault(_folded(target[1]), target[2])
            found.add(i)
    return names, frozenset(found)


def unquoted(lines: Sequence[str]) -> tuple[list[str], frozenset[int]]:
    """The lines without the marks of quotations, and the numbers of those on which one begins.

    What is quoted is read like the rest.
    """
    out: list[str] = []
    begins: set[int] = set()
    fence, last = "", 0
    for line in lines:
        shown, depth = line, 0
        while not fence and (quote := _QUOTE.match(shown)):
            shown, depth = shown[quote.end() :], depth + 1
        if depth > last:
            begins.add(len(out))
        last = depth
        mark = _FENCE.match(shown)
        if mark and (not fence or shown.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        out.append(shown)
    return out, frozenset(begins)


def plain(text: str, names: LinkNames) -> str:
    """Text without link targets, pictures, emphasis marks and inline tags; ``<br>`` ends a line."""
    if not _MARKED.search(text):
        return text.strip()
    spans: list[str] = []
    out = _SPAN.sub(lambda m: _kept(m[2], spans), text[:_MOST])
    out = _LINK.sub(r"\1", _PICTURE.sub("", out)) + text[_MOST:]
    if names and "[" in out:
        out = _REFERENCE.sub(lambda m: m[1] if _folded(m[2] or m[1]) in names else m[0], out)
    if "<" in out:
        out = _TAG.sub("", _BREAK.sub("\n", _AUTOLINK.sub(r"\1", out)))
    out = re.sub(r"(?<!\w)(\*\*|__|~~)(?=\S)([^\n]{1,2000}?)(?<=\S)\1(?!\w)", r"\2", out)
    out = re.sub(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,1000}?)(?<=\S)\1(?![\w*])", r"\2", out)
    out = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", out)
    out = _ENTITY.sub(lambda m: unescape(m[0]), out)
    return _KEPT.sub(lambda m: spans[int(m[1])], out).strip()


def _kept(code: str, spans: list[str]) -> str:
    """A mark that stands for a code span, in which nothing else is a mark."""
    spans.append(code[1:-1] if len(code) > 2 and code[0] == code[-1] == " " else code)
    return f"\0{len(spans) - 1}\0"


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
