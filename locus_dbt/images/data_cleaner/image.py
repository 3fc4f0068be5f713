"""Compiles the cleaning of a relation to one SELECT of named steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from locus_dbt.images.data_cleaner import dates, numerals, texts
from locus_dbt.images.data_cleaner.settings import INTEGERS, ColumnRule, column_rules
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """Texts trimmed and typed; what cannot be typed is NULL and a row of the rejects."""
    rules = column_rules(relation, params)
    columns = [_Column(i, name, kind, rules.get(name)) for i, (name, kind) in enumerate(relation.columns.items())]
    steps = _steps(relation, columns)
    selected = ", ".join(f"{c.typed} AS {quote(c.name)}" for c in columns)
    source = _from(columns)
    return RelationalPlan(
        sql=f"WITH {steps}\nSELECT {selected}\n{source}",
        columns={c.name: (c.name,) for c in columns},
        rejects=f"WITH {steps}\n{_rejects(columns, source, has_row_id=relation.has_row_id)}",
        kept=frozenset(c.name for c in columns if c.is_kept),
        nulls=f"WITH {steps}\n{_nulls(columns, source, has_row_id=relation.has_row_id)}",
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """One column on its way: ``r<i>`` is the raw value, ``t<i>`` the cleaned text, the rest its reading.

    Steps name columns by number, so that no name of the user's can meet one of ours.
    """

    number: int
    name: str
    source_type: str
    rule: ColumnRule | None
    is_text: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_text", self.source_type == "VARCHAR" and self.rule is not None)

    @property
    def target(self) -> str | None:
        """The type to read into, where that is not the type the column has."""
        target = self.rule.type if self.rule else None
        return None if target == self.source_type else target

    @property
    def undecided(self) -> bool:
        """Whether the whole column is asked how its values are to be read."""
        rule = self.rule
        if not (self.is_text and self.target and rule):
            return False
        return (rule.is_number and rule.decimal == "auto") or (rule.is_date and rule.date_order == "auto")

    @property
    def is_kept(self) -> bool:
        """Whether its values stay as they are."""
        return self.rule is None or not (self.is_text or self.target)

    @property
    def whole(self) -> bool:
        """Whether the target holds integers only."""
        return self.target in INTEGERS

    def clean(self) -> list[str]:
        """The successive expressions for the cleaned text, each over ``t<i>``."""
        rule, t = self.rule, f"t{self.number}"
        if rule is None or not self.is_text:
            return []
        typed = self.target is not None
        steps = [texts.trimmed(t) if rule.trim or typed else t]
        steps.append(texts.collapsed(t) if rule.collapse_spaces or typed else t)
        steps.append(texts.without_null_words(t, rule.null_words))
        steps.append(texts.cased(t, rule.case) if rule.case and not typed else t)
        return steps

    def form(self) -> str | None:
        """Normal form of a number, or date and time of a date: ``f<i>``."""
        t = f"t{self.number}"
        if not (self.is_text and self.target and self.rule):
            return None
        if self.rule.is_number:
            return numerals.normal_form(t)
        return dates.date_and_time(t) if self.rule.is_date else None

    def readings(self) -> list[tuple[str, str]]:
        """Named expressions over ``f<i>``: certain date ``s<i>``, number triple ``n<i>``, class ``k<i>``."""
        if self.form() is None or self.rule is None:
            return []
        i, f = self.number, f"f{self.number}"
        if self.rule.is_date:
            return [(f"s{i}", dates.certain(f"{f}['date']")), (f"n{i}", dates.triple(f"{f}['date']"))]
        if self.rule.decimal == "auto":
            return [(f"k{i}", numerals.reading(f, whole=self.whole))]
        return [(f"k{i}", numerals.reading_as(f, self.rule.decimal))]

    @property
    def typed(self) -> str:
        """The value of the output column."""
        i, rule = self.number, self.rule
        raw, t = f"v.r{i}", f"v.t{i}"
        if self.is_kept or rule is None:
            return raw
        if self.target is None:
            return t
        if not self.is_text:
            return _recast(raw, self.source_type, self.target, whole=self.whole)
        decided = f"d.d{i}" if self.undecided else "NULL"
        if rule.is_number:
            number = numerals.canonical(f"v.f{i}", f"v.k{i}", decided)
            return numerals.cast(number, self.target, whole=self.whole)
        if rule.is_date:
            given = None if self.undecided else rule.date_order
            iso = dates.canonical(f"v.s{i}", f"v.n{i}", f"v.k{i}", given=given, decided=decided)
            return dates.cast(iso, f"v.f{i}", self.target)
        return texts.boolean(t)

    def reject(self) -> str | None:
        """A struct for the reject row of a value that could not be read; NULL when it could."""
        if self.target is None or self.rule is None:
            return None
        i = self.number
        present = f"v.t{i}" if self.is_text else f"v.r{i}"
        message = literal(f"cannot be read as {self.target}")
        if self.undecided:
            waits = "('?')" if self.rule.is_number else "('?', 'y?')"
            way = "with either decimal sign" if self.rule.is_number else "in more than one order"
            param = "decimal" if self.rule.is_number else "date_order"
            text = f"can be read {way} and the column does not decide; set param {param}"
            message = f"CASE WHEN v.k{i} IN {waits} THEN {literal(text)} ELSE {message} END"
        return (
            f"CASE WHEN {present} IS NOT NULL AND ({self.typed}) IS NULL THEN"
            f" {{'name': {literal(self.name)}, 'message': {message}, 'raw': CAST(v.r{i} AS VARCHAR)}} END"
        )


def _steps(relation: Relation, columns: list[_Column]) -> str:
    """The named steps: raw and trimmed, spaced, without null words, cased, formed, read, decided."""
    first = [f"s.{quote(c.name)} AS r{c.number}" for c in columns]
    first += [f"s.{quote(c.name)} AS t{c.number}" for c in columns if c.is_text]
    steps = [("_locus_source", f"SELECT {', '.join(first)} FROM {relation.sql} AS s")]
    names = ("_locus_trimmed", "_locus_spaced", "_locus_present", "_locus_cased")
    for number, name in enumerate(names):
        changed = [
            f"{c.clean()[number]} AS t{c.number}" for c in columns if c.is_text and c.clean()[number] != f"t{c.number}"
        ]
        if changed:
            steps.append((name, f"SELECT * REPLACE ({', '.join(changed)}) FROM {steps[-1][0]}"))
    forms = [f"{form} AS f{c.number}" for c in columns if (form := c.form())]
    if forms:
        steps.append(("_locus_form", f"SELECT *, {', '.join(forms)} FROM {steps[-1][0]}"))
        read = [f"{sql} AS {name}" for c in columns for name, sql in c.readings()]
        steps.append(("_locus_read", f"SELECT *, {', '.join(read)} FROM {steps[-1][0]}"))
    ordered = [
        f"{dates.order(f'n{c.number}')} AS k{c.number}" for c in columns if c.form() and c.rule and c.rule.is_date
    ]
    if ordered:
        steps.append(("_locus_ordered", f"SELECT *, {', '.join(ordered)} FROM {steps[-1][0]}"))
    steps.append(("_locus_values", f"SELECT * FROM {steps[-1][0]}"))
    decided = [
        f"{(numerals if c.rule and c.rule.is_number else dates).column_decides(f'k{c.number}')} AS d{c.number}"
        for c in columns
        if c.undecided
    ]
    if decided:
        steps.append(("_locus_decided", f"SELECT {', '.join(decided)} FROM _locus_values"))
    return ",\n".join(f"{name} AS NOT MATERIALIZED (\n  {sql}\n)" for name, sql in steps)


def _from(columns: list[_Column]) -> str:
    decided = " CROSS JOIN _locus_decided AS d" if any(c.undecided for c in columns) else ""
    return f"FROM _locus_values AS v{decided}"


def _rejects(columns: list[_Column], source: str, *, has_row_id: bool) -> str:
    """All rejects in one pass over the rows."""
    found = [sql for c in columns if (sql := c.reject())]
    row_id = next((f"v.r{c.number}" for c in columns if c.name == ROW_ID), "NULL") if has_row_id else "NULL"
    head = "SELECT {id} AS _locus_row_id, {name} AS column_name, 'E301' AS code, {message} AS message, {raw} AS raw"
    if not found:
        empty = head.format(id=row_id, name="''", message="''", raw="''")
        return f"{empty} {source} WHERE false"
    listed = f"list_filter([{', '.join(found)}], lambda x: x IS NOT NULL)"
    rows = f"SELECT {row_id} AS id, unnest({listed}) AS x {source}"
    return head.format(id="id", name="x['name']", message="x['message']", raw="x['raw']") + f" FROM ({rows}) AS found"


def _nulls(columns: list[_Column], source: str, *, has_row_id: bool) -> str:
    """Texts that mean nothing: blanks only, or a null word."""
    row_id = next((f"v.r{c.number}" for c in columns if c.name == ROW_ID), "NULL") if has_row_id else "NULL"
    found = [
        f"CASE WHEN v.r{c.number} IS NOT NULL AND v.t{c.number} IS NULL THEN {literal(c.name)} END"
        for c in columns
        if c.is_text
    ]
    names = f"list_filter(CAST([{', '.join(found)}] AS VARCHAR[]), lambda x: x IS NOT NULL)"
    rows = f"SELECT {row_id} AS {ROW_ID}, unnest({names}) AS column_name {source}"
    return f"SELECT {ROW_ID}, column_name, 'blanks only, or a null word' AS reason FROM ({rows}) AS found"


def _recast(raw: str, source_type: str, target: str, *, whole: bool) -> str:
    """A value that is no text into another type; an integer is never rounded into being."""
    cast = f"TRY_CAST({raw} AS {target})"
    if whole and source_type.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return f"CASE WHEN {raw} = trunc({raw}) THEN {cast} END"
    return cast
