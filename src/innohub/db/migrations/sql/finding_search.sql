-- How a search is read. Words of policing stand for each other, words that say little are left out,
-- a mistyped word is read as the nearest one known, and where fewer than four listings have all of
-- the words, those with most of them are found too. Phrases in quotation marks and exclusions are
-- taken as they are typed: a synonym of an excluded word is not excluded.

CREATE FUNCTION search_words(asked text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_split_to_array(
        trim(regexp_replace(lower(asked), '[^[:alnum:]]+', ' ', 'g')), ' ')
$$;

CREATE FUNCTION search_learn(body text) RETURNS void LANGUAGE sql AS $$
-- The words of a text that is public from now on. In order, so that two who learn the same words
-- never wait for each other crosswise.
    INSERT INTO search_word (word)
    SELECT said.lexeme FROM unnest(to_tsvector('simple', body)) said
    WHERE said.lexeme ~ '^[a-z]{4,20}$'
      AND NOT EXISTS (SELECT FROM search_word known WHERE known.word = said.lexeme)
    ORDER BY said.lexeme
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION search_learn_listing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'5EA2C4'::int);
    PERFORM search_learn(concat_ws(' ', NEW.name, NEW.summary, NEW.search_text));
    RETURN NULL;
END $$;

-- At the end of the transaction, behind every other lock, whoever changes the listing.
CREATE CONSTRAINT TRIGGER search_learn AFTER INSERT OR UPDATE OF name, summary, search_text, state
ON technology DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION search_learn_listing();

CREATE FUNCTION search_found(wanted tsquery, many int) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) = many FROM (
        SELECT FROM technology WHERE state = 'published' AND search @@ wanted LIMIT many) found
$$;

CREATE FUNCTION search_matched(search tsvector, terms tsquery[]) RETURNS int[] LANGUAGE plpgsql
IMMUTABLE AS $$
-- How many of the terms stand in the name or the summary, and how many anywhere.
DECLARE
    whole tsvector := ts_filter(search, '{a,b,c,d}'); -- unpacked once, not once a term
    top tsvector := ts_filter(search, '{a,b}');
    term tsquery;
    at_top int := 0; anywhere int := 0;
BEGIN
    FOREACH term IN ARRAY terms LOOP
        IF top @@ term THEN
            at_top := at_top + 1; anywhere := anywhere + 1;
        ELSIF whole @@ term THEN
            anywhere := anywhere + 1;
        END IF;
    END LOOP;
    RETURN ARRAY[at_top, anywhere];
END $$;

CREATE FUNCTION search_band(search tsvector, terms tsquery[]) RETURNS int LANGUAGE plpgsql
IMMUTABLE AS $$
-- How well it fits, in quarters: 4 where every term stands in the name or the summary; a term that
-- stands only in the text counts half.
DECLARE matched int[];
BEGIN
    IF cardinality(terms) = 0 THEN
        RETURN 4;
    END IF;
    matched := search_matched(search, terms);
    RETURN round(2.0 * (matched[1] + matched[2]) / cardinality(terms));
END $$;

CREATE FUNCTION search_nearest(asked text) RETURNS text LANGUAGE sql STABLE AS $$
-- The known word that a mistyped one is read as: the least changed, then the most usual.
    SELECT word FROM (
        SELECT word, search_distance(word, asked) AS changes,
               plainto_tsquery('english', word)
               || coalesce((SELECT s.any_of FROM synonym_set s
                            WHERE s.retired_at IS NULL AND s.use = 'alike'
                              AND EXISTS (SELECT FROM unnest(s.words) w WHERE lower(w) = word)
                            LIMIT 1), '') AS wanted
        FROM search_word WHERE deletes && search_deletes(asked)) near
    WHERE changes <= CASE WHEN length(asked) > 6 THEN 2 ELSE 1 END AND search_found(wanted, 1)
    ORDER BY changes, left(word, 1) <> left(asked, 1),
             (SELECT count(*) FROM (SELECT FROM technology
                                    WHERE state = 'published' AND search @@ wanted LIMIT 50) few)
             DESC, word
    LIMIT 1
$$;

CREATE FUNCTION search_at_least(many int, terms tsquery[]) RETURNS tsquery LANGUAGE plpgsql
IMMUTABLE AS $$
-- Matches what at least so many of the terms match.
DECLARE found tsquery[] := array_fill(NULL::tsquery, ARRAY[many]); term tsquery;
BEGIN
    FOREACH term IN ARRAY terms LOOP
        FOR i IN REVERSE many..2 LOOP
            IF found[i - 1] IS NOT NULL THEN
                found[i] := coalesce(found[i], '') || (found[i - 1] && term);
            END IF;
        END LOOP;
        found[1] := coalesce(found[1], '') || term;
    END LOOP;
    RETURN found[many];
END $$;

CREATE TYPE search_reading AS (
    every tsquery, -- has all of the words
    most tsquery, -- has as many of them as it takes to find some
    terms tsquery[], -- each word, or words that belong together, with what means the same
    corrected text, -- what was asked, typing errors mended
    wrong text[], -- the mistyped words, and in the same places what they were read as
    instead text[],
    alike text[] -- words that were searched for beside those that were typed
);

