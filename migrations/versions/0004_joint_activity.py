"""Joint activity: who is named, what they say to it, and which reports are one activity.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A revision's participants are one text, each key between blanks: `" gso-524 body-so-tttt "`.
NAMED_BEFORE = """
    INSERT INTO joint_naming (report_id, unit_key)
    SELECT DISTINCT activity_revision.report_id, unit.key FROM activity_revision
    JOIN unit ON activity_revision.participants LIKE '% ' || unit.key || ' %'
    WHERE activity_revision.participants <> ' '
"""


def upgrade() -> None:
    _make_participation()
    _make_links()
    op.execute(NAMED_BEFORE)


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _make_participation() -> None:
    op.create_table(
        "joint_naming",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["activity_report.id"], name=op.f("fk_joint_naming_report_id")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_joint_naming_unit_key")),
        sa.PrimaryKeyConstraint("report_id", "unit_key", name=op.f("pk_joint_naming")),
    )
    op.create_index("ix_joint_naming_unit", "joint_naming", ["unit_key", "report_id"])
    op.create_table(
        "participation",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decision", _bytewise(10), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('confirmed', 'disputed')", name=op.f("ck_participation_decision_known")
        ),
        sa.CheckConstraint(
            "decision <> 'disputed' OR reason IS NOT NULL",
            name=op.f("ck_participation_dispute_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["activity_report.id"], name=op.f("fk_participation_report_id")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_participation_unit_key")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["api_key.id"], name=op.f("fk_participation_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    op.create_index(
        "uq_participation_current",
        "participation",
        ["report_id", "unit_key"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )


def _make_links() -> None:
    op.create_table(
        "joint_link",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("first_report_id", sa.Uuid(), nullable=False),
        sa.Column("second_report_id", sa.Uuid(), nullable=False),
        sa.Column("state", _bytewise(10), nullable=False),
        sa.Column("claimed_by", _bytewise(80), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('claimed', 'confirmed', 'separated')",
            name=op.f("ck_joint_link_state_known"),
        ),
        sa.CheckConstraint(
            "first_report_id < second_report_id", name=op.f("ck_joint_link_reports_in_order")
        ),
        sa.CheckConstraint(
            "state <> 'separated' OR reason IS NOT NULL",
            name=op.f("ck_joint_link_separation_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["first_report_id"], ["activity_report.id"], name=op.f("fk_joint_link_first_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_report_id"],
            ["activity_report.id"],
            name=op.f("fk_joint_link_second_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["unit.key"], name=op.f("fk_joint_link_claimed_by")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_joint_link_unit_key")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["api_key.id"], name=op.f("fk_joint_link_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_link")),
    )
    op.create_index(
        "uq_joint_link_current",
        "joint_link",
        ["first_report_id", "second_report_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index("ix_joint_link_second_report_id", "joint_link", ["second_report_id"])
    op.create_index("ix_joint_link_link_id", "joint_link", ["link_id"])
