"""Made-up registers: mergers, splits, transfers and ends in any order, against plain following.

Forward a second model walks day by day with a set of bodies; backward it dyes each unit of the
day and watches the colours run.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.activities.regrouping import Line
from app.domain.period import Period
from app.domain.units.hierarchy import Hierarchy, KnownUnit, Parentage, Placed, Succession
from tests.domain.activities.conserving import AMOUNTS, ITEMS, sums_are_conserved

FIRST: Final = date(2021, 1, 1)
ONE_DAY: Final = timedelta(days=1)
PROVINCE: Final = "province"
DISTRICTS: Final = ("east", "west")
LOST: Final = "lost"  # what nobody took over
TARGETS: Final = {"merge": 1, "convert": 1, "split": 2, "lose": 1, "transfer": 1, "end": 0}
EVENTS: Final = (*TARGETS, "merge", "split", "found")


@dataclass
class MadeUp:
    """A register while it is being made up; `days` are those on which something happened."""

    start: dict[str, date | None] = field(default_factory=dict)
    end: dict[str, date] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    passed: list[Succession] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def begin(self, parent: str, on: date | None) -> str:
        key = f"u{len(self.start)}"
        self.start[key], self.parent[key] = on, parent
        return key

    def there(self, day: date) -> list[str]:
        return [key for key in self.start if day in self.period(key)]

    def period(self, key: str) -> Period:
        return Period(self.start[key], self.end.get(key))

    def hierarchy(self) -> Hierarchy:
        always = Period()
        return Hierarchy(
            units=[
                *(KnownUnit(key, self.period(key), "commune") for key in self.start),
                *(KnownUnit(key, always, "district") for key in DISTRICTS),
                KnownUnit(PROVINCE, always, "province"),
            ],
            parentages=[
                *(Parentage(key, self.parent[key], self.period(key)) for key in self.start),
                *(Parentage(key, PROVINCE, always) for key in DISTRICTS),
            ],
            successions=reversed(self.passed),
        )


@st.composite
def registers(draw: st.DrawFn) -> MadeUp:
    """Return some units, and what became of them on some days."""
    made, day = MadeUp(), FIRST
    for _ in range(draw(st.integers(2, 5))):
        made.begin(draw(st.sampled_from(DISTRICTS)), None)
    for _ in range(draw(st.integers(1, 7))):
        day += timedelta(days=draw(st.sampled_from([1, 2, 30])))
        made.days.append(day)
        free = made.there(day)
        for _ in range(draw(st.integers(1, 2))):
            _happen(draw, made, free, day)
    return made


def _happen(draw: st.DrawFn, made: MadeUp, free: list[str], day: date) -> None:
    """Let one thing happen on a day; `free` are the units that nothing happened to on it yet."""

    def one() -> str:
        return free.pop(draw(st.integers(0, len(free) - 1)))

    def new() -> str:
        return made.begin(draw(st.sampled_from(DISTRICTS)), day)

    event = draw(st.sampled_from(EVENTS))
    if event == "found" or not free:
        new()
        return
    old = [one()]
    if event == "merge" and free:
        old.append(one())
    into = [
        one() if free and event != "convert" and draw(st.integers(0, 1)) else new()
        for _ in range(TARGETS[event])
    ]
    shares = ["whole" if event in ("merge", "convert") else "part" for _ in into]
    if event == "split" and draw(st.booleans()):  # a register may say a whole and a part
        shares[0] = "whole"
    made.passed += [
        Succession(unit, target, day, share)
        for unit in old
        for target, share in zip(into, shares, strict=True)
    ]
    if event != "transfer":
        made.end |= dict.fromkeys(old, day)


def followed(made: MadeUp, unit: str, day: date) -> set[str]:
    """Return the bodies that a unit has become by a later day, and LOST for what is unknown."""
    bodies = {unit}
    for change in (d for d in made.days if d <= day):
        for body in sorted(bodies - {LOST}):
            if made.end.get(body) != change:
                continue
            rows = [r for r in made.passed if (r.predecessor, r.effective_on) == (body, change)]
            bodies = (bodies - {body}) | {row.successor for row in rows}
            if not rows or [row.share for row in rows] == ["part"]:
                bodies.add(LOST)
    return bodies


def dyed(made: MadeUp, unit: str, on: date, day: date) -> set[tuple[str, str]]:
    """Return the units of a day whose colours are in a later unit, each as whole or part.

    A unit that begins behind that day has a colour of its own where nothing passes to it.
    """
    colours = {key: {(key, "whole")} for key in made.there(day)}
    for change in (d for d in made.days if day < d <= on):
        before = {key: set(colour) for key, colour in colours.items()}
        for row in (row for row in made.passed if row.effective_on == change):
            running = {
                (colour, "part" if row.share == "part" else how)
                for colour, how in before[row.predecessor]
            }
            colours.setdefault(row.successor, set()).update(running)
        for key in made.there(change):
            colours.setdefault(key, {(f"new {key}", "whole")})
    return colours[unit]


def plainly(made: MadeUp, unit: str, on: date, day: date) -> str | None:
    """Return the unit of a day that a unit of the day `on` is, or None."""
    if day in made.period(unit):
        return unit
    if day > on:
        bodies = followed(made, unit, day)
        return bodies.pop() if len(bodies) == 1 and LOST not in bodies else None
    (colour, how), *others = dyed(made, unit, on, day)
    return None if others or how == "part" or colour.startswith("new ") else colour


def why_plainly(made: MadeUp, unit: str, on: date, day: date) -> tuple[set[str], set[str]]:
    """Return what the reason may be, and what may hold it, of a unit that is not mapped."""
    if day > on:
        holders = followed(made, unit, day)
        reasons = {"no_successor", "divided"} if LOST in holders else {"divided"}
    else:
        holders = {colour for colour, _ in dyed(made, unit, on, day)}
        several = "several_predecessors" if len(holders) > 1 else "part_of_predecessor"
        began = all(colour.startswith("new ") for colour in holders)
        reasons = {"began_later" if began else several}
    if not holders <= set(made.there(day)):
        return reasons, {*made.there(day), *DISTRICTS, PROVINCE}
    above = {made.parent[key] for key in holders}
    return reasons, holders if len(holders) == 1 else above if len(above) == 1 else {PROVINCE}


days = st.dates(FIRST - ONE_DAY, FIRST + timedelta(days=220))
making_up = settings(max_examples=120, deadline=None)


@making_up
@given(made=registers())
def test_every_unit_stands_where_plain_following_leads(made: MadeUp) -> None:
    hierarchy = made.hierarchy()
    around = [FIRST, *(day + timedelta(days=n) for day in made.days for n in (-1, 0))]
    for on in around:
        for unit in made.there(on):
            for day in around:
                found = hierarchy.place(unit, on=on, day=day)
                assert found.unit == plainly(made, unit, on, day), (unit, on, day)
                if found.unit is None:
                    reasons, within = why_plainly(made, unit, on, day)
                    assert found.reason in reasons, (unit, on, day)
                    assert found.within in within, (unit, on, day)
                else:
                    assert found == Placed(found.unit)


@making_up
@given(made=registers(), day=st.none() | days, data=st.data())
def test_sums_are_conserved(made: MadeUp, day: date | None, data: st.DataObject) -> None:
    lines = []
    for _ in range(data.draw(st.integers(0, 8))):
        on = data.draw(days)
        there = made.there(on)
        if there:
            unit, item = data.draw(st.sampled_from(there)), data.draw(st.sampled_from(ITEMS))
            lines.append(Line(unit, on, item, data.draw(AMOUNTS)))
    sums_are_conserved(made.hierarchy(), lines, day)


def test_a_part_alone_does_not_tell_where_the_rest_is() -> None:
    made, day = MadeUp(), date(2021, 5, 1)
    old, new = made.begin("east", None), made.begin("west", day)
    made.end[old] = day
    made.passed.append(Succession(old, new, day, "part"))
    hierarchy = made.hierarchy()
    assert hierarchy.place(old, on=FIRST, day=day) == Placed(None, "divided", "east")
    back = hierarchy.place(new, on=day, day=FIRST)
    assert back == Placed(None, "part_of_predecessor", old)


def test_what_came_in_later_blurs_only_what_was_done_since() -> None:
    made, begins, grows = MadeUp(), date(2021, 5, 1), date(2021, 6, 1)
    old, other = made.begin("east", None), made.begin("east", None)
    new = made.begin("east", begins)
    made.end |= {old: begins, other: grows}
    made.passed += [Succession(old, new, begins, "whole"), Succession(other, new, grows, "whole")]
    hierarchy = made.hierarchy()
    assert hierarchy.place(new, on=grows - ONE_DAY, day=FIRST) == Placed(old)
    blurred = Placed(None, "several_predecessors", "east")
    assert hierarchy.place(new, on=grows, day=FIRST) == blurred
    assert hierarchy.place(new, on=grows, day=begins) == Placed(new)


def test_what_came_to_a_unit_that_was_something_already_is_not_all_of_it() -> None:
    made, day = MadeUp(), date(2021, 5, 1)
    old, new = made.begin("east", None), made.begin("east", day - ONE_DAY)
    made.end[old] = day
    made.passed.append(Succession(old, new, day, "whole"))
    found = made.hierarchy().place(new, on=day, day=FIRST)
    assert found == Placed(None, "several_predecessors", "east")


def test_what_began_from_nothing_stands_within_its_parent() -> None:
    made, day = MadeUp(), date(2021, 5, 1)
    new, renamed = made.begin("west", day), made.begin("east", day + ONE_DAY)
    made.end[new] = day + ONE_DAY
    made.passed.append(Succession(new, renamed, day + ONE_DAY, "whole"))
    hierarchy = made.hierarchy()
    for unit, on in ((new, day), (renamed, day + ONE_DAY)):
        assert hierarchy.place(unit, on=on, day=FIRST) == Placed(None, "began_later", "west")
