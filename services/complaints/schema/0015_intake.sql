-- The same answer: its plan is made once a session. That of a function in SQL was made
-- anew by every batch.
CREATE OR REPLACE FUNCTION subject_contacts(p_contacts bytea[]) RETURNS SETOF bytea
LANGUAGE plpgsql STABLE ROWS 3 AS $$
BEGIN
	RETURN QUERY SELECT unnest(p_contacts)
	UNION
	SELECT m.contact
	FROM unnest(p_contacts) AS k (contact)
	CROSS JOIN LATERAL (SELECT s.subject FROM subject_alias s
		WHERE s.contact = k.contact OFFSET 0) s
	CROSS JOIN LATERAL (SELECT x.contact FROM subject_alias x
		WHERE x.subject = s.subject OFFSET 0) m;
END $$;

-- Arrays side by side are not kept in a store of rows first, as those of FROM are.
CREATE OR REPLACE FUNCTION appeal_insert(ids uuid[], sources text[], external_ids text[],
	revisions bigint[], states smallint[], kinds text[], channels text[],
	topics text[], elements text[], products text[], segments text[],
	units text[], intake_units text[], departments text[],
	registered_at timestamptz[], registered_day integer[],
	first_answer_at timestamptz[], first_response smallint[],
	first_response_due timestamptz[], resolved_at timestamptz[],
	closed_at timestamptz[], more bytea[], handlers text[],
	escalations smallint[], green boolean[], breached boolean[],
	next_due timestamptz[], repeat_of uuid[], matters uuid[],
	subjects bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO appeal (appeal_id, source, external_id, revision, state, kind,
		channel, topic, element, product, segment, unit, intake_unit,
		department, registered_at, registered_day, first_answer_at,
		first_response, first_response_due, resolved_at, closed_at,
		more, handler, escalation, green_channel, breached, next_due,
		repeat_of, matter, subject)
	SELECT w.* FROM (SELECT
		unnest(ids) AS id, unnest(sources) AS source,
		unnest(external_ids) AS external_id, unnest(revisions), unnest(states),
		unnest(kinds), unnest(channels), unnest(topics), unnest(elements),
		unnest(products), unnest(segments), unnest(units), unnest(intake_units),
		unnest(departments), unnest(registered_at), unnest(registered_day),
		unnest(first_answer_at), unnest(first_response),
		unnest(first_response_due), unnest(resolved_at), unnest(closed_at),
		unnest(more), unnest(handlers), unnest(escalations), unnest(green),
		unnest(breached), unnest(next_due), unnest(repeat_of), unnest(matters),
		unnest(subjects)) AS w
	ORDER BY w.source COLLATE "C", w.external_id COLLATE "C";
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'an appeal was registered meanwhile' USING ERRCODE = 'SY002';
END
$$;
