"""The handover of an ended unit over HTTP and by command: what is in it, and who may have it."""

import base64
import hashlib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, insert, select
from sqlmodel import Session
from sqlmodel import select as choose

from app.db import make_engine, unit_of_work
from app.domain.audit.seal import seal_outstanding
from app.domain.handover.lines import ACTIVITY, ROLLUPS, SUBMISSIONS
from app.domain.models import METADATA
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.recorded import known, record
from app.domain.units.models import UnitParentage
from tests.conftest import Databases
from tests.support.api import Api, running_api
from tests.support.archives import broken, lines_of, unpacked, verified
from tests.support.auditing import all_entries, forge
from tests.support.commands import run_app
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.handing_over import (
    COMMUNE,
    CULTURE,
    IN_2026,
    INFORMATION,
    STEWARD,
    handed,
    play_department,
    play_years,
)
from tests.support.makers import BINH_SON, OFFICE, an_activity
from tests.support.problems import refused

EXPORTED: Final = "unit.handover_exported"
COPIED: Final = (
    "api_key",
    "activity_report",
    "activity_revision",
    "activity_measure",
    "activity_expenditure",
    "submission",
    "submission_revision",
    "submission_comment",
    "frozen_activity",
    "rollup",
)


@pytest.fixture
def ended(api: Api) -> Api:
    """Return the app in March 2026, when Bình Sơn has ended and its steward has closed."""
    play_years(api)
    api.set_clock(IN_2026)
    return api


def _archive(api: Api, by: str, unit: str) -> bytes:
    answer = handed(api.portal(by), unit)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def test_it_holds_every_revision_and_every_submission(ended: Api) -> None:
    archive = _archive(ended, STEWARD, "gso-524")
    manifest = verified(archive).manifest
    assert (manifest.unit, manifest.made_for) == (BINH_SON, STEWARD)
    assert manifest.valid_to == "2025-07-01"
    contents = unpacked(archive)
    kinds: dict[str, list[str]] = {}
    for line in lines_of(contents, ACTIVITY):
        kinds.setdefault(line["external_id"], []).append(line["kind"])
    assert kinds == {
        "c.1": ["created", "withdrawn", "reinstated"],
        "c.2": ["created"],
        "c.3": ["created"],
        f"late.{COMMUNE}": ["created"],
        "d.0": ["created"],
        "d.1": ["created", "corrected"],
        "d.2": ["created", "withdrawn"],
        "late.gso-524": ["created"],
    }
    lines = lines_of(contents, SUBMISSIONS)
    revisions = [line for line in lines if line["type"] == "revision"]
    said = [
        (one["cycle"], one["revision"], one["state"], one["filed_as"], one["activities"])
        for one in revisions
    ]
    # The correction of 2021 that was begun is a draft: it is left out.
    assert said == [
        ("2021", 1, "returned", "self", 5),
        ("2021", 2, "accepted", "self", 5),
        ("2025", 1, "accepted", "steward", 2),
    ]
    asked = {comment["id"] for comment in revisions[0]["comments"]}
    assert len(asked) == 2
    assert {answer["comment"] for answer in revisions[1]["said"]["answers"]} == asked
    assert [line["cycle"] for line in lines_of(contents, ROLLUPS)] == ["2021", "2021", "2025"]


