-- Customers behind appeals (subjects.h), and what of them is erased.
--
-- appeal.subject is the pseudonym of the contact that the customer gave first; it never
-- changes but by erasure. Which contacts are one customer stands here.

-- Cases of a contact, the newest first: at each registration. Instead of that of 0005.
DROP INDEX appeal_by_subject;
CREATE INDEX appeal_by_subject ON appeal (subject, registered_at DESC, appeal_id DESC)
	WHERE subject IS NOT NULL;

-- Contacts that are linked, or were: those with the same subject are one customer. One
-- without a row is alone. The contact that gives its name to a set has a row too, so that
-- whoever changes a set locks it.
CREATE TABLE subject_alias (
	contact bytea PRIMARY KEY,
	subject bytea NOT NULL
);
CREATE INDEX subject_alias_by_subject ON subject_alias (subject);

-- Why they are one. A link that was split stays, and no rule makes it again.
CREATE TABLE subject_link (
	link_id uuid PRIMARY KEY,
	a bytea NOT NULL,			-- pseudonyms, a < b
	b bytea NOT NULL,
	revision bigint NOT NULL,
	by_rule boolean NOT NULL,		-- as it was made last
	split boolean NOT NULL,
	appeal_id uuid NOT NULL,		-- in which it was seen
	other_appeal_id uuid,			-- by hand: the other case
	made_by text COLLATE "C" NOT NULL,	-- principal
	made_at timestamptz NOT NULL,
	made_text text NOT NULL,		-- personal
	split_by text COLLATE "C" NOT NULL DEFAULT '',
	split_at timestamptz,
	split_text text NOT NULL DEFAULT '',	-- personal
	UNIQUE (a, b)
);
CREATE INDEX subject_link_by_b ON subject_link (b);
-- The few that a person gave a reason for: it goes with either case.
CREATE INDEX subject_link_words ON subject_link (appeal_id)
	WHERE made_text <> '' OR split_text <> '';
CREATE INDEX subject_link_other_words ON subject_link (other_appeal_id)
	WHERE made_text <> '' OR split_text <> '';

