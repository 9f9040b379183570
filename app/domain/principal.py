"""Who is asking: a key, the unit that it is bound to, and what it may do."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """What a key may be allowed to do. A key holds only those it needs."""

    READ_REFERENCE = "reference:read"
    READ_ACTIVITIES = "activities:read"
    WRITE_ACTIVITIES = "activities:write"
    READ_SUBMISSIONS = "submissions:read"
    DRAFT_SUBMISSIONS = "submissions:draft"
    SUBMIT_SUBMISSIONS = "submissions:submit"
    REVIEW_SUBMISSIONS = "submissions:review"
    READ_CONSOLIDATED = "consolidated-reports:read"
    REQUEST_CONSOLIDATED = "consolidated-reports:request"
    DECIDE_CONSOLIDATED = "consolidated-reports:decide"
    MANAGE_CYCLES = "cycles:manage"
    READ_AUDIT = "audit:read"
    READ_HANDOVER = "handover:read"
    READ_BUDGETS = "budgets:read"
    DRAFT_BUDGETS = "budgets:draft"
    SUBMIT_BUDGETS = "budgets:submit"
    REVIEW_BUDGETS = "budgets:review"
    READ_WEBHOOKS = "webhooks:read"
    WRITE_WEBHOOKS = "webhooks:write"


@dataclass(frozen=True)
class Principal:
    """The caller of one request.

    `unit` is the key of the unit that the API key is bound to; `province_wide` is true while
    that unit is the focal unit or the People's Committee's office (dated roles), or the
    province of a plan itself: they see what every unit handed in. `request_id` goes into the
    audit's entries.

    `answers_for` holds the keys of the ended units whose steward the unit is today. `ended_on` is
    the first day on which the unit itself is no longer in being, where that day has come.
    """

    key_id: UUID
    unit: str
    scopes: frozenset[Scope]
    province_wide: bool = False
    request_id: str = ""
    answers_for: frozenset[str] = frozenset()
    ended_on: date | None = None

    @property
    def acts_for(self) -> frozenset[str]:
        """The keys of the units whose rights over records it has: its own, and those ended."""
        return self.answers_for | {self.unit}
