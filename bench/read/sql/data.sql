-- The market's rows. Numbers in capitals stand for the scale; see data.py. Everything is drawn by
-- hashing the row's number, so that each run makes the same rows, whatever the plans.
SET session_replication_role = replica; -- no foreign key triggers here: data.py looks for orphans
SET work_mem = '256MB';

CREATE FUNCTION pg_temp.draw(i bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(i, salt) & 1048575)::float8 / 1048576 $$;

CREATE FUNCTION pg_temp.some(i bigint, salt int, most int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT floor(pg_temp.draw(i, salt) * most)::int $$;

-- Few technologies get many ratings and pilots, most get few.
CREATE FUNCTION pg_temp.technology_of(i bigint, salt int) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT floor(N_TECHNOLOGIES * power(pg_temp.draw(i, salt), 1.1))::bigint * 7919
          % N_TECHNOLOGIES + 1 $$;

CREATE TEMP TABLE word AS
SELECT row_number() OVER () - 1 AS id, word
FROM regexp_split_to_table('camera officer evidence digital custody response incident vehicle drone
radio sensor analytics triage victim witness statement forensic image video audio transcription
translation redaction disclosure interview knife detection scanner biometric face voice number plate
recognition mapping patrol rural urban road traffic collision speed alcohol drug testing missing
person safeguarding child domestic abuse stalking fraud cyber phone extraction laboratory archive
storage cloud mobile tablet wearable body worn armour firearm training simulation virtual reality
rostering wellbeing fatigue demand forecast call handling contact chat crime recording intelligence
network link chart risk assessment offender tag probation court file prosecution secure messaging
identity access audit assurance data quality dashboard report open source monitoring social media
public order crowd event planning command control dispatch navigation battery charger fleet fuel
emission building energy property store barcode tracking drone dock perimeter thermal acoustic
gunshot noise light tower barrier gate kiosk appointment queue front desk language sign support',
'\s+') AS word;

CREATE TEMP TABLE sentence AS
SELECT s AS id, initcap(min(w.word) FILTER (WHERE place = 1)) || ' '
       || string_agg(w.word, ' ' ORDER BY place) FILTER (WHERE place > 1) || '.' AS body
FROM generate_series(0, 996) s, generate_series(1, 12) place,
     LATERAL (SELECT floor((SELECT count(*) FROM word)
                           * power(pg_temp.draw(s * 100 + place, 1), 1.5))::int AS id) picked
     JOIN word w USING (id)
GROUP BY s;

CREATE TEMP TABLE force AS
SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM organisation
WHERE kind = 'force' AND valid_to IS NULL;
CREATE TEMP TABLE category AS
SELECT row_number() OVER (ORDER BY position) - 1 AS place, id FROM reference_value
WHERE list = 'category';
CREATE TEMP TABLE capability AS
SELECT row_number() OVER (ORDER BY position) - 1 AS place, id FROM reference_value
WHERE list = 'capability';
CREATE TEMP TABLE kpi AS
SELECT row_number() OVER (ORDER BY position) - 1 AS place, id, detail ->> 'type' AS type
FROM reference_value WHERE list = 'kpi';

INSERT INTO organisation (kind, slug, name, summary, website, demonstration, created_at)
SELECT 'supplier', 'supplier-' || s, 'Supplier ' || s, body, 'https://supplier-' || s || '.example',
       false, 'BORN'::timestamptz - interval '3 years'
FROM generate_series(1, N_SUPPLIERS) s JOIN sentence ON sentence.id = s % 997 ORDER BY s;
CREATE TEMP TABLE supplier AS
SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM organisation WHERE kind = 'supplier';
ANALYZE;

-- Every technology has a pilot; a rating names one of its technology's.
CREATE TEMP TABLE pilot_drawn AS
SELECT p AS id, technology_id, row_number() OVER (PARTITION BY technology_id ORDER BY p) AS place,
       state
FROM (SELECT p, CASE WHEN p <= N_TECHNOLOGIES THEN p ELSE pg_temp.technology_of(p, 2) END
               AS technology_id,
             (ARRAY['published', 'published', 'published', 'published', 'published', 'published',
                    'published', 'published', 'published', 'published', 'running', 'running',
                    'running', 'analysing', 'reported', 'decided', 'protocol_locked', 'paused',
                    'stopped', 'scoping', 'assurance', 'overlap_review', 'declined', 'lapsed'
              ])[1 + pg_temp.some(p, 3, 24)] AS state
      FROM generate_series(1, N_PILOTS) p) drawn;
CREATE TEMP TABLE rating_drawn AS
SELECT r AS id, technology_id, row_number() OVER (PARTITION BY technology_id ORDER BY r) AS place,
       stars[1] AS a, stars[2] AS b, stars[3] AS c, stars[4] AS d, stars[5] AS e,
       (SELECT avg(star) FROM unnest(stars) star)::float8 AS overall
FROM (SELECT r, technology_id,
             ARRAY(SELECT least(5, greatest(1, round(2.2 + 2.4 * pg_temp.draw(technology_id, 4)
                                                     + 2 * (pg_temp.draw(r, 10 + n) - 0.5))))::int
                   FROM generate_series(1, 5) n) AS stars
      FROM (SELECT r, pg_temp.technology_of(r, 5) AS technology_id
            FROM generate_series(1, N_RATINGS) r) placed) drawn;
-- Results of pilots that came to their analysis, in several revisions each.
CREATE TEMP TABLE result_drawn AS
WITH analysed AS (
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS number, id, technology_id,
           state
    FROM pilot_drawn
    WHERE state IN ('analysing', 'reported', 'decided', 'published', 'stopped')
      AND id <= MOST_PILOTS_WITH_RESULTS)
SELECT r AS id, analysed.id AS pilot_id, technology_id, 1 + (r - 1) / number AS revision,
       state = 'published' AS published, 1 + pg_temp.some(analysed.id, 6, 5) AS grade
FROM generate_series(1, N_RESULTS) r
JOIN analysed ON analysed.n = (r - 1) % (SELECT max(number) FROM analysed);
ANALYZE pilot_drawn, rating_drawn, result_drawn;

INSERT INTO technology (
    id, supplier_id, slug, name, summary, category, trl, state, price_from_pence, price_to_pence,
    price_unit, price_interval, demonstration, published_at, current_version_id, revision,
    rating_mean, rating_count, pilot_count, best_grade, search_text, created_at)
SELECT t, supplier.id, 'technology-' || t, split_part(name.body, ' ', 1) || ' '
       || split_part(name.body, ' ', 4) || ' ' || t, summary.body, category.id,
       4 + pg_temp.some(t, 20, 6), state,
       CASE WHEN priced THEN price END, CASE WHEN priced THEN price * 2 END,
       CASE WHEN priced THEN (ARRAY['user', 'device', 'force', 'officer'])[1 + t % 4] END,
       CASE WHEN priced THEN (ARRAY['month', 'year', 'one_off'])[1 + t % 3] END,
       false, CASE WHEN state IN ('published', 'suspended', 'withdrawn')
                   THEN 'BORN'::timestamptz - interval '1 minute' * pg_temp.some(t, 21, 1000000) END,
       t, 3, (9 + coalesce(rated.total, 0)) / (3 + coalesce(rated.number, 0)),
       coalesce(rated.number, 0), coalesce(piloted.number, 0), best.grade,
       a.body || ' ' || b.body || ' ' || c.body,
       'BORN'::timestamptz - interval '800 days' + interval '1 second' * t
FROM generate_series(1, N_TECHNOLOGIES) t
CROSS JOIN LATERAL (
    SELECT (ARRAY['draft', 'in_review', 'withdrawn', 'suspended', 'changes_requested'])[
               1 + pg_temp.some(t, 22, 5)] AS hidden, pg_temp.draw(t, 23) AS at,
           pg_temp.draw(t, 24) < 0.85 AS priced, 1000 + pg_temp.some(t, 25, 500000) AS price) own
CROSS JOIN LATERAL (SELECT CASE WHEN at < 0.93 THEN 'published' ELSE hidden END AS state) its
JOIN supplier ON supplier.place = floor(N_SUPPLIERS * power(pg_temp.draw(t, 26), 1.5))
JOIN category ON category.place
     = floor((SELECT count(*) FROM category) * power(pg_temp.draw(t, 27), 1.3))
JOIN sentence name ON name.id = pg_temp.some(t, 28, 997)
JOIN sentence summary ON summary.id = pg_temp.some(t, 29, 997)
JOIN sentence a ON a.id = pg_temp.some(t, 30, 997)
JOIN sentence b ON b.id = pg_temp.some(t, 31, 997)
JOIN sentence c ON c.id = pg_temp.some(t, 32, 997)
LEFT JOIN (SELECT technology_id, sum(overall) AS total, count(*) AS number
           FROM rating_drawn GROUP BY technology_id) rated ON rated.technology_id = t
LEFT JOIN (SELECT technology_id, count(*) AS number FROM pilot_drawn
           WHERE state NOT IN ('declined', 'lapsed') GROUP BY technology_id) piloted
       ON piloted.technology_id = t
LEFT JOIN (SELECT technology_id, max(grade) AS grade FROM result_drawn WHERE published
           GROUP BY technology_id) best ON best.technology_id = t;

INSERT INTO listing_version (id, technology_id, number, state, content, content_hash,
                             review_due_on, reviewed_at, review_reason, created_at)
SELECT t, t, 1 + t % 3, 'approved', '{}', encode(sha256(int8send(t)), 'hex'),
       'BORN'::timestamptz - interval '600 days', 'BORN'::timestamptz - interval '603 days', NULL,
       'BORN'::timestamptz - interval '605 days'
FROM generate_series(1, N_TECHNOLOGIES) t;

INSERT INTO technology_capability (technology_id, capability)
SELECT DISTINCT t, capability.id
FROM generate_series(1, N_TECHNOLOGIES) t
CROSS JOIN LATERAL generate_series(0, pg_temp.some(t, 33, 3)) k
JOIN capability
     ON capability.place = pg_temp.some(t * 4 + k, 34, (SELECT count(*)::int FROM capability));

INSERT INTO listing_section (technology_id, section, body, updated_at, created_at)
SELECT t, (ARRAY['what_it_does', 'how_it_works', 'data_use', 'deployment_and_integration',
                 'price_and_terms', 'support'])[k], one.body || ' ' || two.body,
       'BORN'::timestamptz - interval '610 days', 'BORN'::timestamptz - interval '620 days'
FROM generate_series(1, MOST_TECHNOLOGIES_IN_FULL) t, generate_series(1, 6) k,
     sentence one, sentence two
WHERE one.id = pg_temp.some(t * 8 + k, 35, 997) AND two.id = pg_temp.some(t * 8 + k, 36, 997);

INSERT INTO assurance_item (technology_id, type, issuer, reference, issued_on, expires_on, status,
                            verified_at, classification, revision, created_at)
SELECT t, type, 'Certifier ' || t % 12, 'REF-' || t || '-' || k, date 'BORN' - 400,
       date 'BORN' + 300, CASE WHEN t % 4 = 0 THEN 'declared' ELSE 'verified' END,
       CASE WHEN t % 4 = 0 THEN NULL ELSE 'BORN'::timestamptz - interval '390 days' END,
       'official', 1, 'BORN'::timestamptz - interval '400 days'
FROM generate_series(1, MOST_TECHNOLOGIES_IN_FULL) t
CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.some(t, 37, 3)) k
JOIN (SELECT row_number() OVER (ORDER BY position) AS place, id AS type FROM reference_value
      WHERE list = 'assurance_type') types ON types.place = 1 + (k * 5) % 9;

