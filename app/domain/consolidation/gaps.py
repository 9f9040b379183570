"""What a cycle's report lacks (khoảng trống): pure code, data in, data out, in any order.

The value 0, a signed nil report (whole, or of an item) and a missing report are three things:
what a unit signs to be nil is no gap, and a gap says why there is nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, cast

from pydantic import Field

from app.domain.consolidation.arithmetic import TOTAL, Cell, Rollup
from app.domain.consolidation.report_figures import NilItemLine
from app.domain.consolidation.report_heads import Part, RosterLine
from app.domain.described import Count, ItemCode, ListWord, Many, ThemeCode, UnitKey
from app.domain.submissions.contents import ASKED_IN, Deliverable

DeliverableKind = Literal[
    "own_plan", "detailed_plan", "cooperation_plan", "inspection", "dedicated_column"
]
Why = Literal["missing", "in_review", "returned", "nothing_said"]

# "Chú trọng tuyên truyền các nội dung phù hợp với ngôn ngữ của các vùng đồng bào dân tộc ít người"
MINORITY_LANGUAGES_ASKED_IN: Final = "III.1.c"
# Made or opened once and then there: the place's plan for the whole period (V.6.2: "Kế hoạch của
# địa phương"), a column (III.1.a, V.7.1: "mở chuyên trang, chuyên mục"). The others are of a year.
ONCE_IN_A_PLAN: Final = frozenset({"own_plan", "dedicated_column"})
# Asked of whoever leads anything: "được phân công chủ trì thực hiện nhiệm vụ" (IV.3).
ASKED_OF_ALL_WHO_LEAD: Final = frozenset({"IV.3"})
_ALL: Final = Cell(TOTAL, TOTAL)


class ItemWithoutActivity(Part):
    """An item on which nobody reports any activity (mục chưa có hoạt động)."""

    item: ItemCode
    assigned: Count = Field(
        description="How many roster rows answer for it (số đơn vị được phân công); 0: nobody was "
        "assigned."
    )
    nil: Count = Field(
        description="Of these, how many signed that there was none (số đơn vị báo không phát sinh)."
    )
    deliverables: Count = Field(
        description="How many deliverables were brought for it (số sản phẩm)."
    )


class AssignmentWithoutReport(Part):
    """A unit assigned an item that its counted report does not speak of (phân công chưa báo cáo).

    Or it has no counted report.
    """

    item: ItemCode
    unit: UnitKey = Field(
        description="Key of the unit that was assigned it (đơn vị được phân công)."
    )
    basis: Literal["ordered", "assigned_only", "requested"] = Field(
        description="ordered (phải báo cáo), assigned_only (được giao), requested (được đề nghị) "
        "or not_required (không phải báo cáo)."
    )
    why: Why = Field(
        description="missing (chưa gửi), in_review (chờ duyệt), returned (đã trả lại): its report "
        "does not count (yet); nothing_said (không nêu): it counts, without activity, deliverable "
        "or nil statement for the item."
    )


class MissingDeliverable(Part):
    """A deliverable (sản phẩm) that an item asks of a unit, and no counted report brings."""

    unit: UnitKey = Field(
        description="Key of the unit that was assigned it (đơn vị được phân công)."
    )
    kind: DeliverableKind = Field(
        description="Kind of deliverable (loại sản phẩm): own_plan (kế hoạch riêng), detailed_plan "
        "(kế hoạch chi tiết), cooperation_plan (kế hoạch phối hợp), inspection (theo "
        "dõi, kiểm tra) or dedicated_column (chuyên trang, chuyên mục)."
    )
    item: ItemCode


class Gaps(Part):
    """What the cycle lacks (khoảng trống). Rows that need not report are asked for nothing."""

    items_without_activity: Many[ItemWithoutActivity] = Field(
        description="Items on which nobody reports any activity (mục chưa có hoạt động)."
    )
    assignments_without_report: Many[AssignmentWithoutReport] = Field(
        description="Assignments of which nothing is reported (phân công chưa báo cáo)."
    )
    missing_deliverables: Many[MissingDeliverable] = Field(
        description="Deliverables that nobody brought (sản phẩm còn thiếu)."
    )
    themes_never_touched: Many[ThemeCode] = Field(
        description="Content themes, section II, of phases that meet the window, without activity "
        "(nội dung chưa được tuyên truyền)."
    )
    minority_languages_never_used: Many[ListWord] = Field(
        description="Languages of minorities in which nobody did anything under III.1.c (ngôn ngữ "
        "dân tộc thiểu số chưa dùng)."
    )
    units_without_minority_language: Many[UnitKey] = Field(
        description="Units assigned III.1.c with activity under it, none in such a language (đơn "
        "vị chưa dùng ngôn ngữ dân tộc thiểu số)."
    )


@dataclass(frozen=True)
class Asked:
    """What the plan asks for in a cycle, each in the plan's (or its list's) order.

    `items` are those reported on, `rules` the funding rules in force in the window, `themes` those
    whose phase meets it, `languages` those of minorities in force in it. `brought_before` are the
    deliverables, by unit, as (kind, item), of earlier years' accepted reports.
    """

    items: Sequence[str]
    rules: Sequence[str] = ()
    themes: Sequence[str] = ()
    languages: Sequence[str] = ()
    brought_before: Mapping[str, Collection[tuple[str, str]]] = field(default_factory=dict)


class Counted(Protocol):
    """A submission that counts: a `Contribution` of a report is one."""

    @property
    def line(self) -> RosterLine:
        """The roster row that it answers."""

    @property
    def rollup(self) -> Rollup:
        """Its activity, added up."""

    @property
    def nil_items(self) -> Sequence[NilItemLine]:
        """The items of which it says that nothing was done."""

    @property
    def deliverables(self) -> Sequence[Deliverable]:
        """The deliverables that it brings."""


def gaps(*, roster: Sequence[RosterLine], counted: Sequence[Counted], asked: Asked) -> Gaps:
    """Return what a cycle lacks, given its roster and the submissions that count."""
    return _Finder(roster, counted, asked).gaps()


class _Finder:
    """Holds what all gaps are found by: who must answer, and what the counted reports say."""

    def __init__(
        self, roster: Sequence[RosterLine], counted: Sequence[Counted], asked: Asked
    ) -> None:
        self.asked = asked
        required = [line for line in roster if line.basis != "not_required"]
        self.required = sorted(required, key=lambda line: line.unit)
        self.counted = {one.line.unit: one for one in counted}
        self.cells = {unit: one.rollup.counts.keys() for unit, one in self.counted.items()}
        self.brought: dict[str, set[tuple[str, str]]] = {
            unit: {(row.kind, row.plan_item) for row in one.deliverables}
            for unit, one in self.counted.items()
        }

    def gaps(self) -> Gaps:
        never_used, without = self._languages()
        used_themes = {
            cell.member
            for cells in self.cells.values()
            for _, cell in cells
            if cell.dimension == "theme"
        }
        return Gaps(
            items_without_activity=list(self._items()),
            assignments_without_report=list(self._assignments()),
            missing_deliverables=list(self._deliverables()),
            themes_never_touched=[one for one in self.asked.themes if one not in used_themes],
            minority_languages_never_used=never_used,
            units_without_minority_language=without,
        )

    def _items(self) -> Iterator[ItemWithoutActivity]:
        for item in self.asked.items:
            if not self._touched(item, _ALL):
                assigned = [line.unit for line in self.required if item in line.items]
                yield ItemWithoutActivity(
                    item=item,
                    assigned=len(assigned),
                    nil=sum(1 for unit in assigned if self._nil(unit, item)),
                    deliverables=sum(
                        1
                        for one in self.counted.values()
                        for row in one.deliverables
                        if row.plan_item == item
                    ),
                )

    def _assignments(self) -> Iterator[AssignmentWithoutReport]:
        for item in self.asked.items:
            for line in self.required:
                why = self._why(line, item) if item in line.items else None
                if why is not None:
                    yield AssignmentWithoutReport.model_validate(
                        {"item": item, "unit": line.unit, "basis": line.basis, "why": why}
                    )

    def _why(self, line: RosterLine, item: str) -> str | None:
        """Return why an assignment is without a report, or None where it is not."""
        if line.unit not in self.counted:
            return line.review
        said = (
            (item, _ALL) in self.cells[line.unit]
            or self._nil(line.unit, item)
            or any(row.plan_item == item for row in self.counted[line.unit].deliverables)
        )
        return None if said else "nothing_said"

    def _nil(self, unit: str, item: str) -> bool:
        one = self.counted.get(unit)
        if one is None:
            return False
        return one.line.content == "nil" or any(row.item == item for row in one.nil_items)

    def _deliverables(self) -> Iterator[MissingDeliverable]:
        for line in self.required:
            before = self.asked.brought_before.get(line.unit, ())
            there = {one for one in before if one[0] in ONCE_IN_A_PLAN}
            there |= self.brought.get(line.unit, set())
            for kind, items in ASKED_IN.items():
                for item in items:
                    if self._asks(item, line) and (kind, item) not in there:
                        yield MissingDeliverable(
                            unit=line.unit, kind=cast("DeliverableKind", kind), item=item
                        )

    def _asks(self, item: str, line: RosterLine) -> bool:
        """Tell whether an item asks the unit of a roster row for its deliverable."""
        if item in ASKED_OF_ALL_WHO_LEAD:
            return item in self.asked.rules and bool(line.items) and line.basis != "requested"
        return item in line.items

    def _languages(self) -> tuple[list[str], list[str]]:
        """Return the languages that nobody used, and the units that used none of them."""
        item = MINORITY_LANGUAGES_ASKED_IN
        if item not in self.asked.items:
            return [], []
        wanted = {(item, Cell("language", language)) for language in self.asked.languages}
        never_used = [
            language
            for language in self.asked.languages
            if not self._touched(item, Cell("language", language))
        ]
        without = [
            line.unit
            for line in self.required
            if item in line.items
            and (item, _ALL) in self.cells.get(line.unit, ())
            and wanted.isdisjoint(self.cells[line.unit])
        ]
        return never_used, without

    def _touched(self, item: str, cell: Cell) -> bool:
        """Tell whether anybody did anything for an item that counts in a cell."""
        return any((item, cell) in cells for cells in self.cells.values())
