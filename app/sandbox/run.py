"""Running a sandbox: a fresh database, the API and a worker, until somebody asks to stop."""

import os
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from app.clock import Clock
from app.demo.progress import course
from app.demo.stage import HOST, DemoFailed, Kind, Stage
from app.demo.stopping import Stop, Stopped, stoppable
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.sandbox.folder import temporary_folder
from app.sandbox.sample import give_sample, make_keys
from app.sandbox.sheet import show

STARTS: Final = datetime(2021, 11, 22, 9, 0, tzinfo=LOCAL_TIME)
"""A working day eight days before the report of 2021 is due: activity and reports are taken."""

SETTINGS: Final = {
    "RATE_LIMIT": "3000/minute",  # as in production
    "WEBHOOK_HTTP": "true",  # a receiver that is being written runs on the same machine
    "WEBHOOK_NETWORKS": "127.0.0.0/8 ::1/128",
}
LOOK_SECONDS: Final = 0.2
_LOG_LINES: Final = 12


def run(*, port: int, console: Console, scopes: Mapping[str, Iterable[Scope]]) -> int:
    """Open a sandbox and keep it until Ctrl-C or SIGTERM; return the process's exit code.

    Port 0 takes a free one. `scopes` are those of each profile of keys. A closed terminal ends
    it too, and however it ends, its processes end with it; its folder stays only after `kill
    -9`, until the next sandbox starts.
    """
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        _refuse_taken(port)
        with stoppable(hang_up=True) as stop, temporary_folder() as folder:
            _open(folder, port, stop, console, scopes)
    except Stopped:
        return 0
    except (DemoFailed, OSError) as failure:
        errors.print(f"sandbox failed: {failure}", markup=False)
        return 1
    return 0


def _open(
    folder: Path,
    port: int,
    stop: Stop,
    console: Console,
    scopes: Mapping[str, Iterable[Scope]],
) -> None:
    with _tether() as tether:
        kind = Kind("sandbox", SETTINGS, port=port or None, tether=tether)
        stage = Stage(folder=folder, database_url=None, stop=stop, kind=kind)
        stage.set_clock(STARTS)
        try:
            with course(Console(stderr=True), stop) as steps:
                with steps.step("Cơ sở dữ liệu, kế hoạch, khóa · database, plan, keys"):
                    keys = stage.build(partial(make_keys, scopes=scopes))
                with steps.step("API, worker"):
                    stage.open()
                give_sample(stage, keys, steps, on=STARTS.date())
            at = Clock(stage.offset).now()
            show(console, address=stage.address, keys=keys.printed, at=at)
            while True:
                stage.check()
                time.sleep(LOOK_SECONDS)
        except DemoFailed as failure:
            raise DemoFailed(f"{failure}\n{_last_words(stage)}") from failure
        finally:
            stage.close()


@contextmanager
def _tether() -> Iterator[int]:
    """Return the end of a pipe that closes with this process (`app.tether`)."""
    held, ours = os.pipe()
    try:
        yield held
    finally:
        os.close(held)
        os.close(ours)


def _refuse_taken(port: int) -> None:
    """Raise DemoFailed for a port that somebody else listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoFailed(f"port {port} cannot be used: {error.strerror}") from error


def _last_words(stage: Stage) -> str:
    """Return the ends of the logs: the folder goes, and with it why something failed."""
    lines: list[str] = []
    for log in stage.logs.values():
        if log.exists():
            with log.open(encoding="utf-8", errors="replace") as file:
                lines += deque(file, _LOG_LINES)
    return "".join(lines)
