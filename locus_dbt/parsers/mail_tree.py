"""The parts of a MIME message, found in one pass over its bytes; damage ends a part, never the reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locus_dbt.parsers.limits import over
from locus_dbt.parsers.mail_encodings import transfer_decoded
from locus_dbt.parsers.mail_headers import Headers, Structured, read_headers, structured

MAX_PARTS = 1000
MAX_DEPTH = 30
_DASHES = re.compile(rb"^--([^\r\n]{1,400})", re.MULTILINE)
#: Where a lost boundary is looked for: behind the header of its multipart.
_GUESS_WITHIN = 65_536
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(slots=True)
class Part:
    """One part: its header, the bytes ``start:stop`` of its body, and the parts inside it.

    ``path`` counts from 1 at each level (``1.2``), empty for the message itself. ``kind`` is the media type, what
    stands for it where none is declared. ``line`` is the line its body begins on. ``ended`` tells whether a boundary
    ended it (the end of the data ends the message itself).
    """

    path: str
    headers: Headers
    kind: str
    content_type: Structured
    disposition: Structured
    start: int
    stop: int
    line: int
    boundary: bytes = b""
    children: list[Part] = field(default_factory=list)
    ended: bool = True

    @property
    def is_multipart(self) -> bool:
        """Whether the part holds parts and nothing else."""
        return self.kind.startswith("multipart/") and bool(self.children)

    @property
    def filename(self) -> str:
        """The name its sender gave it, as printed; empty for none."""
        return self.disposition.params.get("filename") or self.content_type.params.get("name") or ""

    def content(self, data: bytes) -> tuple[bytes, str]:
        """The body without its transfer encoding, and what was wrong with it."""
        return transfer_decoded(data[self.start : self.stop], self.headers.value("content-transfer-encoding"))


@dataclass(frozen=True, slots=True)
class Tree:
    """A message as parts; ``warnings`` say what is damaged."""

    root: Part
    warnings: list[str]


def read_tree(data: bytes, *, unlabelled: str | None = None) -> Tree:
    """The parts of a message; raises E206 beyond the limits of parts and depth."""
    return _TreeReader(data, unlabelled).read()


class _TreeReader:
    def __init__(self, data: bytes, unlabelled: str | None) -> None:
        self._data = data
        self._unlabelled = unlabelled
        self._warnings: list[str] = []
        self._count = 0
        self._counted_to, self._lines = 0, 1

    def read(self) -> Tree:
        root = self._part("", 0, default="text/plain", envelope=True)
        stack = [root] if root.boundary else []
        open_part = root if not root.boundary else None  # the part whose body runs now
        at = root.start
        while stack:
            found = self._next_boundary(at, stack)
            if found is None:
                break
            match, level, closing = found
            if open_part is not None:
                self._end(open_part, match.start())
            for inner in stack[level + 1 :]:
                self._close(inner, match.start(), missing=True)
            del stack[level + 1 :]
            at = self._line_after(match.start())
            owner = stack[-1]
            open_part = None
            if closing:
                self._close(owner, match.start(), missing=False)
                stack.pop()
                continue
            child = self._child(owner, at, depth=len(stack))
            at = child.start
            if child.boundary:
                stack.append(child)
            else:
                open_part = child
        if open_part is not None and open_part is not root:
            open_part.stop, open_part.ended = len(self._data), False
        for left in stack:
            self._close(left, len(self._data), missing=True)
        return Tree(root, self._warnings)

    def _child(self, owner: Part, at: int, *, depth: int) -> Part:
        if depth > MAX_DEPTH:
            raise over(f"a mail of more than {MAX_DEPTH} levels of parts", where=f"part {owner.path}")
        path = f"{owner.path}.{len(owner.children) + 1}".lstrip(".")
        default = "message/rfc822" if owner.kind == "multipart/digest" else "text/plain"
        child = self._part(path, at, default=default)
        owner.children.append(child)
        return child

    def _part(self, path: str, at: int, *, default: str, envelope: bool = False) -> Part:
        self._count += 1
        if self._count > MAX_PARTS:
            raise over(f"a mail of more than {MAX_PARTS} parts", where=f"part {path}")
        headers = read_headers(
            self._data, at, len(self._data), line=self._line_of(at), envelope=envelope, unlabelled=self._unlabelled
        )
        where = f"part {path}: " if path else ""
        self._warnings.extend(where + warning for warning in headers.warnings)
        declared = structured(headers.value("content-type"))
        kind = declared.value if _TYPE.fullmatch(declared.value) else default
        boundary = b""
        if kind.startswith("multipart/"):
            boundary = self._boundary(declared, headers.stop, where)
        return Part(
            path, headers, kind, declared, structured(headers.value("content-disposition")), headers.stop,
            len(self._data), self._line_of(headers.stop), boundary,
        )  # fmt: skip

    def _boundary(self, declared: Structured, at: int, where: str) -> bytes:
        """The boundary the header declares; another one where that stands nowhere and one shows by itself."""
        named = declared.params.get("boundary", "").rstrip().encode("utf-8", "replace")[:400]
        near = self._data[at : at + _GUESS_WITHIN]
        if named and (b"--" + named in near or (len(self._data) > at + len(near) and b"--" + named in self._data[at:])):
            return named
        for match in _DASHES.finditer(near):
            guess = match[1].rstrip()
            again = near.count(b"\n--" + guess, match.end())
            if again and re.match(rb"\r?\n[!-9;-~]{1,80}:[ \t]", near[match.end() : match.end() + 200]):
                self._warnings.append(f"{where}the parts are parted by another boundary than the declared one")
                return guess
        self._warnings.append(f"{where}a multipart without its boundary is read as one text")
        return b""

    def _next_boundary(self, at: int, stack: list[Part]) -> tuple[re.Match[bytes], int, bool] | None:
        """The next boundary line of an open multipart, the innermost first, and whether it closes it."""
        levels: dict[bytes, tuple[int, bool]] = {}
        for level, part in enumerate(stack):
            levels[part.boundary] = (level, False)
        for level, part in enumerate(stack):  # an inner opening comes before an outer closing line of the same text
            closing = part.boundary + b"--"
            if closing not in levels or levels[closing][0] < level:
                levels[closing] = (level, True)
        for match in _DASHES.finditer(self._data, at):
            hit = levels.get(match[1].rstrip())
            if hit is not None:
                return match, *hit
        return None

    def _end(self, part: Part, boundary_at: int) -> None:
        """A body ends before the line end in front of its boundary."""
        stop = boundary_at
        if self._data[stop - 1 : stop] == b"\n":
            stop -= 1
            stop -= self._data[stop - 1 : stop] == b"\r"
        part.stop = max(part.start, stop)

    def _close(self, part: Part, at: int, *, missing: bool) -> None:
        part.stop = max(part.start, at)
        if missing:
            where = f"part {part.path}" if part.path else "the message"
            self._warnings.append(f"{where}: the closing boundary is missing")

    def _line_after(self, at: int) -> int:
        end = self._data.find(b"\n", at)
        return len(self._data) if end < 0 else end + 1

    def _line_of(self, at: int) -> int:
        if at < self._counted_to:
            return self._data.count(b"\n", 0, at) + 1
        self._lines += self._data.count(b"\n", self._counted_to, at)
        self._counted_to = at
        return self._lines
