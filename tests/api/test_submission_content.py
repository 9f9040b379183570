"""What a submission says and holds: nil items, deliverables, expectations, hash, days, activity."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import rfc8785

from app.domain.period import LOCAL_TIME
from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import CYCLES, WHY, YEAR_2021, an_amendment, an_extra_cycle
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_document
from tests.support.problems import faults, refused
from tests.support.reviewing import (
    ACTIVITIES,
    PAPER,
    SUBMISSIONS,
    accepted,
    answering,
    changed,
    done,
    drafted,
    posted,
    returned,
    submitted,
    withdrawn,
)

COMMUNE: Final = "gso-21040"  # under Bình Sơn
INSTANT: Final = timedelta(microseconds=1)
POSTS: Final = {"plan_item": "III.1.b", "indicator": "posts", "value": "40"}
NIL: Final = {"plan_item": "III.4", "reason": "Chưa có tác phẩm."}
PLANNED: Final = {
    "kind": "own_plan",
    "plan_item": "V.6.2",
    "title": "Kế hoạch tuyên truyền của huyện",
    "number": "12/KH-UBND",
    "done_on": "2021-02-01",
    "url": "https://binhson.quangngai.gov.vn/ke-hoach",
}
MINUTES: Final = {"plan_item": "III.1.c", "indicator": "loudspeaker_minutes"}


@pytest.fixture(scope="module")
def place(shared: Api) -> str:
    """Return the place of a draft of Bình Sơn that is rewritten again and again."""
    return drafted(shared.portal(BINH_SON))


# What a draft may say


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"nil_items": [{"plan_item": "III.4"}]}, {"/nil_items/0/reason": "missing"}),
        ({"nil_items": [NIL | {"reason": ""}]}, {"/nil_items/0/reason": "blank_text"}),
        ({"nil_items": [NIL, NIL]}, {"/nil_items/1/plan_item": "given_twice"}),
        (
            {"nil_items": [NIL | {"plan_item": "III.9"}]},
            {"/nil_items/0/plan_item": "item_not_in_cycle"},
        ),
        (
            {"nil_items": [NIL | {"plan_item": "IV.3"}]},
            {"/nil_items/0/plan_item": "item_not_in_cycle"},
        ),
        (
            {"deliverables": [PLANNED | {"plan_item": "V.6.1"}]},
            {"/deliverables/0/plan_item": "deliverable_of_another_item"},
        ),
        (
            {"deliverables": [PLANNED, PLANNED | {"kind": "inspection"}]},
            {"/deliverables/1/plan_item": "deliverable_of_another_item"},
        ),
        ({"deliverables": [PLANNED | {"kind": "song"}]}, {"/deliverables/0/kind": "literal_error"}),
        (
            {"deliverables": [PLANNED | {"url": "https://facebook.com/people/x"}]},
            {"/deliverables/0/url": "personal_profile"},
        ),
        (
            {"deliverables": [PLANNED | {"done_on": "2021"}]},
            {"/deliverables/0/done_on": "day_format"},
        ),
        ({"expectations": [POSTS | {"value": 40}]}, {"/expectations/0/value": "string_type"}),
        (
            {"expectations": [POSTS | {"value": "-1"}]},
            {"/expectations/0/value": "string_pattern_mismatch"},
        ),
        (
            {"expectations": [POSTS | {"value": "1.5"}]},
            {"/expectations/0/value": "too_many_decimals"},
        ),
        (
            {"expectations": [MINUTES | {"value": "1.25"}]},
            {"/expectations/0/value": "too_many_decimals"},
        ),
        (
            {"expectations": [POSTS | {"indicator": "articles"}]},
            {"/expectations/0/indicator": "unknown_indicator"},
        ),
        (
            {"expectations": [POSTS | {"indicator": "likes"}]},
            {"/expectations/0/indicator": "unknown_indicator"},
        ),
        (
            {"expectations": [POSTS | {"plan_item": "III.9"}]},
            {"/expectations/0/plan_item": "item_not_in_cycle"},
        ),
        (
            {"expectations": [POSTS | {"indicator": "views", "origin": "repost"}]},
            {"/expectations/0/origin": "no_reposts"},
        ),
        ({"expectations": [POSTS, POSTS | {"value": "41"}]}, {"/expectations/1": "given_twice"}),
        ({"opinions": []}, {"/opinions": "extra_forbidden"}),
    ],
    ids=str,
)
def test_a_draft_says_what_the_plan_knows(
    shared: Api, place: str, said: dict[str, Any], found: dict[str, str]
) -> None:
    portal = shared.portal(BINH_SON)
    before = portal.get(place).json()
    assert faults(portal.put(f"{place}/draft", said)) == found
    assert portal.get(place).json() == before
    # The same is refused where a draft is begun with it.
    begun = portal.post(SUBMISSIONS, {"plan": PLAN, "year": 2021, "narrative": {}, **said})
    assert faults(begun) == found


def test_a_draft_is_rewritten_as_a_whole_and_answers_what_it_was_sent(
    shared: Api, place: str
) -> None:
    portal = shared.portal(BINH_SON)
    said = {
        "narrative": {"results": "Viết lại."},
        "deliverables": [
            PLANNED,
            {"kind": "detailed_plan", "plan_item": "IV.3", "title": "Dự toán"},
        ],
        "expectations": [
            POSTS,
            POSTS | {"origin": "repost", "value": "007"},
            MINUTES | {"value": "1.50"},
        ],
        "nil_items": [NIL],
    }
    seen = done(portal.put(f"{place}/draft", said))
    assert seen["deliverables"][0] == PLANNED
    values = [(row["origin"], row["value"]) for row in seen["expectations"]]
    assert values == [("original", "40"), ("repost", "7"), ("original", "1.5")]
    assert seen["nil_items"] == [NIL]
    assert done(portal.get(place)) == seen
    less = done(portal.put(f"{place}/draft", {"nil_items": [NIL]}))
    assert (less["deliverables"], less["expectations"]) == ([], [])
    assert less["narrative"]["results"] is None
    done(portal.put(f"{place}/draft", {}))


# Nil


def test_an_item_of_which_something_was_done_is_not_nil(api: Api) -> None:
    portal = api.portal(BINH_SON)
    posted(portal, unit="21040", occurred_on="2021-11-20")
    nil_items = [NIL, NIL | {"plan_item": "III.1.b", "reason": "Chưa đăng."}]
    place = drafted(portal, nil_items=nil_items)
    (fault,) = refused(portal.post(f"{place}/submit", a_document()), 422, "invalid")
    assert fault["code"] == "nil_item_with_activity"
    assert "III.1.b" in fault["detail"]
    receipt = done(portal.post(f"{place}/submit", a_document(data_to="2021-11-19")))
    assert (receipt["content"], receipt["nil_items"]) == ("report", nil_items)


def test_nil_of_the_whole_per_item_and_missing_are_three_things(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    whole, items = api.portal(BINH_SON), api.portal("gso-527")
    reason = "Trong kỳ không phát sinh."
    place = submitted(whole, nil=True, nil_reason=reason)
    done(focal.post(f"{place}/accept"))
    place = submitted(items, drafted(items, nil_items=[NIL]))
    done(focal.post(f"{place}/accept"))
    report = consolidated(api, focal)
    rates = report["coverage"]["ordered"]
    assert (rates["accepted"], rates["nil"], rates["missing"]) == (2, 1, rates["required"] - 2)
    sections = {row["unit"]: row["nil_items"] for row in report["by_unit"]}
    assert sections == {
        BINH_SON: [],
        "gso-527": [{"item": NIL["plan_item"], "reason": NIL["reason"]}],
    }
    reasons = {row["unit"]: row["nil_reason"] for row in report["narratives"]}
    assert reasons == {BINH_SON: reason, "gso-527": None}


# The consolidated report


def consolidated(api: Api, focal: Portal, **cycle: Any) -> dict[str, Any]:
    body = cycle or {"plan": PLAN, "year": 2021}
    asked = done(focal.post("/v1/consolidated-reports", body), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return done(focal.get(f"/v1/consolidated-reports/{asked['id']}"))


def test_expectations_and_deliverables_are_shown_apart_and_never_added(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    posted(portal)
    accepted(portal, focal)
    plain = consolidated(api, focal)
    place = f"{SUBMISSIONS}/{portal.get(SUBMISSIONS).json()['items'][0]['id']}"
    done(portal.post(f"{place}/correct", {"reason": "Thêm ước cả năm"}))
    expectations = [POSTS, MINUTES | {"value": "90.5"}]
    said = {"expectations": expectations, "deliverables": [PLANNED], "nil_items": [NIL]}
    done(portal.put(f"{place}/draft", said))
    submitted(portal, place)
    done(focal.post(f"{place}/accept"))
    report = consolidated(api, focal)
    for figures in ("totals", "counts", "expenditure", "by_month", "by_theme"):
        assert report[figures] == plain[figures], figures
    (before,), (after,) = plain["by_unit"], report["by_unit"]
    assert (before["expectations"], before["deliverables"]) == ([], [])
    assert after["expectations"] == [
        {
            "item": row["plan_item"],
            "origin": "original",
            **{n: row[n] for n in ("indicator", "value")},
        }
        for row in expectations
    ]
    assert after["deliverables"] == [PLANNED]
    apart = ("expectations", "deliverables", "nil_items")
    assert {k: v for k, v in after.items() if k not in apart} == {
        k: v for k, v in before.items() if k not in apart
    }


# The hash


def recomputed(portal: Portal, place: str, number: int) -> str:
    """Return the hash of a revision, made of nothing but what the API answers."""
    head = done(portal.get(place))
    said = done(portal.get(f"{place}/revisions/{number}"))
    held = portal.get(f"{place}/revisions/{number}/records", limit=500).json()["items"]
    names = ("revision", "content", "nil_reason", "narrative", "data_to", "document_number")
    more = ("document_on", "signer_title", "signed_file_sha256")
    body = {name: head[name] for name in ("plan", "year", "unit")}
    body |= {name: said[name] for name in (*names, *more)}
    yearly = head["cycle"] == f"{head['plan']}.{head['year']}"
    further = {
        "cycle": None if yearly else head["cycle"].rpartition(".")[2],
        "kind": None if said["kind"] == "report" else said["kind"],
        **{n: said[n] for n in ("reason", "deliverables", "expectations", "nil_items", "answers")},
        **(said["on_behalf"] or {}),
    }
    body |= {name: value for name, value in further.items() if value}
    body["activity"] = [
        done(portal.get(f"{ACTIVITIES}/{row['activity_report']}/revisions/{row['revision']}"))[
            "body_sha256"
        ]
        for row in held
    ]
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def test_the_hash_of_every_kind_of_revision_can_be_made_anew(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    report = posted(portal, external_id="b")
    posted(portal, external_id="a", unit="21040")
    content = {"deliverables": [PLANNED], "expectations": [POSTS], "nil_items": [NIL]}
    place = submitted(portal, drafted(portal, **content), signed_file_sha256="ab" * 32)
    answering(portal, place, returned(focal, place, "Một.", "Hai."))
    submitted(portal, place)
    done(focal.post(f"{place}/accept"))
    changed(portal, report, title="Tên đúng")
    done(portal.post(f"{place}/correct", {"reason": "Ghi nhầm"}))
    submitted(portal, place)
    done(focal.post(f"{place}/accept"))
    done(focal.post(f"{place}/supplement", {"on_behalf": PAPER}))
    submitted(focal, place, data_to="2021-11-22")
    rows = done(portal.get(f"{place}/revisions"))["items"]
    assert [row["kind"] for row in rows] == ["report", "report", "correction", "supplement"]
    assert [row["activities"] for row in rows] == [2] * 4
    for row in rows:
        assert row["sha256"] == recomputed(portal, place, row["revision"])
    assert len({row["sha256"] for row in rows}) == 4
    assert [recomputed(focal, place, row["revision"]) for row in rows] == [
        row["sha256"] for row in rows
    ]


def test_so_can_that_of_a_nil_report_and_of_an_extra_cycles(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    nil = submitted(portal, nil=True, nil_reason="Không phát sinh.")
    opened(focal, "chuyen-de", units=["524"])
    posted(portal)
    extra = submitted(portal, drafted_for(portal, "chuyen-de"), data_to="2021-09-30")
    for place in (nil, extra):
        assert done(portal.get(place))["sha256"] == recomputed(portal, place, 1)


# Prefilling


UNNARRATED: Final = {"plan": PLAN, "year": 2021}
POSTS_IN_WORDS: Final = "Số tin, bài đăng trên cổng/trang thông tin điện tử, mạng xã hội"


def test_a_draft_without_a_narrative_is_filled_from_the_activity(api: Api) -> None:
    portal = api.portal(BINH_SON)
    posted(portal, measures=[{"indicator": "posts", "value": "3"}])
    posted(
        portal,
        unit="21040",
        occurred_on="2021-11-01",
        ended_on="2021-11-20",
        occurrences=4,
        measures=[
            {"indicator": "posts", "value": "5"},
            {"indicator": "posts", "value": "2", "origin": "repost"},
            {"indicator": "followers", "value": "900"},
        ],
    )
    withdrawn(portal, posted(portal, plan_item="III.4", channel="artwork", measures=[]))
    body = UNNARRATED | {"nil_items": [NIL]}
    begun = done(portal.post(SUBMISSIONS, body), 201)
    line = (
        f"- III.1.b: 2 hoạt động, 5 lượt; {POSTS_IN_WORDS}: 8 tin, bài; "
        f"{POSTS_IN_WORDS} (đăng lại): 2 tin, bài."
    )
    assert {name: text for name, text in begun["narrative"].items() if text} == {"results": line}
    assert begun["nil_items"] == [NIL]
    posted(portal)  # what was prefilled stays
    again = portal.post(SUBMISSIONS, body)
    assert (again.status_code, again.json()["narrative"]) == (200, begun["narrative"])
    other = portal.post(SUBMISSIONS, UNNARRATED)
    refused(other, 409, "submission_exists")
    prefill = done(portal.get(f"{SUBMISSIONS}/{begun['id']}/prefill"))
    (item,) = prefill["items"]
    assert (item["plan_item"], item["activities"], item["occurrences"]) == ("III.1.b", 3, 6)
    assert [(row["indicator"], row["origin"], row["value"]) for row in item["sums"]] == [
        ("posts", "original", "11"),
        ("posts", "repost", "2"),
    ]
    assert prefill["last_years_headings"] == {}


def test_a_draft_that_was_rewritten_is_not_the_one_that_is_sent_again(api: Api) -> None:
    portal = api.portal(BINH_SON)
    begun = done(portal.post(SUBMISSIONS, UNNARRATED | {"narrative": {}}), 201)
    assert not any(begun["narrative"].values()), "nothing is filled in where it is said"
    place = f"{SUBMISSIONS}/{begun['id']}"
    done(portal.put(f"{place}/draft", {"nil_items": [NIL]}))
    refused(portal.post(SUBMISSIONS, UNNARRATED | {"narrative": {}}), 409, "submission_exists")


def test_a_draft_has_the_headings_of_the_report_accepted_last_year(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    said = {
        "direction": "1. Công tác chỉ đạo\nĐã ban hành văn bản.\na) Triển khai:\n- Xã: đủ.\n"
        "  Kết quả:",
        "results": "II. KẾT QUẢ\nTốt.",
        "funding": "Không có đề mục.",
    }
    headings = {
        "direction": ["1. Công tác chỉ đạo", "a) Triển khai:", "  Kết quả:"],
        "results": ["II. KẾT QUẢ"],
    }
    place = submitted(portal, drafted(portal, narrative=said))
    api.set_clock(datetime(2022, 3, 1, 9, 0, tzinfo=LOCAL_TIME))
    posted(portal, occurred_on="2022-02-01", content_themes=["II.2.1"])
    commune_place = done(portal.post(SUBMISSIONS, UNNARRATED | {"year": 2022}), 201)
    prefill = f"{SUBMISSIONS}/{commune_place['id']}/prefill"
    assert done(portal.get(prefill))["last_years_headings"] == {}, "it is not accepted yet"
    done(focal.post(f"{place}/accept"))
    assert done(portal.get(prefill))["last_years_headings"] == headings
    other = api.portal("gso-527")
    place = submitted(other, drafted(other, narrative=said), document_on="2022-03-01")
    done(focal.post(f"{place}/accept"))
    posted(other, unit="527", occurred_on="2022-02-01", content_themes=["II.2.1"])
    narrative = done(other.post(SUBMISSIONS, UNNARRATED | {"year": 2022}), 201)["narrative"]
    assert narrative["direction"] == "\n".join(headings["direction"])
    assert narrative["results"].splitlines() == [
        "II. KẾT QUẢ",
        f"- III.1.b: 1 hoạt động, 1 lượt; {POSTS_IN_WORDS}: 3 tin, bài.",
    ]
    assert narrative["funding"] is None


def test_a_section_that_is_full_of_headings_leaves_the_rest_out(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    full = "\n".join(["Mục:"] * 4000)
    place = submitted(portal, drafted(portal, narrative={"results": full}))
    done(focal.post(f"{place}/accept"))
    api.set_clock(datetime(2022, 3, 1, 9, 0, tzinfo=LOCAL_TIME))
    posted(portal, occurred_on="2022-02-01", content_themes=["II.2.1"])
    begun = done(portal.post(SUBMISSIONS, UNNARRATED | {"year": 2022}), 201)
    assert begun["narrative"]["results"] == full


# Not yet reported


def test_what_is_entered_corrected_or_withdrawn_later_is_not_yet_reported(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    first, second, third = (posted(portal, external_id=name) for name in "abc")
    place = drafted(portal)

    def pending(reader: Portal = portal) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
        rows = done(reader.get(f"{place}/not-yet-reported"))["items"]
        return done(reader.get(place))["not_yet_reported"], [
            (row["external_id"], row["change"], row["before"], row["after"]) for row in rows
        ]

    none = {"added": 0, "changed": 0, "removed": 0}
    every = [(name, "added", None, 1) for name in "abc"]
    assert pending() == (none | {"added": 3}, every)
    submitted(portal, place)
    assert pending() == pending(focal) == (none, [])
    changed(portal, first, title="Tên đúng")
    withdrawn(portal, second)
    posted(portal, external_id="d", unit="21040")
    posted(portal, external_id="e", occurred_on="2021-11-21")  # behind what was reported
    rows = [
        ("a", "changed", 1, 2),
        ("b", "removed", 1, None),
        ("e", "added", None, 1),
        ("d", "added", None, 1),
    ]
    told, listed = pending()
    assert (told, sorted(listed)) == ({"added": 2, "changed": 1, "removed": 1}, sorted(rows))
    assert pending(focal) == (told, listed)
    answering(portal, place, returned(focal, place))
    assert pending() == (told, listed), "a draft takes nothing in"
    submitted(portal, place)
    assert pending() == (none | {"added": 1}, [("e", "added", None, 1)])
    done(portal.post(f"{ACTIVITIES}/{second['id']}/reinstate", {"reason": "Đúng"}, If_Match="*"))
    assert pending()[0] == none | {"added": 2}
    assert third["outcome"] == "created"
    listed_rows = done(portal.get(SUBMISSIONS))["items"]
    assert [row["not_yet_reported"] for row in listed_rows] == [None]


# Days


def test_a_supplement_runs_behind_what_was_accepted(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = accepted(portal, focal)
    done(portal.post(f"{place}/supplement", {}))
    for day in ("2021-11-19", "2021-11-20"):
        answer = portal.post(f"{place}/submit", a_document(data_to=day))
        assert faults(answer) == {"/data_to": "data_goes_back"}
    answer = portal.post(f"{place}/submit", a_document(data_to="2021-11-23"))
    assert faults(answer) == {"/data_to": "data_to_out_of_range"}
    submitted(portal, place, data_to="2021-11-21")
    answering(portal, place, returned(focal, place))
    answer = portal.post(f"{place}/submit", a_document(data_to="2021-11-20"))
    assert faults(answer) == {"/data_to": "data_goes_back"}
    assert done(portal.post(f"{place}/submit", a_document(data_to="2021-11-21")))["kind"] == (
        "supplement"
    )


def test_a_correction_may_run_to_the_same_day(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = accepted(portal, focal)
    done(portal.post(f"{place}/correct", {"reason": "Ghi nhầm"}))
    submitted(portal, place)
    for wrong, code in (({"reason": " "}, "blank_text"), ({}, "missing")):
        assert faults(portal.post(f"{place}/correct", wrong)) == {"/reason": code}


def test_a_cycle_is_drafted_in_from_its_opening_on(api: Api) -> None:
    portal = api.portal(BINH_SON)
    opens = datetime(2022, 1, 1, tzinfo=LOCAL_TIME)
    body = {"plan": PLAN, "year": 2022, "narrative": {}}
    api.set_clock(opens - INSTANT)
    answer = portal.post(SUBMISSIONS, body)
    refused(answer, 409, "cycle_not_open")
    assert "2021-12-31T17:00:00.000000Z" in answer.json()["detail"]
    api.set_clock(opens)
    done(portal.post(SUBMISSIONS, body), 201)


def test_who_is_not_required_drafts_nothing(api: Api) -> None:
    focal, portal = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    done(focal.post(f"{YEAR_2021}/roster/524/exempt", WHY))
    refused(portal.post(SUBMISSIONS, UNNARRATED), 409, "not_on_roster")
    paper = UNNARRATED | {"unit": "524", "on_behalf": PAPER}
    refused(focal.post(SUBMISSIONS, paper), 409, "not_on_roster")
    done(focal.put(f"{YEAR_2021}/roster/524", an_amendment(), If_Match="*"))
    assert done(portal.post(SUBMISSIONS, UNNARRATED), 201)["basis"] == "requested"


def test_communes_of_former_kon_tum_are_not_required(api: Api) -> None:
    api.set_clock(datetime(2025, 10, 1, 9, 0, tzinfo=LOCAL_TIME))
    rows = api.portal("body-so-vhttdl").get(f"{CYCLES}/{PLAN}.2025/roster", limit=500)
    (unit, *others) = [
        row["unit"] for row in rows.json()["items"] if row["basis"] == "not_required"
    ]
    assert len(others) == 39
    answer = api.portal(unit).post(SUBMISSIONS, UNNARRATED | {"year": 2025})
    refused(answer, 409, "not_on_roster")


# Extra cycles


def opened(focal: Portal, code: str, **changes: Any) -> str:
    body = an_extra_cycle(
        code=code,
        window_from="2021-01-01",
        window_to="2021-10-01",
        due_at="2021-12-10T00:00:00+07:00",
        **changes,
    )
    answer = focal.post(CYCLES, body)
    done(answer, 201)
    return answer.headers["Location"]


def drafted_for(portal: Portal, code: str, **said: Any) -> str:
    answer = portal.post(SUBMISSIONS, {"cycle": f"{PLAN}.{code}", "narrative": {}, **said})
    done(answer, 201)
    return answer.headers["Location"]


def handed_in(portal: Portal, focal: Portal, code: str) -> set[str]:
    """Have a unit's report for an extra cycle accepted; return what it holds, by external id."""
    place = submitted(portal, drafted_for(portal, code), data_to="2021-09-30")
    done(focal.post(f"{place}/accept"))
    held = portal.get(f"{place}/revisions/1/records", limit=500).json()["items"]
    return {row["external_id"] for row in held}


