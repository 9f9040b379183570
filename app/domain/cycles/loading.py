"""Amendments of rosters and stewardships, as a plan's reporting file says them."""

from collections import Counter
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from app.domain.assignments.queries import get_group, members
from app.domain.cycles.models import Stewardship
from app.domain.cycles.moving import later_only
from app.domain.cycles.queries import Cycle
from app.domain.cycles.reporting_file import (
    AmendmentInFile,
    ReportingFile,
    Selection,
    StewardshipInFile,
)
from app.domain.cycles.rows import RowSaid, current_row, record_row, said_of
from app.domain.errors import ReferenceDataRefused
from app.domain.period import start_of_day
from app.domain.plans.models import Plan
from app.domain.recorded import known, record
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, units_on, versions_of

OPERATOR: Final = "operator"


def amend(
    session: Session, plan: Plan, cycle: Cycle, amendment: AmendmentInFile, at: datetime
) -> Counter[str]:
    """Record what the file says of some units' rows; decisions of the province stay.

    Returns how many rows were added, changed and unchanged. Raises ReferenceDataRefused.
    """
    outcome: Counter[str] = Counter()
    keys = _selected(session, plan, amendment.select)
    for key, unit in sorted(versions_of(session, keys).items()):
        current = current_row(session, cycle_id=cycle.id, unit=key)
        if current is not None and current.provenance == "decision":
            outcome["unchanged"] += 1
            continue
        basis = amendment.basis or (current.basis if current else None)
        covers = unit.period.intersect(cycle.window)
        if basis is None or covers is None:
            raise ReferenceDataRefused(
                file="reporting", reason=f"an amendment of {amendment.cycle} closes no row of {key}"
            )
        due = start_of_day(amendment.due_before) if amendment.due_before else cycle.due_at
        said = (said_of(current) if current else RowSaid(basis, "", covers, due)).but(
            basis=basis,
            reason=amendment.reason,
            covers=covers,
            due_at=due,
            extended_to=later_only(current.extended_to, due) if current else None,
            closing=amendment.closing,
            provenance=amendment.provenance,
        )
        change = record_row(session, cycle_id=cycle.id, unit=key, said=said, at=at, actor=OPERATOR)
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
