"""Running the service, the demo, and the document's own making."""

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from app import migrate as migration
from app.cli.database import setup
from app.cli.desk import at_desk, console
from app.cli.keys import PROFILES
from app.domain.consolidation.report_schema import FILE_NAME, report_schema
from app.settings import SETTINGS_FILE, load_settings

cli = typer.Typer()


@cli.command()
def serve(
    port: Annotated[int, typer.Option(envvar="PORT", help="Port of the API.")] = 8000,
    host: Annotated[str, typer.Option(help="Address that the API listens on.")] = "127.0.0.1",
) -> None:
    """Run the API and one worker in the foreground until Ctrl-C; set a new database up first."""
    from app.processes import serve_until_stopped  # noqa: PLC0415 - only this command needs it

    with at_desk() as desk:
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
def sandbox(
    port: Annotated[int, typer.Option(envvar="PORT", help="Port of the API; 0: a free one.")] = 0,
) -> None:
    """Run a throw-away service until Ctrl-C: the real plan, three keys, sample data."""
    from app.sandbox.run import run  # noqa: PLC0415 - only this command needs it

    scopes = {profile.value: held for profile, held in PROFILES.items()}
    raise typer.Exit(run(port=port, console=console, scopes=scopes))


@cli.command()
def openapi(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")] = Path("openapi"),
) -> None:
    """Write the OpenAPI document, its examples, the guides, and the JSON Schema of the report."""
    from app.api.contract.examples import EXAMPLES  # noqa: PLC0415 - only this command needs the web
    from app.api.docs.guides import write_guides  # noqa: PLC0415 - only this command needs the web
    from app.main import create_app  # noqa: PLC0415 - only this command needs the web

    (folder / "examples").mkdir(parents=True, exist_ok=True)
    written = {
        "openapi.json": create_app(load_settings()).openapi(),
        FILE_NAME: report_schema(),
    }
    for name, made in written.items():
        text = json.dumps(made, ensure_ascii=False, indent=2)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
    for file in EXAMPLES.glob("*.json"):
        shutil.copyfile(file, folder / "examples" / file.name)
    write_guides(folder / "guides")