CREATE FUNCTION search_little(stem text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM synonym_set
                   WHERE retired_at IS NULL AND use = 'little' AND lexemes @> ARRAY[stem])
$$;

CREATE FUNCTION search_known(stem text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM search_word WHERE lexeme = stem)
        OR EXISTS (SELECT FROM synonym_set WHERE retired_at IS NULL AND lexemes @> ARRAY[stem])
$$;

CREATE FUNCTION search_one_of(stem text, typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
-- The word as it is read, and as it was typed: somebody's own draft may hold it so.
    SELECT CASE WHEN typed IS NULL THEN quote_literal(stem)::tsquery
                ELSE quote_literal(stem)::tsquery || plainto_tsquery('english', typed) END
$$;

CREATE FUNCTION search_grouped(stems text[], typed text[], alone boolean,
                               OUT terms tsquery[], OUT alike text[])
LANGUAGE plpgsql STABLE AS $$
-- The terms in these words: what a set of synonyms names, the longest first, then each other word
-- by itself. `typed` holds, in the same places, words that were mistyped. Words that say little
-- count only where there is nothing else, which `alone` says.
DECLARE kept text[] := stems; telling text[]; one record;
BEGIN
    terms := '{}'; alike := '{}';
    FOR one IN
        SELECT target, s.any_of, s.words, own.stems AS own
        FROM synonym_set s, unnest(s.targets) target,
             LATERAL (SELECT array_agg(m[1]) AS stems
                      FROM regexp_matches(target::text, '''([^'']+)''', 'g') m) own
        WHERE s.retired_at IS NULL AND s.use = 'alike' AND own.stems <@ search_grouped.stems
        ORDER BY cardinality(own.stems) DESC, s.id
    LOOP
        CONTINUE WHEN NOT one.own <@ kept;
        -- Words that belong together are looked for together.
        terms := terms || CASE WHEN cardinality(one.own) > 1 THEN one.any_of
                               ELSE one.target || one.any_of END;
        alike := alike || one.words;
        kept := ARRAY(SELECT k FROM unnest(kept) k WHERE k <> ALL (one.own));
    END LOOP;
    telling := ARRAY(SELECT k FROM unnest(kept) k WHERE NOT search_little(k));
    IF cardinality(telling) > 0 OR cardinality(terms) > 0 OR NOT alone THEN
        kept := telling;
    END IF;
    terms := terms || ARRAY(SELECT search_one_of(k, typed[array_position(stems, k)])
                            FROM unnest(kept) k);
END $$;

CREATE FUNCTION search_loosened(terms tsquery[], fixed tsquery) RETURNS tsquery LANGUAGE plpgsql
STABLE AS $$
-- What has all of the terms; where fewer than four listings do, one term fewer, and so on. What is
-- fixed (phrases, exclusions) has to fit in any case.
DECLARE
    many int := least(cardinality(terms), 7); -- of more, the number of choices explodes
    wanted tsquery;
BEGIN
    LOOP
        wanted := search_at_least(many, terms[1:7]) && fixed;
        EXIT WHEN many = 1 OR search_found(wanted, 4);
        many := many - 1;
    END LOOP;
    RETURN wanted;
END $$;

CREATE FUNCTION search_read(asked text) RETURNS search_reading LANGUAGE plpgsql STABLE AS $$
DECLARE
    r search_reading;
    token text; word text; stem text; near text; term tsquery; quoted tsquery;
    stems text[] := '{}'; typed text[] := '{}'; phrases tsquery[] := '{}'; fixed tsquery := '';
    grouped record; every tsquery; alternatives int := 0;
    tokens text[] := ARRAY(SELECT m[1] FROM regexp_matches(
        left(asked, 400), '-?"[^"]*"?|[^\s"]+', 'g') m) || 'or'::text;
BEGIN
    r.every := ''; r.most := ''; r.terms := '{}'; r.corrected := asked;
    r.wrong := '{}'; r.instead := '{}'; r.alike := '{}';
    FOREACH token IN ARRAY tokens LOOP
        IF token ~ '^-.' THEN
            quoted := CASE WHEN token LIKE '-"%' THEN phraseto_tsquery('english', substr(token, 2))
                           ELSE websearch_to_tsquery('english', substr(token, 2)) END;
            fixed := fixed && !!quoted;
        ELSIF token LIKE '"%' THEN
            quoted := phraseto_tsquery('english', token);
            fixed := fixed && quoted;
            IF numnode(quoted) > 0 THEN phrases := phrases || quoted; END IF;
        ELSIF lower(token) <> 'or' THEN
            FOREACH word IN ARRAY search_words(token) LOOP
                stem := search_lexeme(word);
                CONTINUE WHEN stem IS NULL OR stem = ANY (stems);
                near := NULL;
                IF word ~ '^[a-z]{4,20}$' AND NOT search_known(stem) THEN
                    near := search_nearest(word);
                END IF;
                IF near IS NOT NULL THEN
                    r.wrong := r.wrong || word;
                    r.instead := r.instead || near;
                    r.corrected := regexp_replace(r.corrected, '\m' || word || '\M', near, 'gi');
                END IF;
                stems := stems || search_lexeme(coalesce(near, word));
                typed := typed || CASE WHEN near IS NOT NULL THEN word END;
            END LOOP;
        ELSIF cardinality(stems) > 0 OR numnode(fixed) > 0 THEN
            -- The end of what "or" divides, or of it all.
            grouped := search_grouped(stems, typed, numnode(fixed) = 0);
            every := fixed;
            FOREACH term IN ARRAY grouped.terms LOOP every := every && term; END LOOP;
            r.every := r.every || every;
            r.most := r.most || CASE WHEN cardinality(grouped.terms) = 0 THEN fixed
                                     ELSE search_loosened(grouped.terms, fixed) END;
            r.terms := r.terms || grouped.terms || phrases;
            r.alike := r.alike || grouped.alike;
            alternatives := alternatives + 1;
            stems := '{}'; typed := '{}'; phrases := '{}'; fixed := '';
        END IF;
    END LOOP;
    IF alternatives > 1 THEN
        r.terms := ARRAY[r.every]; -- one of several is all that is asked
    END IF;
    RETURN r;
END $$;

CREATE FUNCTION search_matching(asked text) RETURNS tsquery LANGUAGE sql STABLE AS
$$ SELECT (search_read(asked)).most $$;

CREATE FUNCTION search_terms(asked text) RETURNS tsquery[] LANGUAGE sql STABLE AS
$$ SELECT (search_read(asked)).terms $$;

CREATE FUNCTION search_fit(search tsvector, terms tsquery[]) RETURNS text LANGUAGE plpgsql
IMMUTABLE AS $$
-- How well a listing fits, in the words of the numbers that order it; null where no word is asked.
DECLARE many int := cardinality(terms); at_top int; anywhere int; matched int[];
BEGIN
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    matched := search_matched(search, terms);
    at_top := matched[1];
    anywhere := matched[2];
    RETURN CASE
        WHEN at_top = many AND many = 1 THEN 'What you asked for is in its name or summary'
        WHEN at_top = many THEN 'All your words are in its name or summary'
        WHEN anywhere = many AND many = 1 THEN 'What you asked for is in its text'
        WHEN anywhere = many AND at_top = 0 THEN 'All your words are in its text'
        WHEN anywhere = many
            THEN format('All your words are in it, %s of %s in its name or summary', at_top, many)
        ELSE format('%s of your %s words %s in it', anywhere, many,
                    CASE anywhere WHEN 1 THEN 'is' ELSE 'are' END)
    END;
END $$;

CREATE FUNCTION search_rated(mean float, forces bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE forces WHEN 0 THEN 'not rated yet'
           ELSE format('rated %s of 5 by %s %s', round(mean::numeric, 1), forces,
                       CASE forces WHEN 1 THEN 'force' ELSE 'forces' END) END
$$;

CREATE FUNCTION search_why(listing technology, ordered_by text, terms tsquery[]) RETURNS text
LANGUAGE sql STABLE AS $$
-- Why a listing stands where it does in a list in this order, in one sentence.
    SELECT CASE
        WHEN ordered_by = 'rating'
            THEN upper(left(rated, 1)) || substr(rated, 2)
                 || ', drawn towards 3.0 while few forces have rated it.'
        WHEN ordered_by = 'newest'
            THEN coalesce('Published on ' || to_char(listing.published_at AT TIME ZONE 'Europe/London',
                                                     'FMDD FMMonth YYYY') || '.',
                          'Not published yet.')
        ELSE coalesce(CASE WHEN ordered_by = 'relevance' THEN fit END || '; its', 'Its')
             || CASE WHEN listing.best_verdict IS NULL THEN ' pilots have published no result yet'
                ELSE format(' strongest result, of evidence grade %s, %s', listing.best_grade,
                    CASE listing.best_verdict
                        WHEN 'worked' THEN 'says that it worked'
                        WHEN 'promising' THEN 'is promising'
                        WHEN 'inconclusive' THEN 'leaves open whether it works'
                        WHEN 'stopped_early' THEN 'comes from a pilot that was stopped early'
                        WHEN 'not_assessable' THEN 'cannot be judged'
                        WHEN 'overdue_unreported' THEN 'is overdue'
                        WHEN 'didnt_work' THEN 'says that it did not work'
                        WHEN 'harmful' THEN 'says that it did harm'
                    END) END
             || format('; %s; %s.',
                       CASE listing.force_count WHEN 0 THEN 'no force has piloted it'
                            WHEN 1 THEN '1 force piloted it'
                            ELSE listing.force_count || ' forces piloted it' END, rated)
    END
    FROM (SELECT search_rated(listing.rating_mean, listing.rating_count) AS rated,
                 search_fit(listing.search, terms) AS fit) told
$$;
