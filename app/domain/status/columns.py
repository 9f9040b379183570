"""The columns of a cycle's status: one list for CSV and for spreadsheets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from app.domain.cells import Cell
from app.domain.status import words
from app.domain.status.picture import CommuneActivity, CycleStatus, RowStatus, late_by
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.standing import Standing


@dataclass(frozen=True)
class UnitColumn:
    """A column of the roster rows: its heading, its width in letters, what it shows."""

    heading: str
    width: int
    cell: Callable[[RowStatus], Cell]


@dataclass(frozen=True)
class CommuneColumn:
    """A column of the communes within districts."""

    heading: str
    width: int
    cell: Callable[[RowStatus, CommuneActivity], Cell]


def days_late(standing: Standing | None) -> Decimal | None:
    """Return by how many days something is late, to two decimals, up; None where it is not.

    What is late by a moment is late: it never shows as 0.
    """
    span = late_by(standing)
    if not span:
        return None
    days = Decimal(span // timedelta(microseconds=1)) / Decimal(86_400_000_000)
    return days.quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def timeliness_words(standing: Standing | None) -> str | None:
    """Return how something stands to its deadline; late is told from late and outstanding."""
    if standing is None:
        return None
    if standing.timeliness == "late" and standing.received_at is None:
        return words.OUTSTANDING
    return words.TIMELINESS[standing.timeliness]


def of_revision(
    say: Callable[[SubmissionRevision], Cell],
) -> Callable[[RowStatus], Cell]:
    """Return what a column shows of the revision that stands."""
    return lambda one: None if one.revision is None else say(one.revision)


def of_report(say: Callable[[Standing], Cell]) -> Callable[[RowStatus], Cell]:
    """Return what a column shows of the report against its deadline."""
    return lambda one: None if one.standing is None else say(one.standing)


def of_supplement(say: Callable[[Standing], Cell]) -> Callable[[RowStatus], Cell]:
    """Return what a column shows of the year-end supplement against its deadline."""
    return lambda one: None if one.supplement is None else say(one.supplement)


def _review(one: RowStatus) -> str | None:
    return words.REVIEWS[one.review] if one.standing is not None else None


def _later(one: RowStatus) -> str | None:
    if one.later is None:
        return None
    state = {"submitted": "chờ duyệt", "returned": "đã trả lại"}[one.later.state]
    return f"{words.KINDS[one.later.kind]} lần {one.later.number}: {state}"


def _communes(one: RowStatus) -> int | None:
    return len(one.communes) or None


def _silent_communes(one: RowStatus) -> int | None:
    return sum(c.activities == 0 for c in one.communes) if one.communes else None


UNITS: Final[Sequence[UnitColumn]] = (
    UnitColumn("Đơn vị", 34, lambda one: one.row.unit.body_name),
    UnitColumn("Diện báo cáo", 19, lambda one: words.BASES[one.row.basis]),
    UnitColumn("Tình trạng duyệt", 13, _review),
    UnitColumn("Thời hạn", 20, lambda one: timeliness_words(one.standing)),
    UnitColumn("Số ngày muộn", 9, lambda one: days_late(one.standing)),
    UnitColumn("Muộn", 20, lambda one: words.duration_words(one.late_by) or None),
    UnitColumn("Nội dung", 15, of_revision(lambda one: words.CONTENTS[one.content])),
    UnitColumn("Hạn gửi (trước)", 17, lambda one: one.row.due_at),
    UnitColumn("Gia hạn đến (trước)", 17, lambda one: one.row.extended_to),
    UnitColumn("Nhận lần đầu", 17, of_report(lambda one: one.received_at)),
    UnitColumn("Lần gửi", 8, of_revision(lambda one: one.number)),
    UnitColumn("Nhận bản hiện hành", 17, of_revision(lambda one: one.received_at)),
    UnitColumn("Bản gửi sau khi duyệt", 26, _later),
    UnitColumn("Số liệu đến hết ngày", 12, of_revision(lambda one: one.data_to)),
    UnitColumn("Số văn bản", 18, of_revision(lambda one: one.document_number)),
    UnitColumn("Đơn vị gửi", 30, lambda one: one.filer.body_name if one.filer else None),
    UnitColumn("Cách gửi", 22, of_revision(lambda one: words.FILED_AS.get(one.filed_as or ""))),
    UnitColumn("Ngày đến của văn bản", 12, of_revision(lambda one: one.incoming_on)),
    UnitColumn("Bổ sung: hạn (trước)", 17, of_supplement(lambda one: one.due_at)),
    UnitColumn("Bổ sung: thời hạn", 20, lambda one: timeliness_words(one.supplement)),
    UnitColumn("Bổ sung: nhận lúc", 17, of_supplement(lambda one: one.received_at)),
    UnitColumn("Bổ sung: số ngày muộn", 9, lambda one: days_late(one.supplement)),
    UnitColumn("Hoạt động trong báo cáo", 11, lambda one: one.activity.held),
    UnitColumn("Hoạt động hiện có", 11, lambda one: one.activity.covered),
    UnitColumn("Chưa báo cáo: thêm", 11, lambda one: one.activity.added),
    UnitColumn("Chưa báo cáo: sửa", 11, lambda one: one.activity.changed),
    UnitColumn("Chưa báo cáo: bớt", 11, lambda one: one.activity.removed),
    UnitColumn("Số xã", 8, _communes),
    UnitColumn("Xã chưa có hoạt động", 11, _silent_communes),
    UnitColumn("Cấp", 16, lambda one: words.LEVELS[one.row.unit.level]),
    UnitColumn("Trực thuộc", 22, lambda one: one.parent.name if one.parent else None),
    UnitColumn("Đơn vị tiếp quản", 30, lambda one: one.steward.body_name if one.steward else None),
    UnitColumn("Báo cáo kết thúc", 10, lambda one: words.YES if one.row.closing else None),
    UnitColumn("Báo cáo từ ngày", 12, lambda one: one.row.covers.bounds[0]),
    UnitColumn(
        "Báo cáo đến hết ngày", 12, lambda one: one.row.covers.bounds[1] - timedelta(days=1)
    ),
    UnitColumn("Lý do có trong danh sách", 50, lambda one: one.row.reason),
    UnitColumn("Nguồn của dòng", 22, lambda one: words.PROVENANCES[one.row.provenance]),
    UnitColumn("Sự cố được tính", 9, of_report(lambda one: one.outage)),
    UnitColumn("Mã đơn vị", 26, lambda one: one.row.unit.unit_key),
    UnitColumn("SHA-256", 66, of_revision(lambda one: one.sha256)),
)
COMMUNES: Final[Sequence[CommuneColumn]] = (
    CommuneColumn("Huyện, thị xã, thành phố", 30, lambda one, _: one.row.unit.name),
    CommuneColumn("Xã, phường, thị trấn", 30, lambda _, commune: commune.unit.name),
    CommuneColumn("Số hoạt động", 12, lambda _, commune: commune.activities),
    CommuneColumn("Số lượt", 12, lambda _, commune: commune.occurrences),
    CommuneColumn("Ngày hoạt động gần nhất", 16, lambda _, commune: commune.last_on),
    CommuneColumn("Mã cấp huyện", 20, lambda one, _: one.row.unit.unit_key),
    CommuneColumn("Mã cấp xã", 20, lambda _, commune: commune.unit.unit_key),
)


def communes_of(status: CycleStatus) -> Iterator[tuple[RowStatus, CommuneActivity]]:
    """Yield the communes within districts, in the order of the districts' rows."""
    for one in status.rows:
        for commune in one.communes:
            yield one, commune
