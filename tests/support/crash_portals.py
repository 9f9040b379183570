"""Portals that write through crashes, each knowing exactly what was acknowledged to it."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Event
from typing import Any, Final

from tests.support.crashing import Answer, Line
from tests.support.makers import BINH_SON, an_activity

ACTIVITIES: Final = "/v1/activity-reports"
BATCHES: Final = "/v1/activity-report-batches"
WITHDRAWALS: Final = f"{BATCHES}/withdrawals"
MEASURES, EXPENDITURE = 2, 1  # of every body that is sent
SINGLY, UNDER_KEYS, IN_BULK = "singly", "under-keys", "in-bulk"
COURSES: Final = (
    (),
    ("put",),
    ("put", "patch"),
    ("withdraw",),
    ("patch", "withdraw", "reinstate"),
    ("withdraw", "reinstate", "put", "withdraw"),
)
Key = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """A request as it was sent and acknowledged."""

    method: str
    path: str
    content: bytes
    headers: Mapping[str, str]


@dataclass
class Journal:
    """What was acknowledged to one portal."""

    sent: list[Sent] = field(default_factory=list)
    numbers: dict[Key, int] = field(default_factory=dict)
    titles: dict[Key, str] = field(default_factory=dict)
    waiting: list[Sent] = field(default_factory=list)


@dataclass(frozen=True)
class Writer:
    """A portal's program: it sends one thing after the other, until it is told to stop."""

    name: str
    line: Line
    journal: Journal
    stop: Event

    def send(self, method: str, path: str, body: Any, **headers: str) -> tuple[Sent, Answer]:
        """Send JSON until it is answered."""
        merge = "application/merge-patch+json"
        named = {"Content-Type": merge if method == "PATCH" else "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body).encode()
        sent = Sent(method, path, content, named)
        return sent, self.line.send(method, path, headers=named, content=content)

    def change(self, key: Key, method: str, path: str, body: Any, **headers: str) -> dict[str, Any]:
        """Have one report created or changed; note that it was acknowledged."""
        sent, answer = self.send(method, path, body, **headers)
        number = self.journal.numbers.get(key, 0) + 1
        done = "created" if number == 1 else "updated"
        said = answer.json()
        assert answer.response.status_code in (200, 201), answer.response.text
        assert said["revision"] == number, (sent, said)
        assert said["outcome"] == done or (answer.sent_again and said["outcome"] == "unchanged")
        self.journal.sent.append(sent)
        self.journal.titles[key] = said["title"]
        self.journal.numbers[key] = number
        return said


def one_at_a_time(writer: Writer) -> None:
    """Report, correct, withdraw and reinstate, each with a request of its own."""
    pick = random.Random(writer.name)
    for n in count(1):
        if writer.stop.is_set():
            return
        system = UNDER_KEYS if n % 2 else SINGLY
        body = a_body(f"{writer.name}.{n}", system=system)
        key = system, body["external_id"]
        keyed = {"Idempotency_Key": key[1]} if system == UNDER_KEYS else {}
        place = f"{ACTIVITIES}/{writer.change(key, 'POST', ACTIVITIES, body, **keyed)['id']}"
        for turn in pick.choice(COURSES):
            tag = {"If_Match": f'"{writer.journal.numbers[key]}"'}
            again = {"title": f"{turn} {writer.journal.numbers[key]}", "reason": "Ghi nhầm."}
            if turn == "put":
                natural = f"/v1/units/524/activity-reports/{system}/{key[1]}"
                content = {name: body[name] for name in body if name not in _KEY}
                writer.change(key, "PUT", natural, content | again, **tag)
            elif turn == "patch":
                writer.change(key, "PATCH", place, again, **tag)
            else:
                writer.change(key, "POST", f"{place}/{turn}", {"reason": "Ghi nhầm."}, **tag)


def under_keys(writer: Writer) -> None:
    """Send files of two portions, with corrections; one that broke off is left for later.

    Most rows say the same again, so that the portions are large and what is stored is not.
    """
    before: list[dict[str, Any]] = []
    for n in count(1):
        if writer.stop.is_set():
            return
        fresh = [a_body(f"{writer.name}.{n}.{i}", system=IN_BULK) for i in range(120)]
        corrected = [
            row | {"title": "Sửa", "reason": "Ghi nhầm.", "expected_revision": 1}
            for row in before[:30]
        ]
        rows = [*fresh[:60] * 17, *fresh[60:], *corrected, *before[:20]]
        path = f"{BATCHES}?on_existing=update"
        sent, answer = writer.send("POST", path, rows, Idempotency_Key=f"{writer.name}.{n}")
        if answer.response.status_code == 409:
            assert answer.json()["code"] == "idempotency_key_in_progress", answer.response.text
            writer.journal.waiting.append(sent)
            before = []  # whether they are corrected already, nobody has said yet
            continue
        ended(writer.journal, sent, answer)
        assert answer.json()["counts"]["created"] == len(fresh)
        before = fresh
        writer.stop.wait(1)  # leave some time to the others


def ended(journal: Journal, sent: Sent, answer: Answer) -> None:
    """Note that a file was taken in whole, and what each of its rows came to."""
    said = answer.json()
    assert answer.response.status_code == 201, answer.response.text
    assert said["state"] == "finished", said
    sent_rows = json.loads(sent.content)
    assert said["counts"]["rows"] == len(sent_rows)
    assert said["counts"]["rejected"] == 0, said["rejected_rows"]
    corrected = sum("expected_revision" in row for row in sent_rows)
    assert said["counts"]["updated"] in ((corrected, 0) if answer.sent_again else (corrected,))
    for row in sent_rows:
        key, number = (IN_BULK, row["external_id"]), row.get("expected_revision", 0) + 1
        if number > journal.numbers.get(key, 0):
            journal.titles[key] = row.get("title", journal.titles.get(key))
            journal.numbers[key] = number
    journal.sent.append(sent)


def without_keys(writer: Writer) -> None:
    """Send files that are taken in whole or not at all, then withdraw some of each."""
    for n in count(1):
        if writer.stop.is_set():
            return
        rows = [a_body(f"{writer.name}.{n}.{i}", system=IN_BULK) for i in range(60)]
        sent, answer = writer.send("POST", f"{BATCHES}?mode=atomic", rows)
        ended(writer.journal, sent, answer)
        created = answer.json()["counts"]["created"]
        assert created == len(rows) or (answer.sent_again and created == 0), answer.response.text
        doomed = [
            {
                "unit": BINH_SON,
                "on": row["occurred_on"],
                "source_system": IN_BULK,
                "external_id": row["external_id"],
                "expected_revision": 1,
                "reason": "Ghi nhầm.",
            }
            for row in rows[:10]
        ]
        ended(writer.journal, *writer.send("POST", WITHDRAWALS, doomed))
        writer.stop.wait(0.5)


@dataclass
class Follower:
    """A program that follows the changes and notes each revision that it meets."""

    line: Line
    met: list[tuple[str, int]] = field(default_factory=list)
    since: str | None = None

    def follow(self) -> None:
        """Follow to the end."""
        more = True
        while more:
            params = {"limit": "500"} | ({"since": self.since} if self.since else {})
            answer = self.line.send("GET", f"{ACTIVITIES}/changes", params=params)
            assert answer.response.status_code == 200, answer.response.text
            said = answer.json()
            self.met.extend((row["id"], row["revision"]) for row in said["items"])
            self.since, more = said["next"], said["more"]


def a_body(external_id: str, *, system: str) -> dict[str, Any]:
    """Return a body with measures and expenditure."""
    return an_activity(
        source_system=system,
        external_id=external_id,
        measures=[{"indicator": "posts", "value": "3"}, {"indicator": "views", "value": "120"}],
        expenditure=[{"source": "state_budget_district", "amount": 1_500_000}],
    )


_KEY: Final = ("unit", "source_system", "external_id")
