"""Reviewers declare their interests in suppliers.

Safe while the hub runs? A new table, which the previous release does not read.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "supplier_interest",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_supplier_interest_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_supplier_interest_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_interest")),
        sa.UniqueConstraint(
            "person_id", "supplier_id", name=op.f("uq_supplier_interest_person_id_supplier_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("supplier_interest")
