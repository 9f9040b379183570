"""What can be done next: links from an answer to the operations that take what it tells.

`operationId` names the operation, `parameters` where its parameters are found in the answer
(OpenAPI 3.1, Link Object). They lead along the year: post, draft, submit, review, consolidate,
issue; from every list to its elements, and from there to what belongs to them.
"""

from collections.abc import Iterator
from typing import Any, Final

from app.api.contract.targets import (
    CURRENT,
    DRAFT,
    FIRST,
    ID,
    Targets,
    activity,
    batch,
    current_activity,
    cycle,
    delivery,
    dossier,
    estimate,
    joint,
    plan,
    report,
    row,
    steps,
    submission,
    submitted,
    unit,
    webhook,
)

_NEXT: Final[dict[str, Targets]] = {
    "read_key": unit("$response.body#/unit/key"),
    "create_activity_report": current_activity(),
    "put_activity_report": current_activity()
    | {
        "find_activity_report": {
            name: f"$request.path.{name}" for name in ("unit", "source_system", "external_id")
        }
    },
    "correct_activity_report": current_activity(),
    "patch_activity_report": current_activity(),
    "withdraw_activity_report": current_activity(),
    "reinstate_activity_report": current_activity(),
    "get_activity_report": current_activity(),
    "find_activity_report": current_activity(),
    "list_activity_reports": activity(FIRST),
    "list_changes": activity(FIRST),
    "list_revisions": {
        "read_revision": {
            "report_id": "$request.path.report_id",
            "number": "$response.body#/items/0/number",
        }
    },
    "join_reports": joint(ID),
    "confirm_joint_link": joint(ID),
    "separate_joint_link": joint(ID),
    "get_joint_link": joint(ID),
    "list_joint_links": joint(FIRST),
    "create_activity_report_batch": batch(ID),
    "create_withdrawal_batch": batch(ID),
    "get_activity_report_batch": batch(ID),
    "list_activity_report_batches": batch(FIRST),
    "draft_submission": submission(*DRAFT),
    "rewrite_draft": submission("submit_submission", "list_not_yet_reported"),
    "rewrite_narrative": submission("submit_submission", "list_not_yet_reported"),
    "rewrite_draft_from_sheet": submission("submit_submission"),
    "submit_submission": submitted(),
    "return_submission": submission("revise_submission"),
    "revise_submission": submission("rewrite_draft", "submit_submission", "discard_draft"),
    "accept_submission": submission("correct_submission", "supplement_submission"),
    "correct_submission": submission("rewrite_draft", "submit_submission", "discard_draft"),
    "supplement_submission": submission("rewrite_draft", "submit_submission", "discard_draft"),
    "read_submission": submitted() | submission("rewrite_draft", "submit_submission"),
    "list_submissions": submission("list_submission_revisions", place=FIRST),
    # Not to the report: it is not there before it is built.
    "request_consolidated_report": {"get_consolidation_request": {"request_id": ID}},
    "get_consolidation_request": {
        "get_consolidation_request": {"request_id": ID},
        **report(ID),  # a report has the id of its request
    },
    "list_consolidated_reports": report(FIRST),
    "get_report_course": steps("assess_report", "propose_report"),
    "assess_report": steps("propose_report"),
    "propose_report": steps("return_report", "approve_report"),
    "return_report": steps("assess_report"),
    "approve_report": steps("issue_report", "return_report"),
    "issue_report": report("$response.body#/report"),
    "list_proposals": {"decide_on_proposal": {"proposal": FIRST}},
    "begin_budget_estimate": estimate(ID)
    | {"state_budget_figure": {"estimate_id": ID, "stage": "proposed", **CURRENT}},
    "state_budget_figure": estimate(ID),
    "list_budget_estimates": estimate(FIRST),
    "draft_budget_submission": dossier("submit_budget_submission"),
    "submit_budget_submission": dossier(
        "return_budget_submission", "consolidate_budget_submission"
    ),
    "return_budget_submission": dossier("revise_budget_submission"),
    "revise_budget_submission": dossier("submit_budget_submission"),
    "consolidate_budget_submission": dossier("correct_budget_submission"),
    "correct_budget_submission": dossier("submit_budget_submission"),
    "read_budget_submission": dossier(),
    "list_budget_submissions": dossier(place=FIRST),
    "list_budget_submission_revisions": {
        "read_budget_submission_revision": {
            "dossier_id": "$request.path.dossier_id",
            "number": "$response.body#/items/0/revision",
        }
    },
    "build_budget_consolidation": {"get_budget_consolidation": {"version_id": ID}},
    "list_budget_consolidations": {"get_budget_consolidation": {"version_id": FIRST}},
    "open_reporting_cycle": cycle("$response.body#/key"),
    "get_reporting_cycle": cycle("$response.body#/key")
    | {"change_reporting_cycle": {"cycle": "$response.body#/key", **CURRENT}},
    "list_reporting_cycles": cycle("$response.body#/items/0/key")
    | {
        "get_latest_consolidated_report": {
            "plan": "$response.body#/items/0/plan",
            "year": "$response.body#/items/0/year",
        }
    },
    "add_roster_row": row(),
    "get_roster_row": row(),
    "list_roster": {
        one: {"cycle": "$request.path.cycle", "unit": "$response.body#/items/0/unit"}
        for one in ("get_roster_row", "list_roster_row_versions")
    },
    "declare_outage": {"withdraw_outage": {"cycle": "$request.path.cycle", "outage_id": ID}},
    "list_outages": {"withdraw_outage": {"cycle": "$request.path.cycle", "outage_id": FIRST}},
    "register_webhook": webhook(ID, "test_webhook"),
    "change_webhook": webhook(ID),
    "rotate_webhook_secret": webhook(ID, "test_webhook"),
    "enable_webhook": webhook(ID, "replay_webhook"),
    "read_webhook": webhook(ID, "test_webhook", "rotate_webhook_secret", "enable_webhook"),
    "list_webhooks": webhook(FIRST),
    "test_webhook": delivery(ID),
    "replay_webhook_delivery": delivery(ID),
    "list_webhook_deliveries": delivery(FIRST),
    "list_plans": plan("$response.body#/items/0/slug"),
    "get_plan": plan("$response.body#/slug"),
    "list_units": unit("$response.body#/items/0/key"),
    "get_unit": unit("$response.body#/key"),
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
