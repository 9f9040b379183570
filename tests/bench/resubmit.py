"""A further revision of one unit and the report with it, against what only that must cost.

The floor is `consolidate` and twice the unit's slice of the grouping statement of `rollups`.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.consolidation.service import build_rollup
from tests.bench.consolidate import a_request, consolidation, report_of
from tests.bench.full_year import AT, UNITS, FullYear, full_year
from tests.bench.measured import Measured, middle_round, say, seconds
from tests.bench.rollups import MANY, ROUNDS, group_all
from worker.collector import collect_rarely

TARGET: Final = 1.0
_ONE: Final = "WHERE f.submission_revision_id = :revision"
_REVISE: Final = (
    "UPDATE submission_revision SET state = 'superseded' WHERE id = :old",
    """
INSERT INTO submission_revision (id, submission_id, number, state, content, narrative, drafted_at,
    drafted_by, data_to, document_number, document_on, signer_title, received_at, submitted_by,
    filed_by, filed_as, kind, reason, sha256, accepted_at, accepted_by)
SELECT :new, submission_id, number + 1, 'accepted', content, narrative, drafted_at, drafted_by,
    data_to, document_number, document_on, signer_title, received_at, submitted_by, filed_by,
    filed_as, 'correction', 'Bổ sung', sha256, accepted_at, accepted_by
FROM submission_revision WHERE id = :old
""",
    """
UPDATE submission SET number = number + 1, submitted_number = number + 1
WHERE id = (SELECT submission_id FROM submission_revision WHERE id = :new)
""",
    """
INSERT INTO frozen_activity (submission_revision_id, activity_revision_id)
SELECT :new, activity_revision_id FROM frozen_activity WHERE submission_revision_id = :old
""",
)


def run(url: str) -> Iterator[Measured]:
    """Measure another unit in each round, its parts in turns: what comes first finds a cold cache.

    A revision is as one is after it was submitted and accepted: what was frozen is there.
    """
    collect_rarely()  # as the worker does
    year = full_year(url, many=MANY)
    if year is None:
        return
    consolidate = consolidation(year)
    consolidate()
    rounds = []
    for number in range(ROUNDS):
        with unit_of_work(year.engine) as session:
            new = revised(session, year.revisions[number * 30])
            request = a_request(session, year)

        def resubmit(new: UUID = new, request: object = request) -> None:
            with unit_of_work(year.engine) as session:
                build_rollup(session, revision_id=new, at=AT)
            with unit_of_work(year.engine, write=False) as session:
                report_of(session, request)  # type: ignore[arg-type]

        def one_slice(year: FullYear = year, new: UUID = new) -> None:
            group_all(year, _ONE, revision=new)

        if number % 2:
            ours, part = seconds(resubmit), seconds(one_slice)
        else:
            part, ours = seconds(one_slice), seconds(resubmit)
        floor = seconds(consolidate) + 2 * part
        rounds.append((ours, floor))
        say(f"resubmit: round {number + 1}: {ours:.2f} s over {floor:.2f} s, slice {part:.2f} s")
    ours, floor = middle_round(rounds)
    yield Measured(
        variant=f"postgresql, one of {UNITS} units, {MANY} activity reports in all",
        unit="s",
        ours=round(ours, 3),
        floor=round(floor, 3),
        target=TARGET,
        at_most=True,
    )


def revised(session: Session, old: UUID) -> UUID:
    """Put an accepted revision of the same activity in the place of another; return its id."""
    new = uuid4()
    for statement in _REVISE:
        session.connection().execute(text(statement), {"old": old, "new": new})
    return new
