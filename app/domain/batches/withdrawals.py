"""Withdrawing activity reports many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from app.domain.activities.held import held
from app.domain.activities.queries import (
    StoredActivity,
    find_activity,
    get_activity,
    natural_key,
)
from app.domain.activities.service import Precondition, withdraw
from app.domain.batches.outcomes import RowOutcome, faults_of_refusal, rejected
from app.domain.batches.rows import RawRow
from app.domain.errors import DomainError
from app.domain.fields import Day, ExternalId, ShortText, SystemName, UnitReference, WireModel
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.wire_faults import faults_in_body

IdText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class WithdrawalRow(WireModel):
    """One report to withdraw: by its id, or by its natural key and a day on which it is meant."""

    id: IdText | None = Field(default=None, description="The report's id.")
    unit: UnitReference | None = Field(
        default=None, description="Instead of the id: the unit, by key, or by its code on `on`."
    )
    on: Day | None = Field(
        default=None, description="The day on which the code in `unit` is meant."
    )
    source_system: SystemName | None = Field(default=None, description="As in the report.")
    external_id: ExternalId | None = Field(default=None, description="As in the report.")
    expected_revision: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="The number of the revision that is withdrawn."
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
class _Found:
    """A row with the report that it names."""

    raw: RawRow
    row: WithdrawalRow
    activity: StoredActivity


def take_in_withdrawals(
    session: Session,
    reference: Reference,
    *,
    rows: Sequence[RawRow],
    update: bool,  # noqa: ARG001 - a withdrawal always names the revision that it is meant for
    by: Principal,
    at: datetime,
) -> list[RowOutcome]:
    """Withdraw the reports that a portion of rows names; return the outcomes in order."""
    found = [_find(session, reference, raw, by) for raw in rows]
    keys = [natural_key(one.activity.report) for one in found if isinstance(one, _Found)]
    held(session, keys, lock=True)  # in one order, so that two portions do not entangle
    return [
        _withdraw(session, reference, one, by, at) if isinstance(one, _Found) else one
        for one in found
    ]


def _find(
    session: Session, reference: Reference, raw: RawRow, by: Principal
) -> _Found | RowOutcome:
    if raw.faults:
        return rejected(raw, raw.faults)
    try:
        row = WithdrawalRow.model_validate(raw.value)
        return _Found(raw, row, _named(session, reference, row, by))
    except ValidationError as error:
        return rejected(raw, faults_in_body(error))
    except DomainError as refusal:
        return rejected(raw, faults_of_refusal(refusal, ""))


def _withdraw(
    session: Session, reference: Reference, found: _Found, by: Principal, at: datetime
) -> RowOutcome:
    try:
        accepted = withdraw(
            session,
            reference,
            activity=found.activity,
            reason=found.row.reason,
            expected=Precondition(frozenset({found.row.expected_revision})),
            by=by,
            at=at,
            in_batch=True,
        )
    except DomainError as refusal:
        return rejected(found.raw, faults_of_refusal(refusal, ""))
    report, revision = accepted.activity.report, accepted.activity.revision.number
    return RowOutcome(found.raw.number, report.external_id, accepted.outcome, report.id, revision)


def _named(
    session: Session, reference: Reference, row: WithdrawalRow, by: Principal
) -> StoredActivity:
    if row.id is not None:
        return get_activity(session, by=by, report_id=UUID(row.id))
    assert row.unit and row.on and row.source_system and row.external_id  # noqa: S101, PT018 - validated
    unit = reference.unit(row.unit, row.on, "/unit")
    return find_activity(
        session,
        by=by,
        unit=unit.unit_key,
        source_system=row.source_system,
        external_id=row.external_id,
    )
