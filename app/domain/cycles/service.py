"""Opening the cycles of a plan as its reporting file says, with what amends their rosters."""

from collections import Counter
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.domain.base import added_id
from app.domain.cycles.derivation import derive
from app.domain.cycles.loading import OPERATOR, amend, load_stewardships
from app.domain.cycles.models import ReportingCycle, ReportingCycleVersion
from app.domain.cycles.moving import Dates, moved
from app.domain.cycles.province import locked_plan
from app.domain.cycles.queries import Cycle, cycle_by_id, find_cycle, get_cycle, roster
from app.domain.cycles.reporting_file import CycleInFile, ReportingFile
from app.domain.cycles.rows import RowSaid, record_cycle, record_row
from app.domain.cycles.windows import overlapping
from app.domain.errors import DomainError, ReferenceDataRefused, Text
from app.domain.period import Period, start_of_day
from app.domain.plans.models import Plan
from app.domain.reference_files import read_reference_file


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
    locked_plan(session, plan.slug)
    spec = next((one for one in reporting.cycles if one.year == year), None)
    if spec is None:
        raise YearOutsidePlan(plan=plan.slug, year=year, period=str(plan.period))
    if find_cycle(session, plan=plan.slug, code=str(year)) is None:
        outcome = _open(session, plan, spec, at)
    else:
        outcome = _keep_dates(session, plan, spec, at)
    cycle = get_cycle(session, plan=plan.slug, code=str(year))
    for amendment in reporting.amendments:
        if amendment.cycle == cycle.code:
            outcome += amend(session, plan, cycle, amendment, at)
    return outcome


def load_reporting(
    session: Session, *, plan: Plan, reporting: ReportingFile, at: datetime
) -> dict[str, Counter[str]]:
    """Record what a reporting file says of the cycles that are open, and the stewardships.

    It opens no cycle. The same again changes nothing, and what the province decided stays.
    Returns what came of the rows of each open cycle, by its code, and of `stewardships`. Raises
    ReferenceDataRefused.
    """
    found = {}
    for spec in reporting.cycles:
        if find_cycle(session, plan=plan.slug, code=str(spec.year)) is not None:
            found[str(spec.year)] = open_cycle(
                session, plan=plan, reporting=reporting, year=spec.year, at=at
            )
    found["stewardships"] = load_stewardships(session, reporting=reporting, at=at)
    return found


def _open(session: Session, plan: Plan, spec: CycleInFile, at: datetime) -> Counter[str]:
    cycle = ReportingCycle(plan_slug=plan.slug, year=spec.year, code=str(spec.year))
    _refuse_overlaps(session, plan, spec)
    version = _version(spec, added_id(session, cycle), at)
    record_cycle(session, version)
    outcome: Counter[str] = Counter()
    window = version.window
    for row in derive(session, plan=plan, window=window, on=window.bounds[0]):
        said = RowSaid(row.basis, row.reason, row.covers, version.due_at)
        key = row.unit.unit_key
        change = record_row(
            session, cycle_id=version.cycle_id, unit=key, said=said, at=at, actor=OPERATOR
        )
        outcome[change] += 1
    return outcome


def _keep_dates(session: Session, plan: Plan, spec: CycleInFile, at: datetime) -> Counter[str]:
    """Record a file's dates of an open cycle, which its rows follow, unless they were decided."""
    before = get_cycle(session, plan=plan.slug, code=str(spec.year))
    if before.provenance == "decision":
        return Counter()
    version = _version(spec, before.id, at)
    if version.window != before.window:
        _refuse_overlaps(session, plan, spec)
    record_cycle(session, version)
    after = cycle_by_id(session, before.id)
    return _follow(session, before, after, at)


def _follow(session: Session, before: Cycle, after: Cycle, at: datetime) -> Counter[str]:
    rows = [row for row in roster(session, cycle_id=before.id) if row.provenance != "decision"]
    dates = Dates(before.window, before.due_at), Dates(after.window, after.due_at)
    followed = moved(rows, before=dates[0], after=dates[1])
    if followed.stuck:
        raise ReferenceDataRefused(
            file="reporting",
            reason=f"the window {after.window} of {after.code} leaves rows no day: "
            + ", ".join(followed.stuck),
        )
    for unit, said in followed.rows.items():
        record_row(session, cycle_id=after.id, unit=unit, said=said, at=at, actor=OPERATOR)
    return Counter({"changed": len(followed.rows)} if followed.rows else {})


def _version(spec: CycleInFile, cycle_id: int, at: datetime) -> ReportingCycleVersion:
    supplement = spec.supplement_due_before
    return ReportingCycleVersion(
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


def _refuse_overlaps(session: Session, plan: Plan, spec: CycleInFile) -> None:
    window = Period(spec.window.valid_from, spec.window.valid_to)
    code = str(spec.year)
    for fault in overlapping(session, window, plan=plan.slug, but=code):
        raise ReferenceDataRefused(
            file="reporting", reason=f"{code}: {fault.text.say('en', fault.params)}"
        )
