"""The reporting year: cycles opened, the file of a plan's reporting loaded, roles assigned."""

from typing import Annotated

import typer

from app import setup as shipped
from app.cli.desk import audited, opened, say

cli = typer.Typer()


@cli.command("open-cycle")
def open_cycle_(
    year: Annotated[int, typer.Argument(help="The year, e.g. 2021.")],
    plan: Annotated[str, typer.Option(help="The plan's slug.")] = shipped.PLAN,
) -> None:
    """Open a yearly reporting cycle and fix its roster; an open one stays as it is."""
    with opened() as (session, at):
        outcome = shipped.year(session, plan_slug=plan, number=year, at=at)
        audited(
            session, at, "reporting_cycle.opened", ("reporting_cycle", f"{plan}.{year}"), outcome
        )
        say(outcome)
