"""Reading the audit: who may see which entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.domain.audit.models import AuditEntry, AuditSeal
from app.domain.base import where_given
from app.domain.principal import Principal


@dataclass(frozen=True)
class AuditFilter:
    """Which entries; None leaves that open. Instants: from `at_from`, before `at_to`."""

    action: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    unit: str | None = None
    at_from: datetime | None = None
    at_to: datetime | None = None
    refused: bool | None = None


@dataclass(frozen=True)
class SealedEntry:
    """An entry with its place in the chain."""

    seal: AuditSeal
    entry: AuditEntry


def visible_entries(by: Principal) -> list[ColumnElement[bool]]:
    """Return the conditions that keep what a caller may see: what was done with its unit's keys.

    Who sees the province sees all, the operator's commands included.
    """
    return [] if by.province_wide else [col(AuditEntry.unit_key) == by.unit]


def entries(
    session: Session, *, by: Principal, narrowed: AuditFilter, after: int | None, limit: int
) -> Sequence[SealedEntry]:
    """Return sealed entries in the order of the chain, from the place behind `after` on."""
    statement = (
        select(AuditSeal, AuditEntry)
        .join(AuditEntry, col(AuditEntry.id) == AuditSeal.entry_id)
        .where(*visible_entries(by), *_conditions(narrowed))
    )
    if after is not None:
        statement = statement.where(col(AuditSeal.seq) > after)
    found = session.exec(statement.order_by(col(AuditSeal.seq)).limit(limit))
    return [SealedEntry(*row) for row in found]


def _conditions(narrowed: AuditFilter) -> list[ColumnElement[bool]]:
    equal = {
        AuditEntry.action: narrowed.action,
        AuditEntry.target_kind: narrowed.target_kind,
        AuditEntry.target_id: narrowed.target_id,
        AuditEntry.unit_key: narrowed.unit,
    }
    conditions = where_given(equal)
    if narrowed.at_from is not None:
        conditions.append(col(AuditEntry.at) >= narrowed.at_from)
    if narrowed.at_to is not None:
        conditions.append(col(AuditEntry.at) < narrowed.at_to)
    if narrowed.refused is not None:
        refusal = col(AuditEntry.refusal)
        conditions.append(refusal.is_not(None) if narrowed.refused else refusal.is_(None))
    return conditions
