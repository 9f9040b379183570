"""On time or late: the instants on both sides of every edge."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.cycles.timeliness import Outage, deadline, late_by, timeliness

DUE = datetime(2021, 11, 29, 17, 0, tzinfo=UTC)  # 30/11 00:00 local
EXTENDED = DUE + timedelta(days=10)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def _outage(began: datetime, ended: datetime, number: int = 1) -> Outage:
    return Outage(number, began, ended, ended + 5 * HOUR)


@pytest.mark.parametrize(
    ("received_at", "extended", "expected"),
    [
        (DUE - TICK, False, "on_time"),
        (DUE, False, "late"),
        (DUE - TICK, True, "on_time"),
        (DUE, True, "late_with_extension"),
        (EXTENDED - TICK, True, "late_with_extension"),
        (EXTENDED, True, "late"),
    ],
)
def test_what_is_received_is_judged_by_its_receipt_alone(
    received_at: datetime, expected: str, *, extended: bool
) -> None:
    limit = deadline(DUE, extended_to=EXTENDED if extended else None)
    for at in (received_at, received_at + timedelta(days=900)):
        assert timeliness(limit, received_at=received_at, at=at) == expected
        told = timeliness(limit, received_at=received_at, at=at, by_document=True)
        assert told == "by_document"


@pytest.mark.parametrize(
    ("at", "extended", "expected"),
    [
        (DUE - TICK, False, "not_due"),
        (DUE, False, "late"),
        (DUE, True, "not_due"),
        (EXTENDED - TICK, True, "not_due"),
        (EXTENDED, True, "late"),
    ],
)
def test_what_is_not_received_is_late_after_its_last_instant(
    at: datetime, expected: str, *, extended: bool
) -> None:
    limit = deadline(DUE, extended_to=EXTENDED if extended else None)
    assert timeliness(limit, received_at=None, at=at) == expected


@pytest.mark.parametrize(
    ("outage", "moves"),
    [
        (_outage(DUE - HOUR, DUE + HOUR), True),
        (_outage(DUE - HOUR, DUE), True),  # the last moments were in it
        (_outage(DUE - HOUR, DUE - TICK), False),
        (_outage(DUE, DUE + HOUR), False),  # nobody was kept from sending in time
        (_outage(DUE - TICK, DUE + HOUR), True),
    ],
)
def test_an_outage_moves_a_due_instant_whose_last_moments_it_took(
    outage: Outage, *, moves: bool
) -> None:
    until = outage.accepts_until
    limit = deadline(DUE, outages=[outage])
    assert limit.on_time_until == (until if moves else DUE)
    assert (limit.outage == outage) is moves
    assert timeliness(limit, received_at=DUE, at=DUE) == ("on_time" if moves else "late")
    assert timeliness(limit, received_at=until, at=until) == "late"
    assert late_by(limit, received_at=until, at=until) == (timedelta(0) if moves else until - DUE)


def test_an_outage_moves_an_extended_due_instant_too() -> None:
    outage = _outage(EXTENDED - HOUR, EXTENDED + HOUR)
    limit = deadline(DUE, extended_to=EXTENDED, outages=[outage])
    assert (limit.outage, limit.later_outage) == (None, outage)
    for received_at, expected in (
        (DUE, "late_with_extension"),
        (outage.accepts_until - TICK, "late_with_extension"),
        (outage.accepts_until, "late"),
    ):
        assert timeliness(limit, received_at=received_at, at=received_at) == expected


def test_of_two_outages_the_one_that_accepts_longer_counts() -> None:
    shorter, longer = (_outage(DUE - HOUR, DUE + n * HOUR, n) for n in (1, 2))
    assert deadline(DUE, outages=[longer, shorter]).outage == longer
