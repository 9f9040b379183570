"""Two versions of a cycle's report, figure by figure, with what caused each difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.contract.refusing import refuses
from app.api.deps import CanReadConsolidated
from app.api.out import NextCursor, OutModel
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import ReportInPath
from app.api.strict import StrictRoute
from app.domain.consolidation.comparing import (
    Cause,
    CauseKind,
    Causes,
    Changed,
    Standing,
    changed_figures,
)
from app.domain.consolidation.comparisons import Compared, Comparison, NoVersionBefore, compare
from app.domain.consolidation.course import State
from app.domain.consolidation.figures import Part
from app.domain.consolidation.input_changes import (
    InputChange,
    RosterChange,
    Why,
    input_changes,
    roster_changes,
)
from app.domain.consolidation.reading import ReportSchemaTooOld
from app.domain.consolidation.report_heads import RosterLine
from app.domain.described import (
    Few,
    Hash,
    Id,
    IndicatorCode,
    InstantText,
    ItemCode,
    Many,
    Name,
    Number,
    OneLine,
    OriginWord,
    Page,
    Pointer,
    ReasonText,
    SignedText,
    SourceCode,
    UnitKey,
    Word,
)
from app.domain.fields import ID

router = APIRouter(tags=["Consolidated reports"], route_class=StrictRoute)


class ComparedOut(OutModel):
    """One of the two versions (bản tổng hợp)."""

    id: Id = Field(description="Id of the version (mã báo cáo tổng hợp).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    sha256: Hash = Field(description="SHA-256 of the version's bytes (mã băm).")
    state: State = Field(
        description="Where it stands (trạng thái): preview, draft, proposed, returned, approved, "
        "issued (đã ban hành) or superseded."
    )
    edition: Word = Field(
        description="deadline (bản theo hạn), or final (bản cuối) once the supplements were due."
    )
    known_at: InstantText = Field(
        description="All of the version is what was known then (thời điểm dữ liệu)."
    )
    units_on: OneLine = Field(
        description="The day whose units `by_hierarchy` shows, or as_reported (theo đơn vị ngày "
        "nào)."
    )

    @classmethod
    def of(cls, one: Compared) -> Self:
        """Return it as it is answered."""
        report, said = one.stored.report, one.side.report
        return cls(
            id=report.id,
            version=report.version,
            sha256=report.sha256,
            state=one.state,
            edition=said["cycle"]["edition"],
            known_at=said["manifest"]["known_at"],
            units_on=said["manifest"]["units_on"],
        )


class InputChangeOut(OutModel):
    """A unit whose counted submission is another one (báo cáo của đơn vị đã thay đổi)."""

    unit: UnitKey = Field(description="Key of the reporting unit (đơn vị báo cáo).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    why: Why = Field(
        description="newly_accepted (mới được duyệt), correction (đính chính), supplement (bổ sung "
        "cuối năm), sent_again (gửi lại), row_added (bổ sung vào danh sách), "
        "row_removed (bỏ khỏi danh sách) or no_longer_accepted (không còn được duyệt); "
        "in_review (chờ duyệt) where a preview counts it."
    )
    reason: ReasonText | None = Field(description="Of a correction, why (lý do đính chính).")
    before: Number | None = Field(
        description="Revision that counted (lần gửi được tính trước đó); null for none."
    )
    after: Number | None = Field(
        description="Revision that counts now (lần gửi được tính); null for none."
    )
    sha256_before: Hash | None = Field(
        description="Hash of the revision that counted (mã băm trước); null for none."
    )
    sha256_after: Hash | None = Field(
        description="Hash of the revision that counts now (mã băm sau thay đổi); null for none."
    )

    @classmethod
    def of(cls, one: InputChange, reason: str | None) -> Self:
        """Return it as it is answered."""
        told = {name: getattr(one, name) for name in cls.model_fields if name != "reason"}
        return cls(**told, reason=reason)


class RosterStandingOut(OutModel):
    """How a roster row stood (tình trạng báo cáo)."""

    basis: Word = Field(
        description="ordered (phải báo cáo), assigned_only (được giao), requested (được đề nghị) "
        "or not_required (không phải báo cáo)."
    )
    review: Word = Field(
        description="accepted (đã duyệt), in_review (chờ duyệt), returned (đã trả lại) or missing "
        "(chưa gửi)."
    )
    timeliness: Word = Field(
        description="Whether it came in time (thời hạn): not_due, on_time, late, "
        "late_with_extension or by_document."
    )
    content: Word | None = Field(
        description="report (có báo cáo), or nil (không phát sinh); null where nothing came."
    )

    @classmethod
    def of(cls, line: RosterLine | None) -> Self | None:
        """Return it as it is answered."""
        if line is None:
            return None
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class RosterChangeOut(OutModel):
    """A roster row that stands otherwise (dòng danh sách thay đổi).

    `before` or `after` is null where that version has no such row.
    """

    unit: UnitKey = Field(description="Key of the unit on the roster (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    before: RosterStandingOut | None = Field(
        description="How it stood before (trước); null where there was none."
    )
    after: RosterStandingOut | None = Field(
        description="How it stood in the report asked for (sau thay đổi); null where it is gone."
    )
    reason: ReasonText = Field(
        description="Why the row is as it is, as the later version says (lý do)."
    )

    @classmethod
    def of(cls, one: RosterChange) -> Self:
        """Return it as it is answered."""
        return cls(
            unit=one.unit,
            name=one.name,
            before=RosterStandingOut.of(one.before),
            after=RosterStandingOut.of(one.after),
            reason=one.reason,
        )


class ReferenceChangesOut(OutModel):
    """Which data that both versions were built with are otherwise (thay đổi của dữ liệu nền).

    By the manifests' hashes.
    """

    roster: bool = Field(description="The roster (danh sách đơn vị báo cáo).")
    units: bool = Field(description="The register of units (danh mục đơn vị).")
    indicators: bool = Field(description="Indicators (chỉ tiêu).")
    plan: bool = Field(description="The plan (kế hoạch).")
    joint: bool = Field(description="Joined activity (hoạt động chung): links, or what they join.")
    units_on: bool = Field(description="The day whose units are shown (theo đơn vị ngày nào).")


class ComparedStandingOut(OutModel):
    """A figure as one version has it (số liệu trong một bản tổng hợp)."""

    value: SignedText | None = Field(
        description="The figure's value (giá trị), a decimal string. Null of an indicator that "
        "does not add over units."
    )
    pointers: Many[Pointer] = Field(
        description="JSON Pointers into that version, RFC 6901 (vị trí): one, but of `left_out`, "
        "where several joined activities may leave out the same; `value` is their sum then."
    )

    @classmethod
    def of(cls, one: Standing | None) -> Self | None:
        """Return it as it is answered."""
        return None if one is None else cls(value=one.value, pointers=[*one.pointers])


class CauseOut(OutModel):
    """A part of the difference (nguyên nhân)."""

    kind: CauseKind = Field(
        description="submission: of `unit`, another one counts (báo cáo khác được tính); joint: "
        "joined activity (hoạt động chung); roster: the row of `unit`; indicator: "
        "defined otherwise; register: another register of units; units_on: the units "
        "of another day; merged: two submissions hold one series of values, of which "
        "the later one counts."
    )
    unit: UnitKey | None = Field(
        description="Key of the unit of which the part is (đơn vị); null where it is of none."
    )
    difference: SignedText | None = Field(
        description="Its part of the difference (phần chênh lệch); where no part is null the "
        "parts add up to the difference."
    )

    @classmethod
    def of(cls, one: Cause) -> Self:
        """Return it as it is answered."""
        return cls(kind=one.kind, unit=one.unit, difference=one.difference)


class FigureChangeOut(OutModel):
    """A figure that differs (số liệu thay đổi). What is not said of a figure is null."""

    part: Part = Field(
        description="Which part of the report it is in (phần của báo cáo): total (of the "
        "province), total_unit (a unit's part of a total), unit (a submission), "
        "expectation (ước cả năm), breakdown (a member of a dimension), hierarchy (a "
        "unit of the hierarchy), unmapped (a unit without a place in it), left_out "
        "(what joined activity does not count) or coverage (mức độ báo cáo)."
    )
    column: OneLine = Field(description="Which of the line's columns it is (cột), e.g. `counted`.")
    item: ItemCode | None
    indicator: IndicatorCode | None
    origin: OriginWord | None
    source: SourceCode | None
    dimension: Word | None = Field(
        description="The dimension (chiều phân tích), of a breakdown; else null."
    )
    member: OneLine | None = Field(
        description="The member of the dimension (thành phần), of a breakdown; of a coverage "
        "`ordered` or `others`. Else null."
    )
    unit: UnitKey | None = Field(
        description="Key of the unit whose figure it is (đơn vị); null of a figure of the province."
    )
    before: ComparedStandingOut | None = Field(
        description="How it stood in the other version (trước). Null where that version has no "
        "such figure."
    )
    after: ComparedStandingOut | None = Field(
        description="How it stood in the report asked for (sau thay đổi); null where it is gone."
    )
    difference: SignedText | None = Field(
        description="after − before, exact (chênh lệch); absent is 0. Null where the values do "
        "not add."
    )
    because: Few[CauseOut] = Field(description="Why they differ (nguyên nhân).")

    @classmethod
    def of(cls, one: Changed, because: Sequence[Cause]) -> Self:
        """Return it as it is answered."""
        told = ("part", "column", "item", "indicator", "origin", "source")
        where = ("dimension", "member", "unit")
        return cls(
            **{name: getattr(one.figure, name) for name in (*told, *where)},
            before=ComparedStandingOut.of(one.before),
            after=ComparedStandingOut.of(one.after),
            difference=one.difference,
            because=[CauseOut.of(cause) for cause in because],
        )


class ReportDifferencesPage(OutModel):
    """How a version differs from another one of its cycle (so sánh hai bản tổng hợp)."""

    before: ComparedOut = Field(description="The version that it is compared with (bản trước).")
    after: ComparedOut = Field(description="The version that was asked for (bản sau).")
    inputs: Many[InputChangeOut] = Field(
        description="Units whose counted submission is another one (đơn vị có báo cáo thay đổi), "
        "by unit; on every page."
    )
    roster: Many[RosterChangeOut] = Field(
        description="Roster rows that stand otherwise (thay đổi trong danh sách), by unit; on "
        "every page."
    )
    reference: ReferenceChangesOut
    items: Page[FigureChangeOut] = Field(
        description="The figures that differ, in the order of the report asked for (số liệu thay "
        "đổi); those that are gone come last."
    )
    next: NextCursor

    @classmethod
    def of(
        cls, found: Comparison, causes: Causes, shown: Sequence[Changed], following: str | None
    ) -> Self:
        """Return it as it is answered."""
        one, other = found.before.side, found.after.side
        differ = causes.differ
        return cls(
            before=ComparedOut.of(found.before),
            after=ComparedOut.of(found.after),
            inputs=[
                InputChangeOut.of(row, found.reasons.get(row.unit) if row.after else None)
                for row in input_changes(one, other)
            ],
            roster=[RosterChangeOut.of(row) for row in roster_changes(one, other)],
            reference=ReferenceChangesOut(
                roster=differ["roster_sha256"],
                units=differ["register_sha256"],
                indicators=differ["indicators_sha256"],
                plan=differ["plan_sha256"],
                joint=causes.joint,
                units_on=differ["units_on"],
            ),
            items=[FigureChangeOut.of(row, causes.of(row)) for row in shown],
            next=following,
        )


class DifferencesQuery(ListQuery):
    """What a version is compared with, and which figures."""

    with_report: Annotated[UUID, Field(json_schema_extra=ID)] | None = Field(
        default=None,
        alias="with",
        description="Id of another report of the same cycle (bản được so sánh). The version "
        "before where it is left out: the newest with a lower number that is no preview and no "
        "view.",
    )
    part: Part | None = Field(
        default=None,
        description="Only figures of this part (phần của báo cáo), as `part` of a figure says it.",
    )


@dataclass(frozen=True)
class _Row:
    """A changed figure with its place among all, which never changes: nor do the reports."""

    place: int
    changed: Changed


@router.get(
    "/consolidated-reports/{report_id}/differences",
    responses=refuses(NoVersionBefore, ReportSchemaTooOld),
)
def get_report_differences(
    caller: CanReadConsolidated,
    report_id: ReportInPath,
    query: Annotated[DifferencesQuery, Query()],
    link: NextPage,
) -> ReportDifferencesPage:
    """Compare a version with another one of its cycle, figure by figure, and say why they differ.

    Only figures that differ are listed, that appear or that are gone; `because` are the causes,
    which add up to the difference where it is a number: the submissions whose own part of the
    figure is another, joined activity, the roster. Who may read both may compare them.
    """
    found = compare(caller.session, by=caller.by, report_id=report_id, with_id=query.with_report)
    one, other = found.before, found.after
    rows = [
        _Row(place, changed)
        for place, changed in enumerate(changed_figures(one.side, other.side))
        if query.part is None or changed.figure.part == query.part
    ]
    ids = (str(one.stored.report.id), str(other.stored.report.id))
    places: ListOf[_Row] = ListOf("report-differences", lambda row: (*ids, str(row.place)))
    shown, cursor = places.page_of_all(rows, query, secret=caller.cursor_secret)
    causes = Causes(one.side, other.side)
    return ReportDifferencesPage.of(found, causes, [row.changed for row in shown], link(cursor))
