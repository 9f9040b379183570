"""Bringing a database up, and filling it with what is shipped."""

from pathlib import Path
from typing import Annotated, Final

import typer

from app import migrate as migration
from app import setup as shipped
from app.cli.desk import at_desk, audited, console, opened, say
from app.domain.instance import PURPOSES

YEARS: Final = range(2021, 2026)

cli = typer.Typer()


@cli.command()
def migrate(
    purpose: Annotated[
        str | None, typer.Option(help=f"What a new database is: {', '.join(PURPOSES)}.")
    ] = None,
) -> None:
    """Bring the database up to date, the job engine's tables included."""
    if purpose not in (None, *PURPOSES):
        raise typer.BadParameter(f"one of {', '.join(PURPOSES)}", param_hint="--purpose")
    with at_desk() as desk:
        found = migration.migrate(desk.engine, purpose=purpose, at=desk.at)
        shown = desk.engine.url.render_as_string(hide_password=True)
        console.print(f"{shown} is up to date ({found})", highlight=False, soft_wrap=True)


@cli.command("load-register")
def load_register_(
    folder: Annotated[Path, typer.Argument(help="Folder of the CSV files.")] = shipped.REGISTER,
) -> None:
    """Load the register of units; the same files again change nothing."""
    with opened() as (session, at):
        outcome = shipped.register(session, folder=folder, at=at)
        audited(session, at, "register.loaded", ("reference", "register"), outcome)
        say(outcome)


@cli.command("load-plan")
def load_plan_(
    file: Annotated[Path, typer.Argument(help="The plan's JSON.")] = shipped.PLAN_FILE,
) -> None:
    """Load a plan's transcription; the same file again changes nothing."""
    with opened() as (session, at):
        outcome = shipped.plan(session, file=file, at=at)
        audited(session, at, "plan.loaded", ("reference", "plan"), outcome)
        say(outcome)


@cli.command("load-catalogue")
def load_catalogue(
    plan: Annotated[str, typer.Option(help="The plan's slug.")] = shipped.PLAN,
) -> None:
    """Load the shipped code lists and indicators; the same again changes nothing."""
    with opened() as (session, at):
        outcome = shipped.catalogue(session, plan_slug=plan, at=at)
        audited(session, at, "catalogue.loaded", ("plan", plan), *outcome)
        say(*outcome)


@cli.command()
def setup(
    purpose: Annotated[str | None, typer.Option(help="As in `migrate`.")] = None,
) -> None:
    """Do all of it: migrate, load the shipped register, plan and catalogue, open its years."""
    migrate(purpose)
    with opened() as (session, at):
        outcome = shipped.set_up(session, years=YEARS, at=at)
        audited(session, at, "service.set_up", ("plan", shipped.PLAN), *outcome)
        say(*outcome)
