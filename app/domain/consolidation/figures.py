"""Every figure of a consolidated report, each under its JSON Pointer: pure code.

This is the one list of what a figure is. Explaining, comparing, checking and the tables (CSV,
XLSX) all walk it. It reads the report's JSON as it is stored, not the classes that made it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Row = Mapping[str, Any]
# What of its line a figure is. `counted` and `value` are the amount itself.
Column = Literal[
    "activities",
    "occurrences",
    "credited_activities",
    "credited_occurrences",
    "counted",
    "credited",
    "value",
]
Part = Literal[
    "total",  # of the province
    "total_unit",  # a unit's part of a total
    "unit",  # a submission
    "expectation",  # of a submission: what it expects for the whole year
    "breakdown",  # a member of a dimension
    "hierarchy",  # a unit of the hierarchy
    "unmapped",  # a unit that has no place in it
    "left_out",  # what joined activity does not count
    "coverage",
]
_DIMENSIONS = ("level", "channel", "format", "language", "month", "theme", "integrated")


@dataclass(frozen=True)
class Shown:
    """One figure: where it stands, what it is of, and its value as it is written.

    An amount's `item`, `indicator` and `origin` say what is measured, `source` of what money it
    is; `dimension` and `member` which part of the activity; `unit` whose it is. A `value` of None
    is an indicator that does not add over units.
    """

    pointer: str
    part: Part
    column: str
    value: str | None
    item: str | None = None
    indicator: str | None = None
    origin: str | None = None
    source: str | None = None
    dimension: str | None = None
    member: str | None = None
    unit: str | None = None

    @property
    def name(self) -> tuple[str, ...]:
        """What it is a figure of: the same in every version that has it, wherever it stands."""
        told = (self.item, self.indicator, self.origin, self.source)
        where = (self.dimension, self.member, self.unit)
        return (self.part, self.column, *("" if one is None else one for one in (*told, *where)))


def figures(report: Row) -> Iterator[Shown]:
    """Yield every figure of a report, in the report's order."""
    yield from _coverage(report["coverage"])
    yield from _totals(report)
    for place, group in enumerate(report["joint"]):
        yield from _left_out(group, f"/joint/{place}")
    for place, section in enumerate(report["by_unit"]):
        base = Shown(f"/by_unit/{place}", "unit", "", "", unit=section["unit"])
        yield from _lines(section, base)
        expected = replace(base, part="expectation")
        yield from _each(section["expectations"], expected, "expectations", "value")
    for dimension in _DIMENSIONS:
        for place, member in enumerate(report[f"by_{dimension}"]["members"]):
            base = Shown(f"/by_{dimension}/members/{place}", "breakdown", "", "")
            named = replace(base, dimension=dimension, member=member["member"])
            yield from _lines(member, named)
    view = report["by_hierarchy"]
    for place, line in enumerate(view["lines"]):
        base = Shown(f"/by_hierarchy/lines/{place}", "hierarchy", "", "", unit=line["unit"])
        yield from _lines(line, base)
    for place, line in enumerate(view["unmapped"]):
        base = Shown(f"/by_hierarchy/unmapped/{place}", "unmapped", "", "", unit=line["unit"])
        yield from _lines(line, base)


def figure_at(report: Row, pointer: str) -> Shown | None:
    """Return the figure that stands at a JSON Pointer (RFC 6901), or None where none does."""
    return next((shown for shown in figures(report) if shown.pointer == pointer), None)


def unit_names(report: Row) -> dict[str, str]:
    """Return the names of the units that the report speaks of, by key."""
    named: list[Row] = [*report["by_hierarchy"]["lines"], *report["by_hierarchy"]["unmapped"]]
    return {row["unit"]: row["name"] for row in (*named, *report["coverage"]["roster"])}


def _coverage(coverage: Row) -> Iterator[Shown]:
    for basis in ("ordered", "others"):
        for column, number in coverage[basis].items():
            yield Shown(
                f"/coverage/{basis}/{column}", "coverage", column, str(number), member=basis
            )


def _totals(report: Row) -> Iterator[Shown]:
    base = Shown("", "total", "", "")
    credited = ("credited_activities", "credited_occurrences")
    yield from _each(report["counts"], base, "counts", "activities", "occurrences", *credited)
    for part, columns in (("totals", ("counted", "credited")), ("expenditure", ("value",))):
        for place, line in enumerate(report[part]):
            yield from _each([line], base, part, *columns, first=place)
            for number, unit in enumerate(line["units"]):
                yield Shown(
                    f"/{part}/{place}/units/{number}/value",
                    "total_unit",
                    "value",
                    unit["value"],
                    line["item"],
                    line.get("indicator"),
                    line.get("origin"),
                    line.get("source"),
                    unit=unit["unit"],
                )


def _left_out(group: Row, pointer: str) -> Iterator[Shown]:
    def whose(row: Row) -> str:
        unit: str = group["reports"][row["report"]]["unit"]
        return unit

    base = Shown(pointer, "left_out", "", "")
    yield from _each(group["counts"], base, "counts", "activities", "occurrences", unit=whose)
    yield from _each(group["figures"], base, "figures", "value", unit=whose)


def _lines(part: Row, base: Shown) -> Iterator[Shown]:
    """Yield the counts, amounts and money of one part of the report."""
    yield from _each(part["counts"], base, "counts", "activities", "occurrences")
    yield from _each(part["figures"], base, "figures", "value")
    yield from _each(part.get("expenditure", []), base, "expenditure", "value")


def _each(
    lines: list[Any],
    base: Shown,
    name: str,
    *columns: str,
    first: int = 0,
    unit: Callable[[Row], str] | None = None,
) -> Iterator[Shown]:
    for place, line in enumerate(lines, first):
        for column in columns:
            value = line[column]
            # In full: `replace` takes several times as long, and a report has many figures.
            yield Shown(
                f"{base.pointer}/{name}/{place}/{column}",
                base.part,
                column,
                None if value is None else str(value),
                line["item"],
                line.get("indicator"),
                line.get("origin"),
                line.get("source"),
                base.dimension,
                base.member,
                base.unit if unit is None else unit(line),
            )
