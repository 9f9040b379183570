"""A district's year: activity reported, corrected, withdrawn; in bulk; and jointly with others."""

import json
from typing import Any, Final

from app.api.contract.examples import example
from tests.examples.recording import Recorder
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN

_REASON: Final = {"reason": "Ghi nhầm tiêu đề."}
_KEY: Final = ("unit", "source_system", "external_id")
_JSON_LINES: Final = ("application/jsonl", "application/x-ndjson")
_SHEET: Final = """\
unit,plan,plan_item,content_themes,source_system,external_id,occurred_on,channel,title,measures.posts
524,tuyen-truyen-2021-2025,III.1.b,II.1.1,portal-binh-son,2021-000503,20/10/2021,facebook,Đăng tin,3
"""


def a_row(number: int, **changes: Any) -> dict[str, Any]:
    """Return a row of a bulk request."""
    return {
        "unit": "524",
        "plan": PLAN,
        "plan_item": "III.1.c",
        "content_themes": ["II.1.1"],
        "source_system": "portal-binh-son",
        "external_id": f"2021-{number:06d}",
        "occurred_on": "2021-10-05",
        "channel": "loudspeaker",
        "format": "audio",
        "title": "Phát thanh về phòng, chống dịch COVID-19",
        "measures": [{"indicator": "loudspeaker_sessions", "value": "4"}],
        **changes,
    }


def report(recorder: Recorder) -> None:
    """Post, find, correct, withdraw and reinstate activity; follow the changes."""
    district = recorder.of(BINH_SON)
    body = example("activity-report")
    content = {name: value for name, value in body.items() if name not in _KEY}
    made = district.does_twice("create_activity_report", body=body)
    key = {name: body[name] for name in _KEY}
    own = {"report_id": made["id"]}
    district.does("get_activity_report", **own)
    district.does("find_activity_report", **key)
    district.does("list_activity_reports", plan=PLAN, occurred_from="2021-09-01", limit=2)
    corrected = content | {"title": f"{content['title']}, nhiệm kỳ 2020 - 2025"} | _REASON
    district.does("correct_activity_report", **own, body=corrected, headers=_match(1))
    patch = {"title": content["title"], "reason": "Lấy lại tiêu đề cũ."}
    district.does(
        "patch_activity_report",
        **own,
        body=patch,
        media_type="application/merge-patch+json",
        headers=_match(2),
    )
    reason = {"reason": "Trùng với một bản ghi khác."}
    district.does("withdraw_activity_report", **own, body=reason, headers=_match(3))
    again = {"reason": "Không trùng: hai loạt bài khác nhau."}
    district.does("reinstate_activity_report", **own, body=again, headers=_match(4))
    district.does("list_revisions", **own, limit=2)
    district.does("read_revision", **own, number=2)
    district.does_twice(
        "put_activity_report", **{**key, "external_id": "2021-000418"}, body=content
    )
    district.does("list_changes", limit=2)


def report_in_bulk(recorder: Recorder) -> None:
    """Post in bulk in each form of a file; withdraw in bulk; compare sums."""
    district = recorder.of(BINH_SON)
    rows = [a_row(501), a_row(502, channel="fax")]
    made = district.does("create_activity_report_batch", body=rows, on_existing="update")
    for media_type in _JSON_LINES:
        lines = "".join(f"{_line(row)}\n" for row in rows)
        district.does("create_activity_report_batch", body=lines, media_type=media_type)
    district.does("create_activity_report_batch", body=_SHEET, media_type="text/csv")
    district.does("list_activity_report_batches", limit=2)
    district.does("get_activity_report_batch", batch_id=made["id"])
    district.does("list_batch_rows", batch_id=made["id"], outcome="rejected")
    away = {
        **{name: rows[0][name] for name in _KEY},
        "on": rows[0]["occurred_on"],
        "expected_revision": 1,
        "reason": "Buổi phát đã hủy.",
    }
    district.does("create_withdrawal_batch", body=[away])
    for media_type in _JSON_LINES:
        line = f"{_line(away)}\n"
        district.does("create_withdrawal_batch", body=line, media_type=media_type)
    district.does("reconcile", plan=PLAN, source_system="portal-binh-son")
    district.does("get_activity_totals", plan=PLAN, unit="524", on="2021-11-22")


def report_jointly(recorder: Recorder) -> None:
    """Name another unit, have it confirm; join two reports, confirm and separate the link."""
    district, focal = recorder.of(BINH_SON), recorder.of(FOCAL_UNIT)
    talk = {
        "plan_item": "III.2",
        "channel": "conference",
        "format": ...,
        "title": "Hội nghị tuyên truyền về chuyển đổi số",
        "measures": [{"indicator": "participants", "value": "120"}],
    }
    theirs = _posted(recorder, BINH_SON, a_row(601, **talk, participants=["so-tttt"]))
    ours = _posted(recorder, FOCAL_UNIT, a_row(602, **talk, unit="so-tttt", participants=["524"]))
    district.does("list_joint_activities", plan=PLAN, limit=2)
    confirmed = {"decision": "confirmed", "own_report": ours}
    focal.does("decide_participation", report_id=theirs, body=confirmed)
    third = _posted(recorder, BINH_SON, a_row(603, **talk, participants=["so-tttt"]))
    fourth = _posted(recorder, FOCAL_UNIT, a_row(604, **talk, unit="so-tttt", participants=["524"]))
    joined = {"reports": [third, fourth], "reason": "Cùng một buổi tuyên truyền."}
    link = district.does_twice("join_reports", body=joined)["id"]
    focal.does("confirm_joint_link", link_id=link)
    district.does("get_joint_link", link_id=link)
    district.does("list_joint_links", report=third)
    apart = {"reason": "Hai buổi tuyên truyền khác nhau."}
    focal.does("separate_joint_link", link_id=link, body=apart)


def _posted(recorder: Recorder, unit: str, body: dict[str, Any]) -> str:
    said = {name: value for name, value in body.items() if value is not ...}
    report: str = recorder.of(unit).does("create_activity_report", body=said)["id"]
    return report


def _match(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)
