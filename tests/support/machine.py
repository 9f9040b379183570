"""A portal that sends one report at a time, beside a model of what it must find."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from app.api.deps import Front
from app.db import make_engine
from tests.conftest import Databases
from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT
from tests.support.model import (
    REASON,
    Content,
    Match,
    Reports,
    Said,
    Told,
    differing,
    merged,
    said,
)
from tests.support.problems import refused
from tests.support.sendings import (
    CONTENTS,
    KEYS,
    MATCHES,
    NAMES,
    OFTEN,
    PATCHES,
    RARELY,
    SYSTEM,
    body_of,
    match_of,
)

ACTIVITIES = "/v1/activity-reports"
ANY = st.integers(0, 50)  # one of those that are there, counted round and round


@dataclass
class Stage:
    """The running app, put before a fresh database for each example."""

    api: Api
    databases: Databases

    @contextmanager
    def fresh(self) -> Iterator[None]:
        front: Front = self.api.app.state.front
        with self.databases.loaded() as url:
            engine = make_engine(url)
            self.api.app.state.front = Front(
                engine, front.clock, front.instance, front.limiter, front.webhooks
            )
            self.api.engine = engine
            yield
            engine.dispose()


@dataclass(frozen=True)
class Sent:
    """A request that may be sent again as it is."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    def by(self, portal: Portal) -> httpx.Response:
        """Have a portal send it."""
        return portal.request(
            self.method, self.path, headers=dict(self.headers), content=self.content
        )


