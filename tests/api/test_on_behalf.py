"""Entry on behalf: the focal unit enters what came on paper, with the document as evidence."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.bulk import CSV, JSON_LINES, a_file, faults_of, send, taken
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
from tests.support.problems import faults, refused, rows

ACTIVITIES = "/v1/activity-reports"
TU_NGHIA = "gso-528"
LATER_FOCAL_UNIT = "body-so-vhttdl"
PAPER = {"incoming_number": "1277/CV-ĐẾN", "incoming_on": "2021-11-19"}


def _entered(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**{"on_behalf": PAPER, **changes}))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _path(report: dict[str, Any]) -> str:
    return f"{ACTIVITIES}/{report['id']}"


def _updated(response: httpx.Response, revision: int) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert (said["outcome"], said["revision"]) == ("updated", revision)
    return said


def test_what_the_focal_unit_enters_is_the_units_and_marked_everywhere(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    report = _entered(focal)
    assert (report["unit"], report["on_behalf"]) == (BINH_SON, PAPER)
    assert report["outside_assignment"] is False
    own = unit.post(ACTIVITIES, an_activity()).json()
    for portal in (focal, unit):
        assert portal.get(_path(report)).json()["on_behalf"] == PAPER
        listed = {one["id"]: one["on_behalf"] for one in portal.get(ACTIVITIES).json()["items"]}
        assert listed == {report["id"]: PAPER, own["id"]: None}
        (revision,) = portal.get(f"{_path(report)}/revisions").json()["items"]
        assert (revision["on_behalf"], revision["by"]["unit"]) == (PAPER, FOCAL_UNIT)
        whole = portal.get(f"{_path(report)}/revisions/1").json()
        assert (whole["on_behalf"], whole["unit"]) == (PAPER, BINH_SON)
    natural = f"/v1/units/524/activity-reports/portal/{report['external_id']}"
    assert unit.get(natural).json()["on_behalf"] == PAPER


def test_the_key_that_the_operator_makes_for_the_province_may_enter(api: Api) -> None:
    url = api.engine.url.render_as_string(hide_password=False)
    order = ("keys", "create", "--unit", FOCAL_UNIT, "--profile", "province")
    made = run_app(url, *order)
    assert made.code == 0, made.err
    _entered(Portal(api.http, made.out.strip()))


def test_it_is_entered_once_however_often_it_is_sent(api: Api) -> None:
    focal, body = api.portal(FOCAL_UNIT), an_activity(on_behalf=PAPER)
    first = focal.post(ACTIVITIES, body)
    again = focal.post(ACTIVITIES, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "outcome": "unchanged"}
    other = focal.post(ACTIVITIES, {**body, "on_behalf": {**PAPER, "incoming_number": "1278"}})
    refused(other, 409, "report_exists")
    assert other.json()["detail"].endswith(": on_behalf.")
    # What the unit itself sends is not what was entered for it, even if all else is the same.
    own = {name: value for name, value in body.items() if name != "on_behalf"}
    refused(api.portal(BINH_SON).post(ACTIVITIES, own), 409, "report_exists")


@pytest.mark.parametrize(
    ("on_behalf", "found"),
    [
        ({}, {"/on_behalf/incoming_number": "missing", "/on_behalf/incoming_on": "missing"}),
        ({"incoming_on": "2021-11-19"}, {"/on_behalf/incoming_number": "missing"}),
        ({"incoming_number": "1277"}, {"/on_behalf/incoming_on": "missing"}),
        ({**PAPER, "incoming_number": ""}, {"/on_behalf/incoming_number": "blank_text"}),
        ({**PAPER, "incoming_number": 1277}, {"/on_behalf/incoming_number": "string_type"}),
        ({**PAPER, "incoming_number": "a\nb"}, {"/on_behalf/incoming_number": "control_character"}),
        (
            {**PAPER, "incoming_number": "9" * 501},
            {"/on_behalf/incoming_number": "string_too_long"},
        ),
        ({**PAPER, "incoming_on": "19/11/2021"}, {"/on_behalf/incoming_on": "day_format"}),
        ({**PAPER, "incoming_on": "2021-11-31"}, {"/on_behalf/incoming_on": "day_unknown"}),
        ({**PAPER, "incoming_on": "2021-11-23"}, {"/on_behalf/incoming_on": "day_in_future"}),
        ({**PAPER, "incoming_on": "2021-09-09"}, {"/on_behalf/incoming_on": "incoming_too_early"}),
        ({**PAPER, "incoming_on": "0001-01-01"}, {"/on_behalf/incoming_on": "incoming_too_early"}),
        ({**PAPER, "by": "x"}, {"/on_behalf/by": "extra_forbidden"}),
        (True, {"/on_behalf": "model_type"}),
        ("1277", {"/on_behalf": "model_type"}),
    ],
    ids=str,
)
def test_the_document_is_named_by_number_and_day(
    shared: Api, on_behalf: Any, found: dict[str, str]
) -> None:
    focal = shared.portal(FOCAL_UNIT)
    before = rows(shared.engine)
    assert faults(focal.post(ACTIVITIES, an_activity(on_behalf=on_behalf))) == found
    assert rows(shared.engine) == before


def test_the_document_came_in_on_the_last_day_of_what_it_reports_or_later(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    _entered(focal, on_behalf={**PAPER, "incoming_on": "2021-09-10"})
    _entered(focal, on_behalf={**PAPER, "incoming_on": "2021-11-22"})
    summary = {"ended_on": "2021-09-20", "occurrences": 2}
    early = an_activity(**summary, on_behalf={**PAPER, "incoming_on": "2021-09-19"})
    assert faults(focal.post(ACTIVITIES, early)) == {"/on_behalf/incoming_on": "incoming_too_early"}


def test_only_the_focal_unit_enters_and_never_for_itself(api: Api) -> None:
    keys = (BINH_SON, TU_NGHIA, OFFICE, "gso-51", LATER_FOCAL_UNIT, "body-so-y-te")
    portals, focal = [api.portal(unit) for unit in keys], api.portal(FOCAL_UNIT)
    before = rows(api.engine)
    for portal in portals:
        response = portal.post(ACTIVITIES, an_activity(on_behalf=PAPER))
        assert faults(response) == {"/on_behalf": "on_behalf_not_possible"}
        assert FOCAL_UNIT in response.json()["errors"][0]["detail"]
    itself = focal.post(ACTIVITIES, an_activity(unit="so-tttt", on_behalf=PAPER))
    assert faults(itself) == {"/on_behalf": "on_behalf_not_possible"}
    refused(focal.post(ACTIVITIES, an_activity()), 403, "unit_not_yours")
    refused(focal.post(ACTIVITIES, an_activity(on_behalf=None)), 403, "unit_not_yours")
    natural = "/v1/units/524/activity-reports/paper/r-1"
    refused(focal.put(natural, a_content()), 403, "unit_not_yours")
    reader = api.portal(FOCAL_UNIT, Scope.READ_ACTIVITIES)
    refused(reader.post(ACTIVITIES, an_activity(on_behalf=PAPER)), 403, "scope_missing")
    assert rows(api.engine) == {**before, "api_key": before["api_key"] + 1}
    assert focal.put(natural, a_content(on_behalf=PAPER)).status_code == 201
    own = focal.post(ACTIVITIES, an_activity(unit="so-tttt"))
    assert own.status_code == 201, "its own work it reports like everybody"


def test_who_is_the_focal_unit_is_a_matter_of_the_day(api: Api) -> None:
    before, after = api.portal(FOCAL_UNIT), api.portal(LATER_FOCAL_UNIT)
    report = _entered(before)
    later = {"incoming_number": "9/CV", "incoming_on": "2025-02-28"}
    api.set_clock(datetime(2025, 2, 28, 23, 59, 59, tzinfo=LOCAL_TIME))
    _entered(before, on_behalf=later)
    refusal = after.post(ACTIVITIES, an_activity(on_behalf=later))
    assert faults(refusal) == {"/on_behalf": "on_behalf_not_possible"}
    api.set_clock(datetime(2025, 3, 1, tzinfo=LOCAL_TIME))
    past_year = _entered(after, on_behalf=later)
    assert past_year["unit"] == BINH_SON, "past years are loaded so, too"
    refusal = before.post(ACTIVITIES, an_activity(on_behalf=later))
    assert faults(refusal) == {"/on_behalf": "on_behalf_not_possible"}
    withdraw = f"{_path(report)}/withdraw"
    refused(before.post(withdraw, {"reason": "Sai"}, If_Match='"1"'), 404, "not_found")
    _updated(after.post(withdraw, {"reason": "Sai"}, If_Match='"1"'), 2)


def test_the_unit_itself_may_correct_what_was_entered_for_it(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    report = _entered(focal)
    content = a_content(title="Tên đúng", reason="Văn thư ghi nhầm")
    said = _updated(unit.put(_path(report), content, If_Match='"1"'), 2)
    assert (said["on_behalf"], said["title"]) == (None, "Tên đúng")
    # From then on it is the unit's own word: the focal unit changes it from a document only.
    patch = {"title": "Tên khác", "reason": "Theo văn bản"}
    refused(focal.patch(_path(report), patch, If_Match='"2"'), 403, "unit_not_yours")
    why = {"reason": "Trùng"}
    refused(focal.post(f"{_path(report)}/withdraw", why, If_Match='"2"'), 403, "unit_not_yours")
    newer = {"incoming_number": "1300/CV", "incoming_on": "2021-11-22"}
    said = _updated(focal.patch(_path(report), {**patch, "on_behalf": newer}, If_Match='"2"'), 3)
    assert said["on_behalf"] == newer
    items = unit.get(f"{_path(report)}/revisions").json()["items"]
    assert [(one["by"]["unit"], one["on_behalf"]) for one in items] == [
        (FOCAL_UNIT, PAPER),
        (BINH_SON, None),
        (FOCAL_UNIT, newer),
    ]


def test_a_unit_that_patches_what_was_entered_for_it_takes_the_document_out(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    report = _entered(focal)
    patch = {"title": "Tên đúng", "reason": "Sửa"}
    refusal = unit.patch(_path(report), patch, If_Match='"1"')
    assert faults(refusal) == {"/on_behalf": "on_behalf_not_possible"}
    said = _updated(unit.patch(_path(report), {**patch, "on_behalf": None}, If_Match='"1"'), 2)
    assert (said["on_behalf"], said["title"]) == (None, "Tên đúng")


def test_the_focal_unit_corrects_and_withdraws_what_it_entered(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    report = _entered(focal)
    new = {"title": "Tên đúng", "reason": "Gõ nhầm"}
    said = _updated(focal.patch(_path(report), new, If_Match='"1"'), 2)
    assert said["on_behalf"] == PAPER
    number = {"on_behalf": {"incoming_number": "1278/CV"}, "reason": "Nhầm số"}
    said = _updated(focal.patch(_path(report), number, If_Match='"2"'), 3)
    assert said["on_behalf"] == {**PAPER, "incoming_number": "1278/CV"}
    refused(
        focal.patch(_path(report), {"on_behalf": None, "reason": "Sai"}, If_Match='"3"'),
        403,
        "unit_not_yours",
    )
    for number_, verb in ((3, "withdraw"), (4, "reinstate")):
        turned = focal.post(f"{_path(report)}/{verb}", {"reason": "Sai"}, If_Match=f'"{number_}"')
        said = _updated(turned, number_ + 1)
        assert (said["withdrawn"], said["on_behalf"]["incoming_on"]) == (
            verb == "withdraw",
            "2021-11-19",
        )


def test_the_unit_withdraws_what_was_entered_for_it(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    report = _entered(focal)
    why = {"reason": "Chúng tôi đã gửi"}
    said = _updated(unit.post(f"{_path(report)}/withdraw", why, If_Match='"1"'), 2)
    assert said["withdrawn"] is True


def test_what_was_entered_for_a_unit_counts_in_its_submission(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    _entered(focal)
    _entered(focal, unit="21040")
    place = unit.post("/v1/submissions", a_draft()).headers["location"]
    assert unit.post(f"{place}/submit", a_document()).json()["activities"] == 2


# Late: past years, of units that have ended

IN_2026 = datetime(2026, 2, 10, 9, tzinfo=LOCAL_TIME)
LATE = {"incoming_number": "88/CV-ĐẾN", "incoming_on": "2026-02-09"}
PAST = [
    ("524", "2021-01-01", BINH_SON),
    ("528", "2025-06-30", TU_NGHIA),
    ("21238", "2022-05-06", "gso-21238"),  # Thị trấn Sông Vệ, whose code is Xã Vệ Giang's now
    ("so-tttt", "2021-09-10", FOCAL_UNIT),  # the focal unit of that time
    ("so-ldtbxh", "2024-12-31", "body-so-ldtbxh"),
]


def test_past_years_of_units_that_have_ended_are_entered_at_any_time(api: Api) -> None:
    api.set_clock(IN_2026)
    focal = api.portal(LATER_FOCAL_UNIT)
    for unit, day, key in PAST:
        said = {"unit": unit, "occurred_on": day, "content_themes": []}
        report = _entered(focal, **said, on_behalf=LATE)
        assert (report["unit"], report["on_behalf"]) == (key, LATE)
        patch = {"title": "Tên đúng", "reason": "Gõ nhầm"}
        _updated(focal.patch(_path(report), patch, If_Match='"1"'), 2)
        why = {"reason": "Trùng"}
        _updated(focal.post(f"{_path(report)}/withdraw", why, If_Match='"2"'), 3)
        early = {**LATE, "incoming_on": "2020-12-31"}
        assert faults(focal.post(ACTIVITIES, an_activity(**said, on_behalf=early))) == {
            "/on_behalf/incoming_on": "incoming_too_early"
        }
        coming = {**LATE, "incoming_on": "2026-02-11"}
        assert faults(focal.post(ACTIVITIES, an_activity(**said, on_behalf=coming))) == {
            "/on_behalf/incoming_on": "day_in_future"
        }
    # The day of the document is no evidence for a unit that was not there.
    later = an_activity(unit="528", occurred_on="2025-07-01", content_themes=[], on_behalf=LATE)
    assert faults(focal.post(ACTIVITIES, later)) == {"/unit": "unit_not_in_being"}


@pytest.mark.parametrize("media_type", [JSON_LINES, CSV])
@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_past_years_are_entered_in_bulk(api: Api, media_type: str, mode: str) -> None:
    api.set_clock(IN_2026)
    focal = api.portal(LATER_FOCAL_UNIT)
    bodies = [
        an_activity(unit=unit, occurred_on=day, content_themes=["II.1.1"], on_behalf=LATE)
        for unit, day, _ in PAST
    ]
    file = a_file(media_type, bodies)
    taken(send(focal, file, media_type=media_type, mode=mode), created=len(PAST))
    taken(send(focal, file, media_type=media_type, mode=mode), unchanged=len(PAST))
    listed = focal.get(ACTIVITIES).json()["items"]
    assert sorted(one["unit"] for one in listed) == sorted(key for *_, key in PAST)
    assert all(one["on_behalf"] == LATE for one in listed)
    # Nobody else enters so, not even a steward; and the ended focal unit's keys do not write.
    steward = api.portal("gso-21040-2025-07-01")
    batch = taken(send(steward, bodies[:1]), rejected=1)
    assert faults_of(batch["rejected_rows"][0]) == {"/on_behalf": "on_behalf_not_possible"}
    refused(send(api.portal(FOCAL_UNIT), bodies[:1]), 403, "unit_ended")


def test_a_steward_corrects_and_withdraws_what_was_entered_for_the_ended_unit(api: Api) -> None:
    api.set_clock(IN_2026)
    focal, steward = api.portal(LATER_FOCAL_UNIT), api.portal("gso-21040-2025-07-01")
    report = _entered(focal, on_behalf=LATE)
    assert steward.get(_path(report)).json()["on_behalf"] == LATE
    content = a_content(title="Tên đúng", reason="Văn thư ghi nhầm")
    said = _updated(steward.put(_path(report), content, If_Match='"1"'), 2)
    assert (said["unit"], said["on_behalf"]) == (BINH_SON, None)
    why = {"reason": "Trùng"}
    # It is the unit's own word from then on, as where the unit corrects it itself.
    refused(focal.post(f"{_path(report)}/withdraw", why, If_Match='"2"'), 403, "unit_not_yours")
    _updated(steward.post(f"{_path(report)}/withdraw", why, If_Match='"2"'), 3)
