"""What submissions look like from outside."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from app.api.cycles.schemas import Year
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.cycles.timeliness import timeliness
from app.domain.fields import Day, PlanSlug, UnitReference, WireModel
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.queries import StoredSubmission
from app.domain.submissions.service import ALLOWED


class DraftIn(WireModel):
    """A submission to begin (báo cáo của đơn vị); the unit is the key's own."""

    plan: PlanSlug
    year: Year
    narrative: Narrative = Field(default_factory=Narrative)


class SubmissionOut(OutModel):
    """A unit's yearly report (báo cáo của đơn vị) with its current revision."""

    id: UUID
    plan: str
    year: int
    unit: str = Field(description="Key of the unit whose roster row it answers.")
    basis: str
    revision: int = Field(description="Number of the current revision, from 1.")
    review: str = Field(description="draft, submitted, returned, accepted or superseded.")
    timeliness: str = Field(description="not_due, on_time or late, by the server's receipt.")
    content: str = Field(description="report or nil (không phát sinh).")
    nil_reason: str | None
    narrative: Narrative
    data_to: date | None = Field(description="Last day covered, inclusive.")
    document_number: str | None
    document_on: date | None
    signer_title: str | None
    signed_file_sha256: str | None
    due_at: InstantOut
    received_at: InstantOut | None = Field(description="The server's receipt; null of a draft.")
    filed_by: str | None = Field(description="Key of the unit that submitted.")
    accepted_at: InstantOut | None
    activities: int = Field(description="How many activity reports the revision holds, frozen.")
    sha256: str | None = Field(description="Hash of what was submitted; null of a draft.")
    actions: list[str] = Field(description="What its state allows next: draft, submit, accept.")

    @classmethod
    def of(cls, stored: StoredSubmission, *, activities: int, at: datetime) -> "SubmissionOut":
        """Return a submission as it is answered."""
        revision = stored.revision
        return cls(
            id=stored.submission.id,
            plan=stored.cycle.plan,
            year=stored.cycle.year,
            unit=stored.row.unit.unit_key,
            basis=stored.row.basis,
            revision=revision.number,
            review=revision.state,
            timeliness=timeliness(stored.row.deadline(), received_at=revision.received_at, at=at),
            narrative=Narrative.model_validate(revision.narrative),
            due_at=stored.row.due_at,
            activities=activities,
            actions=list(ALLOWED.get(revision.state, ())),
            **revision.model_dump(
                include={
                    "content",
                    "nil_reason",
                    "data_to",
                    "document_number",
                    "document_on",
                    "signer_title",
                    "signed_file_sha256",
                    "received_at",
                    "filed_by",
                    "accepted_at",
                    "sha256",
                }
            ),
        )


class SubmissionPage(OutModel):
    """A page of submissions."""

    items: list[SubmissionOut]
    next: NextCursor


class SubmissionQuery(ListQuery):
    """Which submissions."""

    plan: PlanSlug | None = None
    year: Year | None = None
    unit: UnitReference | None = Field(
        default=None, description="The unit: its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None, description="The day on which a code in `unit` is meant; today if not given."
    )
    review: str | None = Field(
        default=None, pattern=r"^(draft|submitted|returned|accepted|superseded)$"
    )
