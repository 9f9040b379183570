"""Taking a plan's transcription into the database."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from app.domain.assignments.models import Assignment, UnitGroup, UnitGroupRule, UnitRole
from app.domain.errors import ReferenceDataRefused
from app.domain.period import Period
from app.domain.plans.document import PlanDocument, RoleHolding, Span
from app.domain.plans.models import ContentTheme, Plan, PlanItem
from app.domain.recorded import Change
from app.domain.reference_files import read_reference_file
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing


def load_plan(session: Session, *, file: Path, at: datetime) -> tuple[Plan, Change]:
    """Take a plan in: its themes, items, groups, assignments and roles.

    The same file again changes nothing; a signed plan never changes, so a file that says
    something else of a plan already loaded is refused, with the places that differ. Raises
    ReferenceDataRefused, also for unknown units and for periods that overlap.
    """
    document = read_reference_file(file, PlanDocument)
    said = document.model_dump(mode="json", by_alias=True)
    sha256 = hashlib.sha256(document.model_dump_json(by_alias=True).encode()).hexdigest()
    loaded = session.get(Plan, document.slug)
    if loaded is not None:
        if loaded.document_sha256 == sha256:
            return loaded, "unchanged"
        places = ", ".join(_differences(loaded.document, said, ""))
        raise ReferenceDataRefused(
            file=file.name, reason=f"{document.slug} is loaded already and differs at {places}"
        )
    plan_from, plan_to = _days(document.period)
    plan = Plan(
        slug=document.slug,
        title=document.title,
        province_code=document.province,
        valid_from=plan_from,
        valid_to=plan_to,
        document=said,
        document_sha256=sha256,
        loaded_at=at,
    )
    _Loader(session, file.name, document, plan, at).load()
    return plan, "added"


class _Loader:
    """Adds one plan's rows, in the order in which they refer to each other."""

    def __init__(
        self, session: Session, file: str, document: PlanDocument, plan: Plan, at: datetime
    ) -> None:
        self.session, self.file, self.document, self.plan, self.at = (
            session,
            file,
            document,
            plan,
            at,
        )

    def load(self) -> None:
        assignments = list(self._assignments())  # refuses unknown units before anything is added
        roles = [self._role(role) for role in self.document.roles]
        self._add([self.plan])
        self._add([*self._themes(), *self._items()])
        self._add(
            UnitGroup(plan_slug=self.plan.slug, key=group.key, name=group.name)
            for group in self.document.groups
        )
        self._add([*self._rules(), *assignments, *roles])

    def _add(self, rows: Any) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def _themes(self) -> Iterator[ContentTheme]:
        ordinal = 0
        for phase in self.document.phases:
            phase_from, phase_to = _days(phase.period)
            for theme in phase.themes:
                ordinal += 1
                yield ContentTheme(
                    plan_slug=self.plan.slug,
                    code=theme.code,
                    phase=phase.code,
                    ordinal=ordinal,
                    text=theme.text,
                    readings=[reading.model_dump() for reading in theme.readings],
                    valid_from=phase_from,
                    valid_to=phase_to,
                )

    def _items(self) -> Iterator[PlanItem]:
        for ordinal, item in enumerate(self.document.items, start=1):
            item_from, item_to = _days(item.period or self.document.period)
            yield PlanItem(
                plan_slug=self.plan.slug,
                code=item.code,
                kind=item.kind,
                ordinal=ordinal,
                heading=item.heading,
                text=list(item.text),
                readings=[reading.model_dump() for reading in item.readings],
                valid_from=item_from,
                valid_to=item_to,
            )

    def _rules(self) -> Iterator[UnitGroupRule]:
        for group in self.document.groups:
            yield UnitGroupRule(
                plan_slug=self.plan.slug,
                group_key=group.key,
                open=group.open,
                members=[part.model_dump(mode="json", by_alias=True) for part in group.members],
                provenance=group.provenance,
                note=group.note,
                recorded_at=self.at,
            )

    def _assignments(self) -> Iterator[Assignment]:
        for item in self.document.items:
            period = Period(*_days(item.period or self.document.period))
            for assignment in item.assignments:
                for party in assignment.parties:
                    yield from self._parties(
                        party,
                        place=item.code,
                        period=period,
                        shared={
                            "plan_slug": self.plan.slug,
                            "item_code": item.code,
                            "role": assignment.role,
                            "text": assignment.text,
                            "recorded_at": self.at,
                        },
                    )

    def _parties(
        self, party: str, *, place: str, period: Period, shared: dict[str, Any]
    ) -> Iterator[Assignment]:
        kind, _, key = party.partition(":")
        if kind == "group":
            start, end = period.bounds
            yield Assignment(group_key=key, valid_from=start, valid_to=end, **shared)
            return
        for unit in self._units(key, place, period):
            held = unit.period.intersect(period)
            if held is not None:
                start, end = held.bounds
                yield Assignment(unit_key=unit.unit_key, valid_from=start, valid_to=end, **shared)

    def _units(self, code: str, place: str, period: Period) -> list[UnitVersion]:
        units = [u for u in bearing(self.session, code) if u.period.overlaps(period)]
        if not units:
            reason = f"{place} names the unknown unit {code} (no such unit in {period})"
            raise ReferenceDataRefused(file=self.file, reason=reason)
        return units

    def _role(self, holding: RoleHolding) -> UnitRole:
        period = Period(holding.valid_from, holding.valid_to)
        unit = self._units(holding.unit, f"role {holding.role}", period)[0]
        return UnitRole(
            plan_slug=self.plan.slug,
            role=holding.role,
            unit_key=unit.unit_key,
            valid_from=holding.valid_from,
            valid_to=holding.valid_to,
            provenance=holding.provenance,
            recorded_at=self.at,
        )


def _days(span: Span) -> tuple[date, date]:
    return Period(span.valid_from, span.valid_to).bounds


def _differences(old: Any, new: Any, place: str) -> list[str]:
    """Return the JSON Pointers at which two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = sorted(old.keys() | new.keys())
        return [
            found
            for name in names
            for found in _differences(old.get(name), new.get(name), f"{place}/{name}")
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            found
            for index, (one, other) in enumerate(zip(old, new, strict=True))
            for found in _differences(one, other, f"{place}/{index}")
        ]
    return [] if old == new else [place]
