"""pilots that are asked for because of a challenge

Safe while the hub runs? A column that stays empty; the previous release does not know it.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0051"
down_revision: str | None = "0049"

NAME = "fk_pilot_challenge_id"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("pilot", sa.Column("challenge_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f(NAME), "pilot", "challenge", ["challenge_id"], ["id"])
    op.create_index("ix_pilot_challenge_id", "pilot", ["challenge_id"])


def downgrade() -> None:
    op.drop_index("ix_pilot_challenge_id", "pilot")
    op.drop_constraint(op.f(NAME), "pilot", type_="foreignkey")
    op.drop_column("pilot", "challenge_id")
