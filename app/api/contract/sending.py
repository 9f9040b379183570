"""What the document says of sending: which scope an operation needs, and how to send again."""

from typing import Any, Final

from app.domain.idempotency.service import RETENTION
from app.domain.principal import Scope

SCOPES: Final = {
    Scope.READ_REFERENCE: "read plans, units, cycles, indicators, codes.",
    Scope.READ_ACTIVITIES: "read activity reports, bulk requests, sums.",
    Scope.WRITE_ACTIVITIES: "post, correct and withdraw activity reports.",
    Scope.READ_SUBMISSIONS: "read yearly reports, proposals, notices, how a cycle stands.",
    Scope.DRAFT_SUBMISSIONS: "draft and revise the unit's yearly report.",
    Scope.SUBMIT_SUBMISSIONS: "submit it, for the responsible officer.",
    Scope.REVIEW_SUBMISSIONS: "accept and return reports, for the focal unit.",
    Scope.READ_CONSOLIDATED: "pull, compare and explain the province's report.",
    Scope.REQUEST_CONSOLIDATED: "have it made, assess and propose it, for the focal unit.",
    Scope.DECIDE_CONSOLIDATED: "return, approve and issue it, for the People's Committee's office.",
    Scope.MANAGE_CYCLES: "decide on cycles, rosters, outages, stewardships.",
    Scope.READ_AUDIT: "read the audit of what the key's unit sees.",
    Scope.READ_HANDOVER: "export an ended unit's records.",
    Scope.READ_BUDGETS: "read estimates, dossiers, consolidations.",
    Scope.DRAFT_BUDGETS: "state estimates, draft dossiers.",
    Scope.SUBMIT_BUDGETS: "submit dossiers, for the responsible officer.",
    Scope.REVIEW_BUDGETS: "review and consolidate dossiers, for a finance authority.",
    Scope.READ_WEBHOOKS: "read webhooks and what became of their deliveries.",
    Scope.WRITE_WEBHOOKS: "register, change, test and remove webhooks, send again.",
}
_KEY_NEEDED: Final = ("request_consolidated_report",)
_PARAMETER: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request safe to send again (mã chống gửi trùng): under the same key "
    "its first answer is given again, with `Idempotency-Replayed: true`; another request under "
    f"it is 422, and 409 while the first is in progress. Kept for {RETENTION.days} days, for "
    "answers that are no refusals. Optional where the body has a natural key or the "
    "resource's state decides; 400 where it is needed and absent.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}


def describe_sending(made: dict[str, Any]) -> None:
    """Give every operation its scope, and every POST its Idempotency-Key."""
    made["components"].setdefault("parameters", {})["IdempotencyKey"] = _PARAMETER
    listed = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in SCOPES.items())
    made["components"]["securitySchemes"]["ApiKey"]["description"] += f"\n\n{listed}"
    for path in made["paths"].values():
        for method, operation in path.items():
            _tell_scope(operation)
            if method == "post":
                operation.setdefault("parameters", []).append(_key_of(operation))


def _key_of(operation: dict[str, Any]) -> dict[str, Any]:
    if operation["operationId"] in _KEY_NEEDED:
        return {**_PARAMETER, "required": True}
    return {"$ref": "#/components/parameters/IdempotencyKey"}


def _tell_scope(operation: dict[str, Any]) -> None:
    if not operation.setdefault("security", []):  # named public, and not left out
        return
    needed = [scope for one in operation["security"] for scope in one["ApiKey"]]
    if not needed:
        operation["description"] += "\n\nScope: none; any valid key may ask (mọi khóa)."
        return
    operation["x-scope"] = needed[0]
    operation["description"] += f"\n\nScope: `{needed[0]}`."
