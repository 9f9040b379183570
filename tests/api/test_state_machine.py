"""Whatever a portal sends, in whatever order: the service agrees with a model in plain Python."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.conftest import BACKENDS, Databases
from tests.support.api import running_api
from tests.support.machine import ACTIVITIES, Reporting, Sent, Stage, said_by
from tests.support.makers import BINH_SON, PLAN, a_document, a_draft
from tests.support.model import Report, Reports, Told, differing, sums
from tests.support.problems import refused
from tests.support.sendings import (
    KEYS,
    OFTEN,
    RARELY,
    ROWS,
    SYSTEM,
    WITHDRAWALS,
    SentRow,
    SentWithdrawal,
    body_of,
)

BATCHES = "/v1/activity-report-batches"
DATA_TO: Final = "2021-11-20"
NOT_ADDED: Final = {"followers"}  # the latest counts: over time there is no sum of them
EXAMPLES: Final = {"sqlite": 40, "postgresql": 15}  # to copy a PostgreSQL database takes longer


class ReportingInBulk(Reporting):
    """The portal also sends files, and submits its unit's yearly report."""

    @rule(rows=ROWS, update=OFTEN, atomic=RARELY, dry=RARELY, lines=st.booleans(), key=KEYS)
    def bulk(
        self,
        rows: Sequence[SentRow],
        *,
        update: bool,
        atomic: bool,
        dry: bool,
        lines: bool,
        key: str | None,
    ) -> None:
        sent = [body_of(row.name, row.of(self.model), respelt=False) for row in rows]
        work = self.model.copy()
        told = [work.row(row["external_id"], row, update=update) for row in sent]
        query = {"on_existing": "update" if update else "reject"} | _query(atomic=atomic, dry=dry)
        self._take_in(BATCHES, query, sent, (work, told), lines=lines, key=key)

    @precondition(lambda self: self.model.reports)
    @rule(rows=WITHDRAWALS, atomic=RARELY, dry=RARELY, key=KEYS)
    def withdraw_in_bulk(
        self, rows: Sequence[SentWithdrawal], *, atomic: bool, dry: bool, key: str | None
    ) -> None:
        sent = [row.of(self.model) for row in rows]
        work = self.model.copy()
        told = [
            work.withdrawal(row.name, line["expected_revision"])
            for row, line in zip(rows, sent, strict=True)
        ]
        query = _query(atomic=atomic, dry=dry)
        path = f"{BATCHES}/withdrawals"
        self._take_in(path, query, sent, (work, told), lines=True, key=key)

    def _take_in(
        self,
        path: str,
        query: Mapping[str, str],
        rows: Sequence[Mapping[str, Any]],
        comes_to: tuple[Reports, Sequence[Told]],
        *,
        lines: bool,
        key: str | None,
    ) -> None:
        """Send a file, and assert that it came to what the model tells of each row."""
        kind = "application/jsonl" if lines else "application/json"
        content = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
        headers = {"Content-Type": kind} | ({"Idempotency-Key": key} if key else {})
        sent = Sent("POST", f"{path}?{urlencode(query)}", headers, content.encode())
        answer = sent.by(self.portal)
        if key is not None and self.again(key, sent, answer):
            return
        work, told = comes_to
        atomic, dry = query["mode"] == "atomic", query["dry_run"] == "true"
        whole = not (atomic and any(one.code for one in told))
        if whole:
            assert answer.status_code == 201, answer.text
        else:
            refused(answer, 422, "batch_refused")
        batch = self.portal.get(answer.headers["location"]).json()
        counted = Counter(one.outcome or "rejected" for one in told if whole or one.code)
        counts = {name: batch["counts"][name] for name in _OUTCOMES}
        assert counts == {name: counted[name] for name in _OUTCOMES}
        assert batch["counts"]["held_back"] == len(rows) - counted.total()
        assert batch["state"] == ("finished" if whole else "refused")
        listed = self._rows(answer.headers["location"])
        expected = {n: one for n, one in enumerate(told, 1) if whole or one.code}
        gone = dry or not whole  # what would be created is not there
        for n, row in listed.items():
            assert row["outcome"] == (expected[n].outcome or "rejected")
            known = self.model if gone else work
            stored = expected[n].code is None and row["external_id"] in known.reports
            assert row["revision"] == (expected[n].revision if stored else None)
            assert (row["report_id"] is not None) == stored
        assert listed.keys() == expected.keys()
        assert {n: row["errors"][0]["code"] for n, row in listed.items() if row["errors"]} == {
            n: one.code for n, one in expected.items() if one.code
        }
        if whole:
            named = {row["external_id"] for n, row in listed.items() if not expected[n].code}
            assert bool(batch["outdated"]["submissions"]) == work.outdated(named)
        if whole and not dry:
            work.as_one(len(self.model.happened))
            self.model = work
            for row in listed.values():
                if row["outcome"] == "created":
                    self.model.reports[row["external_id"]].report_id = row["report_id"]

    def _rows(self, place: str) -> dict[int, dict[str, Any]]:
        listed = self.portal.get(f"{place}/rows", limit=500).json()
        return {row["row"]: row for row in listed["items"]}

    @initialize()
    def draft(self) -> None:
        answer = self.portal.post("/v1/submissions", a_draft())
        assert answer.status_code == 201, answer.text
        self.submission, self.state = answer.json()["id"], "draft"

    @precondition(lambda self: self.state == "draft" and len(self.model.happened) > 6)
    @rule()
    def submit(self) -> None:
        place = f"/v1/submissions/{self.submission}"
        answer = self.portal.post(f"{place}/submit", a_document(data_to=DATA_TO))
        assert answer.status_code == 200, answer.text
        self.frozen = self.model.freeze(data_to=DATA_TO)
        assert answer.json()["activities"] == self.frozen
        self.state = "submitted"

    @precondition(lambda self: self.state == "submitted")
    @rule()
    def accept(self) -> None:
        answer = self.focal.post(f"/v1/submissions/{self.submission}/accept")
        assert answer.status_code == 200, answer.text
        self.state = "accepted"

    def teardown(self) -> None:
        with self.stack:
            if sys.exception() is None:
                self._lists_agree()
                self._revisions_agree()
                self._changes_agree()
                self._sums_agree()
                self._submission_agrees()

    def _lists_agree(self) -> None:
        listed = self.portal.get(ACTIVITIES).json()
        assert listed["next"] is None
        found = {row["external_id"]: row for row in listed["items"]}
        assert len(listed["items"]) == len(found)
        assert {
            name: (row["id"], row["revision"], row["withdrawn"]) for name, row in found.items()
        } == {
            name: (report.report_id, report.number, report.withdrawn)
            for name, report in self.model.reports.items()
        }
        for name, row in found.items():
            report = self.model.reports[name]
            assert said_by(row) == report.now.said
            by_id = self.portal.get(f"{ACTIVITIES}/{row['id']}")
            by_key = self.portal.get(f"/v1/units/{BINH_SON}/activity-reports/{SYSTEM}/{name}")
            assert by_id.json() == by_key.json() == row
            assert by_id.headers["etag"] == by_key.headers["etag"] == f'"{report.number}"'

    def _revisions_agree(self) -> None:
        for report in self.model.reports.values():
            place = f"{ACTIVITIES}/{report.report_id}/revisions"
            listed = self.portal.get(place).json()["items"]
            assert [(row["number"], row["kind"], row["reason"]) for row in listed] == [
                (n, one.kind, one.reason) for n, one in enumerate(report.revisions, 1)
            ]
            for row, before, after in zip(
                listed[1:], report.revisions, report.revisions[1:], strict=False
            ):
                fields = {change["field"].split(".")[0] for change in row["changes"]}
                assert fields == differing(before.said, after.said)
            for n, one in enumerate(report.revisions, 1):
                read = self.portal.get(f"{place}/{n}").json()
                assert (read["revision"], said_by(read)) == (n, one.said)

    def _changes_agree(self) -> None:
        met: list[tuple[str, int]] = []
        since: dict[str, str] = {}
        more = True
        while more:
            feed = self.portal.get(f"{ACTIVITIES}/changes", limit=7, **since).json()
            met += [(row["external_id"], row["revision"]) for row in feed["items"]]
            since, more = {"since": feed["next"]}, feed["more"]
        for together in self.model.happened:  # what one transaction did has no order of its own
            stretch, met = met[: len(together)], met[len(together) :]
            assert sorted(stretch) == sorted(together)
        assert met == []

    def _sums_agree(self) -> None:
        groups: dict[tuple[str, str, str], list[Report]] = {}
        for report in self.model.reports.values():
            now = report.now.said
            key = (BINH_SON, now["occurred_on"][:7], now["plan_item"])
            groups.setdefault(key, []).append(report)
        told = self.portal.get("/v1/reconciliation", plan=PLAN).json()
        assert [_sums_of(row) for row in told["items"]] == [
            _without_sums_of_levels(sums(reports)) for _, reports in sorted(groups.items())
        ]
        keys = [(row["unit"], row["month"], row["plan_item"]) for row in told["items"]]
        assert keys == sorted(groups)
        assert _sums_of(told["totals"]) == _without_sums_of_levels(
            sums(self.model.reports.values())
        )

    def _submission_agrees(self) -> None:
        if self.state in ("", "draft"):
            return
        told = self.portal.get(f"/v1/submissions/{self.submission}").json()
        assert (told["review"], told["activities"]) == (self.state, self.frozen)


