-- Watch rules (S4): what the organisation looks for in every mention, what it found, and
-- what people say of that.

CREATE TABLE watch (
	code text COLLATE "C" PRIMARY KEY,
	version integer NOT NULL,		-- from 1, dense
	query_version integer NOT NULL,		-- since which its query is as it is
	ended boolean NOT NULL,
	unit text COLLATE "C" NOT NULL,		-- '' = who sees all
	sensitivity smallint NOT NULL,
	stored bytea NOT NULL			-- sy.v1.Watch
);

CREATE TABLE watch_version (
	code text COLLATE "C" NOT NULL,
	version integer NOT NULL,
	stored bytea NOT NULL,
	PRIMARY KEY (code, version)
);

-- Names of rules that are in use, folded, with their language: each is of one rule.
CREATE TABLE watch_name (
	name text COLLATE "C" PRIMARY KEY,
	code text COLLATE "C" NOT NULL
);
CREATE INDEX watch_name_by_code ON watch_name (code);

-- The versions of a batch, in order. SY002: one of them is not as it was read, or a name
-- was taken meanwhile. Names: each of the p_of-th version.
CREATE FUNCTION watch_put(p_codes text[], p_versions integer[], p_queries integer[],
	p_ended boolean[], p_units text[], p_sensitivities smallint[], p_stored bytea[],
	p_names text[], p_of integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	wanted bigint;
	taken bigint;
BEGIN
	FOR i IN 1 .. cardinality(p_codes) LOOP
		IF p_versions[i] = 1 THEN
			INSERT INTO watch VALUES (p_codes[i], 1, 1, p_ended[i], p_units[i],
				p_sensitivities[i], p_stored[i]) ON CONFLICT DO NOTHING;
		ELSE
			UPDATE watch SET version = p_versions[i],
				query_version = p_queries[i], ended = p_ended[i],
				unit = p_units[i], sensitivity = p_sensitivities[i],
				stored = p_stored[i]
			WHERE code = p_codes[i] COLLATE "C" AND version = p_versions[i] - 1;
		END IF;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'a rule has changed' USING ERRCODE = 'SY002';
		END IF;
		INSERT INTO watch_version VALUES (p_codes[i], p_versions[i], p_stored[i]);
		DELETE FROM watch_name WHERE code = p_codes[i] COLLATE "C";
		SELECT count(*) INTO wanted FROM unnest(p_of) AS w (o) WHERE w.o = i;
		INSERT INTO watch_name SELECT w.name, p_codes[i]
			FROM unnest(p_names, p_of) AS w (name, o) WHERE w.o = i
			ON CONFLICT DO NOTHING;
		GET DIAGNOSTICS taken = ROW_COUNT;
		IF taken <> wanted THEN
			RAISE EXCEPTION 'a name is taken' USING ERRCODE = 'SY002';
		END IF;
	END LOOP;
END $$;

-- One a person and hit.
CREATE TABLE watch_judgement (
	code text COLLATE "C" NOT NULL,
	mention_id uuid NOT NULL,
	principal text COLLATE "C" NOT NULL,
	query_version integer NOT NULL,		-- that was judged
	is_right boolean NOT NULL,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (code, mention_id, principal)
);

-- What every committed batch has changed of the hits, as tally_new: a hit is a mention
-- that names the rule, is not deleted and no spam, in the hour of its publication.
CREATE TABLE watch_hit_new (
	codes text[] COMPRESSION lz4 NOT NULL,
	hours integer[] COMPRESSION lz4 NOT NULL,
	hits bigint[] COMPRESSION lz4 NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE watch_hit (
	code text COLLATE "C" NOT NULL,
	hour integer NOT NULL,
	hits bigint NOT NULL,
	PRIMARY KEY (code, hour)
) WITH (fillfactor = 80);
CREATE INDEX watch_hit_by_hour ON watch_hit (hour);

-- Both; a cell may stand in it several times.
CREATE VIEW watch_hit_now AS
	SELECT code, hour, hits FROM watch_hit
	UNION ALL
	SELECT w.* FROM watch_hit_new t, unnest(t.codes, t.hours, t.hits)
		AS w (code, hour, hits);

CREATE FUNCTION watch_hit_fold() RETURNS bigint
LANGUAGE sql AS $$
	WITH gone AS (DELETE FROM watch_hit_new RETURNING *),
	cells AS (
		SELECT w.code, w.hour, sum(w.hits)::bigint AS hits
		FROM gone t, unnest(t.codes, t.hours, t.hits) AS w (code, hour, hits)
		GROUP BY 1, 2 HAVING sum(w.hits) <> 0 ORDER BY 1, 2),
	added AS (
		INSERT INTO watch_hit SELECT * FROM cells
		ON CONFLICT (code, hour) DO UPDATE SET hits = watch_hit.hits + excluded.hits
		RETURNING 1)
	SELECT count(*) FROM added
$$;
