"""Deciding which body is a unit's finance authority, from which day on; who it is on a day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.budgets.bodies import AuthorityBody
from app.domain.budgets.models import BudgetAuthority
from app.domain.budgets.years import must_set_up
from app.domain.cycles.province import Decided
from app.domain.dated import decide_from
from app.domain.principal import Principal
from app.domain.recorded import known
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
    recorded, overlapping = decide_from(session, new)
    if not recorded:
        return Decided(overlapping[0], "unchanged")
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
