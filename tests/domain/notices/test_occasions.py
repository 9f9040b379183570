"""When which reminder is due, to the microsecond; no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.cycles.queries import Cycle, Duty
from app.domain.cycles.timeliness import Deadline, Outage
from app.domain.notices.occasions import Due, Handed, occasion_at, reminders
from app.domain.notices.text import wording
from app.domain.period import LOCAL_TIME, Period
from app.domain.units.models import UnitVersion

DUE = datetime(2021, 11, 30, tzinfo=LOCAL_TIME)  # trước ngày 30/11
SUPPLEMENT_DUE = datetime(2022, 1, 16, tzinfo=LOCAL_TIME)
TICK = timedelta(microseconds=1)


def _local(
    month: int, day: int, hour: int = 0, minute: int = 0, *rest: int, year: int = 2021
) -> datetime:
    second, microsecond = rest or (0, 0)
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=LOCAL_TIME)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (_local(11, 15, 23, 59, 59, 999_999), None),
        (_local(11, 16), "due_in_14"),  # 14 days to the microsecond
        (_local(11, 16, 23, 59), "due_in_14"),
        (_local(11, 22, 23, 59, 59, 999_999), "due_in_14"),
        (_local(11, 23), "due_in_7"),
        (_local(11, 25, 12), "due_in_7"),  # five days before: the tightest alone
        (_local(11, 28, 23, 59, 59, 999_999), "due_in_7"),
        (_local(11, 29), "due_in_1"),
        (_local(11, 29, 23, 59, 59, 999_999), "due_in_1"),
        (_local(11, 30), "late"),
        (_local(12, 29, 23, 59, 59, 999_999), "late"),
        (_local(12, 30), None),  # thirty days later it is no reminder any more
        (_local(3, 1, year=2026), None),
        # The day is the province's: 22/11 17:00 UTC is 23/11 there.
        (datetime(2021, 11, 22, 16, 59, 59, tzinfo=UTC), "due_in_14"),
        (datetime(2021, 11, 22, 17, tzinfo=UTC), "due_in_7"),
        (datetime(2021, 11, 29, 16, 59, 59, tzinfo=UTC), "due_in_1"),
        (datetime(2021, 11, 29, 17, tzinfo=UTC), "late"),
    ],
)
def test_the_tightest_occasion_by_local_days(at: datetime, expected: str | None) -> None:
    assert occasion_at(Deadline(DUE), at=at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (_local(11, 16), "due_in_14"),
        (_local(11, 29), "due_in_1"),
        (_local(11, 30), "due_in_1"),  # the day itself, until its hour
        (_local(11, 30, 16, 59, 59, 999_999), "due_in_1"),
        (_local(11, 30, 17), "late"),
    ],
)
def test_a_due_instant_in_the_middle_of_a_day(at: datetime, expected: str) -> None:
    assert occasion_at(Deadline(_local(11, 30, 17)), at=at) == expected


def test_an_extension_and_an_outage_move_the_deadline() -> None:
    extended = Deadline(DUE, extended_to=_local(12, 10))
    assert occasion_at(extended, at=_local(11, 25)) is None
    assert occasion_at(extended, at=_local(11, 30)) == "due_in_14"
    assert occasion_at(extended, at=_local(12, 10)) == "late"
    outage = Outage(1, _local(11, 29, 20), _local(11, 30, 6), _local(12, 1))
    assert occasion_at(Deadline(DUE, outage=outage), at=DUE) == "due_in_1"
    assert occasion_at(Deadline(DUE, outage=outage), at=_local(12, 1)) == "late"


def a_unit(key: str = "gso-524", name: str = "Huyện Bình Sơn", **changes: Any) -> UnitVersion:
    return UnitVersion(
        **{
            "unit_key": key,
            "scheme": "gso",
            "code": key.removeprefix("gso-"),
            "name": name,
            "name_sort": "",
            "name_search": "",
            "kind": "district",
            "level": "district",
            "provenance": "test",
            "source": "test",
            "recorded_at": DUE,
            **changes,
        }
    )


CYCLE = Cycle(
    id=1,
    plan="p",
    code="2021",
    year=2021,
    kind="yearly",
    name=None,
    window=Period(date(2021, 1, 1), date(2022, 1, 1)),
    opens_at=_local(1, 1),
    due_at=DUE,
    supplement_due_at=SUPPLEMENT_DUE,
    items=None,
    provenance="assumption",
    reason="r",
    document=None,
    actor="operator",
    version=1,
)
ROW = Duty(
    row_id=7,
    unit=a_unit(),
    basis="ordered",
    reason="r",
    covers=CYCLE.window,
    due_at=DUE,
    extended_to=None,
    closing=False,
    provenance="plan",
    document=None,
    actor="operator",
    version=1,
)
SUBMITTED = Handed(report=True, stands=True)


def _told(
    at: datetime,
    row: Duty = ROW,
    handed: Handed | None = None,
    cycle: Cycle = CYCLE,
    outages: tuple[Outage, ...] = (),
) -> list[tuple[str, str]]:
    received = {} if handed is None else {row.row_id: handed}
    found = reminders(cycle, [row], outages=outages, handed=received, at=at)
    return [(due.part, due.occasion) for due in found]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("ordered", [("report", "due_in_7")]),
        ("requested", [("report", "due_in_7")]),
        ("assigned_only", [("report", "due_in_7")]),
        ("not_required", []),
    ],
)
def test_who_is_reminded(basis: str, expected: list[tuple[str, str]]) -> None:
    assert _told(_local(11, 25), replace(ROW, basis=basis)) == expected


@pytest.mark.parametrize(
    ("handed", "in_november", "in_january"),
    [
        (None, [("report", "due_in_7")], []),
        (SUBMITTED, [], [("supplement", "due_in_7")]),
        (replace(SUBMITTED, stands=False), [], []),  # returned: its comments say more
        (replace(SUBMITTED, supplement=True), [], []),
        (replace(SUBMITTED, reported_to=date(2021, 12, 30)), [], [("supplement", "due_in_7")]),
        (replace(SUBMITTED, reported_to=date(2021, 12, 31)), [], []),  # nothing is left to come
    ],
)
def test_what_was_handed_in_is_not_asked_for(
    handed: Handed | None,
    in_november: list[tuple[str, str]],
    in_january: list[tuple[str, str]],
) -> None:
    assert _told(_local(11, 25), handed=handed) == in_november
    assert _told(_local(1, 10, year=2022), handed=handed) == in_january


def test_a_closing_report_has_no_supplement_and_a_cycle_may_have_none() -> None:
    at = _local(1, 10, year=2022)
    assert _told(at, replace(ROW, closing=True), SUBMITTED) == []
    assert _told(at, handed=SUBMITTED, cycle=replace(CYCLE, supplement_due_at=None)) == []


def test_nobody_is_reminded_before_the_cycle_opens() -> None:
    opens = replace(CYCLE, opens_at=_local(11, 25))
    assert _told(_local(11, 25) - TICK, cycle=opens) == []
    assert _told(_local(11, 25), cycle=opens) == [("report", "due_in_7")]
    assert _told(_local(11, 25), cycle=replace(CYCLE, opens_at=None)) == [("report", "due_in_7")]


def test_a_row_has_the_deadline_of_its_extension_and_of_an_outage() -> None:
    extended = replace(ROW, extended_to=_local(12, 7))
    assert _told(DUE, extended) == [("report", "due_in_7")]
    outage = Outage(1, _local(11, 29), _local(11, 30, 12), _local(12, 1))
    assert _told(DUE, outages=(outage,)) == [("report", "due_in_1")]
    over_new_year = Outage(
        2, _local(1, 15, year=2022), _local(1, 16, 1, year=2022), _local(1, 18, year=2022)
    )
    told = _told(SUPPLEMENT_DUE, handed=SUBMITTED, outages=(over_new_year,))
    assert told == [("supplement", "due_in_7")]


# What is said


def _says(
    at: datetime, row: Duty = ROW, cycle: Cycle = CYCLE, recipient: UnitVersion | None = None
) -> list[str]:
    (due,) = reminders(cycle, [row], outages=(), handed={}, at=at)
    assert isinstance(due, Due)
    to = recipient or row.unit
    said = wording(due, cycle=cycle, plan_title="Tuyên truyền", recipient=to, at=at)
    return [said.subject, said.vi, said.en]


def test_a_reminder_names_the_last_day_and_the_instant() -> None:
    subject, vi, en = _says(_local(11, 23, 0, 5))
    assert subject == ("Nhắc hạn: Báo cáo năm 2021 của UBND huyện Bình Sơn, trước 00:00 30/11/2021")
    assert vi.startswith(
        "Kính gửi: UBND huyện Bình Sơn\n\nBáo cáo năm 2021 của UBND huyện Bình Sơn"
    )
    assert "phải được gửi trước 00:00 30/11/2021 (giờ Việt Nam)" in vi
    assert "chậm nhất trong ngày 29/11/2021." in vi
    assert "Đến 00:05 23/11/2021 (còn 7 ngày), hệ thống chưa nhận được" in vi
    assert "is due before 00:00 30/11/2021 (UTC+7), on 29/11/2021 at the latest." in en
    assert "7 day(s) left" in en


def test_a_late_one_says_so_and_one_that_was_moved_names_both() -> None:
    subject, vi, en = _says(DUE)
    assert subject == "Quá hạn: Báo cáo năm 2021 của UBND huyện Bình Sơn"
    assert "đã quá hạn: hạn gửi là trước 00:00 30/11/2021" in vi
    assert "is late: it was due before" in en
    _, vi, en = _says(_local(12, 1), replace(ROW, extended_to=_local(12, 10)))
    assert "trước 00:00 10/12/2021" in vi
    assert "hạn ban đầu, trước 00:00 30/11/2021, đã được lùi" in vi
    assert "the first due instant, 00:00 30/11/2021, was moved" in en


def test_a_steward_is_told_for_whom_it_answers() -> None:
    recipient = a_unit("gso-21040", "Xã Bình Sơn", kind="commune", level="commune")
    _, vi, en = _says(DUE, replace(ROW, closing=True), recipient=recipient)
    assert vi.startswith("Kính gửi: UBND xã Bình Sơn\n\nUBND huyện Bình Sơn đã kết thúc hoạt động")
    assert "Báo cáo kết thúc năm 2021 của UBND huyện Bình Sơn" in vi
    assert "as its steward your unit files" in en


def test_a_subject_is_one_line() -> None:
    odd = replace(CYCLE, kind="on_request", name="Quý I\u2028năm\n2022")
    subject, _, en = _says(DUE, cycle=odd)
    assert subject == "Quá hạn: Báo cáo «Quý I năm 2022» của UBND huyện Bình Sơn"
    assert "for «Quý I" in en
