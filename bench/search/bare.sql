-- $1: the words. What PostgreSQL does by itself: no synonyms, no typing errors, ts_rank.
WITH asked AS MATERIALIZED (SELECT websearch_to_tsquery('english', $1) AS query),
found AS MATERIALIZED (
    SELECT t.id, t.category, t.trl, t.rating_mean, t.rating_count,
           ts_rank(t.search, asked.query)::float8 AS rank
    FROM technology t, asked
    WHERE t.state = 'published' AND t.search @@ asked.query),
page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY rank DESC, id DESC) AS place, id, rank FROM found
    ORDER BY rank DESC, id DESC LIMIT 21)
SELECT json_build_object('data', json_build_object('technologies', json_build_object(
    'totalCount', (SELECT count(*) FROM found),
    'pageInfo', (
        SELECT json_build_object(
            'hasNextPage', count(*) > 20,
            'endCursor', (array_agg(json_build_array(rank, id) ORDER BY place))[least(20, count(*))])
        FROM page),
    'nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', t.id, 'slug', t.slug, 'name', t.name, 'summary', t.summary,
            'categoryLabel', r.label, 'trl', t.trl, 'bestGrade', t.best_grade,
            'pilotCount', t.pilot_count,
            'rating', json_build_object('shrunkMean', t.rating_mean, 'count', t.rating_count),
            'supplier', json_build_object('slug', o.slug, 'name', o.name)) ORDER BY page.place), '[]')
        FROM page JOIN technology t ON t.id = page.id
        JOIN organisation o ON o.id = t.supplier_id
        JOIN reference_value r ON r.list = 'category' AND r.id = t.category
        WHERE page.place <= 20),
    'facets', json_build_object(
        'category', (
            SELECT coalesce(json_agg(json_build_object('value', category, 'label', label,
                                                       'count', number)
                                     ORDER BY number DESC, label), '[]')
            FROM (SELECT category, count(*) AS number FROM found GROUP BY category) counted
            JOIN reference_value r ON r.list = 'category' AND r.id = category),
        'trl', (
            SELECT coalesce(json_agg(json_build_object('value', trl::text, 'count', number)
                                     ORDER BY number DESC, trl), '[]')
            FROM (SELECT trl, count(*) AS number FROM found GROUP BY trl) counted),
        'pilotedBy', (
            SELECT coalesce(json_agg(json_build_object('value', o.slug, 'label', o.name,
                                                       'count', number)
                                     ORDER BY number DESC, o.name), '[]')
            FROM (SELECT p.force_id, count(DISTINCT found.id) AS number
                  FROM found JOIN pilot p ON p.technology_id = found.id
                  WHERE p.state IN ('protocol_locked', 'running', 'paused', 'analysing', 'reported',
                                    'decided', 'stopped', 'published')
                  GROUP BY p.force_id) counted
            JOIN organisation o ON o.id = counted.force_id),
        'rating', (
            SELECT coalesce(json_agg(json_build_object('value', band, 'count', number)
                                     ORDER BY number DESC, label), '[]')
            FROM (SELECT band, count(*) AS number,
                         CASE band WHEN '4' THEN '4 and over' WHEN '3' THEN '3 to 4'
                                   WHEN '1' THEN 'Under 3' ELSE 'Not rated yet' END AS label
                  FROM (SELECT CASE WHEN rating_count = 0 THEN '0' WHEN rating_mean >= 4 THEN '4'
                                    WHEN rating_mean >= 3 THEN '3' ELSE '1' END AS band
                        FROM found) banded
                  GROUP BY band) counted)))))
