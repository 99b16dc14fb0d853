-- $2 results of supplier $1 that wait in $3 lanes, as if they had been recorded one by one.
WITH connection AS (
    SELECT id FROM connection WHERE organisation_id = $1 LIMIT 1
),
happened AS (
    SELECT n, 'bench/$1/' || n % $3 AS stream, n / $3 + 1 AS seq
    FROM generate_series(0, $2 - 1) n
),
counted AS (
    INSERT INTO event_stream (name, last_seq)
    SELECT stream, max(seq) FROM happened GROUP BY stream
),
event_ AS (
    INSERT INTO event (stream, seq, type, schema_version, supplier_id, payload, created_at)
    SELECT stream, seq, 'pilot.result_published', 1, $1, jsonb_build_object(
        'pilot_id', n % $3, 'pilot_title', 'Redaction of case files in the north of the county',
        'technology_id', 12, 'technology_slug', 'redaction', 'technology_name', 'Redaction',
        'force_id', 7, 'force_slug', 'medway', 'force_name', 'Medway Constabulary',
        'result_id', n, 'result_revision', 1, 'published_at', now(),
        'protocol_hash', repeat(md5(n::text), 2), 'design', 'individual_rct', 'unit', 'percent',
        'direction', 'higher_is_better', 'scale', 'risk_difference', 'effect', 0.1 + n % 7 / 100.0,
        'lower', 0.02, 'upper', 0.21, 'p_value', 0.012, 'n', 412, 'maryland_grade', 5,
        'verdict', 'meets', 'kpi', 'case_file_quality_pass', 'sites', jsonb_build_array('North', 'South'),
        'summary', 'Of 206 files that were redacted with the technology 171 passed at the first '
            || 'look, of 206 without it 148. The difference is more than the smallest change worth having.'
    ), now()
    FROM happened
    RETURNING id, stream, seq, type, created_at
),
lined_up AS (
    INSERT INTO delivery (organisation_id, connection_id, event_id, event_type, stream, seq, turn,
        external_key, state, attempts, created_at)
    SELECT $1, connection.id, event_.id, event_.type, event_.stream, event_.seq, event_.seq,
        'ih-' || left(md5(event_.stream || '|' || event_.seq), 26), 'queued', 0, event_.created_at
    FROM event_, connection
    ORDER BY event_.id
)
INSERT INTO lane (organisation_id, connection_id, stream, state, pending, next_at, fence, created_at)
SELECT $1, connection.id, stream, 'ready', count(*), now(), 0, now()
FROM happened, connection
GROUP BY connection.id, stream
