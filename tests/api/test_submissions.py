"""A unit's yearly report over HTTP: drafted, submitted, accepted, and what is refused."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import rfc8785
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.submissions.models import FrozenActivity
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.filing import DISTRICTS
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    OFFICE,
    PLAN,
    a_document,
    a_draft,
    an_activity,
)

SON_TINH: Final = "gso-527"
LATER_FOCAL_UNIT: Final = "body-so-vhttdl"
LAST_INSTANT: Final = datetime(2021, 11, 29, 23, 59, 59, 999999, tzinfo=LOCAL_TIME)
COMMUNE_OF_BINH_SON: Final = "gso-21040"


def drafted(portal: Portal, **changes: Any) -> str:
    answer = portal.post("/v1/submissions", a_draft(**changes))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def submitted(portal: Portal, **changes: Any) -> str:
    place = drafted(portal)
    answer = portal.post(f"{place}/submit", a_document(**changes))
    assert answer.status_code == 200, answer.text
    return place


def posted(portal: Portal, **changes: Any) -> dict[str, Any]:
    answer = portal.post("/v1/activity-reports", an_activity(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def faulted(answer: httpx.Response, *faults: tuple[str, str]) -> None:
    refused(answer, 422, "invalid")
    assert [(row["pointer"], row["code"]) for row in answer.json()["errors"]] == list(faults)


def at_once(calls: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    ready = threading.Barrier(len(calls))

    def after_all_are_ready(call: Callable[[], httpx.Response]) -> httpx.Response:
        ready.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(after_all_are_ready, calls))


def test_a_draft_is_begun_once_however_often_it_is_sent(api: Api) -> None:
    portal = api.portal(BINH_SON)
    first = portal.post("/v1/submissions", a_draft())
    again = portal.post("/v1/submissions", a_draft())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    body = portal.get(first.headers["Location"]).json()
    assert body == first.json()
    assert (body["unit"], body["basis"], body["revision"]) == (BINH_SON, "ordered", 1)
    assert (body["review"], body["timeliness"], body["content"]) == ("draft", "not_due", "report")
    assert (body["received_at"], body["sha256"], body["filed_by"]) == (None, None, None)
    assert body["actions"] == ["rewrite", "discard", "submit"]


def test_another_draft_is_refused_with_the_place_of_the_one_there_is(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    other = portal.post("/v1/submissions", a_draft(narrative={"results": "Khác."}))
    refused(other, 409, "submission_exists")
    assert place.rpartition("/")[2] in other.json()["detail"]
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    refused(portal.post("/v1/submissions", a_draft()), 409, "submission_exists")


def test_a_drafts_narrative_can_be_rewritten_until_it_is_submitted(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    said = {"lessons": "Phối hợp sớm.", "proposals": [{"addressee": "Sở Tài chính", "text": "…"}]}
    rewritten = portal.put(f"{place}/narrative", said)
    assert rewritten.status_code == 200, rewritten.text
    narrative = portal.get(place).json()["narrative"]
    assert {name: value for name, value in narrative.items() if value} == said
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    refused(portal.put(f"{place}/narrative", {"results": "Sau."}), 409, "action_not_allowed")
    assert portal.get(place).json()["narrative"] == narrative


def test_submitting_freezes_the_exact_revisions_of_the_unit_and_its_communes(api: Api) -> None:
    portal, neighbour = api.portal(BINH_SON), api.portal(SON_TINH)
    inside = [
        posted(portal)["id"],
        posted(portal, unit=COMMUNE_OF_BINH_SON)["id"],
        posted(portal, occurred_on="2021-11-20")["id"],
        posted(portal, occurred_on="2021-11-01", ended_on="2021-11-20", occurrences=4)["id"],
        posted(portal, occurred_on="2021-01-01")["id"],
    ]
    posted(portal, occurred_on="2021-11-21")
    posted(portal, occurred_on="2021-11-20", ended_on="2021-11-21", occurrences=2)
    posted(neighbour, unit="527")
    place = submitted(portal)
    posted(portal, occurred_on="2021-03-03")
    receipt = portal.get(place).json()
    assert receipt["activities"] == len(inside)
    with unit_of_work(api.engine, write=False) as session:
        frozen = session.exec(
            select(ActivityReport.id, ActivityRevision.number)
            .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
            .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
            .where(
                col(FrozenActivity.submission_revision_id)
                == select(FrozenActivity.submission_revision_id).limit(1).scalar_subquery()
            )
        ).all()
    assert sorted(map(tuple, frozen)) == sorted((UUID(report), 1) for report in inside)


def test_the_receipt_says_what_was_received_and_when(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    at = datetime(2021, 11, 22, 15, 30, 0, 17, tzinfo=LOCAL_TIME)
    api.set_clock(at)
    document = a_document(signed_file_sha256="ab" * 32)
    receipt = portal.post(f"{place}/submit", document).json()
    assert receipt["received_at"] == "2021-11-22T08:30:00.000017Z"
    assert (receipt["review"], receipt["timeliness"]) == ("submitted", "on_time")
    assert (receipt["filed_by"], receipt["actions"]) == (BINH_SON, [])
    assert {name: receipt[name] for name in document} == document
    assert portal.get(place).json() == receipt


def test_the_receipts_hash_can_be_made_anew_from_what_the_api_answers(api: Api) -> None:
    portal = api.portal(BINH_SON)
    hashes = {}
    for external_id in ("b", "c", "a"):
        activity = posted(portal, external_id=external_id)
        hashes[external_id] = activity["body_sha256"]
    receipt = portal.get(submitted(portal)).json()
    said = ("plan", "year", "unit", "revision", "content", "nil_reason", "narrative", "data_to")
    document = ("document_number", "document_on", "signer_title", "signed_file_sha256")
    body = {name: receipt[name] for name in (*said, *document)}
    body["activity"] = [hashes[external_id] for external_id in sorted(hashes)]
    assert receipt["sha256"] == hashlib.sha256(rfc8785.dumps(body)).hexdigest()


@pytest.mark.parametrize(
    ("later", "timeliness", "received_at"),
    [
        (timedelta(0), "on_time", "2021-11-29T16:59:59.999999Z"),
        (timedelta(microseconds=1), "late", "2021-11-29T17:00:00.000000Z"),
    ],
)
def test_the_last_microsecond_of_29_november_is_on_time_and_the_next_is_late(
    api: Api, later: timedelta, timeliness: str, received_at: str
) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    api.set_clock(LAST_INSTANT + later)
    receipt = portal.post(f"{place}/submit", a_document()).json()
    assert (receipt["timeliness"], receipt["received_at"]) == (timeliness, received_at)
    assert receipt["due_at"] == "2021-11-29T17:00:00.000000Z"
    api.set_clock(LAST_INSTANT + timedelta(days=60))
    assert portal.get(place).json()["timeliness"] == timeliness


def test_a_draft_is_late_once_its_time_is_over(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    api.set_clock(LAST_INSTANT)
    assert portal.get(place).json()["timeliness"] == "not_due"
    api.set_clock(LAST_INSTANT + timedelta(microseconds=1))
    assert portal.get(place).json()["timeliness"] == "late"


def test_the_data_run_to_a_day_of_the_year_that_has_come(api: Api) -> None:
    half_to_midnight = datetime(2021, 11, 22, 23, 30, tzinfo=LOCAL_TIME)
    half_past = half_to_midnight + timedelta(hours=1)
    next_year = datetime(2022, 1, 10, 9, 0, tzinfo=LOCAL_TIME)
    table = [
        (half_to_midnight, "2021-11-22", "2021-11-23", "2021-11-22"),
        (half_past, "2021-11-23", "2021-11-24", "2021-11-23"),
        (half_past, "2021-01-01", "2020-12-31", "2021-11-23"),
        (next_year, "2021-12-31", "2022-01-01", "2021-12-31"),
    ]
    for unit, (today, fits, does_not, last) in zip(DISTRICTS, table, strict=False):
        api.set_clock(A_WORKING_DAY)
        portal = api.portal(unit)
        place = drafted(portal)
        api.set_clock(today)
        answer = portal.post(f"{place}/submit", a_document(data_to=does_not))
        faulted(answer, ("/data_to", "data_to_out_of_range"))
        assert f"2021-01-01 đến {last}" in answer.json()["errors"][0]["detail"]
        assert portal.get(place).json()["review"] == "draft"
        answer = portal.post(f"{place}/submit", a_document(data_to=fits))
        assert answer.json()["data_to"] == fits


def test_a_unit_that_ends_within_the_year_covers_its_days_only(api: Api) -> None:
    api.set_clock(datetime(2025, 2, 28, 9, 0, tzinfo=LOCAL_TIME))
    portal = api.portal("body-so-tttt")
    place = drafted(portal, year=2025)
    document = a_document(document_on="2025-02-27")
    faulted(
        portal.post(f"{place}/submit", document | {"data_to": "2025-03-01"}),
        ("/data_to", "data_to_out_of_range"),
    )
    last = portal.post(f"{place}/submit", document | {"data_to": "2025-02-28"})
    assert last.status_code == 200, last.text


def test_a_nil_report_needs_its_reason_and_no_activity(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    reason = "Trong kỳ không phát sinh hoạt động."
    faulted(
        portal.post(f"{place}/submit", a_document(nil=True)), ("/nil_reason", "nil_needs_reason")
    )
    activity = posted(portal, unit=COMMUNE_OF_BINH_SON, occurred_on="2021-11-20")
    assert activity["unit"] == COMMUNE_OF_BINH_SON
    faulted(
        portal.post(f"{place}/submit", a_document(nil=True, nil_reason=reason)),
        ("/nil", "nil_with_activity"),
    )
    before = a_document(nil=True, nil_reason=reason, data_to="2021-11-19")
    receipt = portal.post(f"{place}/submit", before).json()
    assert (receipt["content"], receipt["nil_reason"]) == ("nil", reason)
    assert (receipt["activities"], receipt["review"]) == (0, "submitted")


def test_only_a_nil_report_has_a_reason_and_no_document_is_of_tomorrow(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    faulted(
        portal.post(f"{place}/submit", a_document(nil_reason="Không phát sinh.")),
        ("/nil_reason", "reason_without_nil"),
    )
    faulted(
        portal.post(f"{place}/submit", a_document(document_on="2021-11-23")),
        ("/document_on", "day_in_future"),
    )
    assert portal.get(place).json()["review"] == "draft"


def test_a_report_without_activity_is_no_nil_report(api: Api) -> None:
    portal = api.portal(BINH_SON)
    receipt = portal.get(submitted(portal)).json()
    assert (receipt["content"], receipt["activities"]) == ("report", 0)


def test_nobody_but_the_unit_sees_its_draft(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    for unit in (SON_TINH, FOCAL_UNIT, OFFICE, COMMUNE_OF_BINH_SON):
        other = api.portal(unit)
        refused(other.get(place), 404, "not_found")
        assert other.get("/v1/submissions").json()["items"] == []
        refused(other.put(f"{place}/narrative", {"results": "Khác."}), 404, "not_found")
        refused(other.post(f"{place}/submit", a_document()), 404, "not_found")
        refused(other.post(f"{place}/accept"), 404, "not_found")
    assert [row["review"] for row in portal.get("/v1/submissions").json()["items"]] == ["draft"]


def test_what_is_submitted_is_seen_by_those_who_review_and_by_no_other_unit(api: Api) -> None:
    place = submitted(api.portal(BINH_SON))
    for unit in (FOCAL_UNIT, OFFICE):
        reviewer = api.portal(unit)
        assert reviewer.get(place).json()["review"] == "submitted"
        found = reviewer.get("/v1/submissions", plan=PLAN, year=2021, unit="524").json()["items"]
        assert [row["id"] for row in found] == [place.rpartition("/")[2]]
        # The focal unit could file from a document: it is told what it may do instead.
        told = {
            FOCAL_UNIT: (409, "action_not_allowed"),
            OFFICE: (403, "submission_not_yours"),
        }[unit]
        refused(reviewer.post(f"{place}/submit", a_document()), *told)
        refused(reviewer.put(f"{place}/narrative", {"results": "Khác."}), *told)
    refused(api.portal(SON_TINH).get(place), 404, "not_found")
    assert api.portal(SON_TINH).get("/v1/submissions").json()["items"] == []


@pytest.mark.parametrize(
    "unit", [COMMUNE_OF_BINH_SON, "gso-51", "body-ban-tuyen-giao-dan-van-2025-02-01"]
)
def test_a_unit_of_which_no_report_is_asked_cannot_draft_one(api: Api, unit: str) -> None:
    api.set_clock(datetime(2025, 2, 10, 9, 0, tzinfo=LOCAL_TIME))
    refused(api.portal(unit).post("/v1/submissions", a_draft()), 409, "not_on_roster")


def test_a_year_that_is_not_open_has_no_submissions(api: Api) -> None:
    refused(api.portal(BINH_SON).post("/v1/submissions", a_draft(year=2026)), 404, "not_found")
    refused(api.portal(BINH_SON).post("/v1/submissions", a_draft(plan="khac")), 404, "not_found")


def test_the_focal_unit_accepts_what_others_submit(api: Api) -> None:
    place = submitted(api.portal(BINH_SON))
    focal = api.portal(FOCAL_UNIT)
    at = datetime(2021, 11, 25, 10, 0, tzinfo=LOCAL_TIME)
    api.set_clock(at)
    accepted = focal.post(f"{place}/accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["review"] == "accepted"
    assert accepted.json()["actions"] == ["correct", "supplement"]  # from a document
    assert accepted.json()["accepted_at"] == "2021-11-25T03:00:00.000000Z"
    refused(focal.post(f"{place}/accept"), 409, "action_not_allowed")
    assert focal.get(place).json() == accepted.json()
    refused(api.portal(BINH_SON).post(f"{place}/submit", a_document()), 409, "action_not_allowed")


def test_only_the_committees_office_accepts_what_the_focal_unit_submits(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    place = submitted(focal)
    refused(focal.post(f"{place}/accept"), 403, "not_reviewer")
    assert office.post(f"{place}/accept").json()["review"] == "accepted"


def test_nobody_else_accepts(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = submitted(portal)
    refused(portal.post(f"{place}/accept"), 403, "not_reviewer")
    refused(api.portal(OFFICE).post(f"{place}/accept"), 403, "not_reviewer")
    refused(api.portal(SON_TINH).post(f"{place}/accept"), 404, "not_found")
    own = submitted(api.portal(OFFICE))
    refused(api.portal(OFFICE).post(f"{own}/accept"), 403, "not_reviewer")
    assert api.portal(FOCAL_UNIT).post(f"{own}/accept").status_code == 200


def test_the_focal_unit_of_the_day_accepts(api: Api) -> None:
    handover = datetime(2025, 3, 1, tzinfo=LOCAL_TIME)
    api.set_clock(handover - timedelta(days=3))
    document = a_document(data_to="2024-12-31", document_on="2024-12-31")
    places = []
    for unit in (BINH_SON, SON_TINH):
        portal = api.portal(unit)
        places.append(drafted(portal, year=2024))
        assert portal.post(f"{places[-1]}/submit", document).status_code == 200
    before, after = api.portal(FOCAL_UNIT), api.portal(LATER_FOCAL_UNIT)
    api.set_clock(handover - timedelta(microseconds=2))
    refused(after.post(f"{places[0]}/accept"), 404, "not_found")
    assert before.post(f"{places[0]}/accept").json()["review"] == "accepted"
    api.set_clock(handover)
    refused(before.post(f"{places[1]}/accept"), 404, "not_found")
    assert after.post(f"{places[1]}/accept").json()["review"] == "accepted"
    own = drafted(after, year=2024)
    assert after.post(f"{own}/submit", document).status_code == 200
    refused(after.post(f"{own}/accept"), 403, "not_reviewer")
    assert api.portal(OFFICE).post(f"{own}/accept").json()["review"] == "accepted"


def test_a_role_without_the_scope_is_not_enough(api: Api) -> None:
    def without(unit: str, scope: Scope) -> Portal:
        return api.portal(unit, *(set(Scope) - {scope}))

    drafting = without(BINH_SON, Scope.DRAFT_SUBMISSIONS)
    refused(drafting.post("/v1/submissions", a_draft()), 403, "scope_missing")
    place = drafted(api.portal(BINH_SON))
    refused(drafting.put(f"{place}/narrative", {}), 403, "scope_missing")
    submitting = without(BINH_SON, Scope.SUBMIT_SUBMISSIONS)
    refused(submitting.post(f"{place}/submit", a_document()), 403, "scope_missing")
    refused(without(BINH_SON, Scope.READ_SUBMISSIONS).get(place), 403, "scope_missing")
    assert api.portal(BINH_SON).post(f"{place}/submit", a_document()).status_code == 200
    reviewing = without(FOCAL_UNIT, Scope.REVIEW_SUBMISSIONS)
    refused(reviewing.post(f"{place}/accept"), 403, "scope_missing")
    assert api.portal(BINH_SON).get(place).json()["review"] == "submitted"


def test_of_two_that_submit_the_same_draft_at_once_one_does(api: Api) -> None:
    for unit in DISTRICTS[:4]:
        portal = api.portal(unit)
        posted(portal, unit=unit)
        place = drafted(portal)
        documents = [a_document(document_number=f"{n}/BC-UBND") for n in (1, 2)]
        answers = at_once([partial(portal.post, f"{place}/submit", sent) for sent in documents])
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (won,) = (answer.json() for answer in answers if answer.status_code == 200)
        (lost,) = (answer for answer in answers if answer.status_code == 409)
        refused(lost, 409, "action_not_allowed")
        assert portal.get(place).json() == won
        assert won["activities"] == 1


def test_of_some_that_begin_the_same_draft_at_once_all_get_the_one(api: Api) -> None:
    for unit in DISTRICTS[:4]:
        portal = api.portal(unit)
        answers = at_once([partial(portal.post, "/v1/submissions", a_draft())] * 3)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(portal.get("/v1/submissions").json()["items"]) == 1
