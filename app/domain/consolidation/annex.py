"""The annex (phụ lục) of a consolidated report: units by indicators. Pure code.

Each unit of the roster has a row, whether it reported or not, and the last rows are the report's
own totals, as the JSON has them. What does not add over units is shown for each unit by itself,
communes included, and has no total.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from app.domain.consolidation import table_words as words
from app.domain.consolidation.figures import Row, unit_names
from app.domain.consolidation.table_words import Names
from app.domain.text import sort_key

GROUPS: Final[Mapping[str | None, str]] = {
    None: "Cơ quan, đơn vị cấp tỉnh",
    "province": "Cấp tỉnh",
    "district": "Huyện, thị xã, thành phố",
    "commune": "Xã, phường, thị trấn, đặc khu",
}
WITHIN: Final = "Đơn vị trực thuộc (chỉ tiêu không cộng giữa các đơn vị)"
COUNTED: Final = "Toàn tỉnh: tính (hoạt động chung tính một lần)"
CREDITED: Final = "Toàn tỉnh: ghi nhận cho các đơn vị"


class Heading(NamedTuple):
    """A column: what is measured, and in what."""

    item: str
    indicator: str | None  # None for counts
    origin: str | None
    column: str  # activities, occurrences or value


@dataclass(frozen=True)
class AnnexColumn:
    """A column with the names of its codes."""

    of: Heading
    item: str
    name: str
    measured_in: str


@dataclass(frozen=True)
class AnnexRow:
    """A unit with its values; a column that it says nothing of is absent.

    `nil` and `nil_items` are what it says was not done at all: neither is 0, nor is it missing.
    """

    unit: str
    name: str
    review: str | None  # None for a unit that has no row of its own in the roster
    nil: bool
    nil_items: Set[str]
    values: Mapping[Heading, Decimal]


@dataclass(frozen=True)
class Annex:
    """The matrix: rows by group, and the totals."""

    columns: list[AnnexColumn]
    groups: list[tuple[str, list[AnnexRow]]]
    counted: Mapping[Heading, Decimal]
    credited: Mapping[Heading, Decimal]


def annex(report: Row, names: Names) -> Annex:
    """Return the annex of a report."""
    values = _by_unit(report)
    return Annex(
        columns=_columns(report, names),
        groups=_groups(report, values),
        counted=_total(report, "activities", "occurrences", "counted"),
        credited=_total(report, "credited_activities", "credited_occurrences", "credited"),
    )


def _columns(report: Row, names: Names) -> list[AnnexColumn]:
    indicators = {row["code"]: row for row in report["indicators"]}
    found = []
    for count in report["counts"]:
        item = count["item"]
        title = names.items.get(item, "")
        for column, name in (("activities", "hoạt động"), ("occurrences", "lượt")):
            heading = Heading(item, None, None, column)
            found.append(AnnexColumn(heading, title, words.COLUMNS[column], name))
        for line in report["totals"]:
            if line["item"] != item:
                continue
            row = indicators[line["indicator"]]
            name = row["name_vi"] + (" (đăng lại)" if line["origin"] == "repost" else "")
            found.append(AnnexColumn(_heading(line), title, name, row["unit_vi"]))
    return found


def _heading(line: Row) -> Heading:
    return Heading(line["item"], line["indicator"], line["origin"], "value")


def _by_unit(report: Row) -> dict[str, dict[Heading, Decimal]]:
    found: dict[str, dict[Heading, Decimal]] = {}
    for section in report["by_unit"]:
        values = found.setdefault(section["unit"], {})
        for count in section["counts"]:
            for column in ("activities", "occurrences"):
                values[Heading(count["item"], None, None, column)] = Decimal(count[column])
        for line in section["figures"]:
            values[_heading(line)] = Decimal(line["value"])
    for line in report["totals"]:
        if line["credited"] is None:  # each unit stands for itself
            for part in line["units"]:
                found.setdefault(part["unit"], {})[_heading(line)] = Decimal(part["value"])
    return found


def _groups(
    report: Row, values: Mapping[str, Mapping[Heading, Decimal]]
) -> list[tuple[str, list[AnnexRow]]]:
    groups: dict[str, list[AnnexRow]] = {}
    roster = report["coverage"]["roster"]
    nil_items = {
        one["unit"]: {row["item"] for row in one["nil_items"]} for one in report["by_unit"]
    }
    for line in roster:
        unit = line["unit"]
        row = AnnexRow(
            unit=unit,
            name=line["name"],
            review=line["review"],
            nil=line["content"] == "nil",
            nil_items=nil_items.get(unit, set()),
            values=values.get(unit, {}),
        )
        groups.setdefault(GROUPS[line["level"]], []).append(row)
    listed, units = {line["unit"] for line in roster}, unit_names(report)
    for unit in values.keys() - listed:
        row = AnnexRow(
            unit=unit,
            name=units.get(unit, unit),
            review=None,
            nil=False,
            nil_items=set(),
            values=values[unit],
        )
        groups.setdefault(WITHIN, []).append(row)
    order = [*GROUPS.values(), WITHIN]
    return [
        (group, sorted(groups[group], key=lambda row: (sort_key(row.name), row.unit)))
        for group in order
        if group in groups
    ]


def _total(report: Row, activities: str, occurrences: str, amount: str) -> dict[Heading, Decimal]:
    found: dict[Heading, Decimal] = {}
    for count in report["counts"]:
        for column, name in (("activities", activities), ("occurrences", occurrences)):
            found[Heading(count["item"], None, None, column)] = Decimal(count[name])
    for line in report["totals"]:
        value: Any = line[amount]
        if value is not None:
            found[_heading(line)] = Decimal(value)
    return found
