-- $1: slug
SELECT json_build_object('data', json_build_object('force', (
    SELECT json_build_object('name', f.name, 'pilots', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'title', p.title, 'state', p.state, 'startOn', p.start_on,
            'technology', (
                SELECT json_build_object('slug', t.slug, 'name', t.name, 'supplier', (
                    SELECT json_build_object(
                        'slug', s.slug, 'name', s.name,
                        'technologies', json_build_object('nodes', (
                            SELECT coalesce(json_agg(json_build_object(
                                'slug', other.slug, 'name', other.name,
                                'rating', json_build_object('shrunkMean', other.rating_mean),
                                'ratings', json_build_object('nodes', (
                                    SELECT coalesce(json_agg(json_build_object(
                                        'overall', r.overall, 'ratedAt', r.created_at,
                                        'force', (SELECT json_build_object('slug', slug, 'name', name)
                                                  FROM organisation WHERE id = r.force_id))), '[]')
                                    FROM (SELECT overall, created_at, force_id FROM rating
                                          WHERE technology_id = other.id
                                          ORDER BY id DESC LIMIT 3) r)))), '[]')
                            FROM (SELECT id, slug, name, rating_mean FROM technology
                                  WHERE supplier_id = s.id
                                    AND state IN ('published', 'suspended', 'withdrawn')
                                  ORDER BY id DESC LIMIT 4) other)))
                    FROM organisation s WHERE s.id = t.supplier_id))
                FROM technology t
                WHERE t.id = p.technology_id
                  AND t.state IN ('published', 'suspended', 'withdrawn')))), '[]')
        FROM (SELECT title, state, start_on, technology_id FROM pilot
              WHERE force_id = f.id ORDER BY id DESC LIMIT 8) p)))
    FROM organisation f WHERE f.slug = $1 AND f.kind = 'force')))
