"""Checking a draft's content, and the document under which it is submitted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.domain.activities.amounts import scaled
from app.domain.activities.checks import (
    GIVEN_TWICE,
    NO_REPOSTS,
    TOO_MANY_DECIMALS,
    UNKNOWN_INDICATOR,
)
from app.domain.cycles.queries import Cycle, Duty
from app.domain.errors import DAY_IN_FUTURE, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.reference import Reference
from app.domain.submissions.contents import (
    ASKED_IN,
    Deliverable,
    Expectation,
    NilItem,
    SubmissionContent,
    SubmissionDocument,
)
from app.domain.submissions.freeze import Covered
from app.domain.submissions.models import SubmissionComment

DATA_TO_RANGE = Text(
    "data_to_out_of_range",
    "Số liệu phải tính đến một ngày từ {first} đến {last}.",
    "The data must run to a day from {first} to {last}.",
)
DATA_GOES_BACK = Text(
    "data_goes_back",
    "Báo cáo bổ sung phải tính đến một ngày sau {day}, ngày báo cáo đã duyệt tính đến.",
    "A supplement must run to a day behind {day}, to which the accepted report runs.",
)
DAYS_LOST = Text(
    "reported_days_lost",
    "Báo cáo đã duyệt tính đến ngày {day}; bản sửa không được tính đến ngày sớm hơn.",
    "The accepted report runs to {day}: a further revision may not run to an earlier day.",
)
NIL_WITH_ACTIVITY = Text(
    "nil_with_activity",
    "Đã có {count} hoạt động trong kỳ nên không thể báo cáo «không phát sinh».",
    "There are {count} activity reports in the period, so the report cannot be nil.",
)
REASON_WITHOUT_NIL = Text(
    "reason_without_nil",
    "Chỉ báo cáo «không phát sinh» mới có lý do không phát sinh.",
    "Only a nil report has a reason for being nil.",
)
NIL_NEEDS_REASON = Text(
    "nil_needs_reason",
    "Báo cáo «không phát sinh» cần nêu lý do.",
    "A nil report needs its reason.",
)
NIL_ITEM_WITH_ACTIVITY = Text(
    "nil_item_with_activity",
    "Mục {item} đã có {count} hoạt động trong kỳ nên không thể ghi là không phát sinh.",
    "The item {item} has {count} activity reports in the period: it cannot be nil.",
)
ITEM_UNKNOWN_HERE = Text(
    "item_not_in_cycle",
    "Kỳ báo cáo này không có mục «{item}».",
    "This cycle has no item `{item}`.",
)
NOT_ASKED_THERE = Text(
    "deliverable_of_another_item",
    "Sản phẩm «{kind}» được yêu cầu ở mục khác.",
    "The deliverable `{kind}` is asked for by another item.",
)
COMMENT_UNANSWERED = Text(
    "comment_unanswered",
    "Chưa trả lời {count} ý kiến đã nêu khi trả lại; cần trả lời từng ý kiến.",
    "{count} of the comments with which the report was returned have no answer.",
)
COMMENT_UNKNOWN = Text(
    "comment_unknown",
    "Không có ý kiến nào mang mã này trong lần trả lại gần nhất.",
    "The last return has no comment with this id.",
)


def check_content(
    reference: Reference, *, cycle: Cycle, content: SubmissionContent, comments: Sequence[str]
) -> None:
    """Check what a draft says. `comments` are the ids that may be answered. Raises Invalid."""
    faults = [
        *_deliverable_faults(cycle, content.deliverables),
        *_expectation_faults(reference, cycle, content.expectations),
        *_nil_item_faults(reference, cycle, content.nil_items),
    ]
    said = set()
    for place, answer in enumerate(content.answers):
        if str(answer.comment) not in comments:
            faults.append(
                Fault(f"/answers/{place}/comment", COMMENT_UNKNOWN, permitted=list(comments))
            )
        elif answer.comment in said:
            faults.append(Fault(f"/answers/{place}/comment", GIVEN_TWICE))
        said.add(answer.comment)
    if faults:
        raise Invalid(*faults)


def _deliverable_faults(cycle: Cycle, rows: Sequence[Deliverable]) -> Iterator[Fault]:
    for place, row in enumerate(rows):
        asked, pointer = ASKED_IN[row.kind], f"/deliverables/{place}/plan_item"
        if row.plan_item not in asked:
            yield Fault(pointer, NOT_ASKED_THERE, {"kind": row.kind}, permitted=list(asked))
        elif cycle.items is not None and row.plan_item not in cycle.items:
            permitted = [code for code in asked if code in cycle.items]
            yield Fault(pointer, ITEM_UNKNOWN_HERE, {"item": row.plan_item}, permitted=permitted)


def _items(reference: Reference, cycle: Cycle) -> list[str]:
    items = reference.items(cycle.plan)
    return [code for code in items if cycle.items is None or code in cycle.items]


def _expectation_faults(
    reference: Reference, cycle: Cycle, rows: Sequence[Expectation]
) -> Iterator[Fault]:
    items, indicators = _items(reference, cycle), reference.indicators(cycle.plan)
    seen = set()
    for place, row in enumerate(rows):
        at = f"/expectations/{place}"
        key = (row.plan_item, row.indicator, row.origin)
        found = indicators.get(row.indicator)
        if row.plan_item not in items:
            yield Fault(
                f"{at}/plan_item", ITEM_UNKNOWN_HERE, {"item": row.plan_item}, permitted=items
            )
        elif found is None or row.plan_item not in found.items:
            fitting = [code for code, one in indicators.items() if row.plan_item in one.items]
            params = {"item": row.plan_item, "indicator": row.indicator}
            yield Fault(f"{at}/indicator", UNKNOWN_INDICATOR, params, permitted=fitting)
        elif scaled(row.value, found.decimals) is None:
            params = {"indicator": row.indicator, "decimals": str(found.decimals)}
            yield Fault(f"{at}/value", TOO_MANY_DECIMALS, params)
        elif row.origin == "repost" and not found.reposts:
            yield Fault(f"{at}/origin", NO_REPOSTS, {"indicator": row.indicator})
        elif key in seen:
            yield Fault(at, GIVEN_TWICE)
        seen.add(key)


def _nil_item_faults(
    reference: Reference, cycle: Cycle, rows: Sequence[NilItem]
) -> Iterator[Fault]:
    items = _items(reference, cycle)
    seen = set()
    for place, row in enumerate(rows):
        pointer = f"/nil_items/{place}/plan_item"
        if row.plan_item not in items:
            yield Fault(pointer, ITEM_UNKNOWN_HERE, {"item": row.plan_item}, permitted=items)
        elif row.plan_item in seen:
            yield Fault(pointer, GIVEN_TWICE)
        seen.add(row.plan_item)


def check_document(row: Duty, document: SubmissionDocument, *, at: datetime) -> None:
    """Check a document's days. Raises Invalid."""
    first, _ = row.covers.bounds
    today = local_day(at)
    last = min(row.last_day, today)
    faults = []
    if not first <= document.data_to <= last:
        params = {"first": str(first), "last": str(last)}
        faults.append(Fault("/data_to", DATA_TO_RANGE, params))
    if document.document_on > today:
        faults.append(Fault("/document_on", DAY_IN_FUTURE, {"today": str(today)}))
    if faults:
        raise Invalid(*faults)


def check_nil(
    document: SubmissionDocument, *, nil_items: Sequence[str], activity: Sequence[Covered]
) -> None:
    """Check that what is said to be nil is so, and says why. Raises Invalid."""
    faults = []
    if document.nil and activity:
        faults.append(Fault("/nil", NIL_WITH_ACTIVITY, {"count": len(activity)}))
    elif document.nil and document.nil_reason is None:
        faults.append(Fault("/nil_reason", NIL_NEEDS_REASON))
    if document.nil_reason is not None and not document.nil:
        faults.append(Fault("/nil_reason", REASON_WITHOUT_NIL))
    for item in nil_items:
        count = sum(1 for *_, code in activity if code == item)
        if count:
            faults.append(Fault("", NIL_ITEM_WITH_ACTIVITY, {"item": item, "count": count}))
    if faults:
        raise Invalid(*faults)


def check_answers(comments: Sequence[SubmissionComment], answered: Sequence[str]) -> None:
    """Check that every comment of a return is answered before the next submit. Raises Invalid."""
    open_ = [str(comment.id) for comment in comments if str(comment.id) not in answered]
    if open_:
        raise Invalid(Fault("", COMMENT_UNANSWERED, {"count": len(open_)}, permitted=open_))