def test_an_extra_cycle_is_about_its_items_and_its_days(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    cycle = opened(focal, "chuyen-de", units=["524"])
    posted(portal, external_id="in")
    posted(portal, external_id="later", occurred_on="2021-10-01")
    posted(portal, external_id="other", plan_item="III.4", channel="artwork", measures=[])
    body = {"cycle": cycle.rpartition("/")[2]}
    begun = done(portal.post(SUBMISSIONS, body), 201)
    assert begun["narrative"]["results"].startswith("- III.1.b: 1 hoạt động")
    assert (begun["cycle"], begun["supplement"]) == (body["cycle"], None)
    place = f"{SUBMISSIONS}/{begun['id']}"
    for name, row, code in (
        ("nil_items", NIL, "item_not_in_cycle"),
        ("expectations", MINUTES | {"value": "1"}, "item_not_in_cycle"),
        ("deliverables", PLANNED, "item_not_in_cycle"),
    ):
        answer = portal.put(f"{place}/draft", {name: [row]})
        assert faults(answer) == {f"/{name}/0/plan_item": code}
    answer = portal.post(f"{place}/submit", a_document(data_to="2021-10-01"))
    assert faults(answer) == {"/data_to": "data_to_out_of_range"}
    submitted(portal, place, data_to="2021-09-30")
    assert done(focal.post(f"{place}/accept"))["actions"] == ["correct"], "no supplement is owed"
    held = portal.get(f"{place}/revisions/1/records").json()["items"]
    assert [row["external_id"] for row in held] == ["in"]
    yearly = submitted(portal)
    assert done(portal.get(yearly))["activities"] == 3, "an extra cycle takes nothing away"
    report = consolidated(api, focal, cycle=body["cycle"])
    assert [row["activities"] for row in report["counts"]] == [1]


def test_a_district_and_its_commune_in_one_cycle_count_nothing_twice(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    district, commune = api.portal(BINH_SON), api.portal(COMMUNE)
    cycle = opened(focal, "long-nhau", units=["524", "21040"])
    some = an_amendment(covers_from="2021-03-01", covers_to="2021-06-01")
    done(focal.put(f"{cycle}/roster/21040", some, If_Match="*"))
    posted(district, external_id="district", occurred_on="2021-04-01")
    posted(district, external_id="neighbour", unit="21043", occurred_on="2021-04-01")
    days = ("2021-02-28", "2021-03-01", "2021-05-31", "2021-06-01")
    for day in days:
        posted(commune, external_id=day, unit="21040", occurred_on=day)
    assert handed_in(district, focal, "long-nhau") == {
        "district",
        "neighbour",
        "2021-02-28",
        "2021-06-01",
    }
    place = drafted_for(commune, "long-nhau")
    answer = commune.post(f"{place}/submit", a_document(data_to="2021-06-01"))
    assert faults(answer) == {"/data_to": "data_to_out_of_range"}
    submitted(commune, place, data_to="2021-05-31")
    done(focal.post(f"{place}/accept"))
    held = commune.get(f"{place}/revisions/1/records").json()["items"]
    assert {row["external_id"] for row in held} == {"2021-03-01", "2021-05-31"}
    report = consolidated(api, focal, cycle=f"{PLAN}.long-nhau")
    assert [row["activities"] for row in report["counts"]] == [6]
    assert [row["counted"] for row in report["totals"] if row["indicator"] == "posts"] == ["18"]


def test_nor_do_three_that_stand_one_under_the_other(api: Api) -> None:
    focal, province = api.portal(FOCAL_UNIT), api.portal("gso-51")
    district, commune = api.portal(BINH_SON), api.portal(COMMUNE)
    cycle = opened(focal, "ba-cap", units=["51", "524", "21040"])
    some = an_amendment(covers_from="2021-03-01", covers_to="2021-06-01")
    done(focal.put(f"{cycle}/roster/21040", some, If_Match="*"))
    posted(api.portal("gso-527"), external_id="elsewhere", unit="527")
    posted(district, external_id="district", occurred_on="2021-04-01")
    posted(commune, external_id="inside", unit="21040", occurred_on="2021-04-01")
    posted(commune, external_id="outside", unit="21040", occurred_on="2021-07-01")
    assert handed_in(province, focal, "ba-cap") == {"elsewhere"}
    assert handed_in(district, focal, "ba-cap") == {"district", "outside"}
    place = submitted(commune, drafted_for(commune, "ba-cap"), data_to="2021-05-31")
    done(focal.post(f"{place}/accept"))
    report = consolidated(api, focal, cycle=f"{PLAN}.ba-cap")
    assert [row["activities"] for row in report["counts"]] == [4]


def test_a_row_that_is_added_below_shows_what_its_district_is_to_leave_out(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    district, commune = api.portal(BINH_SON), api.portal(COMMUNE)
    cycle = opened(focal, "them", units=["524"])
    posted(district, external_id="district")
    posted(commune, external_id="commune", unit="21040")
    assert handed_in(district, focal, "them") == {"district", "commune"}
    done(focal.post(f"{cycle}/roster", an_amendment(unit="21040")), 201)
    (row,) = done(district.get(SUBMISSIONS))["items"]
    place = f"{SUBMISSIONS}/{row['id']}"
    assert done(district.get(place))["not_yet_reported"] == {"added": 0, "changed": 0, "removed": 1}
    done(district.post(f"{place}/correct", {"reason": "Xã tự báo cáo"}))
    submitted(district, place, data_to="2021-09-30")
    done(focal.post(f"{place}/accept"))
    assert handed_in(commune, focal, "them") == {"commune"}
    report = consolidated(api, focal, cycle=f"{PLAN}.them")
    assert [line["activities"] for line in report["counts"]] == [2]
    done(focal.post(f"{cycle}/roster/21040/exempt", WHY))
    assert done(district.get(place))["not_yet_reported"]["added"] == 1