-- All contacts of the customer who has one of these.
CREATE FUNCTION subject_contacts(p_contacts bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE ROWS 3 AS $$
	SELECT unnest(p_contacts)
	UNION
	SELECT m.contact
	FROM unnest(p_contacts) AS k (contact)
	CROSS JOIN LATERAL (SELECT s.subject FROM subject_alias s
		WHERE s.contact = k.contact OFFSET 0) s
	CROSS JOIN LATERAL (SELECT x.contact FROM subject_alias x
		WHERE x.subject = s.subject OFFSET 0) m
$$;

-- Locks the rows in order, then writes them. p_read NULL: there was none. p_subjects
-- NULL: it goes. SY002: one of them is not as it was read.
CREATE FUNCTION subject_write(p_contacts bytea[], p_read bytea[], p_subjects bytea[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	locked bigint;
BEGIN
	SELECT count(*) INTO locked FROM (
		SELECT FROM unnest(p_contacts, p_read) AS w (contact, subject)
		JOIN subject_alias s ON s.contact = w.contact
			AND s.subject = w.subject
		ORDER BY s.contact
		FOR NO KEY UPDATE OF s
	) AS l;
	IF locked <> (SELECT count(*) FROM unnest(p_read) AS r WHERE r IS NOT NULL) THEN
		RAISE EXCEPTION 'a subject was changed meanwhile' USING ERRCODE = 'SY002';
	END IF;
	DELETE FROM subject_alias s
	USING unnest(p_contacts, p_subjects) AS w (contact, subject)
	WHERE s.contact = w.contact AND w.subject IS NULL;
	UPDATE subject_alias s SET subject = w.subject
	FROM unnest(p_contacts, p_subjects) AS w (contact, subject)
	WHERE s.contact = w.contact AND s.subject <> w.subject;
	INSERT INTO subject_alias
	SELECT w.contact, w.subject
	FROM unnest(p_contacts, p_read, p_subjects) AS w (contact, read, subject)
	WHERE w.read IS NULL AND w.subject IS NOT NULL
	ORDER BY w.contact;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a subject was changed meanwhile' USING ERRCODE = 'SY002';
END
$$;

-- New links. SY002: another replica was first with one of them.
CREATE FUNCTION subject_link_insert(p_ids uuid[], p_a bytea[], p_b bytea[],
	p_by_rule boolean[], p_appeals uuid[], p_others uuid[], p_by text[],
	p_at timestamptz[], p_texts text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO subject_link (link_id, a, b, revision, by_rule, split, appeal_id,
		other_appeal_id, made_by, made_at, made_text)
	SELECT w.id, w.a, w.b, 1, w.by_rule, false, w.appeal, w.other, w.by, w.at,
		w.text
	FROM unnest(p_ids, p_a, p_b, p_by_rule, p_appeals, p_others, p_by, p_at,
		p_texts) AS w (id, a, b, by_rule, appeal, other, by, at, text)
	ORDER BY w.a, w.b;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a link was made meanwhile' USING ERRCODE = 'SY002';
END
$$;

-- Links that are made again or split. SY002: one of them is not as it was read.
CREATE FUNCTION subject_link_change(p_ids uuid[], p_revisions bigint[],
	p_split boolean[], p_appeals uuid[], p_others uuid[], p_by text[],
	p_at timestamptz[], p_texts text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	changed bigint;
BEGIN
	UPDATE subject_link l SET revision = w.revision, split = w.split,
		by_rule = l.by_rule AND w.split,
		appeal_id = CASE WHEN w.split THEN l.appeal_id ELSE w.appeal END,
		other_appeal_id = CASE WHEN w.split THEN l.other_appeal_id
			ELSE w.other END,
		made_by = CASE WHEN w.split THEN l.made_by ELSE w.by END,
		made_at = CASE WHEN w.split THEN l.made_at ELSE w.at END,
		made_text = CASE WHEN w.split THEN l.made_text ELSE w.text END,
		split_by = CASE WHEN w.split THEN w.by ELSE '' END,
		split_at = CASE WHEN w.split THEN w.at END,
		split_text = CASE WHEN w.split THEN w.text ELSE '' END
	FROM unnest(p_ids, p_revisions, p_split, p_appeals, p_others, p_by, p_at,
		p_texts) AS w (id, revision, split, appeal, other, by, at, text)
	WHERE l.link_id = w.id AND l.revision = w.revision - 1;
	GET DIAGNOSTICS changed = ROW_COUNT;
	IF changed <> cardinality(p_ids) THEN
		RAISE EXCEPTION 'a link was changed meanwhile' USING ERRCODE = 'SY002';
	END IF;
END
$$;

-- Personal data of the customer by which they are known besides phone and e-mail.
ALTER TABLE appeal_person ADD handle text NOT NULL DEFAULT '';

-- Nothing personal is stored for such a case any more.
ALTER TABLE appeal ADD erased_at timestamptz;
CREATE INDEX appeal_kept ON appeal (kind, closed_at)
	WHERE closed_at IS NOT NULL AND erased_at IS NULL;

-- What was erased, free of what it was.
CREATE TABLE erasure (
	erasure_id uuid PRIMARY KEY,		-- by time
	erased_at timestamptz NOT NULL DEFAULT now(),
	cause smallint NOT NULL,		-- sy.v1.ErasureCause
	erased_by text COLLATE "C" NOT NULL,	-- principal
	appeal_ids uuid[] NOT NULL
);

-- After how many days from the closing, by kind.
CREATE TABLE retention (
	kind text COLLATE "C" PRIMARY KEY,
	days integer NOT NULL CHECK (days > 0)
);

-- Every table that holds something personal stands here, and is tried by
-- tests/fault/erasure. The cases are locked: who read them before and writes after
-- finds another revision, and reads again.
CREATE FUNCTION appeal_erase(p_erasure uuid, p_cause integer, p_by text,
	p_ids uuid[], p_revisions bigint[], p_salt bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM appeal_claim(p_ids, p_revisions);
	UPDATE appeal SET revision = revision + 1, erased_at = now(),
		subject = sha256(subject || p_salt)
	WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_person WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_text WHERE appeal_id = ANY (p_ids);
	DELETE FROM appeal_attachment WHERE appeal_id = ANY (p_ids);
	DELETE FROM desk_draft WHERE appeal_id = ANY (p_ids);
	-- what was not sent yet is not sent any more
	DELETE FROM outgoing WHERE appeal_id = ANY (p_ids) AND state < 2;
	UPDATE outgoing SET address = '', name = '', text = '', subject = '', body = ''
	WHERE appeal_id = ANY (p_ids);
	UPDATE mail_taken SET message_id = '' WHERE appeal_id = ANY (p_ids);
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
