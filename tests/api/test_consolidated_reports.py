"""The consolidated report over HTTP: asked for, watched, pulled; and the same bytes everywhere."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import rfc8785
from sqlalchemy import Engine
from sqlmodel import select

from app.db import make_engine, unit_of_work
from app.domain.access.service import authenticate
from app.domain.consolidation import service
from app.domain.consolidation.models import ConsolidatedReport, StoredRollup
from app.domain.cycles.queries import get_cycle
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.reference import Memory
from app.domain.submissions import drafting, reviewing, submitting
from app.domain.submissions.contents import SubmissionContent, SubmissionDocument
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.narrative import Narrative
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.filing import DISTRICTS, Filing, some_activities
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, a_document
from tests.support.processes import running_worker, wait_until

LATEST: Final = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
LATER: Final = datetime(2021, 12, 2, 9, 0, tzinfo=LOCAL_TIME)


def asked(portal: Portal, **changes: Any) -> httpx.Response:
    return portal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021, **changes})


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def handed_in(api: Api, *units: str) -> Portal:
    return Filing(api.engine).hand_in(api.http, units, activities=4)


def done(api: Api, answer: httpx.Response) -> None:
    assert answer.status_code == 202, answer.text
    consolidate(api.engine, UUID(answer.json()["id"]), at=api.now())


def test_the_focal_unit_and_the_committees_office_ask_for_it_and_nobody_else(api: Api) -> None:
    for unit in (BINH_SON, "body-so-tai-chinh", "gso-51"):
        refused(asked(api.portal(unit)), 403, "not_consolidator")
    for unit in (FOCAL_UNIT, OFFICE):
        keyless = api.portal(unit, *(set(Scope) - {Scope.REQUEST_CONSOLIDATED}))
        refused(asked(keyless), 403, "scope_missing")
        assert asked(api.portal(unit)).status_code == 202
    refused(api.portal(BINH_SON, Scope.READ_REFERENCE).get(LATEST), 403, "scope_missing")


def test_the_focal_unit_of_the_day_asks_for_it(api: Api) -> None:
    before, after = api.portal(FOCAL_UNIT), api.portal("body-so-vhttdl")
    refused(asked(after), 403, "not_consolidator")
    api.set_clock(datetime(2025, 3, 1, tzinfo=LOCAL_TIME))
    refused(asked(before, year=2024), 403, "not_consolidator")
    assert asked(after, year=2024).status_code == 202


def test_asking_is_answered_with_the_place_to_watch(api: Api) -> None:
    focal = handed_in(api, *DISTRICTS[:2])
    answer = asked(focal)
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    place = answer.headers["Location"]
    assert place == f"/v1/consolidation-requests/{answer.json()['id']}"
    watched = focal.get(place)
    assert watched.json() == answer.json()
    assert watched.headers["Retry-After"] == "1"
    said = watched.json()
    assert (said["state"], said["version"], said["report"]) == ("queued", 1, None)
    assert said["progress"] == {"done": 0, "total": 2}
    assert (said["started_at"], said["finished_at"], said["failure"]) == (None, None, None)
    refused(focal.get(LATEST), 404, "not_found")
    refused(focal.get(f"/v1/consolidated-reports/{said['id']}"), 404, "not_found")
    assert focal.get("/v1/consolidated-reports").json()["items"] == []


def test_the_status_shows_each_step_of_the_way(api: Api) -> None:
    focal = handed_in(api, *DISTRICTS[:2])
    answer = asked(focal)
    place, number = answer.headers["Location"], UUID(answer.json()["id"])
    with unit_of_work(api.engine) as session:
        revisions = service.begin(session, request_id=number, at=LATER)
    assert focal.get(place).json()["state"] == "running"
    assert focal.get(place).json()["started_at"] == "2021-12-02T02:00:00.000000Z"
    for count, revision in enumerate(revisions, start=1):
        for _ in range(2):  # a step that is done again counts once
            with unit_of_work(api.engine) as session:
                service.prepare_input(session, request_id=number, revision_id=revision, at=LATER)
        assert focal.get(place).json()["progress"] == {"done": count, "total": 2}
        assert focal.get(place).headers["Retry-After"] == "1"
    for _ in range(2):
        with unit_of_work(api.engine) as session:
            service.publish(session, request_id=number, at=LATER)
    ended = focal.get(place)
    assert (ended.json()["state"], ended.json()["failure"]) == ("succeeded", None)
    assert "Retry-After" not in ended.headers
    assert focal.get(ended.json()["report"]).status_code == 200


def test_a_version_is_pulled_with_its_hash_and_the_latest_is_the_same_bytes(api: Api) -> None:
    focal = handed_in(api, *DISTRICTS[:2])
    answer = asked(focal)
    done(api, answer)
    path = f"/v1/consolidated-reports/{answer.json()['id']}"
    plain = {"Accept-Encoding": "identity"}
    pulled, latest = (focal.request("GET", place, headers=plain) for place in (path, LATEST))
    assert pulled.content == latest.content
    digest = hashlib.sha256(pulled.content)
    for response in (pulled, latest):
        assert response.headers["ETag"] == f'"{digest.hexdigest()}"'
        wrapped = base64.b64encode(digest.digest()).decode()
        assert response.headers["Repr-Digest"] == f"sha-256=:{wrapped}:"
        assert response.headers["Content-Location"] == path
        assert response.headers["X-Report-Version"] == "1"
        assert response.headers["Content-Type"] == "application/json"
    (row,) = focal.get("/v1/consolidated-reports", plan=PLAN, year=2021).json()["items"]
    assert (row["sha256"], row["size"]) == (digest.hexdigest(), len(pulled.content))


def test_only_those_who_see_the_whole_province_see_its_report(api: Api) -> None:
    focal = handed_in(api, *DISTRICTS[:1])
    answer = asked(focal)
    place, path = answer.headers["Location"], f"/v1/consolidated-reports/{answer.json()['id']}"
    done(api, answer)
    office, unit = api.portal(OFFICE), api.portal(DISTRICTS[0])
    for what in (LATEST, path, place):
        assert office.get(what).content == focal.get(what).content
        refused(unit.get(what), 404, "not_found")
    assert len(office.get("/v1/consolidated-reports").json()["items"]) == 1
    assert unit.get("/v1/consolidated-reports").json()["items"] == []


def test_its_bytes_are_canonical_json(api: Api) -> None:
    focal = handed_in(api, *DISTRICTS[:2], FOCAL_UNIT)
    done(api, asked(focal))
    content = focal.get(LATEST).content
    assert rfc8785.dumps(json.loads(content)) == content
    assert json.loads(content)["schema"] == "baocao/consolidated-report/2"


def test_a_request_after_another_is_the_next_version_and_leaves_the_first_alone(api: Api) -> None:
    focal = handed_in(api, DISTRICTS[0])
    first = asked(focal)
    again = asked(api.portal(OFFICE))
    assert again.json()["id"] == first.json()["id"]  # one is under way
    done(api, first)
    content = focal.get(LATEST).content
    handed_in(api, DISTRICTS[1])
    api.set_clock(LATER)
    second = asked(focal)
    assert (second.json()["version"], second.json()["progress"]["total"]) == (2, 2)
    assert focal.get(LATEST).content == content
    done(api, second)
    assert focal.get(f"/v1/consolidated-reports/{first.json()['id']}").content == content
    latest = focal.get(LATEST)
    assert latest.headers["X-Report-Version"] == "2"
    accepted = [json.loads(body)["coverage"]["ordered"] for body in (content, latest.content)]
    assert [row["accepted"] for row in accepted] == [1, 2]
    assert [row["required"] for row in accepted] == [33, 33]


def test_what_is_accepted_after_the_request_is_not_in_it(api: Api) -> None:
    focal = handed_in(api, DISTRICTS[0])
    answer = asked(focal)
    handed_in(api, DISTRICTS[1])
    done(api, answer)
    report = focal.get(LATEST).json()
    assert [part["unit"] for part in report["by_unit"]] == [DISTRICTS[0]]
    reviews = {row["unit"]: row["review"] for row in report["coverage"]["roster"]}
    assert (reviews[DISTRICTS[0]], reviews[DISTRICTS[1]]) == ("accepted", "missing")


def test_a_year_that_is_not_open_cannot_be_consolidated(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    refused(asked(focal, year=2026), 404, "not_found")
    refused(asked(focal, plan="khac"), 404, "not_found")
    missing = f"/v1/consolidation-requests/{UUID(int=7)}"
    refused(focal.get(missing), 404, "not_found")


def test_a_year_of_which_nothing_came_has_a_report_that_says_so(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    done(api, asked(focal))
    report = focal.get(LATEST).json()
    assert (report["totals"], report["counts"], report["expenditure"]) == ([], [], [])
    assert report["coverage"]["ordered"]["missing"] == len(
        [row for row in report["missing"] if row["basis"] == "ordered"]
    )
    assert len(report["missing"]) == len(report["coverage"]["roster"]) == 38


def test_a_consolidation_that_cannot_be_done_is_shown_as_failed_and_the_next_can_be_asked_for(
    api: Api, tmp_path: Path
) -> None:
    focal = handed_in(api, DISTRICTS[0])
    with unit_of_work(api.engine) as session:  # a rollup that this version cannot read
        revision = session.exec(select(SubmissionRevision.id)).one()
        session.add(
            StoredRollup(
                submission_revision_id=revision,
                content=b'{"schema":"baocao/rollup/0"}',
                sha256="0" * 64,
                built_at=A_WORKING_DAY,
            )
        )
    answer = asked(focal)
    place = answer.headers["Location"]
    with running_worker(
        api.engine.url.render_as_string(hide_password=False), tmp_path / "worker.log"
    ):
        wait_until(lambda: focal.get(place).json()["state"] == "failed")
    ended = focal.get(place)
    assert (ended.json()["report"], "Retry-After" in ended.headers) == (None, False)
    assert ended.json()["failure"] == "unexpected ValueError; the worker's log says more"
    assert ended.json()["finished_at"] is not None
    refused(focal.get(LATEST), 404, "not_found")
    with unit_of_work(api.engine) as session:
        session.delete(session.get_one(StoredRollup, revision))
    api.set_clock(LATER)
    again = asked(focal)
    assert again.json()["id"] != answer.json()["id"]
    done(api, again)
    assert focal.get(LATEST).status_code == 200


def test_the_same_inputs_give_the_same_bytes_on_both_databases_and_in_any_order(
    sqlite_databases: SqliteDatabases, postgresql_databases: PostgresDatabases
) -> None:
    found = []
    for databases in (sqlite_databases, postgresql_databases):
        for backwards in (False, True):
            with databases.loaded() as url:
                engine = make_engine(url)
                found.append(played(engine, backwards=backwards))
                engine.dispose()
    assert len(json.loads(found[0])["totals"]) > 3
    assert len(set(found)) == 1


def played(engine: Engine, *, backwards: bool) -> bytes:
    """Have units hand in at fixed instants, one way round or the other; return the report."""
    filing = Filing(engine)
    focal, office = filing.key_of(FOCAL_UNIT), filing.key_of(OFFICE)
    units = {BINH_SON: 1, "gso-536": 2, "body-so-y-te": 3, FOCAL_UNIT: 4, "body-thanh-tra": 5}
    for unit in sorted(units, reverse=backwards):
        secret, at = filing.key_of(unit), A_WORKING_DAY + timedelta(hours=units[unit])
        # Ids are in the order of drafting: it differs too.
        drafted_at = A_WORKING_DAY - timedelta(hours=units[unit] if backwards else 9 - units[unit])
        activities = [] if unit == "body-thanh-tra" else list(some_activities(unit, 6))
        if unit == BINH_SON:
            activities += some_activities("gso-21040", 3)
        filing.report(secret, reversed(activities) if backwards else activities)
        document = a_document(document_number=f"{units[unit]}/BC")
        if not activities:
            document |= {"nil": True, "nil_reason": "Không phát sinh."}
        with unit_of_work(engine) as session:
            by, reference = authenticate(session, Memory(), secret=secret, at=at)
            begun, _ = drafting.draft(
                session,
                reference,
                cycle=get_cycle(session, plan=PLAN, code="2021"),
                unit=unit,
                content=SubmissionContent(narrative=Narrative(results=f"Kết quả, «{unit}».")),
                prefill=False,
                on_behalf=None,
                by=by,
                at=drafted_at,
            )
            number = begun.submission.id
            checked = SubmissionDocument.model_validate(document)
            submitting.submit(
                session, reference, submission_id=number, document=checked, by=by, at=at
            )
        reviewer = office if unit == FOCAL_UNIT else focal
        with unit_of_work(engine) as session:
            by, reference = authenticate(session, Memory(), secret=reviewer, at=LATER)
            reviewing.accept(session, reference, submission_id=number, by=by, at=LATER)
    asked_at = LATER + timedelta(hours=1)
    with unit_of_work(engine) as session:
        by, _ = authenticate(session, Memory(), secret=focal, at=asked_at)
        cycle = get_cycle(session, plan=PLAN, code="2021")
        row = service.request(session, cycle=cycle, by=by, at=asked_at)
    consolidate(engine, row.id, at=asked_at + timedelta(minutes=1 + backwards))
    with unit_of_work(engine, write=False) as session:
        return session.exec(select(ConsolidatedReport.content)).one()
