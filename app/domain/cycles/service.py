"""Opening a reporting cycle: its window, its due instant, and its roster."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from app.domain.assignments.queries import assignments_on, get_group, members
from app.domain.base import added_id
from app.domain.cycles.models import (
    ReportingCycle,
    ReportingCycleVersion,
    RosterRow,
    RosterRowVersion,
)
from app.domain.cycles.queries import find_cycle
from app.domain.errors import DomainError, Text
from app.domain.period import Period, start_of_day
from app.domain.plans.models import Plan
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, versions_of

_RANK: Final = {"ordered": 0, "requested": 1, "assigned_only": 2}


class YearOutsidePlan(DomainError):
    """A cycle is asked for in a year in which the plan does not run."""

    text = Text(
        "year_outside_plan",
        "Kế hoạch {plan} thực hiện trong thời gian {period}, không có năm {year}.",
        "The plan {plan} runs {period}; {year} is not in it.",
    )


@dataclass(frozen=True)
class _Duty:
    """Why a unit is on the roster, and over which days."""

    unit: UnitVersion
    basis: str
    reason: str
    covers: Period


def open_cycle(
    session: Session, *, plan: Plan, year: int, at: datetime, actor: str
) -> tuple[ReportingCycle, int]:
    """Open a yearly cycle and fix its roster; return it with the number of roster rows added.

    The window is the calendar year (our assumption), the due instant the local start of the
    day that the reporting clause names ("trước ngày 30/11", section V): a report received
    before it is on time. An open cycle stays as it is. Raises YearOutsidePlan.
    """
    opened = find_cycle(session, plan=plan.slug, year=year)
    if opened is not None:
        return opened, 0
    window = Period(date(year, 1, 1), date(year + 1, 1, 1)).intersect(plan.period)
    if window is None:
        raise YearOutsidePlan(plan=plan.slug, year=year, period=str(plan.period))
    clause = plan.document["reporting"]
    due = clause["due_before"]
    cycle = ReportingCycle(plan_slug=plan.slug, year=year)
    cycle_id = added_id(session, cycle)
    window_from, window_to = window.bounds
    version = ReportingCycleVersion(
        cycle_id=cycle_id,
        window_from=window_from,
        window_to=window_to,
        due_at=start_of_day(date(year, due["month"], due["day"])),
        provenance="assumption",
        reason="window: the calendar year; due: " + clause["text"],
        recorded_at=at,
    )
    session.add(version)
    duties = sorted(_duties(session, plan, window), key=lambda duty: duty.unit.unit_key)
    for duty in duties:
        _add_row(session, cycle_id, duty, due_at=version.due_at, at=at, actor=actor)
    session.flush()
    return cycle, len(duties)


def _add_row(
    session: Session, cycle_id: int, duty: _Duty, *, due_at: datetime, at: datetime, actor: str
) -> None:
    row = RosterRow(cycle_id=cycle_id, unit_key=duty.unit.unit_key)
    covers_from, covers_to = duty.covers.bounds
    session.add(
        RosterRowVersion(
            roster_row_id=added_id(session, row),
            basis=duty.basis,
            reason=duty.reason,
            covers_from=covers_from,
            covers_to=covers_to,
            due_at=due_at,
            actor=actor,
            recorded_at=at,
        )
    )


def _duties(session: Session, plan: Plan, window: Period) -> list[_Duty]:
    """Return each unit's strongest duty in the window: ordered, else requested, else assigned.

    Coordination alone makes no row.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for day in _days_of_change(session, window):
        for unit, basis, reason in _duties_on(session, plan, day):
            reasons = found.setdefault(unit, {}).setdefault(basis, [])
            if reason not in reasons:
                reasons.append(reason)
    units = versions_of(session, set(found))
    duties = []
    for key, by_basis in found.items():
        basis = min(by_basis, key=_RANK.__getitem__)
        covers = units[key].period.intersect(window)
        if covers is not None:
            duties.append(_Duty(units[key], basis, ", ".join(by_basis[basis]), covers))
    return duties


def _duties_on(session: Session, plan: Plan, on: date) -> Iterator[tuple[str, str, str]]:
    for party in plan.document["reporting"]["ordered"]:
        kind, _, key = party.partition(":")
        if kind == "group":
            group, rule = get_group(session, plan.slug, key)
            yield from ((unit, "ordered", group.name) for unit in members(session, rule, on=on))
        else:
            named = [unit for unit in bearing(session, key) if on in unit.period]
            yield from ((unit.unit_key, "ordered", unit.name) for unit in named)
    for assigned in assignments_on(session, on=on, plan=plan.slug):
        if assigned.assignment.role == "coordinating":
            continue
        basis = "requested" if assigned.assignment.role == "requested" else "assigned_only"
        for unit in assigned.units:
            yield unit, basis, assigned.assignment.item_code


def _days_of_change(session: Session, window: Period) -> list[date]:
    """Return the window's first day and every day in it on which units began or ended."""
    rows = session.exec(select(col(UnitVersion.valid_from), col(UnitVersion.valid_to))).all()
    days = {day for row in rows for day in row if day is not None and day in window}
    return sorted(days | ({window.start} if window.start else set()))
