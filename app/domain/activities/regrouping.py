"""Showing what units did by the units of another day: pure code, and no sum is ever changed.

A line is what one unit did for one item on a day. Every line goes whole to one unit of the
hierarchy that is asked for, or to an unmapped line of its own unit: so both together are, for
each item and each thing counted, exactly what was reported. That holds only for what adds over
time and over units: the caller leaves out indicators of which it does not (followers, reach).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from app.domain.units.hierarchy import Place, Reason


class Counted(NamedTuple):
    """What is counted: `code` is an indicator's or a funding source's, `origin` a measure's."""

    kind: Literal["activities", "occurrences", "measure", "expenditure"]
    code: str = ""
    origin: str = ""


ByItem = Mapping[str, Mapping[Counted, int]]


@dataclass(frozen=True)
class Line:
    """What a unit did on a day for an item. Amounts are scaled integers, money whole VND."""

    unit: str
    on: date
    item: str
    amounts: Mapping[Counted, int]


class Unmapped(NamedTuple):
    """A unit as reported that has no place in the hierarchy, why, and what there holds it."""

    unit: str
    reason: Reason | None
    within: str | None


@dataclass(frozen=True)
class Regrouped:
    """The lines of the hierarchy's units, those that could not be mapped, and all together."""

    lines: Mapping[str, ByItem]
    unmapped: Mapping[Unmapped, ByItem]
    totals: ByItem


_Table = dict[str, dict[Counted, int]]


def regroup(lines: Iterable[Line], *, place: Place) -> Regrouped:
    """Return lines by the units that `place` puts them on, in whatever order they come.

    Raises KeyError, as `place` does, for a unit that the register does not hold.
    """
    mapped: dict[str, _Table] = {}
    unmapped: dict[Unmapped, _Table] = {}
    totals: _Table = {}
    for line in lines:
        found = place(line.unit, line.on)
        if found.unit is not None:
            _add(mapped.setdefault(found.unit, {}), line)
        else:
            head = Unmapped(line.unit, found.reason, found.within)
            _add(unmapped.setdefault(head, {}), line)
        _add(totals, line)
    return Regrouped(mapped, unmapped, totals)


def _add(table: _Table, line: Line) -> None:
    amounts = table.setdefault(line.item, {})
    for counted, amount in line.amounts.items():
        amounts[counted] = amounts.get(counted, 0) + amount
