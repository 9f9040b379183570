"""Proposals: seen by those whose they are and by the province, decided on by the focal unit."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from app.db import unit_of_work
from app.domain.consolidation.proposal_queries import statuses
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE
from tests.support.problems import faults, refused
from tests.support.racing import at_once
from tests.support.reviewing import accepted, done, drafted, submitted

PROPOSALS = "/v1/proposals"
SON_TINH = "gso-527"
STEWARD = "gso-21040-2025-07-01"
FUNDS = {"addressee": "UBND tỉnh", "text": "Bố trí kinh phí cho hệ thống truyền thanh."}
TRAINING = {"addressee": "Sở Thông tin và Truyền thông", "text": "Tập huấn cán bộ cơ sở."}
ANSWERED = {
    "answer": "Bố trí trong dự toán năm 2022.",
    "document_number": "1024/STC-HCSN",
    "document_on": "2021-11-22",
}


def proposing(*proposals: dict[str, str]) -> dict[str, Any]:
    return {"narrative": {"results": "Đã làm.", "proposals": list(proposals)}}


def reported(portal: Portal, *proposals: dict[str, str]) -> str:
    """Submit a report that makes these proposals; return its place."""
    return submitted(portal, drafted(portal, **proposing(*proposals)))


def listed(portal: Portal, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done(portal.get(PROPOSALS, **query))["items"]
    return found


def decided(portal: Portal, proposal: dict[str, Any], **said: Any) -> dict[str, Any]:
    return done(portal.put(f"{PROPOSALS}/{proposal['id']}", said))


def test_it_is_forwarded_answered_and_corrected_and_every_version_is_kept(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = reported(district, FUNDS)
    (made,) = listed(focal)
    assert {**made, **FUNDS, "status": "open", "review": "submitted", "answer": None} == made
    assert made["actions"] == ["decide"]
    assert made["id"].partition(".")[0] == place.rpartition("/")[2]
    forwarded = decided(
        focal, made, status="forwarded", document_number="9/CV", document_on="2021-11-20"
    )
    assert (forwarded["status"], forwarded["outcome"], forwarded["decided_by"]) == (
        *("forwarded", "decided", FOCAL_UNIT),
    )
    assert decided(focal, made, status="accepted", **ANSWERED)["answer"] == ANSWERED["answer"]
    assert decided(focal, made, status="accepted", **ANSWERED)["outcome"] == "unchanged"
    declined = decided(focal, made, status="declined", answer="Chưa có nguồn.")
    assert (declined["status"], declined["document_number"]) == ("declined", None)
    reopened = decided(focal, made, status="open")
    assert (reopened["status"], reopened["answer"]) == ("open", None)
    actions = [one.action for one in all_entries(api.engine) if one.target_id == made["id"]]
    assert actions == [
        f"proposal.{verb}" for verb in ("forwarded", "accepted", "declined", "reopened")
    ]
    submission = UUID(made["submission"])
    with unit_of_work(api.engine, write=False) as session:

        def known(at: datetime) -> list[str]:
            found = statuses(session, submissions=[submission], known_at=at)
            return [answer.status for answer in found.get(submission, {}).values()]

        first = datetime.fromisoformat(forwarded["decided_at"])
        assert known(first - timedelta(microseconds=1)) == []
        assert known(first) == ["forwarded"]
        assert known(datetime.fromisoformat(declined["decided_at"])) == ["declined"]


def test_the_standing_revision_makes_them_and_one_made_again_keeps_its_status(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    begun = drafted(district, **proposing(FUNDS, TRAINING))
    assert listed(district) == listed(focal) == []  # nobody sees those of a draft
    place = submitted(district, begun)
    done(focal.post(f"{place}/accept"))
    funds, training = listed(focal)
    decided(focal, funds, status="forwarded")
    done(district.post(f"{place}/correct", {"reason": "Bỏ một kiến nghị."}))
    again = {**FUNDS, "addressee": "UBND  Tỉnh"}
    done(district.put(f"{place}/narrative", proposing(again)["narrative"]))
    assert [one["text"] for one in listed(district)] == [FUNDS["text"], TRAINING["text"]]
    submitted(district, place)
    assert [one["revision"] for one in listed(focal)] == [1, 1]  # until the correction is accepted
    done(focal.post(f"{place}/accept"))
    (kept,) = listed(focal)
    assert (kept["id"], kept["revision"]) == (funds["id"], 2)
    assert (kept["status"], kept["addressee"]) == ("forwarded", "UBND  Tỉnh")
    gone = focal.put(f"{PROPOSALS}/{training['id']}", {"status": "forwarded"})
    refused(gone, 404, "not_found")


def test_who_sees_them_and_who_decides(api: Api) -> None:
    district, other = api.portal(BINH_SON), api.portal(SON_TINH)
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    reported(district, FUNDS)
    reported(other, TRAINING)
    funds, training = listed(focal)
    assert [one["id"] for one in listed(office)] == [funds["id"], training["id"]]
    assert [one["id"] for one in listed(district)] == [funds["id"]]
    assert [one["actions"] for one in (*listed(district), *listed(office))] == [[], [], []]
    reading = api.portal(FOCAL_UNIT, Scope.READ_SUBMISSIONS)
    assert [one["actions"] for one in listed(reading)] == [[], []]
    said = {"status": "forwarded"}
    refused(district.put(f"{PROPOSALS}/{training['id']}", said), 404, "not_found")
    for portal in (district, office):
        answer = portal.put(f"{PROPOSALS}/{funds['id']}", said)
        refused(answer, 403, "not_your_proposals")
    unknown = f"{PROPOSALS}/{funds['id'][:-1]}{'0' if funds['id'][-1] != '0' else '1'}"
    refused(focal.put(unknown, said), 404, "not_found")
    api.set_clock(datetime(2026, 1, 12, 9, tzinfo=LOCAL_TIME))  # Bình Sơn has ended
    assert [one["id"] for one in listed(api.portal(STEWARD))] == [funds["id"]]
    assert listed(focal) == []  # the role has passed on
    assert decided(api.portal("body-so-vhttdl"), funds, **said)["status"] == "forwarded"


def test_they_are_narrowed_and_paged(api: Api) -> None:
    district, other, focal = (api.portal(unit) for unit in (BINH_SON, SON_TINH, FOCAL_UNIT))
    reported(district, FUNDS, TRAINING, {**FUNDS, "text": "Cấp thiết bị."})
    accepted(api.portal("gso-528"), focal)  # makes none
    reported(other, {**FUNDS, "addressee": "ubnd  tỉnh"})
    every = listed(focal)
    decided(focal, every[1], status="forwarded")
    texts = [one["text"] for one in every]
    assert texts == [FUNDS["text"], TRAINING["text"], "Cấp thiết bị.", FUNDS["text"]]
    assert [one["text"] for one in listed(focal, addressee=" UBND TỈNH ")] == [
        *(texts[0], texts[2], texts[3]),
    ]
    assert [one["id"] for one in listed(focal, status="forwarded")] == [every[1]["id"]]
    assert len(listed(focal, status="open", year=2021)) == 3
    assert listed(focal, year=2022) == listed(focal, plan="ke-hoach-khac") == []
    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": 2, "status": "open"} | ({"cursor": cursor} if cursor else {})
        page = done(focal.get(PROPOSALS, **query))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [every[0]["id"], every[2]["id"], every[3]["id"]]


def test_of_those_who_decide_at_once_each_sees_the_one_before(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    reported(api.portal(BINH_SON), FUNDS)
    (made,) = listed(focal)
    place = f"{PROPOSALS}/{made['id']}"
    said = [{"status": "declined", "answer": f"Lần {number}."} for number in range(4)]
    answers = at_once(api, focal, *(partial(Portal.put, path=place, body=one) for one in said))
    assert [answer.json()["outcome"] for answer in answers] == ["decided"] * 4
    entries = [one for one in all_entries(api.engine) if one.target_id == made["id"]]
    assert sorted(one.before["status"] for one in entries if one.before) == [
        *(["declined"] * 3),
        "open",
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "accepted"}, {"/answer": "proposal_answer_needed"}),
        ({"status": "declined"}, {"/answer": "proposal_answer_needed"}),
        ({"status": "forwarded", "answer": "Có."}, {"/answer": "proposal_not_answered_yet"}),
        (
            {"status": "open", "document_number": "1", "document_on": "2021-11-20"},
            {"/document_number": "proposal_not_forwarded_yet"},
        ),
        (
            {"status": "forwarded", "document_number": "1"},
            {"/document_on": "document_number_and_day"},
        ),
        (
            {"status": "forwarded", "document_number": "1", "document_on": "2021-11-23"},
            {"/document_on": "day_in_future"},
        ),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused(
    shared: Api, said: dict[str, Any], expected: dict[str, str]
) -> None:
    focal = shared.portal(FOCAL_UNIT)
    if not listed(focal):
        reported(shared.portal(BINH_SON), FUNDS)
    (made,) = listed(focal)
    answer = focal.put(f"{PROPOSALS}/{made['id']}", said)
    assert faults(answer) == expected
