"""What is read before anything is written: the service, the plan, the units, the cycles."""

from typing import Final

from tests.examples.recording import Recorder
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN

YEAR: Final = f"{PLAN}.2021"
HANDED_OVER: Final = "2025-07-01"


def read_reference(recorder: Recorder) -> None:
    """Read what a program reads first."""
    district = recorder.of(BINH_SON)
    district.does("is_live")
    district.does("is_ready")
    district.does("list_plans", limit=2)
    district.does("get_plan", plan=PLAN)
    district.does("list_content_themes", plan=PLAN, phase="II.1", limit=2)
    district.does("list_plan_items", plan=PLAN, kind="form", limit=2)
    district.does("list_assignments", plan=PLAN, unit=BINH_SON, on="2021-11-22", limit=2)
    district.does("list_unit_groups", plan=PLAN, on="2021-11-22", limit=2)
    district.does("list_indicators", plan=PLAN, item="III.1.b", limit=2)
    district.does("list_codes", list="channel", on="2021-11-22", limit=2)
    _units(recorder)
    _cycles(recorder)


def _units(recorder: Recorder) -> None:
    district = recorder.of(BINH_SON)
    district.does("list_units", within="51", level="district", on="2021-11-22", limit=2)
    district.does("get_unit", unit="524", on="2021-11-22")
    district.does("get_unit_history", unit=BINH_SON)
    district.does("list_unit_roles", plan=PLAN, on="2021-11-22")
    district.does("list_stewardships", unit=BINH_SON, on=HANDED_OVER)


def _cycles(recorder: Recorder) -> None:
    district = recorder.of(BINH_SON)
    district.does("list_reporting_cycles", plan=PLAN, year=2021)
    district.does("get_reporting_cycle", cycle=YEAR)
    district.does("list_roster", cycle=YEAR, basis="ordered", limit=2)
    district.does("get_roster_row", cycle=YEAR, unit=BINH_SON)
    district.does("list_roster_row_versions", cycle=YEAR, unit=BINH_SON)


def read_key(recorder: Recorder) -> None:
    """Read what a program asks first. It is played last: ids are numbered as they are met."""
    recorder.of(BINH_SON).does("read_key")


def read_how_it_stands(recorder: Recorder) -> None:
    """Read what the province reads at the end of the year."""
    focal = recorder.of(FOCAL_UNIT)
    focal.does("get_reporting_cycle_status", cycle=YEAR)
    focal.does("list_notices", plan=PLAN, year=2021, limit=2)
    focal.does("list_audit_entries", action="submission.accepted", limit=2)
    focal.does("read_activity_reports_template", plan=PLAN, unit=FOCAL_UNIT)
    focal.does("read_narrative_template")
