"""What a draft is begun with: the year's activity in words, and last year's headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from sqlmodel import Session, col, func, select

from app.domain.activities.amounts import unscaled
from app.domain.activities.models import ActivityMeasure, ActivityRevision
from app.domain.catalogue.queries import indicators
from app.domain.cycles.queries import Cycle, Duty, duty_of, find_cycle
from app.domain.fields import LONGEST_TEXT
from app.domain.period import local_day
from app.domain.plans.queries import items
from app.domain.submissions.freeze import covered_activity
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.narrative import Narrative

# "1. Công tác …", "a) …", "II. …", "- …:" and other lines that end with a colon.
_HEADING: Final = re.compile(r"^\s*(?:(?:\d+(?:\.\d+)*[.)]|[a-zđ]\)|[IVX]+[.)])\s+\S.*|.*:)\s*$")
_LONGEST_HEADING: Final = 200
_SECTIONS: Final = ("direction", "results", "difficulties", "lessons", "funding", "next_year")
_CHUNK: Final = 5000


@dataclass(frozen=True)
class Sum:
    """One figure of an item so far: an indicator that adds over time, originals or reposts."""

    indicator: str
    name: str
    unit: str
    origin: str
    value: str


@dataclass(frozen=True)
class ItemSoFar:
    """What was done for an item so far: activity reports, occurrences, sums."""

    item: str
    activities: int
    occurrences: int
    sums: tuple[Sum, ...]


def so_far(session: Session, *, cycle: Cycle, row: Duty, at: datetime) -> list[ItemSoFar]:
    """Return what a report frozen at that instant would hold, item by item, in plan order."""
    data_to = min(row.last_day, local_day(at))
    held = covered_activity(session, cycle=cycle, row=row, data_to=data_to)
    ids = [revision for _, revision, _, _ in held]
    counts: dict[str, list[int]] = {}
    sums: dict[tuple[str, str, str], int] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        for code, activities, occurrences in session.exec(_counted(part)):
            found = counts.setdefault(code, [0, 0])
            found[0] += activities
            found[1] += int(occurrences)
        for code, indicator, origin, amount in session.exec(_summed(part)):
            key = (code, indicator, origin)
            sums[key] = sums.get(key, 0) + int(amount)
    heads = {row.indicator_code: row for row in indicators(session, plan=cycle.plan)}
    return [
        ItemSoFar(
            code,
            counts[code][0],
            counts[code][1],
            tuple(
                Sum(
                    indicator,
                    heads[indicator].name_vi,
                    heads[indicator].unit_vi,
                    origin,
                    unscaled(sums[code, indicator, origin], heads[indicator].decimals),
                )
                for indicator in heads
                for origin in ("original", "repost")
                if (code, indicator, origin) in sums and heads[indicator].over_time == "sum"
            ),
        )
        for code in (item.code for item in items(session, plan=cycle.plan))
        if code in counts
    ]


def _counted(ids: list[Any]) -> Any:
    code = col(ActivityRevision.item_code)
    return (
        select(code, func.count(), func.sum(ActivityRevision.occurrences))
        .where(col(ActivityRevision.id).in_(ids))
        .group_by(code)
    )


def _summed(ids: list[Any]) -> Any:
    columns = (
        col(ActivityRevision.item_code),
        col(ActivityMeasure.indicator_code),
        col(ActivityMeasure.origin),
    )
    return (
        select(*columns, func.sum(ActivityMeasure.amount))
        .join(ActivityRevision, col(ActivityRevision.id) == ActivityMeasure.revision_id)
        .where(col(ActivityRevision.id).in_(ids))
        .group_by(*columns)
    )


def prefilled(session: Session, *, cycle: Cycle, row: Duty, at: datetime) -> Narrative:
    """Return a draft's first narrative: a skeleton of last year's headings, and the results so far.

    It is a proposal for the officer: everything in it may be rewritten.
    """
    headings = last_years_headings(session, cycle=cycle, row=row)
    said: dict[str, Any] = {name: "\n".join(lines) for name, lines in headings.items()}
    results = [
        *headings.get("results", ()),
        *_in_words(so_far(session, cycle=cycle, row=row, at=at)),
    ]
    if results:
        said["results"] = "\n".join(_that_fit(results))
    return Narrative(**said)


def _that_fit(lines: list[str]) -> list[str]:
    """Return the first lines that fit into a section: last year's may have been full."""
    ends = accumulate(len(line) + 1 for line in lines)  # each with its line end
    return [line for line, end in zip(lines, ends, strict=True) if end <= LONGEST_TEXT]


def last_years_headings(session: Session, *, cycle: Cycle, row: Duty) -> dict[str, list[str]]:
    """Return the headings in the sections of the unit's accepted report of the year before.

    A heading is a line that is numbered, lettered, or ends with a colon. Empty where the unit
    had no accepted report that year.
    """
    before = find_cycle(session, plan=cycle.plan, code=str(cycle.year - 1))
    if before is None or before.id is None:
        return {}
    duty = duty_of(session, cycle_id=before.id, unit=row.unit.unit_key)
    if duty is None:
        return {}
    narrative = session.exec(
        select(SubmissionRevision.narrative)
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .where(Submission.roster_row_id == duty.row_id, SubmissionRevision.state == "accepted")
    ).first()
    found = {
        name: [line for line in (narrative.get(name) or "").splitlines() if is_heading(line)]
        for name in _SECTIONS
        if narrative
    }
    return {name: lines for name, lines in found.items() if lines}


def is_heading(line: str) -> bool:
    """Tell whether a line of a narrative is a heading."""
    return len(line) <= _LONGEST_HEADING and _HEADING.match(line) is not None


def _in_words(done: list[ItemSoFar]) -> Iterator[str]:
    for item in done:
        figures = "; ".join(
            f"{one.name}{' (đăng lại)' if one.origin == 'repost' else ''}: {one.value} {one.unit}"
            for one in item.sums
        )
        counts = f"{item.activities} hoạt động, {item.occurrences} lượt"
        yield f"- {item.item}: {counts}{'; ' if figures else ''}{figures}."
