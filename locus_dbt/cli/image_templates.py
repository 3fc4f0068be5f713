"""The files of a new image folder. Each kind starts as a small image that works and whose fixture agrees with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_EXTRACT_MANIFEST = """\
name: {name}
version: 0.1.0
summary: "The lines of a document that have the form 'label: value'."
kind: extract
accepts: [ir/v1]
media_types: [text/plain]
emits:
  type: table/v1
  default: lines
  outputs:
    lines:
      grain: one row per line with a label
      columns:
        - {{name: label, type: VARCHAR, description: The text before the separator., required: true}}
        - {{name: value, type: VARCHAR, description: The text after the separator.}}
params:
  separator: {{type: string, default: ":", description: The sign between label and value.}}
"""

_EXTRACT_CODE = '''\
"""Lines of the form ``label: value``. Replace this by what your documents hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """One row a line. Every value is put with the place it was read from."""
    text = document.data.decode("utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        label, separator, value = line.partition(params["separator"])
        if not separator or not label.strip():
            continue
        at = Locus(place=f"line {number}")
        table.start_row()
        table.put("label", label.strip(), text=label.strip(), at=at)
        if value.strip():
            table.put("value", value.strip(), text=value.strip(), at=at)
'''

_RELATIONAL_MANIFEST = """\
name: {name}
version: 0.1.0
summary: The rows of a relation without those in which every column is empty.
kind: relational
accepts: [table/v1]
provenance: map
emits:
  type: table/v1
  default: rows
  outputs:
    rows:
      grain: one row for each row that holds something
      dynamic: true
      partial: true  # rows may be left out; without it every row is in the output, or a reject
params:
  ignore: {{type: list, default: [], description: Columns that do not count.}}
"""

_RELATIONAL_CODE = '''\
"""Drops empty rows. Replace this by what your relations need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """Pure SQL over the relation; ``columns`` says where each value comes from, ``kept`` which are left as they are."""
    unknown = [name for name in params["ignore"] if name not in relation.columns]
    if unknown:
        near = did_you_mean(unknown[0], relation.columns)
        raise RequestError(f"no column '{unknown[0]}' to ignore{near}", code="E107")
    counted = [c for c in relation.columns if c != ROW_ID and c not in params["ignore"]]
    present = " OR ".join(f"{quote(c)} IS NOT NULL" for c in counted) or "true"
    sql = f"SELECT * FROM {relation.sql} WHERE {present}"
    return RelationalPlan(sql, {c: (c,) for c in relation.columns}, kept=frozenset(relation.columns))
'''

_README = """\
# {name}

{summary}

{about}

## Params

| param | type | default | meaning |
|---|---|---|---|
{params}

## Columns

{columns}

## Example

```sql
{example}
```
"""


def folder_files(name: str, kind: str) -> dict[str, str]:
    """The files of a new image folder: path inside it to text. ``name`` is an image name, ``kind`` one of the two."""
    return _extract_files(name) if kind == "extract" else _relational_files(name)


def _extract_files(name: str) -> dict[str, str]:
    function = f"locus_{name.replace('-', '_')}"
    readme = _README.format(
        name=name,
        summary="The lines of a document that have the form `label: value`.",
        about="Text files are read line by line; a line without the separator is passed over.",
        params="| `separator` | string | `:` | The sign between label and value. |",
        columns="| column | type | meaning |\n|---|---|---|\n| `label` | VARCHAR | The text before the separator. |\n"
        "| `value` | VARCHAR | The text after the separator. |",
        example=f"select label, value\nfrom {function}('fixtures/simple/input.txt')",
    )
    cells = [("Number", "A-17", 1), ("Weight", "12 kg", 3)]
    rows = [{"label": label, "value": value} for label, value, _ in cells]
    spans = [
        {"row": i, "column": column, "value": value, "text": value, "place": f"line {line}", "grounding": "exact"}
        for i, (label, text, line) in enumerate(cells)
        for column, value in (("label", label), ("value", text))  # the builder's order: declared columns
    ]
    return {
        "__init__.py": f'"""The image {name}."""\n',
        "manifest.yaml": _EXTRACT_MANIFEST.format(name=name),
        "image.py": _EXTRACT_CODE,
        "README.md": readme,
        "fixtures/simple/input.txt": "Number: A-17\nDelivered by rail.\nWeight: 12 kg\n",
        "fixtures/simple/expected.jsonl": _jsonl(rows),
        "fixtures/simple/spans.jsonl": _jsonl(spans),
    }


def _relational_files(name: str) -> dict[str, str]:
    function = f"locus_{name.replace('-', '_')}"
    readme = _README.format(
        name=name,
        summary="The rows of a relation without those in which every column is empty.",
        about="Row ids are kept, so provenance goes through unchanged.",
        params="| `ignore` | list | `[]` | Columns that do not count. |",
        columns="Those of the relation.",
        example="create table received as from 'fixtures/simple/input.csv';\n"
        f"select item, pieces from {function}('received')",
    )
    return {
        "__init__.py": f'"""The image {name}."""\n',
        "manifest.yaml": _RELATIONAL_MANIFEST.format(name=name),
        "image.py": _RELATIONAL_CODE,
        "README.md": readme,
        "fixtures/simple/input.csv": "item,pieces\nbolt,4\n,\nnut,9\n",
        "fixtures/simple/expected.jsonl": _jsonl([{"item": "bolt", "pieces": 4}, {"item": "nut", "pieces": 9}]),
    }


def _jsonl(records: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(r, ensure_ascii=False, sort_keys=True) + "\n" for r in records)
