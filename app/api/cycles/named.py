"""Naming a cycle in a body: a yearly one by plan and year, any by its key."""

from pydantic_core import PydanticCustomError
from sqlmodel import Session

from app.domain.cycles.queries import Cycle, get_cycle


def must_name_one_cycle(*, plan: str | None, year: int | None, cycle: str | None) -> None:
    """Let a body pass that names its cycle in exactly one way; a validator calls it.

    Raises PydanticCustomError `cycle_unclear`.
    """
    by_year = plan is not None and year is not None
    if by_year == (cycle is not None) or (plan is None) != (year is None):
        raise PydanticCustomError("cycle_unclear", "plan and year, or cycle")


def cycle_named(session: Session, *, key: str | None, plan: str | None, year: int | None) -> Cycle:
    """Return the cycle that is named by its key, or by plan and year. Raises NotFound."""
    if key is not None:
        plan, _, code = key.rpartition(".")
        return get_cycle(session, plan=plan, code=code)
    return get_cycle(session, plan=plan or "", code=str(year))
