"""The traps of the framework that were run and seen: none of them is open here."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support.api import TLS, Api, Portal
from tests.support.makers import BINH_SON, PLAN, a_content, a_draft, an_activity
from tests.support.problems import faults, refused, rows

ACTIVITIES = "/v1/activity-reports"
NATURAL = "/v1/units/524/activity-reports/portal"
JSON = {"Content-Type": "application/json"}


def _post(portal: Portal, content: str | bytes | Iterator[bytes]) -> httpx.Response:
    return portal.request("POST", ACTIVITIES, content=content, headers=JSON)


def _raw(field: str, value: str) -> str:
    """Return a valid activity's JSON text with one field put in as it stands."""
    text = json.dumps(an_activity(**{field: "@@"}))
    return text.replace('"@@"', value)


DEBT = """CREATE TABLE debt (name varchar(40)
    REFERENCES indicator (code) DEFERRABLE INITIALLY DEFERRED)"""
OWING = {
    "sqlite": [
        """CREATE TRIGGER owe_{0} AFTER INSERT ON {0}
        BEGIN INSERT INTO debt VALUES ('nobody'); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION owe_{0}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO debt VALUES ('nobody'); RETURN NULL; END $$""",
        "CREATE TRIGGER owe_{0} AFTER INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION owe_{0}()",
    ],
}


@contextmanager
def _commits_fail(engine: Engine, *tables: str) -> Iterator[None]:
    """Let rows of these tables owe what is looked for only when they are committed."""
    dialect = engine.dialect.name
    with engine.begin() as connection:
        connection.exec_driver_sql(DEBT)
        for table in tables:
            for statement in OWING[dialect]:
                connection.exec_driver_sql(statement.format(table))
    yield
    of_table = "" if dialect == "sqlite" else " ON {0}"
    with engine.begin() as connection:
        for table in tables:
            connection.exec_driver_sql(f"DROP TRIGGER owe_{table}{of_table.format(table)}")


def test_a_commit_that_fails_gives_the_client_no_success(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    before = rows(api.engine)
    with _commits_fail(api.engine, "activity_report", "submission"):
        refused(portal.post(ACTIVITIES, body), 500, "internal_error")
        refused(portal.post("/v1/submissions", a_draft()), 500, "internal_error")
        refused(portal.put(f"{NATURAL}/r-put", a_content()), 500, "internal_error")
        assert rows(api.engine) == before
    assert portal.post(ACTIVITIES, body).status_code == 201, "the same again goes through"


def test_a_database_that_is_gone_is_said_to_be_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    before = rows(api.engine)
    for error in (OperationalError("COMMIT", {}, Exception("gone")), PoolTimeout("no connection")):
        with monkeypatch.context() as patched:
            patched.setattr("app.db.Session.commit", Mock(side_effect=error))
            response = portal.post(ACTIVITIES, body)
        refused(response, 503, "unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert rows(api.engine) == before
    assert portal.post(ACTIVITIES, body).status_code == 201


NO_JSON_VALUES = [
    "NaN",
    "Infinity",
    "-Infinity",
    '"\\ud800"',
    '"\\udfff x"',
    '"\\udc00\\ud800"',
    '{"\\ud800": 1}',
    '[["\\ud800"]]',
    '{"a": [NaN]}',
]


@pytest.mark.parametrize("value", NO_JSON_VALUES)
@pytest.mark.parametrize("field", ["title", "measures", "no_such_field", "occurrences"])
def test_a_value_that_is_no_json_is_refused_wherever_it_stands(
    shared: Api, reader: Portal, field: str, value: str
) -> None:
    before = rows(shared.engine)
    refused(_post(reader, _raw(field, value)), 400, "malformed_json")
    assert rows(shared.engine) == before


def test_a_number_beyond_all_floats_is_refused(reader: Portal) -> None:
    amount = '[{"source": "state_budget_district", "amount": 1e999}]'
    found = faults(_post(reader, _raw("expenditure", amount)))
    assert list(found) == ["/expenditure/0/amount"]
    assert faults(_post(reader, _raw("no_such_field", "-1e999"))) == {
        "/no_such_field": "extra_forbidden"
    }


WRONG_DAYS: list[Any] = [
    0,
    1631232000,
    True,
    None,
    1.5,
    "",
    "0",
    "1631232000",
    "2021-9-10",
    "20210910",
    "10/9/2021",
    "2021-09-10T00:00:00",
    "2021-09-10T00:00:00Z",
    "2021-09-10 ",
    "2021-09-10\n",
    "２０２１-09-10",
    "0000-01-01",
    ["2021-09-10"],
]


@pytest.mark.parametrize("day", WRONG_DAYS)
def test_a_day_is_nothing_but_a_string_of_year_month_day(reader: Portal, day: Any) -> None:
    found = faults(reader.post(ACTIVITIES, an_activity(occurred_on=day)))
    assert found in ({"/occurred_on": "day_format"}, {"/occurred_on": "day_unknown"})


@pytest.mark.parametrize("day", ["2021-02-29", "2021-13-01", "2021-00-10", "2021-09-31"])
def test_a_day_must_exist(reader: Portal, day: str) -> None:
    found = faults(reader.post(ACTIVITIES, an_activity(occurred_on=day)))
    assert found == {"/occurred_on": "day_unknown"}
    query = faults(reader.get("/v1/units", on=day))
    assert query == {"?on": "day_unknown"}


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        *(("occurrences", value, "/occurrences") for value in ("3", True, 3.0, 3.5, [3])),
        *(("integrated", value, "/integrated") for value in ("true", 1, 0, "no", None)),
        *(("title", value, "/title") for value in (5, True, None, ["x"], {"vi": "x"})),
        *(
            ("expenditure", [{"source": "other_lawful", "amount": value}], "/expenditure/0/amount")
            for value in ("3", True, 3.0, None, "")
        ),
        *(
            ("measures", [{"indicator": "posts", "value": value}], "/measures/0/value")
            for value in (3, 3.5, True, None)
        ),
        ("unit", 524, "/unit"),
        ("languages", "vi", "/languages"),
        ("measures", {"posts": "3"}, "/measures"),
        ("measures", ["posts"], "/measures/0"),
    ],
)
def test_nothing_passes_for_another_type(
    shared: Api, reader: Portal, field: str, value: Any, pointer: str
) -> None:
    before = rows(shared.engine)
    found = faults(reader.post(ACTIVITIES, an_activity(ended_on="2021-09-12", **{field: value})))
    found.pop("", None)  # without occurrences it is no summary either
    assert list(found) == [pointer]
    assert rows(shared.engine) == before


