"""The province's decisions over reporting: cycles, rosters, outages, stewardships, handover."""

from typing import Any, Final

from tests.examples.recording import Recorder
from tests.examples.reference import YEAR
from tests.support.deciding import a_change, an_extension, an_extra_cycle
from tests.support.handing_over import AFTER, STEWARD
from tests.support.makers import BINH_SON, FOCAL_UNIT

_WHY: Final = {"reason": "Theo văn bản của UBND tỉnh.", "document": "1234/UBND-KGVX"}
_OUTAGE: Final = {
    "began_at": "2021-11-21T20:00:00+07:00",
    "ended_at": "2021-11-21T23:00:00+07:00",
    "accepts_until": "2021-11-23T00:00:00+07:00",
    "evidence": "Biên bản sự cố số 01, nhật ký hệ thống.",
    "reason": "Mất điện tại trung tâm dữ liệu.",
}


def decide(recorder: Recorder) -> None:
    """Open a cycle, change the year's, its roster, and declare an outage."""
    focal = recorder.of(FOCAL_UNIT)
    focal.does_twice("open_reporting_cycle", body=an_extra_cycle(**_WHY))
    match = focal.match("get_reporting_cycle", cycle=YEAR)
    focal.does("change_reporting_cycle", cycle=YEAR, body=a_change(**_WHY), headers=match)
    row: dict[str, Any] = {"cycle": YEAR, "unit": "524"}
    requested = {"basis": "requested", **_WHY}
    added = {"unit": "21040", **requested}
    recorder.send(focal.portal, "add_roster_row", cycle=YEAR, body=added)
    match = focal.match("get_roster_row", **row)
    focal.does("amend_roster_row", **row, body=requested, headers=match)
    focal.does("extend_roster_row", **row, body=an_extension(**_WHY))
    focal.does("exempt_roster_row", **row, body=_WHY)
    outage = focal.does_twice("declare_outage", cycle=YEAR, body=_OUTAGE)["id"]
    focal.does("list_outages", cycle=YEAR)
    mistaken = {"reason": "Công bố nhầm ngày."}
    focal.does("withdraw_outage", cycle=YEAR, outage_id=outage, body=mistaken)
    steward = {"unit": BINH_SON, "steward": STEWARD, "valid_from": "2025-07-01", **_WHY}
    focal.does_twice("decide_stewardship", body=steward)


def hand_over(recorder: Recorder) -> None:
    """Years later, export what the ended district did."""
    recorder.api.set_clock(AFTER)
    recorder.of(STEWARD).does("get_handover", unit=BINH_SON)
