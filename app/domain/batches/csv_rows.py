"""Reading CSV (RFC 4180) as a stream, as Vietnamese and English programs write it."""

import csv
from collections.abc import Iterator
from typing import IO, Final

from app.domain.batches.columns import SheetContext
from app.domain.batches.header import header_of, recognised
from app.domain.batches.rows import MAX_RECORD, RECORD_TOO_LONG, RawRow
from app.domain.errors import Fault, Invalid, Text

NOT_UTF8 = Text(
    "not_utf_eight",
    "Tệp hoặc dòng này không phải UTF-8; hãy lưu lại dưới dạng «CSV UTF-8».",
    "This file or line is not UTF-8: save it as «CSV UTF-8».",
)
BROKEN_RECORD = Text(
    "broken_record",
    "Không đọc được dòng {first} đến {last}: dấu ngoặc kép không đúng quy tắc.",
    "Lines {first} to {last} cannot be read: their quotation marks are not as they should be.",
)
NO_HEADINGS = Text(
    "no_headings",
    "Tệp không có dòng tên cột.",
    "The file has no line of headings.",
)
_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = (",", ";", "\t")


def read_csv(file: IO[bytes], *, context: SheetContext) -> Iterator[RawRow]:
    """Read the rows below the line of headings, one by one; a row of empty cells is skipped.

    UTF-8 with or without a byte order mark; the separator is the one of `,` `;` and tab that
    makes the most of the headings. A record that is broken, too long or not UTF-8 is a fault of
    its own row. Raises Invalid before the first row for headings that cannot be read.
    """
    delimiter = max(_DELIMITERS, key=lambda by: recognised(_Records(file, by).headings(), context))
    records = _Records(file, delimiter)
    texts = dict(enumerate(records.headings()))
    headings = {index: text.strip() for index, text in texts.items() if text.strip()}
    header = header_of(headings, context, line=records.line)
    number = 0
    for record in records:
        if isinstance(record, Fault):
            number += 1
            yield RawRow(number, records.line, None, (record,))
            continue
        cells = {index: cell for index, cell in enumerate(record) if cell.strip()}
        if cells:
            number += 1
            value, faults, told = header.read(cells)
            yield RawRow(number, records.line, value, tuple(faults), told)


class _Records(Iterator[list[str] | Fault]):
    """The records of a file from its beginning; `line` is where the last one began."""

    def __init__(self, file: IO[bytes], delimiter: str) -> None:
        self._lines = _Lines(file)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self.line = 0

    def headings(self) -> list[str]:
        """Return the first record that is not empty. Raises Invalid."""
        for record in self:
            if isinstance(record, Fault):
                raise Invalid(record)
            if any(text.strip() for text in record):
                return record
        raise Invalid(Fault("", NO_HEADINGS))

    def __next__(self) -> list[str] | Fault:
        self._lines.begin()
        self.line = self._lines.number + 1
        try:
            # After an error the reader begins anew at the next line.
            record: list[str] | Fault = next(self._reader)
        except _TooLong:
            return Fault("", RECORD_TOO_LONG, {"limit": MAX_RECORD})
        except csv.Error:
            params = {"first": self.line, "last": self._lines.number}
            record = Fault("", BROKEN_RECORD, params)
        return Fault("", NOT_UTF8) if self._lines.broken else record


class _TooLong(Exception):
    """A record is longer than what is held in memory of one."""


class _Lines(Iterator[str]):
    """The lines of a file from its beginning, with a limit on those of one record."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        if file.read(len(_BOM)) != _BOM:
            file.seek(0)
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """Begin a record."""
        self.broken = False
        self._size = 0

    def __next__(self) -> str:
        text = self._file.readline(MAX_RECORD + 1)
        if not text:
            raise StopIteration
        self.number += 1
        self._size += len(text)
        if self._size > MAX_RECORD:
            while text and not text.endswith(b"\n"):
                text = self._file.readline(MAX_RECORD)
            raise _TooLong
        decoded = text.decode("utf-8", "replace")
        # Half of every Latin letter in UTF-16 is a zero.
        self.broken |= "\0" in decoded or ("\ufffd" in decoded and not _is_utf8(text))
        return decoded


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
