"""What may be stated of an estimate, stage by stage, and what is doubtful about it: pure.

Section IV.2 and IV.3 of the plan: in its first year money came out of the estimates already
given, so only what was executed and settled is stated; from the next year on units propose.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from app.domain.errors import Fault, Text
from app.domain.period import Period

Stage = Literal["proposed", "allocated", "adjusted", "executed", "settled"]
ESTIMATED: Final[tuple[Stage, ...]] = ("proposed", "allocated", "adjusted")
ORDER: Final[tuple[Stage, ...]] = (*ESTIMATED, "executed", "settled")
Warning_ = Literal[
    "executed_above_allocation", "executed_without_allocation", "settled_differs_from_executed"
]

EXECUTED_ONLY = Text(
    "stage_executed_only",
    "Năm {year} không lập dự toán (mục IV.2); chỉ ghi số thực hiện, quyết toán.",
    "There are no estimates for {year} (section IV.2): only executed and settled amounts.",
)
NOT_OPEN = Text(
    "stage_not_open",
    "Dự toán năm {year} bắt đầu lập từ {opens_at}.",
    "Estimates for {year} are drafted from {opens_at} on.",
)
NEEDS_ALLOCATION = Text(
    "stage_needs_allocation",
    "Chưa có dự toán được giao nên không có gì để điều chỉnh.",
    "Nothing was allocated, so there is nothing to adjust.",
)
NOT_BEGUN = Text(
    "stage_year_not_begun",
    "Năm ngân sách {year} chưa bắt đầu nên chưa có số thực hiện.",
    "The budget year {year} has not begun: nothing can be executed yet.",
)
NEEDS_EXECUTION = Text(
    "stage_needs_execution",
    "Chưa có số thực hiện nên chưa quyết toán được.",
    "Nothing was executed, so nothing can be settled.",
)
NOT_OVER = Text(
    "stage_year_not_over",
    "Quyết toán lập sau khi năm ngân sách {year} kết thúc, hoặc sau khi đơn vị kết thúc hoạt động.",
    "Settlement follows the end of the budget year {year}, or of the unit.",
)
REASON_NEEDED = Text(
    "figure_reason_needed",
    "Sửa một số liệu đã ghi thì phải nêu lý do.",
    "A figure that was stated is stated anew with a reason.",
)
UNPROPOSED_REASON = Text(
    "allocation_reason_needed",
    "Giao dự toán khi chưa có đề xuất thì phải nêu lý do.",
    "What was not proposed is allocated with a reason.",
)
DECISION_NEEDED = Text(
    "figure_decision_needed",
    "Số giao, số điều chỉnh phải có số, ngày của quyết định.",
    "What is allocated or adjusted names its decision: number and day.",
)
DOCUMENT_PAIR = Text(
    "figure_document_pair",
    "Văn bản cần có cả số và ngày.",
    "A document has both its number and its day.",
)


@dataclass(frozen=True)
class BudgetYear:
    """A budget year, as what may be stated for it on an instant depends on it.

    `executed_only` is the plan's first year (IV.2). `opens_at` is None where no calendar says it.
    `unit_ended` tells that the unit has ended: its settlement does not wait for the year's end.
    """

    year: int
    executed_only: bool
    today: date
    at: datetime
    opens_at: datetime | None = None
    unit_ended: bool = False

    @property
    def days(self) -> Period:
        """The days of the budget year."""
        return days_of(self.year)


def days_of(year: int) -> Period:
    """Return the days of a budget year: the calendar year (Law on the State Budget, art. 14)."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def closed(stage: Stage, *, year: BudgetYear, stated: Mapping[str, int]) -> Fault | None:
    """Return why a stage can't be stated now, or None. `stated` are the amounts by stage."""
    start, end = year.days.bounds
    said = {"year": year.year}
    text = None
    if year.executed_only and stage in ESTIMATED:
        text = EXECUTED_ONLY
    elif stage == "proposed" and year.opens_at is not None and year.at < year.opens_at:
        return Fault("/stage", NOT_OPEN, {**said, "opens_at": year.opens_at.isoformat()})
    elif stage == "adjusted" and "allocated" not in stated:
        text = NEEDS_ALLOCATION
    elif stage == "executed" and year.today < start:
        text = NOT_BEGUN
    elif stage == "settled" and "executed" not in stated:
        text = NEEDS_EXECUTION
    elif stage == "settled" and year.today < end and not year.unit_ended:
        text = NOT_OVER
    return None if text is None else Fault("/stage", text, said)


def open_stages(*, year: BudgetYear, stated: Mapping[str, int]) -> list[Stage]:
    """Return the stages that can be stated now, in their order."""
    return [stage for stage in ORDER if closed(stage, year=year, stated=stated) is None]


def missing(
    stage: Stage,
    *,
    stated: Mapping[str, int],
    reason: str | None,
    document_number: str | None,
    document_on: date | None,
) -> Iterator[Fault]:
    """Yield what a figure of a stage has to say beside its amount, and does not."""
    if reason is None and stage in stated:
        yield Fault("/reason", REASON_NEEDED)
    elif reason is None and stage == "allocated" and "proposed" not in stated:
        yield Fault("/reason", UNPROPOSED_REASON)
    if (document_number is None) != (document_on is None):
        yield Fault("/document_number", DOCUMENT_PAIR)
    elif stage in ("allocated", "adjusted") and document_number is None:
        yield Fault("/document_number", DECISION_NEEDED)


def estimated(stated: Mapping[str, int]) -> tuple[int, Stage] | None:
    """Return what was estimated, and by which stage: adjusted, else allocated, else proposed."""
    for stage in reversed(ESTIMATED):
        if stage in stated:
            return stated[stage], stage
    return None


def warnings(stated: Mapping[str, int], *, executed_only: bool) -> list[Warning_]:
    """Return what is doubtful about an estimate's figures; it is accepted all the same."""
    found: list[Warning_] = []
    given = stated.get("adjusted", stated.get("allocated"))
    if "executed" in stated and not executed_only:
        if given is None:
            found.append("executed_without_allocation")
        elif stated["executed"] > given:
            found.append("executed_above_allocation")
    if "settled" in stated and stated["settled"] != stated.get("executed"):
        found.append("settled_differs_from_executed")
    return found
