"""Drafts apart from what is read; versions after publication; more facts of a listing."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from innohub.db import reference

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SECTIONS = (
    "what_it_does", "how_it_works", "data_use", "ai_use", "security",
    "deployment_and_integration", "price_and_terms", "support",
)  # fmt: skip
STATES = ("in_review", "changes_requested", "approved", "superseded")
FUNCTION = """
CREATE FUNCTION listing_version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (OLD.technology_id, OLD.number, OLD.content, OLD.content_hash, OLD.created_at)
          IS DISTINCT FROM
          (NEW.technology_id, NEW.number, NEW.content, NEW.content_hash, NEW.created_at)
    THEN
        RAISE EXCEPTION 'A version of a listing never changes.';
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER listing_version_is_fixed BEFORE UPDATE OR DELETE ON listing_version
    FOR EACH ROW EXECUTE FUNCTION listing_version_is_fixed()
"""


def upgrade() -> None:
    for column in _facts():
        op.add_column("technology", column)
    _versions()
    _drafts()
    _words("listing_section", "section", SECTIONS)
    _words("listing_version", "state", STATES)
    op.execute(FUNCTION)
    op.execute(TRIGGER)
    reference.load(op.get_bind())


def _texts(name: str) -> sa.Column[Any]:
    empty = sa.text("'{}'")
    return sa.Column(name, postgresql.ARRAY(sa.Text()), server_default=empty, nullable=False)


def _facts() -> list[sa.Column[Any]]:
    return [
        sa.Column("trl_evidence", sa.Text(), nullable=True),
        _texts("research_lines"),
        _texts("integrations"),
        _texts("hosting"),
        _texts("data_kinds"),
        sa.Column("ai_role", sa.Text(), nullable=True),
    ]


def _versions() -> None:
    op.add_column("listing_version", _texts("changed"))
    op.add_column("listing_version", _texts("areas"))
    op.add_column(
        "listing_version",
        sa.Column("material", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column(
        "listing_version",
        sa.Column(
            "review_reasons", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "listing_version", sa.Column("live_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.alter_column("listing_version", "review_due_on", nullable=True)
    op.execute("UPDATE listing_version SET live_at = reviewed_at WHERE state = 'approved'")
    op.create_index(
        "ix_listing_version_queue",
        "listing_version",
        ["review_due_on", "id"],
        postgresql_where=sa.text("state = 'in_review'"),
    )


def _drafts() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "listing_draft",
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("trl", sa.BigInteger(), nullable=False),
        sa.Column("price_from_pence", sa.BigInteger(), nullable=True),
        sa.Column("price_to_pence", sa.BigInteger(), nullable=True),
        sa.Column("price_unit", sa.Text(), nullable=True),
        sa.Column("price_interval", sa.Text(), nullable=True),
        *_facts(),
        sa.Column("capabilities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("worth_adding", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("required", sa.BigInteger(), nullable=False),
        sa.Column("facts_revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("touched_at", moment, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["technology_id"],
            ["technology.id"],
            name=op.f("fk_listing_draft_technology_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_listing_draft_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_draft")),
        sa.UniqueConstraint("technology_id", name=op.f("uq_listing_draft_technology_id")),
    )
    op.create_table(
        "draft_section",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["listing_draft.id"], name=op.f("fk_draft_section_draft_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_section")),
        sa.UniqueConstraint("draft_id", "section", name=op.f("uq_draft_section_draft_id_section")),
    )
    _words("draft_section", "section", SECTIONS)


def _words(table: str, column: str, words: tuple[str, ...]) -> None:
    """Hold a text column to these words; see `db.model.one_of`."""
    name = f"ck_{table}_{column}"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})")


def downgrade() -> None:
    op.execute("DROP TRIGGER listing_version_is_fixed ON listing_version")
    op.execute("DROP FUNCTION listing_version_is_fixed")
    op.drop_table("draft_section")
    op.drop_table("listing_draft")
    op.drop_index("ix_listing_version_queue", table_name="listing_version")
    for name in ("changed", "areas", "material", "review_reasons", "live_at"):
        op.drop_column("listing_version", name)
    for column in _facts():
        op.drop_column("technology", column.name)
