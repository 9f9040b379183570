"""The audit: entries, and the chain over them. The database refuses to change or delete either.

On PostgreSQL TRUNCATE is refused too. Whoever may drop a trigger can still tamper: the chain
shows it, and its head, written down elsewhere, shows a tail that was cut off.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# With what makes a new row stand in the place of one that is there.
TABLES = {"audit_entry": "id = NEW.id", "audit_seal": "seq = NEW.seq OR entry_id = NEW.entry_id"}


def upgrade() -> None:
    _make_tables()
    if _on_sqlite():
        _refuse_on_sqlite()
        return
    _refuse_on_postgresql()
    # The oldest that is under way: none that can still write an entry is below it.
    op.execute(
        "INSERT INTO sealer (name, horizon) "
        "VALUES ('audit', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    )


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


def _make_tables() -> None:
    transaction = sa.text("NULL" if _on_sqlite() else "((pg_current_xact_id())::text)::bigint")
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", _bytewise(64), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("unit_key", _bytewise(80), nullable=True),
        sa.Column("action", _bytewise(80), nullable=False),
        sa.Column("target_kind", _bytewise(40), nullable=False),
        sa.Column("target_id", _bytewise(400), nullable=False),
        sa.Column("before", _json(), nullable=True),
        sa.Column("after", _json(), nullable=True),
        sa.Column("refusal", _bytewise(64), nullable=True),
        sa.Column("txid", sa.BigInteger(), server_default=transaction, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_unit", "audit_entry", ["unit_key", "id"])
    op.create_index("ix_audit_entry_target", "audit_entry", ["target_id"])
    op.create_index(
        "ix_audit_entry_txid",
        "audit_entry",
        ["txid", "id"],
        sqlite_where=sa.text("txid IS NOT NULL"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_sha256", _bytewise(64), nullable=False),
        sa.Column("chain_sha256", _bytewise(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
    )


def _refuse_on_sqlite() -> None:
    for table, same in TABLES.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} {refuse}"
            )
        # INSERT OR REPLACE deletes without a word to the triggers on DELETE.
        op.execute(
            f"""CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"""
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        """CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation'; END $$"""
    )
    for table in TABLES:
        op.execute(
            f"""CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE OR TRUNCATE
            ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite()"""
        )
