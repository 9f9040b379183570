"""What several units did together: who is named says so, two reports of one activity are joined."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.audit.models import AuditEntry
from app.domain.joint.models import JointLink, Participation
from app.domain.period import instant_text
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, an_activity
from tests.support.problems import faults, refused

EDUCATION = "body-so-gddt"
CULTURE = "body-so-vhttdl"
TU_NGHIA = "gso-528"
SONG_VE = "gso-21238"  # a township of Tư Nghĩa
STRANGER = "gso-529"
REPORTS = "/v1/activity-reports"
NAMED = "/v1/joint-activities"
LINKS = "/v1/joint-links"
NOWHERE = "019d0000-0000-7000-8000-000000000000"


def a_report(api: Api, unit: str = BINH_SON, naming: Sequence[str] = (), **changes: Any) -> str:
    """Have a unit report an activity that names others; return its id."""
    code = unit.partition("-")[2] if unit.startswith("body-") else unit
    body = an_activity(unit=code, participants=list(naming), **changes)
    posted = api.portal(unit).post(REPORTS, body)
    assert posted.status_code == 201, posted.text
    report: str = posted.json()["id"]
    return report


def correct(api: Api, report: str, **changes: Any) -> None:
    """Have Bình Sơn correct its report."""
    patch = {**changes, "reason": "Ghi nhầm"}
    answer = api.portal(BINH_SON).patch(f"{REPORTS}/{report}", patch, If_Match="*")
    assert answer.status_code == 200, answer.text


def withdraw(api: Api, report: str, unit: str = BINH_SON) -> None:
    """Have a unit withdraw its report."""
    path = f"{REPORTS}/{report}/withdraw"
    answer = api.portal(unit).post(path, {"reason": "Ghi nhầm"}, If_Match="*")
    assert answer.status_code == 200, answer.text


def named(portal: Portal, report: str, **query: Any) -> list[dict[str, Any]]:
    """Return what a key's list says of a report."""
    listed = portal.get(NAMED, limit=500, **query)
    assert listed.status_code == 200, listed.text
    return [row for row in listed.json()["items"] if row["activity"]["id"] == report]


def say(portal: Portal, report: str, decision: str = "confirmed", **more: Any) -> Any:
    """Say something to a report that names the key's unit."""
    return portal.post(f"{REPORTS}/{report}/participation", {"decision": decision, **more})


def join(portal: Portal, first: str, second: str, **more: Any) -> Any:
    return portal.post(LINKS, {"reports": [first, second], **more})


def confirm(portal: Portal, link: str) -> Any:
    return portal.post(f"{LINKS}/{link}/confirm")


def separate(portal: Portal, link: str, reason: str = "Hai buổi khác nhau") -> Any:
    return portal.post(f"{LINKS}/{link}/separate", {"reason": reason})


def claimed(api: Api) -> tuple[str, str, str]:
    """Have Education claim that its report and one of Bình Sơn that names it are one activity."""
    theirs, own = a_report(api, naming=["so-gddt"]), a_report(api, EDUCATION)
    made = join(api.portal(EDUCATION), theirs, own)
    assert (made.status_code, made.json()["state"]) == (201, "claimed"), made.text
    link: str = made.json()["id"]
    return theirs, own, link


# Who sees what


def test_a_named_unit_sees_the_record_and_a_stranger_does_not(shared: Api) -> None:
    report = a_report(shared, naming=["so-gddt", "21238"], description="Tại Trường THPT Bình Sơn")
    own = shared.portal(BINH_SON).get(f"{REPORTS}/{report}")
    for unit in (EDUCATION, SONG_VE, TU_NGHIA):
        seen = shared.portal(unit).get(f"{REPORTS}/{report}")
        assert (seen.status_code, seen.json()) == (200, own.json()), unit
    for unit in (STRANGER, CULTURE, "gso-21040"):
        refused(shared.portal(unit).get(f"{REPORTS}/{report}"), 404, "not_found")
        refused(say(shared.portal(unit), report), 404, "not_found")
        assert named(shared.portal(unit), report) == []


