"""The operator's commands: bring a database up, load the plan, open a year, make keys."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import Engine
from sqlmodel import Session

from app import migrate as migration
from app import setup as shipped
from app.clock import Clock
from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key, keys, revoke_key
from app.domain.audit.seal import seal_outstanding
from app.domain.audit.service import audit
from app.domain.audit.verify import Broken, parse_head, verify
from app.domain.errors import DomainError
from app.domain.instance import PURPOSES
from app.domain.period import LOCAL_TIME, instant_text, local_day
from app.domain.principal import Scope
from app.domain.units.queries import resolve, versions_of
from app.migrate import NotReady
from app.settings import SETTINGS_FILE, load_settings

YEARS: Final = range(2021, 2026)

cli = typer.Typer(
    help="Baocao: the operator's commands. Settings come from the environment; see README.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
audit_cli = typer.Typer(help="Verify the audit's chain.", no_args_is_help=True)
cli.add_typer(audit_cli, name="audit")
keys_cli = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
cli.add_typer(keys_cli, name="keys")
console = Console()


class Profile(StrEnum):
    """What a key is for."""

    PORTAL = "portal"
    OFFICER = "officer"
    PROVINCE = "province"


_READING: Final = (Scope.READ_REFERENCE, Scope.READ_ACTIVITIES, Scope.READ_SUBMISSIONS)
_PORTAL: Final = (*_READING, Scope.WRITE_ACTIVITIES, Scope.DRAFT_SUBMISSIONS)
PROFILES: Final = {
    Profile.PORTAL: _PORTAL,  # a program posts and drafts; it does not submit
    Profile.OFFICER: (*_PORTAL, Scope.SUBMIT_SUBMISSIONS, Scope.READ_AUDIT),
    Profile.PROVINCE: (  # the focal unit, the committee's office
        *_READING,
        Scope.WRITE_ACTIVITIES,  # it enters on behalf what units report on paper
        Scope.REVIEW_SUBMISSIONS,
        Scope.MANAGE_CYCLES,
        Scope.READ_CONSOLIDATED,
        Scope.REQUEST_CONSOLIDATED,
        Scope.READ_AUDIT,
    ),
}


@dataclass(frozen=True)
class Desk:
    """What a command works with."""

    engine: Engine
    at: datetime


@contextmanager
def _desk() -> Iterator[Desk]:
    settings = load_settings()
    engine = make_engine(settings.database_url)
    try:
        yield Desk(engine, Clock(settings.clock_offset).now())
    finally:
        engine.dispose()


@contextmanager
def _session() -> Iterator[tuple[Session, datetime]]:
    with _desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        with unit_of_work(desk.engine) as session:
            yield session, desk.at


@cli.command()
def migrate(
    purpose: Annotated[
        str | None, typer.Option(help=f"What a new database is: {', '.join(PURPOSES)}.")
    ] = None,
) -> None:
    """Bring the database up to date, the job engine's tables included."""
    if purpose not in (None, *PURPOSES):
        raise typer.BadParameter(f"one of {', '.join(PURPOSES)}", param_hint="--purpose")
    with _desk() as desk:
        found = migration.migrate(desk.engine, purpose=purpose, at=desk.at)
        shown = desk.engine.url.render_as_string(hide_password=True)
        console.print(f"{shown} is up to date ({found})", highlight=False, soft_wrap=True)


@cli.command("load-register")
def load_register_(
    folder: Annotated[Path, typer.Argument(help="Folder of the CSV files.")] = shipped.REGISTER,
) -> None:
    """Load the register of units; the same files again change nothing."""
    with _session() as (session, at):
        outcome = shipped.register(session, folder=folder, at=at)
        _audit(session, at, "register.loaded", ("reference", "register"), outcome)
        _say(outcome)


