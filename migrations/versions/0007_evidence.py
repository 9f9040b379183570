"""The consolidated report as evidence: views of what was known, and what became of proposals.

New columns are nullable and have no default, and the new table is empty: nothing is rewritten.

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "consolidation_request", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("consolidation_request", sa.Column("units_on", sa.Date(), nullable=True))
    _make_proposal_statuses()


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _make_proposal_statuses() -> None:
    op.create_table(
        "proposal_status",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", _bytewise(64), nullable=False),
        sa.Column("status", _bytewise(10), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'forwarded', 'accepted', 'declined')",
            name=op.f("ck_proposal_status_status_known"),
        ),
        sa.CheckConstraint(
            "status <> 'declined' OR answer IS NOT NULL",
            name=op.f("ck_proposal_status_declined_has_answer"),
        ),
        sa.CheckConstraint(
            "(document_number IS NULL) = (document_on IS NULL)",
            name=op.f("ck_proposal_status_document_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_proposal_status_submission_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_proposal_status_unit_key")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["api_key.id"], name=op.f("fk_proposal_status_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_status")),
    )
    current = sa.text("superseded_at IS NULL")
    op.create_index(
        "uq_proposal_status_current",
        "proposal_status",
        ["submission_id", "sha256"],
        unique=True,
        postgresql_where=current,
        sqlite_where=current,
    )
