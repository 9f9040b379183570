"""Sending one message to a webhook: the only place where the worker asks others over HTTP.

The name is resolved here, its addresses are held against what the operator permits, and the
connection is made to the very address that was found good: a name that stands for another one a
moment later changes nothing. TLS is verified against the name all the same. Redirects, proxies
and cookies are not known here, and of the answer nothing but its status is used.
"""

import email.utils
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from app.domain.errors import Invalid
from app.domain.webhooks.delivery import SIGNING_KEY_CHANGED, Outcome, Sending
from app.domain.webhooks.destinations import Destinations
from app.domain.webhooks.signing import signed_headers

USER_AGENT: Final = "baocao-webhooks/1"
READ_AT_MOST: Final = 4096  # bytes of an answer's body, so that its sender sees it taken
_SECONDS: Final = re.compile(rb"[0-9]{1,9}")
_log = logging.getLogger(__name__)

Resolver = Callable[[str, int], Iterable[str]]


class AddressRefused(OSError):
    """The name stands for no address to which the operator permits to send."""


class TlsFailed(OSError):
    """The receiver does not prove that it is who the address names."""


class NameUnresolved(OSError):
    """The name stands for nothing."""


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses that a name stands for now, in the order of the machine's preference.

    Raises OSError.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Deadline:
    """The end of an attempt as a whole: a receiver that sends a byte now and then gains nothing."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, error: type[httpcore.TimeoutException]) -> float:
        left = self._at - time.monotonic()
        if left <= 0:
            raise error()
        return left


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing waits beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left(httpcore.ConnectTimeout)
            secured = self._stream.start_tls(ssl_context, server_hostname, left)
        except httpcore.ConnectError as error:
            raise (TlsFailed if isinstance(error.__cause__, ssl.SSLError) else error) from error
        except httpcore.TimeoutException:
            self.close()  # nobody else does, where there was no time left to begin
            raise
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that are permitted, of those that the name stands for."""

    def __init__(self, resolve: Resolver, destinations: Destinations, deadline: _Deadline) -> None:
        self._resolve, self._destinations, self._deadline = resolve, destinations, deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = AddressRefused()
        for address in self._permitted(host, port):
            try:
                left = self._deadline.left(httpcore.ConnectTimeout)
                return _Stream(self._network.connect_tcp(address, port, left), self._deadline)
            except httpcore.ConnectError as error:
                failed = error
        raise failed

    def _permitted(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except OSError as error:
            raise NameUnresolved() from error
        return [one for one in found if self._destinations.permits(ip_address(one))]


@dataclass(frozen=True)
class Postman:
    """Sends messages; `trusted` are the certificates of authorities that TLS is held against."""

    destinations: Destinations
    timeout: float
    trusted: ssl.SSLContext
    resolve: Resolver = resolved

    def post(self, sending: Sending) -> Outcome:
        """Send a message and return what came of it. Raises nothing that a receiver can cause."""
        began = time.monotonic()
        status: int | None = None
        fault, retry_after = None, None
        try:
            if not sending.secrets:
                fault = SIGNING_KEY_CHANGED
            else:
                self.destinations.checked(sending.url, pointer="")
                status, retry_after = self._post(sending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the attempt has its outcome
            fault = _fault(error)
        duration = round((time.monotonic() - began) * 1000)
        return Outcome(duration_ms=duration, status=status, fault=fault, retry_after=retry_after)

    def _post(self, sending: Sending) -> tuple[int, timedelta | None]:
        deadline = _Deadline(self.timeout)
        backend = _Pinned(self.resolve, self.destinations, deadline)
        with (
            httpcore.ConnectionPool(
                ssl_context=self.trusted, network_backend=backend, retries=0
            ) as pool,
            pool.stream(
                "POST",
                _url(sending.url),
                headers=_headers(sending),
                content=sending.body,
                extensions={"timeout": dict.fromkeys(("pool", "connect"), self.timeout)},
            ) as response,
        ):
            _read_a_little(response)
            return response.status, _retry_after(dict(response.headers))


def _url(url: str) -> httpcore.URL:
    # From the same parts that were checked, so that no other reading of the text can differ.
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore.URL(
        scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=target
    )


def _headers(sending: Sending) -> list[tuple[str, str]]:
    parts = urlsplit(sending.url)
    # The real time, also where the service lives in another: receivers refuse an old one.
    signed = signed_headers(
        name=sending.name,
        body=sending.body,
        secrets=sending.secrets,
        seconds=int(time.time()),
    )
    return [
        ("Host", parts.netloc),
        ("User-Agent", USER_AGENT),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(sending.body))),
        ("Connection", "close"),
        *signed.items(),
    ]


def _read_a_little(response: httpcore.Response) -> None:
    read = 0
    with suppress(httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        for chunk in response.iter_stream():
            read += len(chunk)
            if read >= READ_AT_MOST:
                return


def _retry_after(headers: dict[bytes, bytes]) -> timedelta | None:
    """Return how long a receiver asks to wait (RFC 9110, 10.2.3)."""
    named = {name.lower(): value.strip() for name, value in headers.items()}
    said = named.get(b"retry-after", b"")
    if _SECONDS.fullmatch(said):
        return timedelta(seconds=int(said))
    try:
        until = email.utils.parsedate_to_datetime(said.decode("ascii"))
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - datetime.now(UTC), timedelta(0))


def _fault(error: Exception) -> str:
    """Return the code of what went wrong; the log says more where it was none of the receiver's."""
    known: tuple[tuple[type[Exception], str], ...] = (
        (Invalid, "url_refused"),
        (AddressRefused, "address_refused"),
        (NameUnresolved, "name_unresolved"),
        (TlsFailed, "tls_failed"),
        (httpcore.TimeoutException, "timeout"),
        (httpcore.ProtocolError, "bad_answer"),
        (httpcore.NetworkError, "connection_failed"),
        (OSError, "connection_failed"),
    )
    for kind, code in known:
        if isinstance(error, kind):
            return code
    _log.error("a webhook was not sent: %s", error, exc_info=error)
    return "bad_answer"
