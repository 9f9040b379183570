"""Reading activity reports: which rows a key may see, and what a stored report says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.activities.content import ReportedActivity, as_of
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.activities.reported import is_reported, reported_among
from app.domain.base import where_given
from app.domain.errors import NotFound
from app.domain.joint.sight import shown_jointly
from app.domain.principal import Principal
from app.domain.units.queries import subtree


@dataclass(frozen=True)
class StoredActivity(ReportedActivity):
    """A report as of its current revision; with the hashes of all that it ever said.

    `reported` tells whether a yearly report holds the current revision.
    """

    revision_hashes: frozenset[str]
    reported: bool = False


@dataclass(frozen=True)
class ActivityFilter:
    """What a list of activity reports is narrowed by; None does not narrow."""

    plan: str | None = None
    plan_item: str | None = None
    unit: str | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None
    channel: str | None = None
    content_theme: str | None = None
    source_system: str | None = None
    external_id: str | None = None
    reported: bool | None = None


def visible_activities(by: Principal) -> SelectOfScalar[ActivityReport]:
    """Return the select of the reports that a caller may see.

    Its own unit's and those of the units under it on the activity's day; as a steward also those
    of the ended unit, likewise. The focal unit and the People's Committee's office see all.
    """
    statement = select(ActivityReport)
    if by.province_wide:
        return statement
    tree = subtree(*by.acts_for)
    return statement.join(
        tree,
        (tree.c.unit_key == col(ActivityReport.unit_key))
        & (tree.c.day_from <= ActivityReport.occurred_on)
        & (tree.c.day_to > ActivityReport.occurred_on),
    )


def activities(
    session: Session, *, by: Principal, narrowed: ActivityFilter, after: UUID | None, limit: int
) -> list[StoredActivity]:
    """Return visible reports in the order in which they were received, `limit` at most."""
    statement = narrow(visible_activities(by), narrowed)
    by_content = narrowed.plan_item or narrowed.channel or narrowed.content_theme
    if by_content or narrowed.reported is not None:
        statement = _by_revision(statement, narrowed)
    if after is not None:
        statement = statement.where(col(ActivityReport.id) > after)
    statement = statement.order_by(col(ActivityReport.id)).limit(limit)
    return stored(session, session.exec(statement).all())


def narrow(
    statement: SelectOfScalar[ActivityReport], narrowed: ActivityFilter
) -> SelectOfScalar[ActivityReport]:
    """Narrow a select of reports by the filter's fields that are columns of a report."""
    equal = {
        ActivityReport.plan_slug: narrowed.plan,
        ActivityReport.unit_key: narrowed.unit,
        ActivityReport.source_system: narrowed.source_system,
        ActivityReport.external_id: narrowed.external_id,
    }
    statement = statement.where(*where_given(equal))
    if narrowed.occurred_from is not None:
        statement = statement.where(col(ActivityReport.occurred_on) >= narrowed.occurred_from)
    if narrowed.occurred_to is not None:
        statement = statement.where(col(ActivityReport.occurred_on) < narrowed.occurred_to)
    return statement


def get_activity(
    session: Session, *, by: Principal, report_id: UUID, lock: bool = False
) -> StoredActivity:
    """Return a report; with `lock` nobody else changes it meanwhile.

    Raises NotFound, also for one that the caller may not see.
    """
    report = readable_report(session, by=by, report_id=report_id, lock=lock)
    return stored(session, [report])[0]


def readable_report(
    session: Session, *, by: Principal, report_id: UUID, lock: bool = False
) -> ActivityReport:
    """Return the row of a report that a caller may read by its id. Raises NotFound.

    Beside the visible ones, those that a joint activity shows to the units that take part.
    """
    statement = visible_activities(by).where(ActivityReport.id == report_id)
    if lock:
        statement = statement.with_for_update(of=ActivityReport)
    report = session.exec(statement).first()
    if report is None:
        report = session.get(ActivityReport, report_id)
        if report is None or not shown_jointly(session, by=by, report=report):
            raise NotFound()
    return report


def find_activity(
    session: Session, *, by: Principal, unit: str, source_system: str, external_id: str
) -> StoredActivity:
    """Return the report with a natural key. Raises NotFound, as `get_activity` does."""
    statement = visible_activities(by).where(
        ActivityReport.unit_key == unit,
        ActivityReport.source_system == source_system,
        ActivityReport.external_id == external_id,
    )
    report = session.exec(statement).first()
    if report is None:
        raise NotFound()
    return stored(session, [report])[0]


def natural_key(report: ActivityReport) -> tuple[str, str, str]:
    """Return a report's unit key, source system and external id."""
    return report.unit_key, report.source_system, report.external_id


def stored(session: Session, reports: Sequence[ActivityReport]) -> list[StoredActivity]:
    """Return what each of these reports says, with all that hangs on it."""
    if not reports:
        return []
    revisions = session.exec(
        select(ActivityRevision)
        .where(col(ActivityRevision.report_id).in_([report.id for report in reports]))
        .order_by(col(ActivityRevision.number))
    ).all()
    hashes: dict[UUID, set[str]] = {}
    by_number = {}
    for revision in revisions:
        hashes.setdefault(revision.report_id, set()).add(revision.body_sha256)
        by_number[revision.report_id, revision.number] = revision
    current = as_of(session, ((report, by_number[report.id, report.number]) for report in reports))
    reported = reported_among(session, [row.revision.id for row in current])
    return [
        StoredActivity(
            row.report,
            row.revision,
            row.said,
            frozenset(hashes[row.report.id]),
            row.revision.id in reported,
        )
        for row in current
    ]


def _by_revision(
    statement: SelectOfScalar[ActivityReport], narrowed: ActivityFilter
) -> SelectOfScalar[ActivityReport]:
    statement = statement.join(
        ActivityRevision,
        (col(ActivityRevision.report_id) == ActivityReport.id)
        & (col(ActivityRevision.number) == ActivityReport.number),
    )
    if narrowed.plan_item is not None:
        statement = statement.where(ActivityRevision.item_code == narrowed.plan_item)
    if narrowed.channel is not None:
        statement = statement.where(ActivityRevision.channel == narrowed.channel)
    if narrowed.content_theme is not None:
        theme = f"% {narrowed.content_theme} %"
        statement = statement.where(col(ActivityRevision.themes).like(theme))
    if narrowed.reported is not None:
        held = is_reported(col(ActivityRevision.id))
        statement = statement.where(held if narrowed.reported else ~held)
    return statement
