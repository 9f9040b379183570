"""Explaining a figure of a version: what it is made of, by which rule, and what is left out."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.contract.refusing import refuses
from app.api.deps import CanReadConsolidated
from app.api.out import NextCursor, OutModel
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import ReportInPath
from app.api.refusals import BadCursor
from app.api.strict import StrictRoute
from app.domain.consolidation.explained import Explained, ReportsNotShown, behind, explain
from app.domain.consolidation.explained_left_out import FIRST_ROWS, Kind, LeftOut, left_out
from app.domain.consolidation.explained_reports import Behind
from app.domain.consolidation.explaining import Placing, Term, TermKind, total_of
from app.domain.consolidation.figures import Part
from app.domain.consolidation.reading import ReportSchemaTooOld
from app.domain.consolidation.report_figures import JointReport
from app.domain.consolidation.report_heads import ItemCoverage
from app.domain.described import (
    AmountText,
    Count,
    DayOut,
    ExternalCode,
    Hash,
    Id,
    IndicatorCode,
    ItemCode,
    ListWord,
    Many,
    Name,
    Number,
    OneLine,
    OriginWord,
    Passage,
    Pointer,
    Prose,
    ReasonText,
    SignedText,
    SourceCode,
    SystemCode,
    UnitKey,
    Word,
)
from app.domain.errors import Text
from app.domain.plans.queries import items

router = APIRouter(tags=["Consolidated reports"], route_class=StrictRoute)


class ExplainedFigureOut(OutModel):
    """What the figure is of (số liệu). What is not said of it is null."""

    pointer: Pointer = Field(description="JSON Pointer into the version, RFC 6901 (vị trí).")
    part: Part = Field(
        description="Which part of the report it is in (phần của báo cáo): total (of the "
        "province), total_unit (a unit's part of a total), unit (a submission), "
        "expectation (ước cả năm), breakdown (a member of a dimension), hierarchy (a "
        "unit of the hierarchy), unmapped (a unit without a place in it), left_out "
        "(what joined activity does not count) or coverage (mức độ báo cáo)."
    )
    column: OneLine = Field(description="Which of the line's columns it is (cột), e.g. `counted`.")
    value: AmountText | None = Field(
        description="The figure's value (giá trị), a decimal string. Null of an indicator that "
        "does not add over units."
    )
    item: ItemCode | None
    item_title: Passage | None = Field(
        description="Heading of the plan item (nhiệm vụ), or its text."
    )
    indicator: IndicatorCode | None
    indicator_name: Name | None = Field(description="Name of the indicator (chỉ tiêu).")
    measured_in: OneLine | None = Field(
        description="The indicator's unit (đơn vị tính); VND of money."
    )
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
    unit_name: Name | None = Field(description="Name of the unit (đơn vị).")

    @classmethod
    def of(cls, found: Explained, titles: dict[str, str]) -> Self:
        """Return it as it is answered."""
        shown = found.shown
        said = {name: getattr(shown, name) for name in cls.model_fields if hasattr(shown, name)}
        head: dict[str, Any] = next(
            (row for row in found.report["indicators"] if row["code"] == shown.indicator), {}
        )
        money = "VND" if shown.source is not None else None
        return cls(
            **said,
            item_title=titles.get(shown.item or ""),
            indicator_name=head.get("name_vi"),
            measured_in=head.get("unit_vi", money),
            unit_name=found.names.get(shown.unit or ""),
        )


class RuleOut(OutModel):
    """A rule by which the figure comes about (quy tắc)."""

    code: Word = Field(description="Stable code of the rule (mã quy tắc); starts with `rule_`.")
    vi: Prose = Field(description="The rule, in Vietnamese (tiếng Việt).")
    en: Prose = Field(description="The rule, in English (tiếng Anh).")

    @classmethod
    def of(cls, rule: Text, day: str) -> Self:
        """Return it as it is answered."""
        return cls(code=rule.code, vi=rule.say("vi", {"day": day}), en=rule.say("en", {"day": day}))


class TermOut(OutModel):
    """A part of the figure (số hạng)."""

    kind: TermKind = Field(
        description="submission: of `submission` (báo cáo của đơn vị); unit: what `unit` did, "
        "within it; series: the value that is left of a unit's (and channel's); joint: "
        "taken off, since `counted_with` counts (hoạt động chung); report: an activity "
        "report; expectation: ước cả năm; roster: a row of the roster."
    )
    amount: SignedText | None = Field(
        description="What it adds to the figure (số hạng). Null where units stand for themselves."
    )
    submission: UnitKey | None = Field(
        description="Unit key of the submission (báo cáo của đơn vị)."
    )
    submission_name: Name | None = Field(
        description="Name of the unit whose submission it is (tên đơn vị báo cáo)."
    )
    revision: Number | None = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    sha256: Hash | None = Field(description="Hash of the submission revision (mã băm lần gửi).")
    unit: UnitKey | None = Field(description="Key of the unit that did it (đơn vị).")
    unit_name: Name | None = Field(description="Name of the unit that did it (tên đơn vị).")
    channel: ListWord | None = Field(
        description="Channel of a last value (kênh); null of other terms."
    )
    day: DayOut | None = Field(
        description="Of a value that replaces itself over time, its day (ngày); else null."
    )
    stands_for: AmountText | None = Field(
        description="The value of a unit that stands for itself (giá trị riêng của đơn vị)."
    )
    placed: Placing | None = Field(
        description="In a hierarchy: itself, by succession (kế thừa), or why it has no place, as "
        "`reason` of an unmapped line says it: no_successor, divided, began_later, "
        "several_predecessors, part_of_predecessor or moved_within_window. Else null."
    )
    report: JointReport | None = Field(
        description="The activity report (hoạt động); null of other terms."
    )
    counted_with: JointReport | None = Field(
        description="The report that counts in its place (tính cùng); null where it counts."
    )
    review: Word | None = Field(
        description="Of a roster row: accepted, in_review, returned or missing (tình trạng duyệt); "
        "else null."
    )

    @classmethod
    def of(cls, term: Term, names: dict[str, str]) -> Self:
        """Return it as it is answered."""
        said = {name: getattr(term, name) for name in cls.model_fields if hasattr(term, name)}
        return cls(
            **said,
            submission_name=names.get(term.submission or ""),
            unit_name=names.get(term.unit or ""),
        )


class LeftOutRowOut(OutModel):
    """One thing that is not counted (một mục không được tính). What is not said of it is null."""

    unit: UnitKey = Field(description="Key of the unit that did it (đơn vị).")
    amount: SignedText | None = Field(
        description="The amount that is not counted, a decimal string (giá trị); may be negative."
    )
    report_id: Id | None = Field(description="Id of the activity report (hoạt động).")
    source_system: SystemCode | None
    external_id: ExternalCode | None
    revision: Number | None = Field(
        description="Number of the activity report's revision, from 1 (lần sửa thứ)."
    )
    held_revision: Number | None = Field(
        description="The revision of the activity report that the version counts all the same "
        "(lần sửa đang được tính): it was corrected or withdrawn since."
    )
    occurred_on: DayOut | None = Field(
        description="The local day of the activity, or a summary's first (ngày thực hiện)."
    )
    counted_with: OneLine | None = Field(
        description="Natural key of the report that counts (hoạt động được tính)."
    )
    reason: ReasonText | None = Field(description="Why it is not counted (lý do).")


class NotCountedOut(OutModel):
    """What the figure does not count, of one kind (phần không tính)."""

    kind: Kind = Field(
        description="withdrawn (đã rút); outside_window (ngoài kỳ, or after the submission's last "
        "day); not_yet_reported (posted or corrected since); counted_once (hoạt động chung); "
        "in_review, returned, missing: submissions that do not count; not_mappable (không có chỗ "
        "trong danh mục đơn vị); not_additive: units stand for themselves."
    )
    count: Count = Field(
        description="How many there are (số lượng). Of activity reports the first 10 000 are "
        "counted."
    )
    rows: Many[LeftOutRowOut] = Field(description=f"The first {FIRST_ROWS} of them (các mục đầu).")

    @classmethod
    def of(cls, one: LeftOut) -> Self:
        """Return it as it is answered."""
        rows = [
            LeftOutRowOut(**{name: getattr(row, name) for name in LeftOutRowOut.model_fields})
            for row in one.rows
        ]
        return cls(kind=one.kind, count=one.count, rows=rows)


class BehindOut(OutModel):
    """An activity report behind the figure (báo cáo hoạt động), as the submission holds it."""

    id: Id = Field(description="Id of the activity report (mã hoạt động).")
    unit: UnitKey = Field(description="Key of the unit that did it (đơn vị).")
    source_system: SystemCode
    external_id: ExternalCode
    revision: Number = Field(
        description="Number of the activity report's revision, from 1 (lần sửa thứ)."
    )
    occurred_on: DayOut = Field(
        description="The local day of the activity, or a summary's first (ngày thực hiện)."
    )
    title: OneLine = Field(description="Title of the activity (tên hoạt động).")
    amount: SignedText = Field(
        description="What it adds to the figure (số hạng); 0 where another value replaced it."
    )
    said: OneLine = Field(
        description="What the report says of the figure's column (giá trị đã báo cáo)."
    )
    replaced_by: Id | None = Field(
        description="Id of the activity report whose value replaces this one (hoạt động thay thế)."
    )
    replaced_in: UnitKey | None = Field(
        description="Unit key of another submission that holds the replacing report (đơn vị có "
        "báo cáo thay thế)."
    )

    @classmethod
    def of(cls, one: Behind) -> Self:
        """Return it as it is answered."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ExplanationPage(OutModel):
    """What a figure is made of (giải trình số liệu)."""

    figure: ExplainedFigureOut
    rules: Many[RuleOut] = Field(description="Rules by which it came about (quy tắc).")
    coverage: ItemCoverage = Field(description="Who reported (mức độ báo cáo): of the item.")
    terms_total: SignedText | None = Field(
        description="What all terms add up to (tổng các số hạng): the figure's value, exactly. "
        "With `submission` what all reports behind it add up to."
    )
    terms: Many[TermOut] = Field(
        description="What the figure is made of (các số hạng). With `submission` its own, on "
        "every page."
    )
    reports: Many[BehindOut] | None = Field(
        description="The activity reports behind the submission's term (các hoạt động). Null "
        "without `submission`."
    )
    left_out: Many[NotCountedOut] | None = Field(
        description="What does not count (phần không tính), as it is now: no part of the hashed "
        "report. On the first page of terms; activity reports only for those who see the province."
    )
    next: NextCursor


