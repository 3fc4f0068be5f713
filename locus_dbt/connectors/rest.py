"""Paginated JSON APIs: each page is a document, as it came, under a name that tells its number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from locus_dbt.connectors.configured import RestSource, with_references
from locus_dbt.connectors.fetched import Fetched
from locus_dbt.connectors.http import limits_of
from locus_dbt.connectors.network import Response, get
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.model.errors import InputError

_NEXT_LINK = re.compile(r"<([^>]*)>\s*;[^,]*\brel\s*=\s*\"?next\"?", re.IGNORECASE)


def api_documents(source: RestSource, address: str, settings: Settings, fetched: Fetched) -> Sequence[SourceFile]:
    """All pages; only the records of each when the source says where they are.

    Raises:
        InputError: E212 for an answer that is no success or no JSON, E206 for more pages than the source allows.
    """
    return [
        fetched.keep(f"{address}#page={number}", _records(answer, source, address))
        for number, answer in enumerate(_pages(source, address, settings), 1)
    ]


def _pages(source: RestSource, address: str, settings: Settings) -> Iterator[Response]:
    limits = limits_of(settings)
    headers = {name: with_references(value) for name, value in source.headers.items()}
    base = _with_query(with_references(source.url), {k: with_references(v) for k, v in source.query.items()})
    url: str | None = _first(base, source)
    seen: set[str] = set()
    for number in range(source.max_pages + 1):
        if url is None or url in seen:  # an API that leads back to a page we have is at its end
            return
        if number == source.max_pages:
            raise InputError(f"{address} has more than {source.max_pages} pages", code="E206", fix="raise max_pages")
        seen.add(url)
        if urlsplit(url)[:2] != urlsplit(base)[:2]:
            raise InputError(f"{address} leads to another host on page {number + 1}", code="E213", fix="check the API")
        answer = get(url, limits=limits, headers=headers)
        if answer.status // 100 != 2:
            raise InputError(
                f"{address} answers {answer.status} on page {number + 1}",
                code="E212",
                fix="check address and permission",
            )
        body = _json(answer, address)
        counted = source.pagination.kind in ("page", "offset")
        if counted and number and not _at(body, source.records):
            return
        yield answer
        url = _next(base, url, answer, body, source, number)


def _first(base: str, source: RestSource) -> str:
    paging = source.pagination
    added = {paging.size_param: str(paging.size)} if paging.size_param else {}
    if paging.kind == "page":
        added[paging.param] = str(paging.first)
    elif paging.kind == "offset":
        added[paging.param] = "0"
    return _with_query(base, added)


def _next(base: str, url: str, answer: Response, body: Any, source: RestSource, number: int) -> str | None:  # noqa: ANN401
    paging = source.pagination
    if paging.kind == "page":
        return _with_query(url, {paging.param: str(paging.first + number + 1)})
    if paging.kind == "offset":
        size = len(_at(body, source.records) or ())
        return _with_query(url, {paging.param: str(int(dict(parse_qsl(urlsplit(url).query))[paging.param]) + size)})
    if paging.kind == "cursor":
        cursor = _at(body, paging.next)
        return _with_query(base, {paging.param: str(cursor)}) if cursor not in (None, "", False) else None
    if paging.kind == "link":
        link = _NEXT_LINK.search(answer.headers.get("link", ""))
        target = link[1] if link else _at(body, paging.next)
        return urljoin(url, target) if isinstance(target, str) and target else None
    return None


def _with_query(url: str, added: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **added}
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _records(answer: Response, source: RestSource, address: str) -> bytes:
    if not source.records:
        return answer.body
    found = _at(_json(answer, address), source.records)
    if found is None:
        raise InputError(f"{address}: the answer has nothing at '{source.records}'", code="E212", fix="check 'records'")
    return json.dumps(found, ensure_ascii=False).encode()


def _json(answer: Response, address: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{address} does not answer in JSON: {error}", code="E212", fix="is it an API?") from error


def _at(body: Any, pointer: str) -> Any:  # noqa: ANN401
    """The value at a JSON pointer (RFC 6901), ``None`` where there is none."""
    found = body
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found
