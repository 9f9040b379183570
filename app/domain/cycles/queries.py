"""Reading reporting cycles and their rosters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.domain.cycles.models import (
    ReportingCycle,
    ReportingCycleVersion,
    RosterRow,
    RosterRowVersion,
)
from app.domain.errors import NotFound
from app.domain.period import Period
from app.domain.recorded import known
from app.domain.units.models import UnitVersion


@dataclass(frozen=True)
class Cycle:
    """A cycle as it is known today."""

    id: int
    plan: str
    year: int
    kind: str
    window: Period
    due_at: datetime
    provenance: str
    reason: str


@dataclass(frozen=True)
class Duty:
    """A roster row as it is known today, with its unit."""

    row_id: int
    unit: UnitVersion
    basis: str
    reason: str
    covers: Period
    due_at: datetime


def find_cycle(session: Session, *, plan: str, year: int) -> ReportingCycle | None:
    """Return a yearly cycle, or None where it was not opened."""
    return session.exec(
        select(ReportingCycle).where(ReportingCycle.plan_slug == plan, ReportingCycle.year == year)
    ).first()


def cycles(
    session: Session, *, plan: str | None = None, year: int | None = None
) -> Sequence[Cycle]:
    """Return the open cycles, by plan and year."""
    statement = (
        select(ReportingCycle, ReportingCycleVersion)
        .join(ReportingCycleVersion, col(ReportingCycleVersion.cycle_id) == ReportingCycle.id)
        .where(*known(ReportingCycleVersion))
        .order_by(col(ReportingCycle.plan_slug), col(ReportingCycle.year))
    )
    if plan is not None:
        statement = statement.where(ReportingCycle.plan_slug == plan)
    if year is not None:
        statement = statement.where(ReportingCycle.year == year)
    return [_cycle(*row) for row in session.exec(statement)]


def get_cycle(session: Session, *, plan: str, year: int) -> Cycle:
    """Return one yearly cycle. Raises NotFound."""
    for cycle in cycles(session, plan=plan, year=year):
        return cycle
    raise NotFound()


def window_of(session: Session, *, plan: str, on: date) -> Period:
    """Return the window of the yearly cycle that a day belongs to.

    Where no such cycle is open yet it is the calendar year, as a yearly cycle's window is unless
    the province says otherwise.
    """
    for cycle in cycles(session, plan=plan):
        if on in cycle.window:
            return cycle.window
    return Period(date(on.year, 1, 1), date(on.year + 1, 1, 1))


def cycle_by_id(session: Session, cycle_id: int) -> Cycle:
    """Return the cycle with that internal id. Raises NotFound."""
    identity = session.get(ReportingCycle, cycle_id)
    if identity is None:
        raise NotFound()
    return get_cycle(session, plan=identity.plan_slug, year=identity.year)


def roster(session: Session, *, cycle_id: int) -> list[Duty]:
    """Return a cycle's roster, by unit key."""
    statement = _duties().where(col(RosterRow.cycle_id) == cycle_id)
    return [_duty(*row) for row in session.exec(statement.order_by(col(RosterRow.unit_key)))]


def duty(session: Session, *, row_id: int) -> Duty:
    """Return one roster row. Raises NotFound."""
    row = session.exec(_duties().where(col(RosterRow.id) == row_id)).first()
    if row is None:
        raise NotFound()
    return _duty(*row)


def _cycle(identity: ReportingCycle, version: ReportingCycleVersion) -> Cycle:
    return Cycle(
        id=version.cycle_id,
        plan=identity.plan_slug,
        year=identity.year,
        kind=identity.kind,
        window=version.window,
        due_at=version.due_at,
        provenance=version.provenance,
        reason=version.reason,
    )


def _duties() -> Select[RosterRowVersion, UnitVersion]:
    return (
        select(RosterRowVersion, UnitVersion)
        .join(RosterRow, col(RosterRow.id) == RosterRowVersion.roster_row_id)
        .join(UnitVersion, col(UnitVersion.unit_key) == RosterRow.unit_key)
        .where(*known(RosterRowVersion, UnitVersion))
    )


def _duty(version: RosterRowVersion, unit: UnitVersion) -> Duty:
    return Duty(
        row_id=version.roster_row_id,
        unit=unit,
        basis=version.basis,
        reason=version.reason,
        covers=version.covers,
        due_at=version.due_at,
    )
