"""How well mail is read: one line of predictions for each message of a folder.

    python benchmarks/mail_quality.py --docs DIR --out FILE [--encoding utf-8]

Each line: id (path without extension), from, to, cc, subject, date, message_id, n_attachments, attachment_names,
text_body. A folder of messages with these facts by hand makes the score. Bytes that no label tells are guessed; a gold
that was made by taking them for UTF-8 is scored with ``--encoding utf-8``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.parsers.mail_message import MailMessage, read_message


def main() -> None:
    """Read every message and write what was found."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--docs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--encoding", help="encoding of 8-bit text without a label that fits, as the argument 'encoding'")
    given = args.parse_args()
    with given.out.open("w", encoding="utf-8") as out:
        for path in sorted(given.docs.rglob("*.eml")):
            key = path.relative_to(given.docs).with_suffix("").as_posix()
            try:
                facts = _facts(read_message(path.read_bytes(), filename=path.name, unlabelled=given.encoding))
            except InputError as error:
                facts = {"error": str(error)}
            out.write(json.dumps({"id": key} | facts, ensure_ascii=False) + "\n")


def _facts(message: MailMessage) -> dict[str, Any]:
    date = message.date
    facts: dict[str, Any] = {
        role: [{"name": one.name or None, "address": one.address or None} for one in message.of(role)]
        for role in ("from", "to", "cc")
    }
    return facts | {
        "subject": message.subject.text if message.subject else None,
        "date": None if date is None else date.isoformat() + ("" if date.tzinfo else "+00:00"),
        "message_id": message.message_id.text if message.message_id else None,
        "n_attachments": len(message.enclosed),
        "attachment_names": [one.name for one in message.enclosed if one.name],
        "text_body": "\n".join(body.text for body in message.text if body.kind == "text/plain"),
    }


if __name__ == "__main__":
    main()
