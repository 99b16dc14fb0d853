"""which pilots from before the hub a force was shown when it asked for its own

Safe while the hub runs? A new table, which the release before does not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0104"
down_revision: str | None = "0108"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "earlier_overlap",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("earlier_id", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["earlier_id"], ["earlier_pilot.id"], name=op.f("fk_earlier_overlap_earlier_id")
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_earlier_overlap_pilot_id")
        ),
        sa.PrimaryKeyConstraint("pilot_id", "earlier_id", name=op.f("pk_earlier_overlap")),
    )


def downgrade() -> None:
    op.drop_table("earlier_overlap")
