"""The headers of answers: each described once, and named where it is sent."""

from collections.abc import Iterator
from typing import Any, Final

_TEXT: Final = {"type": "string", "maxLength": 1000, "pattern": "^[ -~]+$"}
_SECONDS: Final = {"type": "string", "maxLength": 9, "pattern": "^[0-9]{1,9}$"}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Id": {
        "description": "The request's id (mã yêu cầu): the client's own where it sent a sane one "
        "(8 to 64 letters, digits, `.`, `_`, `-`). It stands in the log and in the audit.",
        "schema": {"type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9._-]{8,64}$"},
        "example": "1f0c2f5e-7d0b-4c1f-9f0a-3f6d1c2b4a59",
    },
    "traceparent": {
        "description": "The request's own, given back, W3C Trace Context (mã theo vết); absent "
        "where it had none.",
        "schema": _TEXT,
        "example": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    "RateLimit": {
        "description": "What the key has left of its quota (hạn mức còn lại: `r`, requests) and "
        "in how many seconds it is filled again (`t`); draft-ietf-httpapi-ratelimit-headers.",
        "schema": _TEXT,
        "example": '"default";r=2950;t=30',
    },
    "RateLimit-Policy": {
        "description": "The quota (hạn mức: `q`, requests) of a key in a window (`w`, seconds); "
        "draft-ietf-httpapi-ratelimit-headers.",
        "schema": _TEXT,
        "example": '"default";q=3000;w=60',
    },
    "Retry-After": {
        "description": "After how many seconds to send the same again, or to look again (thời "
        "gian chờ).",
        "schema": _SECONDS,
        "example": "5",
    },
    "Content-Language": {
        "description": "The language of the texts (ngôn ngữ): Vietnamese, or English where "
        "Accept-Language prefers it.",
        "schema": {"type": "string", "enum": ["vi", "en"]},
        "example": "vi",
    },
    "WWW-Authenticate": {
        "description": "How to send a key, RFC 6750 (cách gửi khóa).",
        "schema": _TEXT,
        "example": 'Bearer realm="baocao"',
    },
    "ETag": {
        "description": "The current revision (lần sửa hiện hành), as `If-Match` takes it. Strong.",
        "schema": {"type": "string", "maxLength": 11, "pattern": '^"[1-9][0-9]{0,8}"$'},
        "example": '"3"',
    },
    "Location": {
        "description": "Path of what was stored, or of where to look (đường dẫn).",
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 400},
        "example": "/v1/activity-reports/019d0000-0000-7000-8000-000000000000",
    },
    "Link": {
        "description": 'The next page (trang tiếp), as `rel="next"` (RFC 8288); absent on the '
        "last one.",
        "schema": _TEXT,
        "example": '</v1/units?limit=2&cursor=eyJhIjoxfQ>; rel="next"',
    },
    "Idempotency-Replayed": {
        "description": "`true` where this is the first answer under the Idempotency-Key, given "
        "again (trả lại kết quả đã có); else absent.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "Deprecation": {
        "description": "Since when the operation is deprecated, RFC 9745 (sắp ngừng từ).",
        "schema": {"type": "string", "maxLength": 13, "pattern": "^@[0-9]{1,12}$"},
        "example": "@1767225600",
    },
    "Sunset": {
        "description": "When the operation ends, RFC 8594 (ngừng cung cấp).",
        "schema": _TEXT,
        "example": "Fri, 01 Jan 2027 00:00:00 GMT",
    },
}
# The tests' client refuses an answer with one of these headers that is not declared here.
WITH_ETAG: Final = frozenset(
    {
        "create_activity_report",
        "put_activity_report",
        "correct_activity_report",
        "patch_activity_report",
        "withdraw_activity_report",
        "reinstate_activity_report",
        "get_activity_report",
        "find_activity_report",
        "add_roster_row",
        "get_roster_row",
        "amend_roster_row",
        "exempt_roster_row",
        "extend_roster_row",
        "open_reporting_cycle",
        "get_reporting_cycle",
        "change_reporting_cycle",
        "change_budget_calendar",
        "begin_budget_estimate",
        "read_budget_estimate",
        "state_budget_figure",
    }
)
WITH_LOCATION: Final = frozenset(
    {
        "create_activity_report",
        "put_activity_report",
        "correct_activity_report",
        "patch_activity_report",
        "withdraw_activity_report",
        "reinstate_activity_report",
        "create_activity_report_batch",
        "create_withdrawal_batch",
        "draft_submission",
        "join_reports",
        "open_reporting_cycle",
        "add_roster_row",
        "begin_budget_estimate",
        "draft_budget_submission",
        "build_budget_consolidation",
        "request_consolidated_report",
        "register_webhook",
        "test_webhook",
    }
)
_WITH_RETRY: Final = frozenset({"request_consolidated_report", "get_consolidation_request"})
_WAITING: Final = frozenset({"429", "503"})


def describe_headers(made: dict[str, Any]) -> None:
    """Name in every answer of a document the headers that it may carry."""
    used: set[str] = set()
    for path in made["paths"].values():
        for method, operation in path.items():
            for status, response in operation["responses"].items():
                there = response.setdefault("headers", {})
                for name in _of(method, operation, status, response):
                    if name not in there:
                        there[name] = {"$ref": f"#/components/headers/{name}"}
                        used.add(name)
    made["components"]["headers"] = {name: HEADERS[name] for name in HEADERS if name in used}


def _of(
    method: str, operation: dict[str, Any], status: str, response: dict[str, Any]
) -> Iterator[str]:
    yield from ("X-Request-Id", "traceparent")
    if operation["security"]:
        yield from ("RateLimit", "RateLimit-Policy")
    if operation.get("deprecated"):
        yield from ("Deprecation", "Sunset")
    if status.startswith("2"):
        yield from _of_success(method, operation)
    elif status != "304":
        yield from _of_refusal(status, response)


def _of_success(method: str, operation: dict[str, Any]) -> Iterator[str]:
    name = operation["operationId"]
    if name in WITH_ETAG:
        yield "ETag"
    if name in WITH_LOCATION:
        yield "Location"
    if name in _WITH_RETRY:
        yield "Retry-After"
    if any(one.get("name") == "cursor" for one in operation.get("parameters", ())):
        yield "Link"
    if method == "post":
        yield "Idempotency-Replayed"


def _of_refusal(status: str, response: dict[str, Any]) -> Iterator[str]:
    codes = response["x-problem-codes"]
    yield "Content-Language"
    if status == "401":
        yield "WWW-Authenticate"
    if status in _WAITING or "idempotency_key_in_progress" in codes:
        yield "Retry-After"
    if "batch_refused" in codes:
        yield "Location"
