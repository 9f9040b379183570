"""A small year with something of everything that a consolidated report shows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.filing import some_activities
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN
from tests.support.reviewing import accepted, done, drafted, posted, returned, submitted

CULTURE = "body-so-vhttdl"
MO_DUC = "gso-533"
FORMULA = '=HYPERLINK("http://example.org","Số liệu, "" đã duyệt")'


def a_told_year(api: Api) -> Portal:
    """Let units report 2021; return the focal unit's portal.

    There are joined reports, communes, series that replace themselves, what does not add over
    units, originals and reposts, a nil report, nil items, expectations, money beyond what a
    spreadsheet keeps, one in review, one returned, and many missing.
    """
    focal = api.portal(FOCAL_UNIT)
    district, culture, other = (api.portal(unit) for unit in (BINH_SON, CULTURE, MO_DUC))
    for body in (
        *some_activities("524", 12),
        *some_activities("21040", 4),
        *some_activities("533", 6),
    ):
        portal = other if body["unit"] == "533" else district
        posted(portal, **body)
    posted(
        district,
        measures=[
            {"indicator": "views", "value": "999999999999"},
            {"indicator": "posts", "value": "4", "origin": "repost"},
        ],
        expenditure=[{"source": "other_lawful", "amount": 9_007_199_254_740_991}],
        languages=["vi", "hre"],
        content_themes=["II.1.1", "II.1.2"],
    )
    _joined(district, culture)
    content = {
        "narrative": {
            "results": FORMULA,
            "proposals": [{"addressee": "UBND tỉnh", "text": "Bổ sung kinh phí."}],
        },
        "expectations": [{"plan_item": "III.1.b", "indicator": "posts", "value": "40"}],
        "nil_items": [{"plan_item": "III.4", "reason": "Chưa có kinh phí"}],
    }
    for portal, said in ((district, content), (culture, {}), (other, {})):
        accepted(portal, focal, **said) if not said else _accepted(portal, focal, said)
    nil: dict[str, Any] = {"nil": True, "nil_reason": "Không phát sinh"}
    quiet = api.portal("body-so-tu-phap")
    place = submitted(quiet, drafted(quiet), **nil)
    done(focal.post(f"{place}/accept"))
    submitted(api.portal("body-so-y-te"), **nil)
    again = api.portal("body-so-gddt")
    returned(focal, submitted(again, **nil))
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    return focal


def asked(api: Api, focal: Portal, **wanted: Any) -> str:
    """Have a report of 2021 built; return its place."""
    request = done(
        focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021, **wanted}), 202
    )
    consolidate(api.engine, UUID(request["id"]), at=api.now())
    return f"/v1/consolidated-reports/{request['id']}"


def _accepted(portal: Portal, focal: Portal, said: dict[str, Any]) -> None:
    done(focal.post(f"{submitted(portal, drafted(portal, **said))}/accept"))


def _joined(district: Portal, culture: Portal) -> None:
    reports = [
        posted(
            portal,
            unit=unit,
            plan_item="III.2",
            channel="conference",
            format=None,
            participants=["so-vhttdl"] if unit == "524" else [],
            measures=[
                {"indicator": "sessions", "value": sessions},
                {"indicator": "participants", "value": people},
            ],
            expenditure=[{"source": "other_lawful", "amount": 1_000_000}],
        )
        for portal, unit, sessions, people in (
            (district, "524", "1", "120"),
            (culture, "so-vhttdl", "1", "150"),
        )
    ]
    link = done(culture.post("/v1/joint-links", {"reports": [one["id"] for one in reports]}), 201)
    done(district.post(f"/v1/joint-links/{link['id']}/confirm"))