def test_a_named_unit_sees_nothing_else_of_the_unit_that_names_it(shared: Api) -> None:
    report, other = a_report(shared, naming=["so-gddt"]), a_report(shared, naming=["21238"])
    portal = shared.portal(EDUCATION)
    refused(portal.get(f"{REPORTS}/{other}"), 404, "not_found")
    listed = portal.get(REPORTS, unit=BINH_SON).json()["items"]
    assert report not in {row["id"] for row in listed}
    assert named(portal, other) == []
    for answer in (
        portal.post(REPORTS, an_activity()),
        portal.patch(f"{REPORTS}/{report}", {"title": "Khác", "reason": "Thử"}, If_Match="*"),
        portal.post(f"{REPORTS}/{report}/withdraw", {"reason": "Thử"}, If_Match="*"),
    ):
        refused(answer, 403, "unit_not_yours")


def test_that_a_unit_is_named_does_not_show_the_record_to_those_under_it(shared: Api) -> None:
    report = a_report(shared, naming=["528"])
    refused(shared.portal(SONG_VE).get(f"{REPORTS}/{report}"), 404, "not_found")
    assert named(shared.portal(SONG_VE), report) == []
    assert len(named(shared.portal(TU_NGHIA), report)) == 1


def test_a_unit_in_being_on_the_day_is_meant_and_not_the_later_one_of_its_code(api: Api) -> None:
    report = a_report(api, naming=["21238"])
    api.set_clock(datetime.fromisoformat("2025-08-01T09:00:00+07:00"))
    refused(api.portal("gso-21238-2025-07-01").get(f"{REPORTS}/{report}"), 404, "not_found")
    assert named(api.portal("gso-21238-2025-07-01"), report) == []
    assert api.portal(SONG_VE).get(f"{REPORTS}/{report}").status_code == 200


def test_the_list_holds_a_row_for_each_named_unit_with_what_it_says(shared: Api) -> None:
    report = a_report(shared, naming=["so-gddt", "21238", "528"])
    education, district = shared.portal(EDUCATION), shared.portal(TU_NGHIA)
    (row,) = named(education, report)
    assert row["participation"] == {
        "report": report,
        "unit": EDUCATION,
        "state": "named",
        "reason": None,
        "revision": None,
        "decided_at": None,
    }
    assert row["activity"] == education.get(f"{REPORTS}/{report}").json()
    assert row["links"] == []
    units = [row["participation"]["unit"] for row in named(district, report)]
    assert units == [SONG_VE, TU_NGHIA]
    assert [r["participation"]["unit"] for r in named(district, report, unit=SONG_VE)] == [SONG_VE]
    code = named(district, report, unit="21238", on="2021-09-10")
    assert [r["participation"]["unit"] for r in code] == [SONG_VE]
    own = a_report(shared, TU_NGHIA, naming=["21238"])
    assert named(district, own) == []  # it knows whom it names itself
    assert len(named(shared.portal(SONG_VE), own)) == 1
    say(education, report)
    for state, found in {"named": 0, "confirmed": 1, "disputed": 0}.items():
        assert len(named(education, report, state=state)) == found, state
    for unit in (FOCAL_UNIT, OFFICE):  # they see all
        states = [r["participation"]["state"] for r in named(shared.portal(unit), report)]
        assert states == ["confirmed", "named", "named"]
    assert named(shared.portal(FOCAL_UNIT), report, plan="khac") == []


def test_whom_a_bulk_request_names_is_found_too(shared: Api) -> None:
    body = an_activity(participants=["so-gddt"])
    sent = shared.portal(BINH_SON).post("/v1/activity-report-batches", [body])
    assert sent.status_code in (200, 201), sent.text
    listed = shared.portal(EDUCATION).get(NAMED, limit=500).json()["items"]
    assert body["external_id"] in {row["activity"]["external_id"] for row in listed}


def test_the_list_goes_on_page_by_page(shared: Api) -> None:
    reports = [a_report(shared, naming=["so-xay-dung", "so-y-te"]) for _ in range(2)]
    wanted = [(report, f"body-so-{name}") for report in reports for name in ("xay-dung", "y-te")]
    for unit, expected in {"body-so-y-te": wanted[1::2], FOCAL_UNIT: wanted}.items():
        portal, seen = shared.portal(unit), []
        query: dict[str, Any] = {"limit": 1, "plan": PLAN}
        while query.get("cursor", "") is not None:
            page = portal.get(NAMED, **query).json()
            seen += [(r["activity"]["id"], r["participation"]["unit"]) for r in page["items"]]
            query["cursor"] = page["next"]
        assert [place for place in seen if place[0] in reports] == expected
        assert len(seen) == len(set(seen))


