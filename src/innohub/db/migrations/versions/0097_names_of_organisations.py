"""what organisations were called, and whose a slug is for good

Safe while the hub runs? Two tables of their own, filled once from a table of some hundred rows, and a
trigger that notes the slugs of organisations as they come: the old code needs to know of none of it.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0097"
down_revision: str | None = "0101"

MOMENT = sa.DateTime(timezone=True)

KEEP_SLUG = """
    CREATE FUNCTION keep_organisation_slug() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM organisation_slug s
                       WHERE s.slug = NEW.slug AND s.organisation_id = NEW.id) THEN
            INSERT INTO organisation_slug (slug, organisation_id) VALUES (NEW.slug, NEW.id);
        END IF;
        RETURN NULL;
    END $$
"""
TRIGGER = """
    CREATE TRIGGER organisation_slug_is_kept AFTER INSERT OR UPDATE OF slug ON organisation
    FOR EACH ROW EXECUTE FUNCTION keep_organisation_slug()
"""
ANSWERING = """
    CREATE FUNCTION organisation_answering(given text) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        WITH RECURSIVE line AS (
            SELECT o.id, o.successor_id, o.valid_to, 1 AS step
            FROM organisation_slug s JOIN organisation o ON o.id = s.organisation_id
            WHERE s.slug = given
            UNION ALL
            SELECT o.id, o.successor_id, o.valid_to, line.step + 1
            FROM line JOIN organisation o ON o.id = line.successor_id
            WHERE line.valid_to < (now() AT TIME ZONE 'Europe/London')::date AND line.step < 50
        )
        SELECT line.id FROM line ORDER BY line.step DESC LIMIT 1;
    END
"""
"""From a slug of today or of before to who answers to it: the organisation, or from the day after
its last one whoever followed it, and whoever followed that."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "organisation_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        _of_organisation("organisation_slug"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_organisation_slug")),
    )
    op.create_index(
        "ix_organisation_slug_organisation_id", "organisation_slug", ["organisation_id"]
    )
    op.create_table(
        "former_entry",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("force_kind", sa.Text()),
        sa.Column("nation", sa.Text()),
        sa.Column("region", sa.Text()),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _of_organisation("former_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_entry")),
    )
    op.create_index("ix_former_entry_organisation_id", "former_entry", ["organisation_id"])
    op.execute(KEEP_SLUG)
    # The trigger holds off who would add an organisation until its slug is noted below or by it.
    op.execute(TRIGGER)
    op.execute("INSERT INTO organisation_slug SELECT slug, id FROM organisation")
    op.execute(ANSWERING)


def _of_organisation(table: str) -> sa.schema.SchemaItem:
    return sa.ForeignKeyConstraint(
        ["organisation_id"], ["organisation.id"], name=op.f(f"fk_{table}_organisation_id")
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION organisation_answering")
    op.execute("DROP TRIGGER organisation_slug_is_kept ON organisation")
    op.execute("DROP FUNCTION keep_organisation_slug")
    op.drop_table("former_entry")
    op.drop_table("organisation_slug")
