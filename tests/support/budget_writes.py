"""Every write about budgets, done once: for the contracts that hold for all writes."""

from collections.abc import Callable
from typing import Any, Final

import httpx

from tests.support.api import Api, Portal
from tests.support.budgeting import (
    CONSOLIDATIONS,
    DOSSIERS,
    ESTIMATES,
    FINANCE,
    NEWSPAPER,
    a_dossier,
    a_dossier_document,
    an_estimate,
    begun,
    consolidated,
    submitted,
)
from tests.support.makers import PLAN
from tests.support.reviewing import done

CALENDAR: Final = {
    "opens_at": "2022-06-01T00:00:00+07:00",
    "due_at": "2022-07-06T00:00:00+07:00",
    "freeze_at": "2022-07-20T00:00:00+07:00",
    "reason": "Theo hướng dẫn.",
}
AUTHORITY: Final = {
    "unit": "hoi-vhnt",
    "authority": "so-tai-chinh",
    "level": "province",
    "valid_from": "2021-06-01",
    "reason": "Đơn vị dự toán cấp tỉnh.",
}
_RETURN: Final = {"comments": ["Làm rõ."]}
Post = tuple[Portal, str, Any, Any]


def _newspaper(api: Api) -> Portal:
    """Return the newspaper's portal, of which something is proposed for 2022."""
    portal = api.portal(NEWSPAPER)
    begun(portal)
    return portal


def _estimate(api: Api) -> Post:
    return api.portal(NEWSPAPER), ESTIMATES, an_estimate(), an_estimate(amount="1")


def _dossier(api: Api) -> Post:
    body = {"plan": PLAN, "budget_year": 2022}
    return api.portal(NEWSPAPER), DOSSIERS, body, {**body, "budget_year": 2023}


def _submit(api: Api) -> Post:
    portal = _newspaper(api)
    document = a_dossier_document()
    other = a_dossier_document(document_number="89/BQN-TC")
    return portal, f"{a_dossier(portal)}/submit", document, other


def _return(api: Api) -> Post:
    place = submitted(_newspaper(api))
    return api.portal(FINANCE), f"{place}/return", _RETURN, {"comments": ["Khác."]}


def _consolidate(api: Api) -> Post:
    return api.portal(FINANCE), f"{submitted(_newspaper(api))}/consolidate", None, None


def _revise(api: Api) -> Post:
    finance, place, body, _ = _return(api)
    done(finance.post(place, body))
    return api.portal(NEWSPAPER), place.replace("/return", "/revise"), None, None


def _correct(api: Api) -> Post:
    portal = _newspaper(api)
    place = consolidated(portal, api.portal(FINANCE))
    return portal, f"{place}/correct", {"reason": "Sót"}, {"reason": "Khác"}


def _build(api: Api) -> Post:
    body = {"plan": PLAN, "budget_year": 2021}
    return api.portal(FINANCE), CONSOLIDATIONS, body, {**body, "budget_year": 2022}


def _authority(api: Api) -> Post:
    return api.portal(FINANCE), "/v1/budget-authorities", AUTHORITY, {**AUTHORITY, "reason": "Khác"}


_ONE: Final = f"{DOSSIERS}/{{dossier_id}}"
# By path: who posts, where, the body, and another one.
POSTS: Final[dict[str, Callable[[Api], Post]]] = {
    ESTIMATES: _estimate,
    DOSSIERS: _dossier,
    f"{_ONE}/submit": _submit,
    f"{_ONE}/return": _return,
    f"{_ONE}/consolidate": _consolidate,
    f"{_ONE}/revise": _revise,
    f"{_ONE}/correct": _correct,
    CONSOLIDATIONS: _build,
    "/v1/budget-authorities": _authority,
}


def _posted(prepare: Callable[[Api], Post]) -> Callable[[Api], httpx.Response]:
    def send(api: Api) -> httpx.Response:
        portal, path, body, _ = prepare(api)
        return portal.post(path, body)

    return send


def _state(api: Api) -> httpx.Response:
    portal = api.portal(NEWSPAPER)
    body = {"amount": "1", "reason": "Giảm"}
    return portal.put(f"{begun(portal)}/figures/proposed", body, If_Match="*")


def _calendar(api: Api) -> httpx.Response:
    place = f"/v1/budget-calendars/{PLAN}/2023"
    return api.portal(FINANCE).put(place, CALENDAR, If_Match="*")


# By operation: the write, done.
WRITES: Final[dict[str, Callable[[Api], httpx.Response]]] = {
    "begin_budget_estimate": _posted(_estimate),
    "state_budget_figure": _state,
    "draft_budget_submission": _posted(_dossier),
    "submit_budget_submission": _posted(_submit),
    "return_budget_submission": _posted(_return),
    "consolidate_budget_submission": _posted(_consolidate),
    "revise_budget_submission": _posted(_revise),
    "correct_budget_submission": _posted(_correct),
    "build_budget_consolidation": _posted(_build),
    "decide_budget_authority": _posted(_authority),
    "change_budget_calendar": _calendar,
}