def test_a_unit_that_names_itself_and_a_withdrawn_report_name_nobody(shared: Api) -> None:
    report = a_report(shared, naming=["524", "so-gddt"])
    (row,) = named(shared.portal(FOCAL_UNIT), report)
    assert row["participation"]["unit"] == EDUCATION
    refused(say(shared.portal(BINH_SON), report), 403, "not_a_participant")
    withdraw(shared, report)
    assert named(shared.portal(EDUCATION), report) == []
    assert faults(say(shared.portal(EDUCATION), report), 409, "joint_activity_refused") == {
        "": "joint_report_withdrawn"
    }


# Confirming and disputing


def test_a_named_unit_confirms_and_the_answer_is_dated(api: Api) -> None:
    report, portal = a_report(api, naming=["so-gddt"]), api.portal(EDUCATION)
    api.set_clock(api.now() + timedelta(days=1))
    said = say(portal, report, reason="Sở cử ba báo cáo viên")
    assert said.status_code == 200, said.text
    assert said.json() == {
        "report": report,
        "unit": EDUCATION,
        "state": "confirmed",
        "reason": "Sở cử ba báo cáo viên",
        "revision": 1,
        "decided_at": instant_text(api.now()),
        "outcome": "decided",
        "link": None,
    }
    again = say(portal, report, reason="Sở cử ba báo cáo viên")
    assert (again.status_code, again.json()) == (200, said.json() | {"outcome": "unchanged"})
    (row,) = named(portal, report)
    assert row["participation"].items() <= said.json().items()
    with unit_of_work(api.engine, write=False) as session:
        assert len(session.exec(select(Participation)).all()) == 1


def test_another_word_takes_the_place_of_the_first_and_both_are_kept(api: Api) -> None:
    report, portal = a_report(api, naming=["so-gddt"]), api.portal(EDUCATION)
    say(portal, report)
    said = say(portal, report, "disputed", reason="Sở không tham gia")
    assert (said.json()["state"], said.json()["outcome"]) == ("disputed", "decided")
    (row,) = named(portal, report)
    assert row["participation"]["state"] == "disputed"
    with unit_of_work(api.engine, write=False) as session:
        first, second = session.exec(select(Participation).order_by("id")).all()
    assert (first.decision, first.superseded_at) == ("confirmed", second.recorded_at)
    assert (second.decision, second.superseded_at) == ("disputed", None)


def test_disputing_needs_a_reason_and_links_nothing(shared: Api) -> None:
    report, own = a_report(shared, naming=["so-gddt"]), a_report(shared, EDUCATION)
    portal = shared.portal(EDUCATION)
    assert faults(say(portal, report, "disputed")) == {"/reason": "dispute_needs_reason"}
    wrong = say(portal, report, "disputed", reason="Không", own_report=own)
    assert faults(wrong) == {"/own_report": "dispute_with_own_report"}
    assert faults(say(portal, report, "perhaps")) == {"/decision": "literal_error"}
    assert named(portal, report)[0]["participation"]["state"] == "named"


def test_a_word_is_about_the_revision_that_it_was_said_about(shared: Api) -> None:
    report, portal = a_report(shared, naming=["so-gddt"]), shared.portal(EDUCATION)
    say(portal, report)
    correct(shared, report, title="Tên khác")
    (row,) = named(portal, report)
    assert (row["participation"]["revision"], row["activity"]["revision"]) == (1, 2)
    again = say(portal, report).json()
    assert (again["outcome"], again["revision"]) == ("decided", 2)


def test_a_unit_that_a_correction_no_longer_names_sees_the_record_no_more(shared: Api) -> None:
    report, portal = a_report(shared, naming=["so-gddt", "21238"]), shared.portal(EDUCATION)
    say(portal, report)
    correct(shared, report, participants=[SONG_VE])
    refused(portal.get(f"{REPORTS}/{report}"), 404, "not_found")
    refused(say(portal, report), 404, "not_found")
    assert named(portal, report) == []
    assert len(named(shared.portal(SONG_VE), report)) == 1
    correct(shared, report, participants=[EDUCATION])
    assert named(portal, report)[0]["participation"]["state"] == "confirmed"


