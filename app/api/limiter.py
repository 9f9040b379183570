"""How many requests a key may make: a window per key, held in this process's memory.

The library reads the rate. Its own storage in memory starts a timer's thread for every few
requests, which cost half of what SQLite can take.
"""

import threading
import time
from uuid import UUID

from limits import parse

from app.api.refusals import RateLimited


class Limiter:
    """Counts requests per key. `rate` is written as in `3000/minute`."""

    def __init__(self, rate: str) -> None:
        limit = parse(rate)
        self._most, self._length = limit.amount, limit.get_expiry()
        self._windows: dict[UUID, tuple[float, int]] = {}  # since when, and how many
        self._lock = threading.Lock()

    def count(self, key_id: UUID) -> None:
        """Count one request of a key. Raises RateLimited when its window is used up."""
        now = time.monotonic()
        with self._lock:
            since, counted = self._windows.get(key_id, (now, 0))
            if now - since >= self._length:
                since, counted = now, 0
            self._windows[key_id] = since, counted + 1
        if counted >= self._most:
            raise RateLimited(seconds=max(1, round(since + self._length - now)))
