"""The events as the document declares them, in its section `webhooks`.

`app.api.contract.webhooks` adds the headers and the answers that are expected.
"""

from typing import Any, Final

from fastapi import FastAPI

from app.api.contract.examples import example
from app.domain.webhooks.events import (
    TEST,
    ReportingCycleOpened,
    ReportIssued,
    ReportPublished,
    SubmissionAccepted,
    SubmissionReturned,
    WebhookTested,
)

EXAMPLES: Final[dict[str, dict[str, Any]]] = example("webhook-events")


def declare_events(app: FastAPI) -> None:
    """Declare every event that a webhook can be told."""

    @app.webhooks.post("submission.returned", **_shown("submission.returned"))
    def submission_returned(_body: SubmissionReturned) -> None:
        """Tell that a submission was returned: of this unit, or of an ended one it answers for.

        Read it for the comments, then revise it.
        """

    @app.webhooks.post("submission.accepted", **_shown("submission.accepted"))
    def submission_accepted(_body: SubmissionAccepted) -> None:
        """Tell that a submission was accepted: of this unit, or of an ended one it answers for."""

    @app.webhooks.post("consolidated_report.published", **_shown("consolidated_report.published"))
    def consolidated_report_published(_body: ReportPublished) -> None:
        """Tell that a version of the province's report was built and can be pulled.

        Told to those who see the province: the focal unit, the People's Committee's office.
        """

    @app.webhooks.post("consolidated_report.issued", **_shown("consolidated_report.issued"))
    def consolidated_report_issued(_body: ReportIssued) -> None:
        """Tell that a version of the province's report was issued under its document.

        Told to those who see the province, and to those who receive the plan's reports.
        """

    @app.webhooks.post("reporting_cycle.opened", **_shown("reporting_cycle.opened"))
    def reporting_cycle_opened(_body: ReportingCycleOpened) -> None:
        """Tell that a reporting cycle opened: from now on its units may draft.

        Told to the units of its roster, to the stewards of those that have ended, and to those who
        see the province; a few minutes late at most.
        """

    @app.webhooks.post(TEST, **_shown(TEST))
    def webhook_test(_body: WebhookTested) -> None:
        """Tell nothing: the webhook's owner tests it."""


def _shown(event: str) -> dict[str, Any]:
    content = {"application/json": {"example": EXAMPLES[event]}}
    return {
        "tags": ["Webhooks"],
        "summary": event,
        "openapi_extra": {"requestBody": {"content": content}},
    }
