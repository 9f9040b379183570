"""A rollup as canonical JSON (RFC 8785) and back: the same rollup has the same bytes.

Amounts are written as decimal digits in strings: they may exceed what JSON numbers keep. What is
measured and where it counts are names of objects, each a few codes between blanks, so that two
hundred rollups are read in a moment. Rollups of the first schema, which was lists of rows, are
read too: they stay as they were stored, since their hashes stand in manifests.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, TypeVar

from pydantic_core import from_json as parse

from app.domain.canonical import canonical_bytes
from app.domain.consolidation.arithmetic import Cell, Count, Dated, Figure, Rollup, Series

SCHEMA: Final = "baocao/rollup/2"
FIRST_SCHEMA: Final = "baocao/rollup/1"

Value = TypeVar("Value")
Nested = dict[str, dict[str, str]]


def to_json(rollup: Rollup) -> bytes:
    """Return the canonical bytes of a rollup."""
    counts: Nested = {}
    money: Nested = {}
    for (item, cell), count in rollup.counts.items():
        counts.setdefault(item, {})[" ".join(cell)] = f"{count.activities} {count.occurrences}"
    for (item, source, cell), amount in rollup.money.items():
        money.setdefault(f"{item} {source}", {})[" ".join(cell)] = str(amount)
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "counts": counts,
            "sums": _nested(rollup.sums, str),
            "latest": _nested(rollup.latest, _dated_text),
            "peaks": _nested(rollup.peaks, str),
            "money": money,
        }
    )


class RollupReader:
    """Reads rollups back. One reader for many: what they have in common is made once."""

    def __init__(self) -> None:
        self._counts = cache(lambda item: _Keys(lambda at: (item, _cell(at))))
        self._sums = cache(lambda of: _keys_of_figure(of, _cell))
        self._series = cache(lambda of: _keys_of_figure(of, lambda at: Series(*at.split(" "))))
        self._count = cache(_count)
        self._money = cache(lambda of: _Keys(lambda at: (*of.split(" "), _cell(at))))

    def read(self, content: bytes) -> Rollup:
        """Return the rollup of its bytes. Raises ValueError for another schema."""
        data: dict[str, Any] = parse(content)
        if data["schema"] == FIRST_SCHEMA:
            return _of_first_schema(data)
        if data["schema"] != SCHEMA:
            raise ValueError(f"a rollup of schema {data['schema']}, not {SCHEMA}")
        return Rollup(
            counts=_flat(data["counts"], self._counts, self._count),
            sums=_flat(data["sums"], self._sums, int),
            latest=_flat(data["latest"], self._series, _dated),
            peaks=_flat(data["peaks"], self._series, int),
            money=_flat(data["money"], self._money, int),
        )


def from_json(content: bytes) -> Rollup:
    """Return the rollup of its bytes. Raises ValueError for another schema."""
    return RollupReader().read(content)


class _Keys(dict[str, Any]):
    """The keys of one part of a table, by their texts, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], tuple[Any, ...]]) -> None:
        self._make = make

    def __missing__(self, text: str) -> tuple[Any, ...]:
        made = self[text] = self._make(text)
        return made


def _keys_of_figure(text: str, at: Callable[[str], Any]) -> _Keys:
    figure = Figure(*text.split(" "))
    return _Keys(lambda place: (figure, at(place)))


def _flat(
    nested: Nested, keys: Callable[[str], Mapping[str, Any]], value: Callable[[str], Value]
) -> dict[Any, Value]:
    table: dict[Any, Value] = {}
    for of, places in nested.items():
        known = keys(of)
        for place, text in places.items():
            table[known[place]] = value(text)
    return table


def _nested(table: Mapping[tuple[Figure, Any], Value], text: Callable[[Value], str]) -> Nested:
    nested: Nested = {}
    for (figure, place), value in table.items():
        nested.setdefault(" ".join(figure), {})[" ".join(place)] = text(value)
    return nested


def _cell(text: str) -> Cell:
    return Cell(*text.split(" "))


def _count(text: str) -> Count:
    activities, occurrences = text.split(" ")
    return Count(int(activities), int(occurrences))


def _dated(text: str) -> Dated:
    day, amount = text.split(" ")
    return Dated(date.fromisoformat(day), int(amount))


def _dated_text(dated: Dated) -> str:
    return f"{dated.day.isoformat()} {dated.amount}"


def _of_first_schema(data: dict[str, Any]) -> Rollup:
    return Rollup(
        counts={(r[0], Cell(*r[1:3])): Count(int(r[3]), int(r[4])) for r in data["counts"]},
        sums={(Figure(*r[:3]), Cell(*r[3:5])): int(r[5]) for r in data["sums"]},
        latest={
            (Figure(*r[:3]), Series(*r[3:6])): Dated(date.fromisoformat(r[6]), int(r[7]))
            for r in data["latest"]
        },
        peaks={(Figure(*r[:3]), Series(*r[3:6])): int(r[6]) for r in data["peaks"]},
        money={(r[0], r[1], Cell(*r[2:4])): int(r[4]) for r in data["money"]},
    )
