"""Keys: whose they are, for whom they write, what they see, and where they leave no trace."""

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import select

from app.db import make_engine, unit_of_work
from app.domain.access.models import ApiKey
from app.domain.access.service import PREFIX, well_formed
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.units.models import UnitParentage
from tests.support.api import Api, Portal
from tests.support.commands import run_app
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    OFFICE,
    a_content,
    a_document,
    a_draft,
    an_activity,
)
from tests.support.problems import refused, rows
from tests.support.processes import environment_of, running_api_process, running_worker

ACTIVITIES = "/v1/activity-reports"
TU_NGHIA = "gso-528"
SONG_VE = "gso-21238"
VE_GIANG = "gso-21238-2025-07-01"
PROVINCE = "gso-51"
LATER_FOCAL_UNIT = "body-so-vhttdl"
IN_2025 = datetime(2025, 8, 29, 9, tzinfo=LOCAL_TIME)  # keys of those that ended on 1/7 write yet


# For whom a key writes


@pytest.mark.parametrize(
    ("key", "unit", "day", "allowed"),
    [
        (BINH_SON, "524", "2021-09-10", True),
        (BINH_SON, "21040", "2021-09-10", True),  # a commune of its own
        (BINH_SON, "528", "2021-09-10", False),
        (BINH_SON, "21238", "2021-09-10", False),  # a commune of another district
        (BINH_SON, "51", "2021-09-10", False),
        (BINH_SON, "so-tttt", "2021-09-10", False),
        (TU_NGHIA, "21238", "2025-06-30", True),
        (TU_NGHIA, "21238", "2025-07-01", False),  # another body by then
        (SONG_VE, "21238", "2021-09-10", True),
        (SONG_VE, "528", "2021-09-10", False),  # a commune for its district
        (SONG_VE, "21235", "2021-09-10", False),  # a commune for its neighbour
        (VE_GIANG, "21238", "2025-07-01", True),
        (VE_GIANG, "21238", "2025-06-30", False),
        (PROVINCE, "524", "2021-09-10", True),
        (PROVINCE, "21238", "2021-09-10", True),
        (PROVINCE, "so-tttt", "2021-09-10", True),
        (PROVINCE, "21238", "2025-07-01", False),  # the province itself is another body by then
        ("gso-51-2025-07-01", "21238", "2025-07-01", True),
        ("gso-51-2025-07-01", "so-y-te", "2025-07-01", True),
        ("gso-62", "524", "2021-09-10", False),
        (LATER_FOCAL_UNIT, "so-vhttdl", "2021-09-10", True),
        (LATER_FOCAL_UNIT, "so-tttt", "2021-09-10", True),  # as its steward
        (LATER_FOCAL_UNIT, "524", "2021-09-10", False),
        (OFFICE, "vp-ubnd", "2021-09-10", True),
        (OFFICE, "so-tttt", "2021-09-10", False),
        ("body-so-y-te", "so-noi-vu", "2021-09-10", False),
    ],
)
def test_a_key_writes_for_its_unit_and_what_stands_under_it_on_the_day(
    at_the_end: Api, key: str, unit: str, day: str, *, allowed: bool
) -> None:
    portal = at_the_end.portal(key)
    before = rows(at_the_end.engine)
    body = an_activity(unit=unit, occurred_on=day, content_themes=[])
    content = a_content(occurred_on=day, content_themes=[])
    natural = f"/v1/units/{unit}/activity-reports/portal/put-{key}-{day}"
    posted, put = portal.post(ACTIVITIES, body), portal.put(natural, content)
    if allowed:
        assert (posted.status_code, put.status_code) == (201, 201), posted.text
        assert portal.get(f"{ACTIVITIES}/{posted.json()['id']}").status_code == 200
    else:
        refused(posted, 403, "unit_not_yours")
        refused(put, 403, "unit_not_yours")
        assert day in posted.json()["detail"]
        assert rows(at_the_end.engine) == before


@pytest.fixture(scope="module")
def at_the_end(shared: Api) -> Api:
    """Return the shared app, where it is 29 August 2025."""
    shared.set_clock(IN_2025)
    return shared


def _moved(engine: Engine) -> None:
    """Let Sông Vệ stand under Bình Sơn from 1/7/2023 on."""
    with unit_of_work(engine) as session:
        row = session.exec(select(UnitParentage).where(UnitParentage.unit_key == SONG_VE)).one()
        until, row.valid_to = row.valid_to, date(2023, 7, 1)
        session.add(row)
        session.flush()
        session.add(
            UnitParentage(
                unit_key=SONG_VE,
                parent_key=BINH_SON,
                valid_from=date(2023, 7, 1),
                valid_to=until,
                recorded_at=datetime(2023, 6, 1, tzinfo=UTC),
            )
        )


