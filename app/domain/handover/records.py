"""Reading what is handed over of activity: every revision of every report, by natural key."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select, tuple_

from app.domain.activities.content import ReportedActivity, as_of
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.handover.standing import Within, units_of_keys
from app.domain.period import instant_text

_REPORTS: Final = 500  # read at once: with them is all that is in memory


def activity_lines(session: Session, *, held: Within) -> Iterator[dict[str, Any]]:
    """Yield a line for each revision, in the order of unit, source system, external id, number."""
    for unit in held.units:
        for reports in _reports(session, unit):
            upto = {report.id: held.upto(report) for report in reports}
            kept = [report for report in reports if upto[report.id]]
            rows = _revisions(session, kept)
            units = units_of_keys(session, {row.revision.received_by for row in rows})
            for row in rows:
                if row.revision.number <= upto[row.report.id]:
                    yield _line(row, units[row.revision.received_by])


def _reports(session: Session, unit: str) -> Iterator[Sequence[ActivityReport]]:
    """Yield a unit's reports a chunk at a time, by the index of the natural key."""
    key = col(ActivityReport.source_system), col(ActivityReport.external_id)
    after = ("", "")
    while True:
        statement = (
            select(ActivityReport)
            .where(ActivityReport.unit_key == unit, tuple_(*key) > tuple_(*after))
            .order_by(*key)
            .limit(_REPORTS)
        )
        found = session.exec(statement).all()
        if found:
            yield found
        if len(found) < _REPORTS:
            return
        after = found[-1].source_system, found[-1].external_id


def _revisions(session: Session, reports: Sequence[ActivityReport]) -> list[ReportedActivity]:
    by_id = {report.id: report for report in reports}
    place = {report.id: number for number, report in enumerate(reports)}
    statement = select(ActivityRevision).where(col(ActivityRevision.report_id).in_(by_id))
    rows = sorted(session.exec(statement), key=lambda row: (place[row.report_id], row.number))
    return as_of(session, ((by_id[row.report_id], row) for row in rows))


def _line(row: ReportedActivity, by: str) -> dict[str, Any]:
    revision = row.revision
    return {
        "unit": row.report.unit_key,
        "source_system": row.report.source_system,
        "external_id": row.report.external_id,
        "revision": revision.number,
        "kind": revision.kind,
        "reason": revision.reason,
        "received_at": instant_text(revision.received_at),
        "by": by,
        "withdrawn": revision.kind == "withdrawn",
        "on_behalf": row.said.get("on_behalf"),
        "body": row.said,
        "body_sha256": revision.body_sha256,
    }
