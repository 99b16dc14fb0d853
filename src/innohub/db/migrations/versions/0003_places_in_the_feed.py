"""Each event's place in the feed of all events.

Safe while the hub runs? The column may be null, and the previous release leaves it so: events that
it records during the change are placed by nobody. Stop it first.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("event", sa.Column("position", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE event SET position = placed.position FROM"
        " (SELECT id, row_number() OVER (ORDER BY id) AS position FROM event) AS placed"
        " WHERE event.id = placed.id"
    )
    op.create_unique_constraint(op.f("uq_event_position"), "event", ["position"])
    op.create_index("ix_event_supplier_id_position", "event", ["supplier_id", "position"])
    op.drop_index("ix_event_supplier_id_id", table_name="event")


def downgrade() -> None:
    op.create_index("ix_event_supplier_id_id", "event", ["supplier_id", "id"])
    op.drop_index("ix_event_supplier_id_position", table_name="event")
    op.drop_constraint(op.f("uq_event_position"), "event")
    op.drop_column("event", "position")
