"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _code(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "code_entry",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list", _code(20), nullable=False),
        sa.Column("code", _code(40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name_vi", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("provenance", _code(20), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint(
            "list IN ('channel', 'format', 'language', 'funding_source')",
            name=op.f("ck_code_entry_list_known"),
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_code_entry_valid_from_before_valid_to")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_entry")),
    )
    op.create_index(
        "uq_code_entry_current",
        "code_entry",
        ["list", "code"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "indicator",
        sa.Column("code", _code(40), nullable=False),
        sa.Column("first_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_indicator")),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", _code(12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor_secret", _code(64), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('production', 'demo', 'sandbox')", name=op.f("ck_instance_purpose_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_table(
        "plan",
        sa.Column("slug", _code(64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("province_code", _code(64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("document_sha256", _code(64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_plan_valid_from_before_valid_to")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_plan")),
    )
    op.create_table(
        "unit",
        sa.Column("key", _code(80), nullable=False),
        sa.Column("first_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_unit")),
    )
    op.create_table(
        "activity_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.Column("source_system", _code(64), nullable=False),
        sa.Column("external_id", _code(128), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_activity_report_plan_slug")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_activity_report_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_report")),
        sa.UniqueConstraint(
            "unit_key", "source_system", "external_id", name="uq_activity_report_natural_key"
        ),
    )
    op.create_index(
        "ix_activity_report_unit_day", "activity_report", ["unit_key", "occurred_on"], unique=False
    )

    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", _code(64), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_api_key_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
    )
    op.create_index("ix_api_key_unit_key", "api_key", ["unit_key"], unique=False)

    op.create_table(
        "content_theme",
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("code", _code(20), nullable=False),
        sa.Column("phase", _code(20), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("readings", _JSON, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_content_theme_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_content_theme_plan_slug")
        ),
        sa.PrimaryKeyConstraint("plan_slug", "code", name=op.f("pk_content_theme")),
    )
    op.create_table(
        "indicator_version",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_code", _code(40), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name_vi", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("definition_vi", sa.String(), nullable=False),
        sa.Column("definition_en", sa.String(), nullable=False),
        sa.Column("unit_vi", sa.String(), nullable=False),
        sa.Column("unit_en", sa.String(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("over_time", _code(10), nullable=False),
        sa.Column("over_units", _code(10), nullable=False),
        sa.Column("reposts", sa.Boolean(), nullable=False),
        sa.Column("items", sa.String(), nullable=False),
        sa.Column("provenance", _code(20), nullable=False),
        sa.CheckConstraint(
            "over_time IN ('sum', 'latest', 'max')",
            name=op.f("ck_indicator_version_over_time_known"),
        ),
        sa.CheckConstraint(
            "over_units IN ('sum', 'none')", name=op.f("ck_indicator_version_over_units_known")
        ),
        sa.CheckConstraint(
            "decimals BETWEEN 0 AND 6", name=op.f("ck_indicator_version_decimals_range")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_code"], ["indicator.code"], name=op.f("fk_indicator_version_indicator_code")
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_indicator_version_plan_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_version")),
    )
    op.create_index(
        "uq_indicator_version_current",
        "indicator_version",
        ["plan_slug", "indicator_code"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "plan_item",
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("code", _code(20), nullable=False),
        sa.Column("kind", _code(20), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(), nullable=True),
        sa.Column("text", _JSON, nullable=False),
        sa.Column("readings", _JSON, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('form', 'funding_rule', 'task')", name=op.f("ck_plan_item_kind_known")
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_plan_item_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["plan_slug"], ["plan.slug"], name=op.f("fk_plan_item_plan_slug")),
        sa.PrimaryKeyConstraint("plan_slug", "code", name=op.f("pk_plan_item")),
    )
    op.create_table(
        "reporting_cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("kind", _code(10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('yearly')", name=op.f("ck_reporting_cycle_kind_known")),
        sa.ForeignKeyConstraint(
            ["plan_slug"], ["plan.slug"], name=op.f("fk_reporting_cycle_plan_slug")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_cycle")),
        sa.UniqueConstraint("plan_slug", "year", name=op.f("uq_reporting_cycle_plan_slug_year")),
    )
    op.create_table(
        "unit_group",
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("key", _code(80), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_slug"], ["plan.slug"], name=op.f("fk_unit_group_plan_slug")),
        sa.PrimaryKeyConstraint("plan_slug", "key", name=op.f("pk_unit_group")),
    )
    op.create_table(
        "unit_parentage",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.Column("parent_key", _code(80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_unit_parentage_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(
            ["parent_key"], ["unit.key"], name=op.f("fk_unit_parentage_parent_key")
        ),
        sa.ForeignKeyConstraint(
            ["unit_key"], ["unit.key"], name=op.f("fk_unit_parentage_unit_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parentage")),
    )
    op.create_index("ix_unit_parentage_parent_key", "unit_parentage", ["parent_key"], unique=False)
    op.create_index("ix_unit_parentage_unit_key", "unit_parentage", ["unit_key"], unique=False)

    op.create_table(
        "unit_role",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("role", _code(30), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("provenance", _code(20), nullable=False),
        sa.CheckConstraint(
            "role IN ('focal_unit', 'peoples_committee_office')",
            name=op.f("ck_unit_role_role_known"),
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_unit_role_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["plan_slug"], ["plan.slug"], name=op.f("fk_unit_role_plan_slug")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_unit_role_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_role")),
    )
    op.create_table(
        "unit_succession",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_key", _code(80), nullable=False),
        sa.Column("successor_key", _code(80), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", _code(10), nullable=False),
        sa.Column("share", _code(10), nullable=False),
        sa.Column("provenance", _code(20), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('merge', 'continue', 'convert', 'split', 'transfer')",
            name=op.f("ck_unit_succession_kind_known"),
        ),
        sa.CheckConstraint(
            "share IN ('whole', 'part')", name=op.f("ck_unit_succession_share_known")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_key"], ["unit.key"], name=op.f("fk_unit_succession_predecessor_key")
        ),
        sa.ForeignKeyConstraint(
            ["successor_key"], ["unit.key"], name=op.f("fk_unit_succession_successor_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_succession")),
    )
    op.create_index(
        "ix_unit_succession_predecessor_key", "unit_succession", ["predecessor_key"], unique=False
    )
    op.create_index(
        "ix_unit_succession_successor_key", "unit_succession", ["successor_key"], unique=False
    )

    op.create_table(
        "unit_version",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.Column("scheme", _code(10), nullable=False),
        sa.Column("code", _code(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", _code(400), nullable=False),
        sa.Column("name_search", _code(200), nullable=False),
        sa.Column("kind", _code(20), nullable=False),
        sa.Column("level", _code(10), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("provenance", _code(20), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('province', 'city', 'district', 'town', 'township', 'commune', 'ward', 'special_zone', 'department', 'office', 'press', 'portal', 'association', 'party_body')",
            name=op.f("ck_unit_version_kind_known"),
        ),
        sa.CheckConstraint(
            "level IN ('province', 'district', 'commune')", name=op.f("ck_unit_version_level_known")
        ),
        sa.CheckConstraint("scheme IN ('gso', 'body')", name=op.f("ck_unit_version_scheme_known")),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_unit_version_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_unit_version_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_version")),
    )
    op.create_index("ix_unit_version_code", "unit_version", ["scheme", "code"], unique=False)
    op.create_index(
        "uq_unit_version_current",
        "unit_version",
        ["unit_key"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "activity_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("item_code", _code(20), nullable=False),
        sa.Column("themes", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("channel", _code(40), nullable=False),
        sa.Column("format", _code(40), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("integrated", sa.Boolean(), nullable=False),
        sa.Column("participants", sa.String(), nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("outside_assignment", sa.Boolean(), nullable=False),
        sa.Column("theme_outside_phase", sa.Boolean(), nullable=False),
        sa.Column("body_sha256", _code(64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "ended_on >= occurred_on", name=op.f("ck_activity_revision_days_in_order")
        ),
        sa.CheckConstraint(
            "occurrences >= 1", name=op.f("ck_activity_revision_occurrences_positive")
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug", "item_code"],
            ["plan_item.plan_slug", "plan_item.code"],
            name=op.f("fk_activity_revision_plan_slug_item_code"),
        ),
        sa.ForeignKeyConstraint(
            ["received_by"], ["api_key.id"], name=op.f("fk_activity_revision_received_by")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["activity_report.id"], name=op.f("fk_activity_revision_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_revision")),
        sa.UniqueConstraint(
            "report_id", "number", name=op.f("uq_activity_revision_report_id_number")
        ),
    )
    op.create_table(
        "assignment",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("item_code", _code(20), nullable=False),
        sa.Column("role", _code(20), nullable=False),
        sa.Column("unit_key", _code(80), nullable=True),
        sa.Column("group_key", _code(80), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "role IN ('lead', 'coordinating', 'requested')", name=op.f("ck_assignment_role_known")
        ),
        sa.CheckConstraint(
            "(unit_key IS NULL) <> (group_key IS NULL)", name=op.f("ck_assignment_one_party")
        ),
        sa.CheckConstraint(
            "valid_from < valid_to", name=op.f("ck_assignment_valid_from_before_valid_to")
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug", "group_key"],
            ["unit_group.plan_slug", "unit_group.key"],
            name=op.f("fk_assignment_plan_slug_group_key"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_slug", "item_code"],
            ["plan_item.plan_slug", "plan_item.code"],
            name=op.f("fk_assignment_plan_slug_item_code"),
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_assignment_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_item", "assignment", ["plan_slug", "item_code"], unique=False)
    op.create_index("ix_assignment_unit_key", "assignment", ["unit_key"], unique=False)

    op.create_table(
        "consolidation_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", _code(12), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("roster", _JSON, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed')",
            name=op.f("ck_consolidation_request_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_consolidation_request_cycle_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["api_key.id"], name=op.f("fk_consolidation_request_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consolidation_request")),
        sa.UniqueConstraint(
            "cycle_id", "version", name=op.f("uq_consolidation_request_cycle_id_version")
        ),
    )
    op.create_table(
        "reporting_cycle_version",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provenance", _code(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "window_from < window_to",
            name=op.f("ck_reporting_cycle_version_window_from_before_window_to"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_reporting_cycle_version_cycle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_cycle_version")),
    )
    op.create_index(
        "uq_reporting_cycle_version_current",
        "reporting_cycle_version",
        ["cycle_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "roster_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("unit_key", _code(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_roster_row_cycle_id")
        ),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_roster_row_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_row")),
        sa.UniqueConstraint("cycle_id", "unit_key", name=op.f("uq_roster_row_cycle_id_unit_key")),
    )
    op.create_table(
        "unit_group_rule",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_slug", _code(64), nullable=False),
        sa.Column("group_key", _code(80), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("members", _JSON, nullable=False),
        sa.Column("provenance", _code(20), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_slug", "group_key"],
            ["unit_group.plan_slug", "unit_group.key"],
            name=op.f("fk_unit_group_rule_plan_slug_group_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_group_rule")),
    )
    op.create_index(
        "ix_unit_group_rule_group", "unit_group_rule", ["plan_slug", "group_key"], unique=False
    )

    op.create_table(
        "activity_expenditure",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("source", _code(40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 9007199254740991",
            name=op.f("ck_activity_expenditure_amount_range"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["activity_revision.id"],
            name=op.f("fk_activity_expenditure_revision_id"),
        ),
        sa.PrimaryKeyConstraint("revision_id", "source", name=op.f("pk_activity_expenditure")),
    )
    op.create_table(
        "activity_measure",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("indicator_code", _code(40), nullable=False),
        sa.Column("origin", _code(10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('original', 'repost')", name=op.f("ck_activity_measure_origin_known")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_activity_measure_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["indicator_code"], ["indicator.code"], name=op.f("fk_activity_measure_indicator_code")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["activity_revision.id"], name=op.f("fk_activity_measure_revision_id")
        ),
        sa.PrimaryKeyConstraint(
            "revision_id", "indicator_code", "origin", name=op.f("pk_activity_measure")
        ),
    )
    op.create_table(
        "consolidated_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _code(64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["reporting_cycle.id"], name=op.f("fk_consolidated_report_cycle_id")
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["consolidation_request.id"], name=op.f("fk_consolidated_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consolidated_report")),
        sa.UniqueConstraint(
            "cycle_id", "version", name=op.f("uq_consolidated_report_cycle_id_version")
        ),
    )
    op.create_table(
        "roster_row_version",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_row_id", sa.Integer(), nullable=False),
        sa.Column("basis", _code(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_to", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.CheckConstraint(
            "basis IN ('ordered', 'assigned_only', 'requested', 'not_required')",
            name=op.f("ck_roster_row_version_basis_known"),
        ),
        sa.CheckConstraint(
            "covers_from < covers_to",
            name=op.f("ck_roster_row_version_covers_from_before_covers_to"),
        ),
        sa.ForeignKeyConstraint(
            ["roster_row_id"], ["roster_row.id"], name=op.f("fk_roster_row_version_roster_row_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_row_version")),
    )
    op.create_index(
        "uq_roster_row_version_current",
        "roster_row_version",
        ["roster_row_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
        sqlite_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roster_row_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_row_id"], ["roster_row.id"], name=op.f("fk_submission_roster_row_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("roster_row_id", name=op.f("uq_submission_roster_row_id")),
    )
    op.create_table(
        "submission_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", _code(12), nullable=False),
        sa.Column("content", _code(10), nullable=False),
        sa.Column("nil_reason", sa.String(), nullable=True),
        sa.Column("narrative", _JSON, nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("signer_title", sa.String(), nullable=True),
        sa.Column("signed_file_sha256", _code(64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("filed_by", _code(80), nullable=True),
        sa.Column("sha256", _code(64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (received_at IS NULL)",
            name=op.f("ck_submission_revision_draft_not_received"),
        ),
        sa.CheckConstraint(
            "content IN ('report', 'nil')", name=op.f("ck_submission_revision_content_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'accepted', 'superseded')",
            name=op.f("ck_submission_revision_state_known"),
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)",
            name=op.f("ck_submission_revision_accepted_pair"),
        ),
        sa.CheckConstraint(
            "(received_at IS NULL) = (submitted_by IS NULL)",
            name=op.f("ck_submission_revision_submitted_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["api_key.id"], name=op.f("fk_submission_revision_accepted_by")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["api_key.id"], name=op.f("fk_submission_revision_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["unit.key"], name=op.f("fk_submission_revision_filed_by")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_revision_submission_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["api_key.id"], name=op.f("fk_submission_revision_submitted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_revision")),
        sa.UniqueConstraint(
            "submission_id", "number", name=op.f("uq_submission_revision_submission_id_number")
        ),
    )
    op.create_table(
        "consolidation_input",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("submission_revision_id", sa.Uuid(), nullable=False),
        sa.Column("prepared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["consolidation_request.id"],
            name=op.f("fk_consolidation_input_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_revision_id"],
            ["submission_revision.id"],
            name=op.f("fk_consolidation_input_submission_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "request_id", "submission_revision_id", name=op.f("pk_consolidation_input")
        ),
    )
    op.create_table(
        "frozen_activity",
        sa.Column("submission_revision_id", sa.Uuid(), nullable=False),
        sa.Column("activity_revision_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_revision_id"],
            ["activity_revision.id"],
            name=op.f("fk_frozen_activity_activity_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_revision_id"],
            ["submission_revision.id"],
            name=op.f("fk_frozen_activity_submission_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "submission_revision_id", "activity_revision_id", name=op.f("pk_frozen_activity")
        ),
    )
    op.create_index(
        "ix_frozen_activity_activity_revision_id",
        "frozen_activity",
        ["activity_revision_id"],
        unique=False,
    )

    op.create_table(
        "rollup",
        sa.Column("submission_revision_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _code(64), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_revision_id"],
            ["submission_revision.id"],
            name=op.f("fk_rollup_submission_revision_id"),
        ),
        sa.PrimaryKeyConstraint("submission_revision_id", name=op.f("pk_rollup")),
    )
    _refuse_overlaps("unit_version", ["scheme", "code"])
    _refuse_overlaps("unit_parentage", ["unit_key"])
    _refuse_overlaps("unit_role", ["plan_slug", "role"])


def downgrade() -> None:
    """Refuse: a database goes forward only; restore a backup to go back."""
    raise NotImplementedError


def _refuse_overlaps(table: str, columns: list[str]) -> None:
    """Refuse two current rows of one key whose half-open periods share a day.

    PostgreSQL's exclusion constraint would need the extension btree_gist, which not every
    server has; a trigger that takes its turn by an advisory lock is as exact, and the writers
    of reference data are few.
    """
    same = " AND ".join(f"o.{column} = NEW.{column}" for column in columns)
    clash = f"""SELECT 1 FROM {table} o
        WHERE o.id <> NEW.id AND o.superseded_at IS NULL AND {same}
        AND (o.valid_from IS NULL OR NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to)
        AND (NEW.valid_from IS NULL OR o.valid_to IS NULL OR NEW.valid_from < o.valid_to)"""
    name = f"{table}_periods_do_not_overlap"
    if op.get_bind().dialect.name == "sqlite":
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