@pytest.mark.parametrize("year", ["2021", True, 2021.0, 20210])
def test_a_year_is_an_integer(reader: Portal, year: Any) -> None:
    assert list(faults(reader.post("/v1/submissions", a_draft(year=year)))) == ["/year"]


@pytest.mark.parametrize("changes", [{"year": None}, {"plan": None}, {"cycle": f"{PLAN}.2021"}])
def test_a_cycle_is_named_in_one_way(reader: Portal, changes: dict[str, Any]) -> None:
    assert faults(reader.post("/v1/submissions", a_draft(**changes))) == {"": "cycle_unclear"}


@pytest.mark.parametrize(
    "text",
    [
        _raw("title", '"one", "title": "two"'),
        _raw("title", '"one", "title": "one"'),
        _raw("title", '"one", "titl\\u0065": "two"'),
        _raw("measures", '[{"indicator": "posts", "value": "1", "value": "9"}]'),
        _raw("no_such_field", '{"a": {"b": 1, "b": 2}}'),
    ],
)
def test_an_object_has_each_key_once(shared: Api, reader: Portal, text: str) -> None:
    before = rows(shared.engine)
    response = _post(reader, text)
    refused(response, 400, "malformed_json")
    assert "hai lần" in response.json()["detail"] or "twice" in response.json()["detail"]
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", ACTIVITIES, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/v1/submissions", "GET, HEAD, OPTIONS, POST"),
        ("DELETE", f"{NATURAL}/r-1", "GET, HEAD, OPTIONS, PUT"),
        ("POST", "/v1/units", "GET, HEAD, OPTIONS"),
        ("PUT", f"/v1/plans/{PLAN}", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/submissions/x/submit", "OPTIONS, POST"),
        ("POST", "/livez", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_answered_with_all_that_the_path_takes(
    reader: Portal, method: str, path: str, allowed: str
) -> None:
    response = reader.request(method, path)
    refused(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed
    assert allowed in response.json()["detail"]


LIMIT = 1_048_576


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [LIMIT + 1, 8 * LIMIT])
def test_a_body_too_large_is_refused_as_a_problem(
    shared: Api, reader: Portal, size: int, *, chunked: bool
) -> None:
    before = rows(shared.engine)
    content = b" " * size

    def chunks() -> Iterator[bytes]:
        for start in range(0, size, 65536):
            yield content[start : start + 65536]

    response = _post(reader, chunks() if chunked else content)
    refused(response, 413, "body_too_large")
    assert str(LIMIT) in response.json()["detail"]
    assert rows(shared.engine) == before
    assert reader.get("/v1/plans").status_code == 200, "the connection is good afterwards"


def test_a_body_of_the_limit_is_read(reader: Portal) -> None:
    text = json.dumps(an_activity(title=""))
    response = _post(reader, text + " " * (LIMIT - len(text.encode())))
    assert faults(response) == {"/title": "blank_text"}


def test_a_crowd_of_writers_and_readers_is_served(api: Api) -> None:
    # More requests at once than the server has threads: each waits for another's transaction.
    portal, answers = api.portal(BINH_SON), []
    bodies = [an_activity() for _ in range(60)]
    limits = httpx.Limits(max_connections=200)
    with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=20, limits=limits) as http:
        crowd = Portal(http, portal.secret)

        def write(body: dict[str, Any]) -> None:
            answers.append(crowd.post(ACTIVITIES, body).status_code)
            answers.append(crowd.get(ACTIVITIES, limit=1).status_code)

        threads = [threading.Thread(target=write, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200] * 60 + [201] * 60
