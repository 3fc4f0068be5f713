"""Writes OLE containers and Outlook messages, so that tests need no file of somebody else."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

END, FREE, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
Path = tuple[str, ...]


def container(streams: Mapping[Path, bytes]) -> bytes:  # noqa: C901 - the format in one piece
    """A compound file (version 3) with these streams; streams below 4096 bytes lie in the mini stream."""
    nodes: list[Path] = [()]
    for path in streams:
        for depth in range(1, len(path) + 1):
            if path[:depth] not in nodes:
                nodes.append(path[:depth])
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = b"", []

    def chain(data: bytes) -> int:
        if not data:
            return END
        first = len(fat)
        count = -(-len(data) // 512)
        for i in range(count):
            sectors.append(data[i * 512 : i * 512 + 512].ljust(512, b"\0"))
            fat.append(first + i + 1 if i + 1 < count else END)
        return first

    starts: dict[Path, int] = {}
    for path, data in streams.items():
        if len(data) >= 4096:
            starts[path] = chain(data)
        elif data:
            starts[path] = len(mini_fat)
            count = -(-len(data) // 64)
            mini_fat += [len(mini_fat) + i + 1 if i + 1 < count else END for i in range(count)]
            mini += data.ljust(count * 64, b"\0")
        else:
            starts[path] = END
    mini_start = chain(mini)
    mini_fat_bytes = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_fat_bytes += b"\xff" * (-len(mini_fat_bytes) % 512)
    mini_fat_start = chain(mini_fat_bytes)
    entries = b"".join(_entry(nodes, path, streams, starts, (mini_start, len(mini))) for path in nodes)
    entries += (b"\0" * 68 + struct.pack("<III", NONE, NONE, NONE) + b"\0" * 48) * (-len(nodes) % 4)
    directory = chain(entries)
    needed = 1
    while needed * 128 < len(fat) + needed:
        needed += 1
    fat_at = len(fat)
    fat += [0xFFFFFFFD] * needed
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(needed * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack(
        "<IIIIIIIII", 0, needed, directory, 0, 4096, mini_fat_start, len(mini_fat_bytes) // 512, END, 0
    )
    header += struct.pack("<109I", *(fat_at + i if i < needed else FREE for i in range(109)))
    return header + b"".join(sectors) + table


def _entry(
    nodes: Sequence[Path], path: Path, streams: Mapping[Path, bytes], starts: Mapping[Path, int], mini: tuple[int, int]
) -> bytes:
    name = path[-1] if path else "Root Entry"
    raw = (name + "\0").encode("utf-16-le")
    inside = [i for i, node in enumerate(nodes) if node and node[:-1] == path]
    beside = [i for i, node in enumerate(nodes) if path and node and node[:-1] == path[:-1]]
    index = nodes.index(path)
    right = next((i for i in beside if i > index), NONE)  # a list is a tree as well
    kind = 5 if not path else 2 if path in streams else 1
    start, size = mini if not path else (starts.get(path, 0), len(streams.get(path, b"")))
    return (
        raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
        + struct.pack("<III", NONE, right, inside[0] if inside else NONE) + b"\0" * 36 + struct.pack("<IQ", start, size)
    )  # fmt: skip


def outlook(
    texts: Mapping[int, str | bytes],
    *,
    numbers: Mapping[int, int] | None = None,
    sent: datetime | None = None,
    recipients: Sequence[Mapping[int, str | int]] = (),
    attachments: Sequence[Mapping[int, str | bytes | dict[Path, bytes]]] = (),
    inside: bool = False,
) -> dict[Path, bytes]:
    """The streams of a message: texts and bytes by property id, recipients and attachments as such mappings."""
    streams: dict[Path, bytes] = {}
    fixed = dict(numbers or {})
    head = b"\0" * 8 + struct.pack("<IIII", len(recipients), len(attachments), len(recipients), len(attachments))
    entries = b"".join(struct.pack("<HHIii", 3, tag, 6, value, 0) for tag, value in fixed.items())
    if sent is not None:
        ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        entries += struct.pack("<HHIQ", 0x40, 0x0039, 6, ticks)
    streams[("__properties_version1.0",)] = head + (b"" if inside else b"\0" * 8) + entries + _sizes(texts)
    _put(streams, (), texts)
    for i, one in enumerate(recipients):
        where = (f"__recip_version1.0_#{i:08X}",)
        kind = one.get(0x0C15, 1)
        assert isinstance(kind, int)
        streams[(*where, "__properties_version1.0")] = b"\0" * 8 + struct.pack("<HHIii", 3, 0x0C15, 6, kind, 0)
        streams[(*where, "__properties_version1.0")] += _sizes({t: v for t, v in one.items() if isinstance(v, str)})
        _put(streams, where, {tag: value for tag, value in one.items() if isinstance(value, str)})
    for i, file in enumerate(attachments):
        where = (f"__attach_version1.0_#{i:08X}",)
        plain = {tag: value for tag, value in file.items() if isinstance(value, (str, bytes))}
        streams[(*where, "__properties_version1.0")] = b"\0" * 8 + _sizes(plain)
        _put(streams, where, plain)
        inner = file.get(0x3701)
        if isinstance(inner, dict):
            streams |= {(*where, "__substg1.0_3701000D", *path): data for path, data in inner.items()}
    return streams


def _put(streams: dict[Path, bytes], where: Path, texts: Mapping[int, str | bytes]) -> None:
    for tag, value in texts.items():
        kind = "001F" if isinstance(value, str) else "0102"
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        streams[(*where, f"__substg1.0_{tag:04X}{kind}")] = data


def _sizes(texts: Mapping[int, str | bytes]) -> bytes:
    """A message lists the sizes of its texts among its numbers."""
    return b"".join(
        struct.pack("<HHIII", 0x1F, tag, 6, 2 * len(value) + 2, 0)
        if isinstance(value, str)
        else struct.pack("<HHIII", 0x102, tag, 6, len(value), 0)
        for tag, value in texts.items()
    )
