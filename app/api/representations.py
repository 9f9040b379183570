"""Bytes that never change, as they are answered: strong ETag, 304, gzip, and their hash.

Each content coding is a representation of its own (RFC 9110, 8.8.3.3): its entity tag is the
SHA-256 of the very bytes that are sent, and so is its Repr-Digest, which is of the representation
with its coding (RFC 9530, 3; RFC 9110, 8.1). Two processes whose zlib compress in different ways
thus give different tags, and never one tag to different bytes.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response

from app.api.refusals import NotAcceptable

GZIP: Final = "gzip"
IDENTITY: Final = "identity"
# Whoever keeps a copy asks each time whether the key may still have it; no proxy keeps one, or
# compresses it anew, which would give it another hash.
CACHE_CONTROL: Final = "private, no-cache, no-transform"
PRIVATE: Final = "private, no-cache"  # what any answer says that says nothing else

_GZIP_LEVEL: Final = 6
_GZIP_FORMAT: Final = 31  # zlib's number for a gzip wrapper; no file name and no time in it
_TAG: Final = re.compile(r'(?:W/)?"([!#-~\x80-\xff]*)"')
_CODING: Final = re.compile(
    r"([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
_RawHeaders = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Coded:
    """The bytes in one coding, with the headers of their 200 and of their 304."""

    body: bytes
    tag: str
    found: _RawHeaders
    not_modified: _RawHeaders


class StoredBytes:
    """Bytes that never change, with what is told of them in every answer.

    `told` are headers of the resource, Content-Location among them; `vary` names the request
    headers by which these bytes were chosen before their coding is (`Accept` for a format).
    """

    def __init__(
        self, content: bytes, *, media_type: str, told: Mapping[str, str], vary: str = ""
    ) -> None:
        self.content = content
        self._media_type = media_type
        self._told = told
        self._vary = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"

    @property
    def size(self) -> int:
        """How much memory they may take: the bytes, and no more when they are compressed."""
        return 2 * len(self.content)

    @cached_property
    def plain(self) -> Coded:
        """As they are."""
        return self._coded(self.content)

    @cached_property
    def compressed(self) -> Coded:
        """As gzip; compressed when first asked for."""
        body = zlib.compress(self.content, _GZIP_LEVEL, _GZIP_FORMAT)
        return self._coded(body, {"Content-Encoding": GZIP})

    def _coded(self, body: bytes, coding: Mapping[str, str] | None = None) -> Coded:
        digest = hashlib.sha256(body).digest()
        # RFC 9110, 15.4.5: what a 304 repeats of a 200 guides caches; Repr-Digest is not sent.
        same = {
            "ETag": f'"{digest.hex()}"',
            "Cache-Control": CACHE_CONTROL,
            "Vary": self._vary,
            **self._told,
        }
        only_found = {
            "Content-Type": self._media_type,
            "Content-Length": str(len(body)),
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            **(coding or {}),
        }
        return Coded(body, digest.hex(), _raw({**same, **only_found}), _raw(same))


class _Prepared(Response):
    """An answer whose headers were made once."""

    def __init__(self, body: bytes, headers: _RawHeaders, status: int) -> None:
        super().__init__(body, status)
        self.raw_headers = [*headers]  # what is told of this request is added to it


def answer(request: Request, stored: StoredBytes) -> Response:
    """Return stored bytes in the coding that the request prefers, or 304 where it has them.

    Raises NotAcceptable.
    """
    headers = request.headers
    coding = preferred_coding(headers.getlist("accept-encoding"))
    coded = stored.compressed if coding == GZIP else stored.plain
    if has_tag(headers.getlist("if-none-match"), coded.tag):
        return _Prepared(b"", coded.not_modified, HTTPStatus.NOT_MODIFIED)
    return _Prepared(coded.body, coded.found, HTTPStatus.OK)


def preferred_coding(sent: Sequence[str]) -> str:
    """Return the coding for a request's Accept-Encoding headers (RFC 9110, 12.5.3).

    Without one, or with an empty one, nothing is compressed. Where gzip and identity are equally
    welcome it is gzip; identity, where it is not listed, comes after everything that is. What is
    not well formed says nothing. Raises NotAcceptable where both are excluded.
    """
    if not sent:
        return IDENTITY
    weights: dict[str, float] = {}
    for member in ",".join(sent).lower().split(","):
        found = _CODING.fullmatch(member.strip(" \t"))
        if found:
            weights[found[1]] = float(found[2] or 1)
    anything = weights.get("*")
    identity = weights.get(IDENTITY, anything)
    gzip = weights.get(GZIP, weights.get("x-gzip", anything)) or 0.0
    if gzip and gzip >= (identity or 0.0):
        return GZIP
    if identity == 0.0:
        raise NotAcceptable(header="Accept-Encoding", offered=f"{GZIP}, {IDENTITY}")
    return IDENTITY


def has_tag(sent: Sequence[str], tag: str) -> bool:
    """Tell whether If-None-Match headers name a tag: compared weakly (RFC 9110, 13.1.2)."""
    if not sent:
        return False
    listed = ",".join(sent)
    return listed.strip(" \t") == "*" or tag in _TAG.findall(listed)


def _raw(headers: Mapping[str, str]) -> _RawHeaders:
    return tuple(
        (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()
    )
