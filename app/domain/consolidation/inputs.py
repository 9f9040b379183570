"""Gathering what a report is built from: rollups, narratives, heads, all as they were known."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.canonical import canonical_sha256
from app.domain.catalogue.queries import indicators
from app.domain.consolidation.asked import what_is_asked
from app.domain.consolidation.build import Contribution, Hashes, Inputs, Purpose, units_of
from app.domain.consolidation.hierarchy_view import Placement, UnitHead, place_within
from app.domain.consolidation.joined_reports import joined_reports
from app.domain.consolidation.models import ConsolidationRequest, StoredRollup
from app.domain.consolidation.proposal_queries import statuses
from app.domain.consolidation.proposals import ProposalAnswer
from app.domain.consolidation.report import NarrativeSection
from app.domain.consolidation.report_figures import ExpectationLine, IndicatorHead, NilItemLine
from app.domain.consolidation.report_heads import CycleHead, PlanHead, RosterLine
from app.domain.consolidation.rollup_json import RollupReader
from app.domain.consolidation.roster_lines import StoredLine
from app.domain.cycles.queries import Cycle, cycle_by_id
from app.domain.instance import Instance
from app.domain.period import Period, instant_text
from app.domain.plans.models import Plan
from app.domain.plans.queries import items
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.said import content_of
from app.domain.units.hierarchy import Hierarchy, Placed
from app.domain.units.hierarchy_queries import load_register
from app.domain.units.queries import versions_of


def gather(session: Session, *, request: ConsolidationRequest) -> Inputs:
    """Return everything that the report of a request is built from."""
    at = request.known_at or request.requested_at
    cycle = cycle_by_id(session, request.cycle_id, known_at=at)
    plan = session.get_one(Plan, cycle.plan)
    stored = [StoredLine.model_validate(line) for line in request.roster]
    counting = {one.revision_id: one.line for one in stored if one.revision_id is not None}
    contributions = _contributions(session, counting, at)
    register = load_register(session, known_at=at)
    hierarchy = register.hierarchy()
    heads = indicator_heads(session, plan.slug, known_at=at)
    roster = [one.line for one in stored]
    return Inputs(
        plan=plan_head(plan),
        cycle=_cycle_head(cycle, at),
        roster=roster,
        contributions=contributions,
        joined=joined_reports(
            session,
            submissions={revision: line.unit for revision, line in counting.items()},
            known_at=at,
        ),
        indicators=heads,
        items=[item.code for item in items(session, plan=plan.slug)],
        asked=what_is_asked(session, cycle=cycle, known_at=at),
        placement=_placement(
            session, units_of(contributions), hierarchy, cycle.window, request.units_on, at
        ),
        known_at=instant_text(at),
        purpose=purpose_of(session),
        basis="submitted" if request.basis == "submitted" else "accepted",
        hashes=Hashes(
            roster=canonical_sha256([line.model_dump(mode="json") for line in roster]),
            register=register.sha256(),
            indicators=canonical_sha256([head.model_dump(mode="json") for head in heads]),
            plan=plan.document_sha256,
        ),
    )


def indicator_heads(
    session: Session, plan: str, *, known_at: datetime | None = None
) -> list[IndicatorHead]:
    """Return a plan's indicators as the report shows them, in the catalogue's order."""
    return [
        IndicatorHead.model_validate(
            {
                "code": row.indicator_code,
                "name_vi": row.name_vi,
                "unit_vi": row.unit_vi,
                "decimals": row.decimals,
                "over_time": row.over_time,
                "over_units": row.over_units,
            }
        )
        for row in indicators(session, plan=plan, known_at=known_at)
    ]


def plan_head(plan: Plan) -> PlanHead:
    """Return a plan as reports show it."""
    document = plan.document["document"]
    return PlanHead(
        slug=plan.slug,
        title=plan.title,
        issuer=document["issuer"],
        number=document["number"],
        issued_on=document["issued_on"],
    )


def _cycle_head(cycle: Cycle, at: datetime) -> CycleHead:
    last = cycle.supplement_due_at or cycle.due_at
    edition: Literal["deadline", "final"] = "final" if at >= last else "deadline"
    return CycleHead(
        code=cycle.code,
        kind=cycle.kind,
        name=cycle.name,
        year=cycle.year,
        window_from=cycle.window.bounds[0],
        window_to=cycle.window.bounds[1],
        due_at=instant_text(cycle.due_at),
        supplement_due_at=None
        if cycle.supplement_due_at is None
        else instant_text(cycle.supplement_due_at),
        items=None if cycle.items is None else list(cycle.items),
        edition=edition,
    )


def purpose_of(session: Session) -> Purpose:
    """Return what the database was created for."""
    purpose: Purpose = session.get_one(Instance, 1).purpose  # type: ignore[assignment]
    return purpose


def _placement(
    session: Session,
    units: Collection[str],
    hierarchy: Hierarchy,
    window: Period,
    units_on: date | None,
    at: datetime,
) -> Placement:
    """Return where the units of the activity stand: as they reported, or on another day.

    A parent is that of the day; as reported, of the last day on which the unit was in the window.
    """
    placed = {unit: Placed(unit) for unit in units}
    days_of = {unit: hierarchy.steps(unit, window) for unit in units}
    parents: dict[str, str | None] = {}
    if units_on is None:
        parents = {
            unit: hierarchy.parent(unit, on=days[-1]) for unit, days in days_of.items() if days
        }
    else:
        place = hierarchy.view(units_on)
        placed = {unit: place_within(place, unit, days) for unit, days in days_of.items()}
        homes = {found.unit for found in placed.values() if found.unit is not None}
        parents = {unit: hierarchy.parent(unit, on=units_on) for unit in homes}
    named = {*units, *(found.unit for found in placed.values() if found.unit is not None)}
    return Placement(
        units_on=units_on or "as_reported",
        placed=placed,
        heads={
            key: UnitHead(unit.body_name, unit.level)
            for key, unit in versions_of(session, named, known_at=at).items()
        },
        parents={unit: parent for unit, parent in parents.items() if parent is not None},
    )


def _contributions(
    session: Session, lines: dict[UUID, RosterLine], at: datetime
) -> list[Contribution]:
    statement = (
        select(SubmissionRevision, StoredRollup)
        .join(StoredRollup, col(StoredRollup.submission_revision_id) == SubmissionRevision.id)
        .where(col(SubmissionRevision.id).in_(lines))
    )
    rows = session.exec(statement).all()
    answers = statuses(
        session, submissions={revision.submission_id for revision, _ in rows}, known_at=at
    )
    reader = RollupReader()
    found = [
        _contribution(
            lines[revision.id],
            revision,
            stored,
            answers.get(revision.submission_id, {}),
            reader,
        )
        for revision, stored in rows
    ]
    if len(found) != len(lines):
        raise RuntimeError(f"{len(lines) - len(found)} rollups are missing")
    return found


def _contribution(
    line: RosterLine,
    revision: SubmissionRevision,
    stored: StoredRollup,
    answers: Mapping[str, ProposalAnswer],
    reader: RollupReader,
) -> Contribution:
    said = content_of(revision)
    return Contribution(
        line=line,
        rollup=reader.read(stored.content),
        rollup_sha256=stored.sha256,
        narrative=NarrativeSection(
            unit=line.unit,
            name=line.name,
            nil_reason=revision.nil_reason,
            narrative=Narrative.model_validate(revision.narrative),
        ),
        expectations=[
            ExpectationLine(
                item=row.plan_item, indicator=row.indicator, origin=row.origin, value=row.value
            )
            for row in said.expectations
        ],
        nil_items=[NilItemLine(item=row.plan_item, reason=row.reason) for row in said.nil_items],
        deliverables=said.deliverables,
        answers=answers,
    )
