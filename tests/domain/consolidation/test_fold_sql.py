"""What the database adds up is what the pure fold makes of the same activity, to the byte."""

import gc
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import StatementError
from sqlmodel import Session

from app.domain.access.service import create_key
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.base import new_id
from app.domain.consolidation.arithmetic import ActivityFact, MeasureFact, OverTime, fold
from app.domain.consolidation.facts import activity_facts
from app.domain.consolidation.fold_sql import fold_frozen
from app.domain.consolidation.inputs import indicator_heads
from app.domain.consolidation.models import StoredRollup
from app.domain.consolidation.rollup_json import to_json
from app.domain.consolidation.rollups import build_rollups
from app.domain.principal import Scope
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from tests.support.makers import BINH_SON, PLAN

AT: Final = datetime(2021, 11, 20, tzinfo=UTC)
UNITS: Final = ("gso-524", "gso-525", "body-so-y-te")
ITEMS: Final = ("III.1.a", "III.1.b", "III.3")
INDICATORS: Final = ("posts", "broadcast_minutes", "followers", "reach", "screens")
LARGE: Final = 2**62  # two of them are more than SQLite's sum can hold


def some_activity(chance: random.Random) -> ActivityFact:
    """Return one of few like facts: values of one series meet on one day, and tie."""
    day = date(2021, 1, 29) + timedelta(days=chance.randrange(6))
    picked = chance.sample(
        [(code, origin) for code in INDICATORS for origin in ("original", "repost")],
        chance.randrange(5),
    )
    return ActivityFact(
        unit=chance.choice(UNITS),
        item=chance.choice(ITEMS),
        occurred_on=day,
        ended_on=day + timedelta(days=chance.choice((0, 0, 3, 40))),
        occurrences=chance.randint(1, 40),
        channel=chance.choice(("facebook", "zalo", "loudspeaker")),
        format=chance.choice((None, "news", "video_clip")),
        languages=tuple(sorted(chance.sample(("vi", "hre", "cua"), chance.randrange(4)))),
        themes=tuple(sorted(chance.sample(("II.1.1", "II.1.2", "II.2.1"), chance.randrange(3)))),
        integrated=chance.random() < 0.5,
        measures=tuple(
            MeasureFact(code, origin, chance.choice((0, 7, chance.randrange(10**6), LARGE)))
            for code, origin in sorted(picked)
        ),
        expenditure=tuple(
            (source, chance.choice((0, 2**53 - 1)))
            for source in sorted(("state_budget_province", "other_lawful"))
            if chance.random() < 0.4
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_rollup_by_sql_has_the_bytes_of_the_pure_fold(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    activity = [[some_activity(chance) for _ in range(many)] for many in (150, 0, 1, 90)]
    revisions = frozen(session, activity)
    over_time = rules(session)
    assert {over_time[code] for code in INDICATORS} == {"sum", "latest", "max"}
    found = fold_frozen(session, revisions=revisions, plan=PLAN, over_time=over_time)
    for (revision, rollup), own, facts in zip(found, revisions, activity, strict=True):
        assert revision == own
        expected = fold(facts, over_time)
        assert rollup == expected
        assert to_json(rollup) == to_json(expected)
        assert fold(activity_facts(session, revision_id=own), over_time) == expected


def test_one_revision_is_folded_without_the_others(session: Session) -> None:
    chance = random.Random(4)
    activity = [[some_activity(chance) for _ in range(20)] for _ in range(3)]
    revisions = frozen(session, activity)
    for number in (2, 0, 1):  # again and again in one transaction
        wanted = revisions[number]
        ((revision, rollup),) = fold_frozen(
            session, revisions=[wanted], plan=PLAN, over_time=rules(session)
        )
        assert revision == wanted
        assert rollup == fold(activity[number], rules(session))


def test_a_measure_that_nobody_says_how_to_add_is_not_left_out_in_silence(session: Session) -> None:
    chance = random.Random(5)
    revisions = frozen(session, [[some_activity(chance) for _ in range(60)]])
    over_time = {code: rule for code, rule in rules(session).items() if code != "posts"}
    with pytest.raises(KeyError):
        list(fold_frozen(session, revisions=revisions, plan=PLAN, over_time=over_time))


def test_building_that_fails_leaves_nothing_open_for_the_next_transaction(session: Session) -> None:
    chance = random.Random(6)
    activity = [[some_activity(chance) for _ in range(30)] for _ in range(3)]
    revisions = frozen(session, activity)
    session.commit()
    with pytest.raises(StatementError) as kept:  # whose traceback holds what was under way
        build_rollups(session, revisions=revisions, at=None)  # type: ignore[arg-type]
    session.rollback()
    session.connection().execute(text("SELECT 1"))
    del kept
    gc.collect()
    build_rollups(session, revisions=revisions, at=AT)
    assert all(session.get(StoredRollup, revision) is not None for revision in revisions)


def rules(session: Session) -> dict[str, OverTime]:
    return {head.code: head.over_time for head in indicator_heads(session, PLAN)}


def frozen(session: Session, activity: Sequence[Sequence[ActivityFact]]) -> list[UUID]:
    """Store activity, each part frozen in a submission revision of its own; return these."""
    key, _ = create_key(
        session,
        unit=BINH_SON,
        scopes=tuple(Scope),
        label="test",
        at=AT,
        expires_at=AT + timedelta(days=9),
    )
    rows = session.connection().execute(text("SELECT id FROM roster_row ORDER BY id")).scalars()
    revisions = []
    for row, facts in zip(rows.all(), activity, strict=False):
        submission = Submission(id=new_id(AT), roster_row_id=row, number=1, created_at=AT)
        session.add(submission)
        session.flush()
        revision = SubmissionRevision(
            id=new_id(AT),
            submission_id=submission.id,
            number=1,
            state="draft",
            narrative={},
            drafted_at=AT,
            drafted_by=key.id,
        )
        session.add(revision)
        session.flush()
        store(session, revision.id, facts, key.id)
        revisions.append(revision.id)
    return revisions


def store(session: Session, revision: UUID, facts: Sequence[ActivityFact], key: UUID) -> None:
    rows: dict[type, list[dict[str, Any]]] = {}
    for row in (row for fact in facts for row in rows_of(fact, revision, key)):
        rows.setdefault(type(row), []).append(row.model_dump())
    for table, values in rows.items():
        session.connection().execute(insert(table), values)


def rows_of(fact: ActivityFact, submission: UUID, key: UUID) -> Iterator[Any]:
    report, revision = new_id(AT), new_id(AT)
    yield ActivityReport(
        id=report,
        unit_key=fact.unit,
        source_system="test",
        external_id=str(report),
        plan_slug=PLAN,
        number=1,
        occurred_on=fact.occurred_on,
    )
    yield ActivityRevision(
        id=revision,
        report_id=report,
        number=1,
        plan_slug=PLAN,
        item_code=fact.item,
        themes=fact.themes,
        occurred_on=fact.occurred_on,
        ended_on=fact.ended_on,
        occurrences=fact.occurrences,
        channel=fact.channel,
        format=fact.format,
        title="Đăng tin",
        languages=fact.languages,
        integrated=fact.integrated,
        participants=(),
        evidence=[],
        outside_assignment=False,
        theme_outside_phase=False,
        body_sha256="0" * 64,
        received_at=AT,
        received_by=key,
    )
    for one in fact.measures:
        yield ActivityMeasure(
            revision_id=revision, indicator_code=one.indicator, origin=one.origin, amount=one.amount
        )
    for source, amount in fact.expenditure:
        yield ActivityExpenditure(revision_id=revision, source=source, amount=amount)
    yield FrozenActivity(submission_revision_id=submission, activity_revision_id=revision)
