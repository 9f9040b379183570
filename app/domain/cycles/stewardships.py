"""Who answers for a unit that ended: a decision of the province, dated (tiếp quản)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.domain.cycles.models import Stewardship
from app.domain.recorded import known
from app.domain.units.queries import holds_on


def stewards(session: Session, *, on: date, known_at: datetime | None = None) -> dict[str, str]:
    """Return who answers on a day for units that ended: the steward's key by the ended unit's."""
    statement = select(Stewardship.unit_key, Stewardship.steward_key).where(
        *holds_on(Stewardship, on), *known(Stewardship, at=known_at)
    )
    return dict(session.exec(statement).all())


def stewardships(
    session: Session, *, units: Collection[str] | None = None, on: date | None = None
) -> Sequence[Stewardship]:
    """Return the stewardships as they are known now: of units, as either side; on a day."""
    statement = select(Stewardship).where(*known(Stewardship))
    if units is not None:
        sides = col(Stewardship.unit_key), col(Stewardship.steward_key)
        statement = statement.where(sides[0].in_(units) | sides[1].in_(units))
    if on is not None:
        statement = statement.where(*holds_on(Stewardship, on))
    order = col(Stewardship.unit_key), col(Stewardship.valid_from)
    return session.exec(statement.order_by(*order)).all()
