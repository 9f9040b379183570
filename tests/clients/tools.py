"""The programs and commands that openapi/README.md shows, and what a machine may lack for them."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.commands import ROOT, Outcome

README: Final = ROOT / "openapi" / "README.md"
FOLDER: Final = ROOT / "openapi" / "clients"
_SECTION: Final = re.compile(r"^### ([^\n]+)$(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A program in a section of the README, with the commands that make and run it."""

    file: str
    program: str
    making: str
    running: str


def _read(text: str) -> Shown:
    (_, commands), (_, program) = _BLOCK.findall(text)
    *making, running = commands.splitlines(keepends=True)
    file = running.split()[-1].replace(".js", ".ts")
    return Shown(file, program, "".join(making), running)


SHOWN: Final = {
    title: _read(text) for title, text in _SECTION.findall(README.read_text(encoding="utf-8"))
}
"""Each program by its language, as the README has it under a third heading."""

_INSTALLED: Final = {
    "Python": ".venv/bin/openapi-python-client",
    "TypeScript": "node_modules/.bin/tsc",
}
_PROGRAMS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "Python": {"bash": (3, 0)},
    "TypeScript": {"bash": (3, 0), "node": (20, 0), "npx": (7, 0)},
    "curl": {"bash": (3, 0), "curl": (7, 76), "jq": (1, 5)},
}
_VERSION: Final = re.compile(r"(\d+)\.(\d+)")


def lacking(language: str) -> str | None:
    """Return in plain words why a client cannot be tried on this machine, or None."""
    for program, (major, minor) in _PROGRAMS[language].items():
        found = _version_of(program)
        if found is None:
            return f"the {language} client needs {program}, which is not on this machine"
        if found < (major, minor):
            return f"the {language} client needs {program} {major}.{minor} or newer"
    if language in _INSTALLED and not (FOLDER / _INSTALLED[language]).exists():
        return f"`make clients` has not installed what makes the {language} client here"
    return None


def _version_of(program: str) -> tuple[int, int] | None:
    place = shutil.which(program)
    if place is None:
        return None
    said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
    found = _VERSION.search(said)
    return (int(found[1]), int(found[2])) if found else None


def prepare(folder: Path) -> Path:
    """Lay what is committed, and links to what is installed, as in openapi/; return clients/."""
    clients = folder / "clients"
    clients.mkdir(parents=True)
    shutil.copy(ROOT / "openapi" / "openapi.json", folder)
    for file in ("python.yaml", "package.json", "tsconfig.json"):
        shutil.copy(FOLDER / file, clients)
    for installed in (".venv", "node_modules"):
        (clients / installed).symlink_to(FOLDER / installed)
    return clients


def run(commands: str, *, folder: Path, **environment: str) -> Outcome:
    """Run commands of the README in a folder, without the network and without our own Python."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    inherited: Mapping[str, str] = {k: v for k, v in os.environ.items() if k not in ours}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={**inherited, "npm_config_offline": "true", "NO_COLOR": "1", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