class Reporting(RuleBasedStateMachine):
    """One portal, and a model of what it must find."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(stage.fresh())
        self.portal = stage.api.portal(BINH_SON)
        self.focal = stage.api.portal(FOCAL_UNIT)
        self.model = Reports()
        self.kept: dict[str, tuple[Sent, httpx.Response]] = {}
        self.submission = ""
        self.state = ""
        self.frozen = 0

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        match: Match | None = None,
        dry: bool = False,
        key: str | None = None,
    ) -> tuple[httpx.Response, bool]:
        """Send a request; return the answer, and whether it is the first one under its key."""
        path += "?dry_run=true" if dry else ""
        headers = {"Content-Type": "application/json"}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        if match is not None and match.header is not None:
            headers["If-Match"] = match.header
        if key is not None:
            headers["Idempotency-Key"] = key
        sent = Sent(method, path, headers, json.dumps(body).encode())
        answer = sent.by(self.portal)
        return answer, key is None or not self.again(key, sent, answer)

    def again(self, key: str, sent: Sent, answer: httpx.Response) -> bool:
        """Tell whether the key was used before; assert that the answer is as it was then."""
        if key not in self.kept:
            if "location" in answer.headers:  # it made something: at least a batch
                self.kept[key] = (sent, answer)
            return False
        before, first = self.kept[key]
        if (before.path, before.content) != (sent.path, sent.content):
            refused(answer, 422, "idempotency_key_reused")
            return True
        assert answer.status_code == first.status_code, answer.text
        assert answer.headers["location"] == first.headers["location"]
        if answer.status_code < 400:
            assert answer.content == first.content
            assert "idempotency-replayed" in answer.headers
        return True

    @precondition(lambda self: self.kept)
    @rule(number=ANY)
    def send_again(self, number: int) -> None:
        key = sorted(self.kept)[number % len(self.kept)]
        sent, _ = self.kept[key]
        assert self.again(key, sent, sent.by(self.portal))

    def agree(
        self, name: str, act: Callable[[Reports], Told], answer: httpx.Response, *, dry: bool
    ) -> None:
        """Assert that the answer is what the model tells."""
        model = self.model.copy() if dry else self.model
        told = act(model)
        if told.code is not None:
            faults = refused(answer, told.status, told.code)
            assert bool(faults) == (told.code == "invalid")
            return
        found = answer.json()
        assert answer.status_code == (200 if dry else told.status), answer.text
        assert (found["outcome"], found["revision"]) == (told.outcome, told.revision), answer.text
        assert found["dry_run"] is dry
        report = model.reports[name]
        assert said_by(found) == report.now.said
        assert found["withdrawn"] is report.withdrawn
        assert bool(found["outdated"]["submissions"]) == model.outdated([name])
        for one in found["outdated"]["submissions"]:
            assert (one["submission_id"], one["state"]) == (self.submission, self.state)
        if dry:
            assert (found["id"] is None) == (told.outcome == "created")
            return
        report.report_id = report.report_id or found["id"]
        assert found["id"] == report.report_id
        assert answer.headers["etag"] == f'"{told.revision}"'
        assert answer.headers["location"] == f"{ACTIVITIES}/{report.report_id}"

    def match(self, which: str, name: str) -> Match:
        report = self.model.reports.get(name)
        return match_of(which, report.number if report else 1)

    @initialize(content=CONTENTS)
    def begin(self, content: Content) -> None:
        self.create("a", content, respelt=False, dry=False, key=None)

    @rule(name=NAMES, content=CONTENTS, respelt=st.booleans(), dry=RARELY, key=KEYS)
    def create(
        self, name: str, content: Content, *, respelt: bool, dry: bool, key: str | None
    ) -> None:
        answer, first = self.send(
            "POST", ACTIVITIES, body_of(name, content, respelt=respelt), dry=dry, key=key
        )
        if not first:
            return
        if answer.status_code == 409:
            now = self.model.reports[name].now.said
            fields = answer.json()["detail"].rsplit(": ", 1)[1].rstrip(".")
            assert set(fields.split(", ")) == differing(now, said(content))
        self.agree(name, lambda model: model.create(name, content), answer, dry=dry)

    @precondition(lambda self: self.model.reports)
    @rule(number=ANY, revision=ANY, respelt=st.booleans(), dry=RARELY)
    def replay(self, number: int, revision: int, *, respelt: bool, dry: bool) -> None:
        name, content = self.earlier(number, revision)
        answer, _ = self.send("POST", ACTIVITIES, body_of(name, content, respelt=respelt), dry=dry)
        assert answer.status_code == 200, answer.text
        self.agree(name, lambda model: model.create(name, content), answer, dry=dry)

    @rule(name=NAMES, content=CONTENTS, which=MATCHES, with_reason=OFTEN, dry=RARELY)
    def put(self, name: str, content: Content, which: str, *, with_reason: bool, dry: bool) -> None:
        reason, match = REASON if with_reason else None, self.match(which, name)
        body = content | ({"reason": reason} if reason else {})
        path = f"/v1/units/524/activity-reports/{SYSTEM}/{name}"
        answer, _ = self.send("PUT", path, body, match=match, dry=dry)
        self.agree(name, lambda model: model.put(name, content, reason, match), answer, dry=dry)

    @precondition(lambda self: self.model.reports)
    @rule(number=ANY, content=CONTENTS, which=MATCHES, dry=RARELY)
    def correct(self, number: int, content: Content, which: str, *, dry: bool) -> None:
        name, _ = self.earlier(number, 0)
        self._correct(name, content, which, dry=dry)

    @precondition(lambda self: self.model.reports)
    @rule(number=ANY, revision=ANY, which=MATCHES, dry=RARELY)
    def take_back(self, number: int, revision: int, which: str, *, dry: bool) -> None:
        name, content = self.earlier(number, revision)
        self._correct(name, content, which, dry=dry)

    def _correct(self, name: str, content: Content, which: str, *, dry: bool) -> None:
        match = self.match(which, name)
        path = f"{ACTIVITIES}/{self.model.reports[name].report_id}"
        answer, _ = self.send("PUT", path, content | {"reason": REASON}, match=match, dry=dry)
        self.agree(name, lambda model: model.correct(name, content, REASON, match), answer, dry=dry)

    @precondition(lambda self: self.model.reports)
    @rule(number=ANY, patch=PATCHES, which=MATCHES, dry=RARELY)
    def patch(self, number: int, patch: dict[str, Any], which: str, *, dry: bool) -> None:
        name, _ = self.earlier(number, 0)
        report, match = self.model.reports[name], self.match(which, name)
        content = merged(report.now.content, patch)
        path = f"{ACTIVITIES}/{report.report_id}"
        answer, _ = self.send("PATCH", path, patch | {"reason": REASON}, match=match, dry=dry)
        self.agree(name, lambda model: model.correct(name, content, REASON, match), answer, dry=dry)

    @precondition(lambda self: self.model.reports)
    @rule(
        number=ANY,
        usual=OFTEN,
        which=MATCHES,
        dry=RARELY,
        key=KEYS,
    )
    def turn(self, number: int, which: str, *, usual: bool, dry: bool, key: str | None) -> None:
        name, _ = self.earlier(number, 0)
        match = self.match(which, name)
        back = self.model.reports[name].withdrawn == usual
        verb, kind = ("reinstate", "reinstated") if back else ("withdraw", "withdrawn")
        path = f"{ACTIVITIES}/{self.model.reports[name].report_id}/{verb}"
        answer, first = self.send("POST", path, {"reason": REASON}, match=match, dry=dry, key=key)
        if first:
            self.agree(name, lambda model: model.turn(name, kind, REASON, match), answer, dry=dry)

    def earlier(self, number: int, revision: int) -> tuple[str, Content]:
        """Return a report that is there, and what one of its revisions says."""
        name = sorted(self.model.reports)[number % len(self.model.reports)]
        revisions = self.model.reports[name].revisions
        return name, revisions[revision % len(revisions)].content


def said_by(found: dict[str, Any]) -> Said:
    """Return what a report says as it was answered."""
    names = (
        "plan plan_item content_themes occurred_on ended_on occurrences channel format title"
        " description languages integrated"
    )
    return {name: found[name] for name in names.split()} | {
        "measures": sorted(
            (row["indicator"], row["origin"], Decimal(row["value"])) for row in found["measures"]
        ),
        "expenditure": sorted((row["source"], row["amount"]) for row in found["expenditure"]),
    }
