"""How to look further: the settings that lead to the demo's data, and the commands to type."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from app.demo.people import FOCAL
from app.demo.stage import Stage
from app.demo.yearend import LATEST
from app.settings import SETTINGS_FILE, Settings

MARK: Final = "# Written by the demo: `make serve` and `python -m app` work on its data."
ADDRESS: Final = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Further:
    """The commands, and the settings file that they rely on, if one was written."""

    settings_file: Path | None
    serve: str
    key: str
    curl: str
    verify: str


def forget() -> None:
    """Remove the settings file of an earlier demo: it leads to what is about to be replaced."""
    if _is_ours():
        SETTINGS_FILE.unlink()


def lead_to(stage: Stage) -> Further:
    """Let the other commands work on the demo's data, unless they have data of their own."""
    named = {"DATABASE_URL": stage.database_url, "CLOCK_OFFSET": stage.clock_offset}
    make_key = f".venv/bin/python -m app keys create --unit body-{FOCAL} --profile province"
    if _free():
        _write(named)
        front, file = "", SETTINGS_FILE
    else:
        front = " ".join(f"{name}={shlex.quote(value)}" for name, value in named.items()) + " "
        file = None
    return Further(
        settings_file=file,
        serve=f"{front}make serve",
        key=f"KEY=$({front}{make_key})",
        curl=f'curl -H "Authorization: Bearer $KEY" {ADDRESS}{LATEST}',
        verify=f"{front}.venv/bin/python -m app report verify {stage.report}",
    )


def _free() -> bool:
    """Tell whether no database but the demo's is meant by who works in this folder."""
    default = make_url(str(Settings.model_fields["database_url"].default)).database
    asked = any(os.environ[name] for name in os.environ if name.lower() == "database_url")
    own = default is not None and Path(default).exists()
    return not asked and not own and (_is_ours() or not SETTINGS_FILE.exists())


def _is_ours() -> bool:
    return SETTINGS_FILE.is_file() and SETTINGS_FILE.read_text(encoding="utf-8").startswith(MARK)


def _write(named: dict[str, str]) -> None:
    SETTINGS_FILE.parent.mkdir(parents=True, exist_ok=True)
    SETTINGS_FILE.touch(mode=0o600)  # a database's URL may hold a password
    lines = [MARK, *(f"{name}='{value}'" for name, value in named.items())]
    SETTINGS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
