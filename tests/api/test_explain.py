"""Every figure of a report is explained: by submissions, and by activity reports behind them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.consolidation.explained import Explained, behind, explain
from app.domain.consolidation.explained_left_out import left_out
from app.domain.consolidation.explaining import total_of
from app.domain.consolidation.figures import Shown, figures
from app.domain.consolidation.models import ConsolidatedReport
from app.domain.principal import Principal
from tests.api.test_joint_counting import ASK, CULTURE, MO_DUC, talk
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import refused
from tests.support.reviewing import (
    accepted,
    changed,
    done,
    drafted,
    posted,
    returned,
    submitted,
    withdrawn,
)

ISSUE = {"document_number": "1/BC", "document_on": "2021-11-22", "signatory_title": "Chủ tịch"}
TU_NGHIA = "gso-525"
FINANCE = "body-so-tai-chinh"
SEES_ALL = Principal(UUID(int=0), FOCAL_UNIT, frozenset(), province_wide=True)


def of(**values: str) -> list[dict[str, Any]]:
    """Return measures."""
    return [{"indicator": name, "value": value} for name, value in values.items()]


def a_rich_year(api: Api) -> tuple[Portal, dict[str, dict[str, Any]]]:
    """Have units report all sorts of things; return the focal unit and some reports by name."""
    district, culture, other, focal = (
        api.portal(unit) for unit in (BINH_SON, CULTURE, MO_DUC, FOCAL_UNIT)
    )
    named = {}
    for day, unit, channel, followers, reach in (
        ("2021-03-02", "524", "facebook", "100", "900"),
        ("2021-05-02", "524", "facebook", "80", "700"),
        ("2021-05-02", "524", "zalo", "30", "50"),
        ("2021-06-02", "21040", "facebook", "7", "9"),
        ("2021-06-02", "21055", "zalo", "0", "0"),
    ):
        named[f"{unit} {day} {channel}"] = posted(
            district,
            unit=unit,
            occurred_on=day,
            channel=channel,
            languages=["vi", "hre"],
            content_themes=["II.1.1", "II.1.2"],
            measures=of(posts="2", views="10", followers=followers, reach=reach),
            expenditure=[{"source": "state_budget_province", "amount": 1_000_001}],
        )
    for n in range(5):
        posted(district, occurred_on=f"2021-0{n + 1}-15", format=None, content_themes=[])
    repost = [{"indicator": "posts", "value": "4", "origin": "repost"}]
    posted(district, measures=repost, integrated=True)
    posted(culture, **_screens("2021-04-01", "5"))
    named["more screens"] = posted(culture, **_screens("2021-03-01", "9"))
    one = posted(district, **talk(BINH_SON, 3, 120, participants=["so-vhttdl"]))
    also = posted(culture, **talk(CULTURE, 2, 150))
    link = done(culture.post("/v1/joint-links", {"reports": [one["id"], also["id"]]}), 201)
    done(district.post(f"/v1/joint-links/{link['id']}/confirm"))
    named["withdrawn"] = posted(district)
    withdrawn(district, named["withdrawn"])
    named["after"] = posted(district, occurred_on="2021-11-21")
    expected = [{"plan_item": "III.1.b", "indicator": "posts", "value": "40"}]
    place = drafted(district)
    begun = done(district.get(place))
    said = {"narrative": begun["narrative"], "expectations": expected}
    done(district.put(f"{place}/draft", said))
    submitted(district, place)
    done(focal.post(f"{place}/accept"))
    accepted(culture, focal)
    accepted(api.portal("body-so-gtvt"), focal, nil=True, nil_reason="Không phát sinh.")
    posted(other, unit="533")
    submitted(other)
    tu_nghia = api.portal(TU_NGHIA)
    returned(focal, submitted(tu_nghia))
    return focal, named


def _screens(day: str, many: str) -> dict[str, Any]:
    return {
        "unit": "so-vhttdl",
        "plan_item": "III.3",
        "channel": "electronic_board",
        "format": None,
        "occurred_on": day,
        "measures": of(screens=many),
    }


def built(api: Api, focal: Portal, **wanted: Any) -> UUID:
    """Have a version built; return its id."""
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    asked = done(focal.post("/v1/consolidated-reports", ASK | wanted), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return UUID(asked["id"])


def found_in(session: Session, report_id: UUID) -> Explained:
    """Return one explanation, from which those of the other figures are made."""
    return explain(session, by=SEES_ALL, report_id=report_id, pointer="/coverage/ordered/required")


def other(found: Explained, shown: Shown) -> Explained:
    """Return the explanation of another figure of the same version."""
    return replace(found, shown=shown, terms=found.explaining.terms(shown))


@pytest.mark.parametrize("wanted", [{}, {"units_on": "2025-07-01", "basis": "submitted"}])
def test_every_figure_is_the_sum_of_its_terms_and_of_the_reports_behind(
    api: Api, wanted: dict[str, str]
) -> None:
    focal, _ = a_rich_year(api)
    report_id = built(api, focal, **wanted)
    deep, kinds = 0, set()
    with unit_of_work(api.engine) as session:
        first = found_in(session, report_id)
        for shown in figures(first.report):
            found = other(first, shown)
            kinds |= {term.kind for term in found.terms}
            if shown.value is None:
                assert all(term.stands_for for term in found.terms)
                continue
            assert total_of(found.terms) == shown.value, shown
            if (shown.part, shown.column, shown.unit) == ("unit", "occurrences", BINH_SON):
                groups = {group.kind for group in left_out(session, found, by=SEES_ALL)}
                assert groups <= {"withdrawn", "outside_window", "not_yet_reported"}
            if found.explaining.chosen(shown) is None:
                continue
            for unit in {term.submission for term in found.terms if term.kind != "joint"}:
                total, rows = behind(
                    session, found, by=SEES_ALL, submission=unit or "", after=None, limit=999
                )
                assert sum(Decimal(row.amount) for row in rows) == Decimal(total), shown
                deep += 1
    assert kinds == {"submission", "unit", "series", "joint", "report", "expectation", "roster"}
    assert deep > 200


def at(focal: Portal, report_id: UUID, pointer: str, **query: Any) -> dict[str, Any]:
    """Ask for an explanation."""
    path = f"/v1/consolidated-reports/{report_id}/explain"
    return done(focal.get(path, pointer=pointer, **query))


def pointers(report: dict[str, Any], **which: Any) -> list[str]:
    """Return the pointers of the figures that are of that."""
    return [
        one.pointer
        for one in figures(report)
        if all(getattr(one, name) == value for name, value in which.items())
    ]


def test_an_explanation_says_rules_names_terms_and_what_is_left_out(api: Api) -> None:
    focal, named = a_rich_year(api)
    report_id = built(api, focal)
    district = api.portal(BINH_SON)
    # Since it was frozen: one more, one corrected.
    api.set_clock(A_WORKING_DAY + timedelta(hours=2))
    late = posted(district, occurred_on="2021-02-02")
    fixed = named["524 2021-03-02 facebook"]
    changed(district, fixed, title="Tên khác")
    report = done(focal.get(f"/v1/consolidated-reports/{report_id}"))
    (posts,) = pointers(
        report, part="total", column="counted", indicator="posts", origin="original"
    )
    told = at(focal, report_id, posts)
    named_vi = "Số tin, bài đăng trên cổng/trang thông tin điện tử, mạng xã hội"
    assert told["figure"]["indicator_name"] == named_vi
    assert told["figure"]["measured_in"] == "tin, bài"
    assert [rule["code"] for rule in told["rules"]] == ["rule_sum", "rule_joined_once"]
    assert told["terms_total"] == told["figure"]["value"]
    (term,) = told["terms"]
    assert (term["submission"], term["submission_name"], term["revision"]) == (
        BINH_SON,
        next(r["name"] for r in report["coverage"]["roster"] if r["unit"] == BINH_SON),
        1,
    )
    apart = {one["kind"]: one for one in told["left_out"]}
    ids = {kind: {row["report_id"] for row in one["rows"]} for kind, one in apart.items()}
    assert ids["withdrawn"] == {named["withdrawn"]["id"]}
    assert ids["outside_window"] == {named["after"]["id"]}
    assert ids["not_yet_reported"] == {late["id"], fixed["id"]}
    # The same as the submission itself says, which covers the days after its last one too.
    (mine,) = done(district.get("/v1/submissions", year=2021))["items"]
    rows = done(district.get(f"/v1/submissions/{mine['id']}/not-yet-reported"))["items"]
    assert {row["activity_report"] for row in rows} == {
        *ids["not_yet_reported"],
        *ids["outside_window"],
    }
    held = {r["report_id"]: r["held_revision"] for r in apart["not_yet_reported"]["rows"]}
    assert held == {late["id"]: None, fixed["id"]: 1}
    assert {row["unit"] for row in apart["in_review"]["rows"]} == {MO_DUC}
    assert {row["unit"] for row in apart["returned"]["rows"]} == {TU_NGHIA}
    assert apart["missing"]["count"] == len(apart["missing"]["rows"]) > 10
    (sessions,) = pointers(report, part="total", column="counted", indicator="sessions")
    told = at(focal, report_id, sessions)
    assert [(t["kind"], t["amount"]) for t in told["terms"]] == [
        ("submission", "2"),
        ("submission", "3"),
        ("joint", "-2"),
    ]
    joint = told["terms"][2]
    assert (joint["report"]["unit"], joint["counted_with"]["unit"]) == (CULTURE, BINH_SON)
    (once,) = (one for one in told["left_out"] if one["kind"] == "counted_once")
    assert (once["count"], once["rows"][0]["amount"]) == (1, "2")
    (reach,) = pointers(report, part="total", column="counted", indicator="reach")
    told = at(focal, report_id, reach)
    assert told["terms_total"] is None
    assert {t["unit"]: t["stands_for"] for t in told["terms"]} == {
        BINH_SON: "900",
        "gso-21040": "9",
        "gso-21055": "0",
    }
    assert "not_additive" in {one["kind"] for one in told["left_out"]}


def test_the_reports_behind_a_figure_are_listed_and_paged(api: Api) -> None:
    focal, named = a_rich_year(api)
    report_id = built(api, focal)
    report = done(focal.get(f"/v1/consolidated-reports/{report_id}"))
    _replaced(focal, report_id, report, named)
    _paged(focal, report_id, report)


def _replaced(
    focal: Portal, report_id: UUID, report: dict[str, Any], named: dict[str, dict[str, Any]]
) -> None:
    """Values that replace each other name the one that is left."""
    (followers,) = pointers(report, part="total", column="counted", indicator="followers")
    told = at(focal, report_id, followers)
    assert [(t["unit"], t["channel"], t["amount"], t["day"]) for t in told["terms"]] == [
        ("gso-21040", "facebook", "7", "2021-06-02"),
        ("gso-21055", "zalo", "0", "2021-06-02"),
        (BINH_SON, "facebook", "80", "2021-05-02"),
        (BINH_SON, "zalo", "30", "2021-05-02"),
    ]
    deep = at(focal, report_id, followers, submission=BINH_SON)
    rows = {row["id"]: row for row in deep["reports"]}
    older = rows[named["524 2021-03-02 facebook"]["id"]]
    assert (older["amount"], older["said"]) == ("0", "100")
    assert older["replaced_by"] == named["524 2021-05-02 facebook"]["id"]
    (screens,) = pointers(report, part="total", column="counted", indicator="screens")
    deep = at(focal, report_id, screens, submission=CULTURE)
    assert sorted((row["amount"], row["said"]) for row in deep["reports"]) == [
        ("0", "5"),
        ("9", "9"),
    ]
    assert deep["terms_total"] == "9"


def _paged(focal: Portal, report_id: UUID, report: dict[str, Any]) -> None:
    """Pages add up to the term, and a cursor is of one figure."""
    (pointer,) = pointers(report, part="total", column="activities", item="III.1.b")
    query: dict[str, Any] = {"submission": BINH_SON, "limit": 4}
    page = at(focal, report_id, pointer, **query)
    seen = list(page["reports"])
    first = page["next"]
    while page["next"]:
        page = at(focal, report_id, pointer, cursor=page["next"], **query)
        seen += page["reports"]
    assert len(seen) == len({row["id"] for row in seen}) == int(page["terms_total"]) > 8
    path = f"/v1/consolidated-reports/{report_id}/explain"
    elsewhere = {"pointer": "/counts/0/occurrences", "cursor": first, **query}
    refused(focal.get(path, **elsewhere), 400, "bad_cursor")
    roster: dict[str, Any] = {"pointer": "/coverage/ordered/required", "limit": 5}
    page = at(focal, report_id, **roster)
    assert page["left_out"] == []
    again = at(focal, report_id, **roster, cursor=page["next"])
    assert again["left_out"] is None
    assert not {t["submission"] for t in page["terms"]} & {t["submission"] for t in again["terms"]}


def test_on_another_days_hierarchy_terms_tell_how_units_came_there(api: Api) -> None:
    focal, _ = a_rich_year(api)
    report_id = built(api, focal, units_on="2025-07-01")
    report = done(focal.get(f"/v1/consolidated-reports/{report_id}"))
    mapped = pointers(report, part="hierarchy", column="value", indicator="posts")
    told = at(focal, report_id, mapped[0])
    assert {term["placed"] for term in told["terms"]} == {"succession"}
    assert "rule_mapped" in {rule["code"] for rule in told["rules"]}
    (apart,) = (one for one in told["left_out"] if one["kind"] == "not_mappable")
    assert (apart["rows"][0]["unit"], apart["rows"][0]["reason"]) == (BINH_SON, "no_successor")
    unmapped = pointers(report, part="unmapped", column="value", indicator="posts")
    told = at(focal, report_id, unmapped[0])
    assert {term["placed"] for term in told["terms"]} == {"no_successor"}


def test_what_cannot_be_explained_is_refused_with_a_hint(api: Api) -> None:
    focal, _ = a_rich_year(api)
    report_id = built(api, focal)
    path = f"/v1/consolidated-reports/{report_id}/explain"
    for pointer, submission, code in (
        ("/counts/99/activities", None, "no_such_place"),
        ("nothing", None, "no_such_place"),
        ("/counts/0/item", None, "not_a_figure"),
        ("", None, "not_a_figure"),
        ("/counts/0/activities", "gso-533", "no_such_term"),
        ("/coverage/ordered/missing", BINH_SON, "no_reports_behind"),
    ):
        query = {"pointer": pointer, **({"submission": submission} if submission else {})}
        answer = focal.get(path, **query)
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert fault["code"] == code
        if code in ("no_such_place", "no_such_term") and pointer != "nothing":
            assert fault["permitted"]
    beside = at(focal, report_id, "/totals/0/coverage/ordered/missing")
    assert beside["terms_total"] == beside["figure"]["value"] != "0"
    with unit_of_work(api.engine) as session:
        row = session.get_one(ConsolidatedReport, report_id)
        row.content = row.content.replace(b"consolidated-report/2", b"consolidated-report/1")
    refused(focal.get(path, pointer="/counts/0/activities"), 409, "report_schema_too_old")


def test_a_recipient_reads_it_down_to_the_submissions(api: Api) -> None:
    focal, _ = a_rich_year(api)
    office, receiver, stranger = (api.portal(u) for u in (OFFICE, FINANCE, BINH_SON))
    receives = {"units": ["so-tai-chinh"], "reason": "Nơi nhận"}
    done(focal.put(f"/v1/plans/{PLAN}/report-recipients", receives))
    report_id = built(api, focal)
    place = f"/v1/consolidated-reports/{report_id}"
    refused(receiver.get(f"{place}/explain", pointer="/counts/0/activities"), 404, "not_found")
    done(focal.put(f"{place}/assessment", {"text": "Đủ."}))
    done(focal.post(f"{place}/propose"))
    done(office.post(f"{place}/approve"))
    done(office.post(f"{place}/issue", ISSUE))
    refused(stranger.get(f"{place}/explain", pointer="/counts/0/activities"), 404, "not_found")
    told = at(receiver, report_id, "/counts/0/activities")
    assert told["terms_total"] == told["figure"]["value"]
    kinds = {one["kind"] for one in told["left_out"]}
    assert "missing" in kinds
    assert not kinds & {"withdrawn", "outside_window", "not_yet_reported"}
    query = {"pointer": "/counts/0/activities", "submission": BINH_SON}
    refused(receiver.get(f"{place}/explain", **query), 403, "reports_not_shown")
