"""The sums of a report, added up anew from its own figures: pure code.

What can be said of a report alone is that its parts fit each other. Figures that stand nowhere
else, or that overlap, are held within their bounds only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Context, Decimal, Inexact, localcontext
from typing import Any, Final, NamedTuple

from app.domain.consolidation.figures import Row, Shown, figures
from app.domain.consolidation.findings import ABSENT, Check, Failed, Rule, checked

UNITS: Final = Rule(
    "units",
    "Số của các đơn vị cộng lại bằng số ghi nhận",
    "Units add up to what is credited",
)
SAID: Final = Rule(
    "units_said",
    "Số của từng đơn vị khớp với báo cáo của đơn vị",
    "A unit's part of a total is what its section says",
)
COUNTED: Final = Rule(
    "counted",
    "Số tính = số ghi nhận − phần trùng của hoạt động chung",
    "Counted is credited less what joined reports have in common",
)
BREAKDOWNS: Final = Rule(
    "breakdowns",
    "Các phần theo kênh, thể loại, tháng … cộng lại bằng tổng",
    "The members of a breakdown add up to the total",
)
LEVELS: Final = Rule(
    "levels", "Số theo cấp khớp với các đơn vị của cấp đó", "A level is what its units add up to"
)
HIERARCHY: Final = Rule(
    "hierarchy",
    "Các dòng theo hệ thống đơn vị cộng lại bằng số ghi nhận",
    "The hierarchy's lines add up to what is credited",
)
PLACED: Final = Rule(
    "placed", "Mọi số liệu đều thuộc một dòng tổng", "Every figure belongs to a total"
)
_EXACT: Final = Context(prec=200, traps=[Inexact])
_NO_LEVEL: Final = "provincial_body"
_OVERLAPPING: Final = ("language", "theme")
_ALL: Final = ("channel", "format", "integrated", "level", "month")
# Of what replaces itself over time: along what its values still add up.
_ALONG: Final = {"sum": _ALL, "latest": ("channel", "level"), "max": ("level",)}


class Key(NamedTuple):
    """What figures are added up of. `what` is activities, occurrences, amount or money."""

    what: str
    item: str
    indicator: str
    origin: str
    source: str


Table = dict[Key, list[Shown]]


class _Figures:
    """A report's figures by what they are of."""

    def __init__(self, report: Row) -> None:
        self.over = {
            row["code"]: (row["over_time"], row["over_units"]) for row in report_rows(report)
        }
        self.counted: dict[Key, Shown] = {}
        self.credited: dict[Key, Shown] = {}
        self.parts: dict[str, Table] = {}
        self.members: dict[tuple[str, str], Table] = {}
        for one in figures(report):
            if one.part in ("coverage", "expectation") or one.item is None:
                continue
            self._take(one, _key(one))

    def _take(self, one: Shown, key: Key) -> None:
        if one.part == "total":
            if one.column != "credited" and not one.column.startswith("credited_"):
                self.counted[key] = one
            if one.column.startswith("credited") or key.what == "money":
                self.credited[key] = one
        elif one.part == "breakdown":
            member = (one.dimension or "", one.member or "")
            self.members.setdefault(member, {}).setdefault(key, []).append(one)
        else:
            part = "hierarchy" if one.part == "unmapped" else one.part
            self.parts.setdefault(part, {}).setdefault(key, []).append(one)

    def of(self, part: str, key: Key) -> list[Shown]:
        return self.parts.get(part, {}).get(key, [])

    def along(self, dimension: str) -> Table:
        found: Table = {}
        for (of, _), table in self.members.items():
            if of == dimension:
                for key, ones in table.items():
                    found.setdefault(key, []).extend(ones)
        return found

    def rule(self, key: Key) -> tuple[str, str]:
        """Return how a figure adds over time and over units; counts and money always add."""
        return self.over.get(key.indicator, ("sum", "sum")) if key.indicator else ("sum", "sum")


def check_sums(report: Row) -> list[Check]:
    """Add everything up. The report must be of the shape that its schema has."""
    found = _Figures(report)
    with localcontext(_EXACT):
        return [
            checked(UNITS, _units(found)),
            checked(SAID, _said(found)),
            checked(COUNTED, _counted(found)),
            checked(BREAKDOWNS, _breakdowns(found)),
            checked(LEVELS, _levels(found, report)),
            checked(HIERARCHY, _hierarchy(found, report)),
            checked(PLACED, _placed(found)),
        ]


def report_rows(report: Row) -> Sequence[Any]:
    """Return the report's indicators."""
    rows: Sequence[Any] = report["indicators"]
    return rows


def _key(one: Shown) -> Key:
    if one.source is not None:
        what = "money"
    elif one.indicator is not None:
        what = "amount"
    else:
        what = one.column.removeprefix("credited_")
    return Key(what, one.item or "", one.indicator or "", one.origin or "", one.source or "")


