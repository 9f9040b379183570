"""Reading reporting cycles and their rosters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.domain.cycles.models import (
    DeclaredOutage,
    ReportingCycle,
    ReportingCycleVersion,
    RosterRow,
    RosterRowVersion,
)
from app.domain.cycles.timeliness import Deadline, Outage, deadline
from app.domain.errors import NotFound
from app.domain.period import Period
from app.domain.recorded import known
from app.domain.units.models import UnitVersion


@dataclass(frozen=True)
class Cycle:
    """A cycle as it is known now. `version` is the number of what is known: it is an ETag."""

    id: int
    plan: str
    code: str
    year: int
    kind: str
    name: str | None
    window: Period
    opens_at: datetime | None
    due_at: datetime
    supplement_due_at: datetime | None
    items: tuple[str, ...] | None
    provenance: str
    reason: str
    document: str | None
    actor: str
    version: int

    @property
    def key(self) -> str:
        """The public key: plan, a point, the code."""
        return f"{self.plan}.{self.code}"


@dataclass(frozen=True)
class Duty:
    """A roster row as it is known now, with its unit. `version` is an ETag, as a cycle's."""

    row_id: int
    unit: UnitVersion
    basis: str
    reason: str
    covers: Period
    due_at: datetime
    extended_to: datetime | None
    closing: bool
    provenance: str
    document: str | None
    actor: str
    version: int

    @property
    def last_day(self) -> date:
        """The last day that the unit's report covers, inclusive."""
        return self.covers.bounds[1] - timedelta(days=1)

    def deadline(self, outages: Sequence[Outage] = ()) -> Deadline:
        """Return the deadline of the row's report."""
        return deadline(self.due_at, extended_to=self.extended_to, outages=outages)

    def supplement_deadline(
        self, cycle: Cycle, outages: Sequence[Outage] = (), *, reported_to: date | None = None
    ) -> Deadline | None:
        """Return the deadline of the row's year-end supplement, or None where none is owed.

        A closing report has none, nor has one that runs to the last day covered already:
        `reported_to` is the day to which the report runs.
        """
        if self.closing or cycle.supplement_due_at is None:
            return None
        if reported_to is not None and reported_to >= self.last_day:
            return None
        return deadline(cycle.supplement_due_at, outages=outages)


def find_cycle(session: Session, *, plan: str, code: str) -> ReportingCycle | None:
    """Return a cycle by its code, or None where it was not opened."""
    return session.exec(
        select(ReportingCycle).where(ReportingCycle.plan_slug == plan, ReportingCycle.code == code)
    ).first()


def cycles(
    session: Session,
    *,
    plan: str | None = None,
    year: int | None = None,
    kind: str | None = None,
) -> Sequence[Cycle]:
    """Return the open cycles, by plan and code."""
    statement = _cycles().order_by(col(ReportingCycle.plan_slug), col(ReportingCycle.code))
    if plan is not None:
        statement = statement.where(ReportingCycle.plan_slug == plan)
    if year is not None:
        statement = statement.where(ReportingCycle.year == year)
    if kind is not None:
        statement = statement.where(ReportingCycle.kind == kind)
    return [_cycle(*row) for row in session.exec(statement)]


def get_cycle(session: Session, *, plan: str, code: str, known_at: datetime | None = None) -> Cycle:
    """Return one cycle as it is known now, or was at an instant. Raises NotFound.

    The code of a yearly cycle is its year.
    """
    conditions = ReportingCycle.plan_slug == plan, ReportingCycle.code == code
    row = session.exec(_cycles(known_at).where(*conditions)).first()
    if row is None:
        raise NotFound()
    return _cycle(*row)


def window_of(session: Session, *, plan: str, on: date) -> Period:
    """Return the window of the yearly cycle that a day belongs to.

    Where no such cycle is open yet it is the calendar year, as a yearly cycle's window is unless
    the province says otherwise.
    """
    for cycle in cycles(session, plan=plan, kind="yearly"):
        if on in cycle.window:
            return cycle.window
    return Period(date(on.year, 1, 1), date(on.year + 1, 1, 1))


