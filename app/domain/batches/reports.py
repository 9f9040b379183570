"""Taking in activity reports many at a time: the rules of single ones, in few statements."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from app.domain.activities.body import ActivityRow
from app.domain.activities.candidate import Candidate, NaturalKey, UnitNotYours, prepare
from app.domain.activities.held import Held, ReportExists, RevisionChanged, held
from app.domain.activities.models import ActivityReport
from app.domain.activities.queries import stored
from app.domain.activities.service import REASON_NEEDED, differing, refuse_another_body
from app.domain.activities.store import (
    NewRevision,
    Row,
    advance_reports,
    insert_reports,
    insert_revisions,
    new_report,
    new_revision,
)
from app.domain.batches.outcomes import RowOutcome, faults_of_refusal, rejected
from app.domain.batches.rows import RawRow
from app.domain.errors import DomainError, Fault, Invalid
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.wire_faults import faults_in_body


@dataclass(frozen=True)
class _Sent:
    """A row whose body could be read."""

    raw: RawRow
    row: ActivityRow
    candidate: Candidate


@dataclass
class _Writing:
    """What is to be written of a portion of rows, in their order."""

    reports: dict[UUID, Row] = field(default_factory=dict)
    made: list[NewRevision] = field(default_factory=list)
    outcomes: dict[int, RowOutcome] = field(default_factory=dict)
    conflicts: dict[int, tuple[_Sent, Held]] = field(default_factory=dict)

    def about(self, number: int) -> UUID | None:
        """Return the id of the report that a row of the portion was decided to be about."""
        if number in self.conflicts:
            return self.conflicts[number][1].report_id
        return self.outcomes[number].report_id


def take_in_reports(
    session: Session,
    reference: Reference,
    *,
    rows: Sequence[RawRow],
    update: bool,
    by: Principal,
    at: datetime,
) -> list[RowOutcome]:
    """Store a portion of rows, each as it would be alone; return their outcomes in order.

    With `update` a row that names the current revision of its report corrects it. What two rows
    of the portion say of the same report is told apart in their order.
    """
    sent: list[_Sent] = []
    outcomes: dict[int, RowOutcome] = {}
    for raw in rows:
        found = _read(session, reference, raw, by, at)
        if isinstance(found, RowOutcome):
            outcomes[raw.number] = found
        else:
            sent.append(found)
    while sent:
        writing = _Writing()
        there = held(session, [one.candidate.natural_key for one in sent], lock=update)
        for one in sent:
            _decide(writing, there, one, update=update, by=by, at=at)
        lost = _write(session, writing, at=at)
        # What somebody else stored in this instant is there now: its rows are decided anew.
        sent = [one for one in sent if writing.about(one.raw.number) in lost]
        again = {one.raw.number for one in sent}
        _tell_conflicts(session, writing, but=again)
        outcomes |= writing.outcomes
    return [outcomes[raw.number] for raw in rows]


def _read(
    session: Session, reference: Reference, raw: RawRow, by: Principal, at: datetime
) -> _Sent | RowOutcome:
    faults = list(raw.faults)
    if raw.value is None and faults:
        return rejected(raw, faults)
    try:
        row = ActivityRow.model_validate(raw.value)
    except ValidationError as error:
        told = {fault.pointer for fault in faults}
        faults += [fault for fault in faults_in_body(error) if fault.pointer not in told]
        return rejected(raw, faults)
    if faults:
        return rejected(raw, faults)
    try:
        return _Sent(raw, row, _prepare(session, reference, row, by, at))
    except DomainError as refusal:
        return rejected(raw, faults_of_refusal(refusal, "/unit"))


def _prepare(
    session: Session, reference: Reference, row: ActivityRow, by: Principal, at: datetime
) -> Candidate:
    """Prepare a row as a body; what would be another body's report is refused as that first."""
    try:
        return prepare(reference, body=row, by=by, at=at)
    except (UnitNotYours, Invalid):
        if row.expected_revision is not None:
            refuse_another_body(session, reference, body=row, by=by)
        raise


