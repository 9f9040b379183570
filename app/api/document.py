"""The OpenAPI document: 3.1, generated, the same as the committed one."""

import json
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.budgets.examples import EXAMPLES as BUDGET_EXAMPLES
from app.api.cycles.examples import EXAMPLES as REPORTING_EXAMPLES
from app.api.problems import MEDIA_TYPE, Problem
from app.api.strict import JSON, MERGE_PATCH
from app.domain.access.ended import GRACE_AFTER_END
from app.domain.activities.body import ActivityRow
from app.domain.batches.withdrawals import WithdrawalRow
from app.domain.idempotency.service import RETENTION

DESCRIPTION: Final = f"""\
A province's plan reporting service (báo cáo thực hiện kế hoạch). District portals and
departments post activity reports (hoạt động), each unit submits one report a year (báo cáo của
đơn vị), and the province pulls one consolidated report (báo cáo tổng hợp).

Every request needs a key: `Authorization: Bearer baocao_…`. It acts for its unit (đơn vị), for
what stands under that on the activity's day, and for ended units (đơn vị đã kết thúc) whose
steward (đơn vị tiếp quản) its unit is today. The keys of a unit that ended write for
{GRACE_AFTER_END.days} days from the day of its end, for late corrections (our assumption); after
that every writing operation is 403 `unit_ended`, and reading goes on.

Days are local (UTC+7) and written YYYY-MM-DD; instants are UTC. Every period is half-open:
`…_from` is in it, `…_to` is not. Amounts are decimal strings, money is whole VND. Every refusal
is `application/problem+json` with a stable `code`, in Vietnamese, or in English where
`Accept-Language` prefers it.
"""

SUMMARY: Final = "Activity reports in, one consolidated report out (báo cáo thực hiện kế hoạch)."
# Relative: whoever has the document has it from the service, and that is the server (RFC 3986, 5).
SERVERS: Final = [{"url": "/", "description": "The service that gave this document."}]

TAGS: Final = [
    {"name": "Activity reports", "description": "What units did: post once, safely again."},
    {"name": "Bulk", "description": "Many reports in one request; each row has its outcome."},
    {"name": "Reconciliation", "description": "Counts and sums to compare with one's own."},
    {"name": "Joint activity", "description": "What units did together: name, confirm, join."},
    {"name": "Submissions", "description": "A unit's yearly report, from draft to acceptance."},
    {"name": "Templates", "description": "Spreadsheets to fill in, for units without a program."},
    {"name": "Consolidated reports", "description": "The province's report: ask, watch, pull."},
    {"name": "Budgets", "description": "Estimates by stage, dossiers, Sở Tài chính's sums."},
    {"name": "Reporting cycles", "description": "Windows, due instants, rosters, outages."},
    {"name": "Notices", "description": "Reminders of what is due, and of what is late."},
    {"name": "Plans", "description": "The plan's text, themes, items and assignments."},
    {"name": "Units", "description": "Public bodies over time: codes are reused, keys are not."},
    {"name": "Handover", "description": "An ended unit's records in one sealed archive."},
    {"name": "Catalogue", "description": "Indicators and code lists."},
    {"name": "Audit", "description": "Who did what, when, and what was refused; in a chain."},
    {"name": "Health", "description": "Whether the service lives and can serve. Public."},
]

_PROBLEMS: Final = {
    "400": "The request is malformed.",
    "401": "There is no valid key.",
    "403": "The key may not do this.",
    "404": "There is no such thing, or this key may not see it.",
    "409": "It contradicts what is stored.",
    "412": "Another revision is current than If-Match names.",
    "413": "The body is too large.",
    "415": "The body is of no media type that this operation takes.",
    "422": "What was sent has faults; `errors` names each.",
    "428": "If-Match is needed.",
    "429": "The key has used up its requests for now; see Retry-After.",
    "default": "Any other refusal.",
}
_WITH_BODY: Final = ("409", "413", "415")
_KEY_NEEDED: Final = ("request_consolidated_report",)
_WITH_IF_MATCH: Final = ("412", "428")

_ROWS_OF_FILES: Final = (ActivityRow, WithdrawalRow)

EXAMPLES: Final = Path(__file__).parent / "examples"
_EXAMPLE_OF: Final = {
    "create_activity_report": "activity-report",
    "draft_submission": "submission-draft",
    "submit_submission": "submission-document",
    "request_consolidated_report": "consolidation-request",
}
_NATURAL_KEY: Final = ("unit", "source_system", "external_id")


