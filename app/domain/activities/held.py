"""What is stored under natural keys, and what a body that comes again means to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from app.domain.activities.candidate import Candidate, NaturalKey
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.base import for_each
from app.domain.errors import DomainError, Text

Meaning = Literal["created", "updated", "unchanged"]


class ReportExists(DomainError):
    """The natural key is taken by a report that says something else."""

    text = Text(
        "report_exists",
        "Đã có báo cáo mang mã này (lần sửa hiện hành {revision}) với nội dung khác ở: {fields}.",
        "A report with this natural key exists (now at revision {revision}) and differs in: "
        "{fields}.",
    )


class RevisionChanged(DomainError):
    """The correction was made for another revision than the current one."""

    text = Text(
        "revision_changed",
        "Bản hiện hành là lần sửa {current}, không phải bản mà yêu cầu này dựa vào; hãy đọc lại.",
        "The current revision is {current}, not the one that this request was made for: read "
        "it again.",
    )


class ReportWithdrawn(DomainError):
    """The report is withdrawn: it takes no correction until it is reinstated."""

    text = Text(
        "report_withdrawn",
        "Báo cáo này đã rút lại (lần sửa {current}); hãy khôi phục trước khi sửa.",
        "The report is withdrawn (revision {current}); reinstate it before correcting it.",
    )


@dataclass
class Held:
    """A stored report: its current revision's number, and what its revisions say, by hash."""

    report_id: UUID
    number: int
    withdrawn: bool
    hashes: dict[int, str] = field(default_factory=dict)

    def said_before(self, candidate: Candidate, *, since: int) -> bool:
        """Tell whether a body is one sent again: what the report says now, or said since.

        `since` is the revision that it was made for: what only earlier ones say is a correction
        that takes the report back, and may be late.
        """
        if candidate.sha256 == self.hashes[self.number]:
            return True
        return any(
            candidate.sha256 == said for number, said in self.hashes.items() if number >= since
        )

    def meaning_of(self, candidate: Candidate, *, expected: int | None) -> Meaning:
        """Tell what a body that comes under this natural key means.

        `expected` is the revision that it is meant to correct; None where it is meant as new.
        What the report says now, or said since, changes nothing: it is a request sent again.
        Raises ReportExists (without the fields), RevisionChanged, ReportWithdrawn.
        """
        if self.said_before(candidate, since=expected or 1):
            return "unchanged"
        if expected is None:
            raise ReportExists(revision=self.number, fields="…")
        if self.withdrawn:
            raise ReportWithdrawn(current=self.number)
        if expected != self.number:
            raise RevisionChanged(current=self.number)
        return "updated"


def held(
    session: Session, keys: Iterable[NaturalKey], *, lock: bool = False
) -> dict[NaturalKey, Held]:
    """Return what is stored under natural keys; with `lock` nobody else changes it meanwhile."""
    groups: dict[tuple[str, str], set[str]] = {}
    for unit, system, external_id in keys:
        groups.setdefault((unit, system), set()).add(external_id)
    found: dict[NaturalKey, Held] = {}
    for (unit, system), ids in sorted(groups.items()):
        statement = (
            select(
                col(ActivityReport.external_id),
                col(ActivityReport.id),
                col(ActivityReport.number),
                col(ActivityReport.withdrawn_at),
            )
            .where(col(ActivityReport.unit_key) == unit)
            .where(col(ActivityReport.source_system) == system)
        )
        if lock:
            statement = statement.with_for_update()
        # In the order of the ids, in which the locks are taken then.
        rows = for_each(session, statement, col(ActivityReport.external_id), sorted(ids))
        for external_id, report_id, number, withdrawn_at in session.connection().execute(rows):
            found[unit, system, external_id] = Held(report_id, number, withdrawn_at is not None)
    _add_hashes(session, list(found.values()))
    return found


def _add_hashes(session: Session, found: Sequence[Held]) -> None:
    by_id = {one.report_id: one for one in found}
    if not by_id:
        return
    statement = select(
        col(ActivityRevision.report_id),
        col(ActivityRevision.number),
        col(ActivityRevision.body_sha256),
    )
    rows = for_each(session, statement, col(ActivityRevision.report_id), sorted(by_id))
    for report_id, number, sha256 in session.connection().execute(rows):
        by_id[report_id].hashes[number] = sha256
