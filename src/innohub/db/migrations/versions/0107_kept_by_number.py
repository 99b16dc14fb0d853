"""the audit trail and observations made ready for being kept by ranges of their number

Safe while the hub runs? A check that all rows, and those of the next while, are below a number is
validated while others write; its lock gives up after five seconds.
"""

from alembic import op

revision: str = "0107"
down_revision: str | None = "0103"

# All that is there, and all that comes until the next migration, is below: the rest of the part that
# is written and one more.
BOUND = """
DO $$
DECLARE bound bigint;
BEGIN
    SELECT ((%(newest)s) / %(size)s + 2) * %(size)s INTO bound;
    EXECUTE format(
        'ALTER TABLE %(table)s ADD CONSTRAINT %(table)s_before CHECK (%(column)s < %%s) NOT VALID', bound);
END $$
"""
TABLES = (
    {
        "table": "audit_entry",
        "column": "seq",
        "size": 10_000_000,
        "newest": "SELECT coalesce(max(seq), 0) FROM audit_entry",
    },
    {
        "table": "trial_observation",
        "column": "number",
        "size": 1_000_000_000,
        "newest": "SELECT last_value FROM trial_observation_number",
    },
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        for table in TABLES:
            name = f"{table['table']}_before"
            op.execute(f"ALTER TABLE {table['table']} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(BOUND % table)
            op.execute(f"ALTER TABLE {table['table']} VALIDATE CONSTRAINT {name}")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table['table']} DROP CONSTRAINT {table['table']}_before")