def test_a_unit_above_speaks_for_a_named_one_and_says_for_which(shared: Api) -> None:
    one, two = a_report(shared, naming=["21238"]), a_report(shared, naming=["21238", "21235"])
    district = shared.portal(TU_NGHIA)
    assert say(district, one).json()["unit"] == SONG_VE
    assert faults(say(district, two)) == {"/unit": "participant_needed"}
    assert say(district, two, unit="21235").json()["unit"] == "gso-21235"
    assert say(district, two, unit=SONG_VE).json()["unit"] == SONG_VE
    assert faults(say(district, two, unit="528")) == {"/unit": "unit_not_a_participant"}
    assert faults(say(district, two, unit="nowhere")) == {"/unit": "unknown_unit"}
    own = a_report(shared, naming=["21238", "528"])
    assert say(district, own).json()["unit"] == TU_NGHIA


@pytest.mark.parametrize("unit", [BINH_SON, OFFICE, FOCAL_UNIT])
def test_who_is_not_named_says_nothing(shared: Api, unit: str) -> None:
    report = a_report(shared, naming=["so-gddt"])
    refused(say(shared.portal(unit), report), 403, "not_a_participant")


# Joining


def test_a_unit_that_confirms_claims_the_link_to_its_own_report(shared: Api) -> None:
    theirs, own = a_report(shared, naming=["so-gddt"]), a_report(shared, EDUCATION)
    portal = shared.portal(EDUCATION)
    said = say(portal, theirs, own_report=own).json()
    assert (said["state"], said["outcome"]) == ("confirmed", "decided")
    link = said["link"]
    assert (link["state"], link["claimed_by"]) == ("claimed", EDUCATION)
    assert {row["id"]: row["unit"] for row in link["reports"]} == {theirs: BINH_SON, own: EDUCATION}
    again = say(portal, theirs, own_report=own).json()
    assert again == said | {"outcome": "unchanged"}
    (row,) = named(portal, theirs)
    assert row["links"] == [link]


def test_a_claim_shows_the_claimants_report_and_a_confirmed_link_both(shared: Api) -> None:
    own, theirs = a_report(shared, EDUCATION), a_report(shared, naming=["so-gddt"])
    education, district = shared.portal(EDUCATION), shared.portal(BINH_SON)
    refused(district.get(f"{REPORTS}/{own}"), 404, "not_found")
    link = join(education, own, theirs).json()["id"]
    assert district.get(f"{REPORTS}/{own}").status_code == 200
    correct(shared, theirs, participants=[])
    refused(education.get(f"{REPORTS}/{theirs}"), 404, "not_found")
    assert confirm(district, link).json()["state"] == "confirmed"
    assert education.get(f"{REPORTS}/{theirs}").status_code == 200
    refused(shared.portal(STRANGER).get(f"{REPORTS}/{own}"), 404, "not_found")
    separate(shared.portal(FOCAL_UNIT), link)
    refused(education.get(f"{REPORTS}/{theirs}"), 404, "not_found")
    refused(district.get(f"{REPORTS}/{own}"), 404, "not_found")


def test_the_other_unit_finds_the_claim_and_confirms_it(api: Api) -> None:
    theirs, own, link = claimed(api)
    district = api.portal(BINH_SON)
    (waiting,) = district.get(LINKS, state="claimed").json()["items"]
    assert waiting == district.get(f"{LINKS}/{link}").json()
    first = waiting["decisions"][0]["decided_at"]
    api.set_clock(api.now() + timedelta(days=1))
    answer = confirm(district, link)
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] == "decided"
    assert answer.json()["decisions"] == [
        {"state": "claimed", "unit": EDUCATION, "reason": None, "decided_at": first},
        {
            "state": "confirmed",
            "unit": BINH_SON,
            "reason": None,
            "decided_at": instant_text(api.now()),
        },
    ]
    again = confirm(district, link)
    assert (again.status_code, again.json()) == (200, answer.json() | {"outcome": "unchanged"})
    assert district.get(LINKS, state="claimed").json()["items"] == []
    same = join(api.portal(EDUCATION), own, theirs)
    assert (same.status_code, same.json()) == (200, again.json())
    assert same.headers["Location"] == f"{LINKS}/{link}"


