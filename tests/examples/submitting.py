"""The yearly reports: drafted, submitted, returned, accepted, corrected, supplemented."""

from typing import Any, Final

from app.api.contract.examples import example
from app.domain.batches.readers import XLSX
from app.domain.submissions.narrative_sheet import narrative_template
from tests.examples.recording import Recorder
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN

_DEPARTMENT: Final = "body-so-gddt"
_DOCUMENT: Final = {
    "document_number": "1420/BC-SGDĐT",
    "document_on": "2021-11-22",
    "signer_title": "Phó Giám đốc",
    "data_to": "2021-11-20",
}
_REST: Final = {
    "deliverables": [
        {
            "kind": "own_plan",
            "plan_item": "V.6.2",
            "title": "Kế hoạch tuyên truyền của huyện",
            "number": "88/KH-UBND",
            "done_on": "2021-07-15",
        }
    ],
    "expectations": [{"plan_item": "III.1.b", "indicator": "posts", "value": "60"}],
    "nil_items": [{"plan_item": "III.4", "reason": "Chưa bố trí được kinh phí."}],
}


def submit(recorder: Recorder) -> None:
    """Have the district draft, submit, be returned, answer, and be accepted."""
    district, focal = recorder.of(BINH_SON), recorder.of(FOCAL_UNIT)
    draft = example("submission-draft")
    narrative = draft["narrative"]
    own = {"submission_id": district.does_twice("draft_submission", body=draft)["id"]}
    district.does("prefill_submission", **own)
    district.does("list_not_yet_reported", **own, limit=2)
    district.does("rewrite_narrative", **own, body=narrative)
    sheet = narrative_template()
    district.does("rewrite_draft_from_sheet", **own, body=sheet, media_type=XLSX)
    district.does("rewrite_draft", **own, body={"narrative": narrative, **_REST})
    district.does("submit_submission", **own, body=example("submission-document"))
    text = "Bổ sung kết quả của hệ thống truyền thanh."
    comments = {"comments": [{"field": "/narrative/results", "text": text}]}
    returned = focal.does("return_submission", **own, body=comments)
    _answer(recorder, own, returned, narrative)
    focal.does("accept_submission", **own)
    district.does("read_submission", **own)
    district.does("list_submissions", plan=PLAN, year=2021, unit="524")
    _read_revisions(recorder, own)
    district.does("correct_submission", **own, body={"reason": "Hai xã ghi trùng số buổi."})
    district.does("discard_draft", **own)


def _answer(
    recorder: Recorder, own: dict[str, str], returned: dict[str, Any], narrative: dict[str, Any]
) -> None:
    district = recorder.of(BINH_SON)
    district.does("revise_submission", **own, body={})
    results = f"{narrative['results']} Các đài truyền thanh đã phát hơn 2.400 buổi."
    answers = [
        {"comment": comment["id"], "text": "Đã bổ sung số buổi phát."}
        for comment in returned["comments"]
    ]
    said = {"narrative": narrative | {"results": results}, **_REST, "answers": answers}
    district.does("rewrite_draft", **own, body=said)
    again = example("submission-document") | {"document_number": "231/BC-UBND"}
    district.does("submit_submission", **own, body=again)


def _read_revisions(recorder: Recorder, own: dict[str, str]) -> None:
    district = recorder.of(BINH_SON)
    district.does("list_submission_revisions", **own)
    district.does("read_submission_revision", **own, number=2)
    district.does("compare_submission_revision", **own, number=2, against=1)
    district.does("list_submission_records", **own, number=2, limit=2)


def submit_others(recorder: Recorder) -> None:
    """Have two departments submit; accept one in bulk, and have it supplement its report."""
    focal, department = recorder.of(FOCAL_UNIT), recorder.of(_DEPARTMENT)
    draft = {
        "plan": PLAN,
        "year": 2021,
        "narrative": {
            "results": "100% trường học đã lồng ghép nội dung tuyên truyền.",
            "proposals": [{"addressee": "UBND tỉnh", "text": "Bố trí kinh phí tuyên truyền."}],
        },
    }
    own = {"submission_id": department.does("draft_submission", body=draft)["id"]}
    department.does("submit_submission", **own, body=_DOCUMENT)
    named = {"submissions": [{"submission": own["submission_id"], "revision": 1}]}
    focal.does("accept_submissions", body=named)
    department.does("supplement_submission", **own, body={})
    proposals = focal.does("list_proposals", plan=PLAN, addressee="UBND tỉnh", limit=2)
    forwarded = {
        "status": "accepted",
        "answer": "Bố trí kinh phí trong dự toán năm 2022.",
        "document_number": "1024/STC-HCSN",
        "document_on": "2021-11-20",
    }
    first = proposals["items"][0]["id"]
    focal.does("decide_on_proposal", proposal=first, body=forwarded)
