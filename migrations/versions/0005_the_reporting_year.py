"""The reporting year: extra cycles, amendments of the roster, stewardships, review of submissions.

The tables that are altered here hold hundreds of rows at most. On PostgreSQL nothing waits longer
than a few seconds for its locks: the migration fails then, whole, and can be tried again.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFERENCE_TABLES = ("stewardship",)  # what is remembered of reference data reads it
PROVENANCE_KNOWN = "provenance IN ('plan', 'assumption', 'decision')"


def upgrade() -> None:
    if not _on_sqlite():
        op.execute("SET LOCAL lock_timeout = '10s'")
    _widen_cycles()
    _widen_rosters()
    _make_decisions()
    _widen_submissions()
    _make_comments()
    _make_course()
    op.add_column("unit_role", sa.Column("reason", sa.String(), nullable=True))
    for table in REFERENCE_TABLES:
        _stamp(table)


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(
        postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
    )


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _widen_cycles() -> None:
    kinds = "kind IN ('yearly', 'periodic', 'on_request')"
    if _on_sqlite():
        _make_cycles_anew(kinds)
    else:
        op.add_column("reporting_cycle", sa.Column("code", _bytewise(40), nullable=True))
        op.execute("UPDATE reporting_cycle SET code = CAST(year AS VARCHAR)")
        op.alter_column("reporting_cycle", "code", nullable=False)
        op.drop_constraint("ck_reporting_cycle_kind_known", "reporting_cycle")
        op.drop_constraint("uq_reporting_cycle_plan_slug_year", "reporting_cycle")
        op.create_check_constraint(op.f("ck_reporting_cycle_kind_known"), "reporting_cycle", kinds)
        op.create_unique_constraint(
            op.f("uq_reporting_cycle_plan_slug_code"), "reporting_cycle", ["plan_slug", "code"]
        )
    yearly = sa.text("kind = 'yearly'")
    op.create_index(
        "uq_reporting_cycle_yearly",
        "reporting_cycle",
        ["plan_slug", "year"],
        unique=True,
        postgresql_where=yearly,
        sqlite_where=yearly,
    )
    for column in (
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("opens_at", _instant(), nullable=True),
        sa.Column("supplement_due_at", _instant(), nullable=True),
        sa.Column("items", _json(), nullable=True),
        sa.Column("actor", _bytewise(80), server_default="operator", nullable=False),
        sa.Column("document", sa.String(), nullable=True),
    ):
        op.add_column("reporting_cycle_version", column)


def _make_cycles_anew(kinds: str) -> None:
    """Make SQLite's table anew, since it drops no constraint; its triggers go with the old one."""
    op.create_table(
        "reporting_cycle_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("kind", _bytewise(10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", _bytewise(40), nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_reporting_cycle_kind_known")),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_reporting_cycle_plan_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_cycle")),
        sa.UniqueConstraint("plan_slug", "code", name=op.f("uq_reporting_cycle_plan_slug_code")),
    )
    op.execute(
        "INSERT INTO reporting_cycle_anew (id, plan_slug, kind, year, code) "
        "SELECT id, plan_slug, kind, year, CAST(year AS VARCHAR) FROM reporting_cycle"
    )
    op.drop_table("reporting_cycle")
    op.rename_table("reporting_cycle_anew", "reporting_cycle")
    _stamp("reporting_cycle")


def _widen_rosters() -> None:
    collation = "" if _on_sqlite() else ' COLLATE "C"'
    instant = "DATETIME" if _on_sqlite() else "TIMESTAMP WITH TIME ZONE"
    false = "0" if _on_sqlite() else "false"
    named = "CONSTRAINT ck_roster_row_version"
    _add_columns(
        "roster_row_version",
        f"provenance VARCHAR(20){collation} DEFAULT 'plan' NOT NULL "
        f"{named}_provenance_known CHECK ({PROVENANCE_KNOWN})",
        f"extended_to {instant} {named}_extension_later CHECK (extended_to > due_at)",
        f"closing BOOLEAN DEFAULT {false} NOT NULL",
        "document VARCHAR",
    )


