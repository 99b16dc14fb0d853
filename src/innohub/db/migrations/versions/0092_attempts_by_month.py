"""attempts are kept by months: what was there becomes the first part

Safe while the hub runs? Names change hands within a moment, under a lock that gives up after five
seconds. No row is read or moved: a check that was validated before proves where the old ones belong,
and their indexes become the parts' own. The release before reads and writes the same table.
"""

from alembic import op

revision: str = "0092"
down_revision: str | None = "0091"

INDEXES = ("ix_attempt_delivery_id_id", "ix_attempt_organisation_id_id")
KEYS = ("connection", "delivery", "organisation")
ATTACH = """
DO $$
DECLARE bound text;
BEGIN
    SELECT substring(pg_get_constraintdef(oid) FROM '''([^'']+)''') INTO bound
    FROM pg_constraint
    WHERE conname = 'attempt_before' AND conrelid = 'attempt_before'::regclass;
    EXECUTE format('ALTER TABLE attempt ATTACH PARTITION attempt_before '
        'FOR VALUES FROM (MINVALUE) TO (%L)', bound);
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE attempt RENAME TO attempt_before")
    op.execute("ALTER TABLE attempt_before DROP CONSTRAINT pk_attempt")
    op.execute(
        "ALTER TABLE attempt_before ADD CONSTRAINT pk_attempt_before PRIMARY KEY "
        "USING INDEX uq_attempt_id_created_at"
    )
    for name in INDEXES:
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace('attempt', 'attempt_before')}")
    op.execute(
        "CREATE TABLE attempt (LIKE attempt_before INCLUDING DEFAULTS INCLUDING STORAGE, "
        "CONSTRAINT pk_attempt PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at)"
    )
    op.execute("CREATE INDEX ix_attempt_delivery_id_id ON attempt (delivery_id, id DESC)")
    op.execute("CREATE INDEX ix_attempt_organisation_id_id ON attempt (organisation_id, id DESC)")
    for key in KEYS:
        op.execute(
            f"ALTER TABLE attempt ADD CONSTRAINT fk_attempt_{key}_id "
            f"FOREIGN KEY ({key}_id) REFERENCES {key} (id)"
        )
    op.execute(ATTACH)
    op.execute("ALTER TABLE attempt_before DROP CONSTRAINT attempt_before")
    op.execute("CREATE TABLE attempt_otherwise PARTITION OF attempt DEFAULT")
    op.execute("ALTER SEQUENCE attempt_number OWNED BY attempt.id")


def downgrade() -> None:
    op.execute("ALTER SEQUENCE attempt_number OWNED BY NONE")
    op.execute("ALTER TABLE attempt DETACH PARTITION attempt_before")
    op.execute("INSERT INTO attempt_before SELECT * FROM attempt")
    op.execute("DROP TABLE attempt")
    op.execute("ALTER TABLE attempt_before RENAME TO attempt")
    op.execute("ALTER TABLE attempt DROP CONSTRAINT pk_attempt_before")
    op.execute("ALTER TABLE attempt ADD CONSTRAINT pk_attempt PRIMARY KEY (id)")
    op.execute("CREATE UNIQUE INDEX uq_attempt_id_created_at ON attempt (id, created_at)")
    for name in INDEXES:
        op.execute(f"ALTER INDEX {name.replace('attempt', 'attempt_before')} RENAME TO {name}")
    op.execute("ALTER TABLE attempt ADD CONSTRAINT attempt_before CHECK (created_at < 'infinity')")
