"""What is in the database after a rush, compared with what was entered and with the receipts."""

import json
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.audit.models import AuditEntry
from app.domain.catalogue.queries import indicators
from app.domain.consolidation.arithmetic import ActivityFact, MeasureFact, fold
from app.domain.consolidation.models import StoredRollup
from app.domain.consolidation.rollup_json import to_json
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from tests.scenario.rush import CODE, UNITS, Rush, activities
from tests.support.makers import PLAN

Receipt = dict[str, Any]
JOBS: Final = "SELECT workflow_uuid, status FROM dbos.workflow_status WHERE name = 'rollup'"
STEPS: Final = """
    SELECT workflow_uuid, function_name, operation_outputs.error FROM dbos.operation_outputs
    JOIN dbos.workflow_status USING (workflow_uuid) WHERE name = 'rollup'
"""
DONE: Final = """
    SELECT executor_id, count(*) FROM dbos.workflow_status
    WHERE name = 'rollup' AND status = 'SUCCESS' GROUP BY executor_id
"""
A_MINUTE: Final = timedelta(minutes=1)


def submitted(session: Session) -> list[tuple[str, SubmissionRevision]]:
    """Return the submitted revisions of the cycle with their units, by unit."""
    statement = (
        select(RosterRow.unit_key, SubmissionRevision)
        .join(Submission, col(Submission.roster_row_id) == RosterRow.id)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .join(ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id)
        .where(ReportingCycle.code == CODE, SubmissionRevision.state != "draft")
        .order_by(col(RosterRow.unit_key))
    )
    return [(unit, revision) for unit, revision in session.exec(statement)]


def check_receipts(
    session: Session, receipts: dict[str, Receipt], *, due_at: datetime
) -> dict[UUID, str]:
    """Every unit has one submitted revision, of the last minute; return their units by their ids.

    What the client holds as its receipt is what is stored.
    """
    rows = submitted(session)
    assert [unit for unit, _ in rows] == sorted(UNITS)
    for unit, revision in rows:
        receipt = receipts[unit]
        assert revision.received_at is not None
        assert due_at - A_MINUTE <= revision.received_at < due_at, unit
        assert (revision.number, revision.state, revision.filed_by) == (1, "submitted", unit)
        assert datetime.fromisoformat(receipt["received_at"]) == revision.received_at
        assert (receipt["sha256"], receipt["timeliness"]) == (revision.sha256, "on_time")
        assert (receipt["review"], receipt["unit"]) == ("submitted", unit)
    entries = select(func.count()).where(
        AuditEntry.action == "submission.submitted", col(AuditEntry.refusal).is_(None)
    )
    assert session.exec(entries).one() == len(UNITS)
    return {revision.id: unit for unit, revision in rows}


def check_rollups(session: Session, units: dict[UUID, str]) -> None:
    """There is one rollup for each revision: that of what was entered, added up anew."""
    over_time = {row.indicator_code: row.over_time for row in indicators(session, plan=PLAN)}
    facts = entered()
    stored = session.exec(select(StoredRollup)).all()
    assert sorted(row.submission_revision_id for row in stored) == sorted(units)
    for row in stored:
        unit = units[row.submission_revision_id]
        anew = to_json(fold(facts[unit], over_time))  # type: ignore[arg-type]
        assert row.content == anew, unit


def entered() -> dict[str, list[ActivityFact]]:
    """Return by unit what was entered for it: its row is the nearest, whoever entered it."""
    facts: dict[str, list[ActivityFact]] = {}
    for _, bodies in activities():
        for body in bodies:
            day = date.fromisoformat(body["occurred_on"])
            unit = body["unit"]
            fact = ActivityFact(
                unit=unit,
                item=body["plan_item"],
                occurred_on=day,
                ended_on=day,
                occurrences=1,
                channel=body["channel"],
                format=body["format"],
                languages=tuple(sorted(body["languages"])),
                themes=tuple(body["content_themes"]),
                integrated=False,
                measures=tuple(
                    MeasureFact(one["indicator"], "original", int(one["value"]))
                    for one in body["measures"]
                ),
                expenditure=tuple((one["source"], one["amount"]) for one in body["expenditure"]),
            )
            facts.setdefault(unit, []).append(fact)
    return facts


def check_frozen_once(session: Session) -> None:
    """Every activity of those who submitted is held by exactly one revision, its own unit's."""
    statement = (
        select(ActivityReport.unit_key, RosterRow.unit_key)
        .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .join(
            SubmissionRevision,
            col(SubmissionRevision.id) == FrozenActivity.submission_revision_id,
        )
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
    )
    held = [(of, by) for of, by in session.exec(statement)]
    assert all(of == by for of, by in held)
    facts = entered()
    assert len(held) == sum(len(facts[unit]) for unit in UNITS)


def check_jobs(session: Session, units: dict[UUID, str]) -> None:
    """There is one job for each revision, which did its one step once and ended well."""
    jobs = _rows(session, JOBS)
    assert jobs == sorted((f"rollup:{revision}", "SUCCESS") for revision in units)
    steps = _rows(session, STEPS)
    assert steps == sorted((f"rollup:{revision}", "build_rollup", None) for revision in units)


def done_by(session: Session) -> dict[str, int]:
    """Return how many rollups each worker has done, by its name."""
    return {str(worker): int(number) for worker, number in _rows(session, DONE)}


def _rows(session: Session, query: str) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, session.connection().execute(sa.text(query))))


def check_logs(rush: Rush) -> None:
    """No process logged an error, and every API process submitted something."""
    for log in sorted(rush.folder.glob("*.log")):
        said = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        wrong = [line for line in said if line["level"] in ("error", "critical")]
        assert not wrong, (log.name, wrong)
        if log.name.startswith("api-"):
            paths = [line["path"] for line in said if line["event"] == "request"]
            assert any(path.endswith("/submit") for path in paths), log.name
