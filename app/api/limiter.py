"""How many requests a key may make: a window per key, held in this process's memory.

The library reads the rate. Its own storage in memory starts a timer's thread for every few
requests, which cost half of what SQLite can take.
"""

import threading
import time
from math import ceil
from typing import Final, NamedTuple
from uuid import UUID

from limits import parse

from app.api.refusals import RateLimited

NAME: Final = "default"  # of the one policy there is

RawHeaders = tuple[tuple[bytes, bytes], ...]


class Quota(NamedTuple):
    """What a key has left of its window, this request counted; `seconds` until a new one begins."""

    left: int
    seconds: int
    exceeded: bool
    policy: bytes

    def check(self) -> None:
        """Raise RateLimited where the window was used up before this request."""
        if self.exceeded:
            raise RateLimited(seconds=self.seconds)

    @property
    def headers(self) -> RawHeaders:
        """Both fields of draft-ietf-httpapi-ratelimit-headers-11, 3 and 4, as they are sent."""
        told = b'"%b";r=%d;t=%d' % (NAME.encode(), self.left, self.seconds)
        return ((b"ratelimit", told), (b"ratelimit-policy", self.policy))


class Limiter:
    """Counts requests per key. `rate` is written as in `3000/minute`."""

    def __init__(self, rate: str) -> None:
        limit = parse(rate)
        self._most, self._length = limit.amount, limit.get_expiry()
        self._policy = f'"{NAME}";q={self._most};w={self._length}'.encode()
        self._windows: dict[UUID, tuple[float, int]] = {}  # since when, and how many
        self._lock = threading.Lock()

    def count(self, key_id: UUID) -> Quota:
        """Count one request of a key, and return what is left to it."""
        now = time.monotonic()
        with self._lock:
            since, counted = self._windows.get(key_id, (now, 0))
            if now - since >= self._length:
                since, counted = now, 0
            self._windows[key_id] = since, counted + 1
        left = self._most - counted - 1
        # Rounded up: who comes back after so many seconds is not refused again.
        seconds = max(1, ceil(since + self._length - now))
        return Quota(max(left, 0), seconds, left < 0, self._policy)
