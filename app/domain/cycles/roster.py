"""Amending a roster: decisions of the province on a unit's row, each with reason and actor."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.activities.service import Precondition
from app.domain.audit.service import audit
from app.domain.cycles.bodies import AmendmentBody, ExemptionBody, ExtensionBody, RosterRowBody
from app.domain.cycles.covers import UNIT_OUTSIDE_WINDOW, covered
from app.domain.cycles.models import RosterRowVersion
from app.domain.cycles.moving import later_only, said_of_duty
from app.domain.cycles.province import (
    Decided,
    Outcome,
    locked_cycle,
    must_be_current,
    must_be_province,
)
from app.domain.cycles.queries import Cycle, Duty, duty_of
from app.domain.cycles.rows import RowSaid, record_row
from app.domain.cycles.windows import due_before_opening
from app.domain.errors import DomainError, Fault, Invalid, NotFound, Text
from app.domain.period import instant_text
from app.domain.principal import Principal
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, resolve


class RowExists(DomainError):
    """The unit is on the roster: its row is amended, and not added again."""

    text = Text(
        "row_exists",
        "Đơn vị {unit} đã có trong danh sách báo cáo của kỳ này; hãy điều chỉnh dòng đó.",
        "The unit {unit} is on this cycle's roster already: amend its row.",
    )


EXTENSION_NOT_LATER = Text(
    "extension_not_later",
    "Gia hạn phải sau thời hạn của đơn vị, {due_at}.",
    "An extension is later than the row's due instant, {due_at}.",
)


def find_row(session: Session, *, cycle: Cycle, unit: str) -> Duty:
    """Return a unit's row by the unit's key, or by a code that one unit on the roster bore.

    A code that two of them bore, one after the other, names neither. Raises NotFound.
    """
    units = bearing(session, unit)
    rows = [duty_of(session, cycle_id=cycle.id, unit=one.unit_key) for one in units]
    found = [row for row in rows if row is not None]
    exact = [row for row in found if row.unit.unit_key == unit]
    if len(exact or found) != 1:
        raise NotFound()
    return (exact or found)[0]


def row_versions(session: Session, *, row_id: int) -> Sequence[RosterRowVersion]:
    """Return all that was ever known of a row, oldest first."""
    return session.exec(
        select(RosterRowVersion)
        .where(RosterRowVersion.roster_row_id == row_id)
        .order_by(col(RosterRowVersion.recorded_at), col(RosterRowVersion.id))
    ).all()


def add_row(
    session: Session, *, plan: str, code: str, body: RosterRowBody, by: Principal, at: datetime
) -> Duty:
    """Put a unit on a roster. Raises NotProvince, NotFound, RowExists, Invalid."""
    must_be_province(by)
    cycle = locked_cycle(session, plan=plan, code=code)
    unit = _meant(session, cycle, body)
    if duty_of(session, cycle_id=cycle.id, unit=unit.unit_key) is not None:
        raise RowExists(unit=unit.unit_key)
    said = _said(body, cycle=cycle, unit=unit, extended_to=None)
    return _record(session, cycle, unit.unit_key, said, "added", by=by, at=at).thing


def amend_row(
    session: Session,
    *,
    plan: str,
    code: str,
    unit: str,
    body: AmendmentBody,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Decided[Duty]:
    """Decide what a unit's row says; an assumption that is said again becomes a decision.

    An extension stays where it is later than the due instant. What the row says already changes
    nothing. Raises NotProvince, NotFound, PreconditionRequired, RevisionChanged, Invalid.
    """
    cycle, row = _row(session, plan=plan, code=code, unit=unit, by=by)
    try:
        said = _said(body, cycle=cycle, unit=row.unit, extended_to=row.extended_to)
    except Invalid:
        must_be_current(expected, version=row.version)
        raise
    if said == said_of_duty(row):
        return Decided(row, "unchanged")
    must_be_current(expected, version=row.version)
    return _record(session, cycle, row.unit.unit_key, said, "amended", by=by, at=at, before=row)


def exempt(
    session: Session,
    *,
    plan: str,
    code: str,
    unit: str,
    body: ExemptionBody,
    by: Principal,
    at: datetime,
) -> Decided[Duty]:
    """Decide that a unit need not report; the same again changes nothing.

    Raises NotProvince, NotFound.
    """
    cycle, row = _row(session, plan=plan, code=code, unit=unit, by=by)
    said = said_of_duty(row).but(
        basis="not_required",
        reason=body.reason,
        document=body.document,
        provenance="decision",
    )
    return _record(session, cycle, row.unit.unit_key, said, "exempted", by=by, at=at, before=row)


def extend(
    session: Session,
    *,
    plan: str,
    code: str,
    unit: str,
    body: ExtensionBody,
    by: Principal,
    at: datetime,
) -> Decided[Duty]:
    """Decide until when a unit's report is late with an extension, and not late altogether.

    It may be decided afterwards. The same again changes nothing. Raises NotProvince, NotFound,
    Invalid.
    """
    cycle, row = _row(session, plan=plan, code=code, unit=unit, by=by)
    if body.extended_to <= row.due_at:
        params = {"due_at": instant_text(row.due_at)}
        raise Invalid(Fault("/extended_to", EXTENSION_NOT_LATER, params))
    said = said_of_duty(row).but(
        extended_to=body.extended_to,
        reason=body.reason,
        document=body.document,
        provenance="decision",
    )
    return _record(session, cycle, row.unit.unit_key, said, "extended", by=by, at=at, before=row)


def _row(session: Session, *, plan: str, code: str, unit: str, by: Principal) -> tuple[Cycle, Duty]:
    """Return a row that nobody else amends meanwhile. Raises NotProvince, NotFound."""
    must_be_province(by)
    cycle = locked_cycle(session, plan=plan, code=code)
    row = find_row(session, cycle=cycle, unit=unit)
    return cycle, row


def _said(
    body: AmendmentBody, *, cycle: Cycle, unit: UnitVersion, extended_to: datetime | None
) -> RowSaid:
    due_at = body.due_at or cycle.due_at
    faults: list[Fault] = []
    covers = covered(unit, cycle.window, wanted=(body.covers_from, body.covers_to), faults=faults)
    if cycle.opens_at is not None and due_at <= cycle.opens_at:
        faults.append(due_before_opening(cycle.opens_at))
    if faults or covers is None:
        raise Invalid(*faults)
    return RowSaid(
        basis=body.basis,
        reason=body.reason,
        covers=covers,
        due_at=due_at,
        extended_to=later_only(extended_to, due_at),
        closing=body.closing,
        provenance="decision",
        document=body.document,
    )


def _meant(session: Session, cycle: Cycle, body: RosterRowBody) -> UnitVersion:
    """Return the unit that is to be added. Raises Invalid."""
    for unit in bearing(session, body.unit):
        if unit.unit_key == body.unit:
            if not unit.period.overlaps(cycle.window):
                params = {"window": str(cycle.window), "period": str(unit.period)}
                raise Invalid(Fault("/unit", UNIT_OUTSIDE_WINDOW, params))
            return unit
    on = body.covers_from or cycle.window.bounds[0]
    return resolve(session, body.unit, on=on, pointer="/unit")


def _record(
    session: Session,
    cycle: Cycle,
    unit: str,
    said: RowSaid,
    verb: str,
    *,
    by: Principal,
    at: datetime,
    before: Duty | None = None,
) -> Decided[Duty]:
    change = record_row(session, cycle_id=cycle.id, unit=unit, said=said, at=at, actor=by.unit)
    row = duty_of(session, cycle_id=cycle.id, unit=unit)
    if row is None:
        raise RuntimeError("a row that was recorded cannot be read")
    if change == "unchanged":
        return Decided(row, "unchanged")
    outcome: Outcome = "created" if before is None else "changed"
    audit(
        session,
        by=by,
        at=at,
        action=f"roster_row.{verb}",
        target=("roster_row", f"{cycle.key}/{unit}"),
        before=None if before is None else _noted(before),
        after=_noted(row),
    )
    return Decided(row, outcome)


def _noted(row: Duty) -> dict[str, object]:
    extended_to = row.extended_to
    return {
        "version": row.version,
        "basis": row.basis,
        "covers": str(row.covers),
        "due_at": instant_text(row.due_at),
        "extended_to": None if extended_to is None else instant_text(extended_to),
    }
