"""The capability envelope of a worker: what an image did not declare, it cannot do by accident or by a library's doing.

Two walls. On Linux a worker of images without the network capability gives up the network as a whole (a network
namespace of its own, without any interface). Everywhere an audit hook refuses sockets, other programs and files opened
for writing, unless the job's image declares the capability. A hook guards against code that misbehaves, not against
code that attacks the interpreter itself: images are code that you install.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000

#: Audit events (or their beginnings) to the capability that they need.
_NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostby",
)
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile")
_CHANGES = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "shutil.", "sqlite3.connect",
)  # fmt: skip
#: The interpreter's own cache of compiled modules, which any import may write.
_CACHE = "__pycache__"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Envelope:
    """What the code of the moment may do; one a process."""

    def __init__(self) -> None:
        self._allowed: frozenset[str] = frozenset(("network", "files", "subprocess"))
        self._scratch = ""

    def install(self, scratch: str) -> None:
        """Watch this process from now on; it cannot be undone. Libraries may write below the folder ``scratch``."""
        self._scratch = scratch
        sys.addaudithook(self._check)

    @contextmanager
    def only(self, capabilities: Sequence[str]) -> Iterator[None]:
        """Allow these capabilities only, for the time of the block."""
        before, self._allowed = self._allowed, frozenset(capabilities)
        try:
            yield
        finally:
            self._allowed = before

    def _check(self, event: str, arguments: tuple[object, ...]) -> None:
        needed = _needed(event, arguments)
        if needed is not None and needed not in self._allowed and not self._in_scratch(needed, arguments):
            raise PermissionError(f"{event} needs the capability '{needed}', which the image does not declare")

    def _in_scratch(self, needed: str, arguments: tuple[object, ...]) -> bool:
        """Whether a change concerns the worker's own folder, which goes with the worker."""
        paths = [str(a) for a in arguments if isinstance(a, str | os.PathLike)]
        inside = [
            p == self._scratch or (p.startswith(self._scratch + os.sep) and ".." not in p) for p in paths if os.sep in p
        ]
        return needed == "files" and bool(self._scratch) and bool(inside) and all(inside)


#: The envelope of this process; without ``install`` it allows everything.
ENVELOPE = Envelope()


def _needed(event: str, arguments: tuple[object, ...]) -> str | None:
    if event == "open":
        path, mode, flags = arguments
        writes = bool(flags & _WRITING) if isinstance(flags, int) else any(c in str(mode) for c in "wax+")
        return "files" if writes and path != os.devnull and _CACHE not in str(path) else None
    if event.startswith(_NETWORK):
        return "network"
    if event.startswith(_PROGRAMS):
        return "subprocess"
    return "files" if event.startswith(_CHANGES) and not any(_CACHE in str(a) for a in arguments) else None


def leave_network() -> bool:
    """Give up this process's network for good, where the system lets an ordinary process do so (Linux)."""
    if sys.platform != "linux":
        return False
    import ctypes  # noqa: PLC0415 - only here

    # a new user namespace is what lets an ordinary process have a network namespace of its own
    return bool(ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NET) == 0)
