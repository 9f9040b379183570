"""What a reminder says, in Vietnamese and English. Pure.

Days are named, and never only "in 7 days": an e-mail may be read later than it was written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.cycles.queries import Cycle
from app.domain.notices.occasions import Due, days_left
from app.domain.period import LOCAL_TIME, local_day
from app.domain.units.models import UnitVersion

_OTHERWISE_VI: Final = (
    "Nếu báo cáo đã được gửi sau thời điểm nêu trên, xin bỏ qua thông báo này.\n"
    "Thông báo do hệ thống tự động gửi, vui lòng không trả lời."
)
_OTHERWISE_EN: Final = (
    "If it was submitted after that, please ignore this notice.\n"
    "This notice was sent automatically; please do not answer it."
)


@dataclass(frozen=True)
class Wording:
    """A notice's subject (Vietnamese) and its text in both languages."""

    subject: str
    vi: str
    en: str


def wording(
    due: Due, *, cycle: Cycle, plan_title: str, recipient: UnitVersion, at: datetime
) -> Wording:
    """Return what a reminder says to its recipient at an instant."""
    subject = due.row.unit
    for_another = recipient.unit_key != subject.unit_key
    return Wording(
        subject=" ".join(_subject(due, cycle).split()),  # one line: it becomes a header
        vi="\n\n".join(
            [
                f"Kính gửi: {recipient.body_name}",
                *([_as_steward_vi(subject)] if for_another else []),
                _said_vi(due, cycle, plan_title, at),
                _OTHERWISE_VI,
            ]
        ),
        en="\n\n".join(
            [
                f"To: {recipient.body_name}",
                *([_as_steward_en(subject)] if for_another else []),
                _said_en(due, cycle, plan_title, at),
                _OTHERWISE_EN,
            ]
        ),
    )


def _subject(due: Due, cycle: Cycle) -> str:
    what = f"{_part_vi(due)} {_cycle_vi(cycle)} của {due.row.unit.body_name}"
    if due.occasion == "late":
        return f"Quá hạn: {what}"
    return f"Nhắc hạn: {what}, trước {_instant(due.limit.last)}"


def _said_vi(due: Due, cycle: Cycle, plan_title: str, at: datetime) -> str:
    what = f"{_part_vi(due)} {_cycle_vi(cycle)} của {due.row.unit.body_name}"
    plan = f"thực hiện kế hoạch «{plan_title}»"
    limit = _instant(due.limit.last)
    if due.occasion == "late":
        return (
            f"{what} ({plan}) đã quá hạn: hạn gửi là trước {limit} (giờ Việt Nam){_moved_vi(due)}. "
            f"Đến {_instant(at)}, hệ thống chưa nhận được báo cáo. Đề nghị đơn vị gửi ngay."
        )
    left = days_left(due.limit.last, at=at)
    return (
        f"{what} ({plan}) phải được gửi trước {limit} (giờ Việt Nam), "
        f"chậm nhất trong ngày {_last_day(due)}{_moved_vi(due)}. "
        f"Đến {_instant(at)} (còn {left} ngày), hệ thống chưa nhận được báo cáo."
    )


def _said_en(due: Due, cycle: Cycle, plan_title: str, at: datetime) -> str:
    kind = "report" if due.part == "report" else "year-end supplement"
    name = f"{cycle.year}" if cycle.name is None else f"«{cycle.name}»"
    what = f"The {kind} of {due.row.unit.body_name} for {name} (plan «{plan_title}»)"
    limit = _instant(due.limit.last)
    if due.occasion == "late":
        return (
            f"{what} is late: it was due before {limit} (UTC+7){_moved_en(due)}. "
            f"At {_instant(at)} it had not been received. Please submit it now."
        )
    left = days_left(due.limit.last, at=at)
    return (
        f"{what} is due before {limit} (UTC+7), on {_last_day(due)} at the latest"
        f"{_moved_en(due)}. At {_instant(at)} ({left} day(s) left) it had not been received."
    )


def _as_steward_vi(subject: UnitVersion) -> str:
    return (
        f"{subject.body_name} đã kết thúc hoạt động; quý đơn vị tiếp quản nên có trách nhiệm "
        "gửi báo cáo còn thiếu."
    )


def _as_steward_en(subject: UnitVersion) -> str:
    return f"{subject.body_name} has ended; as its steward your unit files what it still owes."


def _part_vi(due: Due) -> str:
    if due.part == "supplement":
        return "Báo cáo bổ sung cuối năm"
    return "Báo cáo kết thúc" if due.row.closing else "Báo cáo"


def _cycle_vi(cycle: Cycle) -> str:
    return f"năm {cycle.year}" if cycle.name is None else f"«{cycle.name}»"


def _moved_vi(due: Due) -> str:
    if due.limit.last == due.limit.due_at:
        return ""
    return f"; hạn ban đầu, trước {_instant(due.limit.due_at)}, đã được lùi"


def _moved_en(due: Due) -> str:
    if due.limit.last == due.limit.due_at:
        return ""
    return f"; the first due instant, {_instant(due.limit.due_at)}, was moved"


def _last_day(due: Due) -> str:
    # Before 30/11 00:00 means on 29/11.
    return f"{local_day(due.limit.last - timedelta(microseconds=1)):%d/%m/%Y}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(LOCAL_TIME):%H:%M %d/%m/%Y}"
