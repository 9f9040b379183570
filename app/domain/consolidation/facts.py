"""Reading the frozen activity of a submission revision as the facts that are added up."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.consolidation.arithmetic import ActivityFact, MeasureFact
from app.domain.submissions.models import FrozenActivity

_CHUNK: Final = 1000


def activity_facts(session: Session, *, revision_id: UUID) -> Iterator[ActivityFact]:
    """Yield the facts of a submission revision, a thousand at a time held in memory."""
    after: UUID | None = None
    while rows := _chunk(session, revision_id, after):
        keys = [row.id for _, row in rows]
        measures = by_revision(session, ActivityMeasure, keys)
        money = by_revision(session, ActivityExpenditure, keys)
        for unit, row in rows:
            yield fact_of(unit, row, measures.get(row.id, ()), money.get(row.id, ()))
        after = keys[-1]


def fact_of(
    unit: str,
    row: ActivityRevision,
    measures: Iterable[ActivityMeasure],
    money: Iterable[ActivityExpenditure] = (),
) -> ActivityFact:
    """Return an activity revision of a unit as a fact, with those of its measures and money."""
    return ActivityFact(
        unit=unit,
        item=row.item_code,
        occurred_on=row.occurred_on,
        ended_on=row.ended_on,
        occurrences=row.occurrences,
        channel=row.channel,
        format=row.format,
        languages=row.languages,
        themes=row.themes,
        integrated=row.integrated,
        measures=tuple(MeasureFact(m.indicator_code, m.origin, m.amount) for m in measures),
        expenditure=tuple((m.source, m.amount) for m in money),
    )


def _chunk(
    session: Session, revision_id: UUID, after: UUID | None
) -> list[tuple[str, ActivityRevision]]:
    statement = (
        select(ActivityReport.unit_key, ActivityRevision)
        .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .where(FrozenActivity.submission_revision_id == revision_id)
    )
    if after is not None:
        statement = statement.where(col(ActivityRevision.id) > after)
    return list(session.exec(statement.order_by(col(ActivityRevision.id)).limit(_CHUNK)).all())


def by_revision(session: Session, table: Any, keys: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Return the rows of measures, or of money, by the activity revision that they are of."""
    statement = select(table).where(table.revision_id.in_(keys)).order_by(table.revision_id)
    rows = session.exec(statement).all()
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row.revision_id)}
