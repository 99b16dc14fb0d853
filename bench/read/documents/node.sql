-- $1: id of a technology
SELECT json_build_object('data', json_build_object('node', (
    SELECT json_build_object(
        'id', t.id, 'slug', t.slug, 'name', t.name, 'summary', t.summary, 'category', t.category,
        'trl', t.trl, 'state', t.state,
        'supplier', json_build_object('slug', o.slug, 'name', o.name))
    FROM technology t JOIN organisation o ON o.id = t.supplier_id
    WHERE t.id = $1 AND t.state IN ('published', 'suspended', 'withdrawn'))))
