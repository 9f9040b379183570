"""What consolidation requests and the list of reports look like; a report is `Report`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from app.api.cycles.named import must_name_one_cycle
from app.api.cycles.schemas import CycleKey, Year
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.consolidation.queries import ListedReport, StoredRequest
from app.domain.described import (
    Count,
    CycleName,
    DayOut,
    Hash,
    Id,
    Number,
    Page,
    Path,
    PlanName,
    Prose,
    Word,
    YearNumber,
)
from app.domain.fields import Day, InstantIn, PlanSlug, WireModel


class ConsolidationIn(WireModel):
    """Which report is asked for (yêu cầu lập báo cáo tổng hợp)."""

    plan: PlanSlug | None = Field(default=None, description="The plan's slug (kế hoạch).")
    year: Year | None = None
    cycle: CycleKey | None = Field(
        default=None,
        description="Key of the cycle (kỳ báo cáo); for extra cycles, in place of plan and year.",
    )

    basis: Literal["accepted", "submitted"] = Field(
        default="accepted",
        description="accepted (đã duyệt); submitted (đã gửi): only a preview, which counts what "
        "is still in review too.",
    )
    known_at: InstantIn | None = Field(
        default=None,
        description="A view of what was known at that instant (thời điểm), a minute ago or more.",
    )
    units_on: Day | None = Field(
        default=None,
        description="A view by the units of that day (theo địa giới, tổ chức của ngày đó).",
    )

    @model_validator(mode="after")
    def _one_cycle(self) -> Self:
        must_name_one_cycle(plan=self.plan, year=self.year, cycle=self.cycle)
        return self


class ProgressOut(OutModel):
    """How far the worker is (tiến độ tổng hợp)."""

    done: Count = Field(description="Submissions added up (số báo cáo đã tổng hợp).")
    total: Count = Field(description="Submissions to add up (số báo cáo cần tổng hợp).")


class ConsolidationRequestOut(OutModel):
    """A request for a consolidated report (yêu cầu lập báo cáo tổng hợp).

    Poll it until it succeeded or failed.
    """

    id: Id = Field(
        description="Id of the request, and of the report that it leads to (mã yêu cầu tổng hợp)."
    )
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    version: Number = Field(description="Number of the report's version, from 1 (bản số).")
    basis: Word = Field(description="accepted (đã duyệt), or submitted (đã gửi) for a preview.")
    known_at: InstantOut | None = Field(
        description="The instant of a view (thời điểm dữ liệu); null for a version."
    )
    units_on: DayOut | None = Field(
        description="The day whose units a view shows (theo đơn vị ngày nào), or null."
    )
    state: Word = Field(
        description="queued (chờ), running (đang chạy), succeeded (xong) or failed (lỗi)."
    )
    progress: ProgressOut
    requested_at: InstantOut = Field(description="When it was asked for (thời điểm yêu cầu).")
    started_at: InstantOut | None = Field(
        description="When the work began (thời điểm bắt đầu); null while it is queued."
    )
    finished_at: InstantOut | None = Field(
        description="When it succeeded or failed (thời điểm xong); null before."
    )
    failure: Prose | None = Field(description="Why it failed (lý do lỗi).")
    report: Path | None = Field(
        description="Path of the report, once it succeeded (đường dẫn báo cáo tổng hợp)."
    )

    @classmethod
    def of(cls, stored: StoredRequest) -> "ConsolidationRequestOut":
        """Return a request as it is answered."""
        row = stored.request
        return cls(
            id=row.id,
            cycle=f"{stored.cycle.plan_slug}.{stored.cycle.code}",
            plan=stored.cycle.plan_slug,
            year=stored.cycle.year,
            version=row.version,
            basis=row.basis,
            known_at=row.known_at,
            units_on=row.units_on,
            state=row.state,
            progress=ProgressOut(done=row.done, total=row.total),
            requested_at=row.requested_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            failure=row.failure,
            report=f"/v1/consolidated-reports/{row.id}" if row.state == "succeeded" else None,
        )


class ReportHeadOut(OutModel):
    """A version of a consolidated report in a list (báo cáo tổng hợp)."""

    id: Id = Field(description="Id of the version (mã báo cáo tổng hợp).")
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    sha256: Hash = Field(description="SHA-256 of the report's bytes (mã băm).")
    size: Count = Field(description="Length of the report in bytes (dung lượng).")
    published_at: InstantOut = Field(description="When the version was stored (thời điểm lập).")

    @classmethod
    def of(cls, listed: ListedReport) -> "ReportHeadOut":
        """Return a version as a list shows it."""
        return cls(
            id=listed.report.id,
            cycle=f"{listed.cycle.plan_slug}.{listed.cycle.code}",
            plan=listed.cycle.plan_slug,
            year=listed.cycle.year,
            version=listed.report.version,
            sha256=listed.report.sha256,
            size=listed.size,
            published_at=listed.report.published_at,
        )


class ReportPage(OutModel):
    """A page of consolidated reports (một trang báo cáo tổng hợp)."""

    items: Page[ReportHeadOut]
    next: NextCursor


class ReportQuery(ListQuery):
    """Which consolidated reports."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    year: Year | None = Field(default=None, description="Only of this year (năm).")
    cycle: CycleKey | None = Field(default=None, description="Key of the cycle (kỳ báo cáo).")


class FormQuery(WireModel):
    """In which form."""

    format: Literal["json", "csv", "xlsx"] | None = Field(
        default=None,
        description="The representation (định dạng): json, csv or xlsx. It wins over `Accept`; "
        "without both the answer is JSON.",
    )