def _add_columns(table: str, *columns: str) -> None:
    """Add columns with their checks; SQLite takes a check only along with a column."""
    for column in columns:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


def _make_decisions() -> None:
    op.create_table(
        "stewardship",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("steward_key", _bytewise(80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("provenance", _bytewise(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("actor", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_stewardship_valid_from_before_valid_to")
        ),
        sa.CheckConstraint(PROVENANCE_KNOWN, name=op.f("ck_stewardship_provenance_known")),
        sa.CheckConstraint("unit_key <> steward_key", name=op.f("ck_stewardship_another_unit")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_stewardship_unit_key")),
        sa.ForeignKeyConstraint(
            ["steward_key"], ["unit.key"], name=op.f("fk_stewardship_steward_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stewardship")),
    )
    op.create_index("ix_stewardship_unit_key", "stewardship", ["unit_key"])
    op.create_index("ix_stewardship_steward_key", "stewardship", ["steward_key"])
    _refuse_overlaps("stewardship", ["unit_key"])
    op.create_table(
        "declared_outage",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("began_at", _instant(), nullable=False),
        sa.Column("ended_at", _instant(), nullable=False),
        sa.Column("accepts_until", _instant(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "began_at < ended_at", name=op.f("ck_declared_outage_began_before_ended")
        ),
        sa.CheckConstraint(
            "ended_at <= accepts_until", name=op.f("ck_declared_outage_ended_before_accepts")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_declared_outage_cycle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_outage")),
    )
    op.create_index("ix_declared_outage_cycle_id", "declared_outage", ["cycle_id"])


def _widen_submissions() -> None:
    op.add_column("submission", sa.Column("submitted_number", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE submission SET submitted_number = number WHERE EXISTS (SELECT 1 "
        "FROM submission_revision r WHERE r.submission_id = submission.id "
        "AND r.number = submission.number AND r.state <> 'draft')"
    )
    sqlite = _on_sqlite()
    collation = "" if sqlite else ' COLLATE "C"'
    instant = "DATETIME" if sqlite else "TIMESTAMP WITH TIME ZONE"
    json = "JSON" if sqlite else "JSONB"
    named = "CONSTRAINT ck_submission_revision"
    _add_columns(
        "submission_revision",
        f"kind VARCHAR(12){collation} DEFAULT 'report' NOT NULL "
        f"{named}_kind_known CHECK (kind IN ('report', 'correction', 'supplement'))",
        f"reason VARCHAR {named}_reason_given CHECK ((kind = 'correction') = (reason IS NOT NULL))",
        f"filed_as VARCHAR(12){collation} "
        f"{named}_filed_as_known CHECK (filed_as IN ('self', 'steward', 'focal_unit'))",
        "incoming_number VARCHAR",
        f"incoming_on DATE {named}_incoming_pair "
        "CHECK ((incoming_number IS NULL) = (incoming_on IS NULL))",
        f"returned_at {instant}",
        *(f"{name} {json}" for name in ("deliverables", "expectations", "nil_items", "answers")),
    )
    op.execute("UPDATE submission_revision SET filed_as = 'self' WHERE filed_by IS NOT NULL")
    for state in ("draft", "submitted", "accepted"):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_submission_revision_{state}",
            "submission_revision",
            ["submission_id"],
            unique=True,
            postgresql_where=only,
            sqlite_where=only,
        )


def _make_comments() -> None:
    op.create_table(
        "submission_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_revision_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("activity_report_id", sa.Uuid(), nullable=True),
        sa.Column("pointer", _bytewise(200), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.CheckConstraint(
            "activity_report_id IS NULL OR pointer IS NULL",
            name=op.f("ck_submission_comment_one_target"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_revision_id"],
            ["submission_revision.id"],
            name=op.f("fk_submission_comment_submission_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["activity_report_id"],
            ["activity_report.id"],
            name=op.f("fk_submission_comment_activity_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["api_key.id"], name=op.f("fk_submission_comment_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_submission_comment_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_comment")),
        sa.UniqueConstraint(
            "submission_revision_id",
            "ordinal",
            name=op.f("uq_submission_comment_submission_revision_id_ordinal"),
        ),
    )


def _make_course() -> None:
    collation = "" if _on_sqlite() else ' COLLATE "C"'
    _add_columns(
        "consolidation_request",
        f"basis VARCHAR(10){collation} DEFAULT 'accepted' NOT NULL CONSTRAINT "
        "ck_consolidation_request_basis_known CHECK (basis IN ('accepted', 'submitted'))",
    )
    op.create_table(
        "report_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("step", _bytewise(10), nullable=False),
        sa.Column("taken_at", _instant(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("assessment", sa.Integer(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("signatory_title", sa.String(), nullable=True),
        sa.CheckConstraint(
            "step IN ('proposed', 'returned', 'approved', 'issued')",
            name=op.f("ck_report_step_step_known"),
        ),
        sa.CheckConstraint(
            "(step = 'returned') = (reason IS NOT NULL)", name=op.f("ck_report_step_reason_given")
        ),
        sa.CheckConstraint(
            "(step = 'proposed') = (assessment IS NOT NULL)",
            name=op.f("ck_report_step_assessment_given"),
        ),
        sa.CheckConstraint(
            "(step = 'issued') = (document_number IS NOT NULL AND document_on IS NOT NULL "
            "AND signatory_title IS NOT NULL)",
            name=op.f("ck_report_step_document_given"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["consolidated_report.id"], name=op.f("fk_report_step_report_id")
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["api_key.id"], name=op.f("fk_report_step_taken_by")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_report_step_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
        sa.UniqueConstraint("report_id", "ordinal", name=op.f("uq_report_step_report_id_ordinal")),
    )
    op.create_table(
        "report_assessment",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", _instant(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["consolidated_report.id"], name=op.f("fk_report_assessment_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["api_key.id"], name=op.f("fk_report_assessment_written_by")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_report_assessment_unit_key")
        ),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_report_assessment")),
    )
    op.create_table(
        "report_recipient",
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.Column("superseded_at", _instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _bytewise(64), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_report_recipient_plan_slug")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_report_recipient_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_recipient")),
    )
    current = sa.text("superseded_at IS NULL")
    op.create_index(
        "uq_report_recipient_current",
        "report_recipient",
        ["plan_slug", "unit_key"],
        unique=True,
        postgresql_where=current,
        sqlite_where=current,
    )


def _stamp(table: str) -> None:
    """Count the table's changes in `reference_stamp`, as those of other reference data."""
    if not _on_sqlite():
        op.execute(
            f"""CREATE TRIGGER {table}_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
            ON {table} FOR EACH STATEMENT EXECUTE FUNCTION stamp_reference_data()"""
        )
        return
    for event in ("INSERT", "UPDATE", "DELETE"):
        op.execute(
            f"""CREATE TRIGGER {table}_stamps_{event.lower()} AFTER {event} ON {table}
            BEGIN UPDATE reference_stamp SET version = version + 1 WHERE id = 1; END"""
        )


def _refuse_overlaps(table: str, columns: list[str]) -> None:
    """Refuse two current rows of one key whose half-open periods share a day."""
    same = " AND ".join(f"o.{column} = NEW.{column}" for column in columns)
    clash = f"""SELECT 1 FROM {table} o
        WHERE o.id <> NEW.id AND o.superseded_at IS NULL AND {same}
        AND (NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to)
        AND (o.valid_to IS NULL OR NEW.valid_from < o.valid_to)"""
    name = f"{table}_periods_do_not_overlap"
    if _on_sqlite():
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"""CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table}
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
        f"""CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table}
        FOR EACH ROW WHEN (NEW.superseded_at IS NULL) EXECUTE FUNCTION {name}()"""
    )
