-- What social owns of mentions. A mention has a key, which is kept for ever, and a row of
-- facts and one of text, which are dropped with the partition of the day on which it was
-- accepted. Personal data stand in mention_text alone.
--
-- No foreign keys, few indexes: a billion rows a day come in.

-- Every mention that ever came: the same again meets its own key. The id is made of
-- source and external_id (keyed.c). The row of facts is (day, n).
CREATE TABLE mention_key (
	mention_id uuid PRIMARY KEY,
	day integer NOT NULL,			-- accepted, UTC, days since 1970-01-01
	n bigint NOT NULL,
	revision integer NOT NULL,		-- 1, then each change one more
	edited_at timestamptz,			-- as the source says; NULL: never
	brought_by text COLLATE "C" NOT NULL	-- principal; edits and deletes it
);

-- n of a batch's mentions: its number and the place in it.
CREATE SEQUENCE mention_batch;

CREATE TABLE mention (
	day integer NOT NULL,
	n bigint NOT NULL,
	mention_id uuid NOT NULL,
	published_at timestamptz NOT NULL,
	accepted_at timestamptz NOT NULL,
	deleted boolean NOT NULL,		-- at the source; it counts no longer
	spam boolean NOT NULL,
	unsure boolean NOT NULL,		-- a person should decide
	mention_class smallint NOT NULL,	-- sy.v1.MentionClass
	sentiment smallint NOT NULL,		-- sy.v1.Sentiment
	source text COLLATE "C" NOT NULL,
	lang text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	unit text COLLATE "C" NOT NULL,		-- '' = none
	reach bigint NOT NULL,
	author bigint,				-- of the pseudonym; NULL: unknown
	stored bytea NOT NULL			-- sy.v1.MentionStored: all facts
) PARTITION BY RANGE (day);
CREATE INDEX mention_by_n ON mention (n);
CREATE INDEX mention_by_time ON mention (published_at, n);
CREATE INDEX mention_by_author ON mention (author) WHERE author IS NOT NULL;

CREATE TABLE mention_text (
	day integer NOT NULL,
	n bigint NOT NULL,
	external_id text COLLATE "C" NOT NULL,
	url text NOT NULL,
	in_reply_to text NOT NULL,
	author text NOT NULL,
	title text NOT NULL,
	text text NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX mention_text_by_n ON mention_text (n);

-- Days from p_from on, p_days of them, each with its partitions. Several replicas may ask
-- at once.
CREATE FUNCTION mention_days(p_from integer, p_days integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	d integer;
	t text;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('social mention_days'));
	FOR d IN p_from .. p_from + p_days - 1 LOOP
		FOREACH t IN ARRAY ARRAY['mention', 'mention_text'] LOOP
			CONTINUE WHEN to_regclass(t || '_' || d) IS NOT NULL;
			EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES '
				'FROM (%s) TO (%s)', t || '_' || d, t, d, d + 1);
		END LOOP;
	END LOOP;
END $$;

-- Drops the days before p_before; how many.
CREATE FUNCTION mention_forget(p_before integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
	d integer;
	dropped integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('social mention_days'));
	FOR d IN SELECT substr(c.relname, 9)::integer FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'mention'::regclass
		AND substr(c.relname, 9)::integer < p_before ORDER BY 1
	LOOP
		EXECUTE format('DROP TABLE %I', 'mention_text_' || d);
		EXECUTE format('DROP TABLE %I', 'mention_' || d);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;

SELECT mention_days((extract(epoch FROM now()) / 86400)::integer - 1, 9);

-- What is known of these ids. Most are new: their days' partitions are not even opened
-- then.
CREATE FUNCTION mention_read(p_ids uuid[]) RETURNS TABLE (mention_id uuid, day integer,
	n bigint, revision integer, edited_at timestamptz, brought_by text,
	accepted_at timestamptz, stored bytea)
LANGUAGE plpgsql AS $$
DECLARE
	found_ids uuid[];
BEGIN
	SELECT array_agg(k.mention_id) INTO found_ids FROM unnest(p_ids) AS w (id)
		CROSS JOIN LATERAL (SELECT s.mention_id FROM mention_key s
			WHERE s.mention_id = w.id OFFSET 0) k;
	IF found_ids IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY SELECT k.mention_id, k.day, k.n, k.revision, k.edited_at,
		k.brought_by, m.accepted_at, m.stored
	FROM unnest(found_ids) AS w (id)
	CROSS JOIN LATERAL (SELECT * FROM mention_key s
		WHERE s.mention_id = w.id OFFSET 0) k
	LEFT JOIN LATERAL (SELECT s.accepted_at, s.stored FROM mention s
		WHERE s.day = k.day AND s.n = k.n OFFSET 0) m ON true;
