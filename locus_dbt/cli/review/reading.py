"""From rows of a model to their cells with every way back to a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from locus_dbt.cli.review.facts import VERDICTS, Cell, Row, Source, Step, Way
from locus_dbt.cli.review.rows import Earlier, Held, document_name, read_held, record, source_rows
from locus_dbt.cli.review.schema import Link, Schema, read_schema

if TYPE_CHECKING:
    import duckdb

#: Ways kept of one cell, and ways looked at to find the worst of them.
MOST_WAYS = 20
_MOST_LOOKED_AT = 2_000
#: The column of every image's rows that names the document: no value that was read in it.
_FILENAME = "filename"


def read_rows(
    connection: duckdb.DuckDBPyConnection, key: str, row_ids: Sequence[str], columns: Sequence[str]
) -> list[Row]:
    """The rows with these columns, each cell with its ways back; ids that the model does not hold are left out."""
    schema = read_schema(connection)
    held = read_held(connection, schema, key, row_ids, set(columns))
    walk = _Walk(schema, held, Earlier(connection, key))
    rows = []
    for row_id in row_ids:
        values = held.values.get((key, row_id))
        if values is not None:
            cells = (walk.cell(key, column, row_id, values[column]) for column in columns if column in values)
            rows.append(Row(key, row_id, tuple(cell for cell in cells if cell is not None)))
    return rows


@dataclass(frozen=True, slots=True)
class _Dead:
    """A way that ends at a model that knows nothing of the row: dropped where another one does not."""

    way: Way


@dataclass(frozen=True, slots=True)
class _Walk:
    schema: Schema
    held: Held
    earlier: Earlier

    def cell(self, model: str, column: str, row: str, value: str | None) -> Cell | None:
        """The cell; ``None`` for a column that only carries the name of the document."""
        if self._names_document(model, column):
            return None
        if value is None:
            return Cell(column, None, refused=self._refused(model, column, row))
        found = list(islice(self._ways(model, column, row, ()), _MOST_LOOKED_AT))
        ways = [w for w in found if isinstance(w, Way)]
        if not ways and found:
            dead = next(w.way for w in found if isinstance(w, _Dead))
            ways = [replace(dead, source=s, gap=None) for s in self.earlier.sources(row, column)] or [dead]
        ways = sorted(dict.fromkeys(ways), key=_worst_first)
        return Cell(column, value, tuple(ways[:MOST_WAYS]), len(ways))

    def _ways(self, model: str, column: str, row: str, before: tuple[Step, ...]) -> Iterator[Way | _Dead]:
        if any((s.model, s.column, s.row_id) == (model, column, row) for s in before):
            return
        links = self.schema.links.get((model, column), ())
        if not links:
            yield self._end(model, column, row, before)
        gaps: dict[tuple[str, str], list[str]] = {}
        for link in links:
            if link.is_gap:
                named = gaps.setdefault((link.kind, link.reason or "no rule follows this step"), [])
                named += [f"{link.source}.{link.column}"] if link.source else []
            else:
                yield from self._through(link, model, column, row, before)
        for (kind, reason), named in gaps.items():
            origin = f" (from {', '.join(named)})" if named else ""
            step = self._step(model, column, row, kind, 1)
            yield Way((*before, step), gap=f"{reason}{origin}")

    def _end(self, model: str, column: str, row: str, before: tuple[Step, ...]) -> Way | _Dead:
        steps = (*before, self._step(model, column, row, "identity", 1))
        document = self.held.documents.get((model, row))
        if column == _FILENAME and document is not None:
            return Way(steps, document_name(document, column))
        return _Dead(Way(steps, gap=self._no_place(model, column, row)))

    def _through(
        self, link: Link, model: str, column: str, row: str, before: tuple[Step, ...]
    ) -> Iterator[Way | _Dead]:
        """The ways that begin with one step up."""
        broken = _broken(link, self.schema, model)
        if link.image is not None:
            steps = (*before, self._step(model, column, row, link.kind, 1))
            sources = self._sources(link, model, column, row)
            for source in sources:
                yield Way(steps, source, gap=broken)
            if not sources:
                yield _Dead(Way(steps, gap=broken or self._no_place(model, column, row)))
            return
        above = source_rows(self.held, model, row, str(link.source))
        step = self._step(model, column, row, link.kind, len(above))
        for source_row in above:
            for way in self._ways(str(link.source), str(link.column), source_row, (*before, step)):
                yield _with_gap(way, broken)

    def _sources(self, link: Link, model: str, column: str, row: str) -> list[Source]:
        mine = self.held.spans.get((model, row), {})
        found = [s for s in mine.get(str(link.column), ()) if s.image == link.image]
        document = self.held.documents.get((model, row))
        if not found and document is not None and document.native and document.image == link.image:
            return [record(document, str(link.column), row, self.held.values.get((model, row), {}).get(column))]
        return [replace(s, inputs=tuple(i for n in s.input_names for i in mine.get(n, ()))) for s in found]

    def _step(self, model: str, column: str, row: str, kind: str, merged: int) -> Step:
        values = self.held.values.get((model, row))
        unknown = self.held.unknown.get(model)
        if unknown is None and (values is None or column not in values):
            unknown = "the row is no longer there" if values is None else "the column is no longer there"
        facts = self.schema.models.get(model)
        shown = "merge" if merged > 1 else kind
        image = facts.image if facts else None
        return Step(model, column, row, shown, (values or {}).get(column), unknown, image, merged)

    def _no_place(self, model: str, column: str, row: str) -> str:
        facts = self.schema.models.get(model)
        if facts is None:
            return f"{model} has no lineage"
        if facts.state != "traced":
            return f"{model} is {facts.state}: {facts.reason or 'no reason is recorded'}"
        if (model, row) not in self.held.documents:
            return f"no document is recorded for this row of {model}"
        return f"the image recorded no place for {column}"

    def _names_document(self, model: str, column: str) -> bool:
        """Whether the column is that of the document's name, handed on as it is or cleaned."""
        todo, seen = [(model, column)], {(model, column)}
        while todo:
            at = todo.pop()
            links = self.schema.links.get(at, ())
            if not links and at[1] != _FILENAME:
                return False
            if any(link.image or link.is_gap for link in links):
                return False
            if any(link.kind != "identity" and link.column != at[1] for link in links):
                return False
            above = {(str(link.source), str(link.column)) for link in links} - seen
            seen |= above
            todo += above
        return True

    def _refused(self, model: str, column: str, row: str) -> str | None:
        """What was refused at an empty cell or at one that it comes from."""
        todo = [(model, column, row)]
        seen: set[tuple[str, str, str]] = set()
        while todo:
            at = todo.pop()
            if at in seen or len(seen) > _MOST_LOOKED_AT:
                continue
            seen.add(at)
            model, column, row = at
            if found := self.held.refused.get(row, {}).get(column):
                return found
            for link in self.schema.links.get((model, column), ()):
                if link.is_gap:
                    continue
                above = [row] if link.image else source_rows(self.held, model, row, str(link.source))
                todo += [(str(link.source), str(link.column), source_row) for source_row in above]
        return None


def _broken(link: Link, schema: Schema, model: str) -> str | None:
    """Why the value cannot be trusted through a step that is there but broken (an image that drops provenance)."""
    facts = schema.models.get(model)
    if link.kind not in ("identity", "expression"):
        return f"{model}: {link.kind.replace('_', ' ')}" + (f": {link.reason}" if link.reason else "")
    if facts is not None and facts.state != "traced":
        return f"{model} is {facts.state.replace('_', ' ')}" + (f": {facts.reason}" if facts.reason else "")
    return None


def _with_gap(way: Way | _Dead, gap: str | None) -> Way | _Dead:
    if gap is None:
        return way
    if isinstance(way, _Dead):
        return _Dead(replace(way.way, gap=gap))
    return replace(way, gap=gap if way.gap is None else f"{gap}; {way.gap}")


def _worst_first(way: Way) -> tuple[int, float, str, int]:
    source = way.source
    score = way.faithfulness if way.faithfulness is not None else 0.0
    document, page = (source.document or "", source.page or 0) if source else ("", 0)
    return VERDICTS.index(way.verdict), score, document, page
