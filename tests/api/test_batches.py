"""Bulk requests: what becomes of their rows, whole or in part, the first time and every time."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.audit.models import AuditEntry
from tests.support.api import Api, Portal
from tests.support.bulk import (
    BATCHES,
    WITHDRAWALS,
    batch_of,
    batches,
    counted,
    faults_of,
    outcomes,
    reports,
    send,
    taken,
    told,
)
from tests.support.consolidating import consolidate
from tests.support.filing import Filing
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, an_activity
from tests.support.problems import refused, rows

ACTIVITIES = "/v1/activity-reports"
TU_NGHIA = "gso-528"
PORTION = 1000  # rows stored at once in partial mode


def _many(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [an_activity(**changes) for _ in range(number)]


def _bad(**changes: Any) -> dict[str, Any]:
    return an_activity(channel="telegraph", **changes)


def _corrected(body: dict[str, Any], expected: int, **changes: Any) -> dict[str, Any]:
    return {**body, "expected_revision": expected, "reason": "Đếm lại", **changes}


def _revisions(portal: Portal, row: dict[str, Any]) -> list[dict[str, Any]]:
    answer = portal.get(f"{ACTIVITIES}/{row['report_id']}/revisions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def _as_sent(report: dict[str, Any]) -> dict[str, Any]:
    """Return a stored report as a portal would send it; it is of a single thing."""
    names = (
        *("unit", "source_system", "external_id", "plan", "plan_item", "content_themes"),
        *("occurred_on", "channel", "format", "title", "languages", "measures", "expenditure"),
    )
    return {name: report[name] for name in names}


# Partly, or whole


def test_the_good_rows_are_stored_and_the_others_are_told(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = [an_activity(), _bad(), an_activity(), {"unit": "524"}, an_activity()]
    batch = taken(send(portal, bodies), created=3, rejected=2)
    assert {name: batch[name] for name in ("kind", "unit", "mode", "on_existing", "dry_run")} == {
        "kind": "reports",
        "unit": BINH_SON,
        "mode": "partial",
        "on_existing": "reject",
        "dry_run": False,
    }
    found = outcomes(portal, batch["id"])
    assert [row["outcome"] for row in found] == [
        "created",
        "rejected",
        "created",
        "rejected",
        "created",
    ]
    assert [row["row"] for row in found] == [1, 2, 3, 4, 5]
    assert batch["rejected_rows"] == [found[1], found[3]]
    assert batch_of(portal, batch["id"]) == batch
    by_id = {one["id"]: one for one in reports(portal)}
    for row, body in zip(found[::2], bodies[::2], strict=True):
        assert by_id[row["report_id"]]["external_id"] == row["external_id"] == body["external_id"]
        assert (row["revision"], row["errors"]) == (1, [])
    assert len(by_id) == 3


def test_a_report_of_a_batch_is_the_report_of_a_single_request(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    twin = {**body, "source_system": "single"}
    taken(send(portal, [body]), created=1)
    single = portal.post(ACTIVITIES, twin).json()
    (stored,) = (one for one in reports(portal) if one["source_system"] == "portal")
    own = ("id", "source_system", "received_at", "body_sha256", "outcome", "dry_run", "outdated")
    assert {name: single[name] for name in stored if name not in own} == {
        name: stored[name] for name in stored if name not in own
    }
    assert portal.post(ACTIVITIES, body).json()["outcome"] == "unchanged"
    taken(send(portal, [twin]), unchanged=1)


def test_an_atomic_batch_with_one_bad_row_stores_nothing_and_can_be_read(api: Api) -> None:
    portal = api.portal(BINH_SON)
    there = an_activity()
    taken(send(portal, [there]), created=1)
    before = rows(api.engine)
    bodies = [there, *_many(PORTION), _bad(external_id="bad"), *_many(PORTION), there]
    response = send(portal, bodies, mode="atomic", language="en")
    refused(response, 422, "batch_refused")
    place = response.headers["location"]
    assert place.startswith(f"{BATCHES}/")
    assert place in response.json()["detail"]
    assert response.json()["detail"].startswith("1 row")
    batch = portal.get(place).json()
    assert (batch["state"], batch["mode"]) == ("refused", "atomic")
    assert batch["finished_at"] is not None
    counted(batch, rejected=1, held_back=2 * PORTION + 2)
    assert [(row["row"], row["external_id"]) for row in batch["rejected_rows"]] == [
        (PORTION + 2, "bad")
    ]
    assert outcomes(portal, batch["id"]) == batch["rejected_rows"]
    assert faults_of(batch["rejected_rows"][0]) == {"/channel": "unknown_code"}
    assert rows(api.engine) == {**before, "batch": 2, "batch_row": 2}


def test_an_atomic_batch_of_good_rows_is_stored_whole(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = _many(2 * PORTION + 500)
    batch = taken(send(portal, bodies, mode="atomic"), created=2 * PORTION + 500)
    again = taken(send(portal, bodies, mode="atomic"), unchanged=2 * PORTION + 500)
    first, second = (outcomes(portal, one["id"]) for one in (batch, again))
    assert [row["report_id"] for row in first] == [row["report_id"] for row in second]
    assert len(reports(portal)) == len(bodies)


def test_a_batch_of_several_portions_is_counted_and_listed_in_the_files_order(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = _many(2 * PORTION + 500)
    for place in range(99, len(bodies), 100):
        bodies[place] = _bad()
    batch = taken(send(portal, bodies), created=2475, rejected=25)
    found = outcomes(portal, batch["id"])
    assert [(row["row"], row["external_id"]) for row in found] == [
        (number, body["external_id"]) for number, body in enumerate(bodies, 1)
    ]
    assert {row["row"] for row in found if row["outcome"] == "rejected"} == set(
        range(100, 2501, 100)
    )
    assert [row["row"] for row in outcomes(portal, batch["id"], outcome="rejected", limit=7)] == [
        *range(100, 2501, 100)
    ]
    assert len(outcomes(portal, batch["id"], outcome="created")) == 2475
    assert outcomes(portal, batch["id"], outcome="updated") == []
    assert len(reports(portal)) == 2475


def test_of_many_rejected_rows_the_batch_shows_the_first_hundred(shared: Api) -> None:
    portal = shared.portal(BINH_SON)
    batch = taken(send(portal, [_bad() for _ in range(150)]), rejected=150)
    assert [row["row"] for row in batch["rejected_rows"]] == list(range(1, 101))
    assert len(outcomes(portal, batch["id"], outcome="rejected")) == 150


# The same record twice in one file


def test_equal_rows_make_one_report_and_different_ones_are_rejected(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(external_id="r-1")
    other = {**body, "title": "Khác"}
    far = [*_many(PORTION), body, other]  # in the next portion it is the same
    batch = taken(
        send(portal, [body, body, other, {**body, "unit": BINH_SON}, *far], language="en"),
        created=PORTION + 1,
        unchanged=3,
        rejected=2,
    )
    found = [row for row in outcomes(portal, batch["id"]) if row["external_id"] == "r-1"]
    assert [row["outcome"] for row in found] == [
        "created",
        "unchanged",
        "rejected",
        "unchanged",
        "unchanged",
        "rejected",
    ]
    assert len({row["report_id"] for row in found if row["report_id"]}) == 1
    for row in (found[2], found[5]):
        assert faults_of(row) == {"": "report_exists"}
        assert row["errors"][0]["detail"].endswith(": title.")


def test_rows_of_one_record_correct_one_another_in_the_files_order(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    chain = [
        body,
        _corrected(body, 1, title="Hai"),
        _corrected(body, 2, title="Ba"),
        _corrected(body, 2, title="Bốn"),
        _corrected(body, 3),
        *_many(PORTION),
        _corrected(body, 4, title="Năm"),
    ]
    batch = taken(
        send(portal, chain, on_existing="update"), created=PORTION + 1, updated=4, rejected=1
    )
    found = [
        row for row in outcomes(portal, batch["id"]) if row["external_id"] == body["external_id"]
    ]
    assert [(row["outcome"], row["revision"]) for row in found] == [
        ("created", 1),
        ("updated", 2),
        ("updated", 3),
        ("rejected", None),
        ("updated", 4),
        ("updated", 5),
    ]
    assert faults_of(found[3]) == {"/expected_revision": "revision_changed"}
    titles = [
        change["after"]
        for revision in _revisions(portal, found[0])
        for change in revision["changes"]
        if change["label"] == "Tên hoạt động"
    ]
    assert titles == ["Hai", "Ba", body["title"], "Năm"]
    # The answer was dropped, and all of it comes again.
    again = taken(send(portal, chain, on_existing="update"), unchanged=PORTION + 5, rejected=1)
    assert again["rejected_rows"][0]["row"] == 4
    assert len(_revisions(portal, found[0])) == 5


# Corrections


def test_without_leave_to_update_another_content_is_rejected(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    taken(send(portal, [body]), created=1)
    other = _corrected(body, 1, title="Khác", channel="zalo")
    batch = taken(send(portal, [other]), rejected=1)
    assert faults_of(batch["rejected_rows"][0]) == {"": "report_exists"}
    taken(send(portal, [_corrected(body, 1)]), unchanged=1)
    assert reports(portal)[0]["revision"] == 1


def test_a_correction_names_its_revision_and_its_reason(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = [an_activity(external_id=f"r-{n}") for n in range(8)]
    taken(send(portal, bodies[:-1]), created=7)
    new = [{**body, "title": "Mới"} for body in bodies]
    sent = [
        _corrected(new[0], 1),
        _corrected(new[1], 2),
        new[2],
        {**new[3], "expected_revision": 1},
        {**new[4], "reason": "Đếm lại"},
        _corrected(_bad(external_id="r-5"), 1),
        bodies[6],
        _corrected(new[7], 1),
    ]
    batch = taken(send(portal, sent, on_existing="update"), updated=1, unchanged=1, rejected=6)
    assert {row["row"]: faults_of(row) for row in batch["rejected_rows"]} == {
        2: {"/expected_revision": "revision_changed"},
        3: {"": "report_exists"},
        4: {"/reason": "reason_needed"},
        5: {"": "report_exists"},
        6: {"/channel": "unknown_code"},
        8: {"/expected_revision": "revision_changed"},
    }
    updated = outcomes(portal, batch["id"], outcome="updated")
    assert told(updated) == [(1, "r-0", "updated")]
    (first, second) = _revisions(portal, updated[0])
    assert (first["number"], first["reason"], second["number"], second["reason"]) == (
        1,
        None,
        2,
        "Đếm lại",
    )
    assert [(one["external_id"], one["revision"]) for one in reports(portal)].count(("r-0", 2)) == 1
    # Sent again as it was, nothing changes; what was rejected is rejected.
    again = taken(send(portal, sent, on_existing="update"), unchanged=2, rejected=6)
    assert outcomes(portal, again["id"], outcome="unchanged")[0]["revision"] == 2


def test_a_correction_that_would_be_another_bodys_is_refused_as_a_single_one_is(api: Api) -> None:
    api.set_clock(datetime(2025, 8, 31, tzinfo=UTC))
    portal = api.portal("gso-21238-2025-07-01")
    body = an_activity(unit="21238", occurred_on="2025-08-01", content_themes=["II.2.1"])
    taken(send(portal, [body]), created=1)
    moved = _corrected(body, 1, occurred_on="2024-05-01")
    single = portal.put(
        f"/v1/units/21238/activity-reports/portal/{body['external_id']}",
        {
            name: value
            for name, value in moved.items()
            if name not in ("unit", "source_system", "external_id", "expected_revision")
        },
        If_Match='"1"',
    )
    refused(single, 409, "unit_would_change")
    batch = taken(send(portal, [moved], on_existing="update"), rejected=1)
    assert list(faults_of(batch["rejected_rows"][0]).values()) == ["unit_would_change"]


def test_a_batch_names_what_is_out_of_date_by_it(api: Api) -> None:
    focal = Filing(api.engine).hand_in(api.http, [BINH_SON], activities=4)
    portal = api.portal(BINH_SON)
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    request_id = asked.headers["location"].rpartition("/")[2]
    consolidate(api.engine, UUID(request_id), at=api.now())
    version = focal.get(f"/v1/plans/{PLAN}/cycles/2021/consolidated-report")
    assert version.status_code == 200
    frozen = sorted(reports(portal), key=lambda one: str(one["external_id"]))
    bodies = [_as_sent(one) for one in frozen]
    unaffected = taken(
        send(portal, [*_many(2), *bodies], on_existing="update"), created=2, unchanged=4
    )
    nothing: dict[str, list[Any]] = {"submissions": [], "consolidated_reports": []}
    assert unaffected["outdated"] == nothing
    # One correction at the beginning, one in the third portion: each thing is named once.
    sent = [
        _corrected(bodies[0], 1, title="Mới"),
        *_many(2 * PORTION),
        _corrected(bodies[1], 1, title="Mới"),
    ]
    refusal = send(portal, [*sent, _bad()], on_existing="update", mode="atomic")
    refused(refusal, 422, "batch_refused")
    assert portal.get(refusal.headers["location"]).json()["outdated"] == nothing
    tried = send(portal, sent, on_existing="update", dry_run=True)
    corrected = send(portal, sent, on_existing="update")
    for response in (tried, corrected):
        batch = taken(response, created=2 * PORTION, updated=2)
        (submission,) = batch["outdated"]["submissions"]
        assert (submission["unit"], submission["state"], submission["year"]) == (
            BINH_SON,
            "accepted",
            2021,
        )
        (consolidated,) = batch["outdated"]["consolidated_reports"]
        assert (consolidated["plan"], consolidated["version"]) == (PLAN, 1)
        assert batch_of(portal, batch["id"])["outdated"] == batch["outdated"]
    single = portal.get(f"{ACTIVITIES}/{frozen[2]['id']}")
    assert single.json()["revision"] == 1
    row = {"id": frozen[2]["id"], "expected_revision": 1, "reason": "Nhầm"}
    withdrawn = taken(send(portal, [row], to=WITHDRAWALS), updated=1)
    assert withdrawn["outdated"] == batch["outdated"]


# Dry runs


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_a_dry_run_tells_what_would_become_and_stores_no_report(api: Api, mode: str) -> None:
    portal = api.portal(BINH_SON)
    there, other, corrected = (an_activity(external_id=name) for name in ("there", "other", "old"))
    taken(send(portal, [there, other, corrected]), created=3)
    before, new = rows(api.engine), an_activity(external_id="new")
    seen = reports(portal)
    sent = [
        there,
        {**other, "title": "Khác"},
        _corrected(corrected, 1, title="Mới"),
        new,
        new,
        _corrected(new, 1, title="Mới"),
        _bad(),
    ]
    if mode == "atomic":
        response = send(portal, sent, on_existing="update", mode=mode, dry_run=True)
        refused(response, 422, "batch_refused")
        batch = portal.get(response.headers["location"]).json()
        counted(batch, rejected=2, held_back=5)
        assert (batch["state"], batch["dry_run"]) == ("refused", True)
        assert rows(api.engine) == {**before, "batch": 2, "batch_row": 5}
        sent = [row for place, row in enumerate(sent) if place not in (1, 6)]
    batch = taken(
        send(portal, sent, on_existing="update", mode=mode, dry_run=True),
        created=1,
        updated=2,
        unchanged=2,
        rejected=2 if mode == "partial" else 0,
    )
    assert batch["dry_run"] is True
    found = [row for row in outcomes(portal, batch["id"]) if row["outcome"] != "rejected"]
    assert [(row["external_id"], row["outcome"]) for row in found] == [
        ("there", "unchanged"),
        ("old", "updated"),
        ("new", "created"),
        ("new", "unchanged"),
        ("new", "updated"),
    ]
    ids = {one["external_id"]: one["id"] for one in seen}
    expected = [ids["there"], ids["old"], None, None, None]
    assert [row["report_id"] for row in found] == expected
    assert reports(portal) == seen
    after = rows(api.engine)
    assert {name: after[name] for name in after if not name.startswith("batch")} == {
        name: before[name] for name in before if not name.startswith("batch")
    }
    assert [one["dry_run"] for one in batches(portal)].count(False) == 1
    real = send(portal, sent, on_existing="update", mode=mode)
    assert real.status_code == 201
    told_now = [row for row in outcomes(portal, real.json()["id"]) if row["outcome"] != "rejected"]
    assert told(told_now) == told(found)


# Withdrawals


def _withdrawal(report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    row = {"id": report["id"], "expected_revision": 1, "reason": "Nhập nhầm", **changes}
    return {name: value for name, value in row.items() if value is not ...}


def _by_key(report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    key = {name: report[name] for name in ("source_system", "external_id")}
    named = {"id": ..., "unit": "524", "on": "2021-09-10", **key, **changes}
    return _withdrawal(report, **named)


def _stored(portal: Portal, number: int) -> list[dict[str, Any]]:
    bodies = _many(number)
    taken(send(portal, bodies), created=number)
    by_id = {one["external_id"]: one for one in reports(portal)}
    return [by_id[body["external_id"]] for body in bodies]


def test_reports_are_withdrawn_by_id_and_by_natural_key(api: Api) -> None:
    portal = api.portal(BINH_SON)
    first, second, third, kept = _stored(portal, 4)
    sent = [_withdrawal(first), _by_key(second), _by_key(third, unit=BINH_SON, on="2024-12-31")]
    batch = taken(send(portal, sent, to=WITHDRAWALS), updated=3)
    assert (batch["kind"], batch["on_existing"]) == ("withdrawals", "update")
    found = outcomes(portal, batch["id"])
    assert [(row["external_id"], row["report_id"], row["revision"]) for row in found] == [
        (one["external_id"], one["id"], 2) for one in (first, second, third)
    ]
    now = {one["id"]: one for one in reports(portal)}
    assert [now[one["id"]]["withdrawn"] for one in (first, second, third, kept)] == [
        True,
        True,
        True,
        False,
    ]
    assert _revisions(portal, found[0])[1]["reason"] == "Nhập nhầm"
    # Sent again after a dropped answer; also under the revision that is current now.
    taken(send(portal, sent, to=WITHDRAWALS), unchanged=3)
    taken(send(portal, [_withdrawal(first, expected_revision=2)], to=WITHDRAWALS), unchanged=1)
    assert now[first["id"]]["revision"] == 2
    # A withdrawn report takes no correction.
    correction = _corrected(_as_sent(first), 2, title="Mới")
    rejected = taken(send(portal, [correction], on_existing="update"), rejected=1)
    assert faults_of(rejected["rejected_rows"][0]) == {"/expected_revision": "report_withdrawn"}


def test_the_faults_of_withdrawals_are_told_and_the_good_ones_done(api: Api) -> None:
    portal, stranger = api.portal(BINH_SON), api.portal(TU_NGHIA)
    good, twice, stale = _stored(portal, 3)
    body = an_activity(unit="528")
    taken(send(stranger, [body]), created=1)
    (foreign,) = reports(stranger)
    nobody = "019d0000-0000-7000-8000-000000000000"
    sent = [
        _withdrawal(good),
        _withdrawal(stale, expected_revision=2),
        _withdrawal(good, id=nobody),
        _withdrawal(foreign),
        _by_key(foreign, unit="528"),
        _by_key(good, external_id="no-such"),
        _by_key(good, unit="999999"),
        _withdrawal(twice),
        _withdrawal(twice),
        _withdrawal(good, reason=...),
        _withdrawal(good, expected_revision=...),
        _withdrawal(good, id=...),
        _withdrawal(good, unit="524"),
        _by_key(good, on=...),
        _withdrawal(good, id=good["id"].upper()),
        _withdrawal(good, id=1, extra=True),
    ]
    batch = taken(send(portal, sent, to=WITHDRAWALS), updated=2, unchanged=1, rejected=13)
    found = {row["row"]: faults_of(row) for row in batch["rejected_rows"]}
    assert found == {
        2: {"": "revision_changed"},
        3: {"": "not_found"},
        4: {"": "not_found"},
        5: {"": "not_found"},
        6: {"": "not_found"},
        7: {"/unit": "unknown_unit"},
        10: {"/reason": "missing"},
        11: {"/expected_revision": "missing"},
        12: {"": "names_no_report"},
        13: {"": "names_no_report"},
        14: {"": "names_no_report"},
        15: {"/id": "string_pattern_mismatch"},
        16: {"/id": "string_type", "/extra": "extra_forbidden"},
    }
    assert [row["row"] for row in outcomes(portal, batch["id"], outcome="unchanged")] == [9]
    assert [one["withdrawn"] for one in reports(stranger)] == [False]


@pytest.mark.parametrize("tried", ["real", "dry"])
def test_withdrawals_are_done_all_or_none_where_it_is_asked_so(api: Api, tried: str) -> None:
    dry_run = tried == "dry"
    portal = api.portal(BINH_SON)
    first, second = _stored(portal, 2)
    sent = [_withdrawal(first), _withdrawal(second, expected_revision=7)]
    response = send(portal, sent, to=WITHDRAWALS, mode="atomic", dry_run=dry_run)
    refused(response, 422, "batch_refused")
    batch = portal.get(response.headers["location"]).json()
    counted(batch, rejected=1, held_back=1)
    assert not any(one["withdrawn"] for one in reports(portal))
    sent = [_withdrawal(first), _by_key(second)]
    batch = taken(send(portal, sent, to=WITHDRAWALS, mode="atomic", dry_run=dry_run), updated=2)
    assert [row["report_id"] for row in outcomes(portal, batch["id"])] == [
        first["id"],
        second["id"],
    ]
    assert [one["withdrawn"] for one in reports(portal)] == [not dry_run, not dry_run]


# Who may


def test_a_batch_is_its_units_own(api: Api) -> None:
    portal, stranger, focal = (api.portal(unit) for unit in (BINH_SON, TU_NGHIA, FOCAL_UNIT))
    batch = taken(send(portal, [an_activity(), _bad()]), created=1, rejected=1)
    place = f"{BATCHES}/{batch['id']}"
    for other in (stranger, focal):
        assert batches(other) == []
        refused(other.get(place), 404, "not_found")
        refused(other.get(f"{place}/rows"), 404, "not_found")
    second_key = api.portal(BINH_SON)
    assert second_key.get(place).json() == batch
    assert [one["id"] for one in batches(second_key)] == [batch["id"]]
    for unknown in ("nothing", "019d0000-0000-7000-8000-000000000000"):
        refused(portal.get(f"{BATCHES}/{unknown}"), 404, "not_found")
        refused(portal.get(f"{BATCHES}/{unknown}/rows"), 404, "not_found")


def test_rows_of_other_units_are_refused_and_those_on_behalf_taken(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    foreign = an_activity(unit="528")
    batch = taken(send(portal, [foreign, an_activity(unit="21040")]), created=1, rejected=1)
    assert faults_of(batch["rejected_rows"][0]) == {"/unit": "unit_not_yours"}
    paper = {"on_behalf": {"incoming_number": "12/ĐĐ", "incoming_on": "2021-11-01"}}
    batch = taken(
        send(focal, [foreign, {**foreign, **paper}, {**an_activity(), **paper}]),
        created=2,
        rejected=1,
    )
    entered = focal.get(f"{ACTIVITIES}/{outcomes(focal, batch['id'])[1]['report_id']}").json()
    assert entered["on_behalf"] == paper["on_behalf"]
    assert entered["unit"] == TU_NGHIA


def test_cursors_of_rows_are_of_their_own_batch(shared: Api) -> None:
    portal = shared.portal(BINH_SON)
    first, second = (taken(send(portal, _many(3)), created=3)["id"] for _ in range(2))
    page = portal.get(f"{BATCHES}/{first}/rows", limit=2).json()
    assert [row["row"] for row in page["items"]] == [1, 2]
    rest = portal.get(f"{BATCHES}/{first}/rows", limit=2, cursor=page["next"])
    assert [row["row"] for row in rest.json()["items"]] == [3]
    assert rest.json()["next"] is None
    refused(portal.get(f"{BATCHES}/{second}/rows", cursor=page["next"]), 400, "bad_cursor")
    refused(portal.get(BATCHES, cursor=page["next"]), 400, "bad_cursor")
    refused(portal.get(f"{BATCHES}/{first}/rows", outcome="lost"), 422, "invalid")


def test_batches_are_listed_newest_first(api: Api) -> None:
    portal = api.portal(BINH_SON)
    made = [taken(send(portal, _many(1)), created=1)["id"] for _ in range(5)]
    newest = portal.get(BATCHES, limit=2).json()
    assert [one["id"] for one in newest["items"]] == [made[4], made[3]]
    assert [one["rejected_rows"] for one in newest["items"]] == [[], []]
    older = portal.get(BATCHES, limit=3, cursor=newest["next"]).json()
    assert [one["id"] for one in older["items"]] == [made[2], made[1], made[0]]
    assert older["next"] is None


@pytest.mark.parametrize(
    "query",
    [{"mode": "all"}, {"on_existing": "replace"}, {"dry_run": "perhaps"}, {"limit": 1}],
    ids=str,
)
def test_what_is_asked_for_wrongly_stores_nothing(
    shared: Api, reader: Portal, query: dict[str, Any]
) -> None:
    before = rows(shared.engine)
    refused(send(reader, [an_activity()], **query), 422, "invalid")
    refused(send(reader, [an_activity()], to=WITHDRAWALS, on_existing="update"), 422, "invalid")
    assert rows(shared.engine) == before


# Audit


def _entries(api: Api, target: str) -> list[AuditEntry]:
    with unit_of_work(api.engine, write=False) as session:
        statement = select(AuditEntry).where(AuditEntry.target_id == target)
        return list(session.exec(statement.order_by(col(AuditEntry.id))).all())


def test_a_batch_leaves_one_entry_in_the_audit_and_its_reports_none(api: Api) -> None:
    portal = api.portal(BINH_SON)
    bodies = [*_many(PORTION + 5), _bad()]
    batch = taken(send(portal, bodies, key="k-1"), created=PORTION + 5, rejected=1)
    send(portal, bodies, key="k-1")
    (entry,) = _entries(api, batch["id"])
    said = {"kind": "reports", "mode": "partial", "dry_run": False}
    assert entry.after == {**said, "body_sha256": batch["body_sha256"]}
    assert (entry.action, entry.unit_key, entry.refusal) == ("batch.received", BINH_SON, None)
    response = send(portal, bodies, mode="atomic")
    (refusal,) = _entries(api, response.headers["location"].rpartition("/")[2])
    assert (refusal.action, refusal.refusal) == ("batch.refused", "batch_refused")
    assert refusal.after is not None
    assert (refusal.after["created"], refusal.after["rejected"]) == (0, 1)
    whole = taken(send(portal, bodies[:5], mode="atomic"), unchanged=5)
    (entry,) = _entries(api, whole["id"])
    assert entry.action == "batch.finished"
    assert entry.after is not None
    assert (entry.after["mode"], entry.after["unchanged"]) == ("atomic", 5)
    rows_of = outcomes(portal, whole["id"])
    withdrawn = [
        {"id": row["report_id"], "expected_revision": 1, "reason": "Nhầm"} for row in rows_of
    ]
    last = taken(send(portal, withdrawn, to=WITHDRAWALS), updated=5)
    assert [entry.action for entry in _entries(api, last["id"])] == ["batch.received"]
    assert [_entries(api, row["report_id"]) for row in rows_of] == [[]] * 5


# As a single request

_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Một", "Hai", "", "a\u0000b"]),
        "channel": st.sampled_from(["facebook", "zalo", "telegraph", 7]),
        "occurred_on": st.sampled_from(["2021-09-10", "2021-12-31", "2021-02-30", "2030-01-01"]),
        "unit": st.sampled_from(["524", BINH_SON, "528", "999999", "21040"]),
        "plan": st.sampled_from([PLAN, "no-plan"]),
        "plan_item": st.sampled_from(["III.1.b", "III.1.c", "IV.1", "X"]),
        "content_themes": st.sampled_from([[], ["II.1.1", "II.1.1"], ["II.9.9"], ["II.2.1"]]),
        "measures": st.sampled_from(
            [
                [],
                [{"indicator": "posts", "value": "4"}],
                [{"indicator": "posts", "value": "1.5"}],
                [{"indicator": "likes", "value": "1"}, {"indicator": "posts", "value": 1}],
                [{"indicator": "staff_shares", "value": "1", "origin": "repost"}],
            ]
        ),
        "participants": st.sampled_from([["so-tttt"], ["nobody"], ["524"]]),
        "ended_on": st.sampled_from(["2021-09-12", "2022-01-01", "2021-09-01"]),
        "occurrences": st.sampled_from([0, 1, 3]),
        "evidence": st.sampled_from([[{"url": "https://facebook.com/people/x"}], []]),
        "on_behalf": st.sampled_from([{"incoming_number": "1", "incoming_on": "2021-09-11"}]),
        "more": st.just(1),
    },
)


@given(sent=st.lists(st.tuples(st.sampled_from("abc"), _CHANGES), min_size=1, max_size=6))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_rows_outcome_is_what_a_single_request_would_have_been_answered(
    shared: Api, reader: Portal, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    bodies = [an_activity(external_id=name, **changes) for name, changes in sent]
    mark = an_activity()["external_id"]  # a source of its own for each example
    alone, together = ([{**body, "source_system": f"{mark}.{n}"} for body in bodies] for n in "12")
    singly = [_single(reader, body) for body in alone]
    response = send(reader, together)
    assert response.status_code == 201, response.text
    in_bulk = [_in_bulk(row) for row in outcomes(reader, response.json()["id"])]
    assert in_bulk == singly


def _single(portal: Portal, body: dict[str, Any]) -> tuple[str, dict[str, str]]:
    answer = portal.post(ACTIVITIES, body)
    said = answer.json()
    if answer.status_code in (200, 201):
        return said["outcome"], {}
    if "errors" in said:
        return "rejected", {fault["pointer"]: fault["code"] for fault in said["errors"]}
    return "rejected", {"/unit" if said["code"] == "unit_not_yours" else "": said["code"]}


def _in_bulk(row: dict[str, Any]) -> tuple[str, dict[str, str]]:
    return row["outcome"], {fault["pointer"]: fault["code"] for fault in row["errors"]}
