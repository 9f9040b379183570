"""Which days a unit's report may answer for: those of the window on which the unit is in being."""

from datetime import date

from app.domain.errors import Fault, Text
from app.domain.period import Period
from app.domain.units.models import UnitVersion

UNIT_OUTSIDE_WINDOW = Text(
    "unit_outside_window",
    "Kỳ báo cáo {window} không có ngày nào mà đơn vị này tồn tại, {period}.",
    "The unit is in being {period}, and on no day of the window, {window}.",
)
COVERS_OUTSIDE = Text(
    "covers_outside",
    "Phải nằm trong kỳ báo cáo và thời gian tồn tại của đơn vị: {permitted}.",
    "It must lie in the window and the unit's period: {permitted}.",
)
COVERS_EMPTY = Text(
    "covers_empty",
    "Thời gian báo cáo phải kết thúc sau ngày bắt đầu, {start}.",
    "The covered days must end after they begin, on {start}.",
)


def covered(
    unit: UnitVersion,
    window: Period,
    *,
    wanted: tuple[date | None, date | None],
    faults: list[Fault],
) -> Period | None:
    """Return the days that a row covers: those wanted, or all on which the unit is in the window.

    Where they cannot be, None; what is wrong is added to the faults.
    """
    most = unit.period.intersect(window)
    if most is None:
        params = {"window": str(window), "period": str(unit.period)}
        faults.append(Fault("/covers_from", UNIT_OUTSIDE_WINDOW, params))
        return None
    first, last = most.bounds
    start, end = wanted[0] or first, wanted[1] or last
    outside = {"permitted": str(most)}
    if not first <= start < last:
        faults.append(Fault("/covers_from", COVERS_OUTSIDE, outside))
    if not first < end <= last:
        faults.append(Fault("/covers_to", COVERS_OUTSIDE, outside))
    if first <= start < last and first < end <= last and start >= end:
        faults.append(Fault("/covers_to", COVERS_EMPTY, {"start": str(start)}))
    return Period(start, end) if start < end else None
