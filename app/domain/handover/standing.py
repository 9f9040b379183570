"""Which units a handover is about: the ended one, what stood under it, and who took over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.domain.access.models import ApiKey
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.cycles.models import RosterRow
from app.domain.cycles.stewardships import stewardships
from app.domain.recorded import known
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from app.domain.units.models import UnitParentage, UnitSuccession, UnitVersion
from app.domain.units.queries import subtree, versions_of


@dataclass(frozen=True)
class Within:
    """Whose activity is handed over: units, each on which days [from, to).

    `elsewhere` are reports that a correction moved to a day on which their unit no longer stood
    under the ended one, though a submission of that one had frozen them: by the report's id, up
    to which revision they are handed over.
    """

    unit: str
    days: dict[str, list[tuple[date, date]]]
    elsewhere: dict[UUID, int]
    elsewhere_units: frozenset[str]

    @property
    def units(self) -> list[str]:
        """The keys of all units with activity that may be handed over, in their order."""
        return sorted({*self.days, *self.elsewhere_units})

    def upto(self, report: ActivityReport) -> int:
        """Return up to which revision a report is handed over; 0 where it is not."""
        days = self.days.get(report.unit_key, ())
        if any(start <= report.occurred_on < end for start, end in days):
            return report.number
        return self.elsewhere.get(report.id, 0)


def within(session: Session, *, unit: str) -> Within:
    """Return whose activity is handed over with a unit: its own and what stood under it."""
    tree = subtree(unit)
    days: dict[str, list[tuple[date, date]]] = {}
    for key, start, end in session.exec(select(tree.c.unit_key, tree.c.day_from, tree.c.day_to)):
        days.setdefault(key, []).append((start, end))
    moved = session.exec(_elsewhere(unit)).all()
    return Within(
        unit,
        days,
        {report: number for report, _, number in moved},
        frozenset(key for _, key, _ in moved),
    )


def units_of_keys(session: Session, keys: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Return the units of API keys."""
    given = {key for key in keys if key is not None}
    statement = select(ApiKey.id, ApiKey.unit_key).where(col(ApiKey.id).in_(given))
    return dict(session.exec(statement).all())


def _elsewhere(unit: str) -> Any:
    tree = subtree(unit)
    day = col(ActivityReport.occurred_on)
    return (
        select(ActivityReport.id, ActivityReport.unit_key, func.max(ActivityRevision.number))
        .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .join(
            SubmissionRevision,
            col(SubmissionRevision.id) == FrozenActivity.submission_revision_id,
        )
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .join(
            tree,
            (tree.c.unit_key == ActivityReport.unit_key)
            & (tree.c.day_from <= day)
            & (tree.c.day_to > day),
            isouter=True,
        )
        .where(RosterRow.unit_key == unit, tree.c.unit_key.is_(None))
        .group_by(col(ActivityReport.id), col(ActivityReport.unit_key))
    )


def units_said(session: Session, *, held: Within, steward: str | None) -> dict[str, Any]:
    """Return what units.json says, as it is known now; `steward` is the ended unit's today."""
    keys = set(held.units)
    found = versions_of(session, keys)
    below = sorted(keys - {held.unit})
    return {
        "unit": _unit(found[held.unit]),
        "steward": steward,
        "units": [_unit(found[key]) for key in below],
        "parentages": [_parentage(row) for row in _parentages(session, keys)],
        "successions": [_succession(row) for row in _successions(session, keys)],
        "stewardships": [
            {
                "unit": row.unit_key,
                "steward": row.steward_key,
                "valid_from": str(row.valid_from),
                "valid_to": _day(row.valid_to),
                "provenance": row.provenance,
                "reason": row.reason,
                "document": row.document,
            }
            for row in stewardships(session, units=keys)
            if row.unit_key in keys
        ],
    }


def _parentages(session: Session, keys: Iterable[str]) -> Sequence[UnitParentage]:
    statement = select(UnitParentage).where(
        col(UnitParentage.unit_key).in_(keys), *known(UnitParentage)
    )
    order = (
        col(UnitParentage.unit_key),
        col(UnitParentage.valid_from).nulls_first(),
        col(UnitParentage.parent_key),
    )
    return session.exec(statement.order_by(*order)).all()


def _successions(session: Session, keys: Iterable[str]) -> Sequence[UnitSuccession]:
    sides = col(UnitSuccession.predecessor_key), col(UnitSuccession.successor_key)
    statement = select(UnitSuccession).where(
        sides[0].in_(keys) | sides[1].in_(keys), *known(UnitSuccession)
    )
    return session.exec(statement.order_by(col(UnitSuccession.effective_on), *sides)).all()


def _unit(row: UnitVersion) -> dict[str, Any]:
    return {
        "key": row.unit_key,
        "scheme": row.scheme,
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "level": row.level,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
        "provenance": row.provenance,
    }


def _parentage(row: UnitParentage) -> dict[str, Any]:
    return {
        "unit": row.unit_key,
        "parent": row.parent_key,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
    }


def _succession(row: UnitSuccession) -> dict[str, Any]:
    return {
        "predecessor": row.predecessor_key,
        "successor": row.successor_key,
        "effective_on": str(row.effective_on),
        "kind": row.kind,
        "share": row.share,
        "provenance": row.provenance,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
