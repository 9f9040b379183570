"""Reminders: the outbox of notices, their e-mail, the units' mailboxes.

Only new tables: nothing that is there is locked.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _make_notices()
    _make_deliveries()
    _make_mailboxes()


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _make_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("roster_row_id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("subject_unit", _bytewise(80), nullable=False),
        sa.Column("part", _bytewise(10), nullable=False),
        sa.Column("occasion", _bytewise(10), nullable=False),
        sa.Column("due_at", _instant(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text_vi", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.CheckConstraint("part IN ('report', 'supplement')", name=op.f("ck_notice_part_known")),
        sa.CheckConstraint(
            "occasion IN ('due_in_14', 'due_in_7', 'due_in_1', 'late')",
            name=op.f("ck_notice_occasion_known"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_notice_cycle_id")
        ),
        sa.ForeignKeyConstraint(
            ["roster_row_id"], ["roster_row.id"], name=op.f("fk_notice_roster_row_id")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_notice_unit_key")),
        sa.ForeignKeyConstraint(
            ["subject_unit"], ["unit.key"], name=op.f("fk_notice_subject_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "roster_row_id",
            "part",
            "occasion",
            "due_at",
            name=op.f("uq_notice_roster_row_id_part_occasion_due_at"),
        ),
        sa.UniqueConstraint("seq", name=op.f("uq_notice_seq")),
    )
    op.create_index("ix_notice_unit", "notice", ["unit_key", "seq"])


def _make_deliveries() -> None:
    op.create_table(
        "notice_delivery",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("address", _bytewise(254), nullable=False),
        sa.Column("state", _bytewise(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _instant(), nullable=False),
        sa.Column("gives_up_at", _instant(), nullable=False),
        sa.Column("sent_at", _instant(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed')", name=op.f("ck_notice_delivery_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)",
            name=op.f("ck_notice_delivery_sent_at_if_sent"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice_delivery")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_notice_delivery_waiting",
        "notice_delivery",
        ["next_attempt_at"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def _make_mailboxes() -> None:
    op.create_table(
        "unit_mailbox",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("address", _bytewise(254), nullable=False),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_unit_mailbox_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_mailbox")),
    )
    current = sa.text("superseded_at IS NULL")
    op.create_index(
        "uq_unit_mailbox_current",
        "unit_mailbox",
        ["unit_key"],
        unique=True,
        postgresql_where=current,
        sqlite_where=current,
    )
