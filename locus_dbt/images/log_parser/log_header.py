"""What stands before the message of a log line, learned from the whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from locus_dbt.images.log_parser.log_time import EPOCH, TIME, time_form
from locus_dbt.model.errors import InputError

_LEVELS = (
    "TRACE|DEBUG|DBG|FINEST|FINER|FINE|CONFIG|VERBOSE|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL"
    "|CRITICAL|CRIT|ALERT|EMERG|EMERGENCY|PANIC|FAILURE"
)
_LEVEL = re.compile(rf"[\[(<]?(?P<level>(?i:{_LEVELS})|[VDIWEFCT](?=\s))[\])>]?(?P<end>[:,]?)(?=\s|\||$)")
_NAME = r"[\w.$/*@+-]{1,100}(?:\([\w.@-]{1,40}\))?"
_COMPONENT = re.compile(rf"(?P<name>{_NAME})(?:\[(?P<pid>[\w.-]{{1,20}})\])?:(?=\s|$)")
#: A component of several words, or with what it speaks for in brackets: ``Some Program[71] (its.part): ``.
_WIDE_COMPONENT = re.compile(
    r"(?P<name>[\w.$/-]{1,60}(?: [\w.$/()-]{1,60}){0,3})\[(?P<pid>\d{1,10})\](?: \([^()]{1,100}\))?:(?:\s+|$)"
)
_NUMBER = re.compile(r"\d{1,12}(?=\s|\||:\s|$)")
_WORD = re.compile(r"[^\s|]{1,200}")
#: A name of several words, which a dash ends.
_PROGRAM = re.compile(r"[^\s|]{1,80}(?: [^\s|-]{1,80}){1,3}(?= -{1,2} )")
_GAP = re.compile(r"(?:\s*\|\s*|\s+-{1,2}\s+|:?\s+|$)")
#: The same for one pattern of a whole header: what an item is, and what stands around it.
_FORMS = {
    "epoch": EPOCH.pattern,
    "level": rf"(?:(?i:{_LEVELS})|[VDIWEFCT](?=\s))",
    "number": _NUMBER.pattern,
    "bracket": r"(?:[^\[\]]|\[[^\[\]]*\]){0,398}",
    "word": r"[^\s|\[]\S{0,199}",
}
_AROUND = {
    "epoch": (r"[\[(]?", r"[\])]?[,:]?"), "time": (r"[\[(]?", r"[\])]?[,:]?"), "level": (r"[\[(<]?", r"[\])>]?[:,]?"),
    "bracket": (r"\[", r"\]:?"),
}  # fmt: skip
#: Header items looked at, lines the header is learned from, and the share of them that must agree.
_ITEMS, _SAMPLE, _AGREE, _MOSTLY = 14, 2000, 0.85, 0.7
_BY_NAME = {
    "date": "time", "time": "time", "timestamp": "time", "datetime": "time", "level": "level", "severity": "level",
    "component": "component", "logger": "component", "process": "component", "pid": "process", "tid": "process",
    "thread": "process", "host": "host", "node": "host", "content": "content", "message": "content",
}  # fmt: skip


class Item(NamedTuple):
    """A header item: ``kind`` is time, epoch, level, component, number, bracket, word; ``sign`` a | or - behind it.

    The item ends at ``stop``, brackets, signs and blanks behind it at ``end``.
    """

    kind: str
    start: int
    stop: int
    sign: str
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one line: ranges of characters by field, and where the message begins."""

    content: int = 0
    fields: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def items(line: str, most: int = _ITEMS) -> list[Item]:
    """What the line begins with, item by item."""
    out: list[Item] = []
    at = len(line) - len(line.lstrip())
    while at < len(line) and len(out) < most:
        kind, start, stop, end = _item(line, at, out[-1].kind if out else "")
        gap = _GAP.match(line, end)
        if gap is None:
            break
        sign = gap[0].strip()[:1].replace(":", "")
        out.append(Item(kind, start, stop, sign, gap.end()))
        at = gap.end()
    return out


def _item(line: str, at: int, before: str) -> tuple[str, int, int, int]:
    """Kind, range of characters, and where it ends with its brackets or sign."""
    inner = at + (line[at] in "[(")
    for kind, form in (("epoch", EPOCH), ("time", TIME)):
        if match := form.match(line, inner):
            end = match.end()
            if inner > at:
                end += line[end : end + 1] in ("]", ")")
            end += line[end : end + 1] in (",", ":")
            return kind, match.start(), match.end(), end
    if (match := _LEVEL.match(line, at)) and (before or len(match["level"]) > 1):
        return "level", *match.span("level"), match.end()
    if match := _COMPONENT.match(line, at):
        return "component", at, match.end() - 1, match.end()
    if match := _NUMBER.match(line, at):
        return "number", at, match.end(), match.end()
    if line[at] == "[" and (close := _closing(line, at)):
        end = close + (line[close : close + 1] == ":")
        return "bracket", at + 1, close - 1, end
    match = (_PROGRAM.match(line, at) if before == "time" else None) or _WORD.match(line, at)
    end = match.end() if match else at + 1
    return "word", at, end, end


