"""Changing a cycle: a decision of the province, which the roster follows."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from app.domain.activities.checks import UNKNOWN_ITEM
from app.domain.activities.service import Precondition
from app.domain.audit.service import audit
from app.domain.cycles.bodies import CycleBody, ExtraCycleBody
from app.domain.cycles.models import ReportingCycleVersion
from app.domain.cycles.moving import Dates, Moved, moved
from app.domain.cycles.province import (
    Decided,
    locked_cycle,
    locked_plan,
    must_be_current,
    must_be_province,
)
from app.domain.cycles.queries import Cycle, cycle_by_id, get_cycle, roster
from app.domain.cycles.rows import current_version, record_cycle, record_row, says
from app.domain.cycles.windows import SUPPLEMENT_BEFORE_DUE, faults_of_dates
from app.domain.errors import Fault, Invalid, Text
from app.domain.period import instant_text
from app.domain.plans.models import Plan
from app.domain.plans.queries import items
from app.domain.principal import Principal

EXTRA_ONLY = Text(
    "extra_cycles_only",
    "Chỉ kỳ báo cáo định kỳ, đột xuất mới có mục này.",
    "Only periodic and on-request cycles have this.",
)
YEARLY_ONLY = Text(
    "yearly_cycles_only",
    "Chỉ kỳ báo cáo năm mới có mục này.",
    "Only yearly cycles have this.",
)
NAME_NEEDED = Text(
    "cycle_name_needed",
    "Kỳ báo cáo định kỳ, đột xuất phải có tên.",
    "A periodic or on-request cycle has a name.",
)
ROWS_OUTSIDE_WINDOW = Text(
    "rows_outside_window",
    "{count} dòng trong danh sách báo cáo sẽ không còn ngày nào, hoặc có ngày riêng nằm ngoài kỳ: "
    "{units}.",
    "{count} row(s) of the roster would have no day left, or have days of their own outside of "
    "the window: {units}.",
)
_NAMED = 5  # units named in a fault


def change_cycle(
    session: Session,
    *,
    plan: str,
    code: str,
    body: CycleBody,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Decided[Cycle]:
    """Record the province's decision on a cycle: its window, its instants, what it asks about.

    The roster follows, as `moved` says. `expected` are the versions that If-Match names. What the
    cycle says already, by a decision, changes nothing. Raises NotProvince, NotFound,
    PreconditionRequired, RevisionChanged, Invalid.
    """
    must_be_province(by)
    get_cycle(session, plan=plan, code=code)
    found = locked_plan(session, plan)
    cycle = locked_cycle(session, plan=plan, code=code)
    new = version_of(session, body, cycle_id=cycle.id, plan=plan, by=by, at=at)
    current = current_version(session, cycle_id=cycle.id)
    if current is not None and says(current) == says(new):
        return Decided(cycle, "unchanged")
    must_be_current(expected, version=cycle.version)
    _refuse(session, body, cycle, plan=found)
    followed = moved(
        roster(session, cycle_id=cycle.id),
        before=Dates(cycle.window, cycle.due_at),
        after=Dates(new.window, new.due_at),
    )
    if followed.stuck:
        raise Invalid(_stuck(followed))
    record_cycle(session, new)
    for unit, said in followed.rows.items():
        record_row(session, cycle_id=cycle.id, unit=unit, said=said, at=at, actor=by.unit)
    changed = cycle_by_id(session, cycle.id)
    audit(
        session,
        by=by,
        at=at,
        action="reporting_cycle.changed",
        target=("reporting_cycle", cycle.key),
        before=_noted(cycle),
        after={**_noted(changed), "rows_moved": len(followed.rows)},
    )
    return Decided(changed, "changed")


def version_of(
    session: Session,
    body: CycleBody | ExtraCycleBody,
    *,
    cycle_id: int,
    plan: str,
    by: Principal,
    at: datetime,
) -> ReportingCycleVersion:
    """Return the version of a cycle that a body asks for; it is not recorded yet."""
    return ReportingCycleVersion(
        cycle_id=cycle_id,
        window_from=body.window_from,
        window_to=body.window_to,
        opens_at=body.opens_at,
        due_at=body.due_at,
        supplement_due_at=body.supplement_due_at if isinstance(body, CycleBody) else None,
        name=body.name,
        items=_in_order(session, plan, body.items),
        provenance="decision",
        reason=body.reason,
        document=body.document,
        actor=by.unit,
        recorded_at=at,
    )


def faults_of_items(session: Session, codes: list[str] | None, *, plan: str) -> Iterator[Fault]:
    """Yield a fault for each code that is no item of the plan that activity is reported for."""
    there = {item.code for item in items(session, plan=plan) if item.kind != "funding_rule"}
    for place, code in enumerate(codes or ()):
        if code not in there:
            yield Fault(f"/items/{place}", UNKNOWN_ITEM, {"item": code})


def _in_order(session: Session, plan: str, codes: list[str] | None) -> list[str] | None:
    """Return items once each, in the plan's order; those that it does not have come last."""
    if codes is None:
        return None
    places = {item.code: item.ordinal for item in items(session, plan=plan)}
    return sorted(set(codes), key=lambda code: (places.get(code, len(places) + 1), code))


def _refuse(session: Session, body: CycleBody, cycle: Cycle, *, plan: Plan) -> None:
    yearly = cycle.kind == "yearly"
    faults = list(faults_of_dates(session, body, plan=plan, yearly=cycle.code if yearly else None))
    if yearly:
        told = {"/items": body.items, "/name": body.name}
        faults += [Fault(at, EXTRA_ONLY) for at, value in told.items() if value is not None]
    else:
        faults += faults_of_items(session, body.items, plan=plan.slug)
        if body.name is None:
            faults.append(Fault("/name", NAME_NEEDED))
    faults += _faults_of_supplement(body, yearly=yearly)
    if faults:
        raise Invalid(*faults)


def _faults_of_supplement(body: CycleBody, *, yearly: bool) -> Iterator[Fault]:
    if body.supplement_due_at is None:
        return
    if not yearly:
        yield Fault("/supplement_due_at", YEARLY_ONLY)
    elif body.supplement_due_at <= body.due_at:
        params = {"due_at": instant_text(body.due_at)}
        yield Fault("/supplement_due_at", SUPPLEMENT_BEFORE_DUE, params)


def _stuck(followed: Moved) -> Fault:
    named = ", ".join(followed.stuck[:_NAMED]) + (", …" if followed.stuck[_NAMED:] else "")
    return Fault(
        "/window_from", ROWS_OUTSIDE_WINDOW, {"count": len(followed.stuck), "units": named}
    )


def _noted(cycle: Cycle) -> dict[str, object]:
    return {
        "version": cycle.version,
        "window": str(cycle.window),
        "due_at": instant_text(cycle.due_at),
    }
