"""Events recorded before disclosure control covered all of them

From now on no count under 5 enters an event, and of what is marked SENSITIVE only a pointer; this
brings the events of before to the same. Deliveries read them when they are sent, or sent again.

Safe while the hub runs? Yes: rows are changed in place, by the rules of `outbox.disclosure`. A
worker that carries one at this moment sends it as it was.
"""

from alembic import op

revision: str = "0040"
down_revision: str | None = "0039"

POINTERS = """
UPDATE event SET payload = jsonb_build_object(
    'type', 'document', 'key', payload -> 'document_id',
    'link', '/pilots/' || (payload ->> 'pilot_id') || '/documents', 'sensitive', true
)
WHERE type IN ('pilot.document_added', 'pilot.document_withdrawn', 'pilot.document_taken_down')
    AND payload ->> 'kind' = 'pointer'
"""
READINGS = """
UPDATE event SET payload = jsonb_set(payload, '{readings}', (
    SELECT coalesce(jsonb_agg(
        jsonb_build_object('rule', NULL, 'met', NULL) || reading || jsonb_build_object(
            'value',
            CASE
                WHEN (reading ->> 'value')::numeric % 1 <> 0 THEN (reading ->> 'value')::numeric
                WHEN (reading ->> 'value')::numeric >= 5
                    THEN floor(((reading ->> 'value')::numeric + 2) / 5) * 5
            END
        ) ORDER BY place
    ), '[]')
    FROM jsonb_array_elements(payload -> 'readings') WITH ORDINALITY AS given (reading, place)
))
WHERE type = 'pilot.checkpoint_recorded'
"""
RULES = """
UPDATE event SET payload = jsonb_set(payload, '{rules}', (
    SELECT coalesce(jsonb_agg(regexp_replace(rule, '; it is -?[0-9.]+(e[+-]?[0-9]+)?$', '') ORDER BY place), '[]')
    FROM jsonb_array_elements_text(payload -> 'rules') WITH ORDINALITY AS given (rule, place)
))
WHERE type = 'pilot.stop_rule_breached'
"""
PAUSES = """
UPDATE event SET payload = jsonb_set(
    payload, '{reason}',
    to_jsonb(regexp_replace(payload ->> 'reason', '; it is -?[0-9.]+(e[+-]?[0-9]+)?', '', 'g'))
)
WHERE type = 'pilot.paused' AND payload ->> 'reason' LIKE 'A stop rule is met at checkpoint %'
"""
STATEMENTS = (POINTERS, READINGS, RULES, PAUSES)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", r"\:"))


def downgrade() -> None:
    """What was withheld is not told again."""
