"""While a statement runs: a progress bar on a terminal, and a Ctrl-C that takes effect after the document in hand."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from locus_dbt.cli.failures import Stopped

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session

Progress = Callable[[int, int], None]


@contextmanager
def watched(session: Session) -> Iterator[None]:
    """Show the documents done, their rate and the time left; raise :class:`Stopped` when stopped."""
    with _bar() as show, _stoppable(session) as stopped:

        def advance(done: int, total: int) -> None:
            if stopped.is_set():
                raise Stopped  # ends the run between two documents; what is done is in the store
            show(done, total)

        session.progress = advance
        try:
            yield
        except Exception:
            if stopped.is_set():  # DuckDB reports it as a failure of the function or of the query
                raise Stopped from None
            raise
        finally:
            session.progress = None


@contextmanager
def _stoppable(session: Session) -> Iterator[threading.Event]:
    """The first Ctrl-C asks the run to end, the second one ends the process."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(_number: int, _frame: Any) -> None:  # noqa: ANN401 - the form of a signal handler
        stopped.set()
        signal.signal(signal.SIGINT, previous)
        session.connection.interrupt()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def _bar() -> Iterator[Progress]:
    """A function that shows how far a run is; it shows nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich import progress  # noqa: PLC0415 - only on a terminal
    from rich.text import Text  # noqa: PLC0415

    from locus_dbt.cli.terminal import console  # noqa: PLC0415

    class Rate(progress.ProgressColumn):
        def render(self, task: progress.Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:.1f} documents/s" if speed else "…")

    words = progress.TextColumn("reading"), progress.TextColumn("left")
    columns = (
        words[0],
        progress.BarColumn(30),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TimeRemainingColumn(),
        words[1],
    )
    with progress.Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, visible=False)
        last = 0

        def show(done: int, total: int) -> None:
            nonlocal last
            if done <= last:  # a new run of the same statement counts from one again
                bar.reset(task, total=total)
            last = done
            bar.update(task, completed=done, total=total, visible=True)

        yield show
