"""Reading what a consolidation is made of: who owes a dossier, and what was received in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.domain.assignments.queries import assignments_on
from app.domain.budgets.adding import Facts, StatedLine
from app.domain.budgets.checks import first_day
from app.domain.budgets.document import (
    ActivityInput,
    BudgetManifest,
    DossierInput,
    State,
    UnitStanding,
)
from app.domain.budgets.dossiers import frozen_lines
from app.domain.budgets.estimates import StoredEstimate
from app.domain.budgets.models import (
    BudgetAuthority,
    BudgetSubmission,
    BudgetSubmissionRevision,
)
from app.domain.budgets.reported import activity_reports, reported_in
from app.domain.budgets.rights import governed
from app.domain.budgets.years import calendar_of, is_executed_only, timeliness
from app.domain.instance import the_instance
from app.domain.period import instant_text, local_day
from app.domain.plans.models import Plan
from app.domain.units.models import UnitVersion
from app.domain.units.queries import versions_of

_LEFT_DRAFT = ("submitted", "returned", "consolidated", "superseded")


@dataclass(frozen=True)
class _Received:
    """A unit's dossier as it was received before the freeze."""

    revision: BudgetSubmissionRevision  # the newest that is consolidated, else the newest
    state: State
    first_received_at: datetime


def facts_of(
    session: Session,
    *,
    plan: Plan,
    budget_year: int,
    version: int,
    authority: str,
    frozen_at: datetime,
) -> Facts:
    """Return what a version is made of, as the database holds it now."""
    frozen_on, only = local_day(frozen_at), is_executed_only(plan, budget_year)
    units = _units(session, authority, on=frozen_on)
    received = _received(session, plan.slug, budget_year, set(units), before=frozen_at)
    owing = set() if only else _owing(session, plan, budget_year, units, on=frozen_on)
    taken = {unit: one for unit, one in received.items() if one.state == "consolidated"}
    lines = frozen_lines(session, [one.revision.id for one in taken.values()])
    reports = activity_reports(session, plan.slug, budget_year, set(units), before=frozen_at)
    reported, inputs = reported_in(session, reports, year=budget_year)
    return Facts(
        plan=plan.slug,
        budget_year=budget_year,
        version=version,
        authority=authority,
        frozen_at=instant_text(frozen_at),
        executed_only=only,
        manifest=_manifest(session, plan, budget_year, taken, inputs),
        units=_standings(session, plan.slug, budget_year, units, received, owing),
        lines=[_line(line) for one in taken.values() for line in lines[one.revision.id]],
        reported=reported,
    )


def _units(session: Session, authority: str, *, on: date) -> dict[str, UnitVersion]:
    """Return the provincial-level budget units of a finance authority on a day, by key."""
    keys = select(BudgetAuthority.unit_key).where(governed(authority, on=on, level="province"))
    return versions_of(session, set(session.exec(keys)))


def _owing(
    session: Session, plan: Plan, year: int, units: dict[str, UnitVersion], *, on: date
) -> set[str]:
    """Return the units that lead any item in the year, of those in being by the freeze (IV.3)."""
    days = {
        key: first_day(plan, year, unit)
        for key, unit in units.items()
        if unit.valid_from is None or unit.valid_from <= on
    }
    leading: dict[date, set[str]] = {}
    for day in {day for day in days.values() if day is not None}:
        found = assignments_on(session, on=day, plan=plan.slug, role="lead")
        leading[day] = {key for one in found for key in one.units}
    return {key for key, day in days.items() if day is not None and key in leading[day]}


def _received(
    session: Session, plan: str, year: int, units: set[str], *, before: datetime
) -> dict[str, _Received]:
    statement = (
        select(BudgetSubmission.unit_key, BudgetSubmissionRevision)
        .join(
            BudgetSubmissionRevision,
            col(BudgetSubmissionRevision.submission_id) == BudgetSubmission.id,
        )
        .where(
            BudgetSubmission.plan_slug == plan,
            BudgetSubmission.budget_year == year,
            col(BudgetSubmission.unit_key).in_(units),
            col(BudgetSubmissionRevision.state).in_(_LEFT_DRAFT),
            col(BudgetSubmissionRevision.received_at) < before,
        )
        .order_by(col(BudgetSubmissionRevision.number))
    )
    found: dict[str, list[BudgetSubmissionRevision]] = {}
    for unit, revision in session.exec(statement):
        found.setdefault(unit, []).append(revision)
    return {unit: _stands(revisions) for unit, revisions in found.items()}


def _stands(revisions: Sequence[BudgetSubmissionRevision]) -> _Received:
    """Return which revision stands: one that was taken, also while a later one is in review."""
    first = revisions[0].received_at
    if first is None:
        raise RuntimeError("a revision that left its draft has no receipt")
    taken = [one for one in revisions if one.state in ("consolidated", "superseded")]
    if taken:
        return _Received(taken[-1], "consolidated", first)
    last = revisions[-1]
    return _Received(last, "in_review" if last.state == "submitted" else "returned", first)


def _standings(
    session: Session,
    plan: str,
    year: int,
    units: dict[str, UnitVersion],
    received: dict[str, _Received],
    owing: set[str],
) -> list[UnitStanding]:
    calendar = calendar_of(session, plan=plan, year=year)
    found = []
    for key in sorted(owing | set(received)):
        one = received.get(key)
        found.append(
            UnitStanding(
                unit=key,
                name=units[key].body_name,
                owed=key in owing,
                state=one.state if one else "missing",
                timeliness=timeliness(one.first_received_at if one else None, calendar),
                revision=one.revision.number if one else None,
                sha256=one.revision.sha256 if one else None,
            )
        )
    return found


def _manifest(
    session: Session,
    plan: Plan,
    year: int,
    taken: dict[str, _Received],
    inputs: list[ActivityInput],
) -> BudgetManifest:
    calendar, instance = calendar_of(session, plan=plan.slug, year=year), the_instance(session)
    if instance is None:
        raise RuntimeError("a database that was never migrated")
    dates = ("opens_at", "due_at", "freeze_at")
    told = None
    if calendar is not None:
        told = {name: instant_text(getattr(calendar, name)) for name in dates}
        told["provenance"] = calendar.provenance
    return BudgetManifest(
        purpose=instance.purpose,
        plan_sha256=plan.document_sha256,
        calendar=told,
        dossiers=[
            DossierInput(
                unit=unit,
                revision=taken[unit].revision.number,
                sha256=taken[unit].revision.sha256,
                document_number=taken[unit].revision.document_number,
                document_on=str(taken[unit].revision.document_on),
            )
            for unit in sorted(taken)
        ],
        activity_reports=inputs,
    )


def _line(line: StoredEstimate) -> StatedLine:
    row = line.estimate
    return StatedLine(
        row.unit_key,
        row.item_code,
        row.source,
        row.chapter,
        row.category,
        row.subcategory,
        line.stated,
    )
