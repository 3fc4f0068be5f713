"""The steps that group rows by key and say which of their values are the same."""

from __future__ import annotations

from decimal import Decimal

from locus_dbt.core.places_sql import Step, place_steps
from locus_dbt.images.cross_doc_reconciler.settings import Settings
from locus_dbt.model.relation import ROW_ID, WHOLE_NUMBERS, Relation, literal, quote

_FLOATING = ("FLOAT", "DOUBLE")

# Stand for what must survive when the other signs are dropped: a minus before a number, a sign between two digits.
_MINUS, _BETWEEN = "⊖", "⊙"

# Values of a chain that are told apart together: work grows with the values and not with their square.
_RUN = 500

# Digits that a DECIMAL holds at most.
_DIGITS = 38

#: What a source tells of the place of a value, with types for sources that have none.
PLACE = {
    "page": "INTEGER",
    "x0": "FLOAT",
    "y0": "FLOAT",
    "x1": "FLOAT",
    "y1": "FLOAT",
    "place": "VARCHAR",
    "text": "VARCHAR",
    "faithfulness": "FLOAT",
}


def sources(relation: Relation, given: Settings) -> list[Step]:
    """Steps up to ``_locus_sources``: every row with its columns as ``c<i>``, its id ``root`` and its group ``g``.

    ``often<i>`` says how many rows of the group spell a column of the key as this one does. ``turn`` is an order that
    does not depend on how the rows came. A row without the whole key is a group of its own.
    Numbers for names, so that no column of the user's can meet one of ours.
    """
    types = relation.columns
    names = [f"s.{quote(name)} AS c{i}" for i, name in enumerate(types)]
    keys = [f"{_key(f's.{quote(k)}', types[k], exact=given.exact)} AS k{i}" for i, k in enumerate(given.key)]
    root = f"TRY_CAST(s.{quote(ROW_ID)} AS UUID)" if relation.has_row_id else "CAST(NULL AS UUID)"
    folded = [f"k{i}" for i in range(len(given.key))]
    lacking = " OR ".join(f"{k} IS NULL" for k in folded)
    order = ", ".join(f"c{i}" for i in range(len(types)))
    together = f"{', '.join(folded)}, CASE WHEN {lacking} THEN turn END"
    numbers = {name: f"c{i}" for i, name in enumerate(types)}
    often = ", ".join(f"count(*) OVER (PARTITION BY g, {numbers[k]}) AS often{i}" for i, k in enumerate(given.key))
    return [
        ("_locus_keyed", f"SELECT {', '.join([*names, *keys])}, {root} AS root FROM {relation.sql} AS s"),
        ("_locus_numbered", f"SELECT *, row_number() OVER (ORDER BY root, {order}) AS turn FROM _locus_keyed"),
        ("_locus_grouped", f"SELECT *, dense_rank() OVER (ORDER BY {together}) AS g FROM _locus_numbered"),
        ("_locus_sources", f"SELECT *, {often} FROM _locus_grouped"),
    ]


def compared(relation: Relation, given: Settings) -> list[Step]:
    """Steps up to ``_locus_compared``: every value that a source states, with its class and its place.

    Values of one ``class`` are the same. ``n`` is the number of the column among those compared.
    """
    near = given.tolerance > 0 or given.relative > 0
    steps = [("_locus_cells", _cells(relation, given, near=near))]
    if near:
        steps += _numbers(relation, given)
    return [*steps, *_places(relation, given), ("_locus_compared", _classes(near=near))]


def _cells(relation: Relation, given: Settings, *, near: bool) -> str:
    """The values that are stated; texts are folded once for all columns, not in each column's expression."""
    numbers = {name: f"c{i}" for i, name in enumerate(relation.columns)}
    decimal = f"DECIMAL({_DIGITS}, {_scale(relation, given)})"
    parts = []
    for n, name in enumerate(given.columns):
        column, kind = numbers[name], relation.columns[name]
        # Adding zero makes -0.0 the 0.0 that it equals.
        fields = {"n": str(n), "v": f"CAST({column}{' + 0.0' if kind in _FLOATING else ''} AS VARCHAR)"}
        if near:
            fields["e"] = f"TRY_CAST({column} AS {decimal})" if _is_exact(kind) else "NULL"
            # By way of its text: a FLOAT of 119.01 is not that DOUBLE.
            fields["d"] = f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if kind in _FLOATING else "NULL"
        parts.append("{" + ", ".join(f"'{k}': {sql}" for k, sql in fields.items()) + "}")
    if not parts:
        parts = ["{'n': -1, 'v': NULL, 'e': NULL, 'd': NULL}"]
    filename = f"CAST({numbers[given.filename]} AS VARCHAR)" if given.filename else "CAST(NULL AS VARCHAR)"
    when = numbers[given.order_by] if given.order_by else "NULL"
    each = (
        f"SELECT g, turn, root, {filename} AS named, {when} AS whenever, unnest([{', '.join(parts)}]) AS c"
        " FROM _locus_sources"
    )
    texts = [str(n) for n, name in enumerate(given.columns) if relation.columns[name] == "VARCHAR"]
    is_text = f"n IN ({', '.join(texts) or 'NULL'})"
    typed = f", CAST(c.e AS {decimal}) AS e, CAST(c.d AS DOUBLE) AS d" if near else ""
    told = f"SELECT * EXCLUDE (c), c.n AS n, CAST(c.v AS VARCHAR) AS v{typed} FROM ({each}) AS u"
    stated = f"v IS NOT NULL AND (({is_text}) IS NOT TRUE OR {_STATES.format('v')})"
    form = "v" if given.exact else f"CASE WHEN {is_text} THEN {_folded('v')} ELSE v END"
    return f"SELECT *, {form} AS t FROM ({told}) AS w WHERE {stated}"


