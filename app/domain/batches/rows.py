"""One record of a bulk file as it was read, before it is validated, whatever the file's kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.errors import DomainError, Fault, Text

MAX_ARRAY: Final = 8 * 1024 * 1024  # bytes of a JSON array, which is held in memory whole
MOST_ROWS: Final = 100_000  # of a JSON array: no row that is right takes less than 84 bytes
MAX_RECORD: Final = 1024 * 1024  # bytes of one record of a file that is read as a stream

NOT_AN_ARRAY = Text(
    "not_an_array",
    "Tệp JSON phải là một mảng các bản ghi.",
    "A JSON file must be one array of records.",
)
RECORD_TOO_LONG = Text(
    "record_too_long",
    "Bản ghi này dài quá {limit} byte nên không được đọc.",
    "This record is longer than {limit} bytes and was not read.",
)


class ArrayTooLarge(DomainError):
    """A JSON array is read whole, so it has a limit that the other kinds of files do not have."""

    text = Text(
        "array_too_large",
        "Mảng JSON vượt quá {limit} byte; hãy gửi dạng JSON Lines (application/jsonl).",
        "The JSON array is larger than {limit} bytes: send JSON Lines (application/jsonl).",
    )


@dataclass(frozen=True)
class RawRow:
    """One record of a file.

    `number` counts the records of the file from 1: a JSON array's element, a line of JSON Lines
    that is not blank, a row of CSV or XLSX below the headings that is not empty. `line` is where
    a person finds it: the physical line on which it begins, or the sheet's row; in a JSON array
    the number again. `value` is to be validated by `ActivityRow.model_validate`; None where the
    record could not be read, and then `faults` say why. A value may have faults too: of a cell
    that could not be understood, which is then left out of the value. `columns` gives the column
    heading as it is in the file for each JSON Pointer of `value`, and is empty for JSON.
    """

    number: int
    line: int
    value: Any
    faults: tuple[Fault, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
