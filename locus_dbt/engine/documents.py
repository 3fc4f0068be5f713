"""Documents for SQL that works on a relation: named by files, read in workers, kept in the store, indexed once.

An image that needs both a relation and documents compiles to SQL with ``_locus_contents`` (the units of documents as
rows) or ``_locus_check`` (claims against documents); neither opens a file in this process.
"""

from __future__ import annotations

import os
import posixpath
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from locus_dbt.core.contents import contents_image
from locus_dbt.core.evidence import Evidence
from locus_dbt.core.plan import Plan, Task, make_plan
from locus_dbt.core.runner import DocumentResult
from locus_dbt.model.errors import RequestError

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session

#: What is fetched or asked for instead of opened.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

#: Indexed documents kept in memory.
_KEPT = 64


class Documents:
    """The documents that calls of one database ask for; safe for threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._image = contents_image()
        self._indexed: OrderedDict[str, Evidence] = OrderedDict()
        self._lock = threading.RLock()

    def results(self, files: Sequence[str]) -> list[DocumentResult]:
        """The contents of all documents that the files name; refused ones have rejects and no rows."""
        plan = self._plan(files)
        return self._session.run(plan)

    def evidence(self, files: Sequence[str], wanted: Sequence[str | None]) -> list[list[Evidence] | str]:
        """For each wanted file name the documents to look in (``None``: all), or in words why there are none."""
        with self._lock:
            if not files:
                return self._by_own_names(wanted)
            plan = self._plan(files)
            names = [self._named(plan, name) for name in wanted]
            asked = {t.key: t for tasks in names if not isinstance(tasks, str) for t in tasks}
            read, refused = self._read(plan, list(asked.values()))
            return [n if isinstance(n, str) else _those(n, read, refused) for n in names]

    def _by_own_names(self, wanted: Sequence[str | None]) -> list[list[Evidence] | str]:
        """Without files, each row's file name is the file."""
        by_name: dict[str | None, list[Evidence] | str] = {None: "no file is named"}
        for name in dict.fromkeys(wanted):
            if name is None:
                continue
            if refused_name := self._refused(name):
                by_name[name] = refused_name
                continue
            try:
                plan = self._plan([name])
            except RequestError as error:
                by_name[name] = error.what
                continue
            read, refused = self._read(plan, plan.tasks)
            gone = "; ".join(u.message for u in plan.unreadable)
            by_name[name] = _those(plan.tasks, read, refused) if plan.tasks else gone or f"there is no file '{name}'"
        return [by_name[name] for name in wanted]

    def _refused(self, name: str) -> str | None:
        """Why a name is not read though a row says so: rows are data, and only a file of the project is meant."""
        root = self._session.settings.root.absolute()
        inside = Path(os.path.normpath(root / name)).is_relative_to(root)
        if inside and not _ADDRESS.match(name) and not any(c in name for c in "*?["):
            return None
        return f"'{name}' is no file of the project folder: name it in files"

    def _plan(self, files: Sequence[str]) -> Plan:
        settings = self._session.settings
        return make_plan(self._image, files, {}, settings=settings, ignore_errors=not settings.strict)

    def _named(self, plan: Plan, name: str | None) -> Sequence[Task] | str:
        """The documents of a file name: the whole name, or the end of it."""
        if name is None:
            return plan.tasks or "; ".join(u.message for u in plan.unreadable)
        if name in plan.by_filename:
            return [plan.by_filename[name]]
        ending = [t for t in plan.tasks if t.filename.endswith(f"/{name}") or name.endswith(f"/{t.filename}")]
        ending = ending or [t for t in plan.tasks if posixpath.basename(t.filename) == posixpath.basename(name)]
        if ending:
            return ending
        gone = [u.message for u in plan.unreadable if u.filename == name]
        return gone[0] if gone else f"'{name}' is none of the {len(plan.tasks)} documents"

    def _read(self, plan: Plan, tasks: Sequence[Task]) -> tuple[dict[str, Evidence], dict[str, str]]:
        """Indexed documents by key, and why others were refused."""
        read, refused, missing = {}, {}, []
        for task in tasks:
            known = self._indexed.get(f"{task.key}\0{task.filename}")
            if known is None:
                missing.append(task)
            else:
                self._indexed.move_to_end(f"{task.key}\0{task.filename}")
                read[task.key] = known
        for result in self._session.run(plan, missing) if missing else ():
            rows = result.table("rows")
            if rows is None:
                refused[result.task.key] = "; ".join(str(r["message"]) for r in result.rejects[:1]) or "not read"
                continue
            document = read[result.task.key] = Evidence(result.task.filename, rows)
            self._indexed[f"{result.task.key}\0{result.task.filename}"] = document
        while len(self._indexed) > max(_KEPT, len(tasks)):
            self._indexed.popitem(last=False)
        return read, refused


def _those(tasks: Sequence[Task], read: dict[str, Evidence], refused: dict[str, str]) -> list[Evidence] | str:
    found = [read[t.key] for t in tasks if t.key in read]
    return found or "; ".join(dict.fromkeys(refused[t.key] for t in tasks if t.key in refused))
