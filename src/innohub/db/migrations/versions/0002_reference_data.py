"""The 49 forces and every reference list."""

from alembic import op

from innohub.db import reference

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    reference.load(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM organisation WHERE kind = 'force'")
    op.execute("DELETE FROM reference_value")
