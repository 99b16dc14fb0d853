"""estimates that analysts supply

Safe while the hub runs? The check of a trial's source takes one value more.
"""

from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"

NAME = "ck_trial_dataset_source"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(NAME), "trial_dataset", type_="check")
    op.create_check_constraint(
        op.f(NAME), "trial_dataset", "source IN ('csv', 'api', 'literature', 'analyst')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM trial_dataset WHERE source = 'analyst'")
    op.drop_constraint(op.f(NAME), "trial_dataset", type_="check")
    op.create_check_constraint(
        op.f(NAME), "trial_dataset", "source IN ('csv', 'api', 'literature')"
    )