def _units(found: _Figures) -> Iterator[Failed | None]:
    for key, total in found.credited.items():
        over_time, over_units = found.rule(key)
        if (total.value is None) != (over_units == "none"):
            yield Failed(total.pointer, _text(total.value), f"as {key.indicator} adds over units")
        if total.value is None:
            continue
        amounts = key.what in ("amount", "money")
        terms = found.of("total_unit" if amounts else "unit", key)
        # Two submissions may hold values of one unit, where the later one counts.
        yield _sum(total, terms) if over_time == "sum" else _most(total, terms)


def _said(found: _Figures) -> Iterator[Failed | None]:
    """Yield the units' parts of totals against the units' own sections, either way."""
    for key in {**found.parts.get("total_unit", {}), **found.parts.get("unit", {})}:
        if key.what not in ("amount", "money") or found.rule(key)[1] == "none":
            continue
        parts = {one.unit: one for one in found.of("total_unit", key)}
        own = {one.unit: one for one in found.of("unit", key)}
        for unit in {**parts, **own}:
            yield _equal(parts.get(unit), own.get(unit))


def _counted(found: _Figures) -> Iterator[Failed | None]:
    for key, total in found.counted.items():
        credited, left_out = found.credited[key], found.of("left_out", key)
        if credited.value is None:
            wrong = total.value is not None or left_out
            yield Failed(total.pointer, _text(total.value), "null") if wrong else None
        else:
            yield _sum(total, [credited], less=left_out)


def _breakdowns(found: _Figures) -> Iterator[Failed | None]:
    tables = {dimension: found.along(dimension) for dimension in (*_ALL, *_OVERLAPPING)}
    for key, total in found.counted.items():
        over_time, over_units = found.rule(key)
        if over_units == "none" or key.what == "money":
            continue
        for dimension in _ALONG[over_time]:
            yield _sum(total, tables[dimension].get(key, []))
        for dimension in _OVERLAPPING if over_time == "sum" else ():
            terms = tables[dimension].get(key, [])
            yield _most(total, terms)
            for one in terms:
                yield _most(one, [total])


def _levels(found: _Figures, report: Row) -> Iterator[Failed | None]:
    """Yield the levels against the units of the hierarchy, where these are those that reported."""
    view = report["by_hierarchy"]
    if view["units_on"] != "as_reported":
        return
    level = {row["unit"]: row["level"] or _NO_LEVEL for row in view["lines"]}
    for (dimension, member), table in found.members.items():
        for key, ones in table.items() if dimension == "level" else ():
            for one in ones:
                yield _sum(
                    one,
                    [of for of in found.of("hierarchy", key) if level.get(of.unit or "") == member],
                    less=[
                        of for of in found.of("left_out", key) if level.get(of.unit or "") == member
                    ],
                )


def _hierarchy(found: _Figures, report: Row) -> Iterator[Failed | None]:
    as_reported = report["by_hierarchy"]["units_on"] == "as_reported"
    for key, total in found.credited.items():
        if total.value is not None:
            yield _sum(total, found.of("hierarchy", key))
        elif as_reported:  # each unit stands for itself
            for line in found.of("hierarchy", key):
                parts = [one for one in found.of("total_unit", key) if one.unit == line.unit]
                yield (_sum if found.rule(key)[0] == "sum" else _most)(line, parts)


def _placed(found: _Figures) -> Iterator[Failed | None]:
    for table in (*found.parts.values(), *found.members.values()):
        for key, ones in table.items():
            for one in ones:
                lost = key not in found.counted
                yield Failed(one.pointer, _text(one.value), ABSENT) if lost else None


def _sum(total: Shown, terms: Sequence[Shown], less: Sequence[Shown] = ()) -> Failed | None:
    expected = _added(terms) - _added(less)
    return _failed(total, expected, [*terms, *less], lambda says: says == expected)


def _most(total: Shown, terms: Sequence[Shown]) -> Failed | None:
    expected = _added(terms)
    return _failed(total, expected, terms, lambda says: says <= expected, "at most ")


def _failed(
    total: Shown,
    expected: Decimal,
    terms: Iterable[Shown],
    holds: Callable[[Decimal], bool],
    bound: str = "",
) -> Failed | None:
    if holds(Decimal(total.value or 0)):
        return None
    pointers = tuple(one.pointer for one in terms)
    return Failed(total.pointer, _text(total.value), f"{bound}{expected:f}", pointers)


def _equal(part: Shown | None, own: Shown | None) -> Failed | None:
    if part is None or own is None:
        one = part or own
        return None if one is None else Failed(one.pointer, _text(one.value), ABSENT)
    if part.value == own.value:
        return None
    return Failed(part.pointer, _text(part.value), _text(own.value), (own.pointer,))


def _added(terms: Iterable[Shown]) -> Decimal:
    return sum((Decimal(one.value) for one in terms if one.value is not None), Decimal())


def _text(value: str | None) -> str:
    return "null" if value is None else value
