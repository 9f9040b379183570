"""Who may do what with a submission now: by whose it is, its state, and the caller's role.

A unit drafts and submits by itself until it ends; afterwards its steward does. The focal unit
enters what comes on paper, from an incoming document. The focal unit reviews units' reports; its
own, and those that it filed as a steward, or entered for a unit whose steward it is, are reviewed
by the People's Committee's office.
"""

from datetime import date, datetime
from typing import Final, Literal

from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.cycles.queries import Duty
from app.domain.errors import DomainError, Fault, Text
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.reference import Reference
from app.domain.submissions.queries import StoredSubmission
from app.domain.submissions.receipts import reported_to

Action = Literal[
    "rewrite", "discard", "submit", "revise", "correct", "supplement", "accept", "return"
]
FiledAs = Literal["self", "steward", "focal_unit"]
ACTIONS: Final[dict[Action, Scope]] = {
    "rewrite": Scope.DRAFT_SUBMISSIONS,
    "discard": Scope.DRAFT_SUBMISSIONS,
    "submit": Scope.SUBMIT_SUBMISSIONS,
    "revise": Scope.DRAFT_SUBMISSIONS,
    "correct": Scope.DRAFT_SUBMISSIONS,
    "supplement": Scope.DRAFT_SUBMISSIONS,
    "accept": Scope.REVIEW_SUBMISSIONS,
    "return": Scope.REVIEW_SUBMISSIONS,
}
REVIEW: Final[tuple[Action, ...]] = ("accept", "return")
_IN_STATE: Final[dict[str, tuple[Action, ...]]] = {
    "draft": ("rewrite", "discard", "submit"),
    "submitted": ("accept", "return"),
    "returned": ("revise",),
    "accepted": ("correct", "supplement"),
}
_WORDS: Final[dict[str, str]] = {
    "rewrite": "sửa dự thảo",
    "discard": "bỏ dự thảo",
    "submit": "gửi",
    "revise": "soạn lại sau khi bị trả",
    "correct": "đính chính",
    "supplement": "bổ sung cuối năm",
    "accept": "duyệt",
    "return": "trả lại",
}


class SubmissionNotYours(DomainError):
    """Only the unit, its steward or, from a document, the focal unit drafts and submits."""

    text = Text(
        "submission_not_yours",
        "Chỉ {unit} mới được soạn và gửi báo cáo này.",
        "Only {unit} may draft and submit this submission.",
    )


class StewardFiles(DomainError):
    """The unit has ended: what it still owes is filed by its steward."""

    text = Text(
        "steward_files",
        "Đơn vị {unit} đã kết thúc hoạt động từ {on}; báo cáo do đơn vị tiếp quản gửi: {steward}.",
        "The unit {unit} ended on {on}; its reports are filed by its steward: {steward}.",
    )


class NotReviewer(DomainError):
    """Units' submissions are reviewed by the focal unit, its own by the committee's office."""

    text = Text(
        "not_reviewer",
        "Chỉ {reviewer} mới được duyệt báo cáo này.",
        "Only {reviewer} may review this submission.",
    )


class ActionNotAllowed(DomainError):
    """The submission's state does not allow the action; the fault lists what this caller may."""

    text = Text(
        "action_not_allowed",
        "Báo cáo đang ở trạng thái «{state}», không thể {words} ({action}); có thể: {allowed}.",
        "The submission is `{state}`; `{action}` ({words}) is not possible, but: {allowed}.",
    )


ACTIONS_ALLOWED = Text(
    "actions_allowed",
    "Các thao tác khóa này được làm lúc này là: {allowed}.",
    "What this key may do now: {allowed}.",
)


def filing_as(
    reference: Reference, row: Duty, *, by: Principal, at: datetime, plan: str, on_behalf: bool
) -> FiledAs | None:
    """Return as what the caller may file a row's report, or None where it may not.

    `on_behalf` tells that an incoming document is the evidence.
    """
    if on_behalf:
        focal = reference.holders(role=FOCAL_UNIT, on=local_day(at), plan=plan)
        return "focal_unit" if by.unit in focal and row.unit.unit_key != by.unit else None
    if row.unit.unit_key == by.unit:
        return "self" if by.ended_on is None else None
    return "steward" if row.unit.unit_key in by.answers_for else None


def refuse_filing(row: Duty, *, by: Principal, stewards: dict[str, str]) -> None:
    """Say why the caller may not file a row's report. Raises StewardFiles, SubmissionNotYours."""
    unit = row.unit.unit_key
    if unit == by.unit and by.ended_on is not None:
        raise StewardFiles(unit=unit, on=str(by.ended_on), steward=stewards.get(unit, "—"))
    raise SubmissionNotYours(unit=unit)


def reviewers(reference: Reference, found: StoredSubmission, *, on: date) -> set[str]:
    """Return the keys of the units that may review a submission on a day."""
    plan = found.cycle.plan
    focal = reference.holders(role=FOCAL_UNIT, on=on, plan=plan)
    unit, revision = found.row.unit.unit_key, found.revision
    answers = revision.filed_as == "steward" or reference.stewards(on).get(unit) in focal
    if unit in focal or (revision.filed_by in focal and answers):
        return reference.holders(role=PEOPLES_COMMITTEE_OFFICE, on=on, plan=plan)
    return focal


def actions(
    reference: Reference, found: StoredSubmission, *, by: Principal, at: datetime
) -> list[Action]:
    """Return what the caller may do with a submission now, in the order of a report's life.

    Where a draft is under way that the caller does not see, it may do nothing.
    """
    if found.revision.number != found.submission.number:
        return []
    possible = _IN_STATE.get(found.revision.state, ())
    if "supplement" in possible and not supplement_is_open(found):
        possible = tuple(action for action in possible if action != "supplement")
    allowed = [action for action in possible if ACTIONS[action] in by.scopes]
    if not allowed:
        return []
    if found.revision.state == "submitted":
        return allowed if by.unit in reviewers(reference, found, on=local_day(at)) else []
    return allowed if _may_file(reference, found, by=by, at=at) else []


def supplement_is_open(found: StoredSubmission) -> bool:
    """Tell whether the year-end supplement is still to come: a report has one, closing ones none.

    Nor has one that runs to the last day already: a supplement runs to a day behind it. Changes
    to a supplement that was accepted are corrections.
    """
    until = reported_to(found.receipts)
    if found.row.supplement_deadline(found.cycle, reported_to=until) is None:
        return False
    return all(receipt.kind != "supplement" for receipt in found.receipts)


def _may_file(
    reference: Reference, found: StoredSubmission, *, by: Principal, at: datetime
) -> bool:
    """Tell whether the caller files this report, or may enter a further revision of it.

    A draft is the caller's only in the way it was begun: the focal unit's from a document.
    """
    drafted_from_document = found.revision.incoming_on is not None
    ways = (drafted_from_document,) if found.revision.state == "draft" else (False, True)
    return any(
        filing_as(reference, found.row, by=by, at=at, plan=found.cycle.plan, on_behalf=way)
        for way in ways
    )


def check_action(
    reference: Reference,
    found: StoredSubmission,
    action: Action,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Let an action pass that the submission's state allows this caller.

    Raises ActionNotAllowed, with what is allowed; whose it is was decided before.
    """
    allowed = actions(reference, found, by=by, at=at)
    if action in allowed:
        return
    listed = ", ".join(allowed) or "—"
    raise ActionNotAllowed(
        Fault("", ACTIONS_ALLOWED, {"allowed": listed}, permitted=list(allowed)),
        state=found.revision.state,
        action=action,
        words=_WORDS[action],
        allowed=listed,
    )