def cycle_by_id(session: Session, cycle_id: int, *, known_at: datetime | None = None) -> Cycle:
    """Return the cycle with that internal id, as it is or was known. Raises NotFound."""
    row = session.exec(_cycles(known_at).where(ReportingCycle.id == cycle_id)).first()
    if row is None:
        raise NotFound()
    return _cycle(*row)


def roster(session: Session, *, cycle_id: int, known_at: datetime | None = None) -> list[Duty]:
    """Return a cycle's roster as it is known now, or was at an instant, by unit key."""
    statement = _duties(known_at).where(col(RosterRow.cycle_id) == cycle_id)
    return [_duty(*row) for row in session.exec(statement.order_by(col(RosterRow.unit_key)))]


def duties(session: Session, *, row_ids: Sequence[int]) -> dict[int, Duty]:
    """Return roster rows by their internal ids."""
    statement = _duties().where(col(RosterRow.id).in_(row_ids))
    return {found.row_id: found for found in (_duty(*row) for row in session.exec(statement))}


def duty(session: Session, *, row_id: int) -> Duty:
    """Return one roster row. Raises NotFound."""
    row = session.exec(_duties().where(col(RosterRow.id) == row_id)).first()
    if row is None:
        raise NotFound()
    return _duty(*row)


def duty_of(session: Session, *, cycle_id: int, unit: str) -> Duty | None:
    """Return the row of a unit (its key) in a cycle, or None."""
    conditions = col(RosterRow.cycle_id) == cycle_id, col(RosterRow.unit_key) == unit
    row = session.exec(_duties().where(*conditions)).first()
    return None if row is None else _duty(*row)


def outages(session: Session, *, cycle_id: int, known_at: datetime | None = None) -> list[Outage]:
    """Return the outages declared for a cycle, as known now or at an instant, oldest first."""
    statement = select(DeclaredOutage).where(
        DeclaredOutage.cycle_id == cycle_id, *known(DeclaredOutage, at=known_at)
    )
    rows = session.exec(statement.order_by(col(DeclaredOutage.began_at), col(DeclaredOutage.id)))
    return [Outage(row.id or 0, row.began_at, row.ended_at, row.accepts_until) for row in rows]


def _cycles(
    known_at: datetime | None = None,
) -> Select[ReportingCycle, ReportingCycleVersion]:
    return (
        select(ReportingCycle, ReportingCycleVersion)
        .join(ReportingCycleVersion, col(ReportingCycleVersion.cycle_id) == ReportingCycle.id)
        .where(*known(ReportingCycleVersion, at=known_at))
    )


def _cycle(identity: ReportingCycle, version: ReportingCycleVersion) -> Cycle:
    return Cycle(
        id=version.cycle_id,
        plan=identity.plan_slug,
        code=identity.code,
        year=identity.year,
        kind=identity.kind,
        name=version.name,
        window=version.window,
        opens_at=version.opens_at,
        due_at=version.due_at,
        supplement_due_at=version.supplement_due_at,
        items=None if version.items is None else tuple(version.items),
        provenance=version.provenance,
        reason=version.reason,
        document=version.document,
        actor=version.actor,
        version=version.id or 0,
    )


def _duties(known_at: datetime | None = None) -> Select[RosterRowVersion, UnitVersion]:
    return (
        select(RosterRowVersion, UnitVersion)
        .join(RosterRow, col(RosterRow.id) == RosterRowVersion.roster_row_id)
        .join(UnitVersion, col(UnitVersion.unit_key) == RosterRow.unit_key)
        .where(*known(RosterRowVersion, UnitVersion, at=known_at))
    )


def _duty(version: RosterRowVersion, unit: UnitVersion) -> Duty:
    return Duty(
        row_id=version.roster_row_id,
        unit=unit,
        basis=version.basis,
        reason=version.reason,
        covers=version.covers,
        due_at=version.due_at,
        extended_to=version.extended_to,
        closing=version.closing,
        provenance=version.provenance,
        document=version.document,
        actor=version.actor,
        version=version.id or 0,
    )
