"""A version compared with the one before it: what differs, and because of whom."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.db import unit_of_work
from app.domain.consolidation.models import ConsolidatedReport
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import WHY, YEAR_2021
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.reviewing import accepted, changed, done, posted, submitted

MO_DUC = "gso-533"
REPORTS = "/v1/consolidated-reports"
YEAR = {"plan": PLAN, "year": 2021}
ISSUE = {"document_number": "1/BC", "document_on": "2021-11-22", "signatory_title": "Chủ tịch"}


def built(api: Api, focal: Portal, hours: int, **wanted: Any) -> str:
    """Have a version built so many hours later; return its path."""
    api.set_clock(A_WORKING_DAY + timedelta(hours=hours))
    asked = done(focal.post(REPORTS, YEAR | wanted), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return f"{REPORTS}/{asked['id']}"


def conference(portal: Portal, unit: str, people: int, **changes: Any) -> dict[str, Any]:
    """Post a conference."""
    return posted(
        portal,
        unit=unit.removeprefix("gso-"),
        plan_item="III.2",
        channel="conference",
        format=None,
        measures=[{"indicator": "participants", "value": str(people)}],
        expenditure=[],
        **changes,
    )


def all_pages(portal: Portal, place: str, **query: Any) -> list[dict[str, Any]]:
    """Return the changed figures of all pages."""
    rows: list[dict[str, Any]] = []
    while True:
        page = done(portal.get(f"{place}/differences", **query))
        rows += page["items"]
        if page["next"] is None:
            return rows
        query["cursor"] = page["next"]


def at(report: dict[str, Any], pointer: str) -> Any:
    """Return what stands at a JSON Pointer."""
    found: Any = report
    for step in pointer.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def one(rows: list[dict[str, Any]], **which: Any) -> dict[str, Any]:
    """Return the one figure of that description."""
    (found,) = (row for row in rows if which.items() <= row.items())
    return found


def test_a_version_differs_from_the_one_before_by_what_was_sent_since(api: Api) -> None:
    district, other, focal = (api.portal(unit) for unit in (BINH_SON, MO_DUC, FOCAL_UNIT))
    talk = conference(district, BINH_SON, 120)
    theirs = conference(other, MO_DUC, 150)
    place = accepted(district, focal)
    first = built(api, focal, 1)
    refused(focal.get(f"{first}/differences"), 404, "no_version_before")
    # A correction (120 were 130), a report, a link of the two, an exemption.
    changed(district, talk, measures=[{"indicator": "participants", "value": "130"}])
    done(district.post(f"{place}/correct", {"reason": "Đếm thiếu 10 người"}))
    submitted(district, place, document_number="9/BC")
    done(focal.post(f"{place}/accept"))
    accepted(other, focal)
    link = {"reports": [talk["id"], theirs["id"]], "reason": "Cùng một hội nghị"}
    done(focal.post("/v1/joint-links", link), 201)
    done(focal.post(f"{YEAR_2021}/roster/gso-529/exempt", WHY))
    built(api, focal, 2, basis="submitted")  # a preview is not what one compares with
    second = built(api, focal, 3)
    told = done(focal.get(f"{second}/differences", limit=500))
    assert (told["before"]["version"], told["after"]["version"]) == (1, 3)
    assert {told[side]["state"] for side in ("before", "after")} == {"draft"}
    assert [
        {name: row[name] for name in ("unit", "why", "reason", "before", "after")}
        for row in told["inputs"]
    ] == [
        {
            "unit": BINH_SON,
            "why": "correction",
            "reason": "Đếm thiếu 10 người",
            "before": 1,
            "after": 2,
        },
        {"unit": MO_DUC, "why": "newly_accepted", "reason": None, "before": None, "after": 1},
    ]
    exempted = one(told["roster"], unit="gso-529")
    assert (exempted["before"]["basis"], exempted["after"]["basis"]) == ("ordered", "not_required")
    assert exempted["reason"] == WHY["reason"]
    assert told["reference"] == {
        "roster": True,
        "units": False,
        "indicators": False,
        "plan": False,
        "joint": True,
        "units_on": False,
    }
    people = {"part": "total", "item": "III.2", "indicator": "participants"}
    counted = one(told["items"], column="counted", **people)
    # 120; then 130 + 150, of which 130 are the same.
    assert (counted["before"]["value"], counted["after"]["value"]) == ("120", "150")
    assert counted["difference"] == "30"
    assert [(c["kind"], c["unit"], c["difference"]) for c in counted["because"]] == [
        ("submission", BINH_SON, "10"),
        ("submission", MO_DUC, "150"),
        ("joint", None, "-130"),
    ]
    required = one(told["items"], part="coverage", column="required", member="ordered")
    assert [(c["kind"], c["unit"], c["difference"]) for c in required["because"]] == [
        ("roster", "gso-529", "-1")
    ]
    _figures_and_causes_are_right(focal, told, first, second)
    assert all_pages(focal, second, limit=7) == told["items"]
    totals = all_pages(focal, second, part="total")
    assert totals == [row for row in told["items"] if row["part"] == "total"]
    back = done(focal.get(f"{first}/differences", limit=500, **{"with": second.split("/")[-1]}))
    assert {row["difference"] for row in back["items"] if row["part"] == "total"} == {
        row["difference"][1:] if row["difference"][0] == "-" else f"-{row['difference']}"
        for row in totals
    }
    assert [row["why"] for row in back["inputs"]] == ["sent_again", "no_longer_accepted"]


def _figures_and_causes_are_right(
    focal: Portal, told: dict[str, Any], first: str, second: str
) -> None:
    before, after = done(focal.get(first)), done(focal.get(second))
    for row in told["items"]:
        values = []
        for side, report in (("before", before), ("after", after)):
            if row[side] is not None:
                (pointer,) = row[side]["pointers"]
                assert str(at(report, pointer)) == row[side]["value"]
            values.append(Decimal(row[side]["value"] if row[side] else 0))
        assert values[0] + Decimal(row["difference"]) == values[1]
        assert (
            sum(Decimal(cause["difference"]) for cause in row["because"]) == values[1] - values[0]
        )


def test_who_receives_issued_reports_compares_these_and_no_others(api: Api) -> None:
    district, receiver, focal, office = (
        api.portal(unit) for unit in (BINH_SON, "body-so-tai-chinh", FOCAL_UNIT, OFFICE)
    )
    receives = {"units": ["so-tai-chinh"], "reason": "Nơi nhận"}
    done(focal.put(f"/v1/plans/{PLAN}/report-recipients", receives))
    first = built(api, focal, 1)
    posted(district)
    accepted(district, focal)
    between, last = built(api, focal, 2), built(api, focal, 3)
    for place in (first, last):
        refused(receiver.get(f"{last}/differences"), 404, "not_found")
        done(focal.put(f"{place}/assessment", {"text": "Đủ."}))
        done(focal.post(f"{place}/propose"))
        done(office.post(f"{place}/approve"))
        done(office.post(f"{place}/issue", ISSUE))
    told = done(receiver.get(f"{last}/differences"))
    assert (told["before"]["version"], told["before"]["state"]) == (1, "superseded")
    assert told["after"]["state"] == "issued"
    assert done(office.get(f"{last}/differences"))["before"]["version"] == 2
    other = {"with": between.split("/")[-1]}
    refused(receiver.get(f"{last}/differences", **other), 404, "not_found")
    refused(district.get(f"{last}/differences"), 404, "not_found")


def test_what_cannot_be_compared_is_refused(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    mine = built(api, focal, 1)
    body = {
        "plan": PLAN,
        "code": "thang-10-2021",
        "kind": "on_request",
        "name": "Báo cáo nhanh",
        "window_from": "2021-10-01",
        "window_to": "2021-11-01",
        "due_at": "2021-11-29T00:00:00+07:00",
        "items": ["III.1.b"],
        "units": ["524"],
        **WHY,
    }
    done(focal.post("/v1/reporting-cycles", body), 201)
    asked = done(focal.post(REPORTS, {"cycle": f"{PLAN}.thang-10-2021"}), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    answer = focal.get(f"{mine}/differences", **{"with": asked["id"]})
    assert faults(answer) == {"?with": "report_of_other_cycle"}
    later = built(api, focal, 2)
    with unit_of_work(api.engine) as session:
        statement = select(ConsolidatedReport).where(ConsolidatedReport.id == UUID(mine[-36:]))
        row = session.exec(statement).one()
        row.content = row.content.replace(b"consolidated-report/2", b"consolidated-report/1")
    refused(focal.get(f"{later}/differences"), 409, "report_schema_too_old")
