"""The rules by which figures of a consolidated report come about, each with a stable code: pure.

They are those of DOMAIN.md ("Adding up", "Joint activity", "Units over time").
"""

from collections.abc import Iterator
from typing import Final

from app.domain.consolidation.arithmetic import OVERLAPPING
from app.domain.consolidation.figures import Row, Shown
from app.domain.errors import Text

_PLAIN: Final = {
    "coverage": Text(
        "rule_roster_rows",
        "Đếm các dòng của danh sách đơn vị phải báo cáo; mỗi dòng là 0 hoặc 1.",
        "Rows of the roster are counted; each is 0 or 1.",
    ),
    "expectation": Text(
        "rule_expectation",
        "Số ước cả năm do đơn vị tự nêu; không cộng vào số nào.",
        "What the unit itself expects for the whole year; it is added to nothing.",
    ),
    "left_out": Text(
        "rule_left_out",
        "Phần của một báo cáo hoạt động chung không được tính: báo cáo khác đã tính hoạt động đó.",
        "What a report of joined activity does not add: another report of it counts.",
    ),
}
_NOT_ADDITIVE: Final = Text(
    "rule_not_additive",
    "Chỉ tiêu không cộng được giữa các đơn vị: mỗi đơn vị đứng riêng, không có tổng.",
    "The indicator does not add over units: each unit stands for itself, there is no total.",
)
_OVER_TIME: Final = {
    "sum": Text(
        "rule_sum", "Cộng theo thời gian và theo đơn vị.", "Amounts add up over time and units."
    ),
    "latest": Text(
        "rule_latest",
        "Giá trị cuối của từng đơn vị và kênh: ngày sau thay ngày trước, cùng ngày lấy số lớn; "
        "rồi cộng.",
        "The last value of each unit and channel counts: the later day, of one day the larger; "
        "these add up.",
    ),
    "max": Text(
        "rule_max",
        "Giá trị lớn nhất của từng đơn vị; rồi cộng.",
        "The largest value of each unit counts; these add up.",
    ),
}
_COUNT: Final = {
    "activities": Text(
        "rule_count_reports", "Đếm các báo cáo hoạt động.", "Activity reports are counted."
    ),
    "occurrences": Text(
        "rule_count_occurrences",
        "Cộng số lần mà các báo cáo hoạt động nêu.",
        "The occurrences that activity reports stand for add up.",
    ),
}
_MONEY: Final = Text(
    "rule_money",
    "Kinh phí đã chi luôn cộng, kể cả của hoạt động chung.",
    "Expenditure always adds up, also of joined activity.",
)
_ONCE: Final = Text(
    "rule_joined_once",
    "Hoạt động chung của nhiều đơn vị chỉ tính một lần.",
    "Activity that several units reported jointly counts once.",
)
_CREDITED: Final = Text(
    "rule_credited",
    "Ghi nhận cho từng đơn vị đã báo cáo, không trừ hoạt động chung.",
    "Credited to each unit that reported it: joined activity is not taken off.",
)
_OVERLAP: Final = Text(
    "rule_overlapping",
    "Một hoạt động có thể đứng ở nhiều dòng của phân tổ này; các dòng không cộng thành tổng.",
    "An activity stands under each of several members; these do not add up to the total.",
)
_MAPPED: Final = Text(
    "rule_mapped",
    "Ghi vào đơn vị kế thừa theo danh mục đơn vị ngày {day}.",
    "Put on the line of the unit that succeeded, by the register of units of {day}.",
)
_UNMAPPED: Final = Text(
    "rule_unmapped",
    "Đơn vị không có chỗ trong danh mục ngày {day}: để dòng riêng, không suy đoán.",
    "The unit has no place among the units of {day}: it has its own line, nothing is guessed.",
)


def rules(shown: Shown, report: Row) -> Iterator[Text]:
    """Yield the rules by which a figure comes about, the first one foremost."""
    if shown.part in _PLAIN:
        yield _PLAIN[shown.part]
        return
    if shown.indicator is None:
        measure = shown.column.removeprefix("credited_")
        yield _COUNT.get(measure, _MONEY)
    else:
        head = next(row for row in report["indicators"] if row["code"] == shown.indicator)
        if head["over_units"] == "none":
            yield _NOT_ADDITIVE
        if shown.value is not None:
            yield _OVER_TIME[head["over_time"]]
    if shown.value is not None and shown.source is None:
        yield _ONCE if counts_once(shown) else _CREDITED
    if shown.dimension in OVERLAPPING:
        yield _OVERLAP
    if report["by_hierarchy"]["units_on"] != "as_reported":
        if shown.part == "hierarchy":
            yield _MAPPED
        elif shown.part == "unmapped":
            yield _UNMAPPED


def counts_once(shown: Shown) -> bool:
    """Tell whether joined activity counts once in a figure, or is credited to each unit."""
    if shown.part == "total":
        return not shown.column.startswith("credited") and shown.source is None
    return shown.part == "breakdown"
