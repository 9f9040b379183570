"""What one submission adds to each figure of a report, under the figure's name: pure code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final, NamedTuple

from app.domain.consolidation.arithmetic import TOTAL, Cell, Rollup
from app.domain.consolidation.exact import NOUGHT, added
from app.domain.consolidation.lines import Lines, Tables
from app.domain.consolidation.report_figures import IndicatorHead

Name = tuple[str, ...]  # of a figure, as `figures.Shown.name` makes it
_OF_COUNTS: Final = ("activities", "occurrences")


class _What(NamedTuple):
    """What an amount is of."""

    item: str
    indicator: str = ""
    origin: str = ""
    source: str = ""


class _Where(NamedTuple):
    """A part of a report, and which place in it."""

    part: str
    dimension: str = ""
    member: str = ""
    unit: str = ""


_Places = Callable[[Cell], list[_Where]]
_Amount = tuple[_Where, str, _What, Decimal]


def shares(
    rollup: Rollup,
    *,
    unit: str,
    indicators: Sequence[Mapping[str, Any]],
    level_of: Callable[[str], str],
) -> dict[Name, Decimal]:
    """Return what a unit's submission adds to the figures of a report that counts it.

    `indicators` are the report's, as its JSON has them; `level_of` tells under which member of
    the breakdown by level an activity's unit stands. What joined activity takes away is no
    submission's, and where two submissions hold one series the later value counts: neither is
    seen here. Activity's units are named as they reported.
    """
    lines = Lines(items=(), indicators=[IndicatorHead.model_validate(row) for row in indicators])
    found: dict[Name, Decimal] = {}
    tables, places = lines.tables(rollup), _places_of(unit, level_of)
    amounts = chain(
        _counts(tables, places), _figures(tables, places, lines), _money(tables, places)
    )
    for where, column, what, amount in amounts:
        name = (where.part, column, *what, where.dimension, where.member, where.unit)
        found[name] = added((found.get(name, NOUGHT), amount))
    return found


def _counts(tables: Tables, places: _Places) -> Iterator[_Amount]:
    for cell, counts in tables.counts.items():
        for where in places(cell):
            for item, count in counts.items():
                for column, number in zip(_OF_COUNTS, count, strict=True):
                    yield where, column, _What(item), Decimal(number)
                    if where.part == "total":
                        yield where, f"credited_{column}", _What(item), Decimal(number)


def _figures(tables: Tables, places: _Places, lines: Lines) -> Iterator[_Amount]:
    for cell, figures in tables.figures.items():
        for figure, scaled in figures.items():
            what, amount = _What(*figure), Decimal(lines.text(figure.indicator, scaled))
            if lines.adds_over_units(figure.indicator):
                for where in places(cell):
                    for column in ("counted", "credited") if where.part == "total" else ("value",):
                        yield where, column, what, amount
            elif cell.dimension == "unit":
                for part in ("total_unit", "hierarchy"):
                    yield _Where(part, unit=cell.member), "value", what, amount
                for column in ("counted", "credited"):  # the line is there, without a value
                    yield _Where("total"), column, what, NOUGHT


def _money(tables: Tables, places: _Places) -> Iterator[_Amount]:
    for cell, money in tables.money.items():
        for where in places(cell):
            if where.part != "breakdown":
                for (item, source), spent in money.items():
                    yield where, "value", _What(item, source=source), Decimal(spent)


def _places_of(unit: str, level_of: Callable[[str], str]) -> _Places:
    def places(cell: Cell) -> list[_Where]:
        if cell.dimension == TOTAL:
            return [_Where("total"), _Where("total_unit", unit=unit), _Where("unit", unit=unit)]
        if cell.dimension == "unit":
            level = level_of(cell.member)
            return [_Where("hierarchy", unit=cell.member), _Where("breakdown", "level", level)]
        return [_Where("breakdown", cell.dimension, cell.member)]

    return places
