"""Review: returned with comments, answered, compared, accepted; what counts meanwhile."""

from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.consolidating import consolidate
from tests.support.filing import DISTRICTS
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, a_document
from tests.support.problems import faults, refused, rows
from tests.support.racing import at_once
from tests.support.reviewing import (
    ACCEPTANCES,
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

SON_TINH: Final = "gso-527"
MENDED: Final = {"results": "Đã rà soát, bổ sung.", "lessons": "Phối hợp sớm."}
COLUMN: Final = {
    "kind": "dedicated_column",
    "plan_item": "III.1.a",
    "title": "Chuyên mục «Quảng Ngãi đổi mới»",
    "done_on": "2021-06-01",
}


def number_of(place: str) -> str:
    return place.rpartition("/")[2]


def revision_states(portal: Portal, place: str) -> list[str]:
    return [row["review"] for row in portal.get(f"{place}/revisions").json()["items"]]


# Returning


def test_a_return_tells_of_records_of_fields_and_of_the_whole(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    report = posted(portal)
    place = submitted(portal)
    said = [
        {"text": "Số liệu chưa khớp.", "activity_report": report["id"]},
        {"text": "Nêu rõ hơn.", "field": "/narrative/lessons"},
        {"text": "Cần bổ sung\nphụ lục."},
    ]
    entries = len(all_entries(api.engine))
    answer = done(focal.post(f"{place}/return", {"comments": said}))
    (entry,) = all_entries(api.engine)[entries:]
    assert entry.action == "submission.returned"
    assert (entry.after or {})["comments"] == 3
    assert (answer["review"], answer["actions"]) == ("returned", ["revise"])  # from a document
    seen = portal.get(place).json()
    assert (seen["review"], seen["actions"]) == ("returned", ["revise"])
    assert seen["returned_at"] == answer["returned_at"] is not None
    assert seen["comments"] == answer["comments"]
    whole = {"activity_report": None, "field": None}
    for comment, one in zip(seen["comments"], said, strict=True):
        assert {**comment, **whole, **one} == comment
        assert (comment["revision"], comment["unit"]) == (1, FOCAL_UNIT)
    refused(focal.post(f"{place}/accept"), 409, "action_not_allowed")


def test_a_comment_is_about_what_the_revision_holds(api: Api) -> None:
    portal, focal, other = (api.portal(unit) for unit in (BINH_SON, FOCAL_UNIT, SON_TINH))
    held, foreign = posted(portal), posted(other, unit="527")
    place = submitted(portal)
    later = posted(portal)
    before, long = rows(api.engine), "x" * 20_001
    table: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"activity_report": later["id"]}, {"/activity_report": "comment_record_not_held"}),
        ({"activity_report": foreign["id"]}, {"/activity_report": "comment_record_not_held"}),
        ({"activity_report": str(uuid4())}, {"/activity_report": "comment_record_not_held"}),
        ({"activity_report": held["id"], "field": "/data_to"}, {"": "comment_target_twice"}),
        ({"field": "/narrative/opinion"}, {"/field": "comment_field_unknown"}),
        ({"field": "/narrative/proposals/0"}, {"/field": "comment_field_unknown"}),
        ({"field": "/deliverables/0/title"}, {"/field": "comment_field_unknown"}),
        ({"field": "/activity/0"}, {"/field": "comment_field_unknown"}),
        ({"field": "narrative"}, {"/field": "string_pattern_mismatch"}),
        ({"field": ""}, {"/field": "string_pattern_mismatch"}),
        ({"text": " "}, {"/text": "blank_text"}),
        ({"text": long}, {"/text": "string_too_long"}),
        ({"by": "x"}, {"/by": "extra_forbidden"}),
    ]
    for wrong, found in table:
        answer = focal.post(
            f"{place}/return", {"comments": [{"text": "Sai."}, {"text": "Sai."} | wrong]}
        )
        assert faults(answer) == {f"/comments/1{at}": code for at, code in found.items()}, wrong
    assert faults(focal.post(f"{place}/return", {"comments": []})) == {"/comments": "too_short"}
    assert rows(api.engine) == before
    assert portal.get(place).json()["review"] == "submitted"
    right = [
        {"text": "Sai.", "activity_report": held["id"]},
        *(
            {"text": "Sai.", "field": at}
            for at in ("/data_to", "/nil_reason", "/narrative/funding")
        ),
    ]
    assert len(done(focal.post(f"{place}/return", {"comments": right}))["comments"]) == 4


