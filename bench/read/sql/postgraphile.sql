-- What PostGraphile serves: views of what a force's viewer may see, with the force's id in the
-- place of VIEWERS_FORCE, so that it needs no settings of the session. Rows that hang on a visible
-- technology or pilot are not checked again. Smart comments say what a view cannot.
DROP SCHEMA IF EXISTS served CASCADE;
CREATE SCHEMA served;

CREATE VIEW served.force AS SELECT id, slug, name FROM organisation WHERE kind = 'force';
COMMENT ON VIEW served.force IS E'@primaryKey id\n@unique slug';

CREATE VIEW served.supplier AS
SELECT id, slug, name, summary, website FROM organisation WHERE kind = 'supplier';
COMMENT ON VIEW served.supplier IS E'@primaryKey id\n@unique slug';

CREATE VIEW served.reference AS
SELECT list, id AS value, label, detail ->> 'help' AS help, position
FROM reference_value WHERE valid_to IS NULL;
COMMENT ON VIEW served.reference IS E'@primaryKey list,value';

CREATE VIEW served.version AS
SELECT id, number, reviewed_at, content_hash FROM listing_version WHERE state = 'approved';
COMMENT ON VIEW served.version IS E'@primaryKey id';

CREATE VIEW served.technology AS
SELECT id, slug, name, summary, category, trl, state, demonstration, published_at, best_grade,
       pilot_count, price_from_pence, price_to_pence, price_unit, price_interval, rating_mean,
       rating_count, supplier_id, current_version_id, search, evidence,
       (SELECT label FROM reference_value WHERE list = 'category' AND reference_value.id = category)
           AS category_label,
       (SELECT count(*) FROM pilot
        WHERE technology_id = technology.id
          AND pilot.state IN ('protocol_locked', 'running', 'paused', 'analysing', 'reported',
                              'decided'))::int AS active_pilot_count,
       (SELECT avg(affordability)::float8 FROM rating WHERE technology_id = technology.id)
           AS affordability,
       (SELECT avg(capability)::float8 FROM rating WHERE technology_id = technology.id)
           AS capability,
       (SELECT avg(deployability)::float8 FROM rating WHERE technology_id = technology.id)
           AS deployability,
       (SELECT avg(maintainability)::float8 FROM rating WHERE technology_id = technology.id)
           AS maintainability,
       (SELECT avg(usability)::float8 FROM rating WHERE technology_id = technology.id)
           AS usability
FROM technology WHERE state IN ('published', 'suspended', 'withdrawn');
COMMENT ON VIEW served.technology IS
E'@primaryKey id\n@unique slug\n@foreignKey (supplier_id) references supplier (id)|@fieldName supplier|@foreignFieldName technologies\n@foreignKey (current_version_id) references version (id)|@fieldName currentVersion|@behavior -backwards:*';
COMMENT ON COLUMN served.technology.search IS E'@behavior -*';
COMMENT ON COLUMN served.technology.evidence IS E'@behavior -*';

CREATE VIEW served.capability AS
SELECT technology_id, capability AS value,
       (SELECT label FROM reference_value WHERE list = 'capability' AND id = capability) AS label
FROM technology_capability;
COMMENT ON VIEW served.capability IS
E'@primaryKey technology_id,value\n@foreignKey (technology_id) references technology (id)|@foreignSimpleFieldName capabilities|@behavior +list';

CREATE VIEW served.section AS
SELECT id, technology_id, section, body,
       array_position(ARRAY['what_it_does', 'how_it_works', 'data_use',
                            'deployment_and_integration', 'price_and_terms', 'support'],
                      section::text) AS place
FROM listing_section;
COMMENT ON VIEW served.section IS
E'@primaryKey id\n@foreignKey (technology_id) references technology (id)|@foreignSimpleFieldName sections|@behavior +list';

CREATE VIEW served.assurance AS
SELECT id, technology_id, type, issuer, reference, issued_on, expires_on, status,
       (SELECT label FROM reference_value r WHERE r.list = 'assurance_type' AND r.id = type) AS label
FROM assurance_item;
COMMENT ON VIEW served.assurance IS
E'@primaryKey id\n@foreignKey (technology_id) references technology (id)|@foreignSimpleFieldName assurance|@behavior +list';

CREATE VIEW served.pilot AS
SELECT id, technology_id, force_id, title, site, state, kpi, start_on, end_on, demonstration,
       citation, citation_url,
       (SELECT label FROM reference_value r WHERE r.list = 'kpi' AND r.id = kpi) AS kpi_label
FROM pilot;
COMMENT ON VIEW served.pilot IS
E'@primaryKey id\n@foreignKey (technology_id) references technology (id)|@fieldName technology|@foreignFieldName pilots\n@foreignKey (force_id) references force (id)|@fieldName force|@foreignFieldName pilots';

