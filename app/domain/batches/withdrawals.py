"""Withdrawing activity reports many at a time."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Session, col

from app.domain.activities.candidate import NaturalKey
from app.domain.activities.held import Held, RevisionChanged, held
from app.domain.activities.models import ActivityReport
from app.domain.activities.queries import natural_key, readable_report, visible_activities
from app.domain.activities.service import may_turn
from app.domain.activities.store import (
    advance_reports,
    current_revisions,
    insert_revisions,
    repeated_revisions,
)
from app.domain.batches.outcomes import Outcome, RowOutcome, faults_of_refusal, rejected
from app.domain.batches.rows import RawRow
from app.domain.described import told
from app.domain.errors import DomainError, NotFound
from app.domain.fields import (
    SMALL,
    Day,
    ExternalId,
    ShortText,
    SystemName,
    UnitReference,
    WireModel,
)
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.wire_faults import faults_in_body

IdText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    told(maxLength=36),
]


class WithdrawalRow(WireModel):
    """One activity report to withdraw (hoạt động cần rút).

    By its id, or by its natural key and a day on which it is meant.
    """

    id: IdText | None = Field(default=None, description="The report's id (mã định danh).")
    unit: UnitReference | None = Field(
        default=None,
        description="Instead of the id: the unit (đơn vị), by key, or by its code on `on`.",
    )
    on: Day | None = Field(
        default=None, description="The day on which the code in `unit` is meant (tại ngày)."
    )
    source_system: SystemName | None = Field(
        default=None, description="The sending system, as in the report (hệ thống nguồn)."
    )
    external_id: ExternalId | None = Field(
        default=None, description="The record's id in that system, as in the report (mã bản ghi)."
    )
    expected_revision: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] = Field(
        description="The number of the revision that is withdrawn (lần sửa hiện hành)."
    )
    reason: ShortText = Field(description="Why it is withdrawn (lý do rút).")

    @model_validator(mode="after")
    def _names_one_report(self) -> Self:
        natural = (self.unit, self.on, self.source_system, self.external_id)
        by_key, by_id = all(part is not None for part in natural), self.id is not None
        if by_id == by_key or (by_id and any(part is not None for part in natural)):
            raise PydanticCustomError(
                "names_no_report", "either id, or unit, on, source_system and external_id"
            )
        return self


@dataclass(frozen=True)
class _Sent:
    """A row that names a report, by its id or by its natural key."""

    raw: RawRow
    row: WithdrawalRow
    name: UUID | NaturalKey


def take_in_withdrawals(
    session: Session,
    reference: Reference,
    *,
    rows: Sequence[RawRow],
    update: bool,  # noqa: ARG001 - a withdrawal always names the revision that it is meant for
    by: Principal,
    at: datetime,
) -> list[RowOutcome]:
    """Withdraw the reports that a portion of rows names, each as alone; return the outcomes."""
    outcomes: dict[int, RowOutcome] = {}
    reasons: dict[UUID, str] = {}
    read = [_read(reference, raw) for raw in rows]
    found = _find(session, by, [one.name for one in read if isinstance(one, _Sent)])
    # Locked in one order, as corrections are.
    there = held(session, {natural_key(report) for report in found.values()}, lock=True)
    ids = {one.report_id for one in there.values()}
    revisions = {one.report_id: one for one in current_revisions(session, ids)}
    for raw, one in zip(rows, read, strict=True):
        if isinstance(one, RowOutcome):
            outcomes[raw.number] = one
            continue
        try:
            report = found.get(one.name)
            if report is None:
                raise NotFound()
            revision = revisions[report.id]
            may_turn(reference, report=report, revision=revision, by=by, at=at)
            outcomes[raw.number] = _decide(one, report, there[natural_key(report)], reasons)
        except DomainError as refusal:
            outcomes[raw.number] = rejected(raw, faults_of_refusal(refusal, ""))
    made = repeated_revisions(session, reasons=reasons, kind="withdrawn", by=by, at=at)
    insert_revisions(session, made)
    advance_reports(session, made, at=at)
    return [outcomes[raw.number] for raw in rows]


def _read(reference: Reference, raw: RawRow) -> _Sent | RowOutcome:
    if raw.faults:
        return rejected(raw, raw.faults)
    try:
        row = WithdrawalRow.model_validate(raw.value)
        return _Sent(raw, row, _name(reference, row))
    except ValidationError as error:
        return rejected(raw, faults_in_body(error))
    except DomainError as refusal:
        return rejected(raw, faults_of_refusal(refusal, ""))


def _name(reference: Reference, row: WithdrawalRow) -> UUID | NaturalKey:
    if row.id is not None:
        return UUID(row.id)
    assert row.unit and row.on and row.source_system and row.external_id  # noqa: S101, PT018 - validated
    unit = reference.unit(row.unit, row.on, "/unit")
    return unit.unit_key, row.source_system, row.external_id


def _decide(
    one: _Sent, report: ActivityReport, there: Held, reasons: dict[UUID, str]
) -> RowOutcome:
    """Tell what becomes of a row, and note why its report is withdrawn, where it is now."""
    outcome: Outcome = "unchanged"
    if not there.withdrawn:
        if there.number != one.row.expected_revision:
            raise RevisionChanged(current=there.number)
        reasons[report.id] = one.row.reason
        outcome, there.withdrawn = "updated", True
        there.number += 1
    return RowOutcome(one.raw.number, report.external_id, outcome, report.id, there.number)


def _find(
    session: Session, by: Principal, names: Sequence[UUID | NaturalKey]
) -> dict[UUID | NaturalKey, ActivityReport]:
    """Return the reports that the caller may read, by the names that were given."""
    found: dict[UUID | NaturalKey, ActivityReport] = {}
    ids = {name for name in names if isinstance(name, UUID)}
    by_id = visible_activities(by).where(col(ActivityReport.id).in_(ids))
    found |= {report.id: report for report in session.exec(by_id)}
    for report_id in ids - found.keys():
        with suppress(NotFound):  # others' may be shown by a joint activity
            found[report_id] = readable_report(session, by=by, report_id=report_id)
    groups: dict[tuple[str, str], list[str]] = {}
    for name in names:
        if not isinstance(name, UUID):
            groups.setdefault(name[:2], []).append(name[2])
    for (unit, system), external_ids in groups.items():
        by_key = visible_activities(by).where(
            ActivityReport.unit_key == unit,
            ActivityReport.source_system == system,
            col(ActivityReport.external_id).in_(external_ids),
        )
        found |= {natural_key(report): report for report in session.exec(by_key)}
    return found
