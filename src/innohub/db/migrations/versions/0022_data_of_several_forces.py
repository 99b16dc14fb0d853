"""data of several forces in one pilot

Safe while the hub runs? Two columns without a default. A row that the previous release writes
meanwhile names no force and counts as the pilot's own force's.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "pilot_force", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("trial_dataset", sa.Column("force_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_trial_dataset_force_id"),
        "trial_dataset",
        "organisation",
        ["force_id"],
        ["id"],
    )
    op.execute(
        "UPDATE trial_dataset SET force_id = pilot.force_id FROM pilot"
        " WHERE pilot.id = trial_dataset.pilot_id"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_trial_dataset_force_id"), "trial_dataset", type_="foreignkey")
    op.drop_column("trial_dataset", "force_id")
    op.drop_column("pilot_force", "recorded_at")
