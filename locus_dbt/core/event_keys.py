"""Keys of the event log: named by an id in the settings, held outside of them.

    locus.yml      events: {key: june, key_file: keys.env}
    environment    LOCUS_EVENTS_KEY_JUNE=<32 bytes in base64>
    key file       the same line, in a file that only its owner may read
    keyring        service locus-dbt-events, user june

The first place that knows the id is taken. A key is 32 bytes; whoever holds it reads what it sealed.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean

#: Service name in the system's keyring.
SERVICE = "locus-dbt-events"

_PREFIX = "LOCUS_EVENTS_KEY_"
_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KNOWN = ("key", "key_file")
_KEY_BYTES = 32
_HOW = "32 random bytes in base64: openssl rand -base64 32"


def variable(key_id: str) -> str:
    """The environment variable, and the name in a key file, of a key."""
    return f"{_PREFIX}{key_id.upper()}"


#: How variables that hold secrets are called.
_SECRET_NAME = re.compile(r"(_KEY(_ID)?|SECRET\w*|TOKEN|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for processes that read documents: they have no use for keys, tokens and passwords of any kind."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_PREFIX) and not _SECRET_NAME.search(name)
    }


def is_key_id(text: str) -> bool:
    """Whether a text can name a key: short, lower case, so that a key itself can hardly be mistaken for one."""
    return _ID.fullmatch(text) is not None


def check_event_settings(given: object, where: str) -> None:
    """Refuse everything but the id of a key and the path of a key file; a refused value is never repeated.

    Raises:
        RequestError: E103, above all for a key that stands in the settings themselves.
    """
    if not isinstance(given, Mapping):
        raise RequestError(f"setting 'events' from {where} is not a mapping", fix="events: {key: ID}")
    for name, value in given.items():
        if name not in _KNOWN:
            raise RequestError(
                f"setting 'events' from {where} has no part of this name{did_you_mean(str(name), _KNOWN)}",
                fix="events: {key: ID, key_file: PATH}; keys themselves never stand in settings",
            )
        if not isinstance(value, str) or not value:
            raise RequestError(f"setting 'events.{name}' from {where} is not a text", fix="events: {key: ID}")
    key = given.get("key")
    if key is not None and not is_key_id(key):
        raise RequestError(
            f"setting 'events.key' from {where} is not the id of a key; a key itself is refused here",
            fix=f"name it by an id (a-z, 0-9, _; at most 32) and put the key into {variable('ID')}",
        )


class KeyRing:
    """Keys by id from environment, key file and keyring, in that order."""

    def __init__(self, key_file: Path | None = None) -> None:
        self._file = key_file
        self._found: dict[str, bytes | None] = {}

    def find(self, key_id: str) -> bytes | None:
        """The key, or ``None`` when no place knows the id.

        Raises:
            RequestError: E103 for a key that is not 32 bytes in base64, or a key file that others may read.
        """
        if key_id not in self._found:
            self._found[key_id] = self._look(key_id)
        return self._found[key_id]

    def _look(self, key_id: str) -> bytes | None:
        name = variable(key_id)
        if os.environ.get(name):
            return _decoded(os.environ[name], f"the environment variable {name}")
        from_file = self._lines().get(name)
        if from_file:
            return _decoded(from_file, f"{name} in the key file")
        from_ring = _from_keyring(key_id)
        return _decoded(from_ring, f"'{key_id}' in the keyring") if from_ring else None

    def _lines(self) -> dict[str, str]:
        if self._file is None or not self._file.is_file():
            return {}
        try:
            open_to_others = os.name == "posix" and self._file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            text = "" if open_to_others else self._file.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise RequestError(f"the key file {self._file.name} cannot be read", fix="check events.key_file") from error
        if open_to_others:
            raise RequestError(f"others may read the key file {self._file.name}", fix=f"chmod 600 {self._file.name}")
        pairs = (line.removeprefix("export ").split("=", 1) for line in text.splitlines() if "=" in line)
        return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def _from_keyring(key_id: str) -> str | None:
    """The system's keyring, where the package is installed and a keyring is there at all."""
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - an optional package
    except ImportError:
        return None
    try:
        found: Any = keyring.get_password(SERVICE, key_id)
    except Exception:  # noqa: BLE001 - a machine without a keyring raises what its backend likes
        return None
    return str(found) if found else None


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise RequestError(f"{where} is not a key", fix=_HOW)
    return key