END $$;

-- Takes the keys, those that are there first, each lot in order of id: who comes later
-- waits, nobody in a circle. SY002: one of them is not as it was read.
CREATE FUNCTION mention_claim(p_changed uuid[], p_revisions integer[],
	p_edited timestamptz[], p_new uuid[], p_days integer[], p_ns bigint[],
	p_new_edited timestamptz[], p_brought text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	IF cardinality(p_changed) > 0 THEN
		SELECT count(*) INTO taken FROM (
			SELECT FROM unnest(p_changed, p_revisions) AS w (id, revision)
			CROSS JOIN LATERAL (SELECT s.revision FROM mention_key s
				WHERE s.mention_id = w.id OFFSET 0
				FOR NO KEY UPDATE) k
			WHERE k.revision = w.revision) t;
		IF taken <> cardinality(p_changed) THEN
			RAISE EXCEPTION 'a mention has changed' USING ERRCODE = 'SY002';
		END IF;
		UPDATE mention_key k SET revision = k.revision + 1, edited_at = w.edited_at
		FROM unnest(p_changed, p_edited) AS w (id, edited_at)
		WHERE k.mention_id = w.id;
	END IF;
	IF cardinality(p_new) > 0 THEN
		INSERT INTO mention_key (mention_id, day, n, revision, edited_at,
			brought_by)
		SELECT w.id, w.day, w.n, 1, w.edited_at, w.brought_by
		FROM unnest(p_new, p_days, p_ns, p_new_edited, p_brought)
			AS w (id, day, n, edited_at, brought_by)
		ON CONFLICT DO NOTHING;
		GET DIAGNOSTICS taken = ROW_COUNT;
		IF taken <> cardinality(p_new) THEN
			RAISE EXCEPTION 'a mention has come meanwhile'
				USING ERRCODE = 'SY002';
		END IF;
	END IF;
END $$;

-- What every committed batch has changed of the counts: one row a batch, added to tally
-- by the fold and gone then. Sums over both are what is stored, at any time.
CREATE TABLE tally_new (
	hours integer[] NOT NULL,		-- of publication, since 1970-01-01 UTC
	units text[] NOT NULL,
	topics text[] NOT NULL,
	classes smallint[] NOT NULL,
	sentiments smallint[] NOT NULL,
	sources text[] NOT NULL,
	mentions bigint[] NOT NULL,
	reaches bigint[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE tally (
	hour integer NOT NULL,
	unit text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	mention_class smallint NOT NULL,
	sentiment smallint NOT NULL,
	source text COLLATE "C" NOT NULL,
	mentions bigint NOT NULL,
	reach bigint NOT NULL,
	PRIMARY KEY (hour, unit, topic, mention_class, sentiment, source)
) WITH (fillfactor = 80);

-- Both; a cell may stand in it several times.
CREATE VIEW tally_now AS
	SELECT hour, unit, topic, mention_class, sentiment, source, mentions, reach FROM tally
	UNION ALL
	SELECT w.* FROM tally_new t, unnest(t.hours, t.units, t.topics, t.classes,
		t.sentiments, t.sources, t.mentions, t.reaches)
		AS w (hour, unit, topic, mention_class, sentiment, source, mentions, reach);

CREATE FUNCTION tally_fold() RETURNS bigint
LANGUAGE sql AS $$
	WITH gone AS (DELETE FROM tally_new RETURNING *),
	cells AS (
		SELECT w.hour, w.unit, w.topic, w.class, w.sentiment, w.source,
			sum(w.mentions)::bigint AS mentions, sum(w.reach)::bigint AS reach
		FROM gone t, unnest(t.hours, t.units, t.topics, t.classes, t.sentiments,
			t.sources, t.mentions, t.reaches)
			AS w (hour, unit, topic, class, sentiment, source, mentions, reach)
		GROUP BY 1, 2, 3, 4, 5, 6
		HAVING sum(w.mentions) <> 0 OR sum(w.reach) <> 0
		ORDER BY 1, 2, 3, 4, 5, 6),
	added AS (
		INSERT INTO tally SELECT * FROM cells
		ON CONFLICT (hour, unit, topic, mention_class, sentiment, source)
		DO UPDATE SET mentions = tally.mentions + excluded.mentions,
			reach = tally.reach + excluded.reach
		RETURNING 1)
	SELECT count(*) FROM added
$$;

-- Configuration that replicas read again when its revision has changed (settings.h).
CREATE TABLE setting (
	name text COLLATE "C" PRIMARY KEY,
	revision bigint NOT NULL
);
