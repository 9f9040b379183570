"""How long what is deprecated lives: the policy of openapi/guides/en/versions.md, as a check."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.domain.period import LOCAL_TIME
from tests.compatibility.documents import Finding, operations

SINCE: Final = "x-deprecated-since"
SUNSET: Final = "x-sunset"
MONTHS: Final = 24
SEASON: Final = range(9, 13)
"""The months in which nothing ends: units write their yearly reports."""


def ends_too_soon(document: Mapping[str, Any]) -> Iterator[str]:
    """Say which deprecated operations of a document do not live as long as the policy promises."""
    for name, operation in operations(document).items():
        if not operation.get("deprecated"):
            continue
        if SINCE not in operation or SUNSET not in operation:
            yield f"{name}: is deprecated, but does not say since when and until when"
            continue
        since, sunset = (datetime.fromisoformat(operation[key]) for key in (SINCE, SUNSET))
        if sunset < _after(since):
            yield f"{name}: ends before it was deprecated for {MONTHS} months"
        if sunset.astimezone(LOCAL_TIME).month in SEASON:
            yield f"{name}: ends between 1 September and 31 December"


def broken_before_its_end(
    released: Mapping[str, Any], findings: list[Finding], on: date
) -> Iterator[str]:
    """Say which operations are removed, or are no longer what they were, before their sunset.

    To who uses an operation, a broken one is a removed one. The sunset is the one that the
    released document told.
    """
    known = operations(released)
    for name in dict.fromkeys(finding.operation for finding in findings if finding.operation):
        sunset = known[name].get(SUNSET)
        if sunset is None:
            yield f"{name}: was released and is not deprecated; give the new one another path"
        elif datetime.fromisoformat(sunset).astimezone(UTC).date() > on:
            yield f"{name}: lives until {sunset}"


def _after(since: datetime) -> datetime:
    months = since.year * 12 + since.month - 1 + MONTHS
    last = (date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return since.replace(year=months // 12, month=months % 12 + 1, day=min(since.day, last))
