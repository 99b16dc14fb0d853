"""how many tries of a delivery in a row were refused with fresh tokens

Safe while the hub runs? The column has a constant default, which PostgreSQL keeps beside the table:
no row is rewritten. A worker of the release before leaves it at nought.
"""

from alembic import op

revision: str = "0055"
down_revision: str | None = "0064"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE delivery ADD COLUMN refusals bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE delivery DROP COLUMN refusals")
