-- Of words alone: what two tables keep beside them. See finding_search.sql.

CREATE FUNCTION search_lexeme(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (tsvector_to_array(to_tsvector('english'::regconfig, word)))[1] $$;

CREATE FUNCTION search_deletes(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
-- The word, and what is left of it without a letter; of long words, without two.
    WITH once AS (
        SELECT word AS left_over
        UNION SELECT overlay(word PLACING '' FROM i FOR 1) FROM generate_series(1, length(word)) i)
    SELECT array_agg(left_over) FROM (
        SELECT left_over FROM once
        UNION SELECT overlay(left_over PLACING '' FROM i FOR 1)
        FROM once, generate_series(1, length(left_over)) i WHERE length(word) > 6) AS twice
$$;

CREATE FUNCTION search_distance(one text, other text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
-- Damerau's and Levenshtein's: letters added, left out, replaced, or exchanged with the next.
DECLARE
    before int[]; above int[] := ARRAY(SELECT generate_series(0, length(other))); here int[];
    best int;
BEGIN
    FOR i IN 1..length(one) LOOP
        here := ARRAY[i];
        FOR j IN 1..length(other) LOOP
            best := least(above[j + 1] + 1, here[j] + 1,
                          above[j] + (substr(one, i, 1) <> substr(other, j, 1))::int);
            IF i > 1 AND j > 1 AND substr(one, i, 1) = substr(other, j - 1, 1)
               AND substr(one, i - 1, 1) = substr(other, j, 1) THEN
                best := least(best, before[j - 1] + 1);
            END IF;
            here := here || best;
        END LOOP;
        before := above;
        above := here;
    END LOOP;
    RETURN above[length(other) + 1];
END $$;

CREATE FUNCTION search_targets(words text[]) RETURNS tsquery[] LANGUAGE sql IMMUTABLE AS
$$ SELECT array_agg(plainto_tsquery('english'::regconfig, regexp_replace(w, '[^[:alnum:]]+', ' ', 'g'))) FROM unnest(words) w $$;

CREATE FUNCTION search_any(words text[]) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE w text; found tsquery := '';
BEGIN
    FOREACH w IN ARRAY words LOOP
        found := found || phraseto_tsquery('english'::regconfig, regexp_replace(w, '[^[:alnum:]]+', ' ', 'g'));
    END LOOP;
    RETURN found;
END $$;

CREATE FUNCTION search_lexemes(words text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(DISTINCT l), '{}')
    FROM unnest(tsvector_to_array(to_tsvector('english'::regconfig, array_to_string(words, ' ')))) l
$$;

CREATE FUNCTION search_favour(verdict text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
-- How far a verdict speaks for a technology, 0 to 7.
    SELECT array_position(ARRAY['harmful', 'didnt_work', 'overdue_unreported', 'not_assessable',
                                'stopped_early', 'inconclusive', 'promising', 'worked'],
                          verdict) - 1
$$;

CREATE FUNCTION search_evidence(verdict text, grade bigint, forces bigint, rating float)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
-- The place by evidence in one number, its digits in the order of their weight: do the strongest
-- results speak for it (3), leave it open (2), is there none (1), or do they speak against it (0);
-- their grade; their verdict; up to 99 forces; the rating in hundredths.
    SELECT ((((CASE WHEN search_favour(verdict) >= 6 THEN 3 WHEN search_favour(verdict) >= 2 THEN 2
                    WHEN verdict IS NULL THEN 1 ELSE 0 END)::bigint
              * 10 + coalesce(grade, 0))
             * 10 + coalesce(search_favour(verdict), 0))
            * 100 + least(forces, 99))
           * 1000 + round(rating::numeric * 100)::bigint
$$;
