"""The payload codec of the event log: how an event's data stand in its line, said by a tag.

    v1:json            the data as JSON
    v1:aesgcm:<key>    base64 of nonce (12 bytes), then the JSON under AES-256-GCM, then its seal (16 bytes)

Name, run, time, version and position stay readable, and all of them, with the tag, are sealed along: a payload that is
changed, or moved to another line, does not open. What cannot be opened is said, never raised: one bad line does not
hide the rest of a log.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.core.event_keys import KeyRing, is_key_id, variable
from locus_dbt.model.errors import RequestError
from locus_dbt.model.event import Event

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from locus_dbt.core.settings import Settings

PLAIN = "v1:json"
SEALED = "v1:aesgcm:"

_NONCE_BYTES = 12
_SEAL_BYTES = 16
_INSTALL = "pip install 'locus-dbt[events]'"


@dataclass(frozen=True, slots=True)
class Payload:
    """What a line's payload is: ``open`` with its data, ``locked`` (no key for it here) or ``damaged``, with why."""

    state: str
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class PayloadCodec:
    """Writes with one key, or plainly without one; reads whatever the key ring has a key for."""

    def __init__(self, keys: KeyRing | None = None, write: str | None = None) -> None:
        """Raises E103 when the key to write with is nowhere to be found: nothing is written plainly by accident."""
        self._keys = keys or KeyRing()
        self._ciphers: dict[str, AESGCM] = {}
        self._write = write
        if write is not None and self._cipher(write) is None:
            raise RequestError(
                f"the events key '{write}' is not in the environment, the key file or the keyring",
                fix=f"set {variable(write)} (openssl rand -base64 32), or take 'key' out of the setting 'events'",
            )

    def to_line(self, event: Event) -> str:
        """The event as one line of the log."""
        record = event.record() | {"codec": PLAIN}
        if self._write is not None:
            record["codec"] = SEALED + self._write
            record["data"] = self._seal(self._write, record, to_json(event.data))
        return to_json(record)

    def open(self, record: Mapping[str, Any]) -> Payload:
        """The payload of a line that was read; lines from before there were tags hold plain data."""
        tag, data = record.get("codec", PLAIN), record.get("data", {})
        if tag == PLAIN:
            return Payload("open", data) if isinstance(data, Mapping) else Payload("damaged", reason="no data in it")
        key_id = tag.removeprefix(SEALED) if isinstance(tag, str) and tag.startswith(SEALED) else ""
        if not is_key_id(key_id):
            return Payload("locked", reason=f"its codec is not known here: {tag}")
        try:
            cipher = self._cipher(key_id)
        except RequestError as error:
            return Payload("locked", reason=error.what)
        if cipher is None:
            return Payload("locked", reason=f"no key '{key_id}' here ({variable(key_id)})")
        return _opened(cipher, record, data)

    def _seal(self, key_id: str, record: Mapping[str, Any], text: str) -> str:
        cipher = self._cipher(key_id)
        assert cipher is not None, "the constructor has found it"
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + cipher.encrypt(nonce, text.encode(), _bound_to(record))).decode()

    def _cipher(self, key_id: str) -> AESGCM | None:
        if key_id in self._ciphers:
            return self._ciphers[key_id]
        key = self._keys.find(key_id)
        if key is None:
            return None
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an optional package
        except ImportError as error:
            raise RequestError("sealed events need the package 'cryptography'", code="E105", fix=_INSTALL) from error
        return self._ciphers.setdefault(key_id, AESGCM(key))


def codec_of(settings: Settings) -> PayloadCodec:
    """The codec that the settings ask for."""
    return PayloadCodec(_ring(settings), settings.events.get("key"))


def reading_codec(settings: Settings) -> PayloadCodec:
    """A codec to read with: the key to write with may be missing, its lines are locked then."""
    return PayloadCodec(_ring(settings))


def _ring(settings: Settings) -> KeyRing:
    file = settings.events.get("key_file")
    return KeyRing(settings.root / Path(file).expanduser() if file else None)


def to_json(value: object) -> str:
    """One line of JSON; a file name that is not Unicode is written with escapes."""
    given = dict(value) if isinstance(value, Mapping) else value
    text = json.dumps(given, ensure_ascii=False, sort_keys=True, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(given, sort_keys=True, default=str)
    return text


def _bound_to(record: Mapping[str, Any]) -> bytes:
    """What a payload is sealed along with: its line's tag and header, as read."""
    names = ("codec", "name", "run", "at", "version", "position")
    return json.dumps([record.get(name) for name in names]).encode()


def _opened(cipher: AESGCM, record: Mapping[str, Any], data: object) -> Payload:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - there is a cipher, so it is installed

    try:
        sealed = base64.b64decode(str(data), validate=True)
        if base64.b64encode(sealed).decode() != data or len(sealed) < _NONCE_BYTES + _SEAL_BYTES:
            return Payload("damaged", reason="its payload is cut or rewritten")
        text = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(record))
        found = json.loads(text)
    except (InvalidTag, binascii.Error, ValueError):
        return Payload("damaged", reason="its payload does not belong to this line: changed, moved or of another key")
    return Payload("open", found) if isinstance(found, Mapping) else Payload("damaged", reason="no data in it")
