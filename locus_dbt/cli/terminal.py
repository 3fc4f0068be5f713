"""What a person sees: rows as a table where the terminal is wide enough, else one line a value."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from locus_dbt.cli.failures import printable

if TYPE_CHECKING:
    from rich.console import Console

#: A column of running text is wrapped to this width before the table gives way to the vertical form.
_TEXT_WIDTH = 24
#: Words up to this length (file names, row ids) are never broken in a table.
_WORD_WIDTH = 40
#: Blanks between two columns of a table.
_BETWEEN = 3
#: Width for output that goes to a file or a pipe: nothing is wrapped or cut there.
_UNBOUNDED = 10_000


def console(*, stderr: bool = False) -> Console:
    """A console for one of the two streams, as they are now."""
    from rich.console import Console  # noqa: PLC0415 - loads in a command, never for --help

    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty():
        return Console(file=stream, highlight=False, emoji=False)
    return Console(file=stream, highlight=False, emoji=False, width=_UNBOUNDED)


def note(text: str) -> None:
    """One line on stderr, beside the output."""
    from locus_dbt.core.secrets import mask  # noqa: PLC0415

    sys.stderr.write(printable(mask(text)) + "\n")
    sys.stderr.flush()


def shown(value: Any) -> str:  # noqa: ANN401 - any SQL value
    """A value as text: null as a sign that no text can be mistaken for, floats short, control characters out."""
    if value is None:
        return "∅"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return printable(str(value))


def print_rows(
    out: Console,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    numbers: Sequence[bool] = (),
    vertical: bool | None = None,
) -> None:
    """Print rows with all their columns; ``numbers`` marks columns set to the right.

    ``vertical`` None decides by width: a table when every column keeps a readable width, else a block a row.
    """
    texts = [[shown(value) for value in row] for row in rows]
    needs = [_need(name, [row[i] for row in texts]) for i, name in enumerate(names)]
    if vertical is None:
        vertical = sum(needs) + _BETWEEN * max(len(needs) - 1, 0) > out.width
    if vertical:
        _print_blocks(out, names, texts)
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    widths = _widths(out, names, texts, needs)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, name in enumerate(names):
        right = bool(numbers) and numbers[i]
        table.add_column(_plain(name), justify="right" if right else "left", overflow="fold", width=widths[i])
    for row in texts:
        table.add_row(*(_plain(text) for text in row))
    with out.capture() as captured:
        out.print(table)
    lines = captured.get().splitlines()
    out.file.write("\n".join(line.rstrip() for line in lines) + "\n")


def _plain(text: str) -> Any:  # noqa: ANN401
    from rich.text import Text  # noqa: PLC0415 - Text, because values may look like markup

    return Text(text)


def _need(name: str, texts: Sequence[str]) -> int:
    """The least width at which a column still reads well: whole words, and not less than a few of them a line."""
    from rich.cells import cell_len  # noqa: PLC0415

    longest = max((cell_len(line) for text in texts for line in text.split("\n")), default=0)
    word = max((cell_len(word) for text in texts for word in text.split()), default=0)
    return max(cell_len(name), min(longest, _TEXT_WIDTH), min(word, _WORD_WIDTH))


def _widths(out: Console, names: Sequence[str], texts: Sequence[Sequence[str]], needs: Sequence[int]) -> list[int]:
    """The widths of all columns: what each needs, and the room that is left to those that would fill it, in order."""
    from rich.cells import cell_len  # noqa: PLC0415

    room = out.width - sum(needs) - _BETWEEN * max(len(needs) - 1, 0)
    widths = list(needs)
    for i in range(len(names)):
        longest = max((cell_len(line) for row in texts for line in row[i].split("\n")), default=0)
        more = min(max(longest - widths[i], 0), max(room, 0))
        widths[i] += more
        room -= more
    return widths


def _print_blocks(out: Console, names: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """One block a row, one line a column; a value that is longer than the line goes on below itself."""
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    width = min(max((cell_len(n) for n in names), default=0), 30)
    for number, row in enumerate(texts, start=1):
        out.print(_plain(f"── row {number} " + "─" * 10), style="dim")
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", width=width, overflow="fold")
        grid.add_column(overflow="fold")
        for name, text in zip(names, row, strict=True):
            grid.add_row(_plain(name), _plain(text))
        out.print(grid)
