"""Webhooks: endpoints, what they are told, its deliveries and their attempts.

Only new tables: nothing that is there is locked for longer than it takes to refer to it.

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _make_endpoints()
    _make_messages()
    _make_deliveries()
    _make_attempts()
    _make_cycles_told()


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _make_endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("url", _bytewise(2000), nullable=False),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("state", _bytewise(10), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("signing_key", _bytewise(16), nullable=False),
        sa.Column("rotated_at", _instant(), nullable=True),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("failing_since", _instant(), nullable=True),
        sa.Column("delivered_at", _instant(), nullable=True),
        sa.Column("disabled_at", _instant(), nullable=True),
        sa.Column("disabled_reason", _bytewise(10), nullable=True),
        sa.Column("removed_at", _instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('enabled', 'disabled', 'removed')",
            name=op.f("ck_webhook_endpoint_state_known"),
        ),
        sa.CheckConstraint(
            "disabled_reason IN ('failing', 'gone')",
            name=op.f("ck_webhook_endpoint_disabled_reason_known"),
        ),
        sa.CheckConstraint(
            "(state = 'disabled') = (disabled_at IS NOT NULL AND disabled_reason IS NOT NULL)",
            name=op.f("ck_webhook_endpoint_disabled_with_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'removed') = (removed_at IS NOT NULL)",
            name=op.f("ck_webhook_endpoint_removed_at"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["api_key.id"], name=op.f("fk_webhook_endpoint_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_webhook_endpoint_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index("ix_webhook_endpoint_unit_key", "webhook_endpoint", ["unit_key", "id"])


def _make_messages() -> None:
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", _bytewise(40), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
    )
    op.create_index("ix_webhook_message_created_at", "webhook_message", ["created_at"])


def _make_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("state", _bytewise(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _instant(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'failed')",
            name=op.f("ck_webhook_delivery_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["webhook_message.id"], name=op.f("fk_webhook_delivery_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "endpoint_id", "message_id", name=op.f("uq_webhook_delivery_endpoint_id_message_id")
        ),
    )
    op.create_index("ix_webhook_delivery_message_id", "webhook_delivery", ["message_id"])
    op.create_index("ix_webhook_delivery_endpoint_id", "webhook_delivery", ["endpoint_id", "id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["next_attempt_at"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def _make_attempts() -> None:
    op.create_table(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", _bytewise(40), nullable=True),
        sa.Column("next_attempt_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_delivery.id"], name=op.f("fk_webhook_attempt_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempt")),
    )


def _make_cycles_told() -> None:
    op.create_table(
        "webhook_cycle_told",
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("told_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_webhook_cycle_told_cycle_id")
        ),
        sa.PrimaryKeyConstraint("cycle_id", name=op.f("pk_webhook_cycle_told")),
    )
