"""Deciding which body is a unit's finance authority, from which day on; who it is on a day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.budgets.bodies import AuthorityBody
from app.domain.budgets.models import BudgetAuthority
from app.domain.budgets.years import must_set_up
from app.domain.cycles.province import Decided
from app.domain.principal import Principal
from app.domain.recorded import known, record
from app.domain.units.models import Unit
from app.domain.units.queries import holds_on, resolve


def authorities(
    session: Session, *, units: Collection[str] | None = None, on: date | None = None
) -> Sequence[BudgetAuthority]:
    """Return the finance authorities as they are known now: of units, as either side; on a day.

    Territorial units that are presumed to be their own have no row.
    """
    statement = select(BudgetAuthority).where(*known(BudgetAuthority))
    if units is not None:
        sides = col(BudgetAuthority.unit_key), col(BudgetAuthority.authority_key)
        statement = statement.where(sides[0].in_(units) | sides[1].in_(units))
    if on is not None:
        statement = statement.where(*holds_on(BudgetAuthority, on))
    order = col(BudgetAuthority.unit_key), col(BudgetAuthority.valid_from)
    return session.exec(statement.order_by(*order)).all()


def decide_authority(
    session: Session, *, body: AuthorityBody, by: Principal, at: datetime
) -> Decided[BudgetAuthority]:
    """Decide which body is a unit's finance authority from a day on, until another decision.

    Who was so before is until that day; what was decided of later days no longer holds. The same
    again changes nothing. By who sets up budgets. Raises NotFinanceAuthority, Invalid.
    """
    must_set_up(session, by=by, at=at)
    unit = resolve(session, body.unit, on=body.valid_from, pointer="/unit")
    authority = resolve(session, body.authority, on=body.valid_from, pointer="/authority")
    session.exec(
        select(Unit.key).where(Unit.key == unit.unit_key).with_for_update(key_share=True)
    ).one()
    new = BudgetAuthority(
        unit_key=unit.unit_key,
        authority_key=authority.unit_key,
        level=body.level,
        valid_from=body.valid_from,
        provenance="decision",
        reason=body.reason,
        document=body.document,
        actor=by.unit,
        recorded_at=at,
    )
    overlapping = overlapping_rows(session, new)
    if [_says(one) for one in overlapping] == [_says(new)]:
        return Decided(overlapping[0], "unchanged")
    give_way(session, overlapping, new)
    session.add(new)
    session.flush()
    audit(
        session,
        by=by,
        at=at,
        action="budget_authority.decided",
        target=("unit", unit.unit_key),
        before={"authorities": [one.authority_key for one in overlapping]},
        after={
            "authority": authority.unit_key,
            "level": body.level,
            "from": str(body.valid_from),
            "reason": body.reason,
        },
    )
    return Decided(new, "changed" if overlapping else "created")


def overlapping_rows(session: Session, new: BudgetAuthority) -> Sequence[BudgetAuthority]:
    """Return a unit's current rows that hold on any day from the new one's first."""
    end = col(BudgetAuthority.valid_to)
    statement = select(BudgetAuthority).where(
        BudgetAuthority.unit_key == new.unit_key,
        end.is_(None) | (end > new.valid_from),
        *known(BudgetAuthority),
    )
    return session.exec(statement.order_by(col(BudgetAuthority.valid_from))).all()


def give_way(
    session: Session, overlapping: Sequence[BudgetAuthority], new: BudgetAuthority
) -> None:
    """Close the rows that a new one takes days from, and keep their days before it."""
    for one in overlapping:
        if one.valid_from < new.valid_from:
            said = one.model_dump(exclude={"id", "superseded_at"})
            said |= {"valid_to": new.valid_from, "recorded_at": new.recorded_at}
            record(session, one, BudgetAuthority(**said))
        else:
            one.superseded_at = new.recorded_at
            session.add(one)
        session.flush()


def _says(one: BudgetAuthority) -> dict[str, object]:
    return one.model_dump(exclude={"id", "recorded_at", "superseded_at", "actor"})