def _scale(relation: Relation, given: Settings) -> int:
    """Decimal places that hold every value compared and the tolerance."""
    kinds = [relation.columns[c] for c in given.columns]
    places = [int(k.removesuffix(")").split(",")[1]) for k in kinds if k.startswith("DECIMAL(")]
    exponent = given.tolerance.normalize().as_tuple().exponent
    return min(_DIGITS, max([0, *places, -exponent if isinstance(exponent, int) else 0]))


def _is_exact(kind: str) -> bool:
    return kind in WHOLE_NUMBERS or kind.startswith("DECIMAL(")


# Whether a text has anything but blanks.
_STATES = "regexp_matches({}, '[^\\s\\p{{Z}}\\p{{C}}]')"


def _key(column: str, kind: str, *, exact: bool) -> str:
    """What is compared of a column of the key; a text of blanks is none."""
    if kind != "VARCHAR":
        return column
    return f"CASE WHEN {_STATES.format(column)} THEN {column if exact else _folded(column)} END"


def _folded(text: str) -> str:
    """A text without case, blanks and punctuation, for comparison.

    Signs that carry a number's meaning stay: a minus before a digit, any sign between two digits, symbols and per cent.
    So ``R-2024/17`` is ``r 2024/17``, and ``EUR 1.00`` is neither ``EUR 100`` nor ``EUR -1.00``.
    """
    sql = f"replace(nfc_normalize(lower({text})), 'ß', 'ss')"
    sql = f"regexp_replace({sql}, '(^|[\\s\\p{{Z}}(])[-−–]\\s*(\\d)', '\\1{_MINUS}\\2', 'g')"
    for _ in range(2):  # a match takes its last digit along, which may be the first of the next
        sql = f"regexp_replace({sql}, '(\\d)\\s*[\\p{{P}}]+\\s*(\\d)', '\\1{_BETWEEN}\\2', 'g')"
    bare = f"regexp_replace({sql}, '[^\\p{{L}}\\p{{M}}\\p{{N}}\\p{{S}}%‰]+', '', 'g')"
    return f"coalesce(nullif({bare}, ''), {text})"


def _numbers(relation: Relation, given: Settings) -> list[Step]:
    """Steps up to ``_locus_classes``: the class of each number of each fact, named by its least value.

    Numbers each of which is near the one before are a chain. In a chain, from the smallest on, one that is too far from
    the start of its class begins a new class. So any two values of a class agree, and small differences do not add up.
    """
    close = _close(relation, given)

    def near(a: str, b: str) -> str:
        """Whether two numbers agree, each given as SQL with a place for the column that holds it."""
        tests = [test.format(a=a.format(kind), b=b.format(kind)) for kind, test in close.items()]
        return f"coalesce({', '.join(tests)}, false)"

    lists = ", ".join(
        f"CASE WHEN run < 0 THEN [min({kind})] ELSE list_reduce("
        f"list_transform(list({kind} ORDER BY {kind}) FILTER (WHERE {kind} IS NOT NULL), lambda x: [x]),"
        f" lambda a, x: CASE WHEN {test.format(a='a[-1]', b='x[1]')} THEN a ELSE a || x END) END AS {kind}s"
        for kind, test in close.items()
    )
    least = ", ".join(f"CAST(list_filter(s.{k}s, lambda y: y <= r.{k})[-1] AS VARCHAR)" for k in close)
    fact, chain = "PARTITION BY g, n ORDER BY e, d", "PARTITION BY g, n, chain"
    whole = near(f"min({{}}) OVER ({chain})", f"max({{}}) OVER ({chain})")
    place = f"(row_number() OVER ({chain} ORDER BY e, d) - 1)"
    same = "_locus_runs AS r JOIN _locus_starts AS s ON s.g = r.g AND s.n = r.n AND s.chain = r.chain AND s.run = r.run"
    return [
        ("_locus_numbers", "SELECT DISTINCT g, n, e, d FROM _locus_cells WHERE e IS NOT NULL OR d IS NOT NULL"),
        ("_locus_steps", f"SELECT *, {near(f'lag({{}}) OVER ({fact})', '{}')} AS near FROM _locus_numbers"),
        ("_locus_chains", f"SELECT *, sum(CAST(NOT near AS INTEGER)) OVER ({fact}) AS chain FROM _locus_steps"),
        (
            "_locus_runs",
            f"SELECT *, CASE WHEN {whole} THEN -1 ELSE {place} // {_RUN} END AS run FROM _locus_chains",
        ),
        ("_locus_starts", f"SELECT g, n, chain, run, {lists} FROM _locus_runs GROUP BY g, n, chain, run"),
        (
            "_locus_classes",
            f"SELECT r.g, r.n, r.e, r.d, coalesce({least}) AS class FROM {same}",
        ),
    ]