INSERT INTO pilot (id, technology_id, supplier_id, listing_version_id, force_id, site, title,
                   question, kpi, state, start_on, end_on, supplier_accepted_at, published_at,
                   demonstration, revision, created_at)
SELECT p.id, p.technology_id, t.supplier_id, p.technology_id, force.id, 'Site ' || p.id % 40,
       'Pilot ' || p.id, question.body, kpi.id, p.state, began, began + 120,
       'BORN'::timestamptz - interval '500 days',
       CASE WHEN p.state = 'published' THEN began + 160 + interval '9 hours' END, false, 5,
       began - interval '60 days'
FROM pilot_drawn p JOIN technology t ON t.id = p.technology_id
CROSS JOIN LATERAL (SELECT date 'BORN' - 200 - pg_temp.some(p.id, 40, 700) AS began) its
JOIN force ON force.place = (p.technology_id * 13 + p.place) % (SELECT count(*) FROM force)
JOIN kpi ON kpi.place = pg_temp.some(p.id, 41, (SELECT count(*)::int FROM kpi))
JOIN sentence question ON question.id = pg_temp.some(p.id, 42, 997);

INSERT INTO rating (id, technology_id, listing_version_id, pilot_id, force_id, affordability,
                    capability, deployability, maintainability, usability, overall, comment,
                    demonstration, created_at)
