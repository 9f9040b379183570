"""What can be done next: links from an answer to the operations that take what it tells.

`operationId` names the operation, `parameters` where its parameters are found in the answer
(OpenAPI 3.1, Link Object). They lead along the year: post, draft, submit, review, consolidate,
issue; from every list to its elements, and from there to what belongs to them.
"""

from collections.abc import Iterator
from typing import Any, Final

_ID: Final = "$response.body#/id"
_FIRST: Final = "$response.body#/items/0/id"
_CURRENT: Final = {"header.If-Match": "$response.header.ETag"}

Targets = dict[str, dict[str, str]]


def _all(place: str, parameter: str, *operations: str, **more: str) -> Targets:
    """Return links to operations that take the same parameters from the same places."""
    return {operation: {parameter: place, **more} for operation in operations}


def _activity(place: str) -> Targets:
    return _all(place, "report_id", "get_activity_report", "list_revisions", "decide_participation")


def _current_activity() -> Targets:
    changing = (
        "correct_activity_report",
        "patch_activity_report",
        "withdraw_activity_report",
        "reinstate_activity_report",
    )
    return _activity(_ID) | {one: {"report_id": _ID, **_CURRENT} for one in changing}


def _submission(*operations: str, place: str = _ID) -> Targets:
    return _all(place, "submission_id", "read_submission", *operations)


_DRAFT: Final = (
    "rewrite_draft",
    "rewrite_narrative",
    "rewrite_draft_from_sheet",
    "prefill_submission",
    "list_not_yet_reported",
    "submit_submission",
    "discard_draft",
)
_REVISION: Final = (
    "read_submission_revision",
    "compare_submission_revision",
    "list_submission_records",
)


def _submitted() -> Targets:
    return _all(_ID, "submission_id", *_REVISION, number="$response.body#/revision") | _submission(
        "accept_submission", "return_submission", "list_submission_revisions"
    )


def _batch(place: str) -> Targets:
    return _all(place, "batch_id", "get_activity_report_batch", "list_batch_rows")


def _joint(place: str) -> Targets:
    return _all(place, "link_id", "get_joint_link", "confirm_joint_link", "separate_joint_link")


def _report(place: str) -> Targets:
    return _all(
        place,
        "report_id",
        "get_consolidated_report",
        "get_report_course",
        "get_report_differences",
    )


def _steps(*operations: str) -> Targets:
    return _all("$response.body#/report", "report_id", "get_report_course", *operations)


def _estimate(place: str) -> Targets:
    return _all(place, "estimate_id", "read_budget_estimate", "list_budget_figures")


def _dossier(*operations: str, place: str = _ID) -> Targets:
    reading = ("read_budget_submission", "list_budget_submission_revisions")
    return _all(place, "dossier_id", *reading, *operations)


def _cycle(place: str) -> Targets:
    return _all(
        place,
        "cycle",
        "get_reporting_cycle",
        "get_reporting_cycle_status",
        "list_roster",
        "list_outages",
    )


def _row() -> Targets:
    found = {"cycle": "$request.path.cycle", "unit": "$response.body#/unit"}
    return {
        "get_roster_row": found,
        "list_roster_row_versions": found,
        "amend_roster_row": {**found, **_CURRENT},
        "exempt_roster_row": found,
        "extend_roster_row": found,
    }


def _plan(place: str) -> Targets:
    return _all(
        place,
        "plan",
        "get_plan",
        "list_plan_items",
        "list_content_themes",
        "list_report_recipients",
        "get_plan_summary",
    )


def _unit(place: str) -> Targets:
    return _all(place, "unit", "get_unit", "get_unit_history", "list_submissions")


