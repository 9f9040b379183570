"""Reading bulk files of JSON: one array, or one object on each line."""

from collections.abc import Iterator
from typing import IO, Any

from app.domain.batches.rows import (
    MAX_ARRAY,
    MAX_RECORD,
    NOT_AN_ARRAY,
    RECORD_TOO_LONG,
    ArrayTooLarge,
    RawRow,
)
from app.domain.errors import Fault, Invalid
from app.domain.json_text import MalformedJson, parse_json

_BLANK = b" \t\r\n"


def read_json(file: IO[bytes]) -> Iterator[RawRow]:
    """Read one JSON array of records, whole.

    Raises ArrayTooLarge above 8 MiB, MalformedJson, and Invalid for what is no array, all before
    the first row.
    """
    text = file.read(MAX_ARRAY + 1)
    if len(text) > MAX_ARRAY:
        raise ArrayTooLarge(limit=MAX_ARRAY)
    values = parse_json(text)
    if not isinstance(values, list):
        raise Invalid(Fault("", NOT_AN_ARRAY))
    for number, value in enumerate(values, 1):
        yield RawRow(number, number, value)


def read_json_lines(file: IO[bytes]) -> Iterator[RawRow]:
    """Read one JSON record on each line (application/jsonl), never more than a line at once.

    A line that is broken, or longer than 1 MiB, is a fault of its own row.
    """
    number = 0
    for line, text in enumerate(_lines(file), 1):
        if text is not None and not text.strip(_BLANK):
            continue
        number += 1
        yield _row(number, line, text)


def _lines(file: IO[bytes]) -> Iterator[bytes | None]:
    """Yield each line, or None for one that is too long, of which only a piece is ever held."""
    while text := file.readline(MAX_RECORD + 2):  # what ends it, \r\n, does not count
        if len(text.rstrip(b"\r\n")) <= MAX_RECORD:
            yield text
            continue
        while text and not text.endswith(b"\n"):
            text = file.readline(MAX_RECORD)
        yield None


def _row(number: int, line: int, text: bytes | None) -> RawRow:
    if text is None:
        fault = Fault("", RECORD_TOO_LONG, {"limit": MAX_RECORD})
        return RawRow(number, line, None, (fault,))
    try:
        value: Any = parse_json(text)
    except MalformedJson as refusal:
        fault = Fault("", MalformedJson.text, refusal.params)
        return RawRow(number, line, None, (fault,))
    return RawRow(number, line, value)
