"""The trace that a request belongs to (W3C Trace Context): read, never begun.

The service makes no spans. What it was sent goes into its log and back with the answer, so that
a client finds by its own trace id what happened here.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_TRACEPARENT: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-"
    r"(?P<flags>[0-9a-f]{2})(?P<more>-[!-~]*)?",
    re.ASCII,
)
_FORBIDDEN: Final = "ff"
_KNOWN: Final = "00"


class Trace(NamedTuple):
    """A valid `traceparent`, as version 00 writes it, and the trace's id out of it."""

    traceparent: str
    trace_id: str


def trace_of(sent: Sequence[str]) -> Trace | None:
    """Return what `traceparent` headers say; None for anything that is not exactly one valid one.

    Of a version that is not known only the fields of version 00 are read (3.2.4).
    """
    found = _TRACEPARENT.fullmatch(sent[0]) if len(sent) == 1 else None
    if found is None or found["version"] == _FORBIDDEN:
        return None
    if found["version"] == _KNOWN and found["more"] is not None:
        return None
    if not found["trace"].strip("0") or not found["parent"].strip("0"):
        return None
    told = f"{_KNOWN}-{found['trace']}-{found['parent']}-{found['flags']}"
    return Trace(told, found["trace"])
