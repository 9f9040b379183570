"""Reading dossiers: which a caller may see, what they hold, what may be done with them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.base import where_given
from app.domain.budgets.estimates import StoredEstimate, estimates_of_year
from app.domain.budgets.models import (
    BudgetCalendar,
    BudgetEstimate,
    BudgetFigure,
    BudgetLine,
    BudgetSubmission,
    BudgetSubmissionRevision,
)
from app.domain.budgets.rights import authority_of, is_own, sees, unit_by_key
from app.domain.budgets.years import calendars
from app.domain.errors import DomainError, Fault, NotFound, Text
from app.domain.period import local_day
from app.domain.principal import Principal, Scope

Action = Literal["submit", "return", "consolidate", "revise", "correct"]
ACTIONS: Final[dict[Action, Scope]] = {
    "submit": Scope.SUBMIT_BUDGETS,
    "return": Scope.REVIEW_BUDGETS,
    "consolidate": Scope.REVIEW_BUDGETS,
    "revise": Scope.DRAFT_BUDGETS,
    "correct": Scope.DRAFT_BUDGETS,
}
_IN_STATE: Final[dict[str, tuple[Action, ...]]] = {
    "draft": ("submit",),
    "submitted": ("return", "consolidate"),
    "returned": ("revise",),
    "consolidated": ("correct",),
}
DOSSIER_ACTIONS = Text(
    "budget_actions_allowed",
    "Các thao tác khóa này được làm lúc này là: {allowed}.",
    "What this key may do now: {allowed}.",
)


class DossierActionNotAllowed(DomainError):
    """The dossier's state does not allow the action; the fault lists what this caller may."""

    text = Text(
        "budget_action_not_allowed",
        "Hồ sơ dự toán đang ở trạng thái «{state}», không thể {action}; có thể: {allowed}.",
        "The dossier is `{state}`; `{action}` is not possible, but: {allowed}.",
    )


@dataclass(frozen=True)
class StoredDossier:
    """A dossier with its current revision, its first receipt, and the year's calendar."""

    submission: BudgetSubmission
    revision: BudgetSubmissionRevision
    first_received_at: datetime | None
    calendar: BudgetCalendar | None


def dossiers(
    session: Session,
    *,
    by: Principal,
    at: datetime,
    plan: str | None = None,
    budget_year: int | None = None,
    unit: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredDossier]:
    """Return visible dossiers in the order in which they were begun, `limit` at most."""
    statement = (
        select(BudgetSubmission)
        .join(
            BudgetSubmissionRevision,
            (col(BudgetSubmissionRevision.submission_id) == BudgetSubmission.id)
            & (col(BudgetSubmissionRevision.number) == BudgetSubmission.number),
        )
        .where(sees(BudgetSubmission.unit_key, by=by, on=local_day(at)))
    )
    narrowed = {
        BudgetSubmission.plan_slug: plan,
        BudgetSubmission.budget_year: budget_year,
        BudgetSubmission.unit_key: unit,
        BudgetSubmissionRevision.state: state,
    }
    statement = statement.where(*where_given(narrowed))
    if after is not None:
        statement = statement.where(col(BudgetSubmission.id) > after)
    rows = session.exec(statement.order_by(col(BudgetSubmission.id)).limit(limit)).all()
    return _stored(session, rows)


