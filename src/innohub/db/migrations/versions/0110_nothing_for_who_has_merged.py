"""nothing is added to a supplier that has merged: what was under way meanwhile is asked to start anew

Safe while the hub runs? Triggers that look up one row by its key, where the foreign key beside them
looks it up anyway. No supplier has merged as yet, so that they refuse nothing that the old code does.
Each is made by itself: whoever held the locks of all these tables at once would wait for a writer that
waits for it. Broken off in between, it is run again from the start.
"""

from alembic import op

revision: str = "0110"
down_revision: str | None = "0109"

GUARDED = {
    "supplier_id": (
        "technology", "listing_draft", "catalogue_import", "import_item", "supplier_interest",
        "pilot", "result", "challenge_question", "challenge_response", "quote", "pool_invitation",
        "supplier_transaction", "debarment", "event",
    ),
    "organisation_id": (
        "membership", "oauth_client", "document", "board_review", "connection", "consent",
        "connection_mapping", "reconciliation", "inbound_message", "supplier_note",
    ),
}  # fmt: skip
"""By the column that names the supplier: where rows are added for one."""

GUARD = """
    CREATE OR REPLACE FUNCTION {column}_goes_on() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
    DECLARE followed_by bigint;
    BEGIN
        -- Waits for a merger under way. What it came to is read afterwards: the lock is of the row
        -- as it was before, and would return that.
        PERFORM FROM organisation WHERE id = NEW.{column} FOR KEY SHARE;
        SELECT successor_id INTO followed_by FROM organisation
        WHERE id = NEW.{column} AND kind = 'supplier';
        IF followed_by IS NOT NULL THEN
            RAISE EXCEPTION 'supplier % has merged', NEW.{column} USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for column, tables in GUARDED.items():
            op.execute(GUARD.format(column=column))
            for table in tables:
                op.execute(
                    f"CREATE OR REPLACE TRIGGER goes_on BEFORE INSERT ON {table} FOR EACH ROW "
                    f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION {column}_goes_on()"
                )


def downgrade() -> None:
    for column, tables in GUARDED.items():
        for table in tables:
            op.execute(f"DROP TRIGGER goes_on ON {table}")
        op.execute(f"DROP FUNCTION {column}_goes_on")
