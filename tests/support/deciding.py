"""Bodies of the province's decisions over reporting, valid as they are on 22 November 2021."""

from typing import Any

from tests.support.makers import PLAN

CYCLES = "/v1/reporting-cycles"
YEAR_2021, YEAR_2025 = f"{CYCLES}/{PLAN}.2021", f"{CYCLES}/{PLAN}.2025"
WHY = {"reason": "Theo văn bản của UBND tỉnh", "document": "1234/UBND-KGVX"}


def an_extra_cycle(**changes: Any) -> dict[str, Any]:
    """Return an on-request cycle over the first quarter of 2022 for two units."""
    body: dict[str, Any] = {
        "plan": PLAN,
        "code": "quy-1-2022",
        "kind": "on_request",
        "name": "Báo cáo nhanh quý I năm 2022",
        "window_from": "2022-01-01",
        "window_to": "2022-04-01",
        "due_at": "2022-04-10T00:00:00+07:00",
        "items": ["III.1.b"],
        "units": ["524", "so-gddt"],
        **WHY,
    }
    return body | changes


def a_change(**changes: Any) -> dict[str, Any]:
    """Return the yearly cycle of 2021, due five days later."""
    body: dict[str, Any] = {
        "window_from": "2021-01-01",
        "window_to": "2022-01-01",
        "opens_at": "2021-01-01T00:00:00+07:00",
        "due_at": "2021-12-05T00:00:00+07:00",
        "supplement_due_at": "2022-01-16T00:00:00+07:00",
        **WHY,
    }
    return body | changes


def an_amendment(**changes: Any) -> dict[str, Any]:
    """Return a row that is requested for all days that it can be."""
    return {"basis": "requested", **WHY} | changes


def an_extension(**changes: Any) -> dict[str, Any]:
    """Return an extension by ten days."""
    return {"extended_to": "2021-12-10T00:00:00+07:00", **WHY} | changes


def an_outage(**changes: Any) -> dict[str, Any]:
    """Return an outage of the evening before."""
    body = {
        "began_at": "2021-11-21T20:00:00+07:00",
        "ended_at": "2021-11-21T23:00:00+07:00",
        "accepts_until": "2021-11-23T00:00:00+07:00",
        "evidence": "Nhật ký hệ thống",
        "reason": "Mất điện",
    }
    return body | changes


def a_stewardship(**changes: Any) -> dict[str, Any]:
    """Return who answers for Bình Sơn once it has ended: the commune of its name."""
    body = {"unit": "524", "steward": "21040", "valid_from": "2025-07-01", **WHY}
    return body | changes