def test_two_claims_make_a_confirmed_link(shared: Api) -> None:
    own, theirs, link = claimed(shared)
    again = join(shared.portal(EDUCATION), theirs, own)
    assert (again.status_code, again.json()["state"]) == (200, "claimed")
    other = join(shared.portal(BINH_SON), own, theirs)
    assert (other.status_code, other.json()["state"]) == (201, "confirmed")
    assert (other.json()["id"], other.json()["claimed_by"]) == (link, EDUCATION)


def test_who_claims_does_not_confirm_but_may_take_it_back(shared: Api) -> None:
    theirs, own, link = claimed(shared)
    education = shared.portal(EDUCATION)
    answer = confirm(education, link)
    refused(answer, 409, "joint_link_action_not_allowed")
    assert "separate" in answer.json()["detail"]
    back = separate(education, link, "Nhầm báo cáo").json()
    assert (back["state"], back["decisions"][-1]["reason"]) == ("separated", "Nhầm báo cáo")
    again = separate(education, link, "Nhầm báo cáo")
    assert (again.status_code, again.json()) == (200, back | {"outcome": "unchanged"})
    refused(confirm(shared.portal(BINH_SON), link), 409, "joint_link_action_not_allowed")
    assert named(education, theirs)[0]["links"] == []
    anew = join(education, own, theirs)
    assert (anew.status_code, anew.json()["id"], anew.json()["state"]) == (201, link, "claimed")


def test_the_other_unit_may_decline_a_claim(shared: Api) -> None:
    _, _, link = claimed(shared)
    answer = separate(shared.portal(BINH_SON), link)
    assert (answer.json()["state"], answer.json()["decisions"][-1]["unit"]) == (
        "separated",
        BINH_SON,
    )


def test_a_confirmed_link_is_separated_by_the_focal_unit_only_and_may_be_made_anew(
    shared: Api,
) -> None:
    theirs, own, link = claimed(shared)
    education, district = shared.portal(EDUCATION), shared.portal(BINH_SON)
    focal = shared.portal(FOCAL_UNIT)
    confirm(district, link)
    for portal in (education, district):
        answer = separate(portal, link)
        refused(answer, 409, "joint_link_action_not_allowed")
        assert answer.json()["detail"].endswith("có thể: —.")
    assert faults(focal.post(f"{LINKS}/{link}/separate", {})) == {"/reason": "missing"}
    assert separate(focal, link).json()["state"] == "separated"
    anew = join(education, theirs, own).json()
    assert (anew["id"], anew["state"], anew["claimed_by"]) == (link, "claimed", EDUCATION)
    done = confirm(district, link).json()
    assert [row["state"] for row in done["decisions"]] == [
        "claimed",
        "confirmed",
        "separated",
        "claimed",
        "confirmed",
    ]
    days = [row["decided_at"] for row in done["decisions"]]
    assert days == sorted(days)


def test_the_focal_unit_joins_any_two_at_once_and_confirms_any_claim(shared: Api) -> None:
    focal = shared.portal(FOCAL_UNIT)
    one, two = a_report(shared), a_report(shared, CULTURE)
    made = join(focal, one, two, reason="Cùng một hội nghị")
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["claimed_by"]) == ("confirmed", FOCAL_UNIT)
    assert made.json()["decisions"][0]["reason"] == "Cùng một hội nghị"
    assert shared.portal(CULTURE).get(f"{REPORTS}/{one}").status_code == 200
    _, _, link = claimed(shared)
    assert confirm(focal, link).json()["state"] == "confirmed"


def test_a_key_for_both_units_joins_at_once(shared: Api) -> None:
    district = shared.portal(TU_NGHIA)
    one, two = a_report(shared, SONG_VE), a_report(shared, "gso-21235")
    made = join(district, one, two).json()
    assert (made["state"], made["claimed_by"]) == ("confirmed", TU_NGHIA)


