"""Declaring what an operation refuses: beside its endpoint, by the refusals' classes.

    @router.post("/…", responses=refuses(ReportExists, UnitNotYours))

What follows from an operation's form (its key, its body, its parameters) need not be named:
`app.api.contract.problems` adds it. The tests' client holds every problem that is answered
against what is declared.
"""

from typing import Any, Final

from app.api.problems import STATUS
from app.domain.errors import DomainError

REFUSALS: Final = "x-refusals"
REFUSALS_OF_ROWS: Final = "x-refusals-of-rows"

Responses = dict[int | str, dict[str, Any]]


def refuses(*errors: type[DomainError]) -> Responses:
    """Return the `responses` of an endpoint that can raise these refusals."""
    made: Responses = {}
    for error in errors:
        made.setdefault(STATUS[error], {REFUSALS: []})[REFUSALS].append(error.text.code)
    return made


def refuses_rows(status: int, *errors: type[DomainError]) -> Responses:
    """Return the `responses` of an endpoint whose answer tells refusals of single rows."""
    return {status: {REFUSALS_OF_ROWS: [error.text.code for error in errors]}}
