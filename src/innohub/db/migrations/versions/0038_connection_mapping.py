"""Mapping per connection

Safe while the hub runs? Yes: a table of its own, which the previous release does not know, and two
columns with defaults or empty, which it leaves alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0038"
down_revision: str | None = "0037"


def upgrade() -> None:
    op.create_table(
        "connection_mapping",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("restores", sa.BigInteger(), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_connection_mapping_version")),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_connection_mapping_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_connection_mapping_made_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_connection_mapping_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_mapping")),
        sa.UniqueConstraint(
            "connection_id", "version", name=op.f("uq_connection_mapping_connection_id_version")
        ),
    )
    op.create_index(
        "ix_connection_mapping_organisation_id_id", "connection_mapping", ["organisation_id", "id"]
    )
    op.add_column(
        "connection",
        sa.Column("mapping_version", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("attempt", sa.Column("mapping_version", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "mapping_version")
    op.drop_column("connection", "mapping_version")
    op.drop_table("connection_mapping")