def test_what_the_focal_unit_submits_is_returned_by_the_committees_office(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    place = submitted(focal)
    said = {"comments": [{"text": "Bổ sung."}]}
    refused(focal.post(f"{place}/return", said), 403, "not_reviewer")
    assert done(office.post(f"{place}/return", said))["comments"][0]["unit"] == OFFICE
    assert focal.get(place).json()["actions"] == ["revise"]


# Answering


def test_every_comment_is_answered_before_it_is_submitted_again(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = submitted(portal)
    first, second = returned(focal, place, "Bổ sung số liệu.", "Nêu kinh phí.")
    assert done(portal.post(f"{place}/revise", {}))["actions"] == ["rewrite", "discard", "submit"]

    def answers(*texts: tuple[str, str]) -> dict[str, Any]:
        said = [{"comment": comment, "text": text} for comment, text in texts]
        return {"narrative": MENDED, "answers": said}

    (fault,) = refused(portal.post(f"{place}/submit", a_document()), 422, "invalid")
    assert (fault["code"], fault["permitted"]) == ("comment_unanswered", [first, second])
    unknown = answers((first, "Rồi."), (str(uuid4()), "Rồi."))
    assert faults(portal.put(f"{place}/draft", unknown)) == {
        "/answers/1/comment": "comment_unknown"
    }
    twice = answers((first, "Rồi."), (first, "Rồi."))
    assert faults(portal.put(f"{place}/draft", twice)) == {"/answers/1/comment": "given_twice"}
    done(portal.put(f"{place}/draft", answers((first, "Rồi."))))
    (fault,) = refused(portal.post(f"{place}/submit", a_document()), 422, "invalid")
    assert fault["permitted"] == [second]
    whole = answers((second, "Không có."), (first, "Rồi."))
    done(portal.put(f"{place}/draft", whole))
    done(portal.put(f"{place}/narrative", {"results": "Chỉ sửa lời."}))  # the answers stay
    receipt = done(portal.post(f"{place}/submit", a_document()))
    assert (receipt["revision"], receipt["kind"]) == (2, "report")
    assert receipt["answers"] == whole["answers"]
    for portal_ in (portal, focal):
        seen = portal_.get(place).json()
        assert [row["id"] for row in seen["comments"]] == [first, second]
    done(focal.post(f"{place}/accept"))
    assert [row["text"] for row in portal.get(place).json()["comments"]][1] == "Nêu kinh phí."
    assert revision_states(portal, place) == ["returned", "accepted"]


def test_the_answers_are_to_the_last_return(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = submitted(portal)
    old = returned(focal, place, "Một.")
    answering(portal, place, old)
    submitted(portal, place)
    new = returned(focal, place, "Hai.")
    begun = done(portal.post(f"{place}/revise", {}))
    assert (begun["answers"], [row["id"] for row in begun["comments"]]) == ([], new)
    late = {"answers": [{"comment": old[0], "text": "Rồi."}]}
    assert faults(portal.put(f"{place}/draft", late)) == {"/answers/0/comment": "comment_unknown"}
    done(portal.put(f"{place}/draft", {"answers": [{"comment": new[0], "text": "Rồi."}]}))
    submitted(portal, place)
    kept = {
        number: portal.get(f"{place}/revisions/{number}/differences").json()["comments"]
        for number in (2, 3)
    }
    assert {number: [row["text"] for row in rows_] for number, rows_ in kept.items()} == {
        2: ["Một."],
        3: ["Hai."],
    }
    said = [row["answers"] for row in portal.get(f"{place}/revisions").json()["items"]]
    assert [[one["comment"] for one in row] for row in said] == [[], old, new]


def test_a_first_draft_has_nothing_to_answer(api: Api) -> None:
    portal = api.portal(BINH_SON)
    place = drafted(portal)
    said = {"answers": [{"comment": str(uuid4()), "text": "Rồi."}]}
    assert faults(portal.put(f"{place}/draft", said)) == {"/answers/0/comment": "comment_unknown"}
    for wrong in ("x", 5, None):
        said = {"answers": [{"comment": wrong, "text": "Rồi."}]}  # type: ignore[dict-item]
        assert list(faults(portal.put(f"{place}/draft", said))) == ["/answers/0/comment"]


# Comparing


def test_the_differences_tell_exactly_what_changed(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    kept, mended, gone = (posted(portal, external_id=name) for name in ("kept", "mended", "gone"))
    place = submitted(portal)
    comments = returned(focal, place)
    changed(portal, mended, title="Tên đúng")
    withdrawn(portal, gone)
    new = posted(portal, external_id="new", unit="21040")
    answering(portal, place, comments, narrative=MENDED, deliverables=[COLUMN])
    draft = done(portal.get(f"{place}/revisions/2/differences"))
    counts = ("added", "changed", "removed")
    assert [draft[name] for name in counts] == [0, 0, 0], "a draft holds no records yet"
    assert {row["pointer"]: row["after"] for row in draft["fields"]}["/data_to"] is None
    submitted(portal, place, data_to="2021-11-21", document_number="216/BC-UBND")
    for reader in (portal, focal):
        found = done(reader.get(f"{place}/revisions/2/differences"))
        assert (found["revision"], found["against"]) == (2, 1)
        assert {row["pointer"]: (row["before"], row["after"]) for row in found["fields"]} == {
            "/narrative/results": (
                "Đã triển khai đầy đủ các nội dung của Kế hoạch.",
                MENDED["results"],
            ),
            "/narrative/lessons": (None, MENDED["lessons"]),
            "/data_to": ("2021-11-20", "2021-11-21"),
            "/document_number": ("215/BC-UBND", "216/BC-UBND"),
            **{f"/deliverables/0/{name}": (None, value) for name, value in COLUMN.items()},
            "/answers/0/comment": (None, comments[0]),
            "/answers/0/text": (None, "Đã bổ sung."),
        }
        assert [found[name] for name in counts] == [1, 1, 1]
        assert [row["id"] for row in found["comments"]] == comments
    records = f"{place}/revisions/2/records"
    wanted = {
        kept["id"]: (None, None, None),
        mended["id"]: ("changed", 1, 2),
        gone["id"]: ("removed", 1, None),
        new["id"]: ("added", None, 1),
    }
    compared = focal.get(records, against=1).json()["items"]
    said = {
        row["activity_report"]: (row["change"], row["before"], row["after"]) for row in compared
    }
    assert said == {key: value for key, value in wanted.items() if value[0]}
    for change in ("added", "changed", "removed"):
        some = focal.get(records, against=1, change=change).json()["items"]
        assert [row["change"] for row in some] == [change]
    held = {
        number: {
            row["activity_report"]: row["revision"]
            for row in focal.get(f"{place}/revisions/{number}/records").json()["items"]
        }
        for number in (1, 2)
    }
    assert held == {
        1: {kept["id"]: 1, mended["id"]: 1, gone["id"]: 1},
        2: {kept["id"]: 1, mended["id"]: 2, new["id"]: 1},
    }
    pages: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = focal.get(records, limit=1, **cursor).json()
        pages += [row["activity_report"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(pages) == sorted(held[2])
    for nowhere in ("revisions/1/differences", "revisions/3/differences", "revisions/3/records"):
        refused(portal.get(f"{place}/{nowhere}"), 404, "not_found")
    for later in (2, 3):
        refused(portal.get(f"{place}/revisions/2/differences", against=later), 404, "not_found")


def test_a_reviewer_sees_no_draft_among_the_revisions(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = submitted(portal)
    comments = returned(focal, place)
    answering(portal, place, comments, narrative=MENDED)
    assert revision_states(focal, place) == ["returned"]
    assert revision_states(portal, place) == ["returned", "draft"]
    for path in ("revisions/2", "revisions/2/differences", "revisions/2/records"):
        refused(focal.get(f"{place}/{path}"), 404, "not_found")
        assert portal.get(f"{place}/{path}").status_code == 200
    assert focal.get(place).json()["narrative"]["lessons"] is None


# What counts


def consolidated(api: Api, focal: Portal) -> dict[str, Any]:
    asked = done(focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021}), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return {"id": asked["id"], **done(focal.get(f"/v1/consolidated-reports/{asked['id']}"))}


def counted(report: dict[str, Any]) -> tuple[str, str, int, str]:
    (line,) = (row for row in report["coverage"]["roster"] if row["unit"] == BINH_SON)
    values = [row["counted"] for row in report["totals"] if row["indicator"] == "posts"]
    return line["review"], line["kind"], line["revision"], values[0]


def test_what_was_accepted_counts_until_its_correction_is_accepted(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    report = posted(portal)
    place = accepted(portal, focal)
    built = [consolidated(api, focal)]
    changed(portal, report, measures=[{"indicator": "posts", "value": "5"}])
    begun = done(portal.post(f"{place}/correct", {"reason": "Ghi nhầm số liệu"}))
    assert (begun["kind"], begun["reason"]) == ("correction", "Ghi nhầm số liệu")
    assert [row["report_id"] for row in begun["affected_reports"]] == [built[0]["id"]]
    built.append(consolidated(api, focal))
    submitted(portal, place)
    built.append(consolidated(api, focal))
    comments = returned(focal, place)
    built.append(consolidated(api, focal))
    assert answering(portal, place, comments)["reason"] == "Ghi nhầm số liệu"
    submitted(portal, place)
    assert {counted(one) for one in built} == {("accepted", "report", 1, "3")}
    assert [one["totals"] for one in built] == [built[0]["totals"]] * 4
    last = done(focal.post(f"{place}/accept"))
    assert revision_states(portal, place) == ["superseded", "returned", "accepted"]
    assert counted(consolidated(api, focal)) == ("accepted", "correction", 3, "5")
    for seen in (last, portal.get(place).json(), focal.get(place).json()):
        affected = [row["report_id"] for row in seen["affected_reports"]]
        assert affected == [one["id"] for one in built], "not the one that holds what stands"
    for one in built:
        kept = done(focal.get(f"/v1/consolidated-reports/{one['id']}"))
        assert one == {"id": one["id"], **kept}


def test_a_return_does_not_count_as_a_report(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = submitted(portal)
    returned(focal, place)
    coverage = consolidated(api, focal)["coverage"]["ordered"]
    assert (coverage["returned"], coverage["accepted"], coverage["in_review"]) == (1, 0, 0)
    assert coverage["required"] == coverage["returned"] + coverage["missing"]


# Many at once


def test_each_of_many_has_its_own_outcome_and_the_audit_one_entry(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    fresh, before, wrong, sent_back, draft = (api.portal(unit) for unit in DISTRICTS[:5])
    places = {
        "fresh": submitted(fresh),
        "before": accepted(before, focal),
        "wrong": submitted(wrong),
        "sent_back": submitted(sent_back),
        "draft": drafted(draft),
        "own": submitted(focal),
    }
    returned(focal, places["sent_back"])
    ids = {name: number_of(place) for name, place in places.items()}
    ids["nothing"] = str(uuid4())
    asked = [
        {"submission": ids[name], "revision": 2 if name == "wrong" else 1}
        for name in ("own", "fresh", "before", "wrong", "sent_back", "draft", "nothing", "fresh")
    ]
    entries = len(all_entries(api.engine))
    answer = focal.post(
        ACCEPTANCES, {"submissions": asked}, Accept_Language="en", Idempotency_Key="many"
    )
    said = done(answer)
    assert [(row["submission"], row["outcome"], row["code"]) for row in said["outcomes"]] == [
        (ids["own"], "refused", "not_reviewer"),
        (ids["fresh"], "accepted", None),
        (ids["before"], "unchanged", None),
        (ids["wrong"], "refused", "another_revision"),
        (ids["sent_back"], "refused", "action_not_allowed"),
        (ids["draft"], "refused", "not_found"),
        (ids["nothing"], "refused", "not_found"),
        (ids["fresh"], "unchanged", None),
    ]
    assert {name: said[name] for name in ("accepted", "unchanged", "refused")} == {
        "accepted": 1,
        "unchanged": 2,
        "refused": 5,
    }
    assert said["outcomes"][3]["detail"] == "The last submitted revision is 1, not 2."
    (entry,) = all_entries(api.engine)[entries:]
    assert entry.action == "submission.accepted_in_bulk"
    assert entry.after == {"accepted": [{"submission": ids["fresh"], "revision": 1}], "refused": 5}
    reviews = {name: office.get(place) for name, place in places.items() if name != "draft"}
    assert {name: answer.json()["review"] for name, answer in reviews.items()} == {
        "fresh": "accepted",
        "before": "accepted",
        "wrong": "submitted",
        "sent_back": "returned",
        "own": "submitted",
    }
    again = focal.post(
        ACCEPTANCES, {"submissions": asked}, Accept_Language="en", Idempotency_Key="many"
    )
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (said, "true")
    assert len(all_entries(api.engine)) == entries + 1


def test_it_asks_for_the_scope_and_for_a_list(shared: Api) -> None:
    focal = shared.portal(FOCAL_UNIT)
    one = {"submission": str(uuid4()), "revision": 1}
    table: list[tuple[Any, dict[str, str]]] = [
        ({"submissions": []}, {"/submissions": "too_short"}),
        ({"submissions": [one] * 501}, {"/submissions": "too_long"}),
        (
            {"submissions": [one | {"revision": 0}]},
            {"/submissions/0/revision": "greater_than_equal"},
        ),
        ({"submissions": [one | {"revision": "1"}]}, {"/submissions/0/revision": "int_type"}),
        ({}, {"/submissions": "missing"}),
    ]
    for body, found in table:
        assert faults(focal.post(ACCEPTANCES, body)) == found
    keyless = shared.portal(FOCAL_UNIT, *(set(Scope) - {Scope.REVIEW_SUBMISSIONS}))
    refused(keyless.post(ACCEPTANCES, {"submissions": [one]}), 403, "scope_missing")


def test_the_revision_that_was_looked_at_is_the_one_accepted(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = submitted(portal)
    answering(portal, place, returned(focal, place))
    submitted(portal, place)
    asked = [{"submission": number_of(place), "revision": 1}]
    (outcome,) = done(focal.post(ACCEPTANCES, {"submissions": asked}))["outcomes"]
    assert (outcome["outcome"], outcome["code"]) == ("refused", "another_revision")
    assert portal.get(place).json()["review"] == "submitted"


# Two at once


def test_of_an_acceptance_and_a_return_at_once_one_wins(api: Api) -> None:
    focal, said = api.portal(FOCAL_UNIT), {"comments": [{"text": "Bổ sung."}]}
    for unit in DISTRICTS[:4]:
        place = submitted(api.portal(unit))
        answers = at_once(
            api,
            focal,
            lambda p, place=place: p.post(f"{place}/accept"),  # type: ignore[misc]
            lambda p, place=place: p.post(f"{place}/return", said),  # type: ignore[misc]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (won,) = (answer.json() for answer in answers if answer.status_code == 200)
        (lost,) = (answer for answer in answers if answer.status_code == 409)
        (fault,) = refused(lost, 409, "action_not_allowed")
        assert fault["permitted"] == won["actions"] == focal.get(place).json()["actions"]
        assert focal.get(place).json()["review"] == won["review"]
        assert len(won["comments"]) == (won["review"] == "returned")


def test_of_two_returns_at_once_one_is_made(api: Api) -> None:
    focal, place = api.portal(FOCAL_UNIT), submitted(api.portal(BINH_SON))
    said = {"comments": [{"text": "Bổ sung."}]}
    answers = at_once(api, focal, *[lambda p: p.post(f"{place}/return", said)] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(focal.get(place).json()["comments"]) == 1


def test_of_many_accepted_at_once_in_any_order_each_is_so_once(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    asked = [
        {"submission": number_of(submitted(api.portal(unit))), "revision": 1}
        for unit in DISTRICTS[:6]
    ]
    entries = len(all_entries(api.engine))
    answers = at_once(
        api,
        focal,
        lambda p: p.post(ACCEPTANCES, {"submissions": asked}),
        lambda p: p.post(ACCEPTANCES, {"submissions": asked[::-1]}),
    )
    said = [done(answer) for answer in answers]
    assert sum(one["accepted"] for one in said) == 6
    assert sum(one["unchanged"] for one in said) == 6
    assert len(all_entries(api.engine)) == entries + 2


def test_of_two_corrections_begun_at_once_there_is_one(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = accepted(portal, focal)
    why = {"reason": "Ghi nhầm"}
    answers = at_once(
        api,
        portal,
        lambda p: p.post(f"{place}/correct", why),
        lambda p: p.post(f"{place}/supplement", {}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert revision_states(portal, place) == ["accepted", "draft"]


# The same request again


@pytest.mark.parametrize("verb", ["submit", "accept", "return", "revise", "correct", "supplement"])
def test_the_same_request_again_is_answered_as_before(api: Api, verb: str) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = drafted(portal) if verb == "submit" else submitted(portal)
    if verb == "revise":
        returned(focal, place)
    elif verb in ("correct", "supplement"):
        done(focal.post(f"{place}/accept"))
    who = focal if verb in ("accept", "return") else portal
    body = {
        "submit": a_document(),
        "accept": None,
        "return": {"comments": [{"text": "Bổ sung."}]},
        "revise": {},
        "correct": {"reason": "Ghi nhầm"},
        "supplement": {},
    }[verb]
    first = who.post(f"{place}/{verb}", body, Idempotency_Key="một".encode().hex())
    done(first)
    entries = len(all_entries(api.engine))
    again = who.post(f"{place}/{verb}", body, Idempotency_Key="một".encode().hex())
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(all_entries(api.engine)) == entries
    refused(who.post(f"{place}/{verb}", body), 409, "action_not_allowed")
