"""How Schemathesis sends the media types that it does not know: files, as bytes."""

from typing import Any

import schemathesis

FILES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/jsonl",
    "application/x-ndjson",
    "text/csv",
)


@schemathesis.serializer(*FILES)
def as_bytes(_context: Any, value: Any) -> bytes:
    """Return the file's bytes as they were made up."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
