"""The files of bulk requests: four kinds that say the same, and what none of them may be."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.batches.rows import MAX_RECORD
from tests.domain.batches.sheets import rewritten
from tests.support.api import Api, Portal
from tests.support.bulk import (
    BATCHES,
    CSV,
    JSON,
    JSON_LINES,
    KINDS,
    WITHDRAWALS,
    XLSX,
    a_file,
    batches,
    faults_of,
    lines,
    outcomes,
    reports,
    send,
    taken,
    told,
)
from tests.support.makers import BINH_SON, an_activity
from tests.support.problems import faults, refused, rows

_OWN = ("id", "received_at", "source_system", "body_sha256")


def _twenty() -> list[dict[str, Any]]:
    """Return twenty records, of which three have faults, and the last is the first again."""
    first = date(2021, 2, 1)
    bodies = [
        an_activity(external_id=f"r-{n}", occurred_on=str(first + timedelta(days=n)))
        for n in range(19)
    ]
    bodies[1] |= {"languages": ["vi", "hre"], "integrated": True, "description": "Dòng một; «hai»"}
    bodies[2] |= {"measures": [{"indicator": "posts", "value": "5", "origin": "repost"}]}
    bodies[3] |= {"expenditure": [{"source": "state_budget_district", "amount": 1_500_000}]}
    bodies[4] |= {"ended_on": "2021-02-20", "occurrences": 12, "participants": ["so-tttt"]}
    bodies[5] |= {"evidence": [{"url": "https://binhson.gov.vn/1?a=1,2"}], "content_themes": []}
    bodies[6] |= {
        "plan_item": "III.1.c",
        "channel": "loudspeaker",
        "measures": [{"indicator": "loudspeaker_minutes", "value": "37.5"}],
    }
    bodies[7] |= {"channel": "telegraph"}
    bodies[8] |= {"unit": "999999"}
    bodies[9] |= {"occurred_on": "2021-12-31"}
    bodies[10] |= {"title": 'Tiêu đề “trong ngoặc” có dấu "nháy", phẩy; chấm phẩy'}
    return [*bodies, bodies[0]]


def test_the_same_records_are_the_same_reports_whatever_kind_of_file_brings_them(api: Api) -> None:
    bodies = _twenty()
    stored: list[dict[str, Any]] = []
    became = []
    for kind in KINDS:
        portal = api.portal(BINH_SON)
        own = [{**body, "source_system": f"s{len(stored)}"} for body in bodies]
        batch = taken(
            send(portal, a_file(kind, own), media_type=kind), created=16, unchanged=1, rejected=3
        )
        assert batch["media_type"] == kind
        found = outcomes(portal, batch["id"])
        rejected = {row["row"]: faults_of(row) for row in found if row["outcome"] == "rejected"}
        became.append((told(found), rejected))
        stored.append(
            {
                one["external_id"]: {name: one[name] for name in one if name not in _OWN}
                for one in reports(portal)
                if one["source_system"] == f"s{len(stored)}"
            }
        )
    assert became[0][1] == {
        8: {"/channel": "unknown_code"},
        9: {"/unit": "unknown_unit"},
        10: {"/occurred_on": "day_in_future"},
    }
    assert all(one == became[0] for one in became)
    assert len(stored[0]) == 16
    for one in stored:
        assert one == stored[0]


def test_the_same_file_of_another_kind_changes_nothing(shared: Api, reader: Portal) -> None:
    bodies = [an_activity() for _ in range(20)]
    first = taken(send(reader, bodies), created=20)
    hashes = {row["report_id"] for row in outcomes(reader, first["id"])}
    before = rows(shared.engine)["activity_revision"]
    for kind in KINDS:
        again = taken(send(reader, a_file(kind, bodies), media_type=kind), unchanged=20)
        assert {row["report_id"] for row in outcomes(reader, again["id"])} == hashes
    assert rows(shared.engine)["activity_revision"] == before


# What is no file of any kind


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "application/octet-stream",
        "application/vnd.ms-excel",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "text/csv; charset=windows-1258",
        "text/csv; charset=utf-8; header=present",
        "application/jsonl, text/csv",
        "application/jsonl;",
    ],
)
def test_another_media_type_or_charset_is_refused(
    shared: Api, reader: Portal, media_type: str | None
) -> None:
    before = rows(shared.engine)
    response = send(reader, [an_activity()], media_type=media_type)
    if media_type == "application/jsonl;":  # an empty parameter is none
        taken(response, created=1)
        return
    refused(response, 415, "unsupported_media_type")
    assert JSON_LINES in response.json()["detail"]
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    "media_type", [f"{CSV}; charset=utf-8", f"{CSV};charset=UTF-8", "Text/CSV"]
)
def test_utf_8_may_be_named_and_letters_be_large(reader: Portal, media_type: str) -> None:
    batch = taken(send(reader, a_file(CSV, [an_activity()]), media_type=media_type), created=1)
    assert batch["media_type"] == CSV


def test_withdrawals_come_as_json_only(shared: Api, reader: Portal) -> None:
    before = rows(shared.engine)
    for kind in (CSV, XLSX):
        content = a_file(kind, [an_activity()])
        refused(
            send(reader, content, to=WITHDRAWALS, media_type=kind), 415, "unsupported_media_type"
        )
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    ("media_type", "content", "code"),
    [
        (JSON, b"[]", "empty_file"),
        (JSON, b" [ ] ", "empty_file"),
        (JSON_LINES, b"", "empty_file"),
        (JSON_LINES, b"\n \r\n\t\n", "empty_file"),
        (CSV, a_file(CSV, [an_activity()]).splitlines()[0], "empty_file"),
        (CSV, a_file(CSV, [an_activity()]).splitlines()[0] + b"\r\n,,,\r\n\r\n", "empty_file"),
        (CSV, b"", "no_headings"),
        (CSV, b"\xef\xbb\xbf", "no_headings"),
        (CSV, b"\r\n,,\r\n", "no_headings"),
        (CSV, "Mã bản ghi".encode("utf-16"), "not_utf_eight"),
        (XLSX, b"", "not_a_workbook"),
        (XLSX, b"PK\x03\x04nothing", "not_a_workbook"),
        (XLSX, a_file(XLSX, [an_activity()])[:-30], "not_a_workbook"),
        (XLSX, a_file(CSV, [an_activity()]), "not_a_workbook"),
        (XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "locked_workbook"),
        (JSON, b'{"unit": "524"}', "not_an_array"),
        (JSON, b"null", "not_an_array"),
        (JSON, b'"text"', "not_an_array"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_without_rows_is_refused_whole(
    shared: Api, reader: Portal, media_type: str, content: bytes, code: str
) -> None:
    before = rows(shared.engine)
    for mode in ("partial", "atomic"):
        response = send(reader, content, media_type=media_type, mode=mode, key=f"k-{mode}-{code}")
        assert faults(response) == {"": code}
        assert "location" not in response.headers
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1,]", b"[NaN]", b'[{"a": 1, "a": 2}]', b"[" * 50_000, b"\xff\xfe[]"],
    ids=lambda content: str(content[:12]),
)
def test_a_broken_array_is_refused_whole(shared: Api, reader: Portal, content: bytes) -> None:
    before = rows(shared.engine)
    refused(send(reader, content, media_type=JSON), 400, "malformed_json")
    assert rows(shared.engine) == before


def test_a_json_array_has_a_limit_that_lines_do_not_have(shared: Api, reader: Portal) -> None:
    before = rows(shared.engine)
    padding = b" " * (8 * 1024 * 1024)
    refused(send(reader, b"[" + padding + b"]", media_type=JSON), 413, "array_too_large")
    assert rows(shared.engine) == before
    taken(send(reader, padding + b"\n" + lines([an_activity()])), created=1, rejected=1)


# Headings


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ((b"title", "title,Tiêu đề lạ".encode()), ["unknown_column"]),
        ((b"title", "Tiêu đề lạ".encode()), ["column_missing", "unknown_column"]),
        ((b"title", b"TITLE,title"), ["column_given_twice"]),
        ((b"title", "Tên hoạt động,title".encode()), ["column_given_twice"]),
        ((b"external_id", b"format"), ["column_given_twice", "column_missing"]),
        ((b"external_id", b" "), ["column_missing"]),
        ((b"measures.posts", b"measures.likes"), ["unknown_column"]),
    ],
    ids=str,
)
def test_a_fault_in_the_headings_refuses_the_whole_file(
    shared: Api, reader: Portal, change: tuple[bytes, bytes], codes: list[str]
) -> None:
    before = rows(shared.engine)
    bodies = [an_activity() for _ in range(3)]
    head, _, rest = a_file(CSV, bodies).partition(b"\r\n")
    content = head.replace(*change) + b"\r\n" + rest
    for language, word in (("en", "column"), ("vi", "cột")):
        found = refused(send(reader, content, media_type=CSV, language=language), 422, "invalid")
        assert sorted(fault["code"] for fault in found) == codes
        assert all(word in fault["detail"] for fault in found)
        assert all(fault["pointer"] == "" for fault in found)
    permitted = [fault["permitted"] for fault in found if fault["code"] == "unknown_column"]
    assert all("measures.posts" in names for names in permitted)
    assert rows(shared.engine) == before
    assert BATCHES not in send(reader, content, media_type=CSV).text


def test_headings_of_a_workbook_are_refused_alike(shared: Api, reader: Portal) -> None:
    before = rows(shared.engine)
    content = a_file(XLSX, [an_activity(headline="Tin")])
    found = refused(send(reader, content, media_type=XLSX), 422, "invalid")
    assert [fault["code"] for fault in found] == ["unknown_column"]
    assert rows(shared.engine) == before


# Rows


def test_a_broken_line_is_a_fault_of_its_own(api: Api) -> None:
    portal = api.portal(BINH_SON)
    good = [an_activity(external_id=f"good-{n}") for n in range(3)]
    deep = b"[" * 990 + b"]" * 990
    broken = (
        b"{",
        b"nope",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        b'{"a": "\\ud800"}',
        b'{"a": 1} {"a": 2}',
        b'{"a": ' + b"9" * 5000 + b"}",
        deep * 20,
    )
    content = lines(good[:1]) + b"\n".join(broken) + b"\n\n \r\n" + lines(good[1:]).rstrip(b"\n")
    batch = taken(send(portal, content), created=3, rejected=len(broken))
    found = outcomes(portal, batch["id"])
    assert [row["external_id"] for row in found if row["outcome"] == "created"] == [
        "good-0",
        "good-1",
        "good-2",
    ]
    assert [row["row"] for row in found] == list(range(1, len(broken) + 4))
    for row in found[1:-2]:
        assert faults_of(row) == {"": "malformed_json"}
        assert row["external_id"] is None
        fault = row["errors"][0]
        assert (fault["value"], fault["column"], fault["line"]) == (None, None, None)


@pytest.mark.parametrize("value", [None, 1, True, "text", [], [{}], 1.5])
def test_what_is_no_object_is_a_fault_of_its_row(reader: Portal, value: Any) -> None:
    for kind in (JSON, JSON_LINES):
        content = json.dumps([value]) if kind == JSON else f"{json.dumps(value)}\n"
        batch = taken(send(reader, content.encode(), media_type=kind), rejected=1)
        (row,) = batch["rejected_rows"]
        assert faults_of(row) == {"": "model_type"}
        withdrawn = send(reader, content.encode(), media_type=kind, to=WITHDRAWALS)
        (row,) = taken(withdrawn, rejected=1)["rejected_rows"]
        assert faults_of(row) == {"": "model_type"}


def test_a_line_that_is_too_long_is_a_fault_of_its_own(reader: Portal) -> None:
    fitting, longer = an_activity(), an_activity()
    for body, length in ((fitting, MAX_RECORD), (longer, MAX_RECORD + 1)):
        body["padding"] = "x" * (length - len(json.dumps({**body, "padding": ""}).encode()))
    content = b"\n".join(
        json.dumps(body).encode() for body in (fitting, longer, an_activity(external_id="after"))
    )
    batch = taken(send(reader, content), created=1, rejected=2)
    first, second = batch["rejected_rows"]
    assert (first["row"], faults_of(first)) == (1, {"/padding": "extra_forbidden"})
    assert first["errors"][0]["value"] == "x" * 79 + "…"
    assert (second["row"], faults_of(second)) == (2, {"": "record_too_long"})
    assert second["external_id"] is None
    assert str(MAX_RECORD) in second["errors"][0]["detail"]


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_the_fault_of_a_cell_names_its_heading_its_line_and_what_it_held(
    reader: Portal, kind: str
) -> None:
    good = an_activity()
    wrong = {
        **an_activity(external_id="wrong"),
        "occurred_on": "10/13/2021",
        "channel": "telegraph",
        "measures": [{"indicator": "posts", "value": "ba"}],
    }
    batch = taken(send(reader, a_file(kind, [good, wrong]), media_type=kind), created=1, rejected=1)
    (row,) = batch["rejected_rows"]
    assert (row["row"], row["external_id"]) == (2, "wrong")
    by_pointer = {fault["pointer"]: fault for fault in row["errors"]}
    day, posts = by_pointer["/occurred_on"], by_pointer["/measures/0/value"]
    assert {fault["line"] for fault in row["errors"]} == {3}
    assert (day["column"], day["value"]) == ("occurred_on", "10/13/2021")
    assert (posts["column"], posts["code"], posts["value"]) == (
        "measures.posts",
        "not_a_number",
        "ba",
    )


def test_a_row_says_every_fault_and_what_would_be_right_in_either_language(
    reader: Portal,
) -> None:
    body = an_activity(channel="telegraph", measures=[{"indicator": "likes", "value": "3"}])
    batch = taken(send(reader, [body], language="en"), rejected=1)
    (row,) = batch["rejected_rows"]
    assert faults_of(row) == {
        "/channel": "unknown_code",
        "/measures/0/indicator": "unknown_indicator",
    }
    channel, indicator = row["errors"]
    assert (channel["value"], indicator["value"]) == ("telegraph", "likes")
    assert "facebook" in channel["permitted"]
    assert "posts" in indicator["permitted"]
    assert (channel["column"], channel["line"]) == (None, None)
    english = [fault["detail"] for fault in row["errors"]]
    place = f"{BATCHES}/{batch['id']}"
    for language, expected in (("en-GB,vi;q=0.5", english), ("vi", None), ("fr", None)):
        headers = {"Accept-Language": language}
        seen = [
            reader.request("GET", place, headers=headers).json()["rejected_rows"][0],
            reader.request("GET", f"{place}/rows", headers=headers).json()["items"][0],
        ]
        for one in seen:
            details = [fault["detail"] for fault in one["errors"]]
            assert (details == english) == (expected is not None)
            assert [fault["code"] for fault in one["errors"]] == [
                "unknown_code",
                "unknown_indicator",
            ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\u0000b\u0007\u001b[31m\n", "a·b··[31m·"),
        ("\u202egnp.exe\u200b\ufeff", "·gnp.exe··"),
        ("a\u2028b\u2029c\u0085", "a·b·c·"),
        ("x" * 10_000, "x" * 79 + "…"),
        ("ữ" * 80, "ữ" * 80),
        ("\U0001f600" * 81, "\U0001f600" * 79 + "…"),
        (True, "true"),
        (None, "null"),
        (12.5, "12.5"),
        (10**300, "1" + "0" * 79),
        ({"a": "b"}, None),
        (["a"], None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("{count} {0} %s", "{count} {0} %s"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_value_is_shown_safely(reader: Portal, value: Any, shown: str | None) -> None:
    batch = taken(send(reader, [an_activity(channel=value)]), rejected=1)
    for row in (batch["rejected_rows"][0], outcomes(reader, batch["id"])[0]):
        (fault,) = (one for one in row["errors"] if one["pointer"] == "/channel")
        assert fault["value"] == shown


@pytest.mark.parametrize(
    "name",
    ["a\u0000b", "x" * 200_000, "a/b~c", "", "\u202e", "\U0001f600", "%s {0}"],
    ids=lambda name: ascii(name)[:20],
)
def test_a_field_that_there_is_not_is_named_safely(reader: Portal, name: str) -> None:
    for to, body in (
        (BATCHES, an_activity(**{name: 1})),
        (WITHDRAWALS, {"id": "0" * 8, name: {"x": 1}}),
    ):
        batch = taken(send(reader, [body], to=to), rejected=1)
        (row,) = outcomes(reader, batch["id"])
        codes = [fault["code"] for fault in row["errors"]]
        assert "extra_forbidden" in codes
        pointer = row["errors"][codes.index("extra_forbidden")]["pointer"]
        assert pointer.startswith("/")
        assert len(pointer) <= 300
        assert "\u0000" not in pointer
        assert "\u202e" not in pointer


def test_of_very_many_faults_the_first_are_told(shared: Api, reader: Portal) -> None:
    body = an_activity(**{f"n{n}": n for n in range(50_000)})
    batch = taken(send(reader, [body, an_activity()]), rejected=1, created=1)
    (row,) = batch["rejected_rows"]
    assert 20 <= len(row["errors"]) <= 100
    assert len(reader.get(f"{BATCHES}/{batch['id']}").content) < 100_000


@pytest.mark.parametrize("sent", ["a\u0000b", "x" * 10_000, "bad id", "ữ" * 128, "x" * 128 + "\n"])
def test_an_external_id_that_cannot_be_one_is_told_safely(reader: Portal, sent: str) -> None:
    batch = taken(send(reader, [an_activity(external_id=sent)]), rejected=1)
    (row,) = batch["rejected_rows"]
    assert "/external_id" in faults_of(row)
    assert len(row["external_id"]) <= 128
    assert "\u0000" not in row["external_id"]


@pytest.mark.parametrize("sent", [1, None, ["r-1"], {"id": 1}])
def test_an_external_id_that_is_no_text_is_not_told(reader: Portal, sent: Any) -> None:
    (row,) = taken(send(reader, [an_activity(external_id=sent)]), rejected=1)["rejected_rows"]
    assert row["external_id"] is None
    assert "/external_id" in faults_of(row)


def test_a_key_that_was_pasted_into_a_row_is_shown_and_kept_nowhere(api: Api) -> None:
    portal = api.portal(BINH_SON)
    body = an_activity(channel=f"Bearer {portal.secret}", external_id=f"_{portal.secret}")
    batch = taken(send(portal, [body, {portal.secret: 1}]), rejected=2)
    answers = [
        portal.get(BATCHES).text,
        portal.get(f"{BATCHES}/{batch['id']}").text,
        portal.get(f"{BATCHES}/{batch['id']}/rows").text,
        json.dumps(batch),
    ]
    assert not [answer for answer in answers if portal.secret in answer]
    shown = batch["rejected_rows"][0]["errors"]
    assert "Bearer baocao_…" in [fault["value"] for fault in shown]


def test_damage_in_the_midst_of_a_workbook_is_told_where_it_is(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = [an_activity(external_id=f"r-{n}") for n in range(1500)]
    content = rewritten(
        a_file(XLSX, bodies), "xl/worksheets/sheet1.xml", b'<row r="1402"', b'<row r="1402" <'
    )
    batch = send(portal, content, media_type=XLSX, key="k-1").json()
    created = batch["counts"]["created"]
    assert 1000 < created <= 1400  # what is read at once with the damage is lost with it
    taken(send(portal, content, media_type=XLSX, key="k-1"), created=created, rejected=1)
    (row,) = batch["rejected_rows"]
    assert faults_of(row) == {"": "not_a_workbook"}
    assert row["row"] == created + 1
    assert len(reports(portal)) == created
    assert send(portal, content, media_type=XLSX, key="k-1").json()["id"] == batch["id"]
    refused(send(portal, content, media_type=XLSX, mode="atomic"), 422, "batch_refused")
    assert [one["state"] for one in batches(portal)] == ["refused", "finished"]
