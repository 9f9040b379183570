"""API keys: made, listed, revoked."""

import sys
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from app.cli.desk import console, opened
from app.domain.access.service import create_key, keys, revoke_key
from app.domain.audit.service import audit
from app.domain.errors import DomainError
from app.domain.period import LOCAL_TIME, instant_text, local_day
from app.domain.principal import Scope
from app.domain.units.queries import resolve, versions_of

cli = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


class Profile(StrEnum):
    """What a key is for."""

    PORTAL = "portal"
    OFFICER = "officer"
    PROVINCE = "province"
    FINANCE = "finance"


_READING: Final = (Scope.READ_REFERENCE, Scope.READ_ACTIVITIES, Scope.READ_SUBMISSIONS)
_PORTAL: Final = (
    *_READING,
    Scope.WRITE_ACTIVITIES,
    Scope.DRAFT_SUBMISSIONS,
    Scope.READ_BUDGETS,
    Scope.DRAFT_BUDGETS,
    Scope.READ_WEBHOOKS,  # it is told at an address of its own
    Scope.WRITE_WEBHOOKS,
)
PROFILES: Final = {
    Profile.PORTAL: _PORTAL,  # a program posts and drafts; it does not submit
    Profile.OFFICER: (
        *_PORTAL,
        Scope.SUBMIT_SUBMISSIONS,
        Scope.SUBMIT_BUDGETS,
        Scope.READ_AUDIT,
        Scope.READ_HANDOVER,
    ),
    Profile.PROVINCE: (  # the focal unit, the committee's office
        *_READING,
        Scope.WRITE_ACTIVITIES,  # it enters on behalf what units report on paper
        Scope.REVIEW_SUBMISSIONS,
        Scope.MANAGE_CYCLES,
        Scope.READ_CONSOLIDATED,
        Scope.REQUEST_CONSOLIDATED,
        Scope.DECIDE_CONSOLIDATED,  # only the committee's office holds the role for it
        Scope.READ_AUDIT,
        Scope.READ_HANDOVER,
        Scope.READ_BUDGETS,
        Scope.REVIEW_BUDGETS,  # calendars and finance authorities; it is no finance authority
        Scope.READ_WEBHOOKS,
        Scope.WRITE_WEBHOOKS,
    ),
    Profile.FINANCE: (  # Sở Tài chính, the finance authority of a level: it reviews dossiers
        Scope.READ_REFERENCE,
        Scope.READ_BUDGETS,
        Scope.REVIEW_BUDGETS,
        Scope.READ_AUDIT,
    ),
}


@cli.command("create")
def create(
    unit: Annotated[str, typer.Option(help="The unit: its code today, or its key.")],
    profile: Annotated[Profile, typer.Option(help="What it is for; decides its scopes.")] = (
        Profile.PORTAL
    ),
    scope: Annotated[
        list[Scope] | None, typer.Option(help="Exactly these instead of the profile's; repeat.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    days: Annotated[int, typer.Option(min=1, max=1100, help="Days until it expires.")] = 365,
) -> None:
    """Make a key for a unit's program. It is printed this once, on standard output."""
    with opened() as (session, at):
        try:
            found = resolve(session, unit, on=local_day(at), pointer="--unit").unit_key
        except DomainError:
            if unit not in versions_of(session, {unit}):
                raise
            found = unit  # an ended unit can be named by its key
        row, secret = create_key(
            session,
            unit=found,
            scopes=scope or PROFILES[profile],
            label=label,
            at=at,
            expires_at=at + timedelta(days=days),
        )
        after = {
            "unit": found,
            "scopes": list(row.scopes),
            "expires_at": instant_text(row.expires_at),
        }
        target = ("api_key", str(row.id))
        audit(session, by=None, at=at, action="api_key.created", target=target, after=after)
        expires = row.expires_at.astimezone(LOCAL_TIME)
        print(  # noqa: T201 - the id and expiry go beside it, so that a pipe gets the key alone
            f"key {row.id} for {found}, until {expires:%Y-%m-%d %H:%M} (UTC+7), shown once:",
            file=sys.stderr,
        )
    print(secret)  # noqa: T201 - after the commit: a key that was shown is stored


@cli.command("list")
def list_keys() -> None:
    """List the keys; their secrets are not stored."""
    with opened() as (session, at):
        table = Table(Column("id", no_wrap=True), "unit", "label", "scopes", "expires", "state")
        for row in keys(session):
            revoked = row.revoked_at is not None
            state = "revoked" if revoked else "expired" if row.expires_at <= at else "good"
            table.add_row(
                str(row.id),
                row.unit_key,
                row.label,
                " ".join(row.scopes),
                f"{row.expires_at.astimezone(LOCAL_TIME):%Y-%m-%d}",
                state,
            )
    # A pipe and a narrow terminal get whole lines too: `keys revoke` wants the whole id.
    Console(width=max(console.width, 160)).print(table)


@cli.command("revoke")
def revoke(key_id: Annotated[UUID, typer.Argument(help="The key's id.")]) -> None:
    """Revoke a key, at once and for good."""
    with opened() as (session, at):
        row = revoke_key(session, key_id=key_id, at=at)
        if row.revoked_at == at:  # one that was revoked before stays as it is
            target, after = ("api_key", str(row.id)), {"unit": row.unit_key}
            audit(session, by=None, at=at, action="api_key.revoked", target=target, after=after)
        console.print(f"key {row.id} of {row.unit_key} is revoked", highlight=False)