SELECT r.id, r.technology_id, r.technology_id, r.technology_id, force.id, a, b, c, d, e, overall,
       body, false, 'BORN'::timestamptz - interval '400 days' + interval '3 minutes' * (r.id % 190000)
FROM rating_drawn r
JOIN force ON force.place = (r.technology_id * 13 + r.place) % (SELECT count(*) FROM force)
JOIN sentence ON sentence.id = pg_temp.some(r.id, 43, 997);

INSERT INTO protocol (pilot_id, kpi, kpi_type, direction, unit, baseline_value, baseline_source,
                      minimum_important_effect, design, sample_size, analysis_plan, stop_rules,
                      result_due_on, locked_at, hash, revision, created_at)
SELECT p.id, p.kpi, coalesce(kpi.type, 'proportion'),
       CASE WHEN p.id % 3 = 0 THEN 'higher_is_better' ELSE 'lower_is_better' END, 'percent',
       0.2, 'Last year''s records', 0.05, 'stepped_wedge', 400 + p.id % 300, 'As registered.',
       'Harm to the public.', p.end_on + 60,
       CASE WHEN locked THEN p.start_on - interval '10 days' END,
       CASE WHEN locked THEN encode(sha256(int8send(p.id)), 'hex') END, 2,
       p.start_on - interval '20 days'
