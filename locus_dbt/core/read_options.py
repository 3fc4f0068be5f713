"""How documents are to be read, from the arguments of a call: page ranges, password, OCR, encoding."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, get_args

from locus_dbt.model.document import AS_USUAL, OcrMode, ReadOptions
from locus_dbt.model.errors import RequestError

#: The arguments, with defaults as SQL and meaning; every extract function takes them.
READ_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "pages": ("NULL", "Pages to read: a number, or ranges like '1-3, 7, 10-'; the others are not looked at."),
    "password": ("NULL", "Opens encrypted documents; 'env:NAME' takes it from the environment."),
    "ocr": ("'auto'", "Pictures of text: 'auto' reads pages without a text layer, or 'always', 'never'."),
    "languages": ("NULL", "Languages of scanned text, as ISO 639-1 codes."),
    "encoding": ("NULL", "Encoding of text files, in place of detection."),
    "mojibake": ("false", "Whether text that was decoded wrongly before it was saved is repaired."),
}

_RANGE = re.compile(r"(\d{1,9})(?:\s*(-)\s*(\d{1,9})?)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
_REFERENCE = "env:"


def read_options(given: Mapping[str, Any]) -> ReadOptions:
    """The options in ``given`` (names of ``READ_ARGUMENTS``; null means the default); E103 names what does not fit."""
    return ReadOptions(
        pages=_pages(given.get("pages")),
        password=_password(given.get("password")),
        ocr=_ocr(given.get("ocr")),
        languages=_languages(given.get("languages")),
        encoding=_encoding(given.get("encoding")),
        mojibake=_flag(given.get("mojibake")),
    )


def options_state(options: ReadOptions) -> str:
    """The options as text for result keys: empty for the usual ones; of a password only its hash is in it."""
    if options == AS_USUAL:
        return ""
    secret = hashlib.sha256(options.password.encode()).hexdigest() if options.password is not None else None
    state = {
        "pages": options.pages, "password": secret, "ocr": options.ocr, "languages": options.languages,
        "encoding": options.encoding, "mojibake": options.mojibake,
    }  # fmt: skip
    return json.dumps(state, sort_keys=True)


def _pages(value: Any) -> tuple[tuple[int, int | None], ...] | None:  # noqa: ANN401 - any JSON value
    if value is None:
        return None
    parts = value if isinstance(value, list) else str(value).split(",")
    found = []
    for part in parts:
        match = _RANGE.fullmatch(str(part).strip())
        first = int(match[1]) if match else 0
        last = first if match and not match[2] else int(match[3]) if match and match[3] else None
        if first < 1 or (last is not None and last < first):
            raise RequestError(f"pages: '{part}' is not a page or a range of pages", fix="pages := '1-3, 7, 10-'")
        found.append((first, last))
    return tuple(found)


def _password(value: Any) -> str | None:  # noqa: ANN401
    if value is None:
        return None
    if not isinstance(value, str):
        raise RequestError("password: expected a text", fix="password := 'env:NAME'")
    if not value.startswith(_REFERENCE):
        return value
    name = value.removeprefix(_REFERENCE)
    if name not in os.environ:
        raise RequestError(f"password: the environment has no variable '{name}'", fix=f"export {name}=…")
    return os.environ[name]


def _ocr(value: Any) -> OcrMode:  # noqa: ANN401
    modes: tuple[OcrMode, ...] = get_args(OcrMode)
    for mode in modes:
        if value in (mode, None):
            return mode
    raise RequestError(f"ocr: expected one of {', '.join(modes)}, got {json.dumps(value)}")


def _languages(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    codes = [value] if isinstance(value, str) else value or []
    wrong = [c for c in codes if not isinstance(c, str) or not _LANGUAGE.fullmatch(c)]
    if wrong:
        raise RequestError(f"languages: {json.dumps(wrong[0])} is not a language code", fix="languages := ['de', 'en']")
    return tuple(codes)


def _encoding(value: Any) -> str | None:  # noqa: ANN401
    if value is None:
        return None
    try:
        return codecs.lookup(str(value)).name
    except LookupError:
        raise RequestError(f"encoding: '{value}' is not known", fix="a codec's name, such as utf-8 or cp1252") from None


def _flag(value: Any) -> bool:  # noqa: ANN401
    if value in (None, True, False):
        return bool(value)
    raise RequestError(f"mojibake: expected true or false, got {json.dumps(value)}")
