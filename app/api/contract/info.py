"""What the document says of the whole service, before any operation."""

from typing import Any, Final

from app.domain.access.ended import GRACE_AFTER_END
from app.domain.idempotency.service import RETENTION

SUMMARY: Final = "Activity reports in, one consolidated report out (báo cáo thực hiện kế hoạch)."
DESCRIPTION: Final = f"""\
A province's plan reporting service (báo cáo thực hiện kế hoạch). District portals and
departments post activity reports (hoạt động), each unit submits one report a year (báo cáo của
đơn vị), and the province pulls one consolidated report (báo cáo tổng hợp).

**Keys.** Every request needs one: `Authorization: Bearer baocao_…`, from the operator of the
service. It acts for its unit (đơn vị), for what stands under that on the activity's day, and for
ended units (đơn vị đã kết thúc) whose steward (đơn vị tiếp quản) its unit is today. It holds
scopes (phạm vi); each operation names the one that it needs, last in its description and as
`x-scope`. `GET /v1/key` tells any key what it is. The keys of a unit that ended write for
{GRACE_AFTER_END.days} days from the day of its end, for late corrections (our assumption); after
that every writing operation is 403 `unit_ended`, and reading goes on.

**Values.** Days are local (UTC+7) and written YYYY-MM-DD; instants are UTC. Every period is
half-open: `…_from` is in it, `…_to` is not. Amounts are decimal strings, money is whole VND. A null
says that there is no such thing (yet), which is never the same as 0. Vietnamese terms stand in
parentheses.

**Refusals.** Every refusal is `application/problem+json` (RFC 9457) with a stable `code`, in
Vietnamese, or in English where `Accept-Language` prefers it. Each operation lists the codes that
it can answer, by status, in words and as `x-problem-codes`. A 422 names every fault in `errors`,
with its place. A path's other methods are 405 `method_not_allowed`.

**Sending again.** A read may always be repeated, and so may PUT and PATCH under the same
`If-Match`. A POST is made safe by an `Idempotency-Key`, kept for {RETENTION.days} days. After 429
or 503 wait as long as `Retry-After` says.

**Going on.** Answers link to what can be done next: the documented links name the operation and
where its parameters are found. Lists come in pages; `Link` (RFC 8288) and `next` lead on.
"""
CONTACT: Final[dict[str, Any]] = {
    "name": "Baocao, vận hành (operator)",
    "url": "https://baocao.example/",
    "email": "api@baocao.example",
}
# Whose right it is to grant one has not said which. NONE is SPDX's word for that.
LICENCE: Final[dict[str, Any]] = {
    "name": "None granted yet (chưa cấp phép)",
    "identifier": "NONE",
}
# Relative: whoever has the document has it from the service, and that is the server (RFC 3986, 5).
# No template with a host beside it: the page of the reference could not send to one.
SERVERS: Final[list[dict[str, Any]]] = [
    {
        "url": "/",
        "description": "The service that gave this document: in production, or a sandbox; "
        "`GET /readyz` says which (môi trường).",
        "x-internal": False,
    }
]

# Who it is for, and a name for it that outlives its address (Zalando's guidelines, 215 and 219).
MORE: Final[dict[str, Any]] = {"x-api-id": "baocao.v1", "x-audience": "external-partner"}

TAGS: Final = [
    {
        "name": "Key",
        "description": "What the key that is sent is (khóa): which unit it acts for, what it may "
        "do, until when. Begin here.",
    },
    {
        "name": "Activity reports",
        "description": "What units did (hoạt động): post once, safely again; correct, withdraw; "
        "the feed of changes.",
    },
    {
        "name": "Bulk",
        "description": "Many reports in one request, as JSON, JSON Lines, CSV or a workbook; each "
        "row has its outcome (gửi nhiều bản ghi).",
    },
    {
        "name": "Reconciliation",
        "description": "Counts and sums to compare with one's own (đối chiếu).",
    },
    {
        "name": "Joint activity",
        "description": "What units did together (hoạt động phối hợp): name, confirm, join, "
        "separate; it is counted once.",
    },
    {
        "name": "Submissions",
        "description": "A unit's yearly report (báo cáo của đơn vị), from draft to acceptance, "
        "with all its revisions; and its proposals (kiến nghị).",
    },
    {
        "name": "Templates",
        "description": "Spreadsheets to fill in (biểu mẫu), for units without a program.",
    },
    {
        "name": "Consolidated reports",
        "description": "The province's report (báo cáo tổng hợp): ask, watch, pull, explain, "
        "compare; proposed, approved, issued.",
    },
    {
        "name": "Budgets",
        "description": "Estimates by stage (dự toán), the dossiers they are sent in, and the sums "
        "of Sở Tài chính.",
    },
    {
        "name": "Reporting cycles",
        "description": "Windows and due instants (kỳ báo cáo), rosters (danh sách đơn vị phải báo "
        "cáo), outages, and how a cycle stands.",
    },
    {
        "name": "Notices",
        "description": "Reminders of what is due, and of what is late (nhắc báo cáo).",
    },
    {
        "name": "Webhooks",
        "description": "Being told at an address of one's own (thông báo tự động) instead of "
        "asking: register, test, read what became of each delivery, have it sent again. What is "
        "sent stands under `webhooks`.",
    },
    {
        "name": "Plans",
        "description": "The plan's text (kế hoạch), content themes, items, assignments (phân công) "
        "and groups of units.",
    },
    {
        "name": "Units",
        "description": "Public bodies over time (đơn vị): codes are reused, keys are not; who took "
        "over from whom.",
    },
    {
        "name": "Handover",
        "description": "An ended unit's records in one sealed archive (hồ sơ bàn giao).",
    },
    {
        "name": "Catalogue",
        "description": "Indicators (chỉ tiêu) and code lists (danh mục).",
    },
    {
        "name": "Audit",
        "description": "Who did what, when, and what was refused; in a chain (nhật ký).",
    },
    {
        "name": "Health",
        "description": "Whether the service lives and can serve (trạng thái hệ thống). Public: no "
        "key is needed.",
    },
]
