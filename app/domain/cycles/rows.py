"""The one place that records a version of a roster row, or of a cycle."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.base import added_id
from app.domain.cycles.models import ReportingCycleVersion, RosterRow, RosterRowVersion
from app.domain.period import Period
from app.domain.recorded import Change, known, record


@dataclass(frozen=True)
class RowSaid:
    """What is said of a unit's row in a cycle; `RosterRowVersion` tells what each means."""

    basis: str
    reason: str
    covers: Period
    due_at: datetime
    extended_to: datetime | None = None
    closing: bool = False
    provenance: str = "plan"
    document: str | None = None

    def but(self, **changes: object) -> "RowSaid":
        """Return the same with some of it changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def said_of(version: RosterRowVersion) -> RowSaid:
    """Return what a recorded version says."""
    return RowSaid(
        basis=version.basis,
        reason=version.reason,
        covers=version.covers,
        due_at=version.due_at,
        extended_to=version.extended_to,
        closing=version.closing,
        provenance=version.provenance,
        document=version.document,
    )


def current_row(session: Session, *, cycle_id: int, unit: str) -> RosterRowVersion | None:
    """Return what is known now of a unit's row (by its key), or None where it has none.

    The row is locked: of two who amend it the second sees what the first did.
    """
    row = session.exec(
        select(RosterRow)
        .where(RosterRow.cycle_id == cycle_id, RosterRow.unit_key == unit)
        .with_for_update(key_share=True)  # what refers to the row need not wait
    ).first()
    if row is None:
        return None
    return session.exec(
        select(RosterRowVersion).where(
            col(RosterRowVersion.roster_row_id) == row.id, *known(RosterRowVersion)
        )
    ).one()


def record_row(
    session: Session, *, cycle_id: int, unit: str, said: RowSaid, at: datetime, actor: str
) -> Change:
    """Record what is said of a unit's row, which is added where it is not there."""
    current = current_row(session, cycle_id=cycle_id, unit=unit)
    if current is None:
        row_id = added_id(session, RosterRow(cycle_id=cycle_id, unit_key=unit))
    else:
        row_id = current.roster_row_id
    covers_from, covers_to = said.covers.bounds
    version = RosterRowVersion(
        roster_row_id=row_id,
        basis=said.basis,
        reason=said.reason,
        covers_from=covers_from,
        covers_to=covers_to,
        due_at=said.due_at,
        extended_to=said.extended_to,
        closing=said.closing,
        provenance=said.provenance,
        document=said.document,
        actor=actor,
        recorded_at=at,
    )
    if current is not None and said_of(current) == said:
        return "unchanged"  # whoever says the same again changes nothing
    change = record(session, current, version)
    session.flush()
    return change


def current_version(session: Session, *, cycle_id: int) -> ReportingCycleVersion | None:
    """Return what is known now of a cycle, or None of one that is being opened."""
    return session.exec(
        select(ReportingCycleVersion).where(
            ReportingCycleVersion.cycle_id == cycle_id, *known(ReportingCycleVersion)
        )
    ).first()


def says(version: ReportingCycleVersion) -> dict[str, object]:
    """Return what a version of a cycle says, whoever recorded it, and whenever."""
    return version.model_dump(exclude={"id", "recorded_at", "superseded_at", "actor"})


def record_cycle(session: Session, new: ReportingCycleVersion) -> Change:
    """Record what is said of a cycle; whoever says the same again changes nothing."""
    current = current_version(session, cycle_id=new.cycle_id)
    if current is not None and says(current) == says(new):
        return "unchanged"
    change = record(session, current, new)
    session.flush()
    return change
