"""Opening an extra cycle, periodic or on request (V.2.1): its window, items and units are named."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.assignments.queries import groups, members
from app.domain.audit.service import audit
from app.domain.base import added_id
from app.domain.cycles.bodies import ExtraCycleBody
from app.domain.cycles.changing import faults_of_items, version_of
from app.domain.cycles.models import (
    ReportingCycle,
    ReportingCycleVersion,
    RosterRow,
    RosterRowVersion,
)
from app.domain.cycles.province import Decided, locked_plan, must_be_province
from app.domain.cycles.queries import Cycle, cycle_by_id, find_cycle
from app.domain.cycles.rows import RowSaid, record_row, says
from app.domain.cycles.windows import faults_of_dates
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.period import Period
from app.domain.principal import Principal
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, resolve, versions_of


class CycleExists(DomainError):
    """The code is taken by a cycle that was opened with something else."""

    text = Text(
        "cycle_exists",
        "Kế hoạch {plan} đã có kỳ báo cáo «{code}» với nội dung khác.",
        "The plan {plan} has a cycle `{code}` already, which was opened with something else.",
    )


YEAR_AS_CODE = Text(
    "code_is_a_year",
    "Bốn chữ số là mã của kỳ báo cáo năm; hãy chọn mã khác.",
    "Four digits are the code of a yearly cycle: choose another.",
)
NOBODY_ASKED = Text(
    "nobody_asked",
    "Phải nêu ít nhất một đơn vị, hoặc một nhóm đơn vị.",
    "Name at least one unit, or a unit group.",
)
UNKNOWN_GROUP = Text(
    "unknown_unit_group",
    "Kế hoạch không có nhóm đơn vị «{group}».",
    "The plan has no unit group `{group}`.",
)
GROUP_SELECTS_NOBODY = Text(
    "group_selects_nobody",
    "Ngày {on} nhóm «{group}» không xác định đơn vị nào.",
    "The group `{group}` selects no unit on {on}.",
)
_YEAR_DIGITS = 4


def open_extra_cycle(
    session: Session, *, body: ExtraCycleBody, by: Principal, at: datetime
) -> Decided[Cycle]:
    """Open an extra cycle with a row, of the basis `requested`, for each unit that is asked.

    A row covers the days of the window on which its unit is in being. What the cycle was opened
    with already changes nothing. Raises NotProvince, Invalid, CycleExists.
    """
    must_be_province(by)
    plan = locked_plan(session, body.plan)
    faults = list(faults_of_dates(session, body, plan=plan, yearly=None))
    faults += faults_of_items(session, body.items, plan=plan.slug)
    if len(body.code) == _YEAR_DIGITS and body.code.isdecimal():
        faults.append(Fault("/code", YEAR_AS_CODE))
    units: dict[str, UnitVersion] = {}
    if body.window_from < body.window_to:
        units = _asked(session, body, faults)
    if faults:
        raise Invalid(*faults)
    there = find_cycle(session, plan=plan.slug, code=body.code)
    if there is not None:
        return _opened_before(session, there, body, units, by=by, at=at)
    cycle = ReportingCycle(
        plan_slug=plan.slug, kind=body.kind, year=body.window_from.year, code=body.code
    )
    version = version_of(
        session, body, cycle_id=added_id(session, cycle), plan=plan.slug, by=by, at=at
    )
    session.add(version)
    session.flush()
    _add_rows(session, version, units.values(), by=by)
    opened = cycle_by_id(session, version.cycle_id)
    audit(
        session,
        by=by,
        at=at,
        action="reporting_cycle.opened",
        target=("reporting_cycle", opened.key),
        after={"version": opened.version, "kind": opened.kind, "rows": len(units)},
    )
    return Decided(opened, "created")


def _add_rows(
    session: Session, version: ReportingCycleVersion, units: Iterable[UnitVersion], *, by: Principal
) -> None:
    for unit in units:
        covers = unit.period.intersect(version.window)
        if covers is None:
            raise RuntimeError("a unit was asked that is not in being within the window")
        said = RowSaid(
            basis="requested",
            reason=version.reason,
            covers=covers,
            due_at=version.due_at,
            provenance="decision",
            document=version.document,
        )
        record_row(
            session,
            cycle_id=version.cycle_id,
            unit=unit.unit_key,
            said=said,
            at=version.recorded_at,
            actor=by.unit,
        )


def _asked(session: Session, body: ExtraCycleBody, faults: list[Fault]) -> dict[str, UnitVersion]:
    """Return the units that are asked, by key; add what is wrong to the faults."""
    window = Period(body.window_from, body.window_to)
    found: dict[str, UnitVersion] = {}
    for place, reference in enumerate(body.units):
        try:
            unit = _meant(session, reference, window, pointer=f"/units/{place}")
        except Invalid as refusal:
            faults += refusal.faults
        else:
            found[unit.unit_key] = unit
    if body.unit_group is not None:
        found |= _grouped(session, body, faults)
    elif not body.units:
        faults.append(Fault("/units", NOBODY_ASKED))
    return dict(sorted(found.items()))


def _meant(session: Session, reference: str, window: Period, *, pointer: str) -> UnitVersion:
    """Return a unit by its key, if it is in being on any day of the window, or by its code.

    Raises Invalid.
    """
    for unit in bearing(session, reference):
        if unit.unit_key == reference and unit.period.overlaps(window):
            return unit
    return resolve(session, reference, on=window.bounds[0], pointer=pointer)


def _grouped(session: Session, body: ExtraCycleBody, faults: list[Fault]) -> dict[str, UnitVersion]:
    key, on = body.unit_group or "", body.window_from
    rules = {group.key: rule for group, rule in groups(session, plan=body.plan)}
    if key not in rules:
        fault = Fault("/unit_group", UNKNOWN_GROUP, {"group": key}, permitted=sorted(rules))
        faults.append(fault)
        return {}
    selected = members(session, rules[key], on=on)
    if not selected:
        params = {"group": key, "on": str(on)}
        faults.append(Fault("/unit_group", GROUP_SELECTS_NOBODY, params))
    return versions_of(session, selected)


def _opened_before(
    session: Session,
    there: ReportingCycle,
    body: ExtraCycleBody,
    units: dict[str, UnitVersion],
    *,
    by: Principal,
    at: datetime,
) -> Decided[Cycle]:
    """Find that a cycle was opened with just this. Raises CycleExists."""
    cycle_id = there.id or 0
    first = session.exec(
        select(ReportingCycleVersion)
        .where(ReportingCycleVersion.cycle_id == cycle_id)
        .order_by(col(ReportingCycleVersion.recorded_at), col(ReportingCycleVersion.id))
    ).first()
    rows = (
        select(RosterRow.unit_key)
        .join(RosterRowVersion, col(RosterRowVersion.roster_row_id) == RosterRow.id)
        .where(RosterRow.cycle_id == cycle_id)
    )
    asked = version_of(session, body, cycle_id=cycle_id, plan=body.plan, by=by, at=at)
    if (
        first is None
        or (there.kind, says(first)) != (body.kind, says(asked))
        or set(session.exec(rows.where(RosterRowVersion.recorded_at == first.recorded_at)))
        != set(units)
    ):
        raise CycleExists(plan=there.plan_slug, code=there.code)
    return Decided(cycle_by_id(session, cycle_id), "unchanged")
