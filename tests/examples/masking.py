"""What differs each time the app runs, made the same: ids, hashes, cursors, instants' fractions.

Each id and each hash has a number, in the order in which they are met, so that two places of an
example that name the same thing go on naming the same.
"""

import re
from hashlib import sha256
from typing import Any, Final

CURSOR: Final = "Y29uLXRyby10cmFuZy12aS1kdQ"
SECRET: Final = f"whsec_{'MDEy' * 10}MDE="  # no one's
LONGEST_LIST: Final = 2  # elements of a list that an example shows
_CURSORS: Final = ("next", "cursor", "since")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH: Final = re.compile(r"\b[0-9a-f]{64}\b")
_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
_FRACTION: Final = re.compile(r"(\d\d:\d\d:\d\d)\.\d{6}Z")


class Mask:
    """Gives every id and every hash of one run its number."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._hashes: dict[str, str] = {}

    def masked(self, value: Any, name: str = "", *, longest: int | None = None) -> Any:
        """Return a JSON value masked, and lists cut short to so many elements."""
        if isinstance(value, dict):
            return {key: self.masked(one, key, longest=longest) for key, one in value.items()}
        if isinstance(value, list):
            return [self.masked(one, longest=longest) for one in value[:longest]]
        if not isinstance(value, str):
            return value
        if name in _CURSORS and not _FRACTION.search(value):
            return CURSOR
        if name == "database":
            return "postgresql"  # what serves in earnest; the tests run on both
        return self.text(value)

    def text(self, value: str) -> str:
        """Return a text masked."""
        value = _UUID.sub(lambda found: self._id(found[0]), value)
        value = _HASH.sub(lambda found: self._hash(found[0]), value)
        value = _SECRET.sub(SECRET, value)
        return _FRACTION.sub(r"\1.000000Z", value)

    def _id(self, found: str) -> str:
        number = len(self._ids) + 1
        return self._ids.setdefault(found, f"019d0000-0000-7000-8000-{number:012d}")

    def _hash(self, found: str) -> str:
        number = len(self._hashes) + 1
        return self._hashes.setdefault(found, sha256(b"%d" % number).hexdigest())
