"""Who holds a dated role in a plan's reporting, and giving it to another unit from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.domain.assignments.models import UnitRole
from app.domain.period import Period
from app.domain.plans.models import Plan
from app.domain.recorded import Change, known, record
from app.domain.units.queries import holds_on, resolve


@dataclass(frozen=True)
class Assigned:
    """A role as it is held from a day on, and what became of the assignment."""

    role: UnitRole
    change: Change


def unit_roles(
    session: Session,
    *,
    plan: str | None = None,
    role: str | None = None,
    on: date | None = None,
) -> Sequence[UnitRole]:
    """Return who holds which role, as it is known now, by plan, role and period."""
    statement = select(UnitRole).where(*known(UnitRole))
    if plan is not None:
        statement = statement.where(UnitRole.plan_slug == plan)
    if role is not None:
        statement = statement.where(UnitRole.role == role)
    if on is not None:
        statement = statement.where(*holds_on(UnitRole, on))
    order = col(UnitRole.valid_from).nulls_first(), col(UnitRole.id)
    return session.exec(
        statement.order_by(col(UnitRole.plan_slug), col(UnitRole.role), *order)
    ).all()


def assign_role(
    session: Session,
    *,
    plan: str,
    role: str,
    unit: str,
    valid_from: date,
    reason: str,
    at: datetime,
) -> Assigned:
    """Give a role to a unit (its code on that day, or its key) for the rest of a holder's period.

    Whoever holds it on that day does so until then. What was assigned of later days stays: where
    nobody holds it on that day, it is held until the next holder's. The same again changes
    nothing. Raises Invalid for a unit that is not in being on that day.
    """
    session.exec(select(Plan.slug).where(Plan.slug == plan).with_for_update(key_share=True)).one()
    found = resolve(session, unit, on=valid_from, pointer="--unit")
    rows = unit_roles(session, plan=plan, role=role)
    holder = next((row for row in rows if valid_from in _period(row)), None)
    later = (row.valid_from for row in rows if row.valid_from and row.valid_from > valid_from)
    new = UnitRole(
        plan_slug=plan,
        role=role,
        unit_key=found.unit_key,
        valid_from=valid_from,
        valid_to=holder.valid_to if holder else min(later, default=None),
        provenance="decision",
        reason=reason,
        recorded_at=at,
    )
    if holder is None or holder.valid_from == valid_from:
        change = record(session, holder, new)
        session.flush()
        return Assigned(holder if holder and change == "unchanged" else new, change)
    closed = holder.model_dump(exclude={"id", "superseded_at"})
    record(session, holder, UnitRole(**{**closed, "valid_to": valid_from, "recorded_at": at}))
    session.flush()
    session.add(new)
    session.flush()
    return Assigned(new, "added")


def _period(row: UnitRole) -> Period:
    return Period(row.valid_from, row.valid_to)