class ExplainQuery(ListQuery):
    """Which figure, and how deep."""

    pointer: str = Field(
        max_length=300,
        json_schema_extra={"pattern": "^/"},
        description="JSON Pointer of a figure, RFC 6901 (vị trí số liệu), as `/totals/3/counted`.",
        examples=["/coverage/ordered/required"],
    )
    submission: str | None = Field(
        default=None,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Unit key (đơn vị): also list the activity reports behind that unit's "
        "submission.",
    )


@router.get(
    "/consolidated-reports/{report_id}/explain",
    responses=refuses(ReportSchemaTooOld, ReportsNotShown),
)
def explain_figure(
    caller: CanReadConsolidated,
    report_id: ReportInPath,
    query: Annotated[ExplainQuery, Query()],
    link: NextPage,
) -> ExplanationPage:
    """Explain a figure: the submissions behind it, the rule, and what is not counted and why.

    The terms add up exactly to the figure. With `submission` the activity reports behind that
    one are listed, whose amounts add up to its terms over all pages (`joint` terms, which are
    taken off, apart). Who may read the version may read this; the activity reports only those who
    see the province (403 `reports_not_shown`).
    """
    found = explain(caller.session, by=caller.by, report_id=report_id, pointer=query.pointer)
    place = f"explain {report_id} {query.submission or ''}"
    if query.submission is None:
        numbered: ListOf[tuple[int, Term]] = ListOf(place, lambda row: (query.pointer, str(row[0])))
        rows = list(enumerate(found.terms))
        page, cursor = numbered.page_of_all(rows, query, secret=caller.cursor_secret)
        apart = None
        if query.cursor is None:
            apart = [NotCountedOut.of(one) for one in left_out(caller.session, found, by=caller.by)]
        total = None if found.shown.value is None else total_of(found.terms)
        return _answer(caller, found, total, [t for _, t in page], None, apart, link(cursor))
    reports: ListOf[Behind] = ListOf(place, lambda row: (query.pointer, str(row.id)))
    after = reports.after(query, secret=caller.cursor_secret)
    if after is not None and after[0] != query.pointer:
        raise BadCursor()
    total, shown = behind(
        caller.session,
        found,
        by=caller.by,
        submission=query.submission,
        after=UUID(after[1]) if after else None,
        limit=query.limit + 1,
    )
    cut, cursor = reports.page(shown, query, secret=caller.cursor_secret)
    mine = [t for t in found.terms if t.submission == query.submission]
    return _answer(caller, found, total, mine, cut, None, link(cursor))


def _answer(
    caller: CanReadConsolidated,
    found: Explained,
    total: str | None,
    terms: list[Term],
    reports: Any,
    apart: list[NotCountedOut] | None,
    following: str | None,
) -> ExplanationPage:
    slug = found.report["plan"]["slug"]
    titles = {
        row.code: row.heading or " ".join(row.text) for row in items(caller.session, plan=slug)
    }
    day = found.report["by_hierarchy"]["units_on"]
    names = found.names
    return ExplanationPage(
        figure=ExplainedFigureOut.of(found, titles),
        rules=[RuleOut.of(rule, day) for rule in found.rules],
        coverage=ItemCoverage.model_validate(found.coverage),
        terms_total=total,
        terms=[TermOut.of(term, names) for term in terms],
        reports=None if reports is None else [BehindOut.of(row) for row in reports],
        left_out=apart,
        next=following,
    )
