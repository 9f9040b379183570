"""The handover of ended units: exported into a file, and verified."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app import migrate as migration
from app.cli.desk import at_desk
from app.clock import Clock
from app.db import unit_of_work
from app.domain.audit.seal import seal_outstanding
from app.domain.audit.verify import Broken as BrokenAudit
from app.domain.audit.verify import verify as verify_audit
from app.domain.handover.service import export, vouched
from app.domain.handover.verify import Broken, verify
from app.settings import load_settings

cli = typer.Typer(
    help="Export an ended unit's records in one archive, and verify one.", no_args_is_help=True
)


@cli.command("export")
def export_(
    unit: Annotated[str, typer.Argument(help="The ended unit's key.")],
    file: Annotated[Path, typer.Argument(help="The archive (ZIP) to write.")],
) -> None:
    """Write the handover of an ended unit into a file, and its seal into the audit.

    Prints the seal. What stands under the file's name is replaced once the archive is whole.
    """
    with at_desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            try:
                made = export(desk.engine, unit=unit, by=None, at=desk.at, into=part.file)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(file)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in made.counts.items())
    print(f"{made.unit}: {counts}; {made.size} bytes", file=sys.stderr)  # noqa: T201 - beside the seal, so that a pipe gets it alone
    print(made.seal)  # noqa: T201 - for a pipe


@cli.command("verify")
def verify_(
    file: Annotated[Path, typer.Argument(help="The archive.", exists=True, dir_okay=False)],
    expect: Annotated[
        str | None,
        typer.Option(
            metavar="SEAL",
            help="The seal as it was noted elsewhere. Nothing in an archive can show that all of "
            "it was made anew.",
        ),
    ] = None,
    audit: Annotated[  # noqa: FBT002 - how typer has it
        bool, typer.Option("--audit", help="Look for the seal in the database's audit, too.")
    ] = False,
) -> None:
    """Verify an archive: its form, every hash in it, and that its files fit each other.

    Names the first thing that does not hold, by file and line; the exit code is 1 then. No
    database is needed, but for `--audit`: then the seal must stand in its audit, whose chain must
    hold. Prints the seal.
    """
    with file.open("rb") as archive:
        found = verify(archive, expect=expect)
    if isinstance(found, Broken):
        _broken(str(found))
    manifest = found.manifest
    if audit:
        _check_audit(manifest.unit, found.seal)
    said = f"{manifest.unit} {manifest.name}, until {manifest.valid_to}; for {manifest.made_for}"
    print(f"it holds: {said}", file=sys.stderr)  # noqa: T201 - beside the seal
    print(found.seal)  # noqa: T201 - for a pipe


def _check_audit(unit: str, seal: str) -> None:
    with at_desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        seal_outstanding(desk.engine)
        with unit_of_work(desk.engine, write=False) as session:
            chain = verify_audit(session)
            place = vouched(session, unit=unit, seal=seal)
    if isinstance(chain, BrokenAudit):
        _broken(f"the audit, {chain}")
    if place is None:
        _broken(f"no export of {unit} with the seal {seal} is in the audit's chain")
    print(f"the seal is entry {place} of the audit's chain", file=sys.stderr)  # noqa: T201


def _broken(why: str) -> NoReturn:
    print(f"broken: {why}", file=sys.stderr)  # noqa: T201 - a command's own words
    raise typer.Exit(1)
