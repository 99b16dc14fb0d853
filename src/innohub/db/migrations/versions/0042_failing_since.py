"""Since when a connection has only failed, and how far its people were warned

Safe while the hub runs? Yes: two empty columns, which the previous release leaves alone.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | None = "0041"


def upgrade() -> None:
    op.add_column("connection", sa.Column("failing_since", sa.DateTime(timezone=True)))
    op.add_column("connection", sa.Column("warned_percent", sa.BigInteger()))
    op.create_index(
        "ix_connection_failing_since",
        "connection",
        ["failing_since"],
        postgresql_where=sa.text("failing_since IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_connection_failing_since", "connection")
    op.drop_column("connection", "warned_percent")
    op.drop_column("connection", "failing_since")
