"""The matches themselves: which two rows, how similar, and why."""

from __future__ import annotations

from locus_dbt.images.deduplicator.matching import Step, join_columns, with_clause
from locus_dbt.images.deduplicator.merging import tie_break
from locus_dbt.images.deduplicator.settings import Settings
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal


def plan_pairs(relation: Relation, given: Settings, steps: list[Step]) -> RelationalPlan:
    """One row for each row that equals the first of its keys, and for each similar pair of keys."""
    steps = [*steps, *_named(relation, given)]
    equal = literal(" and ".join([f"{k} =" for k in (*given.exact, *given.fuzzy)]))
    first = f"SELECT f.id AS left_id, o.id AS right_id, CAST(1 AS DOUBLE) AS score, {equal} AS reason"
    same = "_locus_named AS f JOIN _locus_named AS o ON f.node = o.node AND f.turn = 1 AND o.turn > 1"
    found = [f"{first} FROM {same}"]
    if given.fuzzy:
        found.append(
            f"SELECT a.id, b.id, l.score, {_reason(given)} FROM _locus_links AS l"
            " JOIN _locus_named AS a ON a.node = l.x AND a.turn = 1"
            " JOIN _locus_named AS b ON b.node = l.y AND b.turn = 1"
        )
    head = with_clause([*steps, ("_locus_matches", "\n  UNION ALL\n  ".join(found))], recursive=bool(given.fuzzy))
    compared = (*given.exact, *given.fuzzy)
    columns: dict[str, tuple[str, ...]] = {
        "left_id": (),
        "right_id": (),
        "score": compared,
        "reason": compared,
    }
    if not relation.has_row_id:
        return RelationalPlan(f"{head}\nSELECT left_id, right_id, score, reason FROM _locus_matches", columns)
    row_id = "CAST(md5(left_id || ' ' || right_id) AS UUID)"
    kind = relation.columns[ROW_ID]
    return RelationalPlan(
        sql=f"{head}\nSELECT left_id, right_id, score, reason, {row_id} AS {ROW_ID} FROM _locus_matches",
        columns={**columns, ROW_ID: ()},
        edges=(
            f"{head}\nSELECT {row_id} AS {ROW_ID}, CAST(unnest([left_id, right_id]) AS {kind}) AS source_row_id"
            " FROM _locus_matches"
        ),
    )


def _named(relation: Relation, given: Settings) -> list[Step]:
    """Rows with the text that names them, their node and their turn within it."""
    order = tie_break(relation)
    place = f"CAST(row_number() OVER (ORDER BY {order}) - 1 AS VARCHAR)"
    names = list(relation.columns)
    row_id = f"CAST(c{names.index(ROW_ID)} AS VARCHAR)" if relation.has_row_id else place
    join = " AND ".join(f"r.{c} = n.{c}" for c in join_columns(given))
    texts = "".join(f", r.f{i}" for i in range(len(given.fuzzy)))
    turn = f"row_number() OVER (PARTITION BY n.node ORDER BY {order}) AS turn"
    named = f"SELECT r.id, n.node, {turn}{texts} FROM _locus_numbered AS r JOIN _locus_nodes AS n ON {join}"
    return [("_locus_numbered", f"SELECT *, {row_id} AS id FROM _locus_keyed"), ("_locus_named", named)]


def _reason(given: Settings) -> str:
    parts = [literal(f"{k} =") for k in given.exact]
    parts += [
        f"{literal(f'{name} ~ ')} || printf('%.2f', jaro_winkler_similarity(a.f{i}, b.f{i}))"
        for i, name in enumerate(given.fuzzy)
    ]
    return " || ' and ' || ".join(parts)
