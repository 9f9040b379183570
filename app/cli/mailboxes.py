"""The units' official mailboxes: set, listed, removed."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli.desk import console, opened, say
from app.domain.errors import DomainError
from app.domain.notices.mailboxes import mailboxes, remove_mailbox, set_mailbox
from app.domain.period import local_day
from app.domain.units.queries import resolve, versions_of

cli = typer.Typer(
    help="Where reminders are sent: bodies' official mailboxes, never a person's.",
    no_args_is_help=True,
)
UnitArgument = Annotated[str, typer.Argument(help="The unit: its code today, or its key.")]


@cli.command("set")
def set_(
    unit: UnitArgument,
    address: Annotated[str, typer.Argument(help="The body's official e-mail address.")],
) -> None:
    """Record a unit's mailbox, in the place of the one before; the same again changes nothing.

    What was put out before stays with the address of that time.
    """
    with opened() as (session, at):
        key = resolve(session, unit, on=local_day(at), pointer="UNIT").unit_key
        say(f"mailbox of {key}: {set_mailbox(session, unit=key, address=address, at=at)}")


@cli.command("list")
def list_() -> None:
    """List the units' mailboxes."""
    with opened() as (session, _at):
        rows = mailboxes(session)
        units = versions_of(session, {row.unit_key for row in rows})
        table = Table("unit", "name", "address")
        for row in rows:
            table.add_row(row.unit_key, units[row.unit_key].body_name, row.address)
    # A pipe and a narrow terminal get whole lines too.
    Console(width=max(console.width, 200)).print(table)


@cli.command("remove")
def remove(unit: UnitArgument) -> None:
    """Close a unit's mailbox: what is put out from now on is not sent to it."""
    with opened() as (session, at):
        try:
            key = resolve(session, unit, on=local_day(at), pointer="UNIT").unit_key
        except DomainError:
            if unit not in versions_of(session, {unit}):
                raise
            key = unit  # an ended unit can be named by its key
        remove_mailbox(session, unit=key, at=at)
        say(f"mailbox of {key}: removed")
