"""Making, finding and revoking API keys."""

import hashlib
import secrets
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.domain.access.models import ApiKey
from app.domain.base import new_id
from app.domain.errors import DomainError, NotFound, Text
from app.domain.instance import ReferenceStamp
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.reference import Memory, Reference
from app.domain.units.models import UnitVersion

_IDENTIFY: Final = sqlalchemy.select(
    col(ApiKey.id),
    col(ApiKey.unit_key),
    col(ApiKey.scopes),
    col(ApiKey.expires_at),
    col(ApiKey.revoked_at),
    sqlalchemy.select(col(ReferenceStamp.version))
    .where(col(ReferenceStamp.id) == 1)
    .scalar_subquery()
    .label("stamp"),
).where(col(ApiKey.sha256) == bindparam("sha256"))
PREFIX: Final = "baocao_"
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH: Final = 32  # 62^32 is some 190 random bits
_CHECKSUM_LENGTH: Final = 6


class Unauthenticated(DomainError):
    """No key, or none that this service knows and still accepts."""

    text = Text(
        "unauthenticated",
        "Cần khóa còn hiệu lực trong tiêu đề «Authorization: Bearer …».",
        "A valid key is needed in the header `Authorization: Bearer …`.",
    )


class ScopeMissing(DomainError):
    """The key is good, but it was not made for this."""

    text = Text(
        "scope_missing",
        "Khóa này không có quyền «{scope}» mà thao tác này cần.",
        "This key does not have the scope `{scope}` that this operation needs.",
    )


def create_key(
    session: Session,
    *,
    unit: str,
    scopes: Iterable[Scope],
    label: str,
    at: datetime,
    expires_at: datetime,
) -> tuple[ApiKey, str]:
    """Make a key for a unit (its unit key); return its row and the secret.

    The secret is shown this once: only its SHA-256 is stored, which is enough for a key of
    190 random bits. It carries a prefix, by which scanners know it, and a checksum, by which
    a mistyped one is refused without a look at the database.
    """
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    secret = f"{PREFIX}{random}{_checksum(random)}"
    row = ApiKey(
        id=new_id(at),
        sha256=_sha256(secret),
        label=label,
        unit_key=unit,
        scopes=tuple(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row, secret


def authenticate(
    session: Session,
    memory: Memory,
    *,
    secret: str | None,
    at: datetime,
    request_id: str = "",
) -> tuple[Principal, Reference]:
    """Return who is behind a key, and the reference data that the request meets.

    Raises Unauthenticated, whatever is wrong with the key.
    """
    if secret is None or not well_formed(secret):
        raise Unauthenticated()
    row = session.connection().execute(_IDENTIFY, {"sha256": _sha256(secret)}).first()
    if row is None or row.expires_at <= at or (row.revoked_at and row.revoked_at <= at):
        raise Unauthenticated()
    reference = Reference(session, memory.under(row.stamp))
    today = local_day(at)
    by = Principal(
        key_id=row.id,
        unit=row.unit_key,
        scopes=_scopes(row.scopes),
        province_wide=reference.sees_the_province(row.unit_key, today),
        request_id=request_id,
        answers_for=reference.answers_for(row.unit_key, today),
        ended_on=_ended_on(reference.unit_by_key(row.unit_key), today),
    )
    return by, reference


def revoke_key(session: Session, *, key_id: UUID, at: datetime) -> ApiKey:
    """Revoke a key; one that is revoked stays so. Raises NotFound."""
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound()
    if row.revoked_at is None:
        row.revoked_at = at
        session.add(row)
    return row


def key_of(session: Session, *, by: Principal) -> ApiKey:
    """Return the key that a caller was resolved from."""
    return session.get_one(ApiKey, by.key_id)


def keys(session: Session) -> Sequence[ApiKey]:
    """Return all keys, oldest first; their secrets are not stored."""
    return session.exec(select(ApiKey).order_by(col(ApiKey.id))).all()


def well_formed(secret: str) -> bool:
    """Tell whether a text is a key of ours: prefix, length, letters and checksum."""
    body = secret.removeprefix(PREFIX)
    random = body[:_RANDOM_LENGTH]
    return (
        secret.startswith(PREFIX)
        and len(body) == _RANDOM_LENGTH + _CHECKSUM_LENGTH
        and body.isascii()
        and body.isalnum()
        and body[_RANDOM_LENGTH:] == _checksum(random)
    )


@cache
def _scopes(names: tuple[str, ...]) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in names)


def _ended_on(unit: UnitVersion, today: date) -> date | None:
    end = unit.valid_to
    return end if end is not None and end <= today else None


def _checksum(random: str) -> str:
    value = zlib.crc32(random.encode())
    letters = ""
    for _ in range(_CHECKSUM_LENGTH):
        value, place = divmod(value, len(_ALPHABET))
        letters = _ALPHABET[place] + letters
    return letters


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
