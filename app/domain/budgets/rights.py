"""Who may do what about budgets: by whose unit it is, and whose finance authority the caller is.

A budget unit sees and states its own, and what it answers for as a steward. A finance authority
sees and reviews the units whose authority it is, on the request's day. Nobody else sees them: who
sees the province sees the consolidation, which is Sở Tài chính's, and no unit's dossier.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.domain.budgets.models import BudgetAuthority
from app.domain.cycles.stewardships import stewards
from app.domain.errors import DomainError, NotFound, Text
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.submissions.rights import StewardFiles
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, holds_on, resolve, versions_of


class BudgetNotYours(DomainError):
    """Only the budget unit itself, or its steward once it ended, states its figures."""

    text = Text(
        "budget_not_yours",
        "Chỉ đơn vị dự toán {unit} (hoặc đơn vị tiếp quản) mới được lập, gửi dự toán này.",
        "Only the budget unit {unit}, or its steward, may state and submit this.",
    )


class NotFinanceAuthority(DomainError):
    """Only the finance authority of the same level reviews a unit's dossier (IV.3)."""

    text = Text(
        "not_finance_authority",
        "Chỉ cơ quan tài chính cùng cấp ({authority}) mới được làm việc này.",
        "Only the finance authority of the same level ({authority}) may do this.",
    )


class NoFinanceAuthority(DomainError):
    """Nobody is registered as the unit's finance authority."""

    text = Text(
        "no_finance_authority",
        "Chưa có cơ quan tài chính cùng cấp của đơn vị {unit} vào ngày {on}.",
        "No finance authority of the unit {unit} is registered for {on}.",
    )


@dataclass(frozen=True)
class Authority:
    """A unit's finance authority: its key, the budget level, and how sure that is."""

    key: str
    level: str
    provenance: str


def authority_of(session: Session, unit: UnitVersion, *, on: date) -> Authority | None:
    """Return a unit's finance authority on a day.

    A territorial unit without a row is presumed to be its own: its level's finance body (a
    district's Phòng Tài chính - Kế hoạch) belongs to its People's Committee, and is in no register.
    """
    row = session.exec(
        select(BudgetAuthority).where(
            BudgetAuthority.unit_key == unit.unit_key,
            *holds_on(BudgetAuthority, on),
            *known(BudgetAuthority),
        )
    ).first()
    if row is not None:
        return Authority(row.authority_key, row.level, row.provenance)
    if unit.level is not None:
        return Authority(unit.unit_key, unit.level, "assumption")
    return None


def governed(*authorities: str, on: date, level: str | None = None) -> ColumnElement[bool]:
    """Return the conditions on `BudgetAuthority` rows of some authorities that hold on a day."""
    narrowed = [] if level is None else [col(BudgetAuthority.level) == level]
    conditions = [
        col(BudgetAuthority.authority_key).in_(authorities),
        *holds_on(BudgetAuthority, on),
        *known(BudgetAuthority),
        *narrowed,
    ]
    found = conditions[0]
    for one in conditions[1:]:
        found &= one
    return found


def sees(unit_key: Any, *, by: Principal, on: date) -> ColumnElement[bool]:
    """Return the condition that keeps the rows of units that a caller may see."""
    own = sorted(by.acts_for)
    units = select(BudgetAuthority.unit_key).where(governed(*own, on=on))
    return col(unit_key).in_(own) | col(unit_key).in_(units)


def provincial_authorities(session: Session, *, by: Principal, on: date) -> set[str]:
    """Return for which finance authorities of the provincial budget the caller acts on a day."""
    statement = select(BudgetAuthority.authority_key).where(
        governed(*sorted(by.acts_for), on=on, level="province")
    )
    return set(session.exec(statement.distinct()))


def not_provincial(session: Session, *, on: date) -> NotFinanceAuthority:
    """Return the refusal that names the finance authorities of the provincial budget on a day."""
    statement = select(BudgetAuthority.authority_key).where(
        BudgetAuthority.level == "province",
        *holds_on(BudgetAuthority, on),
        *known(BudgetAuthority),
    )
    found = sorted(session.exec(statement.distinct()))
    return NotFinanceAuthority(authority=", ".join(found) or "—")


def is_own(unit: str, *, by: Principal) -> bool:
    """Tell whether the caller states a unit's figures: as the unit while it is, or its steward."""
    return unit in by.answers_for or (unit == by.unit and by.ended_on is None)


def must_be_own(session: Session, unit: str, *, by: Principal, on: date) -> None:
    """Let through who states a unit's figures. Raises BudgetNotYours, StewardFiles."""
    if is_own(unit, by=by):
        return
    if unit == by.unit:
        steward = stewards(session, on=on).get(unit, "—")
        raise StewardFiles(unit=unit, on=str(by.ended_on), steward=steward)
    raise BudgetNotYours(unit=unit)


def budget_unit(session: Session, reference: str | None, *, by: Principal, on: date) -> UnitVersion:
    """Return the unit that is meant: by key, also one that ended, or by its code on a day.

    Raises Invalid.
    """
    key = reference or by.unit
    for unit in bearing(session, key):
        if unit.unit_key == key:
            return unit
    return resolve(session, key, on=on, pointer="/unit")


def unit_by_key(session: Session, key: str) -> UnitVersion:
    """Return the unit with a key. Raises NotFound."""
    found = versions_of(session, {key}).get(key)
    if found is None:
        raise NotFound()
    return found
