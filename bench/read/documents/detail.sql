-- $1: slug, $2: the viewer's force
SELECT json_build_object('data', json_build_object(
    'technology', (
        SELECT json_build_object(
            'id', t.id, 'slug', t.slug, 'name', t.name, 'summary', t.summary,
            'categoryLabel', (SELECT label FROM reference_value
                              WHERE list = 'category' AND id = t.category),
            'category', t.category, 'trl', t.trl, 'state', t.state,
            'demonstration', t.demonstration, 'publishedAt', t.published_at,
            'bestGrade', t.best_grade, 'pilotCount', t.pilot_count,
            'activePilotCount', (
                SELECT count(*) FROM pilot
                WHERE technology_id = t.id AND state IN ('protocol_locked', 'running', 'paused',
                                                         'analysing', 'reported', 'decided')),
            'price', CASE WHEN t.price_from_pence IS NOT NULL THEN json_build_object(
                'fromPence', t.price_from_pence, 'toPence', t.price_to_pence,
                'unit', t.price_unit, 'interval', t.price_interval) END,
            'rating', (
                SELECT json_build_object(
                    'shrunkMean', t.rating_mean, 'count', t.rating_count,
                    'affordability', avg(affordability), 'capability', avg(capability),
                    'deployability', avg(deployability), 'maintainability', avg(maintainability),
                    'usability', avg(usability))
                FROM rating WHERE technology_id = t.id),
            'supplier', (
                SELECT json_build_object('id', id, 'name', name, 'slug', slug, 'summary', summary,
                                         'website', website)
                FROM organisation WHERE id = t.supplier_id),
            'capabilities', (
                SELECT coalesce(json_agg(json_build_object('value', c.capability, 'label', r.label)
                                         ORDER BY c.capability), '[]')
                FROM technology_capability c
                JOIN reference_value r ON r.list = 'capability' AND r.id = c.capability
                WHERE c.technology_id = t.id),
            'sections', (
                SELECT coalesce(json_agg(
                    json_build_object('section', section, 'body', body)
                    ORDER BY array_position(ARRAY[
                        'what_it_does', 'how_it_works', 'data_use', 'deployment_and_integration',
                        'price_and_terms', 'support'], section::text)), '[]')
                FROM listing_section WHERE technology_id = t.id),
            'assurance', (
                SELECT coalesce(json_agg(
                    json_build_object(
                        'label', r.label, 'issuer', i.issuer, 'reference', i.reference,
                        'issuedOn', i.issued_on, 'expiresOn', i.expires_on, 'status', i.status)
                    ORDER BY i.type, i.id), '[]')
                FROM assurance_item i
                JOIN reference_value r ON r.list = 'assurance_type' AND r.id = i.type
                WHERE i.technology_id = t.id),
            'currentVersion', (
                SELECT json_build_object('number', number, 'reviewedAt', reviewed_at,
                                         'contentHash', content_hash)
                FROM listing_version WHERE id = t.current_version_id AND state = 'approved'),
            'results', (
                SELECT json_build_object(
                    'totalCount', (SELECT count(*) FROM result
                                   WHERE technology_id = t.id
                                     AND (published_at IS NOT NULL OR force_id = $2)),
                    'nodes', coalesce(json_agg(node), '[]'))
                FROM (
                    SELECT json_build_object(
                        'kpiLabel', kpi.label, 'scale', r.scale, 'effect', r.effect,
                        'lower', r.lower, 'upper', r.upper, 'pValue', r.p_value,
                        'sampleSize', r.sample_size, 'method', r.method, 'grade', r.grade,
                        'verdict', r.verdict, 'harmSignal', r.harm_signal, 'finding', r.finding,
                        'notes', r.notes, 'publishedAt', r.published_at, 'revision', r.revision,
                        'pilot', json_build_object(
                            'number', p.id, 'title', p.title, 'site', p.site,
                            'demonstration', p.demonstration, 'startOn', p.start_on,
                            'endOn', p.end_on,
                            'force', CASE WHEN o.id IS NOT NULL
                                     THEN json_build_object('name', o.name, 'slug', o.slug) END,
                            'citation', CASE WHEN p.citation IS NOT NULL
                                        THEN json_build_object('text', p.citation,
                                                               'url', p.citation_url) END,
                            'protocol', (
                                SELECT json_build_object(
                                    'direction', direction, 'kpiType', kpi_type, 'unit', unit,
                                    'minimumImportantEffect', minimum_important_effect)
                                FROM protocol
                                WHERE pilot_id = p.id
                                  AND (locked_at IS NOT NULL OR p.force_id = $2)))) AS node
                    FROM result r JOIN pilot p ON p.id = r.pilot_id
                    LEFT JOIN organisation o ON o.id = p.force_id
                    LEFT JOIN reference_value kpi ON kpi.list = 'kpi' AND kpi.id = r.kpi
                    WHERE r.technology_id = t.id
                      AND (r.published_at IS NOT NULL OR r.force_id = $2)
                    ORDER BY r.id DESC LIMIT 50) page),
            'pilots', (
                SELECT json_build_object(
                    'totalCount', (SELECT count(*) FROM pilot WHERE technology_id = t.id),
                    'nodes', coalesce(json_agg(node), '[]'))
                FROM (
                    SELECT json_build_object(
                        'number', p.id, 'title', p.title, 'site', p.site, 'kpiLabel', kpi.label,
                        'state', p.state, 'startOn', p.start_on, 'endOn', p.end_on,
                        'force', CASE WHEN o.id IS NOT NULL
                                 THEN json_build_object('name', o.name, 'slug', o.slug) END,
                        'citation', CASE WHEN p.citation IS NOT NULL
                                    THEN json_build_object('text', p.citation) END) AS node
                    FROM pilot p LEFT JOIN organisation o ON o.id = p.force_id
                    LEFT JOIN reference_value kpi ON kpi.list = 'kpi' AND kpi.id = p.kpi
                    WHERE p.technology_id = t.id ORDER BY p.id DESC LIMIT 50) page),
            'ratings', (
                SELECT json_build_object(
                    'totalCount', (SELECT count(*) FROM rating WHERE technology_id = t.id),
                    'nodes', coalesce(json_agg(node), '[]'))
                FROM (
                    SELECT json_build_object(
                        'affordability', r.affordability, 'capability', r.capability,
                        'deployability', r.deployability, 'maintainability', r.maintainability,
                        'usability', r.usability, 'overall', r.overall, 'comment', r.comment,
                        'ratedAt', r.created_at, 'demonstration', r.demonstration,
                        'force', json_build_object('name', o.name, 'slug', o.slug),
                        'version', CASE WHEN v.state = 'approved'
                                   THEN json_build_object('number', v.number) END) AS node
                    FROM rating r JOIN organisation o ON o.id = r.force_id
                    JOIN listing_version v ON v.id = r.listing_version_id
                    WHERE r.technology_id = t.id ORDER BY r.id DESC LIMIT 20) page))
        FROM technology t WHERE t.slug = $1 AND t.state IN ('published', 'suspended', 'withdrawn')),
    'trl', (SELECT json_agg(json_build_object('value', id, 'label', label) ORDER BY position)
            FROM reference_value WHERE list = 'trl' AND valid_to IS NULL),
    'dimensions', (
        SELECT json_agg(json_build_object('value', id, 'label', label, 'help', detail ->> 'help')
                        ORDER BY position)
        FROM reference_value WHERE list = 'rating_dimension' AND valid_to IS NULL)))
