"""What the revisions of activity reports say, read for many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.amounts import unscaled
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.catalogue.models import IndicatorVersion
from app.domain.recorded import known

Rows = dict[UUID, list[dict[str, Any]]]


@dataclass(frozen=True)
class ReportedActivity:
    """A report as of one of its revisions; `said` is that body in the form that is answered."""

    report: ActivityReport
    revision: ActivityRevision
    said: dict[str, Any]


def as_of(
    session: Session, rows: Iterable[tuple[ActivityReport, ActivityRevision]]
) -> list[ReportedActivity]:
    """Return what each report says in that revision of it, in the order given."""
    pairs = list(rows)
    ids = [revision.id for _, revision in pairs]
    measures, money = _measures(session, ids), _expenditure(session, ids)
    return [
        ReportedActivity(
            report,
            revision,
            _said(report, revision, measures.get(revision.id, []), money.get(revision.id, [])),
        )
        for report, revision in pairs
    ]


def _measures(session: Session, revisions: Sequence[UUID]) -> Rows:
    found: Rows = {}
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
        found.setdefault(measure.revision_id, []).append(row)
    return found


def _expenditure(session: Session, revisions: Sequence[UUID]) -> Rows:
    found: Rows = {}
    statement = (
        select(ActivityExpenditure)
        .where(col(ActivityExpenditure.revision_id).in_(revisions))
        .order_by(col(ActivityExpenditure.source))
    )
    for expenditure in session.exec(statement):
        row = {"source": expenditure.source, "amount": expenditure.amount}
        found.setdefault(expenditure.revision_id, []).append(row)
    return found


def _said(
    report: ActivityReport,
    revision: ActivityRevision,
    measures: list[dict[str, Any]],
    money: list[dict[str, Any]],
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
        "measures": measures,
        "expenditure": money,
        "participants": list(revision.participants),
        "evidence": revision.evidence,
    }
    if revision.incoming_on is not None:
        said["on_behalf"] = {
            "incoming_number": revision.incoming_number,
            "incoming_on": revision.incoming_on.isoformat(),
        }
    return said
