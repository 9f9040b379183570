"""The operator's commands: bring a database up, load the plan, open a year, make keys."""

import sys

import typer

from app.cli import auditing, database, handover, keys, mailboxes, reporting, reports, running
from app.domain.errors import DomainError
from app.migrate import NotReady

cli = typer.Typer(
    help="Baocao: the operator's commands. Settings come from the environment; see README.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (database, reporting, running):
    cli.add_typer(commands.cli)
cli.add_typer(auditing.cli, name="audit")
cli.add_typer(handover.cli, name="handover")
cli.add_typer(keys.cli, name="keys")
cli.add_typer(mailboxes.cli, name="mailbox")
cli.add_typer(reports.cli, name="report")
cli.add_typer(reporting.roles_cli, name="roles")


def run() -> None:
    """Run a command; a refusal is one clear message and exit code 1, never a traceback."""
    try:
        cli()
    except (DomainError, NotReady, ValueError) as refusal:
        print(f"refused: {refusal}", file=sys.stderr)  # noqa: T201 - a command's own words
        sys.exit(1)
