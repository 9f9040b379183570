"""Reading the revisions of activity reports: what each says, from whom, when and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.access.models import ApiKey
from app.domain.activities.content import ReportedActivity, as_of
from app.domain.activities.differences import Difference, differences
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.activities.queries import readable_report
from app.domain.catalogue.models import CodeEntry, IndicatorVersion
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.recorded import known


@dataclass(frozen=True)
class Revised(ReportedActivity):
    """A report as of one of its revisions, with the unit of the key that sent that revision."""

    by_unit: str


@dataclass(frozen=True)
class Step:
    """A revision, and in what it differs from the one before; the first differs in nothing."""

    to: Revised
    differences: Sequence[Difference]


def revisions(
    session: Session, *, by: Principal, report_id: UUID, after: int, limit: int
) -> list[Step]:
    """Return a report's revisions behind the number `after`, oldest first, `limit` at most.

    Raises NotFound, also for a report that the caller may not see.
    """
    report = readable_report(session, by=by, report_id=report_id)
    # With the last revision of the page before: the first of this page is compared to it.
    statement = (
        select(ActivityRevision)
        .where(ActivityRevision.report_id == report.id, col(ActivityRevision.number) >= after)
        .order_by(col(ActivityRevision.number))
        .limit(limit + 1 if after else limit)
    )
    rows = revised(session, ((report, row) for row in session.exec(statement).all()))
    names = _names(session, {row.revision.plan_slug for row in rows})
    return [
        *(Step(first, ()) for first in rows[:1] if not after),
        *(
            Step(to, differences(before.said, to.said, names=names))
            for before, to in pairwise(rows)
        ),
    ]


def get_revision(session: Session, *, by: Principal, report_id: UUID, number: int) -> Revised:
    """Return a report as of a revision. Raises NotFound, as `revisions` does."""
    report = readable_report(session, by=by, report_id=report_id)
    revision = session.exec(
        select(ActivityRevision).where(
            ActivityRevision.report_id == report.id, ActivityRevision.number == number
        )
    ).first()
    if revision is None:
        raise NotFound()
    return revised(session, [(report, revision)])[0]


def revised(
    session: Session, rows: Iterable[tuple[ActivityReport, ActivityRevision]]
) -> list[Revised]:
    """Return what each report says in that revision of it, and who sent it."""
    found = as_of(session, rows)
    keys = {row.revision.received_by for row in found}
    units = dict(
        session.exec(select(ApiKey.id, ApiKey.unit_key).where(col(ApiKey.id).in_(keys))).all()
    )
    return [
        Revised(row.report, row.revision, row.said, units[row.revision.received_by])
        for row in found
    ]


def _names(session: Session, plans: set[str]) -> dict[str, str]:
    """Return the Vietnamese names of indicators and funding sources, by code."""
    named = select(IndicatorVersion.indicator_code, IndicatorVersion.name_vi).where(
        col(IndicatorVersion.plan_slug).in_(plans), *known(IndicatorVersion)
    )
    sources = select(CodeEntry.code, CodeEntry.name_vi).where(
        CodeEntry.list == "funding_source", *known(CodeEntry)
    )
    return dict([*session.exec(named).all(), *session.exec(sources).all()])
