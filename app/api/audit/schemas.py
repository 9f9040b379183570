"""What the audit looks like from outside."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.audit.queries import AuditFilter, SealedEntry
from app.domain.described import Hash, Id, Number, OneLine, Page, RequestId, UnitKey, Word
from app.domain.fields import UnitReference

_INSTANT: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$"
)


def _instant(value: Any) -> datetime:
    if not isinstance(value, str) or not re.fullmatch(_INSTANT, value, re.ASCII):
        raise PydanticCustomError("string_pattern_mismatch", "no instant", {"pattern": _INSTANT})
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("day_unknown", "there is no such instant") from error


InstantIn = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "maxLength": 35,
            "example": "2021-11-29T17:00:00Z",
        },
        mode="validation",
    ),
]


def _true_or_false(value: Any) -> bool:
    if value not in ("true", "false"):
        raise PydanticCustomError("bool_type", "true or false")
    return bool(value == "true")


TrueOrFalse = Annotated[bool, BeforeValidator(_true_or_false)]
_NAME: Final = r"^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)?$"


class TargetOut(OutModel):
    """What was acted on (đối tượng)."""

    kind: Word = Field(
        description="Kind of thing (loại đối tượng), for example `submission`; of a refusal "
        "`operation`."
    )
    id: OneLine = Field(
        description="Its id (mã đối tượng); of a refusal the request's method and path."
    )


class AuditEntryOut(OutModel):
    """One action or refusal (nhật ký), with its place in the chain."""

    seq: Number = Field(description="Its place in the chain (số thứ tự), from 1 without a gap.")
    at: InstantOut = Field(description="When it was done or refused (thời điểm).")
    request_id: RequestId | None = Field(
        description="The request's id (mã yêu cầu); null for the operator's work."
    )
    api_key_id: Id | None = Field(
        description="The key that acted (khóa); null for the operator and the worker."
    )
    unit: UnitKey | None = Field(
        description="Key of the unit that the API key is bound to (đơn vị)."
    )
    action: Word = Field(
        description="What was done (hành động), for example `submission.submitted`; of a refusal "
        "the operation's id."
    )
    target: TargetOut
    before: dict[str, Any] | None = Field(description="What it was (trước), in short.")
    after: dict[str, Any] | None = Field(description="What it became (sau thay đổi), in short.")
    refusal: Word | None = Field(description="The code of the refusal (từ chối); null if done.")
    chain_sha256: Hash = Field(
        description="SHA-256 over the chain up to and with this entry (mã băm chuỗi nhật ký). "
        "Whoever writes `seq` and this down can prove later that nothing before was changed or "
        "cut off."
    )

    @classmethod
    def of(cls, sealed: SealedEntry) -> "AuditEntryOut":
        """Return an entry as it is answered."""
        entry = sealed.entry
        return cls(
            seq=sealed.seal.seq,
            at=entry.at,
            request_id=entry.request_id or None,
            api_key_id=entry.api_key_id,
            unit=entry.unit_key,
            action=entry.action,
            target=TargetOut(kind=entry.target_kind, id=entry.target_id),
            before=entry.before,
            after=entry.after,
            refusal=entry.refusal,
            chain_sha256=sealed.seal.chain_sha256,
        )


class AuditPage(OutModel):
    """A page of the audit (một trang nhật ký), oldest first."""

    items: Page[AuditEntryOut]
    next: NextCursor


class AuditQuery(ListQuery):
    """Which entries."""

    action: str | None = Field(
        default=None, max_length=80, pattern=_NAME, description="Exactly this action (hành động)."
    )
    target_kind: str | None = Field(
        default=None,
        max_length=40,
        pattern=r"^[a-z]+(_[a-z]+)*$",
        description="Only on things of this kind (loại đối tượng).",
    )
    target_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=400,
        pattern=r"^[^\x00-\x1f]+$",
        description="Only on this thing: its id (mã đối tượng).",
    )
    unit: UnitReference | None = Field(
        default=None, description="Key of the unit whose keys acted (đơn vị)."
    )
    at_from: InstantIn | None = Field(
        default=None, description="First instant, inclusive (từ thời điểm)."
    )
    at_to: InstantIn | None = Field(
        default=None, description="Instant after the last (đến trước thời điểm)."
    )
    refused: TrueOrFalse | None = Field(
        default=None,
        description="true: refusals only (bị từ chối); false: what was done only (đã thực hiện).",
    )

    def narrowed(self) -> AuditFilter:
        """Return what the query asks for."""
        return AuditFilter(**self.model_dump(exclude={"cursor", "limit"}))
