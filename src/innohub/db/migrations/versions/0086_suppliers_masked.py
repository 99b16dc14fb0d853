"""a round may mask its suppliers' names while it is scored

Safe while the hub runs? A column with a constant default, which rewrites no table.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0086"
down_revision: str | None = "0071"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "board_round",
        sa.Column("suppliers_masked", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("board_round", "suppliers_masked")
