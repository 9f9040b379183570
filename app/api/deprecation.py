"""What is going to end, declared in one place: operations by name, with when and what instead.

    DEPRECATED["get_old_thing"] = Deprecation(
        since=datetime(2027, 1, 1, tzinfo=UTC),
        sunset=datetime(2028, 1, 1, tzinfo=UTC),
        told_at="/docs/…",
        successor="/v2/things",
    )

The document marks such an operation as `deprecated`, with both instants, and every answer of it,
refusals included, tells so in its headers. A whole version ends as all of its operations do. How
long it lives at least is the policy of the guide "versions", which tests.compatibility checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final


@dataclass(frozen=True)
class Deprecation:
    """When an operation was, or will be, deprecated, when it ends, and where that is told.

    Raises ValueError for a sunset before the deprecation (RFC 9745, 4).
    """

    since: datetime
    told_at: str
    sunset: datetime | None = None
    successor: str | None = None

    def __post_init__(self) -> None:
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("it ends before it is deprecated")

    @property
    def told_in_document(self) -> dict[str, Any]:
        """What the document says of the operation: that it ends, since when that is said, when."""
        told = {"x-deprecated-since": self.since, "x-sunset": self.sunset}
        days = {name: at.astimezone(UTC).isoformat() for name, at in told.items() if at is not None}
        return {"deprecated": True, **days}

    @property
    def headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Deprecation (RFC 9745), Sunset (RFC 8594), and Links to what is to be read and used."""
        yield b"deprecation", f"@{int(self.since.timestamp())}".encode()
        relations = {"deprecation": self.told_at}
        if self.sunset is not None:
            ends = format_datetime(self.sunset.astimezone(UTC), usegmt=True)
            yield b"sunset", ends.encode()
            relations["sunset"] = self.told_at
        if self.successor is not None:
            relations["successor-version"] = self.successor
        links = (f'<{target}>; rel="{name}"' for name, target in relations.items())
        yield b"link", ", ".join(links).encode()


DEPRECATED: Final[dict[str, Deprecation]] = {}