@cli.command("load-plan")
def load_plan_(
    file: Annotated[Path, typer.Argument(help="The plan's JSON.")] = shipped.PLAN_FILE,
) -> None:
    """Load a plan's transcription; the same file again changes nothing."""
    with _session() as (session, at):
        outcome = shipped.plan(session, file=file, at=at)
        _audit(session, at, "plan.loaded", ("reference", "plan"), outcome)
        _say(outcome)


@cli.command("load-catalogue")
def load_catalogue(
    plan: Annotated[str, typer.Option(help="The plan's slug.")] = shipped.PLAN,
) -> None:
    """Load the shipped code lists and indicators; the same again changes nothing."""
    with _session() as (session, at):
        outcome = shipped.catalogue(session, plan_slug=plan, at=at)
        _audit(session, at, "catalogue.loaded", ("plan", plan), *outcome)
        _say(*outcome)


@cli.command("open-cycle")
def open_cycle_(
    year: Annotated[int, typer.Argument(help="The year, e.g. 2021.")],
    plan: Annotated[str, typer.Option(help="The plan's slug.")] = shipped.PLAN,
) -> None:
    """Open a yearly reporting cycle and fix its roster; an open one stays as it is."""
    with _session() as (session, at):
        outcome = shipped.year(session, plan_slug=plan, number=year, at=at)
        _audit(
            session, at, "reporting_cycle.opened", ("reporting_cycle", f"{plan}.{year}"), outcome
        )
        _say(outcome)


@cli.command()
def setup(
    purpose: Annotated[str | None, typer.Option(help="As in `migrate`.")] = None,
) -> None:
    """Do all of it: migrate, load the shipped register, plan and catalogue, open its years."""
    migrate(purpose)
    with _session() as (session, at):
        outcome = shipped.set_up(session, years=YEARS, at=at)
        _audit(session, at, "service.set_up", ("plan", shipped.PLAN), *outcome)
        _say(*outcome)


@cli.command()
def serve(
    port: Annotated[int, typer.Option(envvar="PORT", help="Port of the API.")] = 8000,
    host: Annotated[str, typer.Option(help="Address that the API listens on.")] = "127.0.0.1",
) -> None:
    """Run the API and one worker in the foreground until Ctrl-C; set a new database up first."""
    from app.processes import serve_until_stopped  # noqa: PLC0415 - only this command needs it

    with _desk() as desk:
        shown = desk.engine.url.render_as_string(hide_password=True)
        new = migration.is_new(desk.engine)
    if new:
        setup(None)
    console.print(f"database  {shown}", highlight=False, soft_wrap=True)
    if SETTINGS_FILE.exists():
        console.print(f"settings  {SETTINGS_FILE} (remove it to leave the demo's data)")
    console.print(f"API       http://{host}:{port}/docs", highlight=False)
    raise typer.Exit(serve_until_stopped(host=host, port=port))


@cli.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo lives.")] = Path("var/demo"),
    database_url: Annotated[
        str | None, typer.Option(help="An empty database; a SQLite file in the folder if absent.")
    ] = None,
) -> None:
    """Play the whole year 2021 on a fresh database: post, submit, accept, consolidate."""
    from app.demo.play import play  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(play(folder=folder, database_url=database_url, console=console))


@cli.command()
def openapi(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")] = Path("openapi"),
) -> None:
    """Write the OpenAPI document and the examples in it."""
    from app.api.document import EXAMPLES  # noqa: PLC0415 - only this command needs the web
    from app.main import create_app  # noqa: PLC0415 - only this command needs the web

    made = json.dumps(create_app(load_settings()).openapi(), ensure_ascii=False, indent=2)
    (folder / "examples").mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_text(made + "\n", encoding="utf-8")
    for file in EXAMPLES.glob("*.json"):
        shutil.copyfile(file, folder / "examples" / file.name)


