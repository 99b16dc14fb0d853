"""when a result was reported

Safe while the hub runs? A column without a default, which the previous release does not read;
pilots that were reported before get the day of that step.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("pilot", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE pilot SET reported_at = step.first_at
        FROM (
            SELECT pilot_id, min(created_at) AS first_at
            FROM pilot_step WHERE verb = 'report' GROUP BY pilot_id
        ) AS step
        WHERE step.pilot_id = pilot.id
        """
    )


def downgrade() -> None:
    op.drop_column("pilot", "reported_at")
