"""An OLE compound file (the container of binary office documents), read with bounds."""

from __future__ import annotations

import io

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_UNPACKED, over


class OleFile:
    """Streams by name. Raises ``InputError`` E203 for a container that cannot be read."""

    def __init__(self, data: bytes, *, filename: str) -> None:
        import olefile  # noqa: PLC0415 - only for binary office documents

        self._filename = filename
        try:
            self._ole = olefile.OleFileIO(io.BytesIO(data))
            names = self._ole.listdir(streams=True, storages=False)
        except Exception as error:
            raise self._damaged(str(error)) from error
        self._names = {"/".join(parts).lower(): parts for parts in names}

    def has(self, name: str) -> bool:
        """Whether a stream with this path is there (case does not count)."""
        return name.lower() in self._names

    def names(self) -> list[str]:
        """Paths of all streams, parts joined by slashes."""
        return ["/".join(parts) for parts in self._names.values()]

    def top(self) -> set[str]:
        """Names of what stands at the top of the container, in small letters."""
        return {parts[0].lower() for parts in self._names.values()}

    def read(self, name: str) -> bytes:
        """A stream's bytes; E203 when it is missing or damaged."""
        parts = self._names.get(name.lower())
        if parts is None:
            raise self._damaged(f"no stream '{name}'")
        try:
            size = self._ole.get_size(parts)
            content: bytes = self._ole.openstream(parts).read() if size <= MAX_UNPACKED else b""
        except Exception as error:
            raise self._damaged(str(error)) from error
        if size > MAX_UNPACKED:
            raise over(f"a stream of more than {MAX_UNPACKED} bytes", where=self._filename)
        return content

    def properties(self) -> dict[str, str]:
        """Title, author and dates of the summary stream, as far as it can be read."""
        found: dict[str, str] = {}
        try:
            meta = self._ole.get_metadata()
            code_page = meta.codepage if isinstance(meta.codepage, int) and meta.codepage > 0 else 1252
            for name in ("title", "subject", "author", "keywords"):
                value = getattr(meta, name)
                if isinstance(value, bytes):
                    text = _decoded(value, code_page)
                    if text:
                        found[name] = text
            if meta.create_time is not None and meta.create_time.year > 1601:  # the format's zero
                found["created"] = meta.create_time.isoformat()
        except Exception:  # noqa: BLE001 - a damaged summary must not keep the text back
            return found
        return found

    def _damaged(self, why: str) -> InputError:
        return InputError(f"not a readable OLE container ({why}): {self._filename}", code="E203", fix="repair the file")


def _decoded(value: bytes, code_page: int) -> str:
    encoding = {65001: "utf-8", 1200: "utf-16-le", 10000: "mac-roman"}.get(code_page, f"cp{code_page}")
    try:
        text = value.decode(encoding, "replace")
    except LookupError:
        text = value.decode("cp1252", "replace")
    return " ".join(text.replace("\0", "").split())
