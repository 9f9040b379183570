"""A body that the app takes for each decision of the province, shown in the document."""

from typing import Any, Final

_DATES: Final = {
    "window_from": "2021-01-01",
    "window_to": "2022-01-01",
    "opens_at": "2021-01-01T00:00:00+07:00",
    "due_at": "2021-12-05T00:00:00+07:00",
}
_WHY: Final = {"reason": "Theo văn bản của UBND tỉnh.", "document": "1234/UBND-KGVX"}
_AMENDMENT: Final = {"basis": "requested", **_WHY}

EXAMPLES: Final[dict[str, Any]] = {
    "open_reporting_cycle": {
        "plan": "tuyen-truyen-2021-2025",
        "code": "quy-1-2022",
        "kind": "on_request",
        "name": "Báo cáo nhanh quý I năm 2022",
        "window_from": "2022-01-01",
        "window_to": "2022-04-01",
        "due_at": "2022-04-10T00:00:00+07:00",
        "items": ["III.1.b"],
        "units": ["524", "so-gddt"],
        **_WHY,
    },
    "change_reporting_cycle": {
        **_DATES,
        "supplement_due_at": "2022-01-16T00:00:00+07:00",
        **_WHY,
    },
    "add_roster_row": {"unit": "hoi-vhnt", **_AMENDMENT},
    "amend_roster_row": _AMENDMENT,
    "exempt_roster_row": _WHY,
    "extend_roster_row": {"extended_to": "2021-12-10T00:00:00+07:00", **_WHY},
    "declare_outage": {
        "began_at": "2021-11-21T20:00:00+07:00",
        "ended_at": "2021-11-21T23:00:00+07:00",
        "accepts_until": "2021-11-23T00:00:00+07:00",
        "evidence": "Biên bản sự cố số 01, nhật ký hệ thống.",
        "reason": "Mất điện tại trung tâm dữ liệu.",
    },
    "withdraw_outage": {"reason": "Công bố nhầm ngày."},
    "decide_stewardship": {
        "unit": "gso-524",
        "steward": "gso-21040-2025-07-01",
        "valid_from": "2025-07-01",
        **_WHY,
    },
}
