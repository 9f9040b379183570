"""Which reader reads a bulk file of which media type."""

from collections.abc import Iterator
from typing import IO, Final

from app.domain.batches.columns import SheetContext
from app.domain.batches.csv_rows import read_csv
from app.domain.batches.json_rows import read_json, read_json_lines
from app.domain.batches.rows import RawRow
from app.domain.batches.xlsx_rows import read_xlsx

JSON: Final = "application/json"
JSON_LINES: Final = ("application/jsonl", "application/x-ndjson")
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final = (JSON, *JSON_LINES, CSV, XLSX)


def read_rows(file: IO[bytes], media_type: str, *, context: SheetContext) -> Iterator[RawRow]:
    """Read the records of a file of one of the MEDIA_TYPES, one by one and in their order.

    What is wrong with one record is a fault of its row. What is wrong with the whole file is
    raised before the first row: Invalid, MalformedJson, ArrayTooLarge.
    """
    if media_type == JSON:
        return read_json(file)
    if media_type in JSON_LINES:
        return read_json_lines(file)
    if media_type == CSV:
        return read_csv(file, context=context)
    return read_xlsx(file, context=context)
