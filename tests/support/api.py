"""The real app behind a real server on loopback, with a clock that a test can set."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from app.api.deps import Front
from app.clock import Clock
from app.db import unit_of_work
from app.domain.access.service import create_key
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.main import create_app
from app.settings import Settings
from tests.support.declared import declared_by

A_WORKING_DAY = datetime(2021, 11, 22, 9, 0, tzinfo=LOCAL_TIME)


@dataclass(frozen=True)
class SetClock(Clock):
    """A clock that a test puts: the first request meets that very instant, each next 1 µs later."""

    at: datetime = A_WORKING_DAY
    _reads: list[int] = field(default_factory=lambda: [0])

    def now(self) -> datetime:
        self._reads[0] += 1
        return self.at.astimezone(UTC) + timedelta(microseconds=self._reads[0] - 1)


@dataclass(frozen=True)
class Portal:
    """A unit's program: its key and its connection."""

    http: httpx.Client
    secret: str

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request with the key."""
        headers = {"Authorization": f"Bearer {self.secret}", **options.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **options)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """GET with query parameters."""
        return self.request("GET", path, params=params)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """POST a JSON body; asking for a consolidated report takes an Idempotency-Key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if path == "/v1/consolidated-reports":
            named.setdefault("Idempotency-Key", str(uuid4()))
        return self.request("POST", path, json=body, headers=named)

    def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """PUT a JSON body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("PUT", path, json=body, headers=named)

    def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """PATCH by a JSON Merge Patch."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/merge-patch+json")
        return self.request("PATCH", path, content=json.dumps(body), headers=named)


@dataclass
class Api:
    """The running app, its database and its clock."""

    app: FastAPI
    engine: Engine
    http: httpx.Client

    def set_clock(self, at: datetime) -> None:
        """Let it be exactly that instant when the app is asked next."""
        front: Front = self.app.state.front
        self.app.state.front = replace(front, clock=SetClock(at=at))

    def now(self) -> datetime:
        """Return the instant that the clock was put to."""
        front: Front = self.app.state.front
        clock = front.clock
        assert isinstance(clock, SetClock)
        return clock.at

    def portal(self, unit: str, *scopes: Scope) -> Portal:
        """Make a key for a unit's key, with all scopes where none is named."""
        at = self.now()
        with unit_of_work(self.engine) as session:
            _, secret = create_key(
                session,
                unit=unit,
                scopes=scopes or tuple(Scope),
                label="test",
                at=at - timedelta(days=2000),
                expires_at=at + timedelta(days=4000),
            )
        return Portal(self.http, secret)


# To make an app or to read the machine's certificates takes longer than most tests: an app that has
# ended is started again, with other settings and so with another database; nothing else is in it.
_ENDED: list[FastAPI] = []
TLS = ssl.create_default_context()


@contextmanager
def running_api(database_url: str, **settings: Any) -> Iterator[Api]:
    """Serve the app on a free port of 127.0.0.1 until the block ends."""
    of = Settings(database_url=database_url, **settings)
    app = _ENDED.pop() if _ENDED else create_app(of)
    app.state.settings = of
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the app did not start")
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    held = {"response": [declared_by(app).hold]}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=30, event_hooks=held, verify=TLS
    ) as http:
        api = Api(app, app.state.front.engine, http)
        api.set_clock(A_WORKING_DAY)
        yield api
    server.should_exit = True
    thread.join(10)
    if not thread.is_alive():
        _ENDED.append(app)
