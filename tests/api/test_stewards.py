"""Stewards: they have an ended unit's rights over its records, from a decision on, not before."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import unit_of_work
from app.domain.cycles.models import Stewardship
from app.domain.period import LOCAL_TIME
from app.domain.recorded import known, record
from tests.support.api import Api, Portal
from tests.support.bulk import BATCHES, WITHDRAWALS, faults_of, send, taken
from tests.support.makers import PLAN, a_content, an_activity
from tests.support.problems import refused, rows

ACTIVITIES: Final = "/v1/activity-reports"
TU_NGHIA: Final = "gso-528"  # Huyện Tư Nghĩa, until 1/7/2025
SONG_VE: Final = "gso-21238"  # Thị trấn Sông Vệ, under it
STEWARD: Final = "gso-21235-2025-07-01"  # Xã Tư Nghĩa, at the district's seat
VE_GIANG: Final = "gso-21238-2025-07-01"  # takes over from Sông Vệ; answers for nobody
STRANGER: Final = "gso-529"
BEGINS: Final = datetime(2025, 7, 1, tzinfo=LOCAL_TIME)
INSTANT: Final = timedelta(microseconds=1)
IN_2024 = datetime(2024, 6, 3, 9, tzinfo=LOCAL_TIME)
IN_2026 = datetime(2026, 3, 2, 9, tzinfo=LOCAL_TIME)
ON: Final = {"occurred_on": "2024-05-06", "content_themes": ["II.2.1"]}
TAG: Final = '"1"'


def _made(portal: Portal, unit: str, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(unit=unit, **{**ON, **changes}))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _path(report: dict[str, Any]) -> str:
    return f"{ACTIVITIES}/{report['id']}"


def _natural(report: dict[str, Any], unit: str | None = None) -> str:
    unit = unit or report["unit"]
    return f"/v1/units/{unit}/activity-reports/portal/{report['external_id']}"


def _seen(portal: Portal) -> list[str]:
    page = portal.get(ACTIVITIES, limit=500).json()
    assert page["next"] is None
    return [row["id"] for row in page["items"]]


@pytest.fixture(scope="module")
def later(shared: Api) -> Api:
    """Return the shared app, where it is March 2026."""
    shared.set_clock(IN_2026)
    return shared


@pytest.fixture
def in_2026(api: Api) -> Api:
    """Return the app, where Tư Nghĩa and Sông Vệ each reported in 2024, and it is March 2026."""
    api.set_clock(IN_2024)
    district, township = api.portal(TU_NGHIA), api.portal(SONG_VE)
    _made(district, "528", external_id="district")
    _made(township, "21238", external_id="township")
    api.set_clock(IN_2026)
    return api


@pytest.mark.parametrize(
    ("unit", "day", "allowed"),
    [
        ("528", "2021-09-10", True),
        (TU_NGHIA, "2025-06-30", True),
        ("21238", "2025-06-30", True),  # Sông Vệ stood under the district that day
        (SONG_VE, "2021-09-10", True),
        ("21235", "2025-06-30", True),  # La Hà did, too
        ("21235", "2025-07-01", True),  # from that day on the code is its own
        ("21238", "2025-07-01", False),  # and this one Vệ Giang's
        ("524", "2021-09-10", False),
        ("21040", "2021-09-10", False),
        ("51", "2021-09-10", False),
    ],
)
def test_a_steward_enters_for_the_ended_unit_and_what_stood_under_it_on_the_day(
    later: Api, unit: str, day: str, *, allowed: bool
) -> None:
    steward = later.portal(STEWARD)
    before = rows(later.engine)
    said = {"occurred_on": day, "content_themes": []}
    posted = steward.post(ACTIVITIES, an_activity(unit=unit, **said))
    natural = f"/v1/units/{unit}/activity-reports/late/{unit}-{day}"
    put = steward.put(natural, a_content(**said))
    if allowed:
        assert (posted.status_code, put.status_code) == (201, 201), posted.text
        assert steward.get(_path(posted.json())).json()["unit"] == posted.json()["unit"]
    else:
        refused(posted, 403, "unit_not_yours")
        refused(put, 403, "unit_not_yours")
        assert rows(later.engine) == before
    body = an_activity(unit=unit, **said)
    if allowed:
        taken(send(steward, [body]), created=1)
    else:
        batch = taken(send(steward, [body]), rejected=1)
        assert faults_of(batch["rejected_rows"][0]) == {"/unit": "unit_not_yours"}


@pytest.mark.parametrize("name", ["district", "township"])
def test_a_steward_corrects_withdraws_and_reinstates(in_2026: Api, name: str) -> None:
    steward = in_2026.portal(STEWARD)
    report = next(
        one for one in steward.get(ACTIVITIES).json()["items"] if one["external_id"] == name
    )
    code = "528" if name == "district" else "21238"
    content = a_content(reason="Ghi nhầm", **ON)
    turns: list[Callable[[str], httpx.Response]] = [
        lambda tag: steward.patch(_path(report), {"title": "A", "reason": "Sai"}, If_Match=tag),
        lambda tag: steward.put(_path(report), {**content, "title": "B"}, If_Match=tag),
        lambda tag: steward.put(_natural(report, code), {**content, "title": "C"}, If_Match=tag),
        lambda tag: steward.post(f"{_path(report)}/withdraw", {"reason": "Trùng"}, If_Match=tag),
        lambda tag: steward.post(f"{_path(report)}/reinstate", {"reason": "Không"}, If_Match=tag),
    ]
    for number, turn in enumerate(turns, 1):
        answer = turn(f'"{number}"')
        assert (answer.status_code, answer.json().get("revision")) == (200, number + 1), answer.text
        assert answer.json()["unit"] == report["unit"]
    last = steward.get(f"{_path(report)}/revisions").json()["items"][-1]
    assert last["by"]["unit"] == STEWARD


def test_a_steward_corrects_and_withdraws_in_bulk(in_2026: Api) -> None:
    steward = in_2026.portal(STEWARD)
    corrections = [
        an_activity(
            unit=unit, external_id=name, title="Tên đúng", expected_revision=1, reason="Sai", **ON
        )
        for unit, name in (("528", "district"), ("21238", "township"))
    ]
    taken(send(steward, corrections, on_existing="update"), updated=2)
    by_id = {one["external_id"]: one["id"] for one in steward.get(ACTIVITIES).json()["items"]}
    why = {"expected_revision": 2, "reason": "Trùng"}
    key = {"unit": "21238", "on": "2025-06-30", "source_system": "portal"}
    withdrawals = [{"id": by_id["district"], **why}, {**key, "external_id": "township", **why}]
    taken(send(steward, withdrawals, to=WITHDRAWALS), updated=2)
    assert {one["withdrawn"] for one in steward.get(ACTIVITIES).json()["items"]} == {True}


@pytest.mark.parametrize("unit", [VE_GIANG, STRANGER, "gso-21040-2025-07-01"])
def test_who_takes_over_has_no_right_and_sees_nothing(in_2026: Api, unit: str) -> None:
    steward, other = in_2026.portal(STEWARD), in_2026.portal(unit)
    if unit == STRANGER:  # its keys do not write any more
        in_2026.set_clock(BEGINS + timedelta(days=30))
    before = rows(in_2026.engine)
    content, why = a_content(reason="Sai", **ON), {"reason": "Sai"}
    for report in steward.get(ACTIVITIES).json()["items"]:
        for answer in (
            other.get(_path(report)),
            other.get(_natural(report)),
            other.get(f"{_path(report)}/revisions"),
            other.put(_path(report), content, If_Match=TAG),
            other.patch(_path(report), {"title": "X", **why}, If_Match=TAG),
            other.post(f"{_path(report)}/withdraw", why, If_Match=TAG),
            other.post(f"{_path(report)}/reinstate", why, If_Match=TAG),
        ):
            refused(answer, 404, "not_found")
        refused(other.put(_natural(report), content, If_Match=TAG), 403, "unit_not_yours")
        body = an_activity(unit=report["unit"], **ON)
        refused(other.post(ACTIVITIES, body), 403, "unit_not_yours")
    # By the code that Vệ Giang bears today: on the activity's day it is Sông Vệ's.
    refused(other.post(ACTIVITIES, an_activity(unit="21238", **ON)), 403, "unit_not_yours")
    assert rows(in_2026.engine) == before
    assert (_seen(other), other.get(f"{ACTIVITIES}/changes").json()["items"]) == ([], [])
    assert other.get("/v1/reconciliation", plan=PLAN).json()["totals"]["reports"] == 0
    row = {"id": _seen(steward)[0], "expected_revision": 1, "reason": "Sai"}
    batch = taken(send(other, [row], to=WITHDRAWALS), rejected=1)
    assert list(faults_of(batch["rejected_rows"][0]).values()) == ["not_found"]


def test_it_begins_with_the_stewardships_first_day(in_2026: Api) -> None:
    district, steward = in_2026.portal(TU_NGHIA), in_2026.portal(STEWARD)
    (path, _) = (f"{ACTIVITIES}/{one}" for one in _seen(district))
    body = an_activity(unit="528", **ON)
    in_2026.set_clock(BEGINS - INSTANT)
    refused(steward.get(path), 404, "not_found")
    in_2026.set_clock(BEGINS - INSTANT)
    refused(steward.post(ACTIVITIES, body), 403, "unit_not_yours")
    in_2026.set_clock(BEGINS)
    assert steward.get(path).status_code == 200
    in_2026.set_clock(BEGINS)
    assert steward.post(ACTIVITIES, body).status_code == 201


def _passes_on(engine: Engine, to: str, on: date) -> None:
    """Have the province decide that another unit answers for Tư Nghĩa from a day on."""
    at = datetime(2026, 1, 5, 9, tzinfo=LOCAL_TIME)
    with unit_of_work(engine) as session:
        wanted = select(Stewardship).where(Stewardship.unit_key == TU_NGHIA, *known(Stewardship))
        before = session.exec(wanted).one()
        said = {**before.model_dump(exclude={"id", "superseded_at"}), "recorded_at": at}
        said |= {"provenance": "decision", "document": "12/QĐ-UBND", "reason": "Chuyển giao"}
        record(session, before, Stewardship(**{**said, "valid_to": on}))
        session.add(Stewardship(**{**said, "steward_key": to, "valid_from": on}))


def test_it_passes_on_by_a_dated_decision(in_2026: Api) -> None:
    before, after = in_2026.portal(STEWARD), in_2026.portal(VE_GIANG)
    in_2026.set_clock(datetime(2026, 1, 4, 9, tzinfo=LOCAL_TIME))
    paths = [f"{ACTIVITIES}/{one}" for one in _seen(before)]
    assert len(paths) == 2
    _passes_on(in_2026.engine, VE_GIANG, date(2026, 1, 15))
    hand_over = datetime(2026, 1, 15, tzinfo=LOCAL_TIME)
    patch = {"title": "Tên đúng", "reason": "Ghi nhầm"}
    for at, may, may_not in (
        (hand_over - INSTANT, before, after),
        (hand_over, after, before),
    ):
        for number, path in enumerate(paths):
            in_2026.set_clock(at)
            refused(may_not.get(path), 404, "not_found")
            in_2026.set_clock(at)
            refused(may_not.patch(path, patch, If_Match="*"), 404, "not_found")
            in_2026.set_clock(at)
            changed = may.patch(path, {**patch, "title": f"{at} {number}"}, If_Match="*")
            assert changed.status_code == 200, changed.text
        in_2026.set_clock(at)
        assert len(_seen(may)) == 2
        in_2026.set_clock(at)
        assert _seen(may_not) == []
        in_2026.set_clock(at)
        late = an_activity(unit="21238", **ON)
        refused(may_not.post(ACTIVITIES, late), 403, "unit_not_yours")


def test_a_steward_reads_what_the_ended_unit_reads_and_its_own(in_2026: Api) -> None:
    district, steward = in_2026.portal(TU_NGHIA), in_2026.portal(STEWARD)
    theirs = _seen(district)
    own = _made(steward, "21235", occurred_on="2025-08-01")["id"]
    assert (_seen(steward), _seen(district)) == ([*theirs, own], theirs)

    def feed(portal: Portal) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = portal.get(f"{ACTIVITIES}/changes").json()["items"]
        return found

    assert [one["id"] for one in feed(steward)] == [*theirs, own]
    assert feed(steward)[:2] == feed(district)
    township = in_2026.portal(SONG_VE)
    for path in (f"{ACTIVITIES}/{theirs[1]}", f"{ACTIVITIES}/{theirs[1]}/revisions"):
        assert steward.get(path).json() == township.get(path).json()
    natural = "/v1/units/21238/activity-reports/portal/township"
    assert steward.get(natural, on="2024-12-31").json()["id"] == theirs[1]
    groups = steward.get("/v1/reconciliation", plan=PLAN).json()["items"]
    assert [one["unit"] for one in groups] == [STEWARD, SONG_VE, TU_NGHIA]
    assert [one for one in groups if one["unit"] != STEWARD] == (
        district.get("/v1/reconciliation", plan=PLAN).json()["items"]
    )


def test_a_steward_reads_the_batches_of_the_ended_unit_and_gets_its_template(api: Api) -> None:
    api.set_clock(IN_2024)
    district, steward, other = (api.portal(unit) for unit in (TU_NGHIA, STEWARD, VE_GIANG))
    batch = taken(send(district, [an_activity(unit="528", **ON)]), created=1)
    path = f"{BATCHES}/{batch['id']}"
    template = "/v1/templates/activity-reports.xlsx"
    asked = {"plan": PLAN, "unit": "21238", "on": "2025-06-30"}
    for at, portal, status in (
        (IN_2024, steward, 404),
        (IN_2026, steward, 200),
        (IN_2026, other, 404),
    ):
        api.set_clock(at)
        answers = portal.get(path), portal.get(f"{path}/rows"), portal.get(template, **asked)
        assert [answer.status_code for answer in answers] == [status] * 3
        listed = [one["id"] for one in portal.get(BATCHES).json()["items"]]
        assert listed == ([batch["id"]] if status == 200 else [])


def test_a_record_is_listed_once_though_its_unit_is_answered_for_twice(in_2026: Api) -> None:
    """Sông Vệ by a stewardship of its own, and as what stood under Tư Nghĩa."""
    with unit_of_work(in_2026.engine) as session:
        session.add(
            Stewardship(
                unit_key=SONG_VE,
                steward_key=STEWARD,
                valid_from=date(2025, 7, 1),
                provenance="decision",
                reason="Thử",
                actor="operator",
                recorded_at=IN_2026,
            )
        )
    district, steward = in_2026.portal(TU_NGHIA), in_2026.portal(STEWARD)
    assert _seen(steward) == _seen(district)
    feed = [one["id"] for one in steward.get(f"{ACTIVITIES}/changes").json()["items"]]
    assert feed == _seen(district)
    totals = [
        portal.get("/v1/reconciliation", plan=PLAN).json()["totals"]
        for portal in (steward, district)
    ]
    assert totals[0] == totals[1]
    assert totals[0]["reports"] == 2


# Joint activity


EDUCATION: Final = "body-so-gddt"
NAMED: Final = "/v1/joint-activities"
LINKS: Final = "/v1/joint-links"


def _namings(portal: Portal) -> list[tuple[str, str]]:
    """Return the records that name units of a key, and the units."""
    items = portal.get(NAMED).json()["items"]
    return [(one["activity"]["id"], one["participation"]["unit"]) for one in items]


def test_a_steward_sees_what_names_the_ended_unit_and_answers_for_it(in_2026: Api) -> None:
    education, steward = in_2026.portal(EDUCATION), in_2026.portal(STEWARD)
    naming = {
        name: _made(education, "so-gddt", participants=[name])["id"]
        for name in ("528", "21238", "524")
    }
    assert _namings(steward) == [(naming["528"], TU_NGHIA), (naming["21238"], SONG_VE)]
    seen = f"{ACTIVITIES}/{naming['528']}"
    assert steward.get(seen).status_code == 200
    assert naming["528"] not in _seen(steward), "it is not the ended unit's record"
    patch = {"title": "Khác", "reason": "Thử"}
    refused(steward.patch(seen, patch, If_Match="*"), 403, "unit_not_yours")
    refused(steward.get(f"{ACTIVITIES}/{naming['524']}"), 404, "not_found")
    for name, unit in (("528", TU_NGHIA), ("21238", SONG_VE)):
        place = f"{ACTIVITIES}/{naming[name]}/participation"
        said = steward.post(place, {"decision": "confirmed"})
        assert said.status_code == 200, said.text
        assert said.json()["unit"] == unit
    for unit in (VE_GIANG, STRANGER):
        other = in_2026.portal(unit)
        assert _namings(other) == []
        for report in naming.values():
            refused(other.get(f"{ACTIVITIES}/{report}"), 404, "not_found")
    in_2026.set_clock(BEGINS - INSTANT)
    assert _namings(steward) == []
    in_2026.set_clock(BEGINS - INSTANT)
    refused(steward.get(seen), 404, "not_found")


def test_the_ended_units_own_records_that_name_what_stood_under_it_ask_nobody(api: Api) -> None:
    api.set_clock(IN_2024)
    district = api.portal(TU_NGHIA)
    _made(district, "528", participants=["21238"])
    api.set_clock(IN_2026)
    steward = api.portal(STEWARD)
    assert (_namings(district), _namings(steward)) == ([], [])


def test_that_a_named_unit_becomes_the_steward_does_not_take_the_question_away(api: Api) -> None:
    """Sở Kế hoạch và Đầu tư and Sở Tài chính, which answers for it from 1/3/2025."""
    api.set_clock(IN_2024)
    ended, steward = api.portal("body-so-khdt"), api.portal("body-so-tai-chinh")
    by_ended = _made(ended, "so-khdt", participants=["so-tai-chinh"])["id"]
    by_steward = _made(steward, "so-tai-chinh", participants=["so-khdt"])["id"]
    assert _namings(steward) == [(by_ended, "body-so-tai-chinh")]
    assert _namings(ended) == [(by_steward, "body-so-khdt")]
    api.set_clock(IN_2026)
    both = [(by_ended, "body-so-tai-chinh"), (by_steward, "body-so-khdt")]
    assert _namings(steward) == both
    for report, unit in both:
        said = steward.post(f"{ACTIVITIES}/{report}/participation", {"decision": "confirmed"})
        assert (said.status_code, said.json().get("unit")) == (200, unit), said.text


def test_a_steward_decides_on_links_of_the_ended_units_records(in_2026: Api) -> None:
    education, steward = in_2026.portal(EDUCATION), in_2026.portal(STEWARD)
    theirs = next(
        one["id"]
        for one in steward.get(ACTIVITIES).json()["items"]
        if one["external_id"] == "district"
    )
    patch = {"participants": ["so-gddt"], "reason": "Bổ sung"}
    answer = steward.patch(f"{ACTIVITIES}/{theirs}", patch, If_Match=TAG)
    assert answer.status_code == 200, answer.text
    own = _made(education, "so-gddt")["id"]
    made = education.post(LINKS, {"reports": [theirs, own]})
    assert (made.status_code, made.json()["state"]) == (201, "claimed"), made.text
    place = f"{LINKS}/{made.json()['id']}"
    successor = in_2026.portal(VE_GIANG)
    refused(successor.get(place), 404, "not_found")
    refused(successor.post(f"{place}/confirm"), 404, "not_found")
    confirmed = steward.post(f"{place}/confirm")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed"), confirmed.text
    assert confirmed.json()["decisions"][-1]["unit"] == TU_NGHIA
    assert steward.get(f"{ACTIVITIES}/{own}").status_code == 200
    assert [one["id"] for one in steward.get(LINKS).json()["items"]] == [made.json()["id"]]
    assert successor.get(LINKS).json()["items"] == []
