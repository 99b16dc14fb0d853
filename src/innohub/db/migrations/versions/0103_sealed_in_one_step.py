"""A unit of work's changes are sealed in one step

The audit trail's lock is held from here to the commit, by one writer at a time: what is done under it
is the ceiling of all changes. It was four statements of the hub's, each a round trip; it is one.

Safe while the hub runs? Yes: a function that the previous release does not know; both take the same
lock, and chain alike.
"""

from alembic import op

revision: str = "0103"
down_revision: str | None = "0099"

SEAL = """
    CREATE FUNCTION seal_changes(chain_lock bigint, entries jsonb, events bigint[], channel text)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        entry record;
        newest_seq bigint;
        newest_hash text;
        fresh_hash text;
    BEGIN
        PERFORM pg_advisory_xact_lock(chain_lock);
        -- Statements of their own, after the lock: each sees what its last holder committed.
        SELECT seq, hash INTO newest_seq, newest_hash
        FROM audit_entry ORDER BY seq DESC LIMIT 1;
        IF NOT FOUND THEN
            newest_seq := 0;
            newest_hash := repeat('0', 64);
        END IF;
        FOR entry IN
            SELECT * FROM ROWS FROM (
                jsonb_to_recordset(entries) AS (
                    at timestamptz, person_id bigint, client_id bigint, organisation_id bigint,
                    action text, object_type text, object_id bigint, detail jsonb,
                    reason text, request_id text, opening text, closing text
                )
            ) WITH ORDINALITY ORDER BY ordinality
        LOOP
            newest_seq := newest_seq + 1;
            fresh_hash := encode(sha256(convert_to(
                entry.opening || newest_hash || entry.closing || newest_seq || '}', 'UTF8'
            )), 'hex');
            INSERT INTO audit_entry (
                seq, at, person_id, client_id, organisation_id, action, object_type, object_id,
                detail, reason, request_id, prev_hash, hash
            ) VALUES (
                newest_seq, entry.at, entry.person_id, entry.client_id, entry.organisation_id,
                entry.action, entry.object_type, entry.object_id,
                entry.detail, entry.reason, entry.request_id, newest_hash, fresh_hash
            );
            newest_hash := fresh_hash;
        END LOOP;
        IF cardinality(events) > 0 THEN
            UPDATE event SET position = fresh.position
            FROM (
                SELECT id, (SELECT coalesce(max(position), 0) FROM event)
                    + row_number() OVER (ORDER BY id) AS position
                FROM unnest(events) AS id
            ) fresh
            WHERE event.id = fresh.id;
            PERFORM pg_notify(channel, '');
        END IF;
    END $$
"""


def upgrade() -> None:
    op.execute(SEAL)


def downgrade() -> None:
    op.execute("DROP FUNCTION seal_changes(bigint, jsonb, bigint[], text)")
