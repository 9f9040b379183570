"""The reporting year: cycles opened, the file of a plan's reporting loaded, roles assigned."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app import setup as shipped
from app.cli.desk import audited, opened, say
from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.assignments.roles import assign_role
from app.domain.plans.queries import get_plan

cli = typer.Typer()
roles_cli = typer.Typer(help="Assign the dated roles of a plan's reporting.", no_args_is_help=True)
PlanOption = Annotated[str, typer.Option(help="The plan's slug.")]


class Role(StrEnum):
    """A dated role."""

    FOCAL_UNIT = FOCAL_UNIT
    PEOPLES_COMMITTEE_OFFICE = PEOPLES_COMMITTEE_OFFICE


@cli.command("open-cycle")
def open_cycle_(
    year: Annotated[int, typer.Argument(help="The year, e.g. 2021.")],
    plan: PlanOption = shipped.PLAN,
) -> None:
    """Open a yearly reporting cycle and fix its roster; an open one stays as it is."""
    with opened() as (session, at):
        outcome = shipped.year(session, plan_slug=plan, number=year, at=at)
        target = ("reporting_cycle", f"{plan}.{year}")
        audited(session, at, "reporting_cycle.opened", target, outcome)
        say(outcome)


@cli.command("load-reporting")
def load_reporting_(
    file: Annotated[Path, typer.Argument(help="The plan's reporting JSON.")] = (
        shipped.REPORTING_FILE
    ),
    plan: PlanOption = shipped.PLAN,
) -> None:
    """Record the dates, amendments and stewardships of a file, for the cycles that are open.

    It opens none. The same again changes nothing, and what the province decided stays.
    """
    with opened() as (session, at):
        outcome = shipped.reporting(session, plan_slug=plan, file=file, at=at)
        audited(session, at, "reporting.loaded", ("plan", plan), *outcome)
        say(*outcome)


@cli.command("load-budgets")
def load_budgets_(
    file: Annotated[Path, typer.Argument(help="The plan's budget JSON.")] = shipped.BUDGET_FILE,
    plan: PlanOption = shipped.PLAN,
) -> None:
    """Record a file's finance authorities and budget calendars; what was decided stays."""
    with opened() as (session, at):
        outcome = shipped.budgets(session, plan_slug=plan, file=file, at=at)
        audited(session, at, "budgets.loaded", ("plan", plan), *outcome)
        say(*outcome)


@roles_cli.command("assign")
def assign(
    role: Annotated[Role, typer.Option(help="Which role.")],
    unit: Annotated[str, typer.Option(help="Who: its code on that day, or its key.")],
    valid_from: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, YYYY-MM-DD.")
    ],
    reason: Annotated[str, typer.Option(help="Why; for example the document's number.")],
    plan: PlanOption = shipped.PLAN,
) -> None:
    """Give a role to a unit from a day on; whoever holds it then does so until that day."""
    if not reason.strip():
        raise typer.BadParameter("it must not be blank", param_hint="--reason")
    with opened() as (session, at):
        made = assign_role(
            session,
            plan=get_plan(session, plan).slug,
            role=role.value,
            unit=unit,
            valid_from=valid_from.date(),
            reason=reason.strip(),
            at=at,
        )
        held = made.role
        until = f" until {held.valid_to}" if held.valid_to else ""
        line = f"{role.value}: {held.unit_key} from {held.valid_from}{until} ({made.change})"
        audited(session, at, "unit_role.assigned", ("plan", plan), line)
        say(line)
