"""What can be told, and what is said of it: ids, states and paths, and no text of people."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.described import (
    CycleName,
    Hash,
    InstantText,
    Number,
    Path,
    PlanName,
    UnitKey,
    YearNumber,
    said,
)
from app.domain.fields import tell_once

Event = Literal[
    "submission.returned",
    "submission.accepted",
    "consolidated_report.published",
    "consolidated_report.issued",
    "reporting_cycle.opened",
]
EVENTS: Final[tuple[Event, ...]] = (
    "submission.returned",
    "submission.accepted",
    "consolidated_report.published",
    "consolidated_report.issued",
    "reporting_cycle.opened",
)
TEST: Final = "webhook.test"

ReadHere = Annotated[Path, Field(description="Where to read it, with the unit's key (đường dẫn).")]
# Schemas of UUID are written out: what is sent is a text already.
IdText = Annotated[str, said("Id (mã định danh).", format="uuid", minLength=36, maxLength=36)]
OnInstant = Annotated[
    InstantText, Field(description="When it happened, in UTC (thời điểm xảy ra).")
]


class Told(BaseModel):
    """The parent of what is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=tell_once)


class SubmissionTold(Told):
    """A submission that was reviewed (báo cáo của đơn vị)."""

    submission: IdText = Field(description="Id of the submission (báo cáo của đơn vị).")
    revision: Number = Field(description="The revision that was reviewed (lần gửi).")
    cycle: CycleName
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    unit: UnitKey = Field(description="Key of the unit whose submission it is (đơn vị báo cáo).")
    path: ReadHere


class ReportTold(Told):
    """A version of the province's report (báo cáo tổng hợp)."""

    report: IdText = Field(description="Id of the consolidated report (báo cáo tổng hợp).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    sha256: Hash = Field(description="SHA-256 of the version's bytes (mã băm).")
    cycle: CycleName
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    path: ReadHere


class CycleOpened(Told):
    """A reporting cycle whose drafting begins (kỳ báo cáo)."""

    cycle: CycleName
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    kind: Annotated[
        str,
        said(
            "yearly (hằng năm), periodic (định kỳ) or on_request (đột xuất).",
            enum=["yearly", "periodic", "on_request"],
        ),
    ]
    due_at: InstantText = Field(
        description="Before this instant the cycle is due (hạn gửi); a unit's own may be later."
    )
    path: ReadHere


class WebhookTold(Told):
    """What a test says (gửi thử)."""

    webhook: IdText = Field(description="Id of the webhook that is tested (địa chỉ nhận).")
    path: ReadHere


class SubmissionReturned(Told):
    """A submission was returned for revision (báo cáo bị trả lại)."""

    type: Literal["submission.returned"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: SubmissionTold


class SubmissionAccepted(Told):
    """A submission was accepted (báo cáo đã được duyệt)."""

    type: Literal["submission.accepted"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: SubmissionTold


class ReportPublished(Told):
    """A version of the province's report was built (bản tổng hợp đã lập xong)."""

    type: Literal["consolidated_report.published"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: ReportTold


class ReportIssued(Told):
    """A version of the province's report was issued (báo cáo tổng hợp đã ban hành)."""

    type: Literal["consolidated_report.issued"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: ReportTold


class ReportingCycleOpened(Told):
    """A reporting cycle opened: from now on units may draft (kỳ báo cáo đã mở)."""

    type: Literal["reporting_cycle.opened"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: CycleOpened


class WebhookTested(Told):
    """Nothing happened: somebody tests the webhook (gửi thử)."""

    type: Literal["webhook.test"] = Field(description="The event (sự kiện).")
    timestamp: OnInstant
    data: WebhookTold


SENT: Final[dict[str, type[Told]]] = {
    "submission.returned": SubmissionReturned,
    "submission.accepted": SubmissionAccepted,
    "consolidated_report.published": ReportPublished,
    "consolidated_report.issued": ReportIssued,
    "reporting_cycle.opened": ReportingCycleOpened,
    TEST: WebhookTested,
}


def written(event: str, *, timestamp: str, data: Told) -> str:
    """Return the exact text that is sent of an event."""
    said: dict[str, Any] = {"type": event, "timestamp": timestamp, "data": data.model_dump()}
    return SENT[event].model_validate(said).model_dump_json()
