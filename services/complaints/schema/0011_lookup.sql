-- What came of look-ups in systems outside (C20): beside its fact, since it holds
-- what was typed in and what was answered, both of the customer.
CREATE TABLE appeal_lookup (
	appeal_id uuid NOT NULL,
	n integer NOT NULL,			-- of the fact
	item text COLLATE "C" NOT NULL,		-- of the run: who, by which key
	result bytea NOT NULL,			-- sy.v1.LookupResult
	PRIMARY KEY (appeal_id, n),
	UNIQUE (appeal_id, item)
);

-- As in 0010, and the results of look-ups go.

-- Every table that holds something personal stands here, and is tried by
-- tests/fault/erasure. The cases are locked: who read them before and writes after
-- finds another revision, and reads again.
CREATE OR REPLACE FUNCTION appeal_erase(p_erasure uuid, p_cause integer, p_by text,
	p_ids uuid[], p_revisions bigint[], p_salt bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM appeal_claim(p_ids, p_revisions);
	DELETE FROM public_lodging l USING appeal a
	WHERE a.appeal_id = ANY (p_ids) AND a.source = 'public'
	AND l.number = a.external_id;
	DELETE FROM booking b USING appeal a
	WHERE a.appeal_id = ANY (p_ids) AND b.subject = a.subject
	AND (p_cause = 0 OR b.day < current_date - date '1970-01-01');
	UPDATE appeal SET revision = revision + 1, erased_at = now(),
		subject = sha256(subject || p_salt)
	WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_person WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_text WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_attachment WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_lookup WHERE appeal_id = ANY (p_ids);
	DELETE FROM desk_draft WHERE appeal_id = ANY (p_ids);
	-- what was not sent yet is not sent any more
	DELETE FROM outgoing WHERE appeal_id = ANY (p_ids) AND state < 2;
	UPDATE outgoing SET address = '', name = '', text = '', subject = '', body = ''
	WHERE appeal_id = ANY (p_ids);
	UPDATE mail_taken SET message_id = '', sender = sha256(sender || p_salt)
	WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_search WHERE appeal_id = ANY (p_ids);
	-- who is just reading it into the index reads it again
	INSERT INTO search_queue (appeal_id) SELECT unnest(p_ids);
	UPDATE subject_link SET made_text = '', split_text = ''
	WHERE (made_text <> '' OR split_text <> '')
	AND (appeal_id = ANY (p_ids) OR other_appeal_id = ANY (p_ids));
	INSERT INTO erasure (erasure_id, cause, erased_by, appeal_ids)
	VALUES (p_erasure, p_cause, p_by, p_ids);
END
$$;
