"""A progress bar for document runs: on a terminal only, gone when the work is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session


@contextmanager
def progress_of(session: Session) -> Iterator[None]:
    """Show documents done, rate and time left of every run in the session."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from locus_dbt.cli.terminal import console  # noqa: PLC0415

    class Rate(ProgressColumn):
        def render(self, task: object) -> Text:
            speed = getattr(task, "finished_speed", None) or getattr(task, "speed", None)
            return Text(f"{speed:.1f} documents/s" if speed else "…")

    columns = (
        TextColumn("reading"),
        BarColumn(30),
        MofNCompleteColumn(),
        Rate(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, visible=False)
        last = 0

        def advance(done: int, total: int) -> None:
            nonlocal last
            if done <= last:  # a new run of the same statement counts from one again
                bar.reset(task, total=total)
            last = done
            bar.update(task, completed=done, total=total, visible=True)

        session.progress = advance
        try:
            yield
        finally:
            session.progress = None
