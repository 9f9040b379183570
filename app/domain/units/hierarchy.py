"""The units of one day as units of another day: pure code, data in, data out, nothing guessed.

What a unit did stays the unit's own; this says on whose line it stands in the tree of a day.
Only bodies are followed: a unit in being on both days is one body, whatever it took in or gave
away meanwhile, and a transfer, after which the old unit goes on, moves no line.

To a later day it follows whole successions, in the order of their days, and parts only where all
of them have met again in one unit. To an earlier day it goes back only where one predecessor, as
a whole, is all that ever came in. Everything else is unplaced: with a reason, and with the
nearest unit of that day that is known to hold it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from app.domain.period import Period

Reason = Literal[
    "no_successor",  # it ended, and nothing succeeded it or what succeeded it
    "divided",  # it ended in parts, which are not in one unit on that day
    "began_later",  # it began after that day, and nothing passed to it
    "several_predecessors",  # it came from more than one unit of that day
    "part_of_predecessor",  # it came from one unit of that day alone, but not as its whole
    "moved_within_window",  # of what is known by the year only: its place changed within it
]
_ONE_DAY: Final = timedelta(days=1)


class KnownUnit(NamedTuple):
    """A unit, the days on which it is in being, and its level where it is territorial."""

    key: str
    period: Period
    level: str | None


class Parentage(NamedTuple):
    """Under which unit a unit stood, and when."""

    unit: str
    parent: str
    period: Period


class Succession(NamedTuple):
    """What passed to whom from a day on: the `whole` of the predecessor, or a `part`."""

    predecessor: str
    successor: str
    effective_on: date
    share: str


@dataclass(frozen=True)
class Placed:
    """Where a unit stands on a day: as `unit`; or nowhere, for a `reason`, and `within` which.

    `within` is the nearest unit of that day that is known to hold it; None where none is.
    """

    unit: str | None
    reason: Reason | None = None
    within: str | None = None

    @property
    def holder(self) -> str | None:
        """The unit of that day itself, or the one that holds it."""
        return self.unit if self.unit is not None else self.within


Place = Callable[[str, date], Placed]  # of a unit, and a day on which it did something


def as_reported(unit: str, on: date) -> Placed:  # noqa: ARG001 - it is a Place like the others
    """Leave every unit as it was when it did something."""
    return Placed(unit)


class Hierarchy:
    """The register, built once and asked many times; it remembers what it was asked."""

    def __init__(
        self,
        *,
        units: Iterable[KnownUnit],
        parentages: Iterable[Parentage],
        successions: Iterable[Succession],
    ) -> None:
        self._units = {unit.key: unit for unit in units}
        self._parents: dict[str, list[Parentage]] = defaultdict(list)
        self._out: dict[str, list[Succession]] = defaultdict(list)
        self._in: dict[str, list[Succession]] = defaultdict(list)
        days: set[date | None] = set()
        for unit in self._units.values():
            days |= {unit.period.start, unit.period.end}
        for row in parentages:
            self._parents[row.unit].append(row)
            days |= {row.period.start, row.period.end}
        for passed in sorted(successions, key=lambda one: (one.effective_on, one)):
            self._out[passed.predecessor].append(passed)
            self._in[passed.successor].append(passed)
            days.add(passed.effective_on)
        self.changes: Final = sorted(day for day in days if day is not None)
        self._placed: dict[tuple[str, int, int], Placed] = {}

    def view(self, day: date) -> Place:
        """Return where units stand in the tree of that day."""
        return lambda unit, on: self.place(unit, on=on, day=day)

    def place(self, unit: str, *, on: date, day: date) -> Placed:
        """Return where that which `unit` did on the day `on` stands in the tree of `day`.

        Raises KeyError for a unit that the register does not hold.
        """
        # Between two days of change nothing differs, so the memory is as small as the register.
        asked = (unit, bisect_right(self.changes, on), bisect_right(self.changes, day))
        if asked not in self._placed:
            self._placed[asked] = self._place(unit, on, day)
        return self._placed[asked]

    def lowest(self, day: date) -> set[str]:
        """Return the territorial units in being on a day under which there is no other."""
        there = {key for key, unit in self._units.items() if unit.level and day in unit.period}
        return there - {self.parent(key, on=day) for key in there}

    def parent(self, unit: str, *, on: date) -> str | None:
        """Return the unit above a unit on a day, or None."""
        return next((row.parent for row in self._parents[unit] if on in row.period), None)

    def line(self, unit: str | None, *, on: date) -> list[str]:
        """Return a unit and all that stand above it on a day, nearest first."""
        line = []
        while unit is not None:
            line.append(unit)
            unit = self.parent(unit, on=on)
        return line

    def steps(self, unit: str, window: Period) -> list[date]:
        """Return the first days of the stretches of a window in which the register is one.

        Only of the days on which the unit is in being: what it did, it did on one of them.
        """
        first, end = window.bounds
        days = [first, *(day for day in self.changes if first < day < end)]
        return [day for day in days if day in self._units[unit].period]

    def _place(self, unit: str, on: date, day: date) -> Placed:
        period = self._units[unit].period
        if day in period:
            return Placed(unit)
        if period.end is not None and day >= period.end:
            return self._later(unit, period.end, day)
        return self._earlier(unit, on, day)

    def _later(self, unit: str, end: date, day: date) -> Placed:
        """Follow a unit that ended, at `end`, to what it passed to."""
        passed = [row for row in self._out[unit] if row.effective_on == end]
        found = [self.place(row.successor, on=end, day=day) for row in passed]
        if len(passed) == 1 and passed[0].share == "whole":
            return found[0]
        above = self._above(unit, end - _ONE_DAY, day)
        if not passed:
            return Placed(None, "no_successor", above)
        if len(passed) == 1:  # nobody knows where the rest is
            return Placed(None, "divided", above)
        ends = {one.unit for one in found}
        if len(ends) == 1 and None not in ends:
            return found[0]
        common = self._common({one.holder for one in found}, day)
        return Placed(None, "divided", common or above)

    def _earlier(self, unit: str, on: date, day: date) -> Placed:
        """Go back from a unit that began after `day` to the one that it was."""
        came = self._came(unit, after=day, until=on)
        if not came:
            return Placed(None, "began_later", self._above(unit, on, day))
        first, begun = came[0].predecessor, came[0].effective_on
        before = begun - _ONE_DAY
        # What came in later than its beginning came to a unit that was something already.
        if len(came) == 1 and came[0].share == "whole" and begun == self._start(unit):
            if day not in self._units[first].period:
                return self._earlier(first, before, day)
            if not self._came(first, after=day, until=before):
                return Placed(first)
        origins = self._origins(unit, on, day)
        within = self._common(set(origins.values()), day) or self._above(unit, on, day)
        if not any(day in self._units[key].period for key in origins):
            return Placed(None, "began_later", within)
        alone = len(origins) == 1
        return Placed(None, "part_of_predecessor" if alone else "several_predecessors", within)

    def _origins(self, unit: str, on: date, day: date) -> dict[str, str | None]:
        """Return all that came into a unit until `on`, with what of `day` holds each of it.

        That are units in being on that day, and later ones that began from nothing.
        """
        found: dict[str, str | None] = {}
        waiting, seen = [(unit, on)], set()
        while waiting:
            key, until = one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            came = self._came(key, after=day, until=until)
            if day in self._units[key].period:
                found[key] = key
            elif all(row.effective_on != self._start(key) for row in came):
                found[key] = self._above(key, until, day)
            waiting += [(row.predecessor, row.effective_on - _ONE_DAY) for row in came]
        return found

    def _start(self, unit: str) -> date | None:
        return self._units[unit].period.start

    def _came(self, unit: str, *, after: date, until: date) -> list[Succession]:
        """Return what passed to a unit behind a day and up to another."""
        return [row for row in self._in[unit] if after < row.effective_on <= until]

    def _above(self, unit: str, on: date, day: date) -> str | None:
        """Return what of `day` holds the unit's parent of the day `on`."""
        parent = self.parent(unit, on=on)
        return None if parent is None else self.place(parent, on=on, day=day).holder

    def _common(self, units: set[str | None], day: date) -> str | None:
        """Return the nearest unit of a day's tree that is, or stands above, each of these."""
        lines = [self.line(unit, on=day) for unit in units]
        return next((key for key in lines[0] if all(key in line for line in lines)), None)
