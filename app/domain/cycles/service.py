"""Opening the cycles of a plan as its reporting file says, with what amends their rosters."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from app.domain.assignments.queries import get_group, members
from app.domain.base import added_id
from app.domain.cycles.derivation import derive
from app.domain.cycles.models import ReportingCycle, ReportingCycleVersion, Stewardship
from app.domain.cycles.queries import find_cycle
from app.domain.cycles.reporting_file import (
    AmendmentInFile,
    CycleInFile,
    ReportingFile,
    Selection,
    StewardshipInFile,
)
from app.domain.cycles.rows import RowSaid, current_row, record_row, said_of
from app.domain.errors import DomainError, ReferenceDataRefused, Text
from app.domain.period import Period, start_of_day
from app.domain.plans.models import Plan
from app.domain.recorded import known, record
from app.domain.reference_files import read_reference_file
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, units_on, versions_of

OPERATOR = "operator"


class YearOutsidePlan(DomainError):
    """A cycle is asked for in a year for which the reporting file has none."""

    text = Text(
        "year_outside_plan",
        "Kế hoạch {plan} thực hiện trong thời gian {period}, không có kỳ báo cáo {year}.",
        "The plan {plan} runs {period}; it has no cycle {year}.",
    )


def read_reporting(file: Path, *, plan: Plan) -> ReportingFile:
    """Read a plan's reporting file. Raises ReferenceDataRefused, also for another plan's."""
    found = read_reference_file(file, ReportingFile)
    if found.plan != plan.slug:
        raise ReferenceDataRefused(file=file.name, reason=f"it is of the plan {found.plan}")
    return found


def open_cycle(
    session: Session, *, plan: Plan, reporting: ReportingFile, year: int, at: datetime
) -> Counter[str]:
    """Open a yearly cycle and fix its roster as of the window's first day; then amend it.

    An open cycle keeps its roster. Shipped amendments and dates may replace what was shipped
    before, and never what the province decided. Returns how many roster rows were added,
    changed and unchanged. Raises YearOutsidePlan, ReferenceDataRefused.
    """
    spec = next((one for one in reporting.cycles if one.year == year), None)
    if spec is None:
        raise YearOutsidePlan(plan=plan.slug, year=year, period=str(plan.period))
    outcome: Counter[str] = Counter()
    cycle = find_cycle(session, plan=plan.slug, code=str(year))
    window = Period(spec.window.valid_from, spec.window.valid_to)
    if cycle is None:
        cycle = ReportingCycle(plan_slug=plan.slug, year=year, code=str(year))
        cycle_id = added_id(session, cycle)
        _record_cycle(session, cycle_id, spec, at)
        for row in derive(session, plan=plan, window=window, on=window.bounds[0]):
            said = RowSaid(row.basis, row.reason, row.covers, start_of_day(spec.due_before))
            outcome[
                record_row(
                    session,
                    cycle_id=cycle_id,
                    unit=row.unit.unit_key,
                    said=said,
                    at=at,
                    actor=OPERATOR,
                )
            ] += 1
    else:
        cycle_id = cycle.id or 0
        _record_cycle(session, cycle_id, spec, at)
    due_at = start_of_day(spec.due_before)
    for amendment in reporting.amendments:
        if amendment.cycle == str(year):
            outcome += _amend(session, plan, cycle_id, window, due_at, amendment, at)
    return outcome


def _record_cycle(session: Session, cycle_id: int, spec: CycleInFile, at: datetime) -> None:
    current = session.exec(
        select(ReportingCycleVersion).where(
            ReportingCycleVersion.cycle_id == cycle_id, *known(ReportingCycleVersion)
        )
    ).first()
    if current is not None and current.provenance == "decision":
        return
    supplement = spec.supplement_due_before
    new = ReportingCycleVersion(
        cycle_id=cycle_id,
        window_from=spec.window.valid_from,
        window_to=spec.window.valid_to,
        opens_at=start_of_day(spec.opens_on),
        due_at=start_of_day(spec.due_before),
        supplement_due_at=None if supplement is None else start_of_day(supplement),
        provenance=spec.provenance,
        reason=spec.reason,
        actor=OPERATOR,
        recorded_at=at,
    )
    record(session, current, new)
    session.flush()


def _amend(
    session: Session,
    plan: Plan,
    cycle_id: int,
    window: Period,
    due_at: datetime,
    amendment: AmendmentInFile,
    at: datetime,
) -> Counter[str]:
    outcome: Counter[str] = Counter()
    keys = _selected(session, plan, amendment.select)
    for key, unit in sorted(versions_of(session, keys).items()):
        current = current_row(session, cycle_id=cycle_id, unit=key)
        if current is not None and current.provenance == "decision":
            outcome["unchanged"] += 1
            continue
        basis = amendment.basis or (current.basis if current else None)
        covers = unit.period.intersect(window)
        if basis is None or covers is None:
            raise ReferenceDataRefused(
                file="reporting", reason=f"an amendment of {amendment.cycle} closes no row of {key}"
            )
        due = start_of_day(amendment.due_before) if amendment.due_before else due_at
        said = (said_of(current) if current else RowSaid(basis, "", covers, due)).but(
            basis=basis,
            reason=amendment.reason,
            covers=covers,
            due_at=due,
            closing=amendment.closing,
            provenance=amendment.provenance,
        )
        change = record_row(session, cycle_id=cycle_id, unit=key, said=said, at=at, actor=OPERATOR)
        outcome[change] += 1
    return outcome


def _selected(session: Session, plan: Plan, selection: Selection) -> set[str]:
    """Return the keys of the units that are meant. Raises ReferenceDataRefused for an unknown."""
    on = selection.on
    found = {_unit(session, code, on).unit_key for code in selection.units}
    if selection.group is not None:
        found |= members(session, get_group(session, plan.slug, selection.group)[1], on=on)
    if selection.level is not None:
        root = _unit(session, selection.within or plan.province_code, on).unit_key
        rows = session.exec(units_on(on, root=root, level=selection.level))
        found |= {unit.unit_key for unit in rows}
    if selection.except_group is not None:
        found -= members(session, get_group(session, plan.slug, selection.except_group)[1], on=on)
    return found


def _unit(session: Session, reference: str, on: date) -> UnitVersion:
    for unit in bearing(session, reference):
        if on in unit.period:
            return unit
    raise ReferenceDataRefused(file="reporting", reason=f"there is no unit {reference} on {on}")


def load_stewardships(session: Session, *, reporting: ReportingFile, at: datetime) -> Counter[str]:
    """Record who answers for ended units, but where the province decided already.

    Raises ReferenceDataRefused.
    """
    outcome: Counter[str] = Counter()
    for row in reporting.stewardships:
        outcome[_load_stewardship(session, row, at)] += 1
    return outcome


def _load_stewardship(session: Session, row: StewardshipInFile, at: datetime) -> str:
    ended = next(
        (unit for unit in bearing(session, row.unit) if unit.valid_to == row.valid_from), None
    )
    if ended is None:
        raise ReferenceDataRefused(
            file="reporting", reason=f"no unit {row.unit} ends on {row.valid_from}"
        )
    steward = _unit(session, row.steward, row.valid_from)
    current = session.exec(
        select(Stewardship).where(col(Stewardship.unit_key) == ended.unit_key, *known(Stewardship))
    ).all()
    if any(one.provenance == "decision" for one in current):
        return "unchanged"
    new = Stewardship(
        unit_key=ended.unit_key,
        steward_key=steward.unit_key,
        valid_from=row.valid_from,
        provenance=row.provenance,
        reason=row.reason,
        actor=OPERATOR,
        recorded_at=at,
    )
    change = record(session, current[0] if current else None, new)
    session.flush()
    return change