def test_a_report_may_be_joined_to_several(shared: Api) -> None:
    report = a_report(shared, naming=["so-gddt", "so-vhttdl"])
    for unit in (EDUCATION, CULTURE):
        say(shared.portal(unit), report, own_report=a_report(shared, unit))
    listed = shared.portal(BINH_SON).get(LINKS, report=report).json()["items"]
    assert [row["claimed_by"] for row in listed] == [EDUCATION, CULTURE]
    (row,) = named(shared.portal(CULTURE), report)
    assert [link["claimed_by"] for link in row["links"]] == [CULTURE]  # not the other unit's


def test_links_are_seen_by_their_units_and_the_province_and_by_nobody_else(shared: Api) -> None:
    _, own, link = claimed(shared)
    for unit in (EDUCATION, BINH_SON, FOCAL_UNIT, OFFICE):
        assert shared.portal(unit).get(f"{LINKS}/{link}").status_code == 200, unit
    stranger = shared.portal(STRANGER)
    refused(stranger.get(f"{LINKS}/{link}"), 404, "not_found")
    refused(confirm(stranger, link), 404, "not_found")
    refused(separate(stranger, link), 404, "not_found")
    assert stranger.get(LINKS, report=own).json()["items"] == []
    office = shared.portal(OFFICE)  # it sees all, and decides nothing
    refused(confirm(office, link), 403, "joint_link_not_yours")
    refused(separate(office, link), 403, "joint_link_not_yours")


def test_the_links_go_on_page_by_page(api: Api) -> None:
    made = [claimed(api)[2] for _ in range(3)]
    portal, seen, query = api.portal(EDUCATION), [], {"limit": 2}
    for length in (2, 1):
        page = portal.get(LINKS, **query).json()
        assert len(page["items"]) == length
        seen += [row["id"] for row in page["items"]]
        query["cursor"] = page["next"]
    assert (seen, page["next"]) == (made, None)


def test_only_reports_that_can_be_one_activity_are_joined(shared: Api) -> None:
    focal, code = shared.portal(FOCAL_UNIT), "joint_activity_refused"
    report, own = a_report(shared), a_report(shared)
    earlier = a_report(shared, EDUCATION, occurred_on="2021-01-01")
    assert faults(join(focal, report, report)) == {"/reports": "joint_same_report"}
    assert faults(join(focal, report, own), 409, code) == {"/reports": "joint_same_unit"}
    assert join(focal, report, earlier).status_code == 201  # another day of the year will do
    gone = a_report(shared, EDUCATION)
    withdraw(shared, gone, EDUCATION)
    assert faults(join(focal, report, gone), 409, code) == {"/reports": "joint_report_withdrawn"}
    for pair in ([report], [report] * 3, [report, 7], [report, "x"], "both", None):
        faults(focal.post(LINKS, {"reports": pair}))
    refused(join(focal, report, NOWHERE), 404, "not_found")


def test_reports_of_different_years_are_not_joined(api: Api) -> None:
    api.set_clock(datetime.fromisoformat("2022-03-01T09:00:00+07:00"))
    one = a_report(api, occurred_on="2021-12-31", content_themes=[])
    two = a_report(api, EDUCATION, occurred_on="2022-01-01", content_themes=[])
    refusal = join(api.portal(FOCAL_UNIT), one, two)
    assert faults(refusal, 409, "joint_activity_refused") == {"/reports": "joint_other_year"}


def test_a_claim_on_a_report_that_was_withdrawn_since_is_not_confirmed(shared: Api) -> None:
    _, own, link = claimed(shared)
    withdraw(shared, own, EDUCATION)
    refusal = confirm(shared.portal(BINH_SON), link)
    assert faults(refusal, 409, "joint_activity_refused") == {"": "joint_report_withdrawn"}
    assert separate(shared.portal(BINH_SON), link).status_code == 200


