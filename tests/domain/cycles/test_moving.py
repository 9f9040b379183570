"""How rows follow their cycle: pure, so that every case can be told in a line."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cycles.moving import Dates, moved, said_of_duty
from app.domain.cycles.queries import Duty
from app.domain.period import Period
from app.domain.units.models import UnitVersion

DUE, LATER = datetime(2025, 11, 30, tzinfo=UTC), datetime(2025, 12, 5, tzinfo=UTC)
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def _day(number: int) -> date:
    return date.fromordinal(YEAR.bounds[0].toordinal() + number)


def _a_row(
    covers: Period,
    *,
    unit: Period | None = None,
    basis: str = "ordered",
    due_at: datetime = DUE,
    extended_to: datetime | None = None,
) -> Duty:
    in_being = unit or Period()
    return Duty(
        row_id=1,
        unit=UnitVersion(
            unit_key="u",
            scheme="body",
            code="u",
            name="U",
            name_sort="u",
            name_search="u",
            kind="department",
            valid_from=in_being.start,
            valid_to=in_being.end,
            provenance="test",
            source="test",
            recorded_at=DUE,
        ),
        basis=basis,
        reason="r",
        covers=covers,
        due_at=due_at,
        extended_to=extended_to,
        closing=False,
        provenance="plan",
        document=None,
        actor="operator",
        version=1,
    )


def _covers(row: Duty, after: Period) -> Period | None:
    found = moved([row], before=Dates(YEAR, DUE), after=Dates(after, DUE))
    return None if found.stuck else found.rows.get("u", said_of_duty(row)).covers


@pytest.mark.parametrize(
    ("covers", "unit", "after", "expected"),
    [
        ((0, 365), (None, None), (10, 300), (10, 300)),
        ((0, 181), (None, 181), (10, 300), (10, 181)),
        ((0, 181), (None, 181), (10, 100), (10, 100)),
        ((181, 365), (181, None), (10, 300), (181, 300)),
        ((181, 365), (181, None), (200, 300), (200, 300)),
        ((31, 60), (None, None), (10, 300), (31, 60)),
        ((0, 60), (None, None), (10, 300), (10, 60)),
        ((31, 60), (None, None), (40, 300), None),
        ((0, 31), (None, 31), (40, 300), None),
        ((181, 365), (181, None), (10, 181), None),
    ],
)
def test_days_that_came_of_the_window_come_of_the_new_one(
    covers: tuple[int, int],
    unit: tuple[int | None, int | None],
    after: tuple[int, int],
    expected: tuple[int, int] | None,
) -> None:
    in_being = Period(*(None if number is None else _day(number) for number in unit))
    row = _a_row(Period(*map(_day, covers)), unit=in_being)
    found = _covers(row, Period(*map(_day, after)))
    assert found == (None if expected is None else Period(*map(_day, expected)))


def test_a_row_that_is_not_required_is_never_stuck() -> None:
    covers = Period(_day(0), _day(31))
    row = _a_row(covers, unit=Period(None, _day(31)), basis="not_required")
    assert _covers(row, Period(_day(40), _day(300))) == covers


@pytest.mark.parametrize(
    ("due_at", "extended_to", "expected"),
    [
        (DUE, None, (LATER, None)),
        (DUE, LATER, (LATER, None)),
        (DUE, LATER.replace(microsecond=1), (LATER, LATER.replace(microsecond=1))),
        (DUE.replace(day=1), None, None),
        (DUE.replace(day=1), DUE, None),
    ],
)
def test_a_due_instant_that_was_the_cycles_is_the_new_one(
    due_at: datetime,
    extended_to: datetime | None,
    expected: tuple[datetime, datetime | None] | None,
) -> None:
    row = _a_row(YEAR, due_at=due_at, extended_to=extended_to)
    found = moved([row], before=Dates(YEAR, DUE), after=Dates(YEAR, LATER)).rows.get("u")
    assert (found and (found.due_at, found.extended_to)) == expected


_PERIODS = (
    st.tuples(st.integers(0, 364), st.integers(1, 365))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: Period(_day(pair[0]), _day(pair[1])))
)


@given(unit=_PERIODS, after=_PERIODS)
def test_what_is_moved_is_what_would_be_opened(unit: Period, after: Period) -> None:
    """A derived row, moved with its window, covers what it would if it were opened there."""
    covers = unit.intersect(YEAR)
    assert covers is not None
    assert _covers(_a_row(covers, unit=unit), after) == unit.intersect(after)


@given(unit=_PERIODS, after=_PERIODS)
def test_moving_to_and_fro_changes_nothing(unit: Period, after: Period) -> None:
    row = _a_row(unit, unit=unit)
    there = moved([row], before=Dates(YEAR, DUE), after=Dates(after, LATER))
    if there.stuck:
        return
    said = there.rows["u"]
    moved_row = _a_row(said.covers, unit=unit, due_at=said.due_at)
    back = moved([moved_row], before=Dates(after, LATER), after=Dates(YEAR, DUE))
    assert back.rows["u"] == said_of_duty(row)
