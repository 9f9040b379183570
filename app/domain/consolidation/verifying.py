"""A saved report against the database: the stored version, its inputs, and built once more."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.consolidation.arithmetic import Rollup, fold
from app.domain.consolidation.build import build
from app.domain.consolidation.course import course_of
from app.domain.consolidation.facts import activity_facts
from app.domain.consolidation.findings import ABSENT, Check, Failed, Rule, checked, differences
from app.domain.consolidation.inputs import gather, indicator_heads
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    StoredRollup,
)
from app.domain.consolidation.queries import StoredReport
from app.domain.consolidation.rollup_json import from_json, to_json
from app.domain.consolidation.saved import Saved
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.cycles.queries import Cycle, cycle_by_id
from app.domain.period import instant_text
from app.domain.submissions.freeze import content_hash
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision

STORED: Final = Rule(
    "stored", "Đúng là bản lưu trong cơ sở dữ liệu", "It is a version that the database holds"
)
FROZEN: Final = Rule(
    "frozen",
    "Báo cáo của các đơn vị còn nguyên như khi gửi",
    "The units' submissions are what was submitted",
)
ROLLUPS: Final = Rule(
    "rollups", "Cộng lại từ từng hoạt động cho kết quả như cũ", "Their activity adds up as before"
)
REBUILT: Final = Rule(
    "rebuilt",
    "Tổng hợp lại từ các báo cáo cho đúng từng byte",
    "Built once more from its inputs it has the same bytes",
)
Progress = Callable[[int, int], None]
_MOST: Final = 100  # versions of a cycle that a changed file is compared with


@dataclass(frozen=True)
class Version:
    """A stored version: what to call it, and where it stands."""

    stored: StoredReport
    state: str
    document: str | None

    def __str__(self) -> str:
        cycle = f"{self.stored.cycle.plan_slug}.{self.stored.cycle.code}"
        document = f", document {self.document}" if self.document else ""
        return f"version {self.stored.report.version} of {cycle}, {self.state}{document}"


@dataclass(frozen=True)
class Against:
    """What the database says: the version that the file is, or should be, and what was checked."""

    version: Version | None
    checks: list[Check]


def check_against(session: Session, *, saved: Saved, progress: Progress) -> Against:
    """Check a saved report against the database.

    Where its bytes are stored nowhere it is compared with the version of the same cycle, instant,
    basis and hierarchy; or else with the one of its cycle that it differs least from.
    `progress` is told how many of how many inputs are done.
    """
    same = _with_hash(session, saved)
    found = same or _closest(session, saved)
    if found is None:
        return Against(None, [Check(STORED, 1, (Failed("", saved.sha256, "a stored hash"),))])
    version = _version(session, found)
    checks = [_stored(found, saved)]
    if saved.current:
        checks += _check_inputs(session, saved, found.cycle, progress)
        checks.append(_rebuilt(session, found, saved))
    return Against(version, checks)


def _with_hash(session: Session, saved: Saved) -> StoredReport | None:
    statement = (
        select(ConsolidatedReport, ReportingCycle)
        .join(ReportingCycle, col(ReportingCycle.id) == ConsolidatedReport.cycle_id)
        .where(ConsolidatedReport.sha256 == saved.sha256)
        .order_by(col(ConsolidatedReport.version))
    )
    row = session.exec(statement).first()
    return None if row is None else StoredReport(*row)


def _closest(session: Session, saved: Saved) -> StoredReport | None:
    """Return the version that the file was, as far as can be told."""
    plan, code = _text(saved.said, "plan", "slug"), _text(saved.said, "cycle", "code")
    statement = (
        select(ConsolidatedReport, ReportingCycle, ConsolidationRequest)
        .join(ReportingCycle, col(ReportingCycle.id) == ConsolidatedReport.cycle_id)
        .join(ConsolidationRequest, col(ConsolidationRequest.id) == ConsolidatedReport.id)
        .where(ReportingCycle.plan_slug == plan, ReportingCycle.code == code)
        .order_by(col(ConsolidatedReport.version).desc())
        .limit(_MOST)
    )
    rows = session.exec(statement).all()
    manifest = saved.said.get("manifest")
    alike = [row for row in rows if _made_as(row[2], manifest)] or rows
    return min(
        (StoredReport(report, cycle) for report, cycle, _ in alike),
        key=lambda one: sum(1 for _ in differences(saved.said, json.loads(one.report.content))),
        default=None,
    )


def _made_as(request: ConsolidationRequest, manifest: Any) -> bool:
    told = {
        "known_at": instant_text(request.known_at or request.requested_at),
        "basis": request.basis,
        "units_on": str(request.units_on or "as_reported"),
    }
    return isinstance(manifest, dict) and told.items() <= manifest.items()


def _text(said: dict[str, Any], part: str, name: str) -> str:
    """Return a text of a file that may be of any shape."""
    of = said.get(part)
    value = of.get(name) if isinstance(of, dict) else None
    return value if isinstance(value, str) else ""


def _version(session: Session, stored: StoredReport) -> Version:
    course = course_of(session, stored)
    issued = [step for step in course.steps if step.step == "issued"]
    document = f"{issued[-1].document_number} ({issued[-1].document_on})" if issued else None
    return Version(stored, course.state, document)


def _stored(found: StoredReport, saved: Saved) -> Check:
    content = found.report.content
    failed = list(differences(saved.said, json.loads(content)))
    kept = _sha256(content)
    if kept != found.report.sha256:
        failed.append(Failed("", f"stored hash {found.report.sha256}", f"{kept}, of its bytes"))
    return Check(STORED, 1, failed)


def _check_inputs(
    session: Session, saved: Saved, stored: ReportingCycle, progress: Progress
) -> list[Check]:
    """Look every input up, hash what it froze again, and add its activity up again."""
    if stored.id is None:
        raise RuntimeError("a stored cycle has an id")
    cycle = cycle_by_id(session, stored.id)
    over_time = {head.code: head.over_time for head in indicator_heads(session, cycle.plan)}
    inputs = _listed(saved)
    frozen: list[Failed | None] = []
    rollups: list[Failed | None] = []
    for place, one in enumerate(inputs):
        pointer = f"/manifest/inputs/{place}"
        revision = _revision(session, stored.id, one)
        if revision is None:
            named = f"{one.get('unit')}, revision {one.get('revision')}"
            frozen.append(Failed(pointer, named, "a submission of this cycle"))
        else:
            frozen += _frozen(session, cycle, one, revision, pointer)
            anew = fold(activity_facts(session, revision_id=revision.id), over_time)
            rollups += _added_up(session, one, revision.id, anew, pointer)
            session.expire_all()
        progress(place + 1, len(inputs))
    return [checked(FROZEN, frozen), checked(ROLLUPS, rollups)]


def _listed(saved: Saved) -> list[dict[str, Any]]:
    manifest = saved.said.get("manifest")
    inputs = manifest.get("inputs") if isinstance(manifest, dict) else None
    return [one for one in inputs if isinstance(one, dict)] if isinstance(inputs, list) else []


def _revision(session: Session, cycle_id: int, one: dict[str, Any]) -> SubmissionRevision | None:
    unit, number = one.get("unit"), one.get("revision")
    if not isinstance(unit, str) or not isinstance(number, int):
        return None
    return session.exec(
        select(SubmissionRevision)
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(
            RosterRow.cycle_id == cycle_id,
            RosterRow.unit_key == unit,
            SubmissionRevision.number == number,
        )
    ).first()


def _frozen(
    session: Session,
    cycle: Cycle,
    one: dict[str, Any],
    revision: SubmissionRevision,
    pointer: str,
) -> Iterator[Failed | None]:
    activity = session.exec(
        select(ActivityRevision.body_sha256)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .join(ActivityReport, col(ActivityReport.id) == ActivityRevision.report_id)
        .where(FrozenActivity.submission_revision_id == revision.id)
        .order_by(
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
        )
    ).all()
    now = content_hash(cycle=cycle, unit=one["unit"], revision=revision, activity=activity)
    yield _same_hash(f"{pointer}/sha256", one.get("sha256"), revision.sha256)
    yield _same_hash(f"{pointer}/sha256", one.get("sha256"), now)


def _added_up(
    session: Session, one: dict[str, Any], revision_id: UUID, anew: Rollup, pointer: str
) -> Iterator[Failed | None]:
    """Yield the stored rollup against the manifest, and against the activity added up anew.

    A rollup of a former schema has the hash of its own bytes, and says the same.
    """
    stored = session.get(StoredRollup, revision_id)
    says, at = one.get("rollup_sha256"), f"{pointer}/rollup_sha256"
    yield _same_hash(at, says, None if stored is None else _sha256(stored.content))
    if stored is not None and _read(stored.content) != anew:
        yield Failed(at, str(says), f"{_sha256(to_json(anew))}, its activity added up anew")
    else:
        yield None


def _read(content: bytes) -> Rollup | None:
    try:
        return from_json(content)
    except (KeyError, ValueError):
        return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _same_hash(pointer: str, says: Any, should: str | None) -> Failed | None:
    return None if says == should else Failed(pointer, str(says), should or ABSENT)


def _rebuilt(session: Session, found: StoredReport, saved: Saved) -> Check:
    request = session.get_one(ConsolidationRequest, found.report.id)
    try:
        report = build(gather(session, request=request))
    except (RuntimeError, LookupError, ValueError) as error:
        return Check(REBUILT, 1, (Failed("", "the stored inputs", f"whole; {error}"),))
    content = rfc8785.dumps(report.model_dump(mode="json", by_alias=True))
    if content == saved.canonical:
        return Check(REBUILT, 1)
    return Check(REBUILT, 1, tuple(differences(saved.said, json.loads(content))))
