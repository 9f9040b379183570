"""What checking an activity report asks of reference data, remembered for as long as it holds.

Reference data changes a few times a year and is asked some ten times for every report. Triggers
on its tables count every change in `reference_stamp`; each request reads that number with its
key, and what was remembered under another number is forgotten. So nothing stale is ever used.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy.orm import defer
from sqlmodel import Session, SQLModel, col, select

from app.domain.assignments.queries import assigned, holders, sees_the_province
from app.domain.catalogue.models import IndicatorVersion
from app.domain.catalogue.queries import codes, indicators
from app.domain.cycles.queries import window_of
from app.domain.cycles.stewardships import stewards
from app.domain.instance import ReferenceStamp
from app.domain.period import Period
from app.domain.plans.models import ContentTheme, Plan, PlanItem
from app.domain.plans.queries import themes
from app.domain.units.models import UnitVersion
from app.domain.units.queries import lineage, resolve, versions_of

_MOST: Final = 50_000  # answers kept; requests choose the questions, so there must be an end
_NOT_ASKED: Final[Any] = object()

Answer = TypeVar("Answer")
Row = TypeVar("Row", bound=SQLModel)


class Remembered:
    """Answers by question, good for one number of the stamp. Threads may share it."""

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self.answers: dict[tuple[Any, ...], Any] = {}


class Memory:
    """What a process remembers: the answers under the newest number that it has seen."""

    def __init__(self) -> None:
        self._newest = Remembered(0)

    def under(self, stamp: int) -> Remembered:
        """Return the answers that hold under this number."""
        newest = self._newest
        if stamp > newest.stamp:
            self._newest = newest = Remembered(stamp)
        # A request that read an older number, and was overtaken, gets a memory of its own.
        return newest if stamp == newest.stamp else Remembered(stamp)


def current(session: Session, memory: Memory) -> "Reference":
    """Return reference data as a unit of work that is opened now sees it."""
    stamp = session.exec(select(ReferenceStamp.version)).one()
    return Reference(session, memory.under(stamp))


class Reference:
    """Reference data as one unit of work sees it. The rows it returns are not to be changed."""

    def __init__(self, session: Session, remembered: Remembered) -> None:
        self._session = session
        self._answers = remembered.answers

    def plan(self, slug: str) -> Plan | None:
        """Return a plan, without its document, or None."""
        return self._once(("plan", slug), lambda: self._plan(slug))

    def items(self, plan: str) -> dict[str, PlanItem]:
        """Return the items of a plan that activity can be reported for, in the plan's order."""
        return self._once(("items", plan), lambda: self._items(plan))

    def themes(self, plan: str) -> dict[str, ContentTheme]:
        """Return a plan's content themes by code, in the plan's order."""
        return self._once(
            ("themes", plan),
            lambda: {row.code: self._kept(row) for row in themes(self._session, plan=plan)},
        )

    def indicators(self, plan: str) -> dict[str, IndicatorVersion]:
        """Return a plan's indicators by code, in the catalogue's order."""
        return self._once(
            ("indicators", plan),
            lambda: {
                row.indicator_code: self._kept(row) for row in indicators(self._session, plan=plan)
            },
        )

    def codes(self, list_: str, on: date) -> dict[str, str]:
        """Return the codes of a list on a day, with their Vietnamese names, in its order."""
        return self._once(
            ("codes", list_, on),
            lambda: {
                row.code: row.name_vi
                for row in codes(self._session, list_=list_)
                if on in row.period
            },
        )

    def unit(self, reference: str, on: date, pointer: str) -> UnitVersion:
        """Return the unit of a code or key on a day. Raises Invalid, as `resolve` does."""
        return self._once(
            ("unit", reference, on),
            lambda: self._kept(resolve(self._session, reference, on=on, pointer=pointer)),
        )

    def unit_by_key(self, key: str) -> UnitVersion:
        """Return the unit with a key that is known to be one."""
        return self._once(("key", key), lambda: self._kept(versions_of(self._session, {key})[key]))

    def above(self, unit: UnitVersion, on: date) -> list[UnitVersion]:
        """Return the unit and those above it on a day, nearest first."""
        return self._once(
            ("above", unit.unit_key, on),
            lambda: [self._kept(row) for row in lineage(self._session, unit, on)],
        )

    def assigned(self, *, plan: str, item: str, above: list[UnitVersion], on: date) -> bool:
        """Tell whether an item is assigned to a unit, or to one above it, on a day."""
        return self._once(
            ("assigned", plan, item, above[0].unit_key, on),
            lambda: assigned(self._session, plan=plan, item=item, above=above, on=on),
        )

    def holders(self, *, role: str, on: date, plan: str) -> set[str]:
        """Return the keys of the units that hold a role in a plan on a day."""
        return self._once(
            ("holders", role, on, plan),
            lambda: holders(self._session, role=role, on=on, plan=plan),
        )

    def sees_the_province(self, unit: str, on: date) -> bool:
        """Tell whether a unit holds a role that sees the province, or is a plan's province."""
        return self._once(
            ("sees", unit, on), lambda: sees_the_province(self._session, unit=unit, on=on)
        )

    def answers_for(self, unit: str, on: date) -> frozenset[str]:
        """Return the keys of the ended units that a unit answers for on a day, as their steward."""
        return self._once(
            ("answers_for", unit, on),
            lambda: frozenset(
                ended for ended, steward in self.stewards(on).items() if steward == unit
            ),
        )

    def stewards(self, on: date) -> dict[str, str]:
        """Return who answers for ended units on a day: the steward's key by the ended unit's."""
        return self._once(("stewards", on), lambda: stewards(self._session, on=on))

    def window(self, plan: str, on: date) -> Period:
        """Return the window of the yearly cycle that a day belongs to."""
        return self._once(("window", plan, on), lambda: window_of(self._session, plan=plan, on=on))

    def _plan(self, slug: str) -> Plan | None:
        statement = (
            select(Plan).where(Plan.slug == slug).options(defer(Plan.document))  # type: ignore[arg-type]
        )
        found = self._session.exec(statement).first()
        return None if found is None else self._kept(found)

    def _items(self, plan: str) -> dict[str, PlanItem]:
        statement = (
            select(PlanItem)
            .where(PlanItem.plan_slug == plan, PlanItem.kind != "funding_rule")
            .order_by(col(PlanItem.ordinal))
        )
        return {row.code: self._kept(row) for row in self._session.exec(statement)}

    def _kept(self, row: Row) -> Row:
        """Take a row out of the session: it outlives it, and nothing may expire or flush it."""
        if row in self._session:
            self._session.expunge(row)
        return row

    def _once(self, question: tuple[Any, ...], find: Callable[[], Answer]) -> Answer:
        found: Answer = self._answers.get(question, _NOT_ASKED)  # another thread may clear them
        if found is not _NOT_ASKED:
            return found
        found = find()
        self._keep(question, found)
        return found

    def _keep(self, question: tuple[Any, ...], answer: Any) -> None:
        if len(self._answers) >= _MOST:
            self._answers.clear()
        self._answers[question] = answer
