"""supplied in pools: which trials of a pooled effect were estimated by their analysts

Safe while the hub runs? A column with a default, which the previous release leaves alone. What was
pooled before is marked by its results, whose primary effects alone could be supplied so far.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0049"
down_revision: str | None = "0048"


def upgrade() -> None:
    op.add_column(
        "pooled_trial",
        sa.Column("analyst_supplied", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "UPDATE pooled_trial SET analyst_supplied = true FROM result "
        "WHERE result.id = result_id AND role = 'primary' AND method = 'analyst_supplied'"
    )


def downgrade() -> None:
    op.drop_column("pooled_trial", "analyst_supplied")
