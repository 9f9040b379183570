"""The province's report: asked for, watched, pulled, compared, explained, issued."""

from typing import Any, Final
from uuid import UUID

from app.api.contract.examples import example
from tests.examples.recording import Recorder
from tests.support.consolidating import consolidate
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN

_ISSUED: Final = {
    "document_number": "312/BC-UBND",
    "document_on": "2021-11-22",
    "signatory_title": "Phó Chủ tịch UBND tỉnh",
}


def pull(recorder: Recorder) -> None:
    """Have two versions made, and read what there is of them."""
    focal = recorder.of(FOCAL_UNIT)
    _made(recorder)
    own = {"report_id": _made(recorder)}
    focal.does("get_consolidated_report", **own)
    focal.does("get_latest_consolidated_report", plan=PLAN, year=2021)
    focal.does("list_consolidated_reports", plan=PLAN, year=2021, limit=2)
    focal.does("get_report_differences", **own, limit=2)
    focal.does("explain_figure", **own, pointer="/counts/0/activities", limit=2)
    _issue(recorder, own)
    focal.does("get_plan_summary", plan=PLAN, years="2021")


def _made(recorder: Recorder) -> str:
    focal = recorder.of(FOCAL_UNIT)
    api = recorder.api
    number = len(recorder.keys) + 1
    recorder.keys.append(f"tong-hop-2021-lan-{number}")
    headers = {"Idempotency-Key": recorder.keys[-1]}
    body = example("consolidation-request")
    asked: dict[str, Any] = focal.does("request_consolidated_report", body=body, headers=headers)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    focal.does("get_consolidation_request", request_id=asked["id"])
    report: str = asked["id"]  # the report that is made of it has the request's id
    return report


def _issue(recorder: Recorder, own: dict[str, str]) -> None:
    focal, office = recorder.of(FOCAL_UNIT), recorder.of(OFFICE)
    text = "Các đơn vị báo cáo đầy đủ, đúng hạn hơn năm trước."
    focal.does("assess_report", **own, body={"text": text})
    focal.does("propose_report", **own)
    reason = "Cần làm rõ số liệu của hệ thống truyền thanh."
    office.does("return_report", **own, body={"reason": reason})
    focal.does("propose_report", **own)
    office.does("approve_report", **own)
    office.does("issue_report", **own, body=_ISSUED)
    office.does("get_report_course", **own)
    recipients = {"units": ["so-tai-chinh"], "reason": "Theo nơi nhận của báo cáo."}
    focal.does("set_report_recipients", plan=PLAN, body=recipients)
    focal.does("list_report_recipients", plan=PLAN)
