"""HTTP with limits: every address is resolved, checked and then dialled by number, redirects are followed by hand.

So a name cannot pass the check and then lead elsewhere, and a server cannot send us to a private network. Proxies of
the environment are not used: a proxy would resolve names out of our sight.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from locus_dbt.core.secrets import mask
from locus_dbt.model.errors import InputError

if TYPE_CHECKING:
    import httpcore

_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
#: Ranges that translate into other networks: the address inside must be public too.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost and whom it may reach."""

    seconds: float
    most_bytes: int
    private: bool


@dataclass(frozen=True, slots=True)
class Response:
    """A final answer: where it came from, its status, headers (names in lower case) and body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def get(url: str, *, limits: Limits, headers: Mapping[str, str] | None = None) -> Response:
    """GET with redirects followed; credentials in ``headers`` go to the first host only.

    Raises:
        InputError: E213 for an address that is not allowed, E212 when there is no answer in time or it is too large.
    """
    end = time.monotonic() + limits.seconds
    sent = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "locus-dbt", **_lower(headers or {})}
    first = _origin(url)
    for _ in range(_MAX_REDIRECTS + 1):
        answer = _one(url, sent if _origin(url) == first else _without_credentials(sent), limits, end)
        target = answer.headers.get("location")
        if answer.status not in _REDIRECTS or not target:
            return answer
        url = urljoin(url, target)
    raise InputError(f"more than {_MAX_REDIRECTS} redirects: {mask(url)}", code="E212", fix="give the final address")


def post(url: str, body: bytes, *, limits: Limits, headers: Mapping[str, str] | None = None) -> Response:
    """POST to one address, which is checked as for ``get``; a redirect is the answer, since a body is not sent on.

    Raises:
        InputError: E213 for an address that is not allowed, E212 when there is no answer in time or it is too large.
    """
    end = time.monotonic() + limits.seconds
    sent = {"accept": "*/*", "user-agent": "locus-dbt", "content-length": str(len(body)), **_lower(headers or {})}
    return _one(url, sent, limits, end, body=body)


def _one(url: str, headers: Mapping[str, str], limits: Limits, end: float, *, body: bytes | None = None) -> Response:
    import httpcore  # noqa: PLC0415 - only for calls that name a web address

    host = _checked_host(url)
    left = max(0.1, end - time.monotonic())
    each = dict.fromkeys(("connect", "read", "write", "pool"), left)
    try:
        with (
            httpcore.ConnectionPool(network_backend=_backend(limits), http2=False, max_connections=1) as pool,
            pool.stream(
                "GET" if body is None else "POST",
                url,
                headers=[*{"host": host, **headers}.items()],
                content=body,
                extensions={"timeout": each},
            ) as answer,
        ):
            found = bytearray()
            for chunk in answer.iter_stream():
                found += chunk
                if len(found) > limits.most_bytes:
                    raise _failed(url, f"more than {limits.most_bytes} bytes", "raise max_file_mb")
                if time.monotonic() > end:
                    raise _failed(url, f"no end after {limits.seconds:g} s", "raise fetch_timeout_seconds")
            return Response(url, answer.status, _lower(_texts(answer.headers)), bytes(found))
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ValueError, OSError) as error:
        raise _failed(url, f"{type(error).__name__} {error}".strip(), "check the address; is the server up?") from error


def _checked_host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"not a web address: {mask(url)}", code="E213", fix="http:// or https://")
    if parts.username or parts.password:
        raise InputError(
            f"the address holds credentials: {mask(url)}",
            code="E213",
            fix="configure a source with headers in locus.yml",
        )
    return parts.netloc


def _backend(limits: Limits) -> httpcore.NetworkBackend:
    import httpcore  # noqa: PLC0415

    class Checked(httpcore.SyncBackend):
        """Dials only addresses that are allowed."""

        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.NetworkStream:
            number = resolved(host, port, private=limits.private)
            return super().connect_tcp(number, port, timeout, local_address, socket_options)

    return Checked()


def resolved(host: str, port: int, *, private: bool) -> str:
    """One address of ``host`` as a number; E213 when any of its addresses is private and that is not allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InputError(f"no address for '{host}': {error}", code="E212", fix="check the name") from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    refused = [n for n in numbers if not is_public(n)]
    if refused and not private:
        raise InputError(
            f"'{host}' leads to {refused[0]}, which is not a public address",
            code="E213",
            fix="allow_private_addresses: true in locus.yml, if that is meant",
        )
    return numbers[0]


def is_public(number: str) -> bool:
    """Whether an IP address is on the public internet, seen through the forms that embed another address."""
    address = ipaddress.ip_address(number.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif address in _6TO4:
            inner = address.sixtofour
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _failed(url: str, why: str, fix: str) -> InputError:
    return InputError(f"cannot fetch {mask(url)}: {why}", code="E212", fix=fix)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    kept = ("accept", "accept-encoding", "user-agent")
    return {name: value for name, value in headers.items() if name in kept}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
