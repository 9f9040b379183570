"""Every refusal that an operation can answer, by status, in words and as `x-problem-codes`.

Most follow from the operation's form: a key, a scope, a body, parameters. The rest is declared
beside the endpoint (`app.api.contract.refusing`).
"""

import inspect
import sys
from collections.abc import Iterator
from typing import Any, Final

from app.api import refusals
from app.api.contract.refusing import REFUSALS, REFUSALS_OF_ROWS
from app.api.problems import MEDIA_TYPE, STATUS
from app.api.strict import JSON, MERGE_PATCH
from app.domain.access.ended import UnitEnded
from app.domain.access.service import ScopeMissing, Unauthenticated
from app.domain.activities.held import RevisionChanged
from app.domain.activities.service import PreconditionRequired
from app.domain.cycles.service import YearOutsidePlan
from app.domain.errors import DomainError, Invalid, NotFound, ReferenceDataRefused, Text, all_errors
from app.domain.idempotency.service import KeyInProgress, KeyMissing, KeyReused
from app.domain.json_text import MalformedJson

CODES: Final = "x-problem-codes"
CODES_OF_ROWS: Final = "x-row-problem-codes"
_BY_CODE: Final = {error.text.code: error for error in STATUS}
_SAFE: Final = ("get", "head", "options")
_MEANINGS: Final = {
    400: "The request is malformed (yêu cầu sai dạng).",
    401: "There is no valid key (thiếu khóa hợp lệ).",
    403: "The key may not do this (không có quyền).",
    404: "There is no such thing, or this key may not see it (không tìm thấy).",
    406: "It does not exist in a form that is accepted (không có định dạng được yêu cầu).",
    409: "It contradicts what is stored (mâu thuẫn với dữ liệu đã lưu).",
    412: "Another revision is current than If-Match names (đã có lần sửa khác).",
    413: "The body is too large (nội dung quá lớn).",
    415: "The body is of no media type that this operation takes (không nhận định dạng này).",
    422: "What was sent has faults (dữ liệu có lỗi); `errors` names each.",
    428: "If-Match is needed (thiếu lần sửa hiện hành).",
    429: "The key has used up its requests for now (hết hạn mức); see Retry-After.",
    500: "A fault of the service (lỗi hệ thống).",
    503: "The service is not available just now (tạm gián đoạn); see Retry-After.",
}
_OTHERWISE: Final = (
    "Any other refusal of the HTTP layer, such as one of another method (từ chối khác)."
)
# No request is refused with them: the operator's commands take in files of reference data, and
# open the yearly cycles.
NOT_OF_THE_API: Final = (ReferenceDataRefused, YearOutsidePlan)

Errors = dict[type[DomainError], None]  # a set that keeps its order


def describe_problems(made: dict[str, Any]) -> None:
    """Give every operation of a document its refusals, all of one shape."""
    for path in made["paths"].values():
        for method, operation in path.items():
            errors = dict.fromkeys([*_of_its_form(method, operation), *_declared(operation)])
            _write(operation["responses"], errors)
    schemas = made["components"]["schemas"]
    ours = sorted(error.text.code for error in all_errors() if error not in NOT_OF_THE_API)
    schemas["Problem"]["properties"]["code"]["x-extensible-enum"] = ours
    schemas["ProblemFault"]["properties"]["code"]["x-extensible-enum"] = fault_codes()


def _of_its_form(method: str, operation: dict[str, Any]) -> Iterator[type[DomainError]]:
    """Yield what any operation of that form can refuse."""
    yield from (refusals.InternalError, refusals.Unavailable)
    if not operation["security"]:
        return
    yield from (Unauthenticated, refusals.RateLimited, Invalid)
    if any(one["ApiKey"] for one in operation["security"]):
        yield ScopeMissing
    if method not in _SAFE:
        yield UnitEnded
    if method == "post":
        yield from (KeyMissing, KeyReused, KeyInProgress)
    yield from _of_its_parameters(operation.get("parameters", ()))
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        yield from (refusals.BodyTooLarge, refusals.UnsupportedMediaType)
    if content.keys() & {JSON, MERGE_PATCH}:
        yield MalformedJson


def _of_its_parameters(parameters: list[dict[str, Any]]) -> Iterator[type[DomainError]]:
    names = {one.get("name") for one in parameters}
    if any(one.get("in") == "path" for one in parameters):
        yield NotFound
    if "cursor" in names:
        yield refusals.BadCursor
    if "If-Match" in names:
        yield from (RevisionChanged, PreconditionRequired)


def _declared(operation: dict[str, Any]) -> Iterator[type[DomainError]]:
    for response in operation["responses"].values():
        yield from (_BY_CODE[code] for code in response.pop(REFUSALS, ()))
        rows = response.pop(REFUSALS_OF_ROWS, ())
        if rows:
            response[CODES_OF_ROWS] = sorted(rows)


def _write(responses: dict[str, Any], errors: Errors) -> None:
    """Write refusals into an operation's responses, in the order of their statuses."""
    for status in [status for status in responses if status >= "4"]:
        del responses[status]  # the framework's own, and the places of what was declared
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for number in sorted({STATUS[error] for error in errors}):
        here = sorted(
            (error for error in errors if STATUS[error] == number),
            key=lambda error: error.text.code,
        )
        told = [f"- `{error.text.code}`: {meaning_of(error)}" for error in here]
        responses[str(number)] = {
            "description": "\n".join([_MEANINGS[number], "", *told]),
            "content": content,
            CODES: [error.text.code for error in here],
        }
    responses["default"] = {
        "description": _OTHERWISE,
        "content": content,
        CODES: [refusals.HttpError.text.code, refusals.MethodNotAllowed.text.code],
    }


def meaning_of(error: type[DomainError]) -> str:
    """Return a refusal's meaning in a sentence: the first of its docstring."""
    return " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split())


def fault_codes() -> list[str]:
    """Return the codes of all faults that `errors` can name."""
    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(("app.domain.", "app.api.")):
            for value in vars(module).values():
                several = value.values() if isinstance(value, dict) else (value,)
                found |= {text.code for text in several if isinstance(text, Text)}
    return sorted(found - {error.text.code for error in all_errors()})