def _decide(
    writing: _Writing,
    there: dict[NaturalKey, Held],
    one: _Sent,
    *,
    update: bool,
    by: Principal,
    at: datetime,
) -> None:
    candidate, key = one.candidate, one.candidate.natural_key
    before = there.get(key)
    try:
        if before is None:
            there[key] = _create(writing, one, by, at)
            return
        meaning = before.meaning_of(
            candidate, expected=one.row.expected_revision if update else None
        )
        if meaning == "updated":
            _correct(writing, one, before, by, at)
            return
    except ReportExists:
        if before is not None and candidate.refusal is None:
            writing.conflicts[one.raw.number] = (one, before)
            return
        refusal = candidate.refusal or Invalid()
        writing.outcomes[one.raw.number] = rejected(one.raw, refusal.faults)
    except DomainError as refused:
        faults = faults_of_refusal(refused, "/expected_revision")
        writing.outcomes[one.raw.number] = rejected(one.raw, faults)
    else:
        _tell(writing, one, "unchanged", before.report_id, before.number)


def _create(writing: _Writing, one: _Sent, by: Principal, at: datetime) -> Held:
    if one.row.expected_revision is not None:
        raise RevisionChanged(current="—")
    checked = one.candidate.must_be_valid()
    report = new_report(one.candidate, at=at)
    report_id: UUID = report["id"]
    writing.reports[report_id] = report
    writing.made.append(
        new_revision(one.candidate, checked, report_id=report_id, number=1, by=by, at=at)
    )
    _tell(writing, one, "created", report_id, 1)
    return Held(report_id, 1, withdrawn=False, hashes={1: one.candidate.sha256})


def _correct(writing: _Writing, one: _Sent, before: Held, by: Principal, at: datetime) -> None:
    checked = one.candidate.must_be_valid()
    if one.row.reason is None:
        raise Invalid(Fault("/reason", REASON_NEEDED))
    before.number += 1
    before.hashes[before.number] = one.candidate.sha256
    writing.made.append(
        new_revision(
            one.candidate,
            checked,
            report_id=before.report_id,
            number=before.number,
            by=by,
            at=at,
            kind="corrected",
            reason=one.row.reason,
        )
    )
    _tell(writing, one, "updated", before.report_id, before.number)


def _tell(writing: _Writing, one: _Sent, outcome: str, report_id: UUID, revision: int) -> None:
    writing.outcomes[one.raw.number] = RowOutcome(
        one.raw.number,
        one.row.external_id,
        outcome,  # type: ignore[arg-type]
        report_id,
        revision,
    )


def _write(session: Session, writing: _Writing, *, at: datetime) -> set[UUID]:
    """Write it all; return the ids of new reports whose natural key somebody took meanwhile."""
    lost: set[UUID] = set()
    if writing.reports:
        # In one order, as locks are taken: two portions with the same records do not entangle.
        new = sorted(writing.reports.values(), key=_natural_key)
        lost = set(writing.reports) - insert_reports(session, new)
    made = [one for one in writing.made if one.row["report_id"] not in lost]
    insert_revisions(session, made)
    advance_reports(session, [one for one in made if one.row["number"] > 1], at=at)
    return lost


def _natural_key(report: Row) -> NaturalKey:
    return report["unit_key"], report["source_system"], report["external_id"]


def _tell_conflicts(session: Session, writing: _Writing, *, but: Set[int]) -> None:
    """Reject the rows that say something else than what is stored, with what differs."""
    conflicts = [pair for number, pair in writing.conflicts.items() if number not in but]
    if not conflicts:
        return
    session.expire_all()
    ids = {before.report_id for _, before in conflicts}
    reports = session.exec(select(ActivityReport).where(col(ActivityReport.id).in_(ids))).all()
    said = {one.report.id: one.said for one in stored(session, reports)}
    for one, before in conflicts:
        fields = ", ".join(differing(said[before.report_id], one.candidate.said))
        fault = Fault("", ReportExists.text, {"revision": before.number, "fields": fields})
        writing.outcomes[one.raw.number] = rejected(one.raw, [fault])