def get_dossier(
    session: Session, *, submission_id: UUID, by: Principal, at: datetime, lock: bool = False
) -> StoredDossier:
    """Return a dossier; with `lock` of two that act at once the second sees the first's.

    Raises NotFound, also for one that the caller may not see.
    """
    statement = select(BudgetSubmission).where(
        BudgetSubmission.id == submission_id,
        sees(BudgetSubmission.unit_key, by=by, on=local_day(at)),
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.exec(statement).first()
    if row is None:
        raise NotFound()
    return stored(session, row)


def stored(session: Session, submission: BudgetSubmission) -> StoredDossier:
    """Return a dossier with what it stands on."""
    return _stored(session, [submission])[0]


def _stored(session: Session, rows: Sequence[BudgetSubmission]) -> list[StoredDossier]:
    """Return dossiers with what they stand on, in two statements however many."""
    said: dict[UUID, list[BudgetSubmissionRevision]] = {row.id: [] for row in rows}
    for one in session.exec(_revisions(*said)):
        said[one.submission_id].append(one)
    dates = {(one.plan_slug, one.budget_year): one for one in calendars(session)}
    return [
        StoredDossier(
            row,
            said[row.id][-1],
            min((one.received_at for one in said[row.id] if one.received_at), default=None),
            dates.get((row.plan_slug, row.budget_year)),
        )
        for row in rows
    ]


def revisions(session: Session, *, submission_id: UUID) -> Sequence[BudgetSubmissionRevision]:
    """Return all revisions of a dossier, in order."""
    return session.exec(_revisions(submission_id)).all()


def _revisions(*submissions: UUID) -> SelectOfScalar[BudgetSubmissionRevision]:
    return (
        select(BudgetSubmissionRevision)
        .where(col(BudgetSubmissionRevision.submission_id).in_(submissions))
        .order_by(col(BudgetSubmissionRevision.number))
        .execution_options(populate_existing=True)
    )


def get_revision(
    session: Session, found: StoredDossier, *, number: int
) -> BudgetSubmissionRevision:
    """Return a revision of a dossier that the caller sees. Raises NotFound."""
    for one in revisions(session, submission_id=found.submission.id):
        if one.number == number:
            return one
    raise NotFound()


def lines(
    session: Session, submission: BudgetSubmission, revision: BudgetSubmissionRevision
) -> list[StoredEstimate]:
    """Return the estimates of a revision: as they were frozen, or of a draft as they are now."""
    if revision.received_at is None:
        return estimates_of_year(
            session,
            unit=submission.unit_key,
            plan=submission.plan_slug,
            budget_year=submission.budget_year,
        )
    return frozen_lines(session, [revision.id])[revision.id]


def frozen_lines(
    session: Session, revision_ids: Sequence[UUID]
) -> Mapping[UUID, list[StoredEstimate]]:
    """Return the estimates that submitted revisions hold, each in an order that no id decides."""
    statement = (
        select(BudgetLine.revision_id, BudgetEstimate, BudgetFigure)
        .join(BudgetFigure, col(BudgetFigure.id) == BudgetLine.figure_id)
        .join(BudgetEstimate, col(BudgetEstimate.id) == BudgetFigure.estimate_id)
        .where(col(BudgetLine.revision_id).in_(revision_ids))
    )
    held: dict[UUID, dict[UUID, tuple[BudgetEstimate, dict[str, BudgetFigure]]]] = {
        number: {} for number in revision_ids
    }
    for revision_id, estimate, figure in session.exec(statement):
        held[revision_id].setdefault(estimate.id, (estimate, {}))[1][figure.stage] = figure
    return {
        number: sorted((StoredEstimate(*one) for one in found.values()), key=line_order)
        for number, found in held.items()
    }


def line_order(line: StoredEstimate) -> tuple[str, ...]:
    """Return the key by which the lines of a dossier are in order."""
    row = line.estimate
    return row.item_code, row.source, row.chapter, row.category, row.subcategory


def actions(session: Session, found: StoredDossier, *, by: Principal, at: datetime) -> list[Action]:
    """Return what the caller may do with a dossier now."""
    allowed = [one for one in _IN_STATE.get(found.revision.state, ()) if ACTIONS[one] in by.scopes]
    if not allowed:
        return []
    unit = found.submission.unit_key
    if found.revision.state == "submitted":
        authority = authority_of(session, unit_by_key(session, unit), on=local_day(at))
        return allowed if authority is not None and authority.key in by.acts_for else []
    return allowed if is_own(unit, by=by) else []


def check_action(
    session: Session, found: StoredDossier, action: Action, *, by: Principal, at: datetime
) -> None:
    """Let an action pass that the dossier's state allows this caller.

    Raises DossierActionNotAllowed, with what is allowed; whose it is was decided before.
    """
    allowed = actions(session, found, by=by, at=at)
    if action in allowed:
        return
    listed = ", ".join(allowed) or "—"
    raise DossierActionNotAllowed(
        Fault("", DOSSIER_ACTIONS, {"allowed": listed}, permitted=[*allowed]),
        state=found.revision.state,
        action=action,
        allowed=listed,
    )
