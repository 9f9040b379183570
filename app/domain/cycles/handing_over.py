"""Deciding who answers for an ended unit, from which day on (tiếp quản)."""

from datetime import datetime

from sqlmodel import Session

from app.domain.audit.service import audit
from app.domain.cycles.bodies import StewardshipBody
from app.domain.cycles.models import Stewardship
from app.domain.cycles.province import Decided, must_be_province
from app.domain.dated import decide_from
from app.domain.errors import Fault, Invalid, Text
from app.domain.principal import Principal
from app.domain.units.models import UnitVersion
from app.domain.units.queries import UNKNOWN_UNIT, bearing, resolve

UNIT_HAS_NOT_ENDED = Text(
    "unit_has_not_ended",
    "Chỉ đơn vị đã kết thúc hoạt động mới có đơn vị tiếp quản, từ ngày kết thúc trở đi; đơn vị "
    "này tồn tại trong thời gian {periods}.",
    "Only a unit that has ended has a steward, from that day on; this one is in being {periods}.",
)


def hand_over(
    session: Session, *, body: StewardshipBody, by: Principal, at: datetime
) -> Decided[Stewardship]:
    """Decide who answers for an ended unit from a day on, until another decision.

    The period of who answers before is closed at that day; what was decided of later days no
    longer holds. The same again changes nothing. Raises NotProvince, Invalid.
    """
    must_be_province(by)
    unit, steward = _units(session, body)
    new = Stewardship(
        unit_key=unit.unit_key,
        steward_key=steward.unit_key,
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
        action="stewardship.decided",
        target=("unit", unit.unit_key),
        before={"stewards": [one.steward_key for one in overlapping]},
        after={"steward": steward.unit_key, "from": str(body.valid_from)},
    )
    return Decided(new, "changed" if overlapping else "created")


def _units(session: Session, body: StewardshipBody) -> tuple[UnitVersion, UnitVersion]:
    faults: list[Fault] = []
    bear = bearing(session, body.unit)
    ended = [
        unit for unit in bear if unit.valid_to is not None and unit.valid_to <= body.valid_from
    ]
    if not bear:
        faults.append(Fault("/unit", UNKNOWN_UNIT, {"unit": body.unit}))
    elif not ended:
        periods = ", ".join(str(unit.period) for unit in bear)
        faults.append(Fault("/valid_from", UNIT_HAS_NOT_ENDED, {"periods": periods}))
    try:
        steward = resolve(session, body.steward, on=body.valid_from, pointer="/steward")
    except Invalid as refusal:
        raise Invalid(*faults, *refusal.faults) from None
    if faults:
        raise Invalid(*faults)
    return ended[-1], steward  # of two that bore a code, the one that ended last