def _close(relation: Relation, given: Settings) -> dict[str, str]:
    """For exact and floating numbers a test of ``{a}`` and a ``{b}`` that is no less; null where one of them is."""
    scale = _scale(relation, given)
    most = Decimal(10) ** (_DIGITS - scale) - 1
    exact = f"CAST('{min(given.tolerance, most):f}' AS DECIMAL({_DIGITS}, {scale}))"
    # Room for what a binary fraction cannot hold: 119.01 - 119.00 is more than 0.01 by a hair.
    floating = f"({float(given.tolerance)!r} * (1 + 1e-9) + 1e-15 * greatest(abs({{a}}), abs({{b}})))"
    part = f"{given.relative!r} * (1 + 1e-9) * greatest(abs(CAST({{a}} AS DOUBLE)), abs(CAST({{b}} AS DOUBLE)))"
    return {
        "e": f"({{b}} - {{a}} <= {exact} OR CAST({{b}} - {{a}} AS DOUBLE) <= {part})",
        "d": f"(isfinite({{a}}) AND isfinite({{b}}) AND {{b}} - {{a}} <= greatest({floating}, {part}))",
    }


def _classes(*, near: bool) -> str:
    name, join = "c.t", ""
    if near:
        name = "coalesce(b.class, c.t)"
        join = (
            " LEFT JOIN _locus_classes AS b ON b.g = c.g AND b.n = c.n"
            " AND b.e IS NOT DISTINCT FROM c.e AND b.d IS NOT DISTINCT FROM c.d"
        )
    places = ", ".join(f"p.{quote(c)}" for c in PLACE)
    return (
        f"SELECT c.g, c.n, c.turn, c.root, c.v, c.whenever, {name} AS class, coalesce(p.filename, c.named) AS filename,"
        f" {places} FROM _locus_cells AS c{join} LEFT JOIN _locus_first AS p ON p.root = c.root AND p.n = c.n"
    )


def _places(relation: Relation, given: Settings) -> list[Step]:
    """``_locus_first``: of every cell its first place, with the least faithfulness of all its places."""
    if not relation.key or not relation.has_row_id or not given.columns:
        none = ", ".join(f"CAST(NULL AS {kind}) AS {quote(name)}" for name, kind in PLACE.items())
        empty = f"SELECT CAST(NULL AS UUID) AS root, 0 AS n, CAST(NULL AS VARCHAR) AS filename, {none} WHERE false"
        return [("_locus_first", empty)]
    numbers = " ".join(f"WHEN {literal(name)} THEN {n}" for n, name in enumerate(given.columns))
    told = ", ".join(f"p.{quote(c)}" for c in PLACE if c != "faithfulness")
    order = "p.page NULLS LAST, p.y0, p.x0, p.place, p.start, p.filename, p.leaf_row_id, p.leaf_column, p.text"
    first = (
        f"SELECT p.root, CASE p.asked {numbers} END AS n, p.filename, {told},"
        " min(p.faithfulness) OVER (PARTITION BY p.root, p.asked) AS faithfulness,"
        f" row_number() OVER (PARTITION BY p.root, p.asked ORDER BY {order}) AS number FROM _locus_places AS p"
    )
    return [
        ("_locus_rows", "SELECT DISTINCT root FROM _locus_sources WHERE root IS NOT NULL"),
        *place_steps(relation.key, "_locus_rows", given.columns),
        ("_locus_first", f"SELECT * EXCLUDE (number) FROM ({first}) AS p WHERE number = 1"),
    ]
