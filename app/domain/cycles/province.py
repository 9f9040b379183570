"""What all decisions of the province over reporting stand on: who decides, on what, one by one."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from sqlmodel import Session, select

from app.domain.activities.checks import UNKNOWN_PLAN
from app.domain.activities.held import RevisionChanged
from app.domain.activities.service import Precondition, PreconditionRequired
from app.domain.cycles.models import ReportingCycle
from app.domain.cycles.queries import Cycle, get_cycle
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.plans.models import Plan
from app.domain.principal import Principal

Outcome = Literal["created", "changed", "unchanged"]
Thing = TypeVar("Thing")


class NotProvince(DomainError):
    """Only the focal unit, the People's Committee's office and the province decide on reporting."""

    text = Text(
        "not_province",
        "Chỉ cơ quan đầu mối, Văn phòng UBND tỉnh và UBND tỉnh mới được quyết định việc này.",
        "Only the focal unit, the People's Committee's office and the province decide on this.",
    )


@dataclass(frozen=True)
class Decided(Generic[Thing]):
    """What was decided on, as it stands now, and whether anything was recorded."""

    thing: Thing
    outcome: Outcome


def must_be_province(by: Principal) -> None:
    """Let through who sees the province on the request's day. Raises NotProvince."""
    if not by.province_wide:
        raise NotProvince()


def must_be_current(expected: Precondition | None, *, version: int) -> None:
    """Let a change through that was made for the current version.

    Raises PreconditionRequired, RevisionChanged.
    """
    if expected is None:
        raise PreconditionRequired(current=version)
    if not expected.admits(version):
        raise RevisionChanged(current=version)


def locked_plan(session: Session, slug: str) -> Plan:
    """Return a plan while nobody else opens or moves its cycles: windows are compared with others.

    Raises Invalid with the fault `unknown_plan` at `/plan`.
    """
    session.exec(select(Plan.slug).where(Plan.slug == slug).with_for_update(key_share=True)).first()
    plan = session.get(Plan, slug)
    if plan is None:
        raise Invalid(Fault("/plan", UNKNOWN_PLAN))
    return plan


def locked_cycle(session: Session, *, plan: str, code: str) -> Cycle:
    """Return a cycle as it is known while nobody else decides about it. Raises NotFound."""
    conditions = ReportingCycle.plan_slug == plan, ReportingCycle.code == code
    session.exec(
        select(ReportingCycle.id).where(*conditions).with_for_update(key_share=True)
    ).first()
    return get_cycle(session, plan=plan, code=code)
