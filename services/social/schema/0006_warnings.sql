-- What is more than usual (S9), who fell silent (S10), and the daily digest (S11).

CREATE TABLE spike (
	spike_id uuid PRIMARY KEY,
	of_what smallint NOT NULL,		-- sy.v1.SpikeOf
	code text COLLATE "C" NOT NULL,
	unit text COLLATE "C" NOT NULL,		-- who may see it; '' = who sees all
	since_hour integer NOT NULL,
	until_hour integer,			-- NULL: it lasts
	observed bigint NOT NULL,		-- of 24 hours, at its peak
	expected double precision NOT NULL,
	bound double precision NOT NULL,
	p_value double precision NOT NULL,
	baseline_days integer NOT NULL,
	told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	judged boolean NOT NULL DEFAULT false,
	was_right boolean NOT NULL DEFAULT false,
	judged_by text COLLATE "C" NOT NULL DEFAULT ''
);
-- Told once while it lasts.
CREATE UNIQUE INDEX spike_lasting ON spike (of_what, code) WHERE until_hour IS NULL;
CREATE INDEX spike_by_time ON spike (told_at);

-- Which sources a batch was of: added to source and source_day by their owner.
CREATE TABLE source_new (
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	sources text[] NOT NULL,
	mentions integer[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Times are those of arrival.
CREATE TABLE source (
	source text COLLATE "C" PRIMARY KEY,
	first_at timestamptz NOT NULL,
	last_at timestamptz NOT NULL,
	revision bigint NOT NULL DEFAULT 0	-- of its last event
);
CREATE TABLE source_day (
	source text COLLATE "C" NOT NULL,
	day integer NOT NULL,			-- UTC, since 1970-01-01
	mentions bigint NOT NULL,
	longest_us bigint NOT NULL,		-- silence that ended on it, unless it was told
	PRIMARY KEY (source, day)
);
CREATE TABLE source_gap (
	source text COLLATE "C" NOT NULL,
	from_at timestamptz NOT NULL,
	to_at timestamptz,			-- NULL: it is silent still
	usual_us bigint NOT NULL,
	PRIMARY KEY (source, from_at)
);
CREATE INDEX source_gap_lasting ON source_gap (source) WHERE to_at IS NULL;

CREATE FUNCTION source_fold() RETURNS void LANGUAGE sql AS $$
	WITH gone AS (DELETE FROM source_new RETURNING *),
	arrivals AS (
		SELECT w.source, g.at, w.mentions
		FROM gone g, unnest(g.sources, g.mentions) AS w (source, mentions)),
	silences AS (
		SELECT a.source, a.at, a.mentions,
			coalesce(a.at - coalesce(lag(a.at) OVER w, s.last_at), '0') AS silence,
			lag(a.at) OVER w IS NULL AND EXISTS (SELECT FROM source_gap g
				WHERE g.source = a.source AND g.to_at IS NULL) AS told
		FROM arrivals a LEFT JOIN source s USING (source)
		WINDOW w AS (PARTITION BY a.source ORDER BY a.at)),
	days AS (
		INSERT INTO source_day AS d
		SELECT source, floor(extract(epoch FROM at) / 86400)::integer, sum(mentions),
			coalesce((max(extract(epoch FROM silence)) FILTER (WHERE NOT told)
				* 1000000)::bigint, 0)
		FROM silences GROUP BY 1, 2 ORDER BY 1, 2
		ON CONFLICT (source, day) DO UPDATE SET
			mentions = d.mentions + excluded.mentions,
			longest_us = greatest(d.longest_us, excluded.longest_us))
	INSERT INTO source AS s (source, first_at, last_at)
	SELECT source, min(at), max(at) FROM arrivals GROUP BY source ORDER BY source
	ON CONFLICT (source) DO UPDATE
		SET last_at = greatest(s.last_at, excluded.last_at)
$$;

-- The last step of a duty that was told: what is sent again after an answer was lost
-- has no effect.
CREATE TABLE warn_step (
	duty text COLLATE "C" PRIMARY KEY,
	last_step uuid NOT NULL
);

-- To whom the digest of a day was mailed.
CREATE TABLE digest_mail (
	day integer NOT NULL,			-- local
	address text NOT NULL,			-- personal
	attempts integer NOT NULL DEFAULT 0,
	next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	sent_at timestamptz,
	PRIMARY KEY (day, address)
);
