"""Budget estimates: figures by stage, dossiers, calendars, finance authorities, consolidations.

Only new tables: nothing that is there is locked. Figures, frozen lines and consolidations are
never changed or deleted: triggers refuse it.

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPEND_ONLY = ("budget_figure", "budget_line", "budget_consolidation")


def upgrade() -> None:
    _make_budget_authority()
    _make_budget_calendar()
    _make_budget_submission()
    _make_budget_consolidation()
    _make_budget_estimate()
    _make_budget_submission_revision()
    _make_budget_figure()
    _make_budget_line()
    _refuse_overlaps()
    _append_only()


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(
        postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
    )


def _make_budget_authority() -> None:
    op.create_table(
        "budget_authority",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("authority_key", _bytewise(80), nullable=False),
        sa.Column("level", _bytewise(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("provenance", _bytewise(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("actor", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "level IN ('province', 'district', 'commune')",
            name=op.f("ck_budget_authority_level_known"),
        ),
        sa.CheckConstraint(
            "provenance IN ('plan', 'assumption', 'decision')",
            name=op.f("ck_budget_authority_provenance_known"),
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_budget_authority_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(
            ["authority_key"], ["unit.key"], name=op.f("fk_budget_authority_authority_key")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_budget_authority_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_authority")),
    )
    op.create_index("ix_budget_authority_authority_key", "budget_authority", ["authority_key"])
    op.create_index("ix_budget_authority_unit_key", "budget_authority", ["unit_key"])


def _make_budget_calendar() -> None:
    op.create_table(
        "budget_calendar",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("opens_at", _instant(), nullable=False),
        sa.Column("due_at", _instant(), nullable=False),
        sa.Column("freeze_at", _instant(), nullable=False),
        sa.Column("provenance", _bytewise(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("actor", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "provenance IN ('plan', 'assumption', 'decision')",
            name=op.f("ck_budget_calendar_provenance_known"),
        ),
        sa.CheckConstraint(
            "due_at <= freeze_at", name=op.f("ck_budget_calendar_due_before_freeze")
        ),
        sa.CheckConstraint("opens_at < due_at", name=op.f("ck_budget_calendar_opens_before_due")),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_budget_calendar_plan_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_calendar")),
    )
    op.create_index(
        "uq_budget_calendar_current",
        "budget_calendar",
        ["plan_slug", "budget_year"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )


def _make_budget_submission() -> None:
    op.create_table(
        "budget_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_budget_submission_plan_slug")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_budget_submission_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_submission")),
        sa.UniqueConstraint(
            "unit_key",
            "plan_slug",
            "budget_year",
            name=op.f("uq_budget_submission_unit_key_plan_slug_budget_year"),
        ),
    )


def _make_budget_consolidation() -> None:
    op.create_table(
        "budget_consolidation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("authority_key", _bytewise(80), nullable=False),
        sa.Column("frozen_at", _instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _bytewise(64), nullable=False),
        sa.Column("built_at", _instant(), nullable=False),
        sa.Column("built_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_key"], ["unit.key"], name=op.f("fk_budget_consolidation_authority_key")
        ),
        sa.ForeignKeyConstraint(
            ["built_by"], ["api_key.id"], name=op.f("fk_budget_consolidation_built_by")
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_budget_consolidation_plan_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_consolidation")),
        sa.UniqueConstraint(
            "plan_slug",
            "budget_year",
            "version",
            name=op.f("uq_budget_consolidation_plan_slug_budget_year_version"),
        ),
    )


def _make_budget_estimate() -> None:
    op.create_table(
        "budget_estimate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("item_code", _bytewise(20), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("source", _bytewise(40), nullable=False),
        sa.Column("chapter", _bytewise(3), nullable=False),
        sa.Column("category", _bytewise(3), nullable=False),
        sa.Column("subcategory", _bytewise(3), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_slug", "item_code"],
            ["plan_item.plan_slug", "plan_item.code"],
            name=op.f("fk_budget_estimate_plan_slug_item_code"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_budget_estimate_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_estimate")),
        sa.UniqueConstraint(
            "unit_key",
            "plan_slug",
            "budget_year",
            "item_code",
            "source",
            "chapter",
            "category",
            "subcategory",
            name="uq_budget_estimate_what",
        ),
    )


def _make_budget_submission_revision() -> None:
    op.create_table(
        "budget_submission_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", _bytewise(12), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("drafted_at", _instant(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("signer_title", sa.String(), nullable=True),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("received_at", _instant(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("filed_by", _bytewise(80), nullable=True),
        sa.Column("authority_key", _bytewise(80), nullable=True),
        sa.Column("level", _bytewise(10), nullable=True),
        sa.Column("sha256", _bytewise(64), nullable=True),
        sa.Column("reviewed_at", _instant(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("comments", _json(), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (received_at IS NULL)",
            name=op.f("ck_budget_submission_revision_draft_not_received"),
        ),
        sa.CheckConstraint(
            "(state = 'returned') = (comments IS NOT NULL)",
            name=op.f("ck_budget_submission_revision_return_commented"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'consolidated', 'superseded')",
            name=op.f("ck_budget_submission_revision_state_known"),
        ),
        sa.CheckConstraint(
            "(received_at IS NULL) = (sha256 IS NULL)",
            name=op.f("ck_budget_submission_revision_received_is_hashed"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_key"],
            ["unit.key"],
            name=op.f("fk_budget_submission_revision_authority_key"),
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["api_key.id"], name=op.f("fk_budget_submission_revision_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["unit.key"], name=op.f("fk_budget_submission_revision_filed_by")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["api_key.id"], name=op.f("fk_budget_submission_revision_reviewed_by")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["budget_submission.id"],
            name=op.f("fk_budget_submission_revision_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["api_key.id"],
            name=op.f("fk_budget_submission_revision_submitted_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_submission_revision")),
        sa.UniqueConstraint(
            "submission_id",
            "number",
            name=op.f("uq_budget_submission_revision_submission_id_number"),
        ),
    )
    op.create_index(
        "uq_budget_submission_revision_consolidated",
        "budget_submission_revision",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("state = 'consolidated'"),
        sqlite_where=sa.text("state = 'consolidated'"),
    )
    op.create_index(
        "uq_budget_submission_revision_draft",
        "budget_submission_revision",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
        sqlite_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq_budget_submission_revision_submitted",
        "budget_submission_revision",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("state = 'submitted'"),
        sqlite_where=sa.text("state = 'submitted'"),
    )


def _make_budget_figure() -> None:
    op.create_table(
        "budget_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("estimate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", _bytewise(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("stated_at", _instant(), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_by_unit", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "stage IN ('proposed', 'allocated', 'adjusted', 'executed', 'settled')",
            name=op.f("ck_budget_figure_stage_known"),
        ),
        sa.CheckConstraint(
            "(document_number IS NULL) = (document_on IS NULL)",
            name=op.f("ck_budget_figure_document_pair"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 9007199254740991", name=op.f("ck_budget_figure_amount_range")
        ),
        sa.ForeignKeyConstraint(
            ["estimate_id"], ["budget_estimate.id"], name=op.f("fk_budget_figure_estimate_id")
        ),
        sa.ForeignKeyConstraint(
            ["stated_by"], ["api_key.id"], name=op.f("fk_budget_figure_stated_by")
        ),
        sa.ForeignKeyConstraint(
            ["stated_by_unit"], ["unit.key"], name=op.f("fk_budget_figure_stated_by_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_figure")),
        sa.UniqueConstraint(
            "estimate_id", "number", name=op.f("uq_budget_figure_estimate_id_number")
        ),
    )


def _make_budget_line() -> None:
    op.create_table(
        "budget_line",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("figure_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["figure_id"], ["budget_figure.id"], name=op.f("fk_budget_line_figure_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["budget_submission_revision.id"],
            name=op.f("fk_budget_line_revision_id"),
        ),
        sa.PrimaryKeyConstraint("revision_id", "figure_id", name=op.f("pk_budget_line")),
    )
    op.create_index(op.f("ix_budget_line_figure_id"), "budget_line", ["figure_id"])


def _refuse_overlaps() -> None:
    """Refuse two current finance authorities of one unit whose half-open periods share a day."""
    name = "budget_authority_periods_do_not_overlap"
    clash = """SELECT 1 FROM budget_authority o
        WHERE o.id <> NEW.id AND o.superseded_at IS NULL AND o.unit_key = NEW.unit_key
        AND (NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to)
        AND (o.valid_to IS NULL OR NEW.valid_from < o.valid_to)"""
    if _on_sqlite():
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"""CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON budget_authority
                WHEN NEW.superseded_at IS NULL
                BEGIN SELECT RAISE(ABORT, '{name}') WHERE EXISTS ({clash}); END"""
            )
        return
    op.execute(
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('{name}'));
            IF EXISTS ({clash}) THEN
                RAISE EXCEPTION USING ERRCODE = 'exclusion_violation',
                    MESSAGE = '{name}', CONSTRAINT = '{name}';
            END IF;
            RETURN NULL;
        END $$"""
    )
    op.execute(
        f"""CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON budget_authority
        FOR EACH ROW WHEN (NEW.superseded_at IS NULL) EXECUTE FUNCTION {name}()"""
    )


def _append_only() -> None:
    if not _on_sqlite():
        op.execute(
            """CREATE FUNCTION budget_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = TG_TABLE_NAME || '_is_append_only';
            END $$"""
        )
    for table in APPEND_ONLY:
        if not _on_sqlite():
            op.execute(
                f"""CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION budget_is_append_only()"""
            )
            continue
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"""CREATE TRIGGER {table}_is_append_only_{event.lower()} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table}_is_append_only'); END"""
            )
