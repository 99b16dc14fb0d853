"""the audit trail and observations are kept by ranges of their number: what was there is the first part

Safe while the hub runs? Names change hands within a moment, under a lock that gives up after five
seconds. No row is read or moved: a check that was validated before proves where the old ones belong,
and their indexes become the parts' own. The release before reads and writes the same tables.
"""

from alembic import op

revision: str = "0108"
down_revision: str | None = "0107"

COLUMNS = {"audit_entry": "seq", "trial_observation": "number"}
KEYS = {"audit_entry": ", CONSTRAINT pk_audit_entry PRIMARY KEY (seq)", "trial_observation": ""}
INDEXES = {
    "ix_audit_entry_object": "audit_entry (object_type, object_id)",
    "ix_audit_entry_person_id_seq": "audit_entry (person_id, seq) WHERE person_id IS NOT NULL",
    "ix_audit_entry_client_id_seq": "audit_entry (client_id, seq) WHERE client_id IS NOT NULL",
    "ix_trial_observation_number": "trial_observation USING brin (number) WITH (autosummarize = on)",
}
ATTACH = """
DO $$
DECLARE bound text;
BEGIN
    SELECT substring(pg_get_constraintdef(oid) FROM '< ''?(\\d+)') INTO bound
    FROM pg_constraint
    WHERE conname = '%(table)s_before' AND conrelid = '%(table)s_before'::regclass;
    EXECUTE format('ALTER TABLE %(table)s ATTACH PARTITION %(table)s_before '
        'FOR VALUES FROM (MINVALUE) TO (%%s)', bound);
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(
        "ALTER TABLE audit_entry_before RENAME CONSTRAINT pk_audit_entry TO pk_audit_entry_before"
    )
    for name in INDEXES:
        op.execute(f"ALTER INDEX {name} RENAME TO {name}_before")
    for table, column in COLUMNS.items():
        op.execute(
            f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS INCLUDING STORAGE"
            f"{KEYS[table]}) PARTITION BY RANGE ({column})"
        )
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {of}")
    for table in COLUMNS:
        op.execute(ATTACH % {"table": table})
        op.execute(f"ALTER TABLE {table}_before DROP CONSTRAINT {table}_before")
        op.execute(f"CREATE TABLE {table}_otherwise PARTITION OF {table} DEFAULT")


def downgrade() -> None:
    for table in COLUMNS:
        op.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_before")
        op.execute(f"INSERT INTO {table}_before SELECT * FROM {table}")  # noqa: S608
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE {table}_before RENAME TO {table}")
    op.execute("ALTER TABLE audit_entry RENAME CONSTRAINT pk_audit_entry_before TO pk_audit_entry")
    for name in INDEXES:
        op.execute(f"ALTER INDEX {name}_before RENAME TO {name}")
    for table, column in COLUMNS.items():
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_before "
            f"CHECK ({column} < 9000000000000000000)"
        )
