"""failed sign-ins are counted for all processes together

Safe while the hub runs? A table of its own. It is not logged: what it counts is worth fifteen minutes,
and a write for each sign-in is cheap that way.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0098"
down_revision: str | None = "0097"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sign_in_counter",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_counter")),
        sa.UniqueConstraint("mark", name=op.f("uq_sign_in_counter_mark")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("sign_in_counter")
