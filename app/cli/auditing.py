"""The audit's chain, verified."""

import sys
from typing import Annotated

import typer

from app import migrate as migration
from app.cli.desk import at_desk
from app.clock import Clock
from app.db import unit_of_work
from app.domain.audit.seal import seal_outstanding
from app.domain.audit.verify import Broken, parse_head, verify
from app.settings import load_settings

cli = typer.Typer(help="Verify the audit's chain.", no_args_is_help=True)


@cli.command("verify")
def verify_(
    expect: Annotated[
        str | None,
        typer.Option(
            metavar="SEQ:HASH",
            help="A head that was written down before. Nothing else can show that the end of the "
            "chain was cut off, or that all of it was computed anew.",
        ),
    ] = None,
) -> None:
    """Follow the audit's chain from its first link; name the first one that is broken.

    Prints the chain's head as `SEQ:HASH`. Write it down outside of this database, every day: it
    is what `--expect` takes. Exit code 1 where a link is broken.
    """
    with at_desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        seal_outstanding(desk.engine)
        with unit_of_work(desk.engine, write=False) as session:
            found = verify(session, expected=parse_head(expect) if expect else None)
    if isinstance(found, Broken):
        print(f"broken: {found}", file=sys.stderr)  # noqa: T201 - a command's own words
        raise typer.Exit(1)
    print(f"{found.count} entries hold, {found.unsealed} wait for their place", file=sys.stderr)  # noqa: T201 - beside the head, so that a pipe gets it alone
    print(found.head)  # noqa: T201 - for a pipe