def test_a_unit_claims_only_with_its_own_report_and_one_that_it_sees(shared: Api) -> None:
    theirs, hidden = a_report(shared, naming=["so-gddt"]), a_report(shared)
    own, others = a_report(shared, EDUCATION), a_report(shared, CULTURE, naming=["so-gddt"])
    portal = shared.portal(EDUCATION)
    refused(join(portal, hidden, own), 404, "not_found")
    refused(say(portal, theirs, own_report=hidden), 404, "not_found")
    refused(join(portal, theirs, others), 403, "joint_link_not_yours")
    refused(say(portal, theirs, own_report=others), 403, "joint_link_not_yours")
    refused(join(shared.portal(OFFICE), theirs, own), 403, "joint_link_not_yours")
    # The word that came with a link that was refused is not recorded either.
    assert named(portal, theirs)[0]["participation"]["state"] == "named"
    itself = faults(say(portal, theirs, own_report=theirs))
    assert itself == {"/own_report": "joint_same_report"}


def test_nothing_is_stored_for_a_request_that_changes_nothing(api: Api) -> None:
    theirs, own, link = claimed(api)
    portal = api.portal(EDUCATION)
    for _ in range(3):
        join(portal, theirs, own)
        say(portal, theirs, own_report=own)
    with unit_of_work(api.engine, write=False) as session:
        (row,) = session.exec(select(JointLink)).all()
        assert len(session.exec(select(Participation)).all()) == 1
    assert (str(row.link_id), row.state, row.superseded_at) == (link, "claimed", None)


def test_every_decision_is_in_the_audit_and_what_changes_nothing_is_not(api: Api) -> None:
    theirs, own = a_report(api, naming=["so-gddt"]), a_report(api, EDUCATION)
    education, focal = api.portal(EDUCATION), api.portal(FOCAL_UNIT)
    for _ in range(2):
        link = say(education, theirs, own_report=own).json()["link"]["id"]
    say(education, theirs, "disputed", reason="Nhầm")
    for _ in range(2):
        confirm(focal, link)
        separate(focal, link)
        confirm(focal, link)  # refused
    with unit_of_work(api.engine, write=False) as session:
        found = session.exec(
            select(AuditEntry)
            .where(col(AuditEntry.target_id).in_([theirs, link]), col(AuditEntry.refusal).is_(None))
            .order_by(col(AuditEntry.id))
        ).all()
    told = [(e.action, e.unit_key, e.target_kind) for e in found[1:]]  # the first: it was reported
    assert told == [
        ("participation.confirmed", EDUCATION, "activity_report"),
        ("joint_link.claimed", EDUCATION, "joint_link"),
        ("participation.disputed", EDUCATION, "activity_report"),
        ("joint_link.confirmed", FOCAL_UNIT, "joint_link"),
        ("joint_link.separated", FOCAL_UNIT, "joint_link"),
    ]
    assert found[3].before == {"unit_key": EDUCATION, "decision": "confirmed", "revision": 1}
    reports = sorted([theirs, own])
    assert found[4].before == {"state": "claimed", "reports": reports, "unit": EDUCATION}
    assert found[4].after == {"state": "confirmed", "reports": reports, "unit": FOCAL_UNIT}


def test_a_key_that_only_reads_decides_nothing(shared: Api) -> None:
    theirs, own, link = claimed(shared)
    reader = shared.portal(BINH_SON, Scope.READ_ACTIVITIES)
    assert reader.get(f"{LINKS}/{link}").status_code == 200
    for answer in (
        say(reader, theirs),
        join(reader, theirs, own),
        confirm(reader, link),
        separate(reader, link),
    ):
        refused(answer, 403, "scope_missing")


def test_the_documents_examples_are_taken(shared: Api) -> None:
    theirs, own = a_report(shared, naming=["so-gddt"]), a_report(shared, EDUCATION)
    paths = shared.app.openapi()["paths"]

    def example(path: str) -> dict[str, Any]:
        content = paths[path]["post"]["requestBody"]["content"]
        shown: dict[str, Any] = content["application/json"]["example"]
        return shown

    portal, focal = shared.portal(EDUCATION), shared.portal(FOCAL_UNIT)
    word = example("/v1/activity-reports/{report_id}/participation") | {"own_report": own}
    assert portal.post(f"{REPORTS}/{theirs}/participation", word).status_code == 200
    pair = example(LINKS) | {"reports": [theirs, own]}
    link = focal.post(LINKS, pair).json()
    assert link["state"] == "confirmed"
    separation = example(f"{LINKS}/{{link_id}}/separate")
    assert focal.post(f"{LINKS}/{link['id']}/separate", separation).status_code == 200
