"""What the parts of a workbook (XLSX, ISO/IEC 29500) say, each read piece by piece."""

import re
import zipfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, InvalidOperation
from typing import Any, Final, TypeVar
from xml.parsers import expat

from app.domain.batches.habits import Cell, ErrorCell

Cells = dict[int, Cell]  # the cells of one row that hold something, by their columns from 0

_CHUNK: Final = 64 * 1024
_DIGITS: Final = Context(prec=15)  # what a spreadsheet shows of a number at most
_DAYS: Final = {14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47}  # number formats, 18.8.30
_LAST_SERIAL: Final = 2_958_465  # 31/12/9999


@dataclass(frozen=True)
class Shared:
    """What the cells of all sheets refer to."""

    strings: Sequence[str]
    day_styles: Set[int]
    day_zero: datetime


class Reader:
    """What one part of a workbook says; elements come without their namespaces' prefixes."""

    def begin(self, name: str, given: dict[str, str]) -> None:
        """Take the beginning of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take some text, perhaps not all of it."""


AnyReader = TypeVar("AnyReader", bound=Reader)


def read(archive: zipfile.ZipFile, part: str, reader: AnyReader) -> AnyReader:
    """Let the reader read a part, and return it."""
    for _ in parse(archive, part, reader):
        pass
    return reader


def parse(archive: zipfile.ZipFile, part: str, reader: Reader) -> Iterator[None]:
    """Let the reader read a part, piece by piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, given: reader.begin(_local(name), given)
    parser.EndElementHandler = lambda name: reader.end(_local(name))
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 - the parser takes no names
            yield
    parser.Parse(b"", True)  # noqa: FBT003 - as above
    yield


def _refuse_doctype(*_: Any) -> None:
    raise ValueError("a workbook has no document type, and so no entities that grow")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class Home(Reader):
    """The sheets by name with their relations' ids, and the day from which days are counted."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.day_zero = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            relation = next(id_ for key, id_ in given.items() if _local(key) == "id")
            self.sheets.append((given["name"], relation))
        elif name == "workbookPr" and given.get("date1904") in ("1", "true"):
            self.day_zero = datetime(1904, 1, 1)  # noqa: DTZ001 - as above


class Relations(Reader):
    """Where the other parts are, by the ids and by the kinds of their relations."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "Relationship":
            self.by_id[given["Id"]] = given["Target"]
            self.by_kind[given["Type"].rpartition("/")[2]] = given["Target"]


class Styles(Reader):
    """Which cell formats show a day or a time."""

    def __init__(self) -> None:
        self._formats: list[int] = []
        self._own: dict[int, str] = {}
        self._in_cells = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._formats.append(int(given.get("numFmtId", "0")))
        elif name == "numFmt":
            self._own[int(given["numFmtId"])] = given["formatCode"]

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def days(self) -> set[int]:
        """Return the numbers of those formats."""
        own = {number for number, code in self._own.items() if _shows_a_day(code)}
        built_in = _DAYS - set(self._own)
        return {i for i, number in enumerate(self._formats) if number in own | built_in}


def _shows_a_day(code: str) -> bool:
    shown = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code).split(";")[0]
    return re.search("[ymdhs]", shown, re.IGNORECASE) is not None and "General" not in shown


class Strings(Reader):
    """The shared texts; what only says how they are pronounced (rPh) is no part of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = self._aside = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._aside = True
        self._in_text = name == "t" and not self._aside

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append("".join(self._pieces))
        elif name == "rPh":
            self._aside = False
        self._in_text = False

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)


class SheetRows(Reader):
    """The rows of a sheet, as they come."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._rows: list[tuple[int, Cells]] = []
        self._number = 0
        self._cells: Cells = {}
        self._column = -1
        self._kind = ""
        self._style = 0
        self._pieces: list[str] = []
        self._in_value = self._aside = False

    def taken(self) -> list[tuple[int, Cells]]:
        """Return the rows that are complete, and forget them."""
        rows, self._rows = self._rows, []
        return rows

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "c":
            self._column = _column(given["r"]) if "r" in given else self._column + 1
            self._kind, self._style = given.get("t", "n"), int(given.get("s", "0"))
            self._pieces = []
        elif name == "row":
            self._number = int(given.get("r", self._number + 1))
            self._cells, self._column = {}, -1
        elif name == "rPh":
            self._aside = True
        self._in_value = name in ("v", "t") and not self._aside

    def end(self, name: str) -> None:
        self._in_value = False
        if name == "c":
            text = "".join(self._pieces)
            cell = self._cell(text) if text.strip() else None
            if cell is not None:
                self._cells[self._column] = cell
        elif name == "row":
            if self._cells:
                self._rows.append((self._number, self._cells))
        elif name == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        if self._in_value:
            self._pieces.append(text)

    def _cell(self, text: str) -> Cell | None:
        if self._kind == "s":
            shared = self._shared.strings[int(text)]
            return shared if shared.strip() else None
        if self._kind == "b":
            return text.strip() == "1"
        if self._kind == "e":
            return ErrorCell(text)
        if self._kind == "n":
            return _number(text, self._shared if self._style in self._shared.day_styles else None)
        return text  # str, inlineStr, and d, a day in ISO 8601


def _number(text: str, days_of: Shared | None) -> Cell:
    try:
        number = _DIGITS.create_decimal(text.strip())
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS.prec * 2:
        return text  # its plain text would have any length
    if days_of is None or not 1 <= number <= _LAST_SERIAL:
        return number
    seconds = round((number % 1) * 86_400)
    return days_of.day_zero + timedelta(days=int(number), seconds=seconds)


def _column(reference: str) -> int:
    """Return the place from 0 of the column of a cell such as `AB12`."""
    place = 0
    for letter in reference.rstrip("0123456789"):
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
