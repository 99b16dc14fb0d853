"""what the pilots for a challenge show together

Safe while the hub runs? Columns that stay empty for what there is, and one that may be empty from now
on; the previous release writes it as before. It cannot read rows of challenges, and does not look for
them.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0052"
down_revision: str | None = "0045"

TABLES = ("pooled_effect", "pooled_trial")
VIEW = "uq_pooled_effect_challenge_view"
OF_ONE = "ck_pooled_effect_of_one"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("challenge_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_challenge_id"), table, "challenge", ["challenge_id"], ["id"]
        )
        op.alter_column(table, "technology_id", nullable=True)
    op.create_unique_constraint(
        VIEW, "pooled_effect", ["challenge_id", "kpi", "grade_at_least", "independent_only"]
    )
    op.create_check_constraint(
        op.f(OF_ONE), "pooled_effect", "(technology_id IS NULL) <> (challenge_id IS NULL)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM pooled_trial WHERE challenge_id IS NOT NULL")
    op.execute("DELETE FROM pooled_effect WHERE challenge_id IS NOT NULL")
    op.drop_constraint(op.f(OF_ONE), "pooled_effect", type_="check")
    op.drop_constraint(VIEW, "pooled_effect", type_="unique")
    for table in TABLES:
        op.alter_column(table, "technology_id", nullable=False)
        op.drop_constraint(op.f(f"fk_{table}_challenge_id"), table, type_="foreignkey")
        op.drop_column(table, "challenge_id")
