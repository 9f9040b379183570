"""What paths name: ids, units, plans and keys, each described where it stands."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from app.domain.budgets.stages import Stage
from app.domain.fields import ID, SMALL, ExternalId, PlanSlug, SystemName, UnitReference


def _id(description: str) -> Any:
    return Path(description=description, json_schema_extra=ID)


ReportInPath = Annotated[
    UUID, _id("Id of the version of the consolidated report (mã báo cáo tổng hợp).")
]
ActivityInPath = Annotated[UUID, _id("Id of the activity report (hoạt động).")]
SubmissionInPath = Annotated[UUID, _id("Id of the submission (báo cáo của đơn vị).")]
BatchInPath = Annotated[UUID, _id("Id of the bulk request (gói dữ liệu).")]
LinkInPath = Annotated[UUID, _id("Id of the joint link (liên kết hoạt động chung).")]
RequestInPath = Annotated[UUID, _id("Id of the request for a report (yêu cầu tổng hợp).")]
DossierInPath = Annotated[UUID, _id("Id of the dossier (hồ sơ dự toán).")]
EstimateInPath = Annotated[UUID, _id("Id of the estimate (dự toán).")]
VersionInPath = Annotated[UUID, _id("Id of the consolidation's version (bản tổng hợp dự toán).")]
WebhookInPath = Annotated[UUID, _id("Id of the webhook (địa chỉ nhận thông báo).")]
DeliveryInPath = Annotated[UUID, _id("Id of the delivery (việc gửi thông báo).")]
NumberInPath = Annotated[
    int,
    Path(
        ge=1,
        le=1_000_000,
        json_schema_extra=SMALL,
        description="The revision's number, from 1 (lần sửa thứ, lần gửi thứ).",
    ),
]
UnitInPath = Annotated[
    UnitReference, Path(description="The unit (đơn vị): its key, or a code that it bears.")
]
BudgetYearInPath = Annotated[
    int,
    Path(
        ge=2000,
        le=2100,
        json_schema_extra=SMALL,
        description="The budget year (năm ngân sách).",
    ),
]
PlanInPath = Annotated[PlanSlug, Path(description="The plan's slug (kế hoạch).")]
SystemInPath = Annotated[SystemName, Path(description="The sending system (hệ thống nguồn).")]
ExternalIdInPath = Annotated[
    ExternalId, Path(description="The record's id in that system (mã bản ghi).")
]
StageInPath = Annotated[
    Stage,
    Path(
        description="The stage that is stated (giai đoạn dự toán): proposed (đề xuất), allocated "
        "(được giao), adjusted (điều chỉnh), executed (thực hiện) or settled (quyết toán)."
    ),
]