_NEXT: Final[dict[str, Targets]] = {
    "create_activity_report": _current_activity(),
    "put_activity_report": _current_activity(),
    "correct_activity_report": _current_activity(),
    "patch_activity_report": _current_activity(),
    "withdraw_activity_report": _current_activity(),
    "reinstate_activity_report": _current_activity(),
    "get_activity_report": _current_activity(),
    "find_activity_report": _current_activity(),
    "list_activity_reports": _activity(_FIRST),
    "list_changes": _activity(_FIRST),
    "list_revisions": {
        "read_revision": {
            "report_id": "$request.path.report_id",
            "number": "$response.body#/items/0/number",
        }
    },
    "join_reports": _joint(_ID),
    "confirm_joint_link": _joint(_ID),
    "separate_joint_link": _joint(_ID),
    "get_joint_link": _joint(_ID),
    "list_joint_links": _joint(_FIRST),
    "create_activity_report_batch": _batch(_ID),
    "create_withdrawal_batch": _batch(_ID),
    "get_activity_report_batch": _batch(_ID),
    "list_activity_report_batches": _batch(_FIRST),
    "draft_submission": _submission(*_DRAFT),
    "rewrite_draft": _submission("submit_submission", "list_not_yet_reported"),
    "rewrite_narrative": _submission("submit_submission", "list_not_yet_reported"),
    "rewrite_draft_from_sheet": _submission("submit_submission"),
    "submit_submission": _submitted(),
    "return_submission": _submission("revise_submission"),
    "revise_submission": _submission("rewrite_draft", "submit_submission", "discard_draft"),
    "accept_submission": _submission("correct_submission", "supplement_submission"),
    "correct_submission": _submission("rewrite_draft", "submit_submission", "discard_draft"),
    "supplement_submission": _submission("rewrite_draft", "submit_submission", "discard_draft"),
    "read_submission": _submitted() | _submission("rewrite_draft", "submit_submission"),
    "list_submissions": _submission("list_submission_revisions", place=_FIRST),
    "request_consolidated_report": {
        "get_consolidation_request": {"request_id": _ID},
        **_report(_ID),  # a report has the id of its request
    },
    "get_consolidation_request": {
        "get_consolidation_request": {"request_id": _ID},
        **_report(_ID),  # a report has the id of its request
    },
    "list_consolidated_reports": _report(_FIRST),
    "get_report_course": _steps("assess_report", "propose_report"),
    "assess_report": _steps("propose_report"),
    "propose_report": _steps("return_report", "approve_report"),
    "return_report": _steps("assess_report"),
    "approve_report": _steps("issue_report", "return_report"),
    "issue_report": _report("$response.body#/report"),
    "list_proposals": {"decide_on_proposal": {"proposal": _FIRST}},
    "begin_budget_estimate": _estimate(_ID),
    "state_budget_figure": _estimate(_ID),
    "list_budget_estimates": _estimate(_FIRST),
    "draft_budget_submission": _dossier("submit_budget_submission"),
    "submit_budget_submission": _dossier(
        "return_budget_submission", "consolidate_budget_submission"
    ),
    "return_budget_submission": _dossier("revise_budget_submission"),
    "revise_budget_submission": _dossier("submit_budget_submission"),
    "consolidate_budget_submission": _dossier("correct_budget_submission"),
    "correct_budget_submission": _dossier("submit_budget_submission"),
    "read_budget_submission": _dossier(),
    "list_budget_submissions": _dossier(place=_FIRST),
    "list_budget_submission_revisions": {
        "read_budget_submission_revision": {
            "dossier_id": "$request.path.dossier_id",
            "number": "$response.body#/items/0/revision",
        }
    },
    "build_budget_consolidation": {"get_budget_consolidation": {"version_id": _ID}},
    "list_budget_consolidations": {"get_budget_consolidation": {"version_id": _FIRST}},
    "open_reporting_cycle": _cycle("$response.body#/key"),
    "get_reporting_cycle": _cycle("$response.body#/key")
    | {"change_reporting_cycle": {"cycle": "$response.body#/key", **_CURRENT}},
    "list_reporting_cycles": _cycle("$response.body#/items/0/key"),
    "add_roster_row": _row(),
    "get_roster_row": _row(),
    "list_roster": {
        one: {"cycle": "$request.path.cycle", "unit": "$response.body#/items/0/unit"}
        for one in ("get_roster_row", "list_roster_row_versions")
    },
    "declare_outage": {"withdraw_outage": {"cycle": "$request.path.cycle", "outage_id": _ID}},
    "list_outages": {"withdraw_outage": {"cycle": "$request.path.cycle", "outage_id": _FIRST}},
    "list_plans": _plan("$response.body#/items/0/slug"),
    "get_plan": _plan("$response.body#/slug"),
    "list_units": _unit("$response.body#/items/0/key"),
    "get_unit": _unit("$response.body#/key"),
}


def describe_links(made: dict[str, Any]) -> None:
    """Give the good answers of a document their links; a list's leads to its next page too."""
    for path in made["paths"].values():
        for operation in path.values():
            targets = dict(_links_of(operation))
            for status, response in operation["responses"].items():
                if targets and status in ("200", "201", "202"):
                    response["links"] = targets


def _links_of(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = operation["operationId"]
    for target, parameters in _NEXT.get(name, {}).items():
        yield target, {"operationId": target, "parameters": parameters}
    names = {one.get("name") for one in operation.get("parameters", ())}
    for going_on in sorted(names & {"cursor", "since"}):
        taken = {
            f"path.{one['name']}": f"$request.path.{one['name']}"
            for one in operation["parameters"]
            if one.get("in") == "path"
        }
        parameters = {going_on: "$response.body#/next", **taken}
        yield "next_page", {"operationId": name, "parameters": parameters}
