"""The encoding a text names itself: XML declaration, HTML meta, CSS rule, or an editor's line."""

from __future__ import annotations

import re

_HEAD = 8192
#: In the bytes, where browsers and editors look for them.
_DECLARED = (
    re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE),
    re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE),
    re.compile(rb"^@charset \"([\w.:-]+)\";"),
    re.compile(rb"^[^\n]{0,200}?(?:\n[^\n]{0,200}?)?-\*-.{0,80}?coding:\s*([\w.-]+).{0,80}?-\*-"),
)


def declared_in(data: bytes) -> str | None:
    """The name as printed, or ``None``; it may be wrong or unknown."""
    head = data[:_HEAD]
    found = next((match for form in _DECLARED if (match := form.search(head))), None)
    return found[1].decode("ascii", errors="ignore") if found else None
