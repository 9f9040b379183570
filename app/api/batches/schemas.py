"""What bulk requests and their outcomes look like from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.api.activities.schemas import OutdatedOut
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.batches.models import Batch, BatchRow
from app.domain.batches.service import LEASE
from app.domain.described import (
    Count,
    Few,
    Hash,
    Id,
    Many,
    Number,
    OneLine,
    Page,
    Pointer,
    Prose,
    Some,
    UnitKey,
    Word,
)
from app.domain.errors import Language, text_of


class BulkQuery(OutModel):
    """How a bulk request is to be taken in."""

    mode: Literal["atomic", "partial"] = Field(
        default="partial",
        description="partial (từng dòng): every row that is right is stored. atomic (tất cả hoặc "
        "không): all rows or none (on SQLite other writers wait for it, and are told 503 after 30 "
        "seconds).",
    )
    on_existing: Literal["reject", "update"] = Field(
        default="reject",
        description="What a row means whose report is there with another content (khi đã có): "
        "reject it, or correct the report where the row's `expected_revision` is the current one.",
    )
    dry_run: bool = Field(
        default=False,
        description="Do and answer everything, but store no report (chạy thử); the batch itself "
        "is kept and can be read.",
    )


class WithdrawalsQuery(OutModel):
    """How a bulk withdrawal is to be taken in."""

    mode: Literal["atomic", "partial"] = Field(
        default="partial",
        description="partial (từng dòng): every row that is right is withdrawn. atomic (tất cả "
        "hoặc không): all rows or none.",
    )
    dry_run: bool = Field(
        default=False, description="Check and answer everything, but store nothing (chạy thử)."
    )


class RowFaultOut(OutModel):
    """One fault of a rejected row (lỗi của một dòng)."""

    pointer: Pointer = Field(description="JSON Pointer into the row, RFC 6901 (vị trí).")
    column: OneLine | None = Field(
        description="The column's heading (tiêu đề cột); of CSV and XLSX only."
    )
    line: Number | None = Field(
        description="The line of the file or row of the sheet (dòng trong tệp), where it is not "
        "the row's number."
    )
    code: Word = Field(description="Stable code of the fault (mã lỗi).")
    detail: Prose = Field(description="What is wrong and what would be right (mô tả lỗi).")
    value: OneLine | None = Field(
        description="The value that was sent, cut short, without control characters (giá trị đã "
        "gửi)."
    )
    permitted: Few[OneLine] | None = Field(
        description="What would have been accepted, if few (giá trị được chấp nhận)."
    )


class BatchRowOut(OutModel):
    """What became of one row of a bulk request (kết quả một dòng của gói dữ liệu)."""

    row: Number = Field(
        description="The row's number in the file, from 1 (số dòng); headings do not count."
    )
    external_id: OneLine | None = Field(
        description="The record's id as it was sent (mã bản ghi); of a rejected row cut short, "
        "without control characters and without what may be a key."
    )
    outcome: Literal["created", "updated", "unchanged", "rejected"] = Field(
        description="created (mới), updated (sửa), unchanged (không đổi) or rejected (bị từ chối)."
    )
    report_id: Id | None = Field(
        description="Id of the row's report (mã định danh). Null of a rejected row, and where a "
        "dry run stored no report."
    )
    revision: Number | None = Field(
        description="The report's current revision after this row (lần sửa hiện hành)."
    )
    errors: Some[RowFaultOut] = Field(description="Why it was rejected (các lỗi).")

    @classmethod
    def of(cls, row: BatchRow, language: Language) -> "BatchRowOut":
        """Return a row's outcome in a language."""
        return cls.model_validate(
            {
                "row": row.number,
                "external_id": row.external_id,
                "outcome": row.outcome,
                "report_id": row.report_id,
                "revision": row.revision,
                "errors": [_fault(fault, language) for fault in row.faults or ()],
            }
        )


class CountsOut(OutModel):
    """How many rows of a bulk request came to what (số dòng theo kết quả)."""

    rows: Count = Field(
        description="Rows read until now (số dòng); all of them when the request is finished."
    )
    created: Count = Field(description="Rows whose report was stored (số dòng mới).")
    updated: Count = Field(description="Rows that corrected their report (số dòng đã sửa).")
    unchanged: Count = Field(
        description="Rows whose report was stored before, word for word (số dòng không đổi)."
    )
    rejected: Count = Field(description="Rows that were rejected (số dòng bị từ chối).")
    held_back: Count = Field(
        description="Of a refused atomic request: rows that were right and not stored (số dòng "
        "không lưu)."
    )


