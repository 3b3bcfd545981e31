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

-- How it goes: looks by who owns the duty, counts with the mentions themselves.
CREATE TABLE feed_state (
	code text COLLATE "C" PRIMARY KEY,
	asked_at timestamptz,
	answered_at timestamptz,
	next_at timestamptz NOT NULL,
	failures integer NOT NULL DEFAULT 0,	-- in a row
	problem text NOT NULL DEFAULT '',
	etag text NOT NULL DEFAULT '',		-- of the last document; of a mailbox UIDVALIDITY:UID
	last_modified text NOT NULL DEFAULT '',
	mentions bigint NOT NULL DEFAULT 0,
	last_mention_at timestamptz,
	bytes bigint NOT NULL DEFAULT 0,
	unchanged bigint NOT NULL DEFAULT 0,
	refused bigint NOT NULL DEFAULT 0
);

-- The next versions; each is looked at at once, as if for the first time. SY002: another
-- came meanwhile.
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
	INSERT INTO feed_state (code, next_at)
	SELECT DISTINCT w.code COLLATE "C", clock_timestamp()
	FROM unnest(p_codes) AS w (code) ORDER BY 1
	ON CONFLICT (code) DO UPDATE SET next_at = excluded.next_at, failures = 0,
		etag = '', last_modified = '';
END $$;
