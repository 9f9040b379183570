"""The clients are made once, whichever of the tests' processes comes first, and then shared."""

import fcntl
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.clients.tools import SHOWN, lacking, prepare, run
from tests.support.commands import Outcome

Made = Callable[[str], tuple[Path, Outcome]]


def _make(folder: Path, language: str) -> Outcome:
    shown = SHOWN[language]
    clients = prepare(folder)
    (clients / shown.file).write_text(shown.program, encoding="utf-8")
    return run(shown.making, folder=clients)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Made:
    """Return what makes a client as the README says: the folder, and how the commands ended."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def make(language: str) -> tuple[Path, Outcome]:
        if reason := lacking(language):
            pytest.skip(reason)
        folder, outcome = shared / f"client-{language}", shared / f"client-{language}.json"
        with (shared / f"client-{language}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not outcome.exists():
                outcome.write_text(json.dumps(asdict(_make(folder, language))), encoding="utf-8")
        return folder / "clients", Outcome(**json.loads(outcome.read_text(encoding="utf-8")))

    return make
