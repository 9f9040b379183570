"""Writing: revisions say why, the changes feed, Idempotency-Key, batches, the reference stamp.

Adding a column with a constant default rewrites nothing on PostgreSQL; new checks are added
unvalidated and validated after, which lets writers go on.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFERENCE_TABLES = (
    "assignment",
    "code_entry",
    "content_theme",
    "indicator",
    "indicator_version",
    "plan",
    "plan_item",
    "reporting_cycle",
    "reporting_cycle_version",
    "unit",
    "unit_group",
    "unit_group_rule",
    "unit_parentage",
    "unit_role",
    "unit_succession",
    "unit_version",
)
CHECKS = {
    "kind_known": "kind IN ('created', 'corrected', 'withdrawn', 'reinstated')",
    "reason_given": "(kind = 'created') = (reason IS NULL)",
    "incoming_pair": "(incoming_number IS NULL) = (incoming_on IS NULL)",
}


def upgrade() -> None:
    _extend_revisions()
    _make_tables()
    _order_changes()
    _stamp_reference_data()


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


def _extend_revisions() -> None:
    collation = "" if _on_sqlite() else ' COLLATE "C"'
    checks = {
        name: f"CONSTRAINT ck_activity_revision_{name} CHECK ({rule})"
        for name, rule in CHECKS.items()
    }
    columns = {
        "kind_known": f"kind VARCHAR(12){collation} DEFAULT 'created' NOT NULL",
        "reason_given": "reason VARCHAR",
        "": "incoming_number VARCHAR",
        "incoming_pair": "incoming_on DATE",
    }
    for check, column in columns.items():
        # SQLite takes a check along with the last column that it is about, and only then.
        inline = checks[check] if check and _on_sqlite() else ""
        op.execute(f"ALTER TABLE activity_revision ADD COLUMN {column} {inline}")
    if not _on_sqlite():
        for check in checks.values():
            op.execute(f"ALTER TABLE activity_revision ADD {check} NOT VALID")
        for name in CHECKS:
            op.execute(
                f"ALTER TABLE activity_revision VALIDATE CONSTRAINT ck_activity_revision_{name}"
            )
    # The default comes after the column: with it, every row there is would be written anew.
    no_value = " DEFAULT NULL" if _on_sqlite() else ""
    op.execute(f"ALTER TABLE activity_revision ADD COLUMN txid BIGINT{no_value}")
    if not _on_sqlite():
        op.execute(
            "ALTER TABLE activity_revision ALTER COLUMN txid "
            "SET DEFAULT ((pg_current_xact_id())::text)::bigint"
        )
    op.create_index("ix_activity_revision_txid", "activity_revision", ["txid"])


def _make_tables() -> None:
    op.create_table(
        "reference_stamp",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_stamp")),
    )
    op.create_table(
        "sealer",
        sa.Column("name", _bytewise(20), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sealer")),
    )
    op.create_table(
        "activity_change",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["activity_revision.id"], name=op.f("fk_activity_change_revision_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_activity_change")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_activity_change_revision_id")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _bytewise(12), nullable=False),
        sa.Column("state", _bytewise(12), nullable=False),
        sa.Column("unit_key", _bytewise(80), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("mode", _bytewise(10), nullable=False),
        sa.Column("on_existing", _bytewise(10), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("media_type", _bytewise(80), nullable=False),
        sa.Column("body_sha256", _bytewise(64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("outdated", _json(), nullable=True),
        sa.CheckConstraint("kind IN ('reports', 'withdrawals')", name=op.f("ck_batch_kind_known")),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'refused')", name=op.f("ck_batch_state_known")
        ),
        sa.CheckConstraint("mode IN ('atomic', 'partial')", name=op.f("ck_batch_mode_known")),
        sa.CheckConstraint(
            "on_existing IN ('reject', 'update')", name=op.f("ck_batch_on_existing_known")
        ),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_batch_api_key_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.key"], name=op.f("fk_batch_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_unit", "batch", ["unit_key", "id"])
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("external_id", _bytewise(128), nullable=True),
        sa.Column("outcome", _bytewise(10), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("faults", _json(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'rejected')",
            name=op.f("ck_batch_row_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_row")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("key", _bytewise(128), nullable=False),
        sa.Column("operation", _bytewise(200), nullable=False),
        sa.Column("body_sha256", _bytewise(64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", _json(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_idempotency_key_api_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_idempotency_key_batch_id")
        ),
        sa.PrimaryKeyConstraint("api_key_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_received_at", "idempotency_key", ["received_at"])


def _order_changes() -> None:
    """Give every revision there is its place; from now on the writers' order decides."""
    op.execute(
        "INSERT INTO activity_change (seq, revision_id) "
        "SELECT row_number() OVER (ORDER BY received_at, id), id FROM activity_revision"
    )
    if not _on_sqlite():
        # The rows before have no `txid`; a transaction that waits for this one may be older.
        op.execute(
            "INSERT INTO sealer (name, horizon) "
            "VALUES ('changes', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
        )
        return
    # One writer at a time: the order of the rows is the order of their commits.
    op.execute(
        """CREATE TRIGGER activity_revision_takes_its_place AFTER INSERT ON activity_revision
        BEGIN INSERT INTO activity_change (seq, revision_id)
        VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM activity_change), NEW.id); END"""
    )


def _stamp_reference_data() -> None:
    op.execute("INSERT INTO reference_stamp (id, version) VALUES (1, 1)")
    bump = "UPDATE reference_stamp SET version = version + 1 WHERE id = 1;"
    if not _on_sqlite():
        op.execute(
            f"""CREATE FUNCTION stamp_reference_data() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {bump} RETURN NULL; END $$"""
        )
    for table in REFERENCE_TABLES:
        if _on_sqlite():
            for event in ("INSERT", "UPDATE", "DELETE"):
                op.execute(
                    f"""CREATE TRIGGER {table}_stamps_{event.lower()} AFTER {event} ON {table}
                    BEGIN {bump} END"""
                )
        else:
            op.execute(
                f"""CREATE TRIGGER {table}_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
                ON {table} FOR EACH STATEMENT EXECUTE FUNCTION stamp_reference_data()"""
            )
