"""Lines of activity, and whether their sums are conserved whatever units they are shown by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from hypothesis import strategies as st

from app.domain.activities.regrouping import Counted, Line, regroup
from app.domain.units.hierarchy import Hierarchy, as_reported

ACTIVITIES: Final = Counted("activities")
ITEMS: Final = ("III.1.b", "III.1.c", "V.6.2")
COUNTED: Final = (
    ACTIVITIES,
    Counted("occurrences"),
    Counted("measure", "posts", "original"),
    Counted("measure", "posts", "repost"),
    Counted("expenditure", "state_budget_district"),
)
AMOUNTS: Final = st.dictionaries(st.sampled_from(COUNTED), st.integers(0, 2**70), min_size=1)

Sums = dict[tuple[str, Counted], int]


def added(lines: Iterable[Line]) -> Sums:
    """Add lines up in plain Python."""
    total: Sums = defaultdict(int)
    for line in lines:
        for counted, amount in line.amounts.items():
            total[line.item, counted] += amount
    return dict(total)


def flat(tables: Iterable[Mapping[str, Mapping[Counted, int]]]) -> Sums:
    """Add the tables of several units up."""
    return added(
        Line("", date.min, item, amounts) for table in tables for item, amounts in table.items()
    )


def sums_are_conserved(hierarchy: Hierarchy, lines: list[Line], day: date | None) -> None:
    """Assert that each line is on exactly one line of the view, and nothing else is on any."""
    place = as_reported if day is None else hierarchy.view(day)
    found = regroup(lines, place=place)
    assert regroup(reversed(lines), place=place) == found
    assert flat([found.totals]) == added(lines)
    assert flat([*found.lines.values(), *found.unmapped.values()]) == added(lines)
    for unit, table in found.lines.items():
        assert flat([table]) == added(x for x in lines if place(x.unit, x.on).unit == unit)
    lost = [line for line in lines if place(line.unit, line.on).unit is None]
    assert {head.unit for head in found.unmapped} == {line.unit for line in lost}
    for unit in {line.unit for line in lost}:
        tables = [table for head, table in found.unmapped.items() if head.unit == unit]
        assert flat(tables) == added(line for line in lost if line.unit == unit)
    assert not (lost and day is None)
    assert all(head.reason for head in found.unmapped)
