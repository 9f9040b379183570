"""Reading activity reports: which rows a key may see, and what a stored report says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.activities.amounts import unscaled
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.catalogue.models import IndicatorVersion
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.units.queries import subtree


@dataclass(frozen=True)
class StoredActivity:
    """A report with its current revision; `said` is its body in the form that is answered."""

    report: ActivityReport
    revision: ActivityRevision
    said: dict[str, Any]
    revision_hashes: frozenset[str]


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


def visible_activities(by: Principal) -> SelectOfScalar[ActivityReport]:
    """Return the select of the reports that a caller may see.

    Its own unit's and those of the units under it on the activity's day; the focal unit and
    the People's Committee's office see all.
    """
    statement = select(ActivityReport)
    if by.province_wide:
        return statement
    tree = subtree(by.unit)
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
    statement = visible_activities(by)
    equal = {
        ActivityReport.plan_slug: narrowed.plan,
        ActivityReport.unit_key: narrowed.unit,
        ActivityReport.source_system: narrowed.source_system,
        ActivityReport.external_id: narrowed.external_id,
    }
    for column, value in equal.items():
        if value is not None:
            statement = statement.where(col(column) == value)
    if narrowed.occurred_from is not None:
        statement = statement.where(col(ActivityReport.occurred_on) >= narrowed.occurred_from)
    if narrowed.occurred_to is not None:
        statement = statement.where(col(ActivityReport.occurred_on) < narrowed.occurred_to)
    if narrowed.plan_item or narrowed.channel or narrowed.content_theme:
        statement = _by_revision(statement, narrowed)
    if after is not None:
        statement = statement.where(col(ActivityReport.id) > after)
    statement = statement.order_by(col(ActivityReport.id)).limit(limit)
    return stored(session, session.exec(statement).all())


def get_activity(session: Session, *, by: Principal, report_id: UUID) -> StoredActivity:
    """Return a report. Raises NotFound, also for one that the caller may not see."""
    statement = visible_activities(by).where(ActivityReport.id == report_id)
    report = session.exec(statement).first()
    if report is None:
        raise NotFound()
    return stored(session, [report])[0]


def find_activity(
    session: Session, *, by: Principal, unit: str, source_system: str, external_id: str
) -> StoredActivity:
    """Return the report with a natural key. Raises NotFound, as `get_activity` does."""
    report = by_natural_key(
        session, unit=unit, source_system=source_system, external_id=external_id
    )
    if report is None:
        raise NotFound()
    return get_activity(session, by=by, report_id=report.id)


def by_natural_key(
    session: Session, *, unit: str, source_system: str, external_id: str
) -> ActivityReport | None:
    """Return the report with a natural key, whoever asks."""
    return session.exec(
        select(ActivityReport).where(
            ActivityReport.unit_key == unit,
            ActivityReport.source_system == source_system,
            ActivityReport.external_id == external_id,
        )
    ).first()


def stored(session: Session, reports: Sequence[ActivityReport]) -> list[StoredActivity]:
    """Return what each of these reports says, with all that hangs on it."""
    if not reports:
        return []
    ids = [report.id for report in reports]
    revisions = session.exec(
        select(ActivityRevision)
        .where(col(ActivityRevision.report_id).in_(ids))
        .order_by(col(ActivityRevision.number))
    ).all()
    hashes: dict[UUID, set[str]] = {}
    by_number = {}
    for revision in revisions:
        hashes.setdefault(revision.report_id, set()).add(revision.body_sha256)
        by_number[revision.report_id, revision.number] = revision
    current = [by_number[report.id, report.number] for report in reports]
    measures, money = _amounts(session, [revision.id for revision in current])
    return [
        StoredActivity(
            report=report,
            revision=revision,
            said=_said(report, revision, measures.get(revision.id, []), money.get(revision.id, [])),
            revision_hashes=frozenset(hashes[report.id]),
        )
        for report, revision in zip(reports, current, strict=True)
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
    return statement


def _amounts(
    session: Session, revisions: list[UUID]
) -> tuple[dict[UUID, list[dict[str, Any]]], dict[UUID, list[dict[str, Any]]]]:
    measures: dict[UUID, list[dict[str, Any]]] = {}
    statement = (
        select(ActivityMeasure, IndicatorVersion.decimals)
        .join(ActivityRevision, col(ActivityRevision.id) == ActivityMeasure.revision_id)
        .join(
            IndicatorVersion,
            (col(IndicatorVersion.indicator_code) == ActivityMeasure.indicator_code)
            & (col(IndicatorVersion.plan_slug) == ActivityRevision.plan_slug),
        )
        .where(col(ActivityMeasure.revision_id).in_(revisions), *known(IndicatorVersion))
        .order_by(col(ActivityMeasure.indicator_code), col(ActivityMeasure.origin))
    )
    for measure, decimals in session.exec(statement):
        row = {
            "indicator": measure.indicator_code,
            "value": unscaled(measure.amount, decimals),
            "origin": measure.origin,
        }
        measures.setdefault(measure.revision_id, []).append(row)
    money: dict[UUID, list[dict[str, Any]]] = {}
    spent = select(ActivityExpenditure).where(col(ActivityExpenditure.revision_id).in_(revisions))
    for expenditure in session.exec(spent.order_by(col(ActivityExpenditure.source))):
        spent_row = {"source": expenditure.source, "amount": expenditure.amount}
        money.setdefault(expenditure.revision_id, []).append(spent_row)
    return measures, money


def _said(
    report: ActivityReport,
    revision: ActivityRevision,
    measures: Iterable[dict[str, Any]],
    money: Iterable[dict[str, Any]],
) -> dict[str, Any]:
    said = {
        "unit": report.unit_key,
        "source_system": report.source_system,
        "external_id": report.external_id,
        "plan": revision.plan_slug,
        "plan_item": revision.item_code,
        "content_themes": list(revision.themes),
        "occurred_on": revision.occurred_on.isoformat(),
        "ended_on": revision.ended_on.isoformat(),
        "occurrences": revision.occurrences,
        "channel": revision.channel,
        "format": revision.format,
        "title": revision.title,
        "description": revision.description,
        "languages": list(revision.languages),
        "integrated": revision.integrated,
        "measures": list(measures),
        "expenditure": list(money),
        "participants": list(revision.participants),
        "evidence": revision.evidence,
    }
    if revision.incoming_on is not None:
        said["on_behalf"] = {
            "incoming_number": revision.incoming_number,
            "incoming_on": revision.incoming_on.isoformat(),
        }
    return said