FROM pilot p JOIN kpi ON kpi.id = p.kpi
CROSS JOIN LATERAL (SELECT p.state NOT IN ('scoping', 'assurance', 'overlap_review', 'declined',
                                           'lapsed') AS locked) its
WHERE p.id <= MOST_PILOTS_WITH_RESULTS;

INSERT INTO trial_dataset (id, pilot_id, version, source, cells, cells_hash, created_at)
SELECT p.id, p.id, 1, 'csv', '[]', encode(sha256(int8send(p.id)), 'hex'), p.end_on
FROM pilot p WHERE p.id IN (SELECT pilot_id FROM result_drawn);

INSERT INTO result (id, pilot_id, technology_id, supplier_id, force_id, dataset_id, revision, kpi,
                    scale, effect, lower, upper, p_value, sample_size, method, grade, verdict,
                    harm_signal, finding, notes, secondary, inputs_hash, libraries, confirmed_at,
                    published_at, created_at)
SELECT r.id, p.id, p.technology_id, p.supplier_id, p.force_id, p.id, r.revision, p.kpi,
       'risk_difference', effect, effect - 0.04, effect + 0.04, pg_temp.draw(r.id, 50),
       400 + p.id % 300, 'two_proportions', r.grade,
       (ARRAY['worked', 'promising', 'inconclusive', 'didnt_work', 'harmful'])[
           1 + pg_temp.some(p.id, 51, 5)],
       false, finding.body, ARRAY['The rule of the verdict.'], '{}',
       encode(sha256(int8send(r.id)), 'hex'), '{}', p.end_on + interval '12 hours',
       CASE WHEN r.published THEN p.published_at + interval '1 minute' * r.revision END,
       p.end_on + interval '10 hours'
FROM result_drawn r JOIN pilot p ON p.id = r.pilot_id
CROSS JOIN LATERAL (SELECT round((pg_temp.draw(r.id, 52) - 0.4)::numeric / 5, 4)::float8 AS effect) its
JOIN sentence finding ON finding.id = pg_temp.some(r.id, 53, 997);

-- What the database's own trigger keeps, which does not fire here.
INSERT INTO published_count (category, number)
SELECT category, count(*) FROM technology WHERE state = 'published' GROUP BY category;

RESET session_replication_role;
RESET work_mem;
