"""Filling a database with what is shipped: the register, the plan, the catalogue, open years."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from app.domain.budgets.loading import load_budgets
from app.domain.catalogue.service import load_codes, load_indicators
from app.domain.cycles.loading import load_stewardships
from app.domain.cycles.service import load_reporting, open_cycle, read_reporting
from app.domain.plans.queries import get_plan
from app.domain.plans.service import load_plan
from app.domain.units.service import load_register

REFERENCE: Final = Path(__file__).parent / "reference"
REGISTER: Final = REFERENCE / "register"
PLAN_FILE: Final = REFERENCE / "plans" / "tuyen-truyen-2021-2025.json"
REPORTING_FILE: Final = REFERENCE / "reporting" / "tuyen-truyen-2021-2025.json"
BUDGET_FILE: Final = REFERENCE / "budgets" / "tuyen-truyen-2021-2025.json"
PLAN: Final = "tuyen-truyen-2021-2025"


def set_up(session: Session, *, years: Iterable[int], at: datetime) -> list[str]:
    """Load everything that is shipped and open the years; return a line on each step.

    The same again changes nothing.
    """
    return [
        register(session, folder=REGISTER, at=at),
        plan(session, file=PLAN_FILE, at=at),
        *catalogue(session, plan_slug=PLAN, at=at),
        *(year(session, plan_slug=PLAN, number=number, at=at) for number in years),
        stewardships(session, plan_slug=PLAN, at=at),
        *budgets(session, plan_slug=PLAN, file=BUDGET_FILE, at=at),
    ]


def register(session: Session, *, folder: Path, at: datetime) -> str:
    """Load the register of units; return a line on what came of it."""
    return _line("register", load_register(session, folder=folder, at=at))


def plan(session: Session, *, file: Path, at: datetime) -> str:
    """Load a plan's transcription; return a line on what came of it."""
    loaded, change = load_plan(session, file=file, at=at)
    return f"plan {loaded.slug}: {change}"


def catalogue(session: Session, *, plan_slug: str, at: datetime) -> list[str]:
    """Load the shipped code lists, and indicators for a plan; return a line on each."""
    get_plan(session, plan_slug)
    lists = load_codes(session, file=REFERENCE / "codes.json", at=at)
    file = REFERENCE / "indicators.json"
    indicators = load_indicators(session, plan=plan_slug, file=file, at=at)
    return [_line("code lists", lists), _line("indicators", indicators)]


def year(session: Session, *, plan_slug: str, number: int, at: datetime) -> str:
    """Open a plan's yearly cycle with its roster and amendments; return a line on what came."""
    found = get_plan(session, plan_slug)
    reporting = read_reporting(REPORTING_FILE, plan=found)
    rows = open_cycle(session, plan=found, reporting=reporting, year=number, at=at)
    return _line(f"cycle {number}: roster rows", rows)


def stewardships(session: Session, *, plan_slug: str, at: datetime) -> str:
    """Record who answers for ended units, as shipped; return a line on what came of it."""
    reporting = read_reporting(REPORTING_FILE, plan=get_plan(session, plan_slug))
    return _line("stewardships", load_stewardships(session, reporting=reporting, at=at))


def budgets(session: Session, *, plan_slug: str, file: Path, at: datetime) -> list[str]:
    """Record a file's finance authorities and budget calendars; return a line on each."""
    came = load_budgets(session, plan=get_plan(session, plan_slug), file=file, at=at)
    return [_line(name, outcome) for name, outcome in came.items()]


def reporting(session: Session, *, plan_slug: str, file: Path, at: datetime) -> list[str]:
    """Record a reporting file's dates, amendments and stewardships; return a line on each.

    Cycles that are not open stay so.
    """
    found = get_plan(session, plan_slug)
    read = read_reporting(file, plan=found)
    came = load_reporting(session, plan=found, reporting=read, at=at)
    names = {code: f"cycle {code}: roster rows" for code in came} | {"stewardships": "stewardships"}
    return [_line(names[code], outcome) for code, outcome in came.items()]


def _line(what: str, outcome: dict[str, int]) -> str:
    counts = ", ".join(f"{count} {change}" for change, count in sorted(outcome.items()))
    return f"{what}: {counts}"
