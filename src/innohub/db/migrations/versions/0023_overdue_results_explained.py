"""why a result is overdue

Safe while the hub runs? Two columns without a default, which the previous release does not read.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("pilot", sa.Column("overdue_explanation", sa.Text(), nullable=True))
    op.add_column(
        "pilot", sa.Column("overdue_explained_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_pilot_overdue_explained"),
        "pilot",
        "(overdue_explanation IS NULL) = (overdue_explained_at IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_pilot_overdue_explained"), "pilot", type_="check")
    op.drop_column("pilot", "overdue_explained_at")
    op.drop_column("pilot", "overdue_explanation")