def test_a_commune_that_moved_is_of_each_district_on_its_days(api: Api) -> None:
    _moved(api.engine)
    api.set_clock(datetime(2024, 3, 1, tzinfo=UTC))
    old, new, own = (api.portal(unit) for unit in (TU_NGHIA, BINH_SON, SONG_VE))
    made = {}
    for day, may, may_not in (("2023-06-30", old, new), ("2023-07-01", new, old)):
        body = an_activity(unit="21238", occurred_on=day, content_themes=["II.2.1"])
        refused(may_not.post(ACTIVITIES, body), 403, "unit_not_yours")
        response = may.post(ACTIVITIES, body)
        assert response.status_code == 201, response.text
        made[day] = response.json()["id"]
        refused(may_not.get(f"{ACTIVITIES}/{made[day]}"), 404, "not_found")
        assert may.get(f"{ACTIVITIES}/{made[day]}").status_code == 200
    assert _seen(old) == [made["2023-06-30"]]
    assert _seen(new) == [made["2023-07-01"]]
    assert _seen(own) == list(made.values())
    assert _seen(api.portal(PROVINCE)) == list(made.values())


# What a key sees


def _seen(portal: Portal) -> list[str]:
    page = portal.get(ACTIVITIES, limit=500).json()
    assert page["next"] is None
    return [row["id"] for row in page["items"]]


def test_another_units_rows_are_as_if_they_were_not(api: Api) -> None:
    binh_son, tu_nghia, song_ve = (api.portal(u) for u in (BINH_SON, TU_NGHIA, SONG_VE))
    of_district = tu_nghia.post(ACTIVITIES, an_activity(unit="528", external_id="d")).json()["id"]
    of_commune = tu_nghia.post(ACTIVITIES, an_activity(unit="21238", external_id="c")).json()["id"]
    assert _seen(tu_nghia) == [of_district, of_commune]
    assert _seen(song_ve) == [of_commune]
    assert _seen(binh_son) == []
    refused(song_ve.get(f"{ACTIVITIES}/{of_district}"), 404, "not_found")
    for stranger, path in (
        (binh_son, f"{ACTIVITIES}/{of_district}"),
        (binh_son, "/v1/units/528/activity-reports/portal/d"),
        (binh_son, "/v1/units/21238/activity-reports/portal/c"),
        (song_ve, "/v1/units/528/activity-reports/portal/d"),
    ):
        hidden = stranger.get(path)
        nowhere = stranger.get("/v1/units/528/activity-reports/portal/none")
        assert _without_id(hidden.json()) == _without_id(nowhere.json())
    assert binh_son.get(ACTIVITIES, unit="528").json()["items"] == []


def _without_id(problem: dict[str, Any]) -> dict[str, Any]:
    of_the_request = ("request_id", "instance")
    return {name: value for name, value in problem.items() if name not in of_the_request}


def test_the_focal_unit_of_the_day_and_the_office_see_all(api: Api) -> None:
    made = [
        api.portal(unit).post(ACTIVITIES, an_activity(unit=code)).json()["id"]
        for unit, code in ((BINH_SON, "524"), (TU_NGHIA, "21238"), ("body-so-y-te", "so-y-te"))
    ]
    sees_all = {
        datetime(2025, 2, 28, 23, 59, tzinfo=LOCAL_TIME): {FOCAL_UNIT, OFFICE},
        datetime(2025, 3, 1, 0, 0, tzinfo=LOCAL_TIME): {"body-so-vhttdl", OFFICE},
    }
    for at, expected in sees_all.items():
        for unit in (FOCAL_UNIT, "body-so-vhttdl", OFFICE, "body-so-tai-chinh"):
            portal = api.portal(unit)
            api.set_clock(at)
            assert _seen(portal) == (made if unit in expected else []), (unit, at)
            status = portal.get(f"{ACTIVITIES}/{made[0]}").status_code
            assert status == (200 if unit in expected else 404), (unit, at)