@keys_cli.command("create")
def create(
    unit: Annotated[str, typer.Option(help="The unit: its code today, or its key.")],
    profile: Annotated[Profile, typer.Option(help="What it is for; decides its scopes.")] = (
        Profile.PORTAL
    ),
    scope: Annotated[
        list[Scope] | None, typer.Option(help="Exactly these instead of the profile's; repeat.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    days: Annotated[int, typer.Option(min=1, max=1100, help="Days until it expires.")] = 365,
) -> None:
    """Make a key for a unit's program. It is printed this once, on standard output."""
    with _session() as (session, at):
        try:
            found = resolve(session, unit, on=local_day(at), pointer="--unit").unit_key
        except DomainError:
            if unit not in versions_of(session, {unit}):
                raise
            found = unit  # an ended unit can be named by its key
        row, secret = create_key(
            session,
            unit=found,
            scopes=scope or PROFILES[profile],
            label=label,
            at=at,
            expires_at=at + timedelta(days=days),
        )
        after = {
            "unit": found,
            "scopes": list(row.scopes),
            "expires_at": instant_text(row.expires_at),
        }
        target = ("api_key", str(row.id))
        audit(session, by=None, at=at, action="api_key.created", target=target, after=after)
        expires = row.expires_at.astimezone(LOCAL_TIME)
        print(  # noqa: T201 - the id and expiry go beside it, so that a pipe gets the key alone
            f"key {row.id} for {found}, until {expires:%Y-%m-%d %H:%M} (UTC+7), shown once:",
            file=sys.stderr,
        )
    print(secret)  # noqa: T201 - after the commit: a key that was shown is stored


@keys_cli.command("list")
def list_keys() -> None:
    """List the keys; their secrets are not stored."""
    with _session() as (session, at):
        table = Table(Column("id", no_wrap=True), "unit", "label", "scopes", "expires", "state")
        for row in keys(session):
            revoked = row.revoked_at is not None
            state = "revoked" if revoked else "expired" if row.expires_at <= at else "good"
            table.add_row(
                str(row.id),
                row.unit_key,
                row.label,
                " ".join(row.scopes),
                f"{row.expires_at.astimezone(LOCAL_TIME):%Y-%m-%d}",
                state,
            )
    # A pipe and a narrow terminal get whole lines too: `keys revoke` wants the whole id.
    Console(width=max(console.width, 160)).print(table)


@keys_cli.command("revoke")
def revoke(key_id: Annotated[UUID, typer.Argument(help="The key's id.")]) -> None:
    """Revoke a key, at once and for good."""
    with _session() as (session, at):
        row = revoke_key(session, key_id=key_id, at=at)
        if row.revoked_at == at:  # one that was revoked before stays as it is
            target, after = ("api_key", str(row.id)), {"unit": row.unit_key}
            audit(session, by=None, at=at, action="api_key.revoked", target=target, after=after)
        console.print(f"key {row.id} of {row.unit_key} is revoked", highlight=False)


@audit_cli.command("verify")
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
    with _desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        seal_outstanding(desk.engine)
        with unit_of_work(desk.engine, write=False) as session:
            found = verify(session, expected=parse_head(expect) if expect else None)
    if isinstance(found, Broken):
        print(f"broken: {found}", file=sys.stderr)  # noqa: T201 - a command's own words
        raise typer.Exit(1)
    print(f"{found.count} entries hold, {found.unsealed} wait for their place", file=sys.stderr)  # noqa: T201 - beside the head, so that a pipe gets it alone
    print(found.head)  # noqa: T201 - for a pipe


def _audit(
    session: Session, at: datetime, action: str, target: tuple[str, str], *outcome: str
) -> None:
    after = {"outcome": list(outcome)}
    audit(session, by=None, at=at, action=action, target=target, after=after)


def _say(*lines: str) -> None:
    for line in lines:
        console.print(line, highlight=False)


def run() -> None:
    """Run a command; a refusal is one clear message and exit code 1, never a traceback."""
    try:
        cli()
    except (DomainError, NotReady, ValueError) as refusal:
        print(f"refused: {refusal}", file=sys.stderr)  # noqa: T201 - a command's own words
        sys.exit(1)
