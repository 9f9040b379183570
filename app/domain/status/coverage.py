"""Which roster row covers what a unit did on which days: pure, for all rows of a cycle at once.

It is the rule by which one report is frozen (`app.domain.submissions.freeze.covered_activity`),
worked out for the whole cycle, so that all of its activity is counted in one statement.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from app.domain.cycles.queries import Duty

FIRST_DAY: Final = date.min
LAST_DAY: Final = date.max


@dataclass(frozen=True)
class Below:
    """A unit under another, [day_from, day_to)."""

    unit: str
    day_from: date
    day_to: date


@dataclass(frozen=True)
class Stretch:
    """Days, [day_from, day_to), on which a row covers what a unit does.

    `until` is the day after the last that the row covers: a summary counts once it ended by then.
    """

    row_id: int
    unit: str
    day_from: date
    day_to: date
    until: date


@dataclass(frozen=True)
class _Place:
    """A unit's place in a row's subtree: how far below the row's unit, and on which days."""

    row: Duty
    depth: int
    day_from: date
    day_to: date


def stretches(rows: Sequence[Duty], children: Mapping[str, Sequence[Below]]) -> list[Stretch]:
    """Return which row covers which unit on which days.

    A row covers its unit and the units under that on the day, within `covers`; where a unit
    below has a row of its own, that one covers what is its. One that is `not_required` leaves
    its activity with the row above as well.
    """
    places: dict[str, list[_Place]] = {}
    for row in rows:
        whole = Below(row.unit.unit_key, FIRST_DAY, LAST_DAY)
        for unit, place in _descend(row, whole, children, depth=0):
            places.setdefault(unit, []).append(place)
    return [one for unit, found in places.items() for one in _of_unit(unit, found)]


def _descend(
    row: Duty, here: Below, children: Mapping[str, Sequence[Below]], *, depth: int
) -> Iterator[tuple[str, _Place]]:
    yield here.unit, _Place(row, depth, here.day_from, here.day_to)
    for child in children.get(here.unit, ()):
        start, end = max(here.day_from, child.day_from), min(here.day_to, child.day_to)
        if start < end:
            below = Below(child.unit, start, end)
            yield from _descend(row, below, children, depth=depth + 1)


def _of_unit(unit: str, places: Sequence[_Place]) -> Iterator[Stretch]:
    nearest_first = sorted(places, key=lambda place: place.depth)
    days = {day for place in places for day in (place.day_from, place.day_to)}
    days |= {day for place in places for day in place.row.covers.bounds}
    for start, end in pairwise(sorted(days)):
        above = [p.row for p in nearest_first if p.day_from <= start < p.day_to]
        for row in _covering(above, start):
            yield Stretch(row.row_id, unit, start, end, row.covers.bounds[1])


def _covering(nearest_first: Sequence[Duty], day: date) -> Iterator[Duty]:
    """Yield the rows that cover a day of a unit that stands in all of their subtrees."""
    for row in nearest_first:
        if day in row.covers:
            yield row
            if row.basis != "not_required":
                return