def test_a_draft_is_seen_by_its_unit_alone(api: Api) -> None:
    own, focal, office = (api.portal(unit) for unit in (BINH_SON, FOCAL_UNIT, OFFICE))
    commune, other = api.portal("gso-21040"), api.portal(TU_NGHIA)
    path = f"/v1/submissions/{own.post('/v1/submissions', a_draft()).json()['id']}"
    for portal in (focal, office, commune, other):
        refused(portal.get(path), 404, "not_found")
        assert portal.get("/v1/submissions").json()["items"] == []
        refused(portal.post(f"{path}/submit", a_document()), 404, "not_found")
        refused(portal.put(f"{path}/narrative", {}), 404, "not_found")
        refused(portal.post(f"{path}/accept"), 404, "not_found")
    assert [row["review"] for row in own.get("/v1/submissions").json()["items"]] == ["draft"]
    assert own.post(f"{path}/submit", a_document()).status_code == 200
    for portal, sees in ((focal, True), (office, True), (commune, False), (other, False)):
        assert (portal.get(path).status_code == 200) == sees
        assert len(portal.get("/v1/submissions").json()["items"]) == sees
    refused(focal.put(f"{path}/narrative", {}), 409, "action_not_allowed")
    refused(office.post(f"{path}/accept"), 403, "not_reviewer")
    assert focal.post(f"{path}/accept").json()["review"] == "accepted"


# The key itself


def test_a_key_has_a_prefix_and_a_checksum(api: Api) -> None:
    secrets = [api.portal(BINH_SON).secret for _ in range(20)]
    assert len(set(secrets)) == 20
    for secret in secrets:
        assert re.fullmatch(rf"{PREFIX}[0-9A-Za-z]{{38}}", secret)
        assert well_formed(secret)
    secret = secrets[0]
    for place in range(len(PREFIX), len(secret)):
        wrong = "x" if secret[place] != "x" else "y"
        assert not well_formed(secret[:place] + wrong + secret[place + 1 :])
    for wrong in ("", PREFIX, secret[1:], secret[:-1], f"{secret}0", secret.upper(), f" {secret}"):
        assert not well_formed(wrong)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic {}", "{}", "Bearer {}{}", "Bearer x {}", "Bearer é"]
)
def test_a_header_of_another_form_is_no_key(shared: Api, reader: Portal, header: str) -> None:
    value = header.replace("{}", reader.secret).encode("latin-1")
    response = shared.http.get("/v1/plans", headers=[(b"Authorization", value)])
    refused(response, 401, "unauthenticated")


def test_a_key_in_the_query_is_no_key(shared: Api, reader: Portal) -> None:
    refused(shared.http.get(f"/v1/plans?key={reader.secret}"), 401, "unauthenticated")


def test_a_key_is_good_until_its_very_instant(api: Api) -> None:
    portal = api.portal(BINH_SON)
    with unit_of_work(api.engine) as session:
        row = session.exec(select(ApiKey)).one()
        expires = datetime(2021, 12, 1, tzinfo=UTC)
        row.expires_at = expires
        session.add(row)
    api.set_clock(datetime(2021, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC))
    assert portal.get("/v1/plans").status_code == 200
    api.set_clock(expires)
    refused(portal.get("/v1/plans"), 401, "unauthenticated")


def test_of_a_key_only_its_hash_is_stored(api: Api) -> None:
    portal = api.portal(BINH_SON)
    portal.post(ACTIVITIES, an_activity())
    portal.post("/v1/submissions", a_draft())
    with unit_of_work(api.engine, write=False) as session:
        stored = session.exec(select(ApiKey.sha256)).all()
    assert stored == [hashlib.sha256(portal.secret.encode()).hexdigest()]
    held = _bytes_of(api.engine)
    assert b"facebook" in held, "the whole database is looked through"
    assert portal.secret.encode() not in held
    assert portal.secret.removeprefix(PREFIX).encode() not in held


def _bytes_of(engine: Engine) -> bytes:
    """Return all that a database holds, as its own file or as the text of every row."""
    if engine.dialect.name == "sqlite":
        file = str(engine.url.database)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"".join(
            path.read_bytes() for path in sorted(Path(file).parent.glob(Path(file).name + "*"))
        )
    tables = sa.inspect(engine)
    names = [
        f'{schema}."{table}"'
        for schema in ("public", "dbos")
        for table in tables.get_table_names(schema=schema)
    ]
    with engine.connect() as connection:
        found = [
            str(row[0])
            for name in names
            for row in connection.execute(sa.text(f"SELECT t::text FROM {name} t"))  # noqa: S608
        ]
    return "\n".join(found).encode()


# The operator's commands and the logs, with real processes