class BatchOut(OutModel):
    """A bulk request as it was stored (gói dữ liệu)."""

    id: Id = Field(description="Id of the bulk request (mã gói dữ liệu).")
    kind: Literal["reports", "withdrawals"] = Field(
        description="reports (báo cáo hoạt động) or withdrawals (rút lại)."
    )
    state: Literal["running", "interrupted", "finished", "refused"] = Field(
        description="running (đang xử lý). interrupted (bị ngắt): it broke off; send the same "
        "again, under the same Idempotency-Key it goes on where it broke. finished "
        "(xong): every row has its outcome. refused (bị từ chối): atomic, and none was "
        "stored."
    )
    unit: UnitKey = Field(description="Key of the unit whose key sent it (đơn vị gửi).")
    mode: Literal["atomic", "partial"] = Field(
        description="atomic (all or none) or partial (each row by itself) (cách ghi)."
    )
    on_existing: Literal["reject", "update"] = Field(
        description="What became of a key that is taken: reject or update (khi đã có)."
    )
    dry_run: bool = Field(
        description="True where nothing was stored because it was asked so (chạy thử)."
    )
    media_type: OneLine = Field(description="Media type of what was sent (định dạng).")
    body_sha256: Hash = Field(description="SHA-256 of the file as it came (mã băm tệp).")
    received_at: InstantOut = Field(
        description="When the server received the request (thời điểm nhận)."
    )
    finished_at: InstantOut | None = Field(
        description="When the last row had its outcome (thời điểm xong); null before."
    )
    counts: CountsOut
    outdated: OutdatedOut = Field(
        description="Submissions and consolidated reports that hold an earlier revision of a "
        "report that this request changed (báo cáo đang giữ lần sửa cũ)."
    )
    rejected_rows: Many[BatchRowOut] = Field(
        description="The first rejected rows (các dòng bị từ chối); all are under "
        "…/rows?outcome=rejected."
    )

    @classmethod
    def of(
        cls, batch: Batch, rejected: Sequence[BatchRow], *, at: datetime, language: Language
    ) -> "BatchOut":
        """Return a batch as it is answered."""
        broken_off = batch.state == "running" and at - batch.touched_at >= LEASE
        counted = batch.created + batch.updated + batch.unchanged + batch.rejected
        counts = {name: getattr(batch, name) for name in _COUNTED}
        nothing: dict[str, Any] = {"submissions": [], "consolidated_reports": []}
        return cls.model_validate(
            {
                "id": batch.id,
                "kind": batch.kind,
                "state": "interrupted" if broken_off else batch.state,
                "unit": batch.unit_key,
                "mode": batch.mode,
                "on_existing": batch.on_existing,
                "dry_run": batch.dry_run,
                "media_type": batch.media_type,
                "body_sha256": batch.body_sha256,
                "received_at": batch.received_at,
                "finished_at": batch.finished_at,
                "counts": {
                    **counts,
                    "rows": batch.rows_done,
                    "held_back": batch.rows_done - counted,
                },
                "outdated": batch.outdated or nothing,
                "rejected_rows": [BatchRowOut.of(row, language) for row in rejected],
            }
        )


_COUNTED = ("created", "updated", "unchanged", "rejected")


class BatchPage(OutModel):
    """A page of bulk requests (một trang gói dữ liệu), newest first."""

    items: Page[BatchOut]
    next: NextCursor


class BatchRowPage(OutModel):
    """A page of what became of a bulk request's rows (một trang kết quả từng dòng).

    In the file's order.
    """

    items: Page[BatchRowOut]
    next: NextCursor


class BatchRowQuery(ListQuery):
    """Which rows."""

    outcome: Literal["created", "updated", "unchanged", "rejected"] | None = Field(
        default=None,
        description="Only rows with this outcome (kết quả): created, updated, unchanged or "
        "rejected.",
    )


def _fault(told: Mapping[str, Any], language: Language) -> dict[str, Any]:
    text = text_of(told["code"])
    return {
        "pointer": told["pointer"],
        "column": told.get("column"),
        "line": told.get("line"),
        "code": told["code"],
        "detail": text.say(language, told["params"]) if text else told["code"],
        "value": told.get("value"),
        "permitted": told.get("permitted"),
    }
