"""Estimates and dossiers over HTTP: valid bodies with defaults, and a dossier's way."""

from datetime import datetime
from typing import Any, Final

from app.domain.period import LOCAL_TIME
from tests.support.api import Portal
from tests.support.makers import PLAN
from tests.support.reviewing import done

ESTIMATES: Final = "/v1/budget-estimates"
DOSSIERS: Final = "/v1/budget-submissions"
CONSOLIDATIONS: Final = "/v1/budget-consolidations"
NEWSPAPER: Final = "body-bao-quang-ngai"
FINANCE: Final = "body-so-tai-chinh"
DECISION: Final = {"document_number": "1205/QĐ-UBND", "document_on": "2021-11-20"}


def local(*parts: int) -> datetime:
    """Return an instant of the province's local time."""
    return datetime(*parts, tzinfo=LOCAL_TIME)  # type: ignore[misc, arg-type]


def an_estimate(**changes: Any) -> dict[str, Any]:
    """Return an estimate of the newspaper's for 2022, of which something is proposed."""
    body: dict[str, Any] = {
        "plan": PLAN,
        "plan_item": "III.1.a",
        "budget_year": 2022,
        "source": "state_budget_province",
        "stage": "proposed",
        "amount": "450000000",
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not ...}


def a_dossier_document(**changes: Any) -> dict[str, Any]:
    """Return the document under which a dossier is submitted."""
    return {
        "document_number": "88/BQN-TC",
        "document_on": "2021-11-10",
        "signer_title": "Tổng Biên tập",
        **changes,
    }


def begun(portal: Portal, **changes: Any) -> str:
    """Begin an estimate; return its place."""
    answer = portal.post(ESTIMATES, an_estimate(**changes))
    done(answer, 201)
    return answer.headers["Location"]


def stated(portal: Portal, place: str, stage: str, amount: str, **changes: Any) -> dict[str, Any]:
    """State a stage of an estimate."""
    body = {"amount": amount, **changes}
    return done(portal.put(f"{place}/figures/{stage}", body, If_Match="*"))


def a_dossier(portal: Portal, **changes: Any) -> str:
    """Begin a dossier for 2022; return its place."""
    answer = portal.post(DOSSIERS, {"plan": PLAN, "budget_year": 2022, **changes})
    done(answer, 201)
    return answer.headers["Location"]


def submitted(portal: Portal, place: str | None = None, **changes: Any) -> str:
    """Submit a dossier, a new one where none is named; return its place."""
    place = place or a_dossier(portal)
    done(portal.post(f"{place}/submit", a_dossier_document(**changes)))
    return place


def consolidated(portal: Portal, finance: Portal, place: str | None = None) -> str:
    """Submit a dossier and have it consolidated; return its place."""
    place = submitted(portal, place)
    done(finance.post(f"{place}/consolidate"))
    return place
