"""A consolidated report that somebody saved, verified."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from sqlalchemy.exc import SQLAlchemyError

from app import migrate as migration
from app.cli.desk import at_desk
from app.clock import Clock
from app.db import unit_of_work
from app.domain.consolidation.checking import check_alone
from app.domain.consolidation.findings import Check, suspects
from app.domain.consolidation.saved import Saved, Unreadable, read_saved
from app.domain.consolidation.verifying import Against, check_against
from app.domain.consolidation.verifying import Progress as Told
from app.migrate import NotReady
from app.settings import load_settings

cli = typer.Typer(help="Verify a consolidated report that was saved.", no_args_is_help=True)

BROKEN: Final = 1
NOT_CHECKED: Final = 2
_MOST: Final = 40  # failures that are listed of one rule
_FEW: Final = 10  # pointers of which one was changed


@cli.callback()
def _reports() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@cli.command("verify")
def verify_(
    file: Annotated[Path, typer.Argument(help="The saved report.", exists=True, dir_okay=False)],
    sha256: Annotated[
        str | None,
        typer.Option(
            metavar="HEX",
            help="Its SHA-256 as it was noted elsewhere: in the answer's X-Report-SHA256, in a "
            "list of versions, in the issued document.",
        ),
    ] = None,
    no_database: Annotated[  # noqa: FBT002 - how typer has it
        bool, typer.Option("--no-database", help="Check only what the file itself can show.")
    ] = False,
) -> None:
    """Verify a saved report: its hash and form, its sums, and its inputs in the database.

    The same content in other bytes (reformatted) is told from a changed one. Names every place
    that does not hold by JSON Pointer. The exit code is 0 where all holds, 1 where something does
    not, 2 where it could not be checked. The last line is the verdict.
    """
    try:
        saved = read_saved(file.read_bytes())
    except Unreadable as error:
        _verdict(BROKEN, str(error))
    out = _console()
    out.print(f"SHA-256  {saved.sha256}", soft_wrap=True)
    if saved.reformatted:
        out.print(
            "Khác byte, cùng nội dung: dùng dạng chuẩn (RFC 8785) / "
            "reformatted: not the canonical bytes; what follows is of these",
            soft_wrap=True,
        )
    checks = check_alone(saved) if saved.current else []
    against = None if no_database else _against(saved)
    if against is not None:
        checks += against.checks
    _table(out, checks)
    _conclude(saved, sha256, checks, against)


def _against(saved: Saved) -> Against:
    """Check against the database that the settings name; ends the command where there is none."""
    try:
        with at_desk() as desk:
            migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
            with unit_of_work(desk.engine, write=False) as session, _shown() as progress:
                return check_against(session, saved=saved, progress=progress)
    except (NotReady, SQLAlchemyError) as error:
        _verdict(NOT_CHECKED, f"the database cannot be read: {error} (or use --no-database)")


@contextmanager
def _shown() -> Iterator[Told]:
    """Show how many inputs are checked, where somebody is watching."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Báo cáo của các đơn vị / submissions", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _table(out: Console, checks: Sequence[Check]) -> None:
    table = Table(
        "", Column("Nội dung kiểm tra / Check"), Column("Số chỗ / Places", justify="right")
    )
    for check in checks:
        sign = "✗" if check.failed else "✓"
        places = f"{len(check.failed)} / {check.tried}" if check.failed else str(check.tried)
        table.add_row(sign, f"{check.rule.vi}\n{check.rule.en}", places)
    if checks:
        out.print(table)
    for check in checks:
        for one in check.failed[:_MOST]:
            out.print(f"✗ {check.rule.code}  {one}", soft_wrap=True, markup=False)
        if len(check.failed) > _MOST:
            out.print(f"  … {check.rule.code}: {len(check.failed) - _MOST} more")
    found = suspects(checks)
    if 0 < len(found) <= _FEW:
        likely = ", ".join(found)
        out.print(f"Có thể đã bị sửa / likely changed: {likely}", soft_wrap=True, markup=False)


def _conclude(
    saved: Saved, sha256: str | None, checks: Sequence[Check], against: Against | None
) -> NoReturn:
    if sha256 is not None and sha256.strip().lower() != saved.sha256:
        _verdict(BROKEN, f"its SHA-256 is {saved.sha256}, not {sha256}")
    if against is not None and against.version is None:
        _verdict(BROKEN, "the database holds no report of this cycle, changed or not")
    failed = sum(len(check.failed) for check in checks)
    named = "" if against is None or against.version is None else f"{against.version}"
    if failed:
        where = f" beside {named}" if named else ""
        _verdict(BROKEN, f"{failed} places do not hold{where}")
    if not saved.current and against is None and sha256 is None:
        _verdict(NOT_CHECKED, f"of schema {saved.schema} only hash and database can be compared")
    what = "in itself" if against is None else f"it is {named}"
    if sha256 is not None:
        what += ", its hash is the expected one"
    if not saved.current:
        what += f"; of schema {saved.schema}, whose sums this release does not check"
    if saved.reformatted:
        what += "; reformatted"
    _verdict(0, what)


def _verdict(code: int, why: str) -> NoReturn:
    said = {
        0: "ĐÚNG / HOLDS",
        BROKEN: "SAI / BROKEN",
        NOT_CHECKED: "CHƯA KIỂM ĐƯỢC / NOT CHECKED",
    }
    print(f"{said[code]}: {why}", file=sys.stdout)  # noqa: T201 - a command's own words
    raise typer.Exit(code)


def _console() -> Console:
    """Return a console that is wide enough for a pipe, and colours nothing."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=120)
