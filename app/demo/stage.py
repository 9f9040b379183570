"""Where the demo plays: a fresh database, a simulated clock, the API and the worker."""

import fcntl
import math
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import httpx
import sqlalchemy as sa
from sqlmodel import Session

from app.clock import Clock
from app.db import make_engine, unit_of_work
from app.demo.stopping import Stop
from app.migrate import migrate
from app.processes import start_api, start_worker, stop
from app.settings import Settings
from app.setup import set_up

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60
YEAR: Final = 2021
Made = TypeVar("Made")


class DemoFailed(Exception):
    """The demo cannot go on; the message says why, in one line."""


@dataclass(frozen=True)
class Kind:
    """What is played: the database's purpose, and how its processes are started."""

    purpose: str
    settings: Mapping[str, str]
    port: int | None = None
    tether: int | None = None


DEMO: Final = Kind("demo", {"RATE_LIMIT": "100000/minute"})


class Stage:
    """The demo's database, clock and processes. `http` speaks to the API while it is open."""

    def __init__(
        self, *, folder: Path, database_url: str | None, stop: Stop, kind: Kind = DEMO
    ) -> None:
        self.kind = kind
        self.folder = folder
        self.file = folder / "baocao.sqlite3"
        self.report = folder / "consolidated-report-2021.json"
        self.logs = {"api": folder / "api.log", "worker": folder / "worker.log"}
        self.is_given = database_url is not None
        self.database_url = database_url or f"sqlite:///{self.file}"
        self.offset = timedelta(0)
        self.http = httpx.Client()
        self._asked = stop
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def clock_offset(self) -> str:
        """The clock's offset as the setting CLOCK_OFFSET takes it."""
        return duration(self.offset)

    @property
    def address(self) -> str:
        """Where the API is while it is open."""
        return str(self.http.base_url).rstrip("/")

    def set_clock(self, to: datetime) -> None:
        """Let it be that instant from now on."""
        self.offset = timedelta(seconds=math.floor((to - Clock().now()).total_seconds()))

    def clear(self) -> None:
        """Remove what an earlier demo left in the folder. Raises DemoFailed where it still runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _refuse_running(self.file)
        for left in (*self.folder.glob(f"{self.file.name}*"), self.report, *self.logs.values()):
            left.unlink(missing_ok=True)

    def build(self, then: Callable[[Session, datetime], Made]) -> Made:
        """Make the database, and do `then` in it. Raises DemoFailed for one that is not empty."""
        engine = make_engine(self.database_url)
        try:
            if sa.inspect(engine).get_table_names():
                raise DemoFailed("the database is not empty; the demo wants a fresh one")
            at = Clock(self.offset).now()
            migrate(engine, purpose=self.kind.purpose, at=at)
            with unit_of_work(engine) as session:
                set_up(session, years=[YEAR], at=at)
                return then(session, at)
        finally:
            engine.dispose()

    def open(self) -> None:
        """Start the API and the worker by the clock as it is set, and wait until they serve."""
        self._start_api()
        self._start_worker()
        self._wait()

    def reopen(self, at: datetime) -> None:
        """Stop both and start them again, where it is another instant."""
        self.check()
        self._processes["worker"].send_signal(signal.SIGTERM)  # it takes its time to end
        self._stop("api")
        self.set_clock(at)
        self._start_api()
        self._stop("worker")
        self._start_worker()
        self._wait()

    def close(self) -> None:
        """Stop both, whatever else happens."""
        stop(*self._processes.values())
        self._processes.clear()
        self.http.close()

    def check(self) -> None:
        """Raise DemoFailed where a process ended by itself, Stopped where somebody asked for it."""
        self._asked.heed()
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise DemoFailed(f"the {name} ended with code {process.returncode}")

    def _start_api(self) -> None:
        port = self.kind.port or _free_port()
        self._processes["api"] = start_api(
            host=HOST,
            port=port,
            environment=self._environment(),
            log=self.logs["api"],
            tether=self.kind.tether,
        )
        self.http.close()
        self.http = httpx.Client(base_url=f"http://{HOST}:{port}", timeout=60, trust_env=False)

    def _start_worker(self) -> None:
        self._processes["worker"] = start_worker(
            environment=self._environment(), log=self.logs["worker"], tether=self.kind.tether
        )

    def _stop(self, name: str) -> None:
        stop(self._processes.pop(name))

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            self.check()
            if time.monotonic() > deadline:
                raise DemoFailed(f"the API was not ready after {START_SECONDS} s")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _environment(self) -> dict[str, str]:
        """Return the processes' environment: each setting named, so that no file decides."""
        ours = set(Settings.model_fields)
        inherited = {name: value for name, value in os.environ.items() if name.lower() not in ours}
        return {
            **inherited,
            "DATABASE_URL": self.database_url,
            "CLOCK_OFFSET": self.clock_offset,
            "WORKER_ID": self.kind.purpose,
            "LOG_LEVEL": "INFO",
            **self.kind.settings,
        }


def duration(offset: timedelta) -> str:
    """Return whole seconds as an ISO 8601 duration: "-P1824DT3600S"."""
    sign = "-" if offset < timedelta(0) else ""
    return f"{sign}P{abs(offset).days}DT{abs(offset).seconds}S"


def _refuse_running(database: Path) -> None:
    lock = database.with_name(f"{database.name}.worker")
    if not lock.exists():
        return
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFailed(f"{database} is being served; stop that first") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
