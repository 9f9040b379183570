"""Outages of the service, declared by the province with their evidence; and withdrawn."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.base import added_id
from app.domain.cycles.bodies import OutageBody
from app.domain.cycles.models import DeclaredOutage
from app.domain.cycles.province import Decided, locked_cycle, must_be_province
from app.domain.errors import Fault, Invalid, NotFound, Text
from app.domain.period import instant_text
from app.domain.principal import Principal
from app.domain.recorded import known

LONGEST: Final = timedelta(days=7)  # after its end, until which reports are still on time

OUTAGE_ENDS_FIRST = Text(
    "outage_ends_first",
    "Sự cố phải kết thúc sau khi bắt đầu.",
    "An outage ends after it begins.",
)
OUTAGE_NOT_OVER = Text(
    "outage_not_over",
    "Chỉ công bố sự cố đã kết thúc; bây giờ là {now}.",
    "An outage is declared once it is over; it is {now}.",
)
ACCEPTS_OUTSIDE = Text(
    "outage_accepts_outside",
    "Phải từ lúc sự cố kết thúc đến không quá 7 ngày sau đó, {latest}.",
    "It must be between the outage's end and 7 days after it, {latest}.",
)


def declared_outages(session: Session, *, cycle_id: int) -> Sequence[DeclaredOutage]:
    """Return all outages declared for a cycle, those withdrawn as well, oldest first."""
    statement = select(DeclaredOutage).where(DeclaredOutage.cycle_id == cycle_id)
    order = col(DeclaredOutage.began_at), col(DeclaredOutage.id)
    return session.exec(statement.order_by(*order)).all()


def declare_outage(
    session: Session, *, plan: str, code: str, body: OutageBody, by: Principal, at: datetime
) -> Decided[DeclaredOutage]:
    """Declare an outage for a cycle; the same again changes nothing.

    Raises NotProvince, NotFound, Invalid.
    """
    must_be_province(by)
    cycle = locked_cycle(session, plan=plan, code=code)
    faults = list(_faults(body, at))
    if faults:
        raise Invalid(*faults)
    said = body.model_dump()
    declared = session.exec(
        select(DeclaredOutage).where(DeclaredOutage.cycle_id == cycle.id, *known(DeclaredOutage))
    )
    for there in declared:
        if there.model_dump(include=set(said)) == said:
            return Decided(there, "unchanged")
    outage = DeclaredOutage(cycle_id=cycle.id, actor=by.unit, recorded_at=at, **said)
    number = added_id(session, outage)
    audit(
        session,
        by=by,
        at=at,
        action="outage.declared",
        target=("outage", str(number)),
        after={
            "cycle": cycle.key,
            "began_at": instant_text(body.began_at),
            "ended_at": instant_text(body.ended_at),
            "accepts_until": instant_text(body.accepts_until),
        },
    )
    return Decided(outage, "created")


def withdraw_outage(
    session: Session,
    *,
    plan: str,
    code: str,
    outage_id: int,
    reason: str,
    by: Principal,
    at: datetime,
) -> Decided[DeclaredOutage]:
    """Withdraw a declared outage: it stays readable, and moves no due instant any more.

    The reason is kept in the audit. One that is withdrawn stays so. Raises NotProvince, NotFound.
    """
    must_be_province(by)
    cycle = locked_cycle(session, plan=plan, code=code)
    outage = session.exec(
        select(DeclaredOutage).where(
            DeclaredOutage.cycle_id == cycle.id, DeclaredOutage.id == outage_id
        )
    ).first()
    if outage is None:
        raise NotFound()
    if outage.superseded_at is not None:
        return Decided(outage, "unchanged")
    outage.superseded_at = at
    session.add(outage)
    session.flush()
    audit(
        session,
        by=by,
        at=at,
        action="outage.withdrawn",
        target=("outage", str(outage_id)),
        after={"cycle": cycle.key, "reason": reason},
    )
    return Decided(outage, "changed")


def _faults(body: OutageBody, at: datetime) -> Iterator[Fault]:
    if body.ended_at <= body.began_at:
        yield Fault("/ended_at", OUTAGE_ENDS_FIRST)
    elif body.ended_at > at:
        yield Fault("/ended_at", OUTAGE_NOT_OVER, {"now": instant_text(at)})
    latest = body.ended_at + LONGEST
    if not body.ended_at <= body.accepts_until <= latest:
        yield Fault("/accepts_until", ACCEPTS_OUTSIDE, {"latest": instant_text(latest)})
