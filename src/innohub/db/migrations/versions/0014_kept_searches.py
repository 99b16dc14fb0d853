"""searches that people keep: saved ones, of which they are told, and locked ones

Safe while the hub runs? New tables, which the previous release does not read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"

MENDED = """
    CREATE FUNCTION search_mended(asked text) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT (search_read(asked)).corrected $$
"""
IMMUTABLE = """
    CREATE FUNCTION locked_search_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a locked search is never changed or deleted';
    END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "saved_search",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index("ix_saved_search_person_id", "saved_search", ["person_id"])
    op.create_index(
        "uq_saved_search_person_id_name",
        "saved_search",
        ["person_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "saved_search_cursor",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_saved_search_cursor_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search_cursor")),
    )
    op.execute(MENDED)
    _locked()


def _locked() -> None:
    op.create_table(
        "locked_search",
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("locked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("locked_by_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("read_as", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_locked_search_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["locked_by_id"], ["person.id"], name=op.f("fk_locked_search_locked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locked_search")),
    )
    op.create_index("ix_locked_search_force_id", "locked_search", ["force_id"])
    op.create_table(
        "locked_result",
        sa.Column("locked_search_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_version_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("fit", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.CheckConstraint("place > 0", name=op.f("ck_locked_result_place")),
        sa.ForeignKeyConstraint(
            ["locked_search_id"],
            ["locked_search.id"],
            name=op.f("fk_locked_result_locked_search_id"),
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_locked_result_technology_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_version_id"],
            ["listing_version.id"],
            name=op.f("fk_locked_result_listing_version_id"),
        ),
        sa.PrimaryKeyConstraint("locked_search_id", "place", name=op.f("pk_locked_result")),
    )
    op.execute(IMMUTABLE)
    for table in ("locked_search", "locked_result"):
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION locked_search_stays()"
        )


def downgrade() -> None:
    for table in ("locked_result", "locked_search", "saved_search_cursor", "saved_search"):
        op.drop_table(table)
    op.execute("DROP FUNCTION locked_search_stays")
    op.execute("DROP FUNCTION search_mended")