def document(app: FastAPI) -> dict[str, Any]:
    """Return the app's OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            summary=SUMMARY,
            description=DESCRIPTION,
            servers=SERVERS,
            routes=app.routes,
            tags=TAGS,
        )
        _describe_problems(made)
        _describe_idempotency(made)
        _give_examples(made)
        app.openapi_schema = made
    return app.openapi_schema


def _describe_problems(made: dict[str, Any]) -> None:
    """Give every operation its refusals, all of one shape."""
    schemas = made["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for model in (Problem, *_ROWS_OF_FILES):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in made["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            for status, meaning in _PROBLEMS.items():
                if status in _WITH_BODY and "requestBody" not in operation:
                    continue
                if status in _WITH_IF_MATCH and not _takes_if_match(operation):
                    continue
                if not operation.get("security") and status not in ("422", "default"):
                    continue
                responses[status] = {"description": meaning, "content": content}
            if not operation.setdefault("security", []):  # named public, and not left out
                responses.pop("422", None)
    made["components"]["schemas"] = dict(sorted(schemas.items()))


def _takes_if_match(operation: dict[str, Any]) -> bool:
    return any(one.get("name") == "If-Match" for one in operation.get("parameters", ()))


def _describe_idempotency(made: dict[str, Any]) -> None:
    """Give every POST its Idempotency-Key."""
    made["components"].setdefault("parameters", {})["IdempotencyKey"] = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Makes the request safe to send again: under the same key its first "
        "answer is given again, with `Idempotency-Replayed: true`; another request under it is "
        f"422, and 409 while the first is in progress. Kept for {RETENTION.days} days, for "
        "answers that are no refusals. Optional where the body has a natural key or the "
        "resource's state decides; 400 where it is needed and absent.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    }
    optional = {"$ref": "#/components/parameters/IdempotencyKey"}
    needed = made["components"]["parameters"]["IdempotencyKey"] | {"required": True}
    for path in made["paths"].values():
        if "post" in path:
            one = needed if path["post"]["operationId"] in _KEY_NEEDED else optional
            path["post"].setdefault("parameters", []).append(one)


def example(name: str) -> Any:
    """Return a body that the app takes, from the files that the tests send."""
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def _give_examples(made: dict[str, Any]) -> None:
    """Show in every request body one that the app takes."""
    found = {operation: example(name) for operation, name in _EXAMPLE_OF.items()}
    report = found["create_activity_report"]
    content = {name: value for name, value in report.items() if name not in _NATURAL_KEY}
    one = "019d0000-0000-7000-8000-000000000000"
    reason = {"reason": "Ghi nhầm tiêu đề."}
    found["put_activity_report"] = content
    found["correct_activity_report"] = content | reason
    found["patch_activity_report"] = {"title": content["title"]} | reason
    found["withdraw_activity_report"] = found["reinstate_activity_report"] = reason
    found["create_activity_report_batch"] = [report]
    found["create_withdrawal_batch"] = [
        {
            **{name: report[name] for name in _NATURAL_KEY},
            "on": report["occurred_on"],
            "expected_revision": 1,
            **reason,
        }
    ]
    narrative = found["rewrite_narrative"] = found["draft_submission"]["narrative"]
    found["rewrite_draft"] = {
        "narrative": narrative,
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
    found["revise_submission"] = found["supplement_submission"] = {}
    found["correct_submission"] = {"reason": "Số buổi truyền thanh của hai xã bị ghi trùng."}
    found["return_submission"] = {
        "comments": [
            {"field": "/narrative/results", "text": "Bổ sung kết quả của hệ thống truyền thanh."}
        ]
    }
    found["assess_report"] = {"text": "Các đơn vị báo cáo đầy đủ, đúng hạn hơn năm trước."}
    found["return_report"] = {"reason": "Cần làm rõ số liệu của hệ thống truyền thanh."}
    found["issue_report"] = {
        "document_number": "312/BC-UBND",
        "document_on": "2021-12-15",
        "signatory_title": "Phó Chủ tịch UBND tỉnh",
    }
    found["decide_on_proposal"] = {
        "status": "accepted",
        "answer": "Bố trí kinh phí trong dự toán năm 2022.",
        "document_number": "1024/STC-HCSN",
        "document_on": "2021-12-20",
    }
    found["set_report_recipients"] = {
        "units": ["so-tai-chinh"],
        "reason": "Theo nơi nhận của báo cáo.",
    }
    found["accept_submissions"] = {"submissions": [{"submission": one, "revision": 1}]}
    two = [one, "019d0000-0000-7000-8000-000000000001"]
    found["decide_participation"] = {"decision": "confirmed", "own_report": two[1]}
    found["join_reports"] = {"reports": two, "reason": "Cùng một buổi tuyên truyền."}
    found["separate_joint_link"] = {"reason": "Hai buổi tuyên truyền khác nhau."}
    found |= REPORTING_EXAMPLES | BUDGET_EXAMPLES
    for path in made["paths"].values():
        for operation in path.values():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if media_type in (JSON, MERGE_PATCH):
                    content["example"] = found[operation["operationId"]]