CREATE VIEW served.protocol AS
SELECT o.id, pilot_id, direction, kpi_type, unit, minimum_important_effect
FROM protocol o JOIN pilot p ON p.id = o.pilot_id
WHERE locked_at IS NOT NULL OR force_id = VIEWERS_FORCE;
COMMENT ON VIEW served.protocol IS
E'@primaryKey id\n@unique pilot_id\n@foreignKey (pilot_id) references pilot (id)|@foreignSingleFieldName protocol';

CREATE VIEW served.result AS
SELECT id, technology_id, pilot_id, scale, effect, lower, upper, p_value, sample_size, method,
       grade, verdict, harm_signal, finding, notes, published_at, revision,
       (SELECT label FROM reference_value r WHERE r.list = 'kpi' AND r.id = kpi) AS kpi_label
FROM result WHERE published_at IS NOT NULL OR force_id = VIEWERS_FORCE;
COMMENT ON VIEW served.result IS
E'@primaryKey id\n@foreignKey (technology_id) references technology (id)|@fieldName technology|@foreignFieldName results\n@foreignKey (pilot_id) references pilot (id)|@fieldName pilot|@foreignFieldName results';

CREATE VIEW served.rating AS
SELECT id, technology_id, force_id, listing_version_id, affordability, capability, deployability,
       maintainability, usability, overall, comment, created_at, demonstration
FROM rating;
COMMENT ON VIEW served.rating IS
E'@primaryKey id\n@foreignKey (technology_id) references technology (id)|@fieldName technology|@foreignFieldName ratings\n@foreignKey (force_id) references force (id)|@fieldName force|@behavior -backwards:*\n@foreignKey (listing_version_id) references version (id)|@fieldName version|@behavior -backwards:*';

-- Written so that PostgreSQL inlines them: the partial indexes on published technologies apply.
CREATE FUNCTION served.catalogue(wanted text) RETURNS SETOF served.technology
LANGUAGE sql STABLE AS
$$ SELECT * FROM served.technology WHERE state = 'published' AND category = wanted $$;
COMMENT ON FUNCTION served.catalogue IS E'@behavior +queryField:resource:connection:order +order +orderBy';

CREATE FUNCTION served.search(words text) RETURNS SETOF served.technology
LANGUAGE sql STABLE AS
$$ SELECT * FROM served.technology
   WHERE state = 'published' AND search @@ (SELECT search_matching(words))
   ORDER BY search_band(search, (SELECT search_terms(words))) DESC, evidence DESC, id DESC $$;

CREATE TYPE served.facet AS (value text, label text, count int);

CREATE FUNCTION served.category_facet(words text) RETURNS SETOF served.facet
LANGUAGE sql STABLE AS
$$ SELECT category, label, number::int
   FROM (SELECT category, count(*) AS number FROM technology
         WHERE state = 'published' AND search @@ (SELECT search_matching(words))
         GROUP BY category) counted
   JOIN reference_value r ON r.list = 'category' AND r.id = category
   ORDER BY number DESC, label $$;

CREATE FUNCTION served.trl_facet(words text) RETURNS SETOF served.facet
LANGUAGE sql STABLE AS
$$ SELECT trl::text, 'TRL ' || trl, count(*)::int FROM technology
   WHERE state = 'published' AND search @@ (SELECT search_matching(words))
   GROUP BY trl ORDER BY count(*) DESC, 2 $$;

CREATE FUNCTION served.force_facet(words text) RETURNS SETOF served.facet
LANGUAGE sql STABLE AS
$$ SELECT o.slug, o.name, number::int
   FROM (SELECT p.force_id, count(DISTINCT t.id) AS number
         FROM technology t JOIN pilot p ON p.technology_id = t.id
         WHERE t.state = 'published' AND t.search @@ (SELECT search_matching(words))
           AND p.state IN ('protocol_locked', 'running', 'paused', 'analysing', 'reported',
                           'decided', 'stopped', 'published')
         GROUP BY p.force_id) counted
   JOIN organisation o ON o.id = force_id
   ORDER BY number DESC, o.name $$;

CREATE FUNCTION served.rating_facet(words text) RETURNS SETOF served.facet
LANGUAGE sql STABLE AS
$$ SELECT band, CASE band WHEN '4' THEN '4 and over' WHEN '3' THEN '3 to 4'
                          WHEN '1' THEN 'Under 3' ELSE 'Not rated yet' END, count(*)::int
   FROM (SELECT CASE WHEN rating_count = 0 THEN '0' WHEN rating_mean >= 4 THEN '4'
                     WHEN rating_mean >= 3 THEN '3' ELSE '1' END AS band
         FROM technology
         WHERE state = 'published' AND search @@ (SELECT search_matching(words))) banded
   GROUP BY band ORDER BY 3 DESC, 2 $$;
