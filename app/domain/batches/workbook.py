"""Reading a workbook (XLSX, ISO/IEC 29500) as a stream, and nothing but the values of its cells.

The readers that there are hold a sheet whole, as a rectangle: two cells in its far corners make
one of them ask for 512 GiB and end the process. And they read `#N/A` as an empty cell.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final
from xml.parsers.expat import ExpatError

from app.domain.batches.workbook_parts import (
    Cells,
    Home,
    Relations,
    Shared,
    SheetRows,
    Strings,
    Styles,
    parse,
    read,
)
from app.domain.errors import Fault, Invalid, Text

NOT_A_WORKBOOK = Text(
    "not_a_workbook",
    "Tệp không phải bảng tính XLSX, hoặc đã hỏng.",
    "The file is no XLSX workbook, or it is damaged.",
)
LOCKED_WORKBOOK = Text(
    "locked_workbook",
    "Bảng tính được đặt mật khẩu hoặc ở định dạng XLS cũ; hãy bỏ mật khẩu và lưu dạng XLSX.",
    "The workbook has a password, or is of the old kind XLS: save it as XLSX without one.",
)
WORKBOOK_TOO_LARGE = Text(
    "workbook_too_large",
    "Bảng tính vượt quá {limit} byte sau khi giải nén; hãy gửi dạng CSV.",
    "The workbook is larger than {limit} bytes when it is unpacked: send CSV.",
)

MAX_PACKED: Final = 32 * 1024 * 1024  # bytes
MAX_UNPACKED: Final = 200 * 1024 * 1024  # bytes of all parts together
_OLD: Final = b"\xd0\xcf\x11\xe0"  # how XLS files and encrypted workbooks begin
_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,
    RuntimeError,  # a part has a password
)


@dataclass(frozen=True)
class Sheet:
    """One sheet of an open workbook."""

    name: str
    _archive: zipfile.ZipFile
    _part: str
    _shared: Shared

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows that hold something, each with its number from 1.

        Raises Invalid where the sheet's text is damaged.
        """
        reader = SheetRows(self._shared)
        with _readable():
            for _ in parse(self._archive, self._part, reader):
                yield from reader.taken()


def sheet_named(sheets: Sequence[Sheet], name: str) -> Sheet | None:
    """Return the sheet of that name, if there is one."""
    return next((sheet for sheet in sheets if sheet.name.strip() == name), None)


def open_workbook(file: IO[bytes]) -> list[Sheet]:
    """Return the sheets of a workbook, of which there is at least one.

    Raises Invalid for what is no workbook, is locked, or unpacks to too much.
    """
    file.seek(0)
    if file.read(len(_OLD)) == _OLD:
        raise Invalid(Fault("", LOCKED_WORKBOOK))
    file.seek(0, 2)
    if file.tell() > MAX_PACKED:
        raise Invalid(Fault("", WORKBOOK_TOO_LARGE, {"limit": MAX_PACKED}))
    with _readable():
        archive = zipfile.ZipFile(file)
        # No part yields more than the directory says of it: the reader stops there.
        if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
            raise Invalid(Fault("", WORKBOOK_TOO_LARGE, {"limit": MAX_UNPACKED}))
        # Before the first row, so that damage is not met in the midst of them.
        sheets = _sheets(archive) if archive.testzip() is None else []
    if not sheets:
        raise Invalid(Fault("", NOT_A_WORKBOOK))
    return sheets


def _sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    home = read(archive, "xl/workbook.xml", Home())
    relations = read(archive, "xl/_rels/workbook.xml.rels", Relations())
    styles, strings = Styles(), Strings()
    for kind, reader in (("styles", styles), ("sharedStrings", strings)):
        if kind in relations.by_kind:
            read(archive, _part(relations.by_kind[kind]), reader)
    shared = Shared(strings.texts, styles.days(), home.day_zero)
    return [
        Sheet(name, archive, _part(relations.by_id[relation]), shared)
        for name, relation in home.sheets
    ]


def _part(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).removeprefix("/")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise Invalid(Fault("", NOT_A_WORKBOOK)) from error
