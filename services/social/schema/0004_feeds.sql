-- Feeds: where the service itself goes and looks. Every version stays; the last one of a
-- code is in force.
CREATE TABLE feed (
	code text COLLATE "C" NOT NULL,
	version integer NOT NULL,		-- from 1, dense
	ended boolean NOT NULL,
	body bytea NOT NULL,			-- sy.v1.Feed
	changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_by text NOT NULL,
	PRIMARY KEY (code, version)
);

CREATE VIEW feed_now AS
	SELECT DISTINCT ON (code) * FROM feed ORDER BY code, version DESC;

-- How it goes. One row a feed, changed by who owns the duty alone.
CREATE TABLE feed_state (
	code text COLLATE "C" PRIMARY KEY,
	asked_at timestamptz NOT NULL,
	answered_at timestamptz,
	next_at timestamptz NOT NULL,
	failures integer NOT NULL,		-- in a row
	problem text NOT NULL,
	etag text NOT NULL,			-- of the last document
	last_modified text NOT NULL,
	mentions bigint NOT NULL,
	last_mention_at timestamptz,
	bytes bigint NOT NULL,
	unchanged bigint NOT NULL,
	refused bigint NOT NULL,
	mailbox_validity bigint NOT NULL,	-- of FEED_MAIL
	mailbox_uid bigint NOT NULL		-- the last that was read
);

-- The next versions. SY002: another came meanwhile.
CREATE FUNCTION feed_put(p_codes text[], p_versions integer[], p_ended boolean[],
	p_bodies bytea[], p_by text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	put bigint;
BEGIN
	INSERT INTO feed (code, version, ended, body, changed_by)
	SELECT w.code, w.version, w.ended, w.body, w.by
	FROM unnest(p_codes, p_versions, p_ended, p_bodies, p_by)
		AS w (code, version, ended, body, by)
	ORDER BY w.code COLLATE "C", w.version
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS put = ROW_COUNT;
	IF put <> cardinality(p_codes) THEN
		RAISE EXCEPTION 'a feed has changed' USING ERRCODE = 'SY002';
	END IF;
END $$;
