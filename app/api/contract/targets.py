"""Groups of operations that an answer leads to, by what it is about."""

from typing import Final

ID: Final = "$response.body#/id"
FIRST: Final = "$response.body#/items/0/id"
CURRENT: Final = {"header.If-Match": "$response.header.ETag"}

Targets = dict[str, dict[str, str]]


def all_of(place: str, parameter: str, *operations: str, **more: str) -> Targets:
    """Return links to operations that take the same parameters from the same places."""
    return {operation: {parameter: place, **more} for operation in operations}


def activity(place: str) -> Targets:
    """Return what may be done with an activity report."""
    return all_of(
        place, "report_id", "get_activity_report", "list_revisions", "decide_participation"
    )


def current_activity() -> Targets:
    """Return what may be done with an activity report whose ETag was answered."""
    changing = (
        "correct_activity_report",
        "patch_activity_report",
        "withdraw_activity_report",
        "reinstate_activity_report",
    )
    return activity(ID) | {one: {"report_id": ID, **CURRENT} for one in changing}


def submission(*operations: str, place: str = ID) -> Targets:
    """Return what may be done with a submission."""
    return all_of(place, "submission_id", "read_submission", *operations)


DRAFT: Final = (
    "rewrite_draft",
    "rewrite_narrative",
    "rewrite_draft_from_sheet",
    "prefill_submission",
    "list_not_yet_reported",
    "submit_submission",
    "discard_draft",
)
REVISION: Final = (
    "read_submission_revision",
    "compare_submission_revision",
    "list_submission_records",
)


def submitted() -> Targets:
    """Return what may be done with a submission that was submitted."""
    return all_of(ID, "submission_id", *REVISION, number="$response.body#/revision") | submission(
        "accept_submission", "return_submission", "list_submission_revisions"
    )


def batch(place: str) -> Targets:
    """Return what may be read of a bulk request."""
    return all_of(place, "batch_id", "get_activity_report_batch", "list_batch_rows")


def joint(place: str) -> Targets:
    """Return what may be done with a joint link."""
    return all_of(place, "link_id", "get_joint_link", "confirm_joint_link", "separate_joint_link")


def report(place: str) -> Targets:
    """Return what may be read of a consolidated report."""
    return all_of(
        place,
        "report_id",
        "get_consolidated_report",
        "get_report_course",
        "get_report_differences",
    )


def steps(*operations: str) -> Targets:
    """Return the next steps of a consolidated report's course."""
    return all_of("$response.body#/report", "report_id", "get_report_course", *operations)


def estimate(place: str) -> Targets:
    """Return what may be read of a budget estimate."""
    return all_of(place, "estimate_id", "read_budget_estimate", "list_budget_figures")


def dossier(*operations: str, place: str = ID) -> Targets:
    """Return what may be done with a budget dossier."""
    reading = ("read_budget_submission", "list_budget_submission_revisions")
    return all_of(place, "dossier_id", *reading, *operations)


def cycle(place: str) -> Targets:
    """Return what may be done in a reporting cycle."""
    return all_of(
        place,
        "cycle",
        "get_reporting_cycle",
        "get_reporting_cycle_status",
        "list_roster",
        "list_outages",
        "declare_outage",
        "add_roster_row",
    )


def row() -> Targets:
    """Return what may be decided on a roster row."""
    found = {"cycle": "$request.path.cycle", "unit": "$response.body#/unit"}
    return {
        "get_roster_row": found,
        "list_roster_row_versions": found,
        "amend_roster_row": {**found, **CURRENT},
        "exempt_roster_row": found,
        "extend_roster_row": found,
    }


def plan(place: str) -> Targets:
    """Return what may be read of a plan."""
    return all_of(
        place,
        "plan",
        "get_plan",
        "list_plan_items",
        "list_content_themes",
        "list_report_recipients",
        "get_plan_summary",
        "list_indicators",
        "get_activity_totals",
        "reconcile",
    )


def unit(place: str) -> Targets:
    """Return what may be read of a unit."""
    return all_of(place, "unit", "get_unit", "get_unit_history", "list_submissions")


def webhook(place: str, *operations: str) -> Targets:
    """Return what may be done with a webhook."""
    reading = ("read_webhook", "list_webhook_deliveries", "change_webhook", "remove_webhook")
    return all_of(place, "webhook_id", *reading, *operations)


def delivery(place: str) -> Targets:
    """Return what may be done with a delivery of the webhook that was asked about."""
    operations = ("read_webhook_delivery", "replay_webhook_delivery")
    return all_of("$request.path.webhook_id", "webhook_id", *operations, delivery_id=place)
