"""Taking in a batch in portions: a process that was thought dead, and lives on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from app.db import unit_of_work
from app.domain.access.service import authenticate
from app.domain.activities.models import ActivityReport
from app.domain.batches.models import Batch, BatchRow
from app.domain.batches.reports import take_in_reports
from app.domain.batches.rows import RawRow
from app.domain.batches.service import LEASE, PORTION, Intake, Order
from app.domain.idempotency.service import Asked, KeyInProgress
from app.domain.reference import Memory
from tests.support.api import A_WORKING_DAY
from tests.support.filing import Filing
from tests.support.makers import BINH_SON, an_activity

BODIES = [an_activity(external_id=f"r-{n}") for n in range(3 * PORTION)]


def _intake(engine: Engine, **changes: Any) -> Intake:
    secret = Filing(engine).key_of(BINH_SON)
    with unit_of_work(engine, write=False) as session:
        by, _ = authenticate(session, Memory(), secret=secret, at=A_WORKING_DAY)
    order = Order("reports", "partial", False, False, "application/jsonl", "0" * 64)  # noqa: FBT003
    intake = Intake(
        work=partial(unit_of_work, engine),
        memory=Memory(),
        now=lambda: A_WORKING_DAY,
        take_in=take_in_reports,
        order=order,
        by=by,
        at=A_WORKING_DAY,
        asked=Asked(by.key_id, "k-1", "POST", "0" * 64),
    )
    return replace(intake, **changes)


def _file() -> Iterator[RawRow]:
    return (RawRow(number, number, body) for number, body in enumerate(BODIES, 1))


def _interrupted_by(other: Callable[[], object], *, behind: int) -> Iterator[RawRow]:
    """Read the file, and in its midst let something else happen."""
    for row in _file():
        if row.number == behind + 1:
            other()
        yield row


def _later(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


@pytest.mark.parametrize("behind", [0, PORTION, 2 * PORTION])
def test_a_process_that_was_overtaken_stores_nothing_more(engine: Engine, behind: int) -> None:
    slow = _intake(engine)
    heir = replace(slow, now=_later(A_WORKING_DAY + LEASE))
    done = []

    def overtake() -> None:
        done.append(heir.run(_file))

    if behind == 0:  # it has read its first row before it began: there is nothing to overtake
        assert slow.run(lambda: _interrupted_by(overtake, behind=0)) == done[0]
    else:
        with pytest.raises(KeyInProgress):
            slow.run(lambda: _interrupted_by(overtake, behind=behind))
    with unit_of_work(engine, write=False) as session:
        batch = session.exec(select(Batch)).one()
        assert (batch.id, batch.state) == (done[0], "finished")
        assert (batch.rows_done, batch.created) == (3 * PORTION, 3 * PORTION)
        assert session.exec(select(func.count(col(ActivityReport.id)))).one() == 3 * PORTION
        numbers = session.exec(select(BatchRow.number).order_by(col(BatchRow.number))).all()
        assert numbers == list(range(1, 3 * PORTION + 1))


def test_a_process_within_its_lease_is_not_overtaken(engine: Engine) -> None:
    slow = _intake(engine)
    early = replace(slow, now=_later(A_WORKING_DAY + LEASE - timedelta(microseconds=1)))

    def overtake() -> None:
        with pytest.raises(KeyInProgress):
            early.run(_file)

    batch_id = slow.run(lambda: _interrupted_by(overtake, behind=PORTION))
    with unit_of_work(engine, write=False) as session:
        assert session.get_one(Batch, batch_id).created == 3 * PORTION
