"""A worker process: ``python -m locus_dbt.core.worker``, fed over standard input, answering on standard output.

Frames in both directions: 8 bytes of length, then a pickle made by our own process (never document data as code).
The first frame sets up, each further one is a document. The process ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import time
from dataclasses import replace
from typing import IO, Any

LENGTH = struct.Struct(">Q")


#: A worker that holds this part of its memory after a document is replaced: the next one shall find room.
_LARGE = 0.5
#: Seconds between two words of progress.
_TICK_SECONDS = 0.5


class Progress:
    """Sends what a document gives while it is read: parts at once, ticks now and then."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pages = 0.0
        self._last = time.monotonic()

    def tick(self, pages: float) -> None:
        """Some pages are done."""
        self._pages += pages
        if time.monotonic() - self._last > _TICK_SECONDS:
            self._last = time.monotonic()
            from locus_dbt.core.executor import Tick  # noqa: PLC0415 - this module is __main__ and imports nothing early

            write_frame(self._stream, Tick(self._pages))
            self._pages = 0.0

    def part(self, part: object) -> None:
        """Some rows are done."""
        write_frame(self._stream, part)


def write_frame(stream: IO[bytes], value: Any) -> None:  # noqa: ANN401 - any picklable value
    """Send one value."""
    data = pickle.dumps(value, protocol=5)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:  # noqa: ANN401
    """The next value; ``EOFError`` when the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - both ends are this package, over a private pipe


def limit_memory(megabytes: int) -> None:
    """Bound the data segment and mappings of this process where the platform can (not on Windows)."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    limit = megabytes * 1_048_576
    for kind in ("RLIMIT_DATA", "RLIMIT_AS") if sys.platform == "linux" else ("RLIMIT_DATA",):
        # Address space counts mapped libraries and thread stacks, which cost no memory: it gets head room.
        wanted = limit if kind == "RLIMIT_DATA" else limit + 4096 * 1_048_576
        _, hard = resource.getrlimit(getattr(resource, kind))
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(getattr(resource, kind), (bound, hard))


def _resident_mb() -> float:
    """Memory that this process holds now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_048_576
    except (OSError, ValueError, IndexError):
        return 0.0


def main() -> int:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    requests = sys.stdin.buffer
    setup = read_frame(requests)
    sys.path[:] = setup["path"]
    from locus_dbt.core.envelope import ENVELOPE, leave_network  # noqa: PLC0415 - after the path is set

    if not setup["network"]:
        leave_network()  # before any thread is started: a process with threads cannot
    from locus_dbt.core.extraction import extract_document  # noqa: PLC0415 - see above

    ENVELOPE.install(setup["scratch"])
    limit_memory(setup["memory_mb"])
    write_frame(answers, "ready")
    while True:
        try:
            job, request = read_frame(requests)
        except EOFError:
            return 0
        progress = Progress(answers)
        with ENVELOPE.only(job.capabilities):
            outcome = extract_document(job, request, on_part=progress.part, tick=progress.tick)
        write_frame(answers, replace(outcome, spent=_resident_mb() > setup["memory_mb"] * _LARGE))


if __name__ == "__main__":
    sys.exit(main())
