"""The end of a unit's keys: after its end they write for a stated grace, then they only read."""

from datetime import date, datetime, timedelta
from typing import Final

from app.domain.errors import DomainError, Text
from app.domain.period import start_of_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.units.models import UnitVersion

# From the first day on which the unit is no longer in being: for late activity and corrections.
# Our assumption: no document says how long. It is the month in which a closing report is due,
# and another for what its review sends back.
GRACE_AFTER_END: Final = timedelta(days=60)


class UnitEnded(DomainError):
    """The key's unit has ended, and the grace for late corrections is over: the key only reads."""

    text = Text(
        "unit_ended",
        "Đơn vị {unit} đã kết thúc từ ngày {ended_on}; khóa của đơn vị chỉ được ghi thêm {days} "
        "ngày, đến hết ngày {last_day}, sau đó chỉ được đọc. Đơn vị tiếp quản: {steward}.",
        "The unit {unit} ended on {ended_on}; its keys go on writing for {days} days, up to and "
        "including {last_day}, and only read afterwards. Its steward: {steward}.",
    )


def writes_until(unit: UnitVersion, *, expires_at: datetime) -> datetime:
    """Return the instant from which a unit's key writes no more: it expires, or the grace is over.

    An end that is recorded counts before its day has come.
    """
    if unit.valid_to is None:
        return expires_at
    return min(expires_at, start_of_day(unit.valid_to + GRACE_AFTER_END))


def refuse_after_grace(reference: Reference, *, by: Principal, today: date) -> None:
    """Refuse a key whose unit ended so long ago that it does not write any more.

    Raises UnitEnded, which names the steward where there is one: the unit's own, else that of the
    nearest unit above it on its last day.
    """
    if by.ended_on is None or today < by.ended_on + GRACE_AFTER_END:
        return
    one_day = timedelta(days=1)
    above = reference.above(reference.unit_by_key(by.unit), by.ended_on - one_day)
    stewards = reference.stewards(today)
    steward = next((stewards[one.unit_key] for one in above if one.unit_key in stewards), None)
    raise UnitEnded(
        unit=by.unit,
        ended_on=str(by.ended_on),
        days=GRACE_AFTER_END.days,
        last_day=str(by.ended_on + GRACE_AFTER_END - one_day),
        steward=steward or "—",
    )