def _closing(line: str, at: int) -> int:
    """Behind the bracket that closes the one at ``at``, within a few hundred characters; 0 where there is none."""
    depth = 0
    for i in range(at, min(len(line), at + 400)):
        depth += (line[i] == "[") - (line[i] == "]")
        if not depth:
            return i + 1
    return 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The items every line of a file begins with; ``component``: one more stands before a colon, where there is one."""

    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    component: bool = False
    quick: re.Pattern[str] | None = None

    def read(self, line: str) -> Header | None:
        """The header of ``line``; ``None`` for a line that does not begin like one."""
        if not self.kinds:
            return Header()
        if self.quick is not None and (match := self.quick.match(line)):
            spans = {name.rstrip("_"): match.span(name) for name in self.quick.groupindex if match.start(name) >= 0}
            return Header(match.end(), spans)
        found = items(line, len(self.kinds) + 1)
        if len(found) < len(self.kinds):
            return None
        ranges: dict[str, tuple[int, int]] = {}
        for kind, role, item in zip(self.kinds, self.roles, found, strict=False):
            if not _fits(kind, item.kind):
                return None
            if role and role not in ranges:
                ranges[role] = (item.start, item.stop)
        content = found[len(self.kinds) - 1].end
        if self.component and len(found) > len(self.kinds) and found[-1].kind == "component":
            ranges["component"] = (found[-1].start, found[-1].stop)
            content = found[-1].end
        elif self.component and (match := _WIDE_COMPONENT.match(line, content)):
            ranges |= {"component": match.span("name"), "process": match.span("pid")}
            return Header(match.end(), ranges)
        return Header(content, _with_process(line, ranges))


def _fits(wanted: str, kind: str) -> bool:
    return wanted in (kind, "word")


def _with_process(line: str, ranges: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """``sshd[812]`` as component and process id."""
    if "component" not in ranges:
        return ranges
    start, stop = ranges["component"]
    match = _COMPONENT.match(line[start:stop] + ":")
    if match and match["pid"] and "process" not in ranges:
        ranges["process"] = (start + match.start("pid"), start + match.end("pid"))
    if match and match["pid"]:
        ranges["component"] = (start, start + match.end("name"))
    return ranges


def learn(lines: Sequence[str]) -> Layout:
    """The layout that most lines share; an empty one where they share none."""
    step = max(1, len(lines) // _SAMPLE)
    found = [(line, items(line)) for line in lines[::step] if line.strip() and line[0] not in " \t"]
    # continuation lines have no time where the others have one: they do not vote
    timed = [(line, one) for line, one in found if any(item.kind in ("time", "epoch") for item in one[:6])]
    if len(timed) * 4 >= len(found):
        found = timed
    if not found:
        return Layout()
    kinds: list[str] = []
    anchor = 0
    agreeing = found
    for position in range(_ITEMS):
        here = [one[position] for _, one in agreeing if len(one) > position]
        if len(here) < _AGREE * len(found):
            break
        kind, votes = Counter(item.kind for item in here).most_common(1)[0]
        if kind == "component" and kinds and votes >= _MOSTLY * len(found):
            anchor = position  # what stands before it is header, a host for one
            break
        kind = kind if votes >= _AGREE * len(found) else "word"
        kinds.append(kind)
        agreeing = [(li, one) for li, one in agreeing if len(one) > position and _fits(kind, one[position].kind)]
        if _is_anchor(kind, here, timed=any(k in ("time", "epoch") for k in kinds)):
            anchor = position + 1
    kinds = kinds[:anchor]
    if kinds[-1:] == ["component"]:
        kinds.pop()  # in most lines, hardly ever in all
    anchor = len(kinds)
    if not any(kind in ("time", "epoch", "level") for kind in kinds):
        return Layout()
    following = [one[anchor].kind for _, one in agreeing if len(one) > anchor]
    component = "component" not in kinds and following.count("component") * 2 > len(found)
    layout = Layout(tuple(kinds), _roles(kinds, [one for _, one in agreeing], component=component), component)
    return replace(layout, quick=_quick(layout, agreeing, lines[::step]))


def _quick(
    layout: Layout, agreeing: Sequence[tuple[str, Sequence[Item]]], sample: Sequence[str]
) -> re.Pattern[str] | None:
    """One pattern that reads most lines at once; ``None`` where it reads a line of the sample otherwise."""
    parts: list[str] = []
    for position, (kind, role) in enumerate(zip(layout.kinds, layout.roles, strict=True)):
        form = _FORMS.get(kind)
        if kind == "time":
            form = _usual_form(position, agreeing)
        if not form:
            return None
        named = rf"(?P<{role}>{form})" if role and f"(?P<{role}>" not in "".join(parts) else rf"(?:{form})"
        opening, closing = _AROUND.get(kind, ("", ""))
        parts.append(opening + named + closing + _GAP.pattern)
    tail = ""
    if layout.component:
        tail = rf"(?:(?P<component>{_NAME})(?:\[(?P<process_>[\w.-]{{1,20}})\])?:(?:{_GAP.pattern}))?"
    pattern = re.compile(r"\s*" + "".join(parts) + tail)
    quick = replace(layout, quick=pattern)
    return pattern if all(quick.read(line) == layout.read(line) for line in sample) else None


def _usual_form(position: int, agreeing: Sequence[tuple[str, Sequence[Item]]]) -> str | None:
    """The form that most times at this position have."""
    forms = Counter(time_form(line[one[position].start : one[position].stop]) for line, one in agreeing)
    return forms.most_common(1)[0][0]


def _is_anchor(kind: str, here: Sequence[Item], *, timed: bool) -> bool:
    """Whether the header goes on to this item at least."""
    if kind in ("time", "epoch", "level"):
        return True
    if not timed:
        return False
    signs = sum(1 for item in here if item.sign)
    wide = sum(1 for item in here if item.end - item.stop >= 3 and not item.sign)
    if signs >= _AGREE * len(here) or (kind == "word" and wide >= _AGREE * len(here)):
        return True
    return kind in ("component", "bracket")


def _roles(kinds: Sequence[str], agreeing: Sequence[Sequence[Item]], *, component: bool) -> tuple[str, ...]:
    """What each item is: time, level, component, process, host, or nothing known (an empty text)."""
    roles = [{"epoch": "time", "time": "time", "number": "process"}.get(kind, kind) for kind in kinds]
    clocks = [
        max((one[i].stop - one[i].start for one in agreeing if len(one) > i), default=0) if role == "time" else 0
        for i, role in enumerate(roles)
    ]
    best = clocks.index(max(clocks)) if any(clocks) else -1
    roles = ["" if role == "time" and i != best else role for i, role in enumerate(roles)]
    # a number before the time counts lines or records
    roles = ["" if role == "process" and i < best else role for i, role in enumerate(roles)]
    named = component or "component" in roles
    for i, role in enumerate(roles):
        after_time = i > 0 and kinds[i - 1] in ("time", "epoch")
        if role == "word":
            if after_time and (component or {"component", "word"} & set(roles[i + 1 :])) and "host" not in roles:
                roles[i] = "host"
            elif not named and i > best and "word" not in roles[i + 1 :]:
                roles[i], named = "component", True
            else:
                roles[i] = ""
        elif role == "bracket":
            # a thread stands before the level or beside a component
            roles[i] = "process" if named or "level" in roles[i + 1 :] else "component"
            named = named or roles[i] == "component"
    return tuple(roles)


class Format:
    """A header that the user describes: ``<date> <time> <level> <component>: <content>``."""

    def __init__(self, text: str) -> None:
        parts = re.split(r"<(\w+)>", text)
        self._literals, self._names = parts[::2], parts[1::2]
        if len(self._names) > 20 or not self._names or self._names[-1].lower() not in ("content", "message"):
            raise InputError(
                f"param 'header' is no format: '{text}'",
                code="E210",
                fix="give 'auto', 'none', or a format that ends with <content>, such as '<time> <level> <content>'",
            )

    def read(self, line: str) -> Header | None:
        """The header of ``line``; ``None`` where it does not fit."""
        ranges: dict[str, tuple[int, int]] = {}
        found = _literal(self._literals[0]).match(line)
        if found is None:
            return None
        at = found.end()
        for name, literal in zip(self._names[:-1], self._literals[1:], strict=False):
            following = _literal(literal).search(line, at) if literal else None
            if following is None:
                return None
            role = _BY_NAME.get(name.lower(), "")
            start = ranges[role][0] if role == "time" and role in ranges else at
            if role and (role == "time" or role not in ranges):
                ranges[role] = (start, following.start())
            at = following.end()
        return Header(at, ranges)


def _literal(text: str) -> re.Pattern[str]:
    """The text between two fields; blanks stand for one blank or more."""
    return re.compile(r"\s+".join(re.escape(part) for part in re.split(r"\s+", text)))
