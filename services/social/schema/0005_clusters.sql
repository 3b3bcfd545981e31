-- Near-copies (S5). The index of texts is in the memory of whoever owns the language;
-- here stands what came of it, and what he has not seen yet.

-- What a batch leaves for the owner of a language (cluster_todo.c). Gone in the
-- transaction that has its effect.
CREATE TABLE cluster_todo (
	shard smallint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	items bytea NOT NULL,
	PRIMARY KEY (shard, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- Hashes do not compress.
ALTER TABLE cluster_todo ALTER items SET STORAGE EXTERNAL;

-- Two mentions and more. Times are those of publication.
CREATE TABLE cluster (
	cluster_id uuid PRIMARY KEY,
	shard smallint NOT NULL,
	revision bigint NOT NULL,		-- of its last event
	first_mention uuid NOT NULL,
	first_at timestamptz NOT NULL,
	last_at timestamptz NOT NULL,
	mentions bigint NOT NULL,
	authors bigint NOT NULL,		-- distinct, as are the sources
	sources bigint NOT NULL,
	reach bigint NOT NULL,
	told bigint NOT NULL,			-- the step of growth that was told
	merged_into uuid
);
CREATE INDEX cluster_by_last ON cluster (last_at) WHERE merged_into IS NULL;
CREATE INDEX cluster_merged ON cluster (merged_into) WHERE merged_into IS NOT NULL;

-- In two shards while an edit has changed its language.
CREATE TABLE cluster_member (
	mention_id uuid NOT NULL,
	shard smallint NOT NULL,
	cluster_id uuid NOT NULL,
	published_at timestamptz NOT NULL,
	source text COLLATE "C" NOT NULL,
	author bigint,				-- of the pseudonym; NULL: unknown
	reach bigint NOT NULL,
	PRIMARY KEY (mention_id, shard)
);
CREATE INDEX cluster_member_by_author ON cluster_member (cluster_id, source, author);
CREATE INDEX cluster_member_by_time ON cluster_member (published_at, cluster_id);

-- How far back copies are looked for: less than 7 days where memory binds.
CREATE TABLE cluster_window (
	shard smallint PRIMARY KEY,
	seconds bigint NOT NULL
);

CREATE FUNCTION cluster_shard(p_lang text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE p_lang WHEN 'ru' THEN 0 WHEN 'zh' THEN 1 WHEN 'en' THEN 2 ELSE 3 END
$$;

-- Of the owner. SY007: it had its effect already.
CREATE FUNCTION cluster_done(p_shard integer, p_ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	DELETE FROM cluster_todo WHERE shard = p_shard AND id = ANY (p_ids);
	GET DIAGNOSTICS taken = ROW_COUNT;
	IF taken <> cardinality(p_ids) THEN
		RAISE EXCEPTION 'has had its effect' USING ERRCODE = 'SY007';
	END IF;
END $$;

-- Anew from the members. Of none only the id and the first are left.
CREATE FUNCTION cluster_recount(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
	UPDATE cluster c SET mentions = s.mentions, authors = s.authors,
		sources = s.sources, reach = s.reach,
		first_at = coalesce(s.first_at, c.first_at),
		last_at = coalesce(s.last_at, c.last_at),
		first_mention = coalesce(s.first_mention, c.first_mention)
	FROM unnest(p_ids) AS w (id) CROSS JOIN LATERAL (
		SELECT count(*) AS mentions, count(DISTINCT m.author) AS authors,
			count(DISTINCT m.source) AS sources,
			coalesce(sum(m.reach), 0)::bigint AS reach,
			min(m.published_at) AS first_at, max(m.published_at) AS last_at,
			(array_agg(m.mention_id
				ORDER BY m.published_at, m.mention_id))[1] AS first_mention
		FROM cluster_member m WHERE m.cluster_id = w.id) s
	WHERE c.cluster_id = w.id
$$;

CREATE FUNCTION cluster_remove(p_shard integer, p_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	touched uuid[];
BEGIN
	WITH gone AS (DELETE FROM cluster_member WHERE mention_id = ANY (p_ids)
		AND shard = p_shard RETURNING cluster_id)
	SELECT array_agg(DISTINCT cluster_id) INTO touched FROM gone;
	IF touched IS NOT NULL THEN
		PERFORM cluster_recount(touched);
	END IF;
END $$;

CREATE FUNCTION cluster_merge(p_into uuid[], p_from uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE cluster_member m SET cluster_id = w.into_id
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE m.cluster_id = w.from_id;
	UPDATE cluster c SET merged_into = w.into_id, mentions = 0, authors = 0,
		sources = 0, reach = 0
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE c.cluster_id = w.from_id;
	UPDATE cluster c SET merged_into = w.into_id
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE c.merged_into = w.from_id;
	PERFORM cluster_recount(p_into);
END $$;

-- With their last mention they go, as its row does.
CREATE FUNCTION cluster_forget(p_shard integer, p_before timestamptz) RETURNS bigint
LANGUAGE sql AS $$
	WITH gone AS (DELETE FROM cluster WHERE shard = p_shard
		AND last_at < p_before RETURNING cluster_id),
	members AS (DELETE FROM cluster_member m USING gone
		WHERE m.cluster_id = gone.cluster_id)
	SELECT count(*) FROM gone
$$;

-- From when on what one author says within an hour is spam. One row.
CREATE TABLE spam_policy (
	one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
	burst integer NOT NULL DEFAULT 100,
	copies_least integer NOT NULL DEFAULT 10,
	copies_percent integer NOT NULL DEFAULT 80,
	links_least integer NOT NULL DEFAULT 20,
	links_percent integer NOT NULL DEFAULT 95
);
INSERT INTO spam_policy DEFAULT VALUES;
