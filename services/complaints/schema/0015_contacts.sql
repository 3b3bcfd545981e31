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