_OUTCOMES: Final = ("created", "updated", "unchanged", "rejected")


def _query(*, atomic: bool, dry: bool) -> dict[str, str]:
    return {"mode": "atomic" if atomic else "partial", "dry_run": str(dry).lower()}


def _sums_of(told: Mapping[str, Any]) -> dict[str, Any]:
    names = ("reports", "withdrawn", "on_behalf", "occurrences")
    return {name: told[name] for name in names} | {
        "measures": [
            (
                row["indicator"],
                row["origin"],
                row["values"],
                None if row["sum"] is None else Decimal(row["sum"]),
            )
            for row in told["measures"]
        ],
        "expenditure": [(row["source"], row["amount"]) for row in told["expenditure"]],
    }


def _without_sums_of_levels(found: dict[str, Any]) -> dict[str, Any]:
    measures = [
        (indicator, origin, number, None if indicator in NOT_ADDED else value)
        for indicator, origin, number, value in found["measures"]
    ]
    return found | {"measures": measures}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_service_agrees_with_a_model_whatever_is_sent(
    backend: str, request: pytest.FixtureRequest
) -> None:
    databases: Databases = request.getfixturevalue(f"{backend}_databases")
    bounded = settings(
        max_examples=EXAMPLES[backend],
        stateful_step_count=40,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with databases.loaded() as url, running_api(url, rate_limit="1000000/minute") as api:
        stage = Stage(api, databases)
        made: Any = lambda: ReportingInBulk(stage)  # noqa: E731
        run_state_machine_as_test(made, settings=bounded)
