"""Single POSTs, against a bare endpoint that looks up a key and inserts one row."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import make_url, text

from app.db import make_engine
from tests.bench import floor
from tests.bench.client import PLACE
from tests.bench.measured import Measured, middle_round, say
from tests.bench.rows import a_key, bodies
from tests.bench.served import FLOOR, PRODUCT, ROOT, Served, served

CONNECTIONS: Final = (1, 16)
ROUNDS: Final = 15
ROUND: Final = 1.2  # seconds; many short ones, so that both meet the same moments
WARM_UP: Final = 2.0
TARGET: Final = 0.7


@dataclass
class Endpoint:
    """An endpoint under load, and how many rows it has said to have stored."""

    server: Served
    path: str
    secret: str
    stored: int = field(default=0)

    def rate(self, connections: int, duration: float) -> float:
        """Return how many POSTs a second it answers."""
        arguments = [self.server.port, connections, duration, self.stored]
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.client", *map(str, arguments)],
            cwd=ROOT,
            input=self._request(),
            stdout=subprocess.PIPE,
            check=True,
        )
        counted = json.loads(done.stdout)
        self.stored += counted["answered"]
        return float(counted["answered"] / counted["seconds"])

    def _request(self) -> bytes:
        [report] = bodies(1, source_system="bench")
        body = json.dumps({**report, "external_id": PLACE.decode()}, ensure_ascii=False).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
            f"Authorization: Bearer {self.secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def run(url: str) -> Iterator[Measured]:
    """Measure both servers in turns, at each number of connections."""
    secret = a_key(url)
    floor.make_tables(url, secret=secret)
    database = make_url(url).get_backend_name()
    for connections in CONNECTIONS:
        with (
            TemporaryDirectory() as folder,
            served(PRODUCT, url, log=Path(folder) / "ours") as our_server,
            served(FLOOR, url, log=Path(folder) / "floor") as floor_server,
        ):
            ours = Endpoint(our_server, "/v1/activity-reports", secret, _rows(url)[0])
            bare = Endpoint(floor_server, "/reports", secret, _rows(url)[1])
            pair = _measure(ours, bare, connections, f"single, {database}, {connections}")
        assert _rows(url) == (ours.stored, bare.stored), "an answered row is not stored"
        yield Measured(
            variant=f"{database}, {connections} connection{'s' * (connections > 1)}",
            unit="POST/s",
            ours=round(pair[0], 1),
            floor=round(pair[1], 1),
            target=TARGET,
        )


def _measure(ours: Endpoint, bare: Endpoint, connections: int, name: str) -> tuple[float, float]:
    for endpoint in (ours, bare):
        endpoint.rate(connections, WARM_UP)
    rounds = []
    for number in range(ROUNDS):
        rounds.append((ours.rate(connections, ROUND), bare.rate(connections, ROUND)))
        say(f"{name}: round {number + 1} of {ROUNDS}: {rounds[-1][0]:.0f} / {rounds[-1][1]:.0f}")
    return middle_round(rounds)


def _rows(url: str) -> tuple[int, int]:
    """Return how many rows the product's and the floor's table hold."""
    engine = make_engine(url)
    with engine.connect() as connection:
        ours = connection.execute(text("SELECT count(*) FROM activity_report")).scalar_one()
        bare = connection.execute(text("SELECT count(*) FROM floor_report")).scalar_one()
    engine.dispose()
    return ours, bare
