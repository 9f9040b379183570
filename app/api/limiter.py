"""How many requests a key may make: a window per key, held in this process's memory."""

import time
from uuid import UUID

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.api.refusals import RateLimited


class Limiter:
    """Counts requests per key. `rate` is written as in `3000/minute`."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def count(self, key_id: UUID) -> None:
        """Count one request of a key. Raises RateLimited when its window is used up."""
        if not self._windows.hit(self._rate, str(key_id)):
            reset = self._windows.get_window_stats(self._rate, str(key_id)).reset_time
            raise RateLimited(seconds=max(1, round(reset - time.time())))
