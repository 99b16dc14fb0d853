"""tasks, messages and checkpoints of the forces that joined a pilot

Safe while the hub runs? Three columns without a default. A row that the previous release writes
meanwhile names no force and counts as the leading force's.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"

TABLES = ("checkpoint", "pilot_message", "pilot_task")
NEVER_CHANGE = ("checkpoint", "pilot_message")
OF_A_SIDE = ("pilot_message", "pilot_task")

BACKFILL = (
    "UPDATE checkpoint SET force_id = pilot.force_id FROM pilot"
    " WHERE pilot.id = checkpoint.pilot_id",
    "UPDATE pilot_message SET force_id = pilot.force_id FROM pilot"
    " WHERE pilot.id = pilot_message.pilot_id AND side = 'force'",
    "UPDATE pilot_task SET force_id = pilot.force_id FROM pilot"
    " WHERE pilot.id = pilot_task.pilot_id AND side = 'force'",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("force_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_force_id"), table, "organisation", ["force_id"], ["id"]
        )
    for table in OF_A_SIDE:
        op.create_check_constraint(
            op.f(f"ck_{table}_force"), table, "side = 'force' OR force_id IS NULL"
        )
    for table in NEVER_CHANGE:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_changes")
    for statement in BACKFILL:
        op.execute(statement)
    # The backfill is no change of what was said: from here on nothing changes again.
    for table in NEVER_CHANGE:
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_never_changes")


def downgrade() -> None:
    for table in OF_A_SIDE:
        op.drop_constraint(op.f(f"ck_{table}_force"), table, type_="check")
    for table in TABLES:
        op.drop_constraint(op.f(f"fk_{table}_force_id"), table, type_="foreignkey")
        op.drop_column(table, "force_id")
