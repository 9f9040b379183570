"""The first fold on SQLite: like activity grouped by SQL, the cells of each group added here."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel import Session

from app.domain.consolidation.arithmetic import NONE, Cell, Figure, OverTime, Rollup
from app.domain.consolidation.grouped import (
    CountGroup,
    Group,
    Largest,
    MoneyGroup,
    SumGroup,
    fold_groups,
    set_cells,
    whole_cells,
)

# Amounts are added in two halves: SQLite's sum ends at 2^63, which ten large ones can pass.
_HALF: Final = 10**9
_FROM: Final = """
FROM frozen_activity f
JOIN activity_revision r ON r.id = f.activity_revision_id
JOIN activity_report a ON a.id = r.report_id
"""
_ALIKE: Final = """a.unit_key, r.item_code, r.channel, r.format, r.integrated,
substr(r.occurred_on, 1, 7), r.languages, r.themes"""
_HALVES: Final = f"sum(m.amount / {_HALF}), sum(m.amount % {_HALF})"
_FROZEN: Final = "WHERE f.submission_revision_id = :revision"
_COUNTS: Final = f"""
SELECT {_ALIKE}, count(*), sum(r.occurrences) {_FROM} {_FROZEN} GROUP BY {_ALIKE}
"""
_SUMS: Final = f"""
SELECT {_ALIKE}, m.indicator_code, m.origin, {_HALVES} {_FROM}
JOIN activity_measure m ON m.revision_id = r.id
{_FROZEN} AND m.indicator_code NOT IN :replaced
GROUP BY {_ALIKE}, m.indicator_code, m.origin
"""
_MONEY: Final = f"""
SELECT {_ALIKE}, m.source, {_HALVES} {_FROM}
JOIN activity_expenditure m ON m.revision_id = r.id
{_FROZEN} GROUP BY {_ALIKE}, m.source
"""
_VALUES: Final = f"""
SELECT r.item_code, m.indicator_code, m.origin, a.unit_key, r.channel, r.ended_on, max(m.amount)
{_FROM} JOIN activity_measure m ON m.revision_id = r.id
{_FROZEN} AND m.indicator_code IN :replaced
GROUP BY r.item_code, m.indicator_code, m.origin, a.unit_key, r.channel, r.ended_on
"""


def rollup(session: Session, *, revision: UUID, over_time: Mapping[str, OverTime]) -> Rollup:
    """Return the rollup of a submission revision."""
    return fold_groups(_groups(session, revision, over_time), over_time)


def _groups(session: Session, revision: UUID, over_time: Mapping[str, OverTime]) -> Iterator[Group]:
    replaced = [code for code, rule in over_time.items() if rule != "sum"]

    def rows(statement: str) -> Iterator[Any]:
        made = text(statement).bindparams(bindparam("revision", revision, type_=Uuid()))
        if ":replaced" in statement:
            made = made.bindparams(bindparam("replaced", replaced, expanding=True))
        yield from session.connection().execute(made)

    for *alike, activities, occurrences in rows(_COUNTS):
        yield CountGroup(alike[1], _cells(*alike), activities, occurrences)
    for *alike, indicator, origin, high, low in rows(_SUMS):
        over_time[indicator]  # KeyError: nobody says how it adds
        yield SumGroup(
            Figure(alike[1], indicator, origin), _cells(*alike), int(high) * _HALF + int(low)
        )
    for *alike, source, high, low in rows(_MONEY):
        yield MoneyGroup(alike[1], source, _cells(*alike), int(high) * _HALF + int(low))
    for item, indicator, origin, unit, channel, day, amount in rows(_VALUES):
        figure = Figure(item, indicator, origin)
        yield Largest(figure, unit, channel, date.fromisoformat(day), amount)


def _cells(
    unit: str,
    _item: str,
    channel: str,
    form: str | None,
    integrated: int,
    month: str,
    languages: str,
    themes: str,
) -> tuple[Cell, ...]:
    return (
        *whole_cells(unit, "yes" if integrated else "no"),
        Cell("channel", channel),
        Cell("format", form or NONE),
        Cell("month", month),
        *set_cells("language", languages),
        *set_cells("theme", themes),
    )
