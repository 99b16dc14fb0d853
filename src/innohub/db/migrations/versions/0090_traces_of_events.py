"""the trace of the request that recorded an event

Safe while the hub runs? The column is nullable and without a default: no row is rewritten. The
release before neither writes nor reads it.
"""

from alembic import op

revision: str = "0090"
down_revision: str | None = "0069"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE event ADD COLUMN traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE event DROP COLUMN traceparent")
