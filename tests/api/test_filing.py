"""Who files a report, from what, and when: stewards, documents, extensions, outages, the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from app.domain.period import LOCAL_TIME, instant_text
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import YEAR_2021, an_extension, an_outage
from tests.support.filing import DISTRICTS
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft
from tests.support.problems import faults, refused
from tests.support.reviewing import (
    ACTIVITIES,
    PAPER,
    SUBMISSIONS,
    accepted,
    answering,
    done,
    drafted,
    posted,
    returned,
    submitted,
)

INSTANT: Final = timedelta(microseconds=1)
STEWARD: Final = "gso-21040-2025-07-01"  # Xã Bình Sơn, at the district's seat
LATER_FOCAL_UNIT: Final = "body-so-vhttdl"  # from 1/3/2025, steward of the former one as well
ENDS: Final = datetime(2025, 7, 1, tzinfo=LOCAL_TIME)
HANDS_OVER: Final = datetime(2025, 3, 1, tzinfo=LOCAL_TIME)
DUE: Final = datetime(2021, 11, 30, tzinfo=LOCAL_TIME)
EXTENDED: Final = datetime(2021, 12, 10, tzinfo=LOCAL_TIME)
SUPPLEMENT_DUE: Final = datetime(2022, 1, 16, tzinfo=LOCAL_TIME)
IN_2026: Final = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL_TIME)
CLOSING: Final = {"document_on": "2025-06-30", "data_to": "2025-06-30"}


def text_of(at: datetime) -> str:
    return instant_text(at.astimezone(UTC))


def rates(api: Api, focal: Portal, year: int) -> dict[str, Any]:
    asked = done(focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": year}), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    report = done(focal.get(f"/v1/consolidated-reports/{asked['id']}"))
    (line,) = (row for row in report["coverage"]["roster"] if row["unit"] == BINH_SON)
    ordered: dict[str, Any] = report["coverage"]["ordered"]
    return {**ordered, "line": line, "narratives": report["narratives"]}


# Stewards


def test_a_unit_files_until_it_ends_and_its_steward_from_that_instant_on(api: Api) -> None:
    unit, steward = api.portal(BINH_SON), api.portal(STEWARD)
    body = a_draft(year=2025, unit="524")
    api.set_clock(ENDS - INSTANT)
    refused(steward.post(SUBMISSIONS, body), 403, "submission_not_yours")
    api.set_clock(ENDS - INSTANT)
    place = drafted(unit, year=2025, unit="524")
    api.set_clock(ENDS - INSTANT)
    refused(steward.get(place), 404, "not_found")
    document = a_document(**CLOSING)
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"{place}/submit", document),
        ("PUT", f"{place}/draft", {}),
        ("POST", SUBMISSIONS, body | {"year": 2024}),
    ]
    for method, path, said in requests:
        api.set_clock(ENDS)
        answer = unit.request(method, path, json=said)
        refused(answer, 403, "steward_files")
        assert STEWARD in answer.json()["detail"]
        assert "2025-07-01" in answer.json()["detail"]
    assert done(unit.get(place))["actions"] == []
    assert done(steward.get(place))["actions"] == ["rewrite", "discard", "submit"]
    answer = steward.post(f"{place}/submit", document | {"data_to": "2025-07-01"})
    assert faults(answer) == {"/data_to": "data_to_out_of_range"}
    api.set_clock(ENDS)
    receipt = done(steward.post(f"{place}/submit", document))
    assert (receipt["filed_by"], receipt["filed_as"]) == (STEWARD, "steward")
    assert (receipt["unit"], receipt["closing"], receipt["supplement"]) == (BINH_SON, True, None)
    assert receipt["received_at"] == text_of(ENDS)
    api.set_clock(ENDS + timedelta(days=60))
    refused(unit.post(f"{place}/submit", document), 403, "unit_ended")
    assert done(unit.get(place))["filed_as"] == "steward"


def test_a_closing_report_that_the_unit_files_itself_is_marked_so(api: Api) -> None:
    unit, focal = api.portal(BINH_SON), api.portal(LATER_FOCAL_UNIT)
    api.set_clock(ENDS - INSTANT)
    place = drafted(unit, year=2025)
    api.set_clock(ENDS - INSTANT)
    receipt = done(unit.post(f"{place}/submit", a_document(**CLOSING)))
    assert (receipt["filed_by"], receipt["filed_as"]) == (BINH_SON, "self")
    api.set_clock(ENDS)
    comments = returned(focal, place)
    answering(api.portal(STEWARD), place, comments)
    api.set_clock(ENDS + timedelta(days=1))
    submitted(api.portal(STEWARD), place, **CLOSING)
    assert done(focal.post(f"{place}/accept"))["actions"] == ["correct"], "closing: no supplement"
    line = rates(api, focal, 2025)["line"]
    assert (line["steward"], line["filed_by"], line["filed_as"]) == (STEWARD, STEWARD, "steward")
    assert (line["closing"], line["received_at"]) == (True, text_of(ENDS - INSTANT))


@pytest.mark.parametrize(("later", "timeliness"), [(timedelta(0), "on_time"), (INSTANT, "late")])
def test_a_closing_report_has_a_due_instant_of_its_own(
    api: Api, later: timedelta, timeliness: str
) -> None:
    steward = api.portal(STEWARD)
    api.set_clock(ENDS)
    place = drafted(steward, year=2025, unit="524")
    due = datetime(2025, 8, 1, tzinfo=LOCAL_TIME)
    api.set_clock(due - INSTANT + later)
    receipt = done(steward.post(f"{place}/submit", a_document(**CLOSING)))
    assert (receipt["timeliness"], receipt["due_at"]) == (timeliness, text_of(due))


def test_what_the_focal_unit_files_as_a_steward_is_reviewed_by_the_office(api: Api) -> None:
    focal, office = api.portal(LATER_FOCAL_UNIT), api.portal(OFFICE)
    api.set_clock(HANDS_OVER)
    place = drafted(focal, year=2025, unit="so-tttt")
    api.set_clock(HANDS_OVER)
    closing = {"document_on": "2025-03-01", "data_to": "2025-02-28"}
    submitted(focal, place, **closing)
    seen = done(focal.get(place))
    assert (seen["filed_as"], seen["actions"]) == ("steward", [])
    said = {"comments": [{"text": "Bổ sung."}]}
    refused(focal.post(f"{place}/accept"), 403, "not_reviewer")
    refused(focal.post(f"{place}/return", said), 403, "not_reviewer")
    assert done(office.get(place))["actions"] == ["accept", "return"]
    answering(
        focal, place, [row["id"] for row in done(office.post(f"{place}/return", said))["comments"]]
    )
    submitted(focal, place, **closing)
    done(office.post(f"{place}/accept"))


def test_so_is_what_it_enters_from_a_document_for_a_unit_that_it_answers_for(api: Api) -> None:
    focal, office = api.portal(LATER_FOCAL_UNIT), api.portal(OFFICE)
    api.set_clock(IN_2026)
    place = drafted(focal, unit="so-tttt", on_behalf=PAPER)
    submitted(focal, place)
    assert done(focal.get(place))["filed_as"] == "focal_unit"
    refused(focal.post(f"{place}/accept"), 403, "not_reviewer")
    done(office.post(f"{place}/accept"))


def test_what_the_former_focal_unit_filed_itself_is_reviewed_by_the_next(api: Api) -> None:
    former, next_, office = (api.portal(u) for u in (FOCAL_UNIT, LATER_FOCAL_UNIT, OFFICE))
    api.set_clock(HANDS_OVER - timedelta(days=1))
    place = drafted(former, year=2025)
    submitted(former, place, document_on="2025-02-28", data_to="2025-02-28")
    assert done(office.get(place))["actions"] == ["accept", "return"]
    assert next_.get(place).status_code == 404
    api.set_clock(HANDS_OVER)
    assert done(office.get(place))["actions"] == []
    done(next_.post(f"{place}/accept"))


def test_what_one_focal_unit_began_from_a_document_the_next_goes_on_with(api: Api) -> None:
    former, next_ = api.portal(FOCAL_UNIT), api.portal(LATER_FOCAL_UNIT)
    paper = PAPER | {"incoming_on": "2025-02-27"}
    api.set_clock(HANDS_OVER - timedelta(days=1))
    place = drafted(former, year=2025, unit="524", on_behalf=paper)
    document = a_document(document_on="2025-02-26", data_to="2025-02-26")
    api.set_clock(HANDS_OVER)
    refused(former.post(f"{place}/submit", document), 404, "not_found")
    receipt = done(next_.post(f"{place}/submit", document))
    assert (receipt["filed_by"], receipt["filed_as"]) == (LATER_FOCAL_UNIT, "focal_unit")


# From incoming documents


def test_what_is_entered_from_a_document_is_marked_and_seen_by_both(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    api.set_clock(DUE + timedelta(days=3))
    place = drafted(focal, unit="524", on_behalf=PAPER)
    again = a_draft(unit="524", on_behalf=PAPER)
    assert done(focal.post(SUBMISSIONS, again))["id"] == place.rpartition("/")[2]
    again["on_behalf"] = PAPER | {"incoming_number": "1278"}
    refused(focal.post(SUBMISSIONS, again), 409, "submission_exists")
    for seeing in (unit, focal, api.portal(OFFICE)):
        seen = done(seeing.get(place))
        assert (seen["on_behalf"], seen["review"], seen["timeliness"]) == (PAPER, "draft", "late")
        assert seen["actions"] == (["rewrite", "discard", "submit"] if seeing is focal else [])
    for blind in ("gso-21040", "gso-527"):
        refused(api.portal(blind).get(place), 404, "not_found")
    answer = unit.post(SUBMISSIONS, a_draft())
    refused(answer, 409, "submission_exists")
    assert place.rpartition("/")[2] in answer.json()["detail"]
    (fault,) = refused(unit.post(f"{place}/submit", a_document()), 409, "action_not_allowed")
    assert fault["permitted"] == []
    submitted(focal, place)
    for seeing in (unit, focal):
        seen = done(seeing.get(place))
        assert (seen["filed_by"], seen["filed_as"]) == (FOCAL_UNIT, "focal_unit")
        assert (seen["timeliness"], seen["on_behalf"]) == ("by_document", PAPER)
        standing = seen["standing"]
        assert (standing["incoming_on"], standing["late_by"]) == (PAPER["incoming_on"], "PT0S")
    done(focal.post(f"{place}/accept"))
    counted = rates(api, focal, 2021)
    assert (counted["by_document"], counted["on_time"], counted["late"]) == (1, 0, 0)
    assert counted["line"]["incoming_on"] == PAPER["incoming_on"]
    # The unit goes on by itself, and what was entered stays the first receipt.
    done(unit.post(f"{place}/correct", {"reason": "Bổ sung"}))
    submitted(unit, place)
    seen = done(unit.get(place))
    assert (seen["filed_as"], seen["on_behalf"], seen["timeliness"]) == (
        "self",
        None,
        "by_document",
    )


def test_a_document_that_came_late_is_shown_with_its_day(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    api.set_clock(DUE + timedelta(days=9))
    paper = PAPER | {"incoming_on": "2021-12-05"}
    place = submitted(focal, drafted(focal, unit="524", on_behalf=paper))
    standing = done(focal.get(place))["standing"]
    assert (standing["timeliness"], standing["incoming_on"]) == ("by_document", "2021-12-05")
    assert standing["received_at"] > standing["due_at"]


def test_a_revision_entered_from_a_document_leaves_the_units_own_receipt(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    place = submitted(unit)
    comments = returned(focal, place)
    refused(focal.post(f"{place}/revise", {}), 403, "submission_not_yours")
    refused(unit.post(f"{place}/revise", {"on_behalf": PAPER}), 403, "submission_not_yours")
    done(focal.post(f"{place}/revise", {"on_behalf": PAPER}))
    answers = [{"comment": comment, "text": "Theo công văn."} for comment in comments]
    done(focal.put(f"{place}/draft", {"answers": answers}))
    submitted(focal, place)
    seen = done(unit.get(place))
    assert (seen["filed_as"], seen["timeliness"]) == ("focal_unit", "on_time")


@pytest.mark.parametrize("unit", [BINH_SON, OFFICE, "gso-51", "gso-527"])
def test_only_the_focal_unit_enters_from_documents(shared: Api, unit: str) -> None:
    answer = shared.portal(unit).post(SUBMISSIONS, a_draft(unit="524", on_behalf=PAPER))
    refused(answer, 403, "submission_not_yours")


def test_it_does_not_enter_its_own_nor_file_for_others_without_a_document(shared: Api) -> None:
    focal = shared.portal(FOCAL_UNIT)
    refused(focal.post(SUBMISSIONS, a_draft(on_behalf=PAPER)), 403, "submission_not_yours")
    refused(focal.post(SUBMISSIONS, a_draft(unit="524")), 403, "submission_not_yours")


def test_a_document_is_of_the_cycles_days_and_not_of_tomorrow(api: Api) -> None:
    focal, unit = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    place = accepted(unit, focal)
    pointer = "/on_behalf/incoming_on"
    for day, found in (
        ("2021-11-23", {pointer: "day_in_future"}),
        ("2020-12-31", {pointer: "incoming_too_early"}),
        ("31/12/2020", {pointer: "day_format"}),
    ):
        paper = {"on_behalf": PAPER | {"incoming_on": day}}
        assert faults(focal.post(SUBMISSIONS, a_draft(unit="527", **paper))) == found
        assert faults(focal.post(f"{place}/correct", {"reason": "Sai", **paper})) == found
        assert faults(focal.post(f"{place}/supplement", paper)) == found
    for number, day in (("1", "2021-01-01"), ("2", "2021-11-22")):
        right = {"incoming_number": number, "incoming_on": day}
        drafted(focal, unit=DISTRICTS[int(number) + 2], on_behalf=right)
    assert done(unit.get(f"{place}/revisions"))["items"][-1]["revision"] == 1


def test_the_years_before_are_loaded_in_2026_without_making_anybody_late(api: Api) -> None:
    focal, steward = api.portal(LATER_FOCAL_UNIT), api.portal(STEWARD)
    api.set_clock(IN_2026)
    for year in range(2021, 2025):
        paper = PAPER | {"incoming_on": f"{year + 1}-01-12"}
        done(
            focal.post(
                ACTIVITIES,
                {
                    "unit": "524",
                    "plan": PLAN,
                    "plan_item": "III.1.b",
                    "source_system": "giay",
                    "external_id": str(year),
                    "occurred_on": f"{year}-12-31",
                    "channel": "facebook",
                    "title": "Theo báo cáo giấy",
                    "measures": [{"indicator": "posts", "value": "9"}],
                    "on_behalf": paper,
                },
            ),
            201,
        )
        place = drafted(focal, year=year, unit="524", on_behalf=paper)
        days = {"document_on": f"{year + 1}-01-10", "data_to": f"{year}-12-31"}
        submitted(focal, place, **days)
        seen = done(focal.post(f"{place}/accept"))
        assert (seen["timeliness"], seen["activities"]) == ("by_document", 1)
        assert seen["supplement"] is None, "the whole year is in it"
        assert done(steward.get(place))["on_behalf"] == paper
        counted = rates(api, focal, year)
        assert (counted["by_document"], counted["late"]) == (1, 0)
        assert (counted["line"]["review"], counted["line"]["supplement"]) == ("accepted", None)
    # What its steward files by itself as late as that is late.
    other = api.portal("gso-21235-2025-07-01")
    place = submitted(other, drafted(other, unit="528"), data_to="2021-12-31")
    assert done(other.get(place))["timeliness"] == "late"


# Extensions


def test_an_extension_is_between_the_due_instant_and_its_own(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    table = [
        (DUE - INSTANT, "on_time", "PT0S"),
        (DUE, "late_with_extension", "PT0S"),
        (EXTENDED - INSTANT, "late_with_extension", "PT863999S"),
        (EXTENDED, "late", "PT864000S"),
    ]
    for unit, (at, timeliness, late_by) in zip(DISTRICTS, table, strict=False):
        api.set_clock(A_WORKING_DAY)
        done(focal.post(f"{YEAR_2021}/roster/{unit}/extend", an_extension()))
        portal = api.portal(unit)
        place = drafted(portal)
        api.set_clock(at)
        submitted(portal, place)
        seen = done(portal.get(place))
        assert (seen["timeliness"], seen["standing"]["late_by"]) == (timeliness, late_by)
        assert seen["standing"]["extended_to"] == text_of(EXTENDED)
        assert seen["standing"]["due_at"] == text_of(DUE)


def test_a_report_that_was_extended_is_not_due_before(api: Api) -> None:
    focal, portal = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    done(focal.post(f"{YEAR_2021}/roster/524/extend", an_extension()))
    place = drafted(portal)
    for at, timeliness, late_by in (
        (DUE, "not_due", "PT0S"),
        (EXTENDED - INSTANT, "not_due", "PT0S"),
        (EXTENDED, "late", "PT864000S"),
    ):
        api.set_clock(at)
        standing = done(portal.get(place))["standing"]
        assert (standing["timeliness"], standing["late_by"]) == (timeliness, late_by)


def test_an_extension_may_be_given_afterwards(api: Api) -> None:
    focal, portal = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    place = drafted(portal)
    api.set_clock(DUE + timedelta(days=2))
    submitted(portal, place)
    assert done(portal.get(place))["timeliness"] == "late"
    done(focal.post(f"{YEAR_2021}/roster/524/extend", an_extension()))
    assert done(portal.get(place))["timeliness"] == "late_with_extension"


# Outages


def at_night(**changes: Any) -> dict[str, Any]:
    """Return an outage in which the due instant lies, with ten more hours after it."""
    return an_outage(
        began_at="2021-11-29T22:00:00+07:00",
        ended_at="2021-11-30T02:00:00+07:00",
        accepts_until="2021-11-30T12:00:00+07:00",
        **changes,
    )


def test_a_declared_outage_moves_the_due_instant_and_is_shown(api: Api) -> None:
    focal, places = api.portal(FOCAL_UNIT), {}
    until = datetime(2021, 11, 30, 12, tzinfo=LOCAL_TIME)
    table = [
        (DUE - INSTANT, "on_time", "PT0S"),
        (DUE, "on_time", "PT0S"),
        (until - INSTANT, "on_time", "PT0S"),
        (until, "late", "PT0S"),
        (until + timedelta(hours=1), "late", "PT3600S"),
    ]
    for unit, (at, _, _) in zip(DISTRICTS, table, strict=False):
        api.set_clock(A_WORKING_DAY)
        portal = api.portal(unit)
        places[unit] = drafted(portal)
        api.set_clock(at)
        submitted(portal, places[unit])
    api.set_clock(until + timedelta(hours=2))
    said = [done(focal.get(place))["timeliness"] for place in places.values()]
    assert said == ["on_time", "late", "late", "late", "late"], "none is declared yet"
    outage = done(focal.post(f"{YEAR_2021}/outages", at_night()), 201)
    for place, (_, timeliness, late_by) in zip(places.values(), table, strict=True):
        standing = done(focal.get(place))["standing"]
        assert (standing["timeliness"], standing["late_by"]) == (timeliness, late_by)
        assert (standing["outage"], standing["due_at"]) == (outage["id"], text_of(DUE))
    done(focal.post(f"{YEAR_2021}/outages/{outage['id']}/withdraw", {"reason": "Nhầm"}))
    standing = [done(focal.get(place))["standing"] for place in places.values()]
    assert [(row["timeliness"], row["outage"]) for row in standing] == [
        ("on_time", None),
        *[("late", None)] * 4,
    ]


@pytest.mark.parametrize(
    ("began_at", "ended_at"),
    [
        ("2021-11-29T20:00:00+07:00", "2021-11-29T23:59:59.999999+07:00"),
        ("2021-11-30T00:00:00.000001+07:00", "2021-11-30T02:00:00+07:00"),
    ],
)
def test_an_outage_before_or_after_the_due_instant_moves_nothing(
    api: Api, began_at: str, ended_at: str
) -> None:
    focal, portal = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    place = drafted(portal)
    api.set_clock(DUE + timedelta(hours=3))
    submitted(portal, place)
    body = at_night() | {"began_at": began_at, "ended_at": ended_at}
    done(focal.post(f"{YEAR_2021}/outages", body), 201)
    standing = done(portal.get(place))["standing"]
    assert (standing["timeliness"], standing["outage"]) == ("late", None)


# What comes again, and what comes later


def test_what_comes_again_after_the_deadline_keeps_the_first_receipt(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = drafted(portal)
    api.set_clock(DUE - INSTANT)
    submitted(portal, place)
    api.set_clock(DUE + timedelta(days=20))
    answering(portal, place, returned(focal, place))
    assert done(portal.get(place))["timeliness"] == "on_time"
    submitted(portal, place)
    done(focal.post(f"{place}/accept"))
    done(portal.post(f"{place}/correct", {"reason": "Ghi nhầm"}))
    submitted(portal, place)
    seen = done(portal.get(place))
    assert (seen["timeliness"], seen["standing"]["late_by"]) == ("on_time", "PT0S")
    assert seen["standing"]["received_at"] == text_of(DUE - INSTANT) < seen["received_at"]


def test_what_was_late_at_first_stays_late(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = drafted(portal)
    api.set_clock(DUE)
    submitted(portal, place)
    answering(portal, place, returned(focal, place))
    api.set_clock(DUE + timedelta(days=1))
    submitted(portal, place)
    assert done(portal.get(place))["timeliness"] == "late"
    assert done(portal.get(place))["standing"]["late_by"] == "PT0S"


def test_a_supplement_has_its_own_due_instant(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    table = [(SUPPLEMENT_DUE - INSTANT, "on_time"), (SUPPLEMENT_DUE, "late")]
    for unit, (at, timeliness) in zip(DISTRICTS, table, strict=False):
        api.set_clock(A_WORKING_DAY)
        portal = api.portal(unit)
        # An extension is of the report and not of what comes after it.
        done(focal.post(f"{YEAR_2021}/roster/{unit}/extend", an_extension()))
        place = drafted(portal)
        api.set_clock(EXTENDED - INSTANT)
        submitted(portal, place)
        done(focal.post(f"{place}/accept"))
        begun = done(portal.post(f"{place}/supplement", {}))
        assert begun["supplement"]["timeliness"] == "not_due"
        api.set_clock(at)
        submitted(portal, place, data_to="2021-12-31")
        answering(portal, place, returned(focal, place))
        submitted(portal, place, data_to="2021-12-31")
        seen = done(focal.post(f"{place}/accept"))
        assert (seen["timeliness"], seen["kind"]) == ("late_with_extension", "supplement")
        standing = seen["supplement"]
        assert (standing["timeliness"], standing["received_at"]) == (timeliness, text_of(at))
        assert (standing["due_at"], standing["extended_to"]) == (text_of(SUPPLEMENT_DUE), None)


def test_a_supplement_that_does_not_come_is_late_and_the_report_is_not(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = accepted(portal, focal)
    for at, timeliness in ((SUPPLEMENT_DUE - INSTANT, "not_due"), (SUPPLEMENT_DUE, "late")):
        api.set_clock(at)
        seen = done(portal.get(place))
        assert (seen["timeliness"], seen["supplement"]["timeliness"]) == ("on_time", timeliness)
    assert seen["supplement"]["received_at"] is None
    assert "supplement" in seen["actions"], "it may still come"


def test_a_report_of_the_whole_year_has_nothing_left_to_supplement(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    api.set_clock(SUPPLEMENT_DUE - timedelta(days=9))
    place = accepted(portal, focal, data_to="2021-12-31")
    seen = done(portal.get(place))
    assert (seen["actions"], seen["supplement"]) == (["correct"], None)
    (fault,) = refused(portal.post(f"{place}/supplement", {}), 409, "action_not_allowed")
    assert fault["permitted"] == ["correct"]
    done(portal.post(f"{place}/correct", {"reason": "Nhầm ngày số liệu"}))
    answer = portal.post(f"{place}/submit", a_document(data_to="2021-12-30"))
    (fault,) = refused(answer, 422, "invalid")
    assert fault["code"] == "reported_days_lost"
    assert done(portal.get(place))["supplement"] is None


def test_an_outage_moves_the_supplements_due_instant_too(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = accepted(portal, focal)
    done(portal.post(f"{place}/supplement", {}))
    api.set_clock(SUPPLEMENT_DUE + timedelta(hours=3))
    submitted(portal, place, data_to="2021-12-31")
    outage = {
        "began_at": "2022-01-15T22:00:00+07:00",
        "ended_at": "2022-01-16T02:00:00+07:00",
        "accepts_until": "2022-01-17T00:00:00+07:00",
    }
    number = done(focal.post(f"{YEAR_2021}/outages", an_outage(**outage)), 201)["id"]
    seen = done(portal.get(place))
    assert (seen["supplement"]["timeliness"], seen["supplement"]["outage"]) == ("on_time", number)
    assert seen["standing"]["outage"] is None


def test_the_whole_year_is_there_once_the_supplement_is_accepted(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    posted(portal, external_id="before")
    place = accepted(portal, focal)
    api.set_clock(SUPPLEMENT_DUE - timedelta(days=3))
    posted(portal, external_id="december", occurred_on="2021-12-31")
    done(portal.post(f"{place}/supplement", {}))
    submitted(portal, place, data_to="2021-12-31")
    held = {
        number: [
            row["external_id"]
            for row in done(portal.get(f"{place}/revisions/{number}/records"))["items"]
        ]
        for number in (1, 2)
    }
    assert held == {1: ["before"], 2: ["before", "december"]}
    assert rates(api, focal, 2021)["line"]["data_to"] == "2021-11-20", "the accepted one counts"
    done(focal.post(f"{place}/accept"))
    line = rates(api, focal, 2021)["line"]
    assert (line["kind"], line["data_to"], line["supplement"]["timeliness"]) == (
        "supplement",
        "2021-12-31",
        "on_time",
    )
