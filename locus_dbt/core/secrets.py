"""Secrets out of every message: known key formats, values after telling names, passwords in addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HIDDEN = "***"

#: Shorter texts are no secrets: they would be masked inside of words.
_SHORTEST = 6

_KNOWN = re.compile(
    r"""
    sk-[A-Za-z0-9_-]{16,}                 # model providers
    | gh[pousr]_[A-Za-z0-9]{20,}          # code hosts
    | AKIA[0-9A-Z]{16}                    # cloud access keys
    | xox[abprs]-[A-Za-z0-9-]{10,}        # chat tokens
    | eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}  # JSON web tokens
    | -----BEGIN[ A-Z]*PRIVATE[ ]KEY-----[\s\S]*?(?:-----END[ A-Z]*PRIVATE[ ]KEY-----|$)
    """,
    re.VERBOSE,
)
_NAMED = re.compile(
    r"(?i)\b((?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|pwd|authorization)\s*[=:]\s*)(['\"]?)([^\s'\",;&]{4,})"
)
_TELLING = re.compile(r"(?i)(?:^|[_-])(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|pwd|authorization)$")
_IN_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@]+:)([^\s/@]+)(@)")


#: Secrets known by their text, of whatever form.
_hidden: set[str] = set()


def hide(secret: str) -> None:
    """Mask this text from now on, wherever it stands."""
    if len(secret) >= _SHORTEST:
        _hidden.add(secret)


def mask(text: str) -> str:
    """The text with every secret it seems to hold replaced by ``***``."""
    for secret in _hidden:
        text = text.replace(secret, _HIDDEN)
    text = _IN_ADDRESS.sub(rf"\1{_HIDDEN}\3", text)
    text = _NAMED.sub(rf"\1\2{_HIDDEN}", text)
    return _KNOWN.sub(_HIDDEN, text)


def mask_all(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value with every text in it masked; a text under a telling name (``password``) is hidden whole."""
    if isinstance(value, Mapping):
        return {key: _masked(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_all(item) for item in value]
    return mask(value) if isinstance(value, str) else value


def _masked(name: str, value: Any) -> Any:  # noqa: ANN401
    """``env:NAME`` is no secret but says where one is."""
    if isinstance(value, str) and value and _TELLING.search(name) and not value.startswith("env:"):
        return _HIDDEN
    return mask_all(value)