def test_the_operator_makes_lists_and_revokes_keys(database_url: str) -> None:
    environment = environment_of(database_url)
    keys = ("keys",)

    def run(*arguments: str) -> tuple[int, str, str]:
        outcome = run_app(database_url, *keys, *arguments, CLOCK_OFFSET=environment["CLOCK_OFFSET"])
        return outcome.code, outcome.out, outcome.err

    code, out, err = run("create", "--unit", "524", "--scope", "activities:write", "--days", "30")
    assert code == 0, err
    secret = out.strip()
    assert out == f"{secret}\n", "standard output holds the key alone"
    assert well_formed(secret)
    key_id, unit = re.findall(r"^key (\S+) for (\S+), until 2021-12-22", err)[0]
    assert unit == BINH_SON
    assert secret not in err
    code, ended, err = run("create", "--unit", "gso-21238-2025-07-01", "--label", "xã mới")
    assert (code, well_formed(ended.strip())) == (0, True), "a unit of another day, by its key"

    for arguments, message in (
        (("create", "--unit", "99999"), "refused: What was sent has 1 fault(s)"),
        (("revoke", "019d0000-0000-7000-8000-000000000000"), "refused: There is no such thing"),
    ):
        code, out, err = run(*arguments)
        assert (code, out) == (1, "")
        assert err.startswith(message)
        assert "Traceback" not in err

    code, listed, err = run("list")
    assert (code, err) == (0, "")
    line = next(line for line in listed.splitlines() if key_id in line)
    assert BINH_SON in line
    assert "activities:write" in line
    assert "2021-12-22" in line
    assert "good" in line
    assert "xã mới" in listed
    assert secret not in listed
    code, out, err = run("revoke", key_id)
    assert (code, out, err) == (0, f"key {key_id} of {BINH_SON} is revoked\n", "")
    code, listed, err = run("list")
    assert "revoked" in next(line for line in listed.splitlines() if key_id in line)
    engine = make_engine(database_url)
    with unit_of_work(engine, write=False) as session:
        states = {str(row.id): row.revoked_at for row in session.exec(select(ApiKey))}
    engine.dispose()
    assert len(states) == 2
    assert states[key_id] is not None


@pytest.fixture
def made_keys(database_url: str) -> list[str]:
    """Return a key of Bình Sơn and one of the focal unit, made by the operator."""
    offset = environment_of(database_url)["CLOCK_OFFSET"]
    made = []
    scopes = [part for scope in Scope for part in ("--scope", scope.value)]
    for unit in ("524", "so-tttt"):
        create = ("keys", "create", "--unit", unit, *scopes)
        made.append(run_app(database_url, *create, CLOCK_OFFSET=offset).out.strip())
    return made


def test_no_secret_is_in_the_logs_of_api_and_worker(
    database_url: str, made_keys: list[str], tmp_path: Path
) -> None:
    own, focal = made_keys
    api_log, worker_log = tmp_path / "api.log", tmp_path / "worker.log"
    with (
        running_api_process(database_url, api_log) as http,
        running_worker(database_url, worker_log),
    ):
        portal, reviewer = Portal(http, own), Portal(http, focal)
        assert portal.post(ACTIVITIES, an_activity()).status_code == 201
        path = f"/v1/submissions/{portal.post('/v1/submissions', a_draft()).json()['id']}"
        assert portal.post(f"{path}/submit", a_document()).status_code == 200
        assert reviewer.post(f"{path}/accept").status_code == 200
        assert http.get(f"/v1/plans?key={own}").status_code == 401
        assert portal.get(f"/v1/units/{own}").status_code == 404
        assert portal.request("GET", "/v1/plans?x=1").status_code == 422
        mistyped = f"{own[:-1]}{'0' if own[-1] != '0' else '1'}"
        assert Portal(http, mistyped).get("/v1/plans").status_code == 401
        engine = make_engine(database_url)
        with engine.begin() as connection:  # an error of ours, with its traceback
            connection.execute(sa.text("ALTER TABLE activity_measure RENAME TO elsewhere"))
        refused_response = portal.post(ACTIVITIES, an_activity())
        assert refused_response.status_code >= 500
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO activity_measure"))
        engine.dispose()
    logged = api_log.read_text(encoding="utf-8") + worker_log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in api_log.read_text(encoding="utf-8").splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["status"] for line in requests} >= {200, 201, 401, 404, 422}
    assert "/v1/units/baocao_…" in {line["path"] for line in requests}
    assert any(line["level"] == "error" for line in lines)
    for secret in (own, focal, mistyped):
        for piece in (secret, secret.removeprefix(PREFIX)[:32]):
            assert [line for line in logged.splitlines() if piece in line] == []
