"""The file of a plan's budgets: finance authorities and calendars, loaded as they are shipped.

The plan says neither: what the file says is an assumption until the province decides it.
"""

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from app.domain.budgets.models import BudgetAuthority, BudgetCalendar
from app.domain.budgets.years import calendar_of
from app.domain.errors import ReferenceDataRefused
from app.domain.period import start_of_day
from app.domain.plans.models import Plan
from app.domain.recorded import known, record
from app.domain.reference_files import read_reference_file
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing

OPERATOR: Final = "operator"
Provenance = Literal["plan", "assumption", "decision"]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuthorityInFile(_Part):
    """The finance authority of all bodies of some kinds, whenever they are in being."""

    kinds: tuple[str, ...]
    authority: str
    level: Literal["province", "district", "commune"]
    valid_from: date = Field(alias="from")
    provenance: Provenance
    reason: Text


class CalendarInFile(_Part):
    """A budget year's calendar; `due_before` and `freeze_before` are days before which."""

    budget_year: Annotated[int, Field(ge=2000, le=2100)]
    opens_on: date
    due_before: date
    freeze_before: date
    provenance: Provenance
    reason: Text


class BudgetFile(_Part):
    """All of it, for one plan."""

    plan: str
    authorities: tuple[AuthorityInFile, ...]
    calendars: tuple[CalendarInFile, ...]


def load_budgets(
    session: Session, *, plan: Plan, file: Path, at: datetime
) -> dict[str, Counter[str]]:
    """Record a file's finance authorities and calendars, but where they were decided already.

    The same again changes nothing. Returns what came of the rows of each. Raises
    ReferenceDataRefused.
    """
    found = read_reference_file(file, BudgetFile)
    if found.plan != plan.slug:
        raise ReferenceDataRefused(file=file.name, reason=f"it is of the plan {found.plan}")
    rows: Counter[str] = Counter()
    for rule in found.authorities:
        rows += _load_authorities(session, rule, at)
    dates = Counter(_load_calendar(session, plan, spec, at) for spec in found.calendars)
    return {"finance authorities": rows, "budget calendars": dates}


def _load_authorities(session: Session, rule: AuthorityInFile, at: datetime) -> Counter[str]:
    authority = next(
        (one for one in bearing(session, rule.authority) if rule.valid_from in one.period), None
    )
    if authority is None:
        raise ReferenceDataRefused(
            file="budgets", reason=f"there is no unit {rule.authority} on {rule.valid_from}"
        )
    units = session.exec(
        select(UnitVersion)
        .where(col(UnitVersion.kind).in_(rule.kinds), *known(UnitVersion))
        .order_by(col(UnitVersion.unit_key))
    ).all()
    current: dict[str, list[BudgetAuthority]] = {}
    for row in session.exec(select(BudgetAuthority).where(*known(BudgetAuthority))):
        current.setdefault(row.unit_key, []).append(row)
    return Counter(
        _load_authority(session, rule, authority.unit_key, unit, current.get(unit.unit_key, []), at)
        for unit in units
    )


def _load_authority(
    session: Session,
    rule: AuthorityInFile,
    authority: str,
    unit: UnitVersion,
    current: list[BudgetAuthority],
    at: datetime,
) -> str:
    if any(one.provenance == "decision" for one in current):
        return "unchanged"
    new = BudgetAuthority(
        unit_key=unit.unit_key,
        authority_key=authority,
        level=rule.level,
        valid_from=max(rule.valid_from, unit.valid_from or rule.valid_from),
        provenance=rule.provenance,
        reason=rule.reason,
        actor=OPERATOR,
        recorded_at=at,
    )
    change = record(session, current[0] if current else None, new)
    session.flush()
    return change


def _load_calendar(session: Session, plan: Plan, spec: CalendarInFile, at: datetime) -> str:
    current = calendar_of(session, plan=plan.slug, year=spec.budget_year)
    if current is not None and current.provenance == "decision":
        return "unchanged"
    new = BudgetCalendar(
        plan_slug=plan.slug,
        budget_year=spec.budget_year,
        opens_at=start_of_day(spec.opens_on),
        due_at=start_of_day(spec.due_before),
        freeze_at=start_of_day(spec.freeze_before),
        provenance=spec.provenance,
        reason=spec.reason,
        actor=OPERATOR,
        recorded_at=at,
    )
    change = record(session, current, new)
    session.flush()
    return change
