SELECT json_build_object('data', json_build_object('technologies', json_build_object(
    'totalCount', (SELECT coalesce(sum(number), 0)::int8 FROM published_count WHERE category = $1),
    'pageInfo', json_build_object(
        'hasNextPage', count(*) > 50, 'hasPreviousPage', false,
        'startCursor', (array_agg(json_build_array(rating_mean, id)))[1],
        'endCursor', (array_agg(json_build_array(rating_mean, id)))[least(50, count(*))]),
    'nodes', coalesce(json_agg(node) FILTER (WHERE place <= 50), '[]'))))
FROM (
    SELECT row_number() OVER () AS place, t.rating_mean, t.id, json_build_object(
        'id', t.id, 'slug', t.slug, 'name', t.name, 'summary', t.summary,
        'categoryLabel', category.label, 'trl', t.trl, 'bestGrade', t.best_grade,
        'pilotCount', t.pilot_count,
        'activePilotCount', (
            SELECT count(*) FROM pilot
            WHERE technology_id = t.id AND state IN ('protocol_locked', 'running', 'paused',
                                                     'analysing', 'reported', 'decided')),
        'price', CASE WHEN t.price_from_pence IS NOT NULL THEN json_build_object(
            'fromPence', t.price_from_pence, 'toPence', t.price_to_pence,
            'unit', t.price_unit, 'interval', t.price_interval) END,
        'rating', json_build_object('shrunkMean', t.rating_mean, 'count', t.rating_count),
        'supplier', (SELECT json_build_object('slug', slug, 'name', name)
                     FROM organisation WHERE id = t.supplier_id),
        'capabilities', (
            SELECT coalesce(json_agg(json_build_object('value', c.capability, 'label', r.label)
                                     ORDER BY c.capability), '[]')
            FROM technology_capability c
            JOIN reference_value r ON r.list = 'capability' AND r.id = c.capability
            WHERE c.technology_id = t.id),
        'ratings', json_build_object('nodes', (
            SELECT coalesce(json_agg(json_build_object(
                'overall', overall, 'comment', comment, 'ratedAt', created_at,
                'force', (SELECT json_build_object('name', name)
                          FROM organisation WHERE id = force_id))), '[]')
            FROM (SELECT overall, comment, created_at, force_id FROM rating
                  WHERE technology_id = t.id ORDER BY id DESC LIMIT 3) latest))) AS node
    FROM technology t
    CROSS JOIN (SELECT label FROM reference_value WHERE list = 'category' AND id = $1) category
    WHERE t.state = 'published' AND t.category = $1
    ORDER BY t.rating_mean DESC, t.id DESC LIMIT 51) page
