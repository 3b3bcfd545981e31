-- Who is erased is named no more where others wrote the name down to find the case again:
-- in saved views, and in drafts of other cases. What can be found exactly goes.

-- What people typed into a view: its name and what it searches, a line each. Personal.
-- Of views that are older the text of the body, which has them in it.
CREATE FUNCTION desk_text(body bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN convert_from(body, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
	RETURN '';
END
$$;
ALTER TABLE desk_version ADD typed text NOT NULL DEFAULT '';
UPDATE desk_version SET typed = desk_text(body) WHERE kind = 3;
DROP FUNCTION desk_text(bytea);

-- By what the customers of these cases are known, as patterns for lower case text: a phone by
-- its last ten digits with anything between them that people write there; a mail address, a
-- handle, and a name, as it is and the other way round; a word of a name, where it is a line.
-- Chinese has nothing between words.
CREATE FUNCTION contact_patterns(p_ids uuid[]) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	WITH p AS (SELECT right(regexp_replace(phone, '\D', '', 'g'), 10) AS digits,
			lower(btrim(email)) AS email, lower(btrim(handle)) AS handle,
			regexp_split_to_array(lower(btrim(name)), '\s+') AS words
		FROM appeal_person WHERE appeal_id = ANY (p_ids)),
	said AS (SELECT email AS text FROM p UNION SELECT handle FROM p
		UNION SELECT array_to_string(words, ' ') FROM p
		UNION SELECT (SELECT string_agg(w, ' ' ORDER BY n DESC)
			FROM unnest(words) WITH ORDINALITY AS u (w, n)) FROM p),
	parts AS (SELECT DISTINCT unnest(words) AS text FROM p),
	safe AS (SELECT replace(regexp_replace(text, '([^\w\s])', '\\\1', 'g'), ' ', '\s+') AS text,
			text ~ '[\u4e00-\u9fff]' AS dense FROM said WHERE length(text) >= 2)
	SELECT '(^|\D)\d{0,4}[^\w\n]{0,3}'
		|| regexp_replace(digits, '(\d)(?!$)', '\1[^\w\n]{0,3}', 'g') || '(\D|$)'
	FROM p WHERE length(digits) >= 5
	UNION SELECT CASE WHEN dense THEN text ELSE '(^|\W)' || text || '(\W|$)' END FROM safe
	UNION SELECT '(^|\n)\s*' || regexp_replace(text, '([^\w\s])', '\\\1', 'g') || '\s*(\n|$)'
	FROM parts WHERE length(text) >= 2
$$;

-- Before the cases themselves are erased: afterwards nobody knows the patterns.
CREATE FUNCTION desk_forget(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	patterns text[] := ARRAY(SELECT contact_patterns(p_ids));
BEGIN
	DELETE FROM desk_version WHERE kind = 3 AND lower(typed) ~ ANY (patterns);
	DELETE FROM desk_draft WHERE lower(text) ~ ANY (patterns);
END
$$;
