"""Who may do what with a submission in which state: the whole matrix, cell by cell.

A district for each state, all on one database, which is copied for what changes it. A cell of
the table has a letter for each of: rewrite, discard, submit, revise, correct, supplement, accept,
return, and accepting in bulk.

    +  is done                        R  403 not_reviewer
    .  409, and what this caller      Y  403 submission_not_yours
       may do are the + of its cell   E  403 steward_files
    =  unchanged (in bulk)            S  403 scope_missing
                                      N  404
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

import httpx
import pytest

from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from tests.conftest import Databases
from tests.support.api import A_WORKING_DAY, Api, Portal, running_api
from tests.support.auditing import all_entries
from tests.support.filing import DISTRICTS
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft
from tests.support.stored import everything

ACTIONS: Final = (
    "rewrite",
    "discard",
    "submit",
    "revise",
    "correct",
    "supplement",
    "accept",
    "return",
    "bulk",
)
# Columns: while the unit is in being, by an officer's and a portal's key of it, another unit, a
# commune under it, the focal unit, the committee's office and the province's own key; then two
# weeks after the districts ended, by its steward, its own key, a successor that answers for
# nobody, and who is the focal unit by then.
TABLE: Final = """
state         officer   portal    other     commune   focal     office    province  steward   ended     successor focal_2
draft         +++...RRR ++S...SSS NNNNNNNNN NNNNNNNNN NNNNNNNNN NNNNNNNNN NNNNNNNNN +++...RRR EEEEEERRR NNNNNNNNN NNNNNNNNN
submitted     ......RRR ..S...SSS NNNNNNNNN NNNNNNNNN ......+++ YYYYYYRRR YYYYYYRRR ......RRR EEEEEERRR NNNNNNNNN ......+++
returned      ...+..RRR ..S+..SSS NNNNNNNNN NNNNNNNNN ...+..... YYYYYYRRR YYYYYYRRR ...+..RRR EEEEEERRR NNNNNNNNN ...+.....
revising      +++...RRR ++S...SSS NNNNNNNNN NNNNNNNNN ......... YYYYYYRRR YYYYYYRRR +++...RRR EEEEEERRR NNNNNNNNN .........
accepted      ....++RRR ..S.++SSS NNNNNNNNN NNNNNNNNN ....++..= YYYYYYRRR YYYYYYRRR ....++RRR EEEEEERRR NNNNNNNNN ....++..=
correcting    +++...RRR ++S...SSS NNNNNNNNN NNNNNNNNN ........= YYYYYYRRR YYYYYYRRR +++...RRR EEEEEERRR NNNNNNNNN ........=
corrected     ......RRR ..S...SSS NNNNNNNNN NNNNNNNNN ......+++ YYYYYYRRR YYYYYYRRR ......RRR EEEEEERRR NNNNNNNNN ......+++
sent_back     ...+..RRR ..S+..SSS NNNNNNNNN NNNNNNNNN ...+..... YYYYYYRRR YYYYYYRRR ...+..RRR EEEEEERRR NNNNNNNNN ...+.....
supplementing +++...RRR ++S...SSS NNNNNNNNN NNNNNNNNN ........= YYYYYYRRR YYYYYYRRR +++...RRR EEEEEERRR NNNNNNNNN ........=
supplemented  ......RRR ..S...SSS NNNNNNNNN NNNNNNNNN ......+++ YYYYYYRRR YYYYYYRRR ......RRR EEEEEERRR NNNNNNNNN ......+++
complete      ....+.RRR ..S.+.SSS NNNNNNNNN NNNNNNNNN ....+...= YYYYYYRRR YYYYYYRRR ....+.RRR EEEEEERRR NNNNNNNNN ....+...=
entering      ......RRR ..S...SSS NNNNNNNNN NNNNNNNNN +++...... YYYYYYRRR YYYYYYRRR ......RRR EEEEEERRR NNNNNNNNN +++......
entered       ......RRR ..S...SSS NNNNNNNNN NNNNNNNNN ......+++ YYYYYYRRR YYYYYYRRR ......RRR EEEEEERRR NNNNNNNNN ......+++
"""  # noqa: E501 - a table is read by its columns
# Of a unit that has no submission yet: beginning one by itself, and from an incoming document.
BEGINNING: Final = {
    "officer": ("201", "Y"),
    "portal": ("201", "Y"),
    "other": ("Y", "Y"),
    "commune": ("Y", "Y"),
    "focal": ("Y", "201"),
    "office": ("Y", "Y"),
    "province": ("Y", "Y"),
    "steward": ("201", "Y"),
    "ended": ("E", "E"),
    "successor": ("Y", "Y"),
    "focal_2": ("Y", "201"),
}
CODES: Final = {
    ".": (409, "action_not_allowed"),
    "R": (403, "not_reviewer"),
    "Y": (403, "submission_not_yours"),
    "E": (403, "steward_files"),
    "S": (403, "scope_missing"),
    "N": (404, "not_found"),
}
# Which state each letter + of a state leads to.
REVIEW_AFTER: Final = {
    "rewrite": "draft",
    "submit": "submitted",
    "revise": "draft",
    "correct": "draft",
    "supplement": "draft",
    "accept": "accepted",
    "return": "returned",
}
AFTER_THE_END: Final = ("steward", "ended", "successor", "focal_2")
FROM_A_DOCUMENT: Final = ("focal", "focal_2")
TWO_WEEKS_LATER: Final = datetime(2025, 7, 15, 9, 0, tzinfo=LOCAL_TIME)
PAPER: Final = {"incoming_number": "1277/CV-ĐẾN", "incoming_on": "2021-11-19"}
COMMENTS: Final = {"comments": [{"text": "Bổ sung số liệu."}]}
STATES: Final = {row.split()[0]: row.split()[1:] for row in TABLE.strip().splitlines()[1:]}
ROLES: Final = TABLE.strip().splitlines()[0].split()[1:]
OF_STATE: Final = dict(zip(STATES, DISTRICTS, strict=True))
# Of each district: a commune under it, and who answers for it from 1/7/2025.
BELOW_AND_AFTER: Final = {
    "gso-522": ("gso-21010", "gso-21025-2025-07-01"),
    "gso-524": ("gso-21040", "gso-21040-2025-07-01"),
    "gso-525": ("gso-21115", "gso-21115-2025-07-01"),
    "gso-527": ("gso-21175", "gso-21220-2025-07-01"),
    "gso-528": ("gso-21238", "gso-21235-2025-07-01"),
    "gso-529": ("gso-21289", "gso-21289-2025-07-01"),
    "gso-530": ("gso-21331", "gso-21340-2025-07-01"),
    "gso-531": ("gso-21349", "gso-21361-2025-07-01"),
    "gso-532": ("gso-21364", "gso-21364-2025-07-01"),
    "gso-533": ("gso-21400", "gso-21400-2025-07-01"),
    "gso-534": ("gso-21439", "gso-21439-2025-07-01"),
    "gso-535": ("gso-21484", "gso-21484-2025-07-01"),
    "gso-536": ("gso-21484", "gso-21548-2025-07-01"),  # Lý Sơn had no communes
}
VE_GIANG: Final = "gso-21238-2025-07-01"  # takes over from a township, answers for nobody
# What is done to a new draft until it is in the state.
STEPS: Final = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "revising": ("submit", "return", "revise", "rewrite"),
    "accepted": ("submit", "accept"),
    "correcting": ("submit", "accept", "correct"),
    "corrected": ("submit", "accept", "correct", "submit"),
    "sent_back": ("submit", "accept", "correct", "submit", "return"),
    "supplementing": ("submit", "accept", "supplement"),
    "supplemented": ("submit", "accept", "supplement", "submit"),
    "complete": ("submit", "accept", "supplement", "submit", "accept"),
    "entering": (),
    "entered": ("submit",),
}


@dataclass
class Matrix:
    """A submission in each state, and the keys of all roles."""

    places: dict[str, str] = field(default_factory=dict)
    secrets: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def portal(self, api: Api, role: str, state: str) -> Portal:
        """Return the role's portal for a state's submission, on the day that the role is there."""
        api.set_clock(TWO_WEEKS_LATER if role in AFTER_THE_END else A_WORKING_DAY)
        return Portal(api.http, self.secrets[role, state])

    def send(self, portal: Portal, action: str, role: str, state: str) -> httpx.Response:
        """Ask for an action, with a body that is good for it in that state."""
        return _send(
            portal,
            self.places[state],
            action,
            from_document=role in FROM_A_DOCUMENT,
            answers=self.answers,
        )


def _send(
    portal: Portal, place: str, action: str, *, from_document: bool, answers: dict[str, Any]
) -> httpx.Response:
    on_behalf = {"on_behalf": PAPER} if from_document else {}
    if action == "rewrite":
        said = {"narrative": {"results": "Viết lại."}, "answers": answers.get(place, [])}
        return portal.put(f"{place}/draft", said)
    if action == "discard":
        return portal.request("DELETE", f"{place}/draft")
    if action == "bulk":
        seen = portal.get(place)
        revision = seen.json()["revision"] if seen.status_code == 200 else 1
        asked = {"submission": place.rpartition("/")[2], "revision": revision}
        return portal.post("/v1/submissions/acceptances", {"submissions": [asked]})
    body = {
        "submit": a_document(data_to="2021-11-22"),
        "revise": on_behalf,
        "correct": {"reason": "Ghi nhầm số liệu", **on_behalf},
        "supplement": on_behalf,
        "accept": None,
        "return": COMMENTS,
    }
    return portal.post(f"{place}/{action}", body[action])


def _unit_of(role: str, state: str) -> str:
    unit = OF_STATE[state]
    commune, steward = BELOW_AND_AFTER[unit]
    other = DISTRICTS[DISTRICTS.index(unit) - 1]
    return {
        "officer": unit,
        "portal": unit,
        "other": other,
        "commune": commune,
        "focal": FOCAL_UNIT,
        "office": OFFICE,
        "province": "gso-51",
        "steward": steward,
        "ended": unit,
        "successor": VE_GIANG,
        "focal_2": "body-so-vhttdl",
    }[role]


def _keys(api: Api, matrix: Matrix, states: Sequence[str]) -> None:
    """Make a key for every role and state; those that belong to no state share theirs."""
    drafting = (Scope.READ_SUBMISSIONS, Scope.DRAFT_SUBMISSIONS)
    made: dict[tuple[str, bool], str] = {}
    for state in states:
        for role in ROLES:
            which = (_unit_of(role, state), role == "portal")
            if which not in made:
                made[which] = api.portal(which[0], *(drafting if which[1] else ())).secret
            matrix.secrets[role, state] = made[which]


def _built(api: Api) -> Matrix:
    matrix = Matrix()
    _keys(api, matrix, list(STATES))
    for state, steps in STEPS.items():
        filer = "focal" if state in ("entering", "entered") else "officer"
        said = {"unit": OF_STATE[state], "on_behalf": PAPER} if filer == "focal" else {}
        begun = matrix.portal(api, filer, state).post("/v1/submissions", a_draft(**said))
        assert begun.status_code == 201, begun.text
        place = matrix.places[state] = begun.headers["Location"]
        for number, step in enumerate(steps):
            portal = matrix.portal(api, "focal" if step in ("accept", "return") else filer, state)
            if step == "submit" and number == 0:
                done = portal.post(f"{place}/submit", a_document())
            else:
                done = matrix.send(portal, step, "officer", state)
            assert done.status_code == 200, done.text
            if step == "revise":
                comments = done.json()["comments"]
                matrix.answers[place] = [{"comment": c["id"], "text": "Xong."} for c in comments]
    return matrix


@pytest.fixture(scope="module")
def built(databases: Databases) -> Iterator[tuple[str, Matrix]]:
    """Return a database with a submission in every state, to which nobody is connected."""
    with databases.loaded() as url:
        with running_api(url) as api:
            matrix = _built(api)
        yield url, matrix


@contextmanager
def a_copy(databases: Databases, url: str) -> Iterator[Api]:
    with databases.copy_of(url) as copy, running_api(copy) as api:
        yield api


@pytest.fixture(scope="module")
def refusing(databases: Databases, built: tuple[str, Matrix]) -> Iterator[tuple[Api, Matrix]]:
    """Return the app on a copy in which nothing is to change."""
    url, matrix = built
    with a_copy(databases, url) as api:
        yield api, matrix


def _kept(api: Api) -> dict[str, Any]:
    tables = everything(api.engine)
    return {name: rows for name, rows in tables.items() if name.startswith(("subm", "froz"))}


def _allowed(cell: str) -> list[str]:
    return [action for action, letter in zip(ACTIONS[:-1], cell, strict=False) if letter == "+"]


@pytest.mark.parametrize("state", STATES)
def test_what_is_not_allowed_is_refused_and_told(refusing: tuple[Api, Matrix], state: str) -> None:
    api, matrix = refusing
    before = _kept(api)
    wrong: list[tuple[Any, ...]] = []
    for role, cell in zip(ROLES, STATES[state], strict=True):
        portal = matrix.portal(api, role, state)
        seen = portal.get(matrix.places[state])
        actions = seen.json().get("actions") if seen.status_code == 200 else None
        if actions != (None if cell == "N" * len(ACTIONS) else _allowed(cell)):
            wrong.append((role, "GET", seen.status_code, actions))
        for action, letter in zip(ACTIONS, cell, strict=True):
            if letter == "+":
                continue
            answer = matrix.send(portal, action, role, state)
            found = _told(answer, bulk=action == "bulk")
            if found != _expected(letter, cell, bulk=action == "bulk"):
                wrong.append((role, action, letter, found))
    assert wrong == []
    assert _kept(api) == before


def _expected(letter: str, cell: str, *, bulk: bool) -> tuple[Any, ...]:
    if bulk and letter != "S":
        return ("unchanged", None) if letter == "=" else ("refused", CODES[letter][1])
    status, code = CODES[letter]
    return (status, code, _allowed(cell) if letter == "." else None)


def _told(answer: httpx.Response, *, bulk: bool) -> tuple[Any, ...]:
    said = answer.json()
    if bulk and answer.status_code == 200:
        (outcome,) = said["outcomes"]
        return outcome["outcome"], outcome["code"]
    permitted = said["errors"][0].get("permitted") if said.get("errors") else None
    return answer.status_code, said.get("code"), permitted


def test_what_is_allowed_is_done(databases: Databases, built: tuple[str, Matrix]) -> None:
    url, matrix = built
    cells: list[list[tuple[str, str, str]]] = [
        [
            (state, role, action)
            for role, cell in zip(ROLES, row, strict=True)
            for action, letter in zip(ACTIONS, cell, strict=True)
            if letter == "+"
        ]
        for state, row in STATES.items()
    ]
    assert sum(map(len, cells)) == 87
    for together in zip_longest(*cells):  # a cell of each state on a fresh copy
        with a_copy(databases, url) as api:
            for state, role, action in filter(None, together):
                _done(api, matrix, state, role, action)


def _done(api: Api, matrix: Matrix, state: str, role: str, action: str) -> None:
    case = (state, role, action)
    portal, place = matrix.portal(api, role, state), matrix.places[state]
    before, entries = portal.get(place).json(), len(all_entries(api.engine))
    answer = matrix.send(portal, action, role, state)
    assert answer.status_code == (204 if action == "discard" else 200), (case, answer.text)
    if action == "discard":
        left = portal.get(place)
        assert (left.status_code == 404) == (before["revision"] == 1), case
        assert left.json().get("revision", 0) == before["revision"] - 1, case
        assert len(all_entries(api.engine)) == entries + 1, case
        return
    if action == "bulk":
        assert [row["outcome"] for row in answer.json()["outcomes"]] == ["accepted"], case
    after = portal.get(place).json()
    assert after["review"] == REVIEW_AFTER.get(action, "accepted"), case
    begun = action in ("revise", "correct", "supplement")
    assert after["revision"] == before["revision"] + begun, case
    assert len(all_entries(api.engine)) == entries + 1, case


@pytest.mark.parametrize("role", ROLES)
def test_who_begins_a_report_that_is_not_there_yet(api: Api, role: str) -> None:
    matrix, state = Matrix(), "submitted"  # Bình Sơn
    _keys(api, matrix, [state])
    portal = matrix.portal(api, role, state)
    for letter, said in zip(BEGINNING[role], ({}, {"on_behalf": PAPER}), strict=True):
        answer = portal.post("/v1/submissions", a_draft(unit=OF_STATE[state], **said))
        if letter == "201":
            assert answer.status_code == 201, answer.text
            assert answer.json()["actions"] == [
                "rewrite",
                "discard",
                *(["submit"] if role != "portal" else []),
            ]
            return
        assert (answer.status_code, answer.json()["code"]) == CODES[letter], answer.text
    assert portal.get("/v1/submissions", plan=PLAN).json()["items"] == []


def test_the_table_is_whole() -> None:
    assert set(STEPS) == set(STATES)
    for row in STATES.values():
        assert [len(cell) for cell in row] == [len(ACTIONS)] * len(ROLES)
