"""Building one unit's rollup, against one SQL statement that groups the same rows.

The issue that sets the target for a million rows comes later; this shows where we stand.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel import Session

from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key
from app.domain.activities.models import ActivityMeasure, ActivityReport, ActivityRevision
from app.domain.base import new_id
from app.domain.consolidation.arithmetic import fold
from app.domain.consolidation.facts import activity_facts
from app.domain.consolidation.inputs import indicator_heads
from app.domain.consolidation.rollup_json import to_json
from app.domain.principal import Scope
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from tests.bench.measured import Measured, middle_round, say, seconds
from tests.support.makers import BINH_SON, PLAN

ROWS = 10_000
ROUNDS = 5
AT = datetime(2021, 11, 20, tzinfo=UTC)
GROUPING = """
CREATE TEMPORARY TABLE grouped AS
SELECT a.unit_key, r.item_code, m.indicator_code, m.origin, r.channel, r.format, r.languages,
       substr(CAST(r.occurred_on AS TEXT), 1, 7) AS month, sum(m.amount) AS amount, count(*) AS n
FROM frozen_activity f
JOIN activity_revision r ON r.id = f.activity_revision_id
JOIN activity_report a ON a.id = r.report_id
JOIN activity_measure m ON m.revision_id = r.id
GROUP BY a.unit_key, r.item_code, m.indicator_code, m.origin, r.channel, r.format, r.languages,
         substr(CAST(r.occurred_on AS TEXT), 1, 7)
"""


def run(url: str) -> Iterator[Measured]:
    """Measure both on ROWS activity reports with two measures each."""
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        revision = _fill(session)
    rounds = []
    for number in range(ROUNDS):
        with unit_of_work(engine, write=False) as session:
            ours = seconds(lambda s=session: _roll_up(s, revision))  # type: ignore[misc]
        with engine.connect() as connection:
            floor = seconds(lambda c=connection: c.execute(text(GROUPING)))  # type: ignore[misc]
            connection.rollback()
        rounds.append((ours, floor))
        say(f"fold, {engine.dialect.name}: round {number + 1} of {ROUNDS}")
    engine.dispose()
    ours, floor = middle_round(rounds)
    yield Measured(
        variant=f"{engine.dialect.name}, {ROWS} activity reports",
        unit="s",
        ours=round(ours, 3),
        floor=round(floor, 3),
        target=None,
    )


def _roll_up(session: Session, revision: UUID) -> bytes:
    over_time = {head.code: head.over_time for head in indicator_heads(session, PLAN)}
    return to_json(fold(activity_facts(session, revision_id=revision), over_time))


def _fill(session: Session) -> UUID:
    """Insert activity reports of one unit, frozen in one submission revision that is theirs."""
    key, _ = create_key(
        session,
        unit=BINH_SON,
        scopes=tuple(Scope),
        label="bench",
        at=AT,
        expires_at=AT + timedelta(days=9),
    )
    chance = random.Random(1)
    reports, revisions, measures = [], [], []
    for number in range(ROWS):
        report, revision = new_id(AT), new_id(AT)
        day = date(2021, 1, 1) + timedelta(days=chance.randrange(320))
        reports.append(
            ActivityReport(
                id=report,
                unit_key=BINH_SON,
                source_system="bench",
                external_id=str(number),
                plan_slug=PLAN,
                number=1,
                occurred_on=day,
            ).model_dump()
        )
        revisions.append(_revision(revision, report, day, key.id, chance))
        measures += [
            {"revision_id": revision, "indicator_code": code, "origin": "original", "amount": 3}
            for code in ("posts", "views")
        ]
    connection = session.connection()
    submission = _submission(session, key.id)
    for table, rows in (
        (ActivityReport, reports),
        (ActivityRevision, revisions),
        (ActivityMeasure, measures),
    ):
        connection.execute(insert(table), rows)
    frozen = [
        {"submission_revision_id": submission, "activity_revision_id": row["id"]}
        for row in revisions
    ]
    connection.execute(insert(FrozenActivity), frozen)
    return submission


def _revision(
    revision: UUID, report: UUID, day: date, key: UUID, chance: random.Random
) -> dict[str, Any]:
    return ActivityRevision(
        id=revision,
        report_id=report,
        number=1,
        plan_slug=PLAN,
        item_code="III.1.b",
        themes=(f"II.1.{chance.randint(1, 8)}",),
        occurred_on=day,
        ended_on=day,
        occurrences=1,
        channel=chance.choice(["facebook", "zalo", "portal", "youtube"]),
        format=chance.choice(["news", "article", "video_clip"]),
        title="Đăng tin",
        languages=("vi",),
        integrated=False,
        participants=(),
        evidence=[],
        outside_assignment=False,
        theme_outside_phase=False,
        body_sha256="0" * 64,
        received_at=AT,
        received_by=key,
    ).model_dump()


def _submission(session: Session, key: UUID) -> UUID:
    row = session.connection().execute(
        text("SELECT id FROM roster_row WHERE unit_key = :unit ORDER BY id LIMIT 1"),
        {"unit": BINH_SON},
    )
    submission = Submission(id=new_id(AT), roster_row_id=row.scalar_one(), number=1, created_at=AT)
    session.add(submission)
    session.flush()
    revision = SubmissionRevision(
        id=new_id(AT),
        submission_id=submission.id,
        number=1,
        state="draft",
        narrative={},
        drafted_at=AT,
        drafted_by=key,
    )
    session.add(revision)
    session.flush()
    return revision.id
