"""under whose name a technology was listed before, and for whom a connection was made

Safe while the hub runs? A table of its own, and a column that is empty until suppliers merge: the old
code writes neither, and reads the same as before.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0109"
down_revision: str | None = "0104"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "former_supplier",
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_former_supplier_technology_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_former_supplier_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_supplier")),
    )
    op.create_index(
        "ix_former_supplier_technology_id_created_at",
        "former_supplier",
        ["technology_id", "created_at"],
    )
    op.add_column("connection", sa.Column("made_for_id", sa.BigInteger()))
    # Every row of it is null as yet: there is nothing to look through under the lock.
    op.create_foreign_key(
        op.f("fk_connection_made_for_id"), "connection", "organisation", ["made_for_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint("fk_connection_made_for_id", "connection", type_="foreignkey")
    op.drop_column("connection", "made_for_id")
    op.drop_table("former_supplier")
