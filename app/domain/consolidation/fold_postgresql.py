"""The first fold on PostgreSQL: one pass over the tables for however many submission revisions.

What decides its speed, measured on a million activity reports (`make bench BENCH=rollups`):

- the tables are joined once, whole, and the little that is needed goes into temporary tables:
  looking up each unit's reports, scattered over the year, took five times as long;
- revision, unit, item and indicator become one number, by which hashing is three times as fast
  as by their texts;
- one GROUPING SETS adds up every dimension in one scan. It is hashed only where the planner
  knows how few groups there are: hence ANALYZE, and no expressions in what it groups by. Each set
  costs a hashing of every row, so dimensions of few members share one, and part in Python.

Of a table that it can read in parallel, PostgreSQL does so by itself; it compiles nothing (jit),
which would take longer than it gains.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import Session

from app.domain.consolidation.arithmetic import Cell, Figure, OverTime, Rollup
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

_ROWS_AT_ONCE: Final = 5000
_PREPARE: Final = (
    "SET LOCAL jit = off",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL parallel_tuple_cost = 0.01",  # else it reads alone for fear of too many rows
    """
CREATE TEMPORARY TABLE rollup_activity ON COMMIT DROP AS
SELECT ((w.no - 1) * :units_many + n.no - 1) * :items_many + i.no - 1 AS place, r.id, r.channel,
       r.format, r.integrated, r.languages, r.themes, r.occurrences, r.ended_on,
       CAST(date_part('year', r.occurred_on) * 12 + date_part('month', r.occurred_on) - 1 AS int)
       AS month
FROM frozen_activity f
JOIN activity_revision r ON r.id = f.activity_revision_id
JOIN activity_report a ON a.id = r.report_id
JOIN unnest(CAST(:revisions AS uuid[])) WITH ORDINALITY w (id, no)
  ON w.id = f.submission_revision_id
JOIN unnest(CAST(:units AS text[])) WITH ORDINALITY n (key, no) ON n.key = a.unit_key
JOIN unnest(CAST(:items AS text[])) WITH ORDINALITY i (code, no) ON i.code = r.item_code
""",
    "ANALYZE rollup_activity",
    """
CREATE TEMPORARY TABLE rollup_measure ON COMMIT DROP AS
SELECT (r.place * :indicators_many + i.no - 1) * 2 + CAST(m.origin = 'repost' AS int) AS place,
       r.channel, r.format, r.integrated, r.languages, r.themes, r.month, m.amount
FROM rollup_activity r
JOIN activity_measure m ON m.revision_id = r.id
LEFT JOIN unnest(CAST(:indicators AS text[])) WITH ORDINALITY i (code, no)
  ON i.code = m.indicator_code
WHERE m.indicator_code <> ALL (CAST(:replaced AS text[]))
""",
    "ANALYZE rollup_measure",
)
_DROP: Final = "DROP TABLE rollup_activity, rollup_measure"
_SETS: Final[tuple[tuple[str, ...], ...]] = (
    ("channel", "integrated"),
    ("format", "languages"),
    ("month",),
    ("themes",),
)
_MEMBERS: Final = {
    "channel": "channel",
    "format": "coalesce(format, 'none')",
    "integrated": "CASE WHEN integrated THEN 'yes' ELSE 'no' END",
    "month": "lpad(CAST(month / 12 AS text), 4, '0') || '-' "
    "|| lpad(CAST(month % 12 + 1 AS text), 2, '0')",
    "languages": "languages",
    "themes": "themes",
}


def _by_each(wanted: str, source: str, also: str = "") -> str:
    """Return the select that adds up by place and each dimension, in one scan of the source."""
    which = {one[0]: f" WHEN GROUPING({one[0]}) = 0 THEN " for one in _SETS}
    names = "".join(f"{which[one[0]]}'{one[0]}'" for one in _SETS)
    firsts = "".join(f"{which[one[0]]}{_MEMBERS[one[0]]}" for one in _SETS)
    seconds = "".join(f"{which[one[0]]}{_MEMBERS[one[1]]}" for one in _SETS if one[1:])
    sets = ", ".join(f"(place{also}, {', '.join(one)})" for one in _SETS)
    return "".join(
        (
            f"SELECT {wanted}, CASE{names} END, CASE{firsts} END, CASE{seconds} END {{}} ",
            f"FROM {source} GROUP BY GROUPING SETS ({sets})",
        )
    )


_GROUPS: Final = " UNION ALL ".join(
    (
        _by_each("'count' AS kind, place, ''", "rollup_activity").format(
            ", count(*), sum(occurrences)"
        ),
        _by_each("'sum', place, ''", "rollup_measure").format(", 0, sum(amount)"),
        _by_each(
            "'money', place, source",
            "rollup_activity JOIN activity_expenditure ON revision_id = id",
            ", source",
        ).format(", 0, sum(amount)"),
        """
