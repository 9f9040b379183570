"""Reading two versions of a cycle's report, to compare them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.consolidation.arithmetic import Rollup
from app.domain.consolidation.build import PROVINCIAL_BODY
from app.domain.consolidation.comparing import Side, changed_inputs
from app.domain.consolidation.course import State, course_of
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    StoredRollup,
)
from app.domain.consolidation.queries import StoredReport, get_report, proposable, visible_reports
from app.domain.consolidation.reading import report_json
from app.domain.consolidation.rollup_json import from_json
from app.domain.consolidation.roster_lines import StoredLine
from app.domain.consolidation.shares import Name, shares
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.principal import Principal
from app.domain.submissions.models import SubmissionRevision
from app.domain.units.queries import versions_of

OTHER_CYCLE = Text(
    "report_of_other_cycle",
    "Bản tổng hợp được so sánh phải cùng kỳ báo cáo; để xem nhiều năm hãy dùng «{years}».",
    "The report to compare with must be of the same cycle; for several years see `{years}`.",
)


class NoVersionBefore(DomainError):
    """Nothing was published before the version that this key may compare it with."""

    text = Text(
        "no_version_before",
        "Trước bản tổng hợp số {version} không có bản nào để so sánh; hãy chỉ rõ bằng «with».",
        "There is no version before {version} to compare it with: name one in `with`.",
    )


@dataclass(frozen=True)
class Compared:
    """One of the two versions, and where it stands on its way."""

    stored: StoredReport
    state: State
    side: Side


@dataclass(frozen=True)
class Comparison:
    """Two versions. `reasons` are those of corrections that the later one counts, by unit."""

    before: Compared
    after: Compared
    reasons: Mapping[str, str]


def compare(
    session: Session, *, by: Principal, report_id: UUID, with_id: UUID | None = None
) -> Comparison:
    """Return a version and the one that it is compared with.

    That is the version before it of the same cycle that is no preview and no view, where none is
    named. Raises NotFound, NoVersionBefore, Invalid (of another cycle), ReportSchemaTooOld.
    """
    after = get_report(session, by=by, report_id=report_id)
    if with_id is None:
        before = _version_before(session, by, after)
    else:
        before = get_report(session, by=by, report_id=with_id)
        if before.cycle.id != after.cycle.id:
            years = f"/v1/plans/{after.cycle.plan_slug}/summary"
            raise Invalid(Fault("?with", OTHER_CYCLE, {"years": years}))
    reports = report_json(before), report_json(after)
    units = changed_inputs(*map(Side, reports))
    one, other = (
        Side(report, _shares(session, stored, report["indicators"], units))
        for stored, report in zip((before, after), reports, strict=True)
    )
    return Comparison(
        before=Compared(before, course_of(session, before).state, one),
        after=Compared(after, course_of(session, after).state, other),
        reasons=_reasons(session, _revisions(session, after, units)),
    )


def _version_before(session: Session, by: Principal, after: StoredReport) -> StoredReport:
    row = session.exec(
        visible_reports(by)
        .join(ConsolidationRequest, col(ConsolidationRequest.id) == ConsolidatedReport.id)
        .where(
            ConsolidatedReport.cycle_id == after.report.cycle_id,
            col(ConsolidatedReport.version) < after.report.version,
            *proposable(),
        )
        .order_by(col(ConsolidatedReport.version).desc())
    ).first()
    if row is None:
        raise NoVersionBefore(version=after.report.version)
    return StoredReport(*row)


def _revisions(session: Session, stored: StoredReport, units: Iterable[str]) -> dict[str, UUID]:
    """Return the submission revisions of some units that a version counts."""
    wanted = set(units)
    roster = session.get_one(ConsolidationRequest, stored.report.id).roster
    lines = (StoredLine.model_validate(row) for row in roster if row["line"]["unit"] in wanted)
    return {one.line.unit: one.revision_id for one in lines if one.revision_id is not None}


def _shares(
    session: Session, stored: StoredReport, indicators: list[Mapping[str, str]], units: list[str]
) -> dict[str, dict[Name, Decimal]]:
    """Return what some units' submissions add to the figures of a version that counts them."""
    revisions = _revisions(session, stored, units)
    rows = session.exec(
        select(StoredRollup).where(col(StoredRollup.submission_revision_id).in_(revisions.values()))
    )
    rollups = {row.submission_revision_id: from_json(row.content) for row in rows}
    request = session.get_one(ConsolidationRequest, stored.report.id)
    levels = _levels(session, rollups.values(), request.known_at or request.requested_at)
    return {
        unit: shares(
            rollups[revision],
            unit=unit,
            indicators=indicators,
            level_of=lambda key: levels[key] or PROVINCIAL_BODY,
        )
        for unit, revision in revisions.items()
    }


def _levels(
    session: Session, rollups: Iterable[Rollup], known_at: datetime
) -> dict[str, str | None]:
    units = {cell.member for one in rollups for _, cell in one.counts if cell.dimension == "unit"}
    known = versions_of(session, units, known_at=known_at)
    return {key: unit.level for key, unit in known.items()}


def _reasons(session: Session, revisions: Mapping[str, UUID]) -> dict[str, str]:
    rows = session.exec(
        select(SubmissionRevision.id, SubmissionRevision.reason).where(
            col(SubmissionRevision.id).in_(revisions.values())
        )
    )
    told = {revision: reason for revision, reason in rows if reason is not None}
    return {unit: told[one] for unit, one in revisions.items() if one in told}
