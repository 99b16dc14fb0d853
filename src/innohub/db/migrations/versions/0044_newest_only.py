"""Connections that get only the newest of several events that wait

Safe while the hub runs? Yes: a column with a default, which the previous release leaves alone.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"


def upgrade() -> None:
    op.add_column(
        "connection",
        sa.Column("newest_only", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("connection", "newest_only")