def test_the_answer_and_the_audit_say_the_seal(ended: Api) -> None:
    answer = handed(ended.portal(STEWARD), "gso-524")
    seal = verified(answer.content).seal
    sha256 = hashlib.sha256(answer.content)
    assert answer.headers["Handover-Seal"] == seal
    digest = base64.b64encode(sha256.digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer.headers["Content-Type"] == "application/zip"
    assert "ban-giao-gso-524.zip" in answer.headers["Content-Disposition"]
    (entry,) = [one for one in all_entries(ended.engine) if one.action == EXPORTED]
    assert (entry.target_kind, entry.target_id, entry.unit_key) == ("unit", BINH_SON, STEWARD)
    assert entry.request_id == answer.headers["X-Request-Id"]
    assert entry.after == {
        "seal": seal,
        "sha256": sha256.hexdigest(),
        "size": len(answer.content),
        "units": 22,
        "activity_reports": 8,
        "activity_revisions": 12,
        "submissions": 2,
        "submission_revisions": 3,
        "rollups": 3,
    }


def test_a_department_is_handed_over_to_its_steward(api: Api) -> None:
    play_department(api)
    api.set_clock(datetime(2025, 3, 1, tzinfo=LOCAL_TIME))
    archive = _archive(api, CULTURE, INFORMATION)
    manifest = verified(archive).manifest
    assert (manifest.unit, manifest.made_for, manifest.valid_to) == (
        INFORMATION,
        CULTURE,
        "2025-03-01",
    )
    assert manifest.counts.model_dump() == {
        "units": 0,
        "activity_reports": 3,
        "activity_revisions": 3,
        "submissions": 1,
        "submission_revisions": 1,
        "rollups": 0,
    }


def test_the_same_data_give_the_same_bytes_whoever_asks_and_whenever(
    database_url: str,
) -> None:
    with running_api(database_url) as api:
        play_years(api)
        api.set_clock(IN_2026)
        archive = _archive(api, STEWARD, "gso-524")
        assert _archive(api, BINH_SON, "gso-524") == archive
    with running_api(database_url) as api:
        api.set_clock(IN_2026 + timedelta(days=30))
        assert _archive(api, CULTURE, "gso-524") == archive
        body = an_activity(unit="gso-524", external_id="d.9", occurred_on="2021-12-01")
        assert api.portal(STEWARD).post("/v1/activity-reports", body).status_code == 201
        later = _archive(api, STEWARD, "gso-524")
        seal = verified(later).seal
        assert seal != verified(archive).seal
        assert broken(archive, expect=seal).file == "manifest.json"


def _copy_rows(source: Engine, to: Engine) -> None:
    with source.connect() as read, to.begin() as write:
        for name in COPIED:
            table = METADATA.tables[name]
            columns = [column for column in table.columns if column.name != "txid"]
            rows = read.execute(select(*columns)).mappings().all()
            write.execute(insert(table), [dict(row) for row in rows])


def test_both_databases_give_the_same_bytes_for_the_same_rows(
    sqlite_databases: SqliteDatabases, postgresql_databases: PostgresDatabases
) -> None:
    with sqlite_databases.loaded() as one, postgresql_databases.loaded() as other:
        with running_api(one) as api:
            play_years(api)
            api.set_clock(IN_2026)
            archive = _archive(api, STEWARD, "gso-524")
            to = make_engine(other)
            _copy_rows(api.engine, to)
            to.dispose()
        with running_api(other) as api:
            api.set_clock(IN_2026)
            assert _archive(api, STEWARD, "gso-524") == archive


@pytest.mark.parametrize("by", [STEWARD, BINH_SON, CULTURE, OFFICE])
def test_the_steward_the_unit_itself_and_the_province_may(ended: Api, by: str) -> None:
    assert handed(ended.portal(by), "gso-524").status_code == 200


@pytest.mark.parametrize("by", ["gso-527", COMMUNE, "gso-21238-2025-07-01", INFORMATION])
def test_for_anybody_else_the_unit_is_not_there(ended: Api, by: str) -> None:
    refused(handed(ended.portal(by), "gso-524"), 404, "not_found")
    assert EXPORTED not in {entry.action for entry in all_entries(ended.engine)}


def test_it_has_a_scope_of_its_own(ended: Api) -> None:
    others = [scope for scope in Scope if scope is not Scope.READ_HANDOVER]
    refused(handed(ended.portal(STEWARD, *others), "gso-524"), 403, "scope_missing")
    only = ended.portal(STEWARD, Scope.READ_HANDOVER)
    assert handed(only, "gso-524").status_code == 200


def test_a_unit_is_handed_over_from_its_end_on_and_not_before(ended: Api) -> None:
    end = datetime(2025, 7, 1, tzinfo=LOCAL_TIME)
    own, province, stranger = (ended.portal(unit) for unit in (BINH_SON, CULTURE, "gso-527"))
    for at, status in ((end - timedelta(microseconds=1), 409), (end, 200)):
        for portal in (own, province):
            ended.set_clock(at)
            answer = handed(portal, "gso-524")
            assert answer.status_code == status
            if status == 409:
                refused(answer, 409, "unit_not_ended")
        ended.set_clock(at)
        refused(handed(stranger, "gso-524"), 404, "not_found")
    refused(handed(province, "gso-999"), 404, "not_found")


def test_a_unit_is_named_by_the_code_that_it_bore_on_a_day(ended: Api) -> None:
    steward = ended.portal(STEWARD)
    path = "/v1/units/524/handover"
    refused(steward.get(path), 404, "not_found")
    answer = steward.get(path, on="2025-06-30")
    assert verified(answer.content).manifest.unit == BINH_SON
    refused(steward.get(path, on="2025-07-01"), 404, "not_found")
    refused(steward.get(path, day="2025-06-30"), 422, "invalid")


def test_a_frozen_record_that_was_moved_elsewhere_goes_along_as_far_as_it_was_frozen(
    ended: Api,
) -> None:
    """The register learns that the commune stood under another district from October 2021 on."""
    with unit_of_work(ended.engine) as session:
        _stood_elsewhere_from(session, COMMUNE, "gso-527", date(2021, 10, 1))
    report = next(
        one
        for one in ended.portal(CULTURE).get("/v1/activity-reports", limit=500).json()["items"]
        if one["external_id"] == "c.2"
    )
    patch = {"occurred_on": "2021-10-05", "reason": "Sai ngày"}
    paper = {"on_behalf": {"incoming_number": "7", "incoming_on": "2026-02-01"}}
    moved = ended.portal(CULTURE).patch(
        f"/v1/activity-reports/{report['id']}", patch | paper, If_Match="*"
    )
    assert moved.status_code == 200, moved.text
    archive = _archive(ended, STEWARD, "gso-524")
    verified(archive)
    ids = [
        (line["external_id"], line["revision"]) for line in lines_of(unpacked(archive), ACTIVITY)
    ]
    counted = Counter(external_id for external_id, _ in ids)
    assert counted["c.2"] == 1, "what it says since is another district's"
    assert f"late.{COMMUNE}" in counted, "the closing report froze it"
    assert counted["c.1"] == 3


def _stood_elsewhere_from(session: Session, unit: str, parent: str, day: date) -> None:
    wanted = choose(UnitParentage).where(UnitParentage.unit_key == unit, *known(UnitParentage))
    before = session.exec(wanted).one()
    said: dict[str, Any] = before.model_dump(exclude={"id", "superseded_at"})
    said["recorded_at"] = IN_2026
    record(session, before, UnitParentage(**{**said, "valid_to": day}))
    session.flush()
    session.add(UnitParentage(**{**said, "parent_key": parent, "valid_from": day}))


def test_the_commands_export_and_verify(ended: Api, tmp_path: Path) -> None:
    url = ended.engine.url.render_as_string(hide_password=False)
    file, other = tmp_path / "a.zip", tmp_path / "b.zip"
    made = run_app(url, "handover", "export", BINH_SON, file)
    assert made.code == 0, made.err
    assert "activity revisions 12" in made.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    seal = verified(file.read_bytes()).seal
    assert made.out == f"{seal}\n"
    assert file.read_bytes() == _archive(ended, STEWARD, "gso-524")
    nowhere = "sqlite:////nowhere/at/all.sqlite3"  # no database is asked
    held = run_app(nowhere, "handover", "verify", file, "--expect", seal)
    assert (held.code, held.out) == (0, f"{seal}\n"), held.err
    assert BINH_SON in held.err
    wrong = run_app(nowhere, "handover", "verify", file, "--expect", "ab" * 32)
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err.startswith("broken: manifest.json: the seal is")
    content = file.read_bytes()
    place = content.index(b"Ghi nh")
    other.write_bytes(content[:place] + b"X" + content[place + 1 :])
    tampered = run_app(nowhere, "handover", "verify", other)
    assert (tampered.code, tampered.out) == (1, "")
    assert tampered.err.startswith("broken: activity-reports.jsonl, line "), tampered.err


def test_the_command_finds_the_seal_in_the_audits_chain(ended: Api, tmp_path: Path) -> None:
    url = ended.engine.url.render_as_string(hide_password=False)
    file = tmp_path / "a.zip"
    file.write_bytes(_archive(ended, STEWARD, "gso-524"))
    found = run_app(url, "handover", "verify", file, "--audit")
    assert found.code == 0, found.err
    assert "of the audit's chain" in found.err
    seal_outstanding(ended.engine)
    named = "UPDATE audit_entry SET target_id = 'gso-527' WHERE action = :action"
    forge(ended.engine, named, action=EXPORTED)
    forged = run_app(url, "handover", "verify", file, "--audit")
    assert forged.code == 1
    assert "the entry is not what was sealed" in forged.err


def test_a_seal_of_another_database_is_not_in_the_audit(
    ended: Api, tmp_path: Path, databases: Databases
) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(_archive(ended, STEWARD, "gso-524"))
    with databases.loaded() as other:
        found = run_app(other, "handover", "verify", file, "--audit")
    assert (found.code, found.out) == (1, "")
    assert "no export of gso-524 with the seal" in found.err


def test_the_command_refuses_a_unit_that_has_not_ended(api: Api, tmp_path: Path) -> None:
    url = api.engine.url.render_as_string(hide_password=False)
    outcome = run_app(url, "handover", "export", STEWARD, tmp_path / "a.zip")
    assert outcome.code == 1
    assert outcome.err == (
        f"refused: The unit {STEWARD} has not ended, so there is no handover of it yet.\n"
    )
    assert list(tmp_path.iterdir()) == []