SELECT 'value', place, indicator_code || ' ' || origin, '', channel,
       to_char(ended_on, 'YYYY-MM-DD'), 0, max(amount)
FROM rollup_activity JOIN activity_measure ON revision_id = id
WHERE indicator_code = ANY (CAST(:replaced AS text[]))
GROUP BY place, indicator_code, origin, channel, ended_on
""",
    )
)
_READ: Final = f"""
SELECT kind, CASE kind WHEN 'sum' THEN place / (:indicators_many * 2) ELSE place END AS place,
       CASE kind WHEN 'sum' THEN place % (:indicators_many * 2) END AS measure,
       code, dimension, member, other, number, amount
FROM ({_GROUPS}) AS found (kind, place, code, dimension, member, other, number, amount)
ORDER BY 2
"""  # noqa: S608 # made of constants


def rollups(
    session: Session, *, revisions: Sequence[UUID], plan: str, over_time: Mapping[str, OverTime]
) -> Generator[tuple[UUID, Rollup]]:
    """Yield each of some submission revisions of one plan with its rollup."""
    connection = session.connection()
    codes = _codes(connection, revisions, plan, over_time)
    told = codes.parameters()
    for statement in _PREPARE:
        connection.execute(text(statement), told)
    streamed = {"yield_per": _ROWS_AT_ONCE}
    with connection.execute(text(_READ), told, execution_options=streamed) as rows:
        found = groupby(rows, key=lambda row: codes.revision(row.place))
        number, groups = next(found, (None, iter(())))
        for place, revision in enumerate(revisions):
            if place != number:
                yield revision, Rollup()
                continue
            yield revision, fold_groups(_groups(groups, codes), over_time)
            number, groups = next(found, (None, iter(())))
    connection.execute(text(_DROP))


@dataclass(frozen=True)
class _Codes:
    """What the numbers stand for that the statements compute with."""

    revisions: Sequence[UUID]
    units: Sequence[str]
    items: Sequence[str]
    indicators: Sequence[str]
    replaced: Sequence[str]

    def parameters(self) -> dict[str, Any]:
        return {
            "revisions": list(self.revisions),
            "units": list(self.units),
            "units_many": len(self.units),
            "items": list(self.items),
            "items_many": len(self.items),
            "indicators": list(self.indicators),
            "indicators_many": len(self.indicators),
            "replaced": list(self.replaced),
        }

    def revision(self, place: int | None) -> int:
        if place is None:
            raise KeyError("a measure of an indicator of which nobody says how it adds")
        return place // (len(self.units) * len(self.items))

    def unit_and_item(self, place: int) -> tuple[str, str]:
        unit, item = divmod(place % (len(self.units) * len(self.items)), len(self.items))
        return self.units[unit], self.items[item]

    def indicator_and_origin(self, measure: int) -> tuple[str, str]:
        indicator, repost = divmod(measure, 2)
        return self.indicators[indicator], "repost" if repost else "original"


def _codes(
    connection: Connection, revisions: Sequence[UUID], plan: str, over_time: Mapping[str, OverTime]
) -> _Codes:
    items = text("SELECT code FROM plan_item WHERE plan_slug = :plan ORDER BY code")
    return _Codes(
        revisions=revisions,
        units=connection.execute(text("SELECT key FROM unit ORDER BY key")).scalars().all(),
        items=connection.execute(items, {"plan": plan}).scalars().all(),
        # One at least: the statements divide by how many there are.
        indicators=[code for code, rule in over_time.items() if rule == "sum"] or [""],
        replaced=[code for code, rule in over_time.items() if rule != "sum"],
    )


def _groups(rows: Iterator[Any], codes: _Codes) -> Iterator[Group]:
    figure_of, cells_of = cache(Figure), cache(_cells)
    for kind, place, measure, code, dimension, member, other, number, amount in rows:
        unit, item = codes.unit_and_item(place)
        if kind == "value":
            figure = figure_of(item, *code.split())
            yield Largest(figure, unit, member, date.fromisoformat(other), int(amount))
            continue
        cells = cells_of(unit if dimension == "channel" else "", dimension, member, other)
        if kind == "sum":
            figure = figure_of(item, *codes.indicator_and_origin(measure))
            yield SumGroup(figure, cells, int(amount))
        elif kind == "count":
            yield CountGroup(item, cells, number, int(amount))
        else:
            yield MoneyGroup(item, code, cells, int(amount))


def _cells(unit: str, dimension: str, member: str, other: str) -> tuple[Cell, ...]:
    """Return the cells of a group, by the first dimension of its set. Every report is in one."""
    if dimension == "channel":
        return (Cell("channel", member), *whole_cells(unit, other))
    if dimension == "format":
        return (Cell("format", member), *set_cells("language", other))
    if dimension == "themes":
        return set_cells("theme", member)
    return (Cell(dimension, member),)
