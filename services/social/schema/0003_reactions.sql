-- What needs a reaction, what was done about it, and what is to be told to complaints.
-- Personal data stand in reaction_said and in the bodies of reaction_tell, which go when
-- they were sent.

CREATE TABLE reaction (
	reaction_id uuid PRIMARY KEY,		-- that of its mention
	revision bigint NOT NULL,		-- of the last event, dense from 1
	state smallint NOT NULL,		-- sy.v1.ReactionState
	priority smallint NOT NULL,
	unit text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	source text COLLATE "C" NOT NULL,
	owner text COLLATE "C" NOT NULL,	-- principal, '' = nobody
	opened_at timestamptz NOT NULL,
	ended_at timestamptz,			-- nothing is left to do since
	next_due timestamptz,			-- of the clocks that run
	wake_at timestamptz,			-- when time changes it next
	appeal_id uuid,
	cluster_id uuid,
	stored bytea NOT NULL			-- sy.v1.ReactionStored
) WITH (fillfactor = 80);
CREATE INDEX reaction_queue ON reaction (priority, next_due, reaction_id)
	WHERE state IN (1, 2, 4, 5);
CREATE INDEX reaction_by_time ON reaction (opened_at DESC, reaction_id DESC);
CREATE INDEX reaction_by_wake ON reaction (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX reaction_by_appeal ON reaction (appeal_id) WHERE appeal_id IS NOT NULL;
CREATE INDEX reaction_by_cluster ON reaction (cluster_id) WHERE cluster_id IS NOT NULL;

CREATE TABLE reaction_step (
	reaction_id uuid NOT NULL,
	n bigint NOT NULL,			-- the revision that it made
	step text COLLATE "C" NOT NULL,
	at timestamptz NOT NULL,
	by text COLLATE "C" NOT NULL,		-- principal
	template text COLLATE "C" NOT NULL,
	reason text COLLATE "C" NOT NULL,
	PRIMARY KEY (reaction_id, n)
);
CREATE TABLE reaction_said (
	reaction_id uuid NOT NULL,
	n bigint NOT NULL,
	text text NOT NULL,
	url text NOT NULL,
	PRIMARY KEY (reaction_id, n)
);

-- Commands for complaints, in the order in which they were made; one is sent when those
-- of the same reaction before it were answered.
CREATE TABLE reaction_tell (
	reaction_id uuid NOT NULL,
	n integer NOT NULL,
	method text COLLATE "C" NOT NULL,
	body bytea NOT NULL,			-- the request
	made_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (reaction_id, n)
);

-- What complaints' log says of appeals that were registered here, in its order; gone
-- when the reaction has heard it.
CREATE TABLE appeal_heard (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	appeal_id uuid NOT NULL,
	type text COLLATE "C" NOT NULL,
	at timestamptz NOT NULL,
	state smallint NOT NULL,		-- sy.v1.AppealState
	task text COLLATE "C" NOT NULL,
	task_state smallint NOT NULL,		-- sy.v1.TaskState
	merged_into text COLLATE "C" NOT NULL,
	heard_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX appeal_heard_by_appeal ON appeal_heard (appeal_id, n);

-- Mentions to be looked at again: edited, corrected, or of a cluster that has grown.
CREATE TABLE reaction_ask (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	mention_id uuid NOT NULL
);

-- Takes the rows in order of id. SY002: one of them is not as it was read.
CREATE FUNCTION reaction_claim(p_ids uuid[], p_revisions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	SELECT count(*) INTO taken FROM (
		SELECT FROM unnest(p_ids, p_revisions) AS w (id, revision)
		CROSS JOIN LATERAL (SELECT s.revision FROM reaction s
			WHERE s.reaction_id = w.id OFFSET 0 FOR NO KEY UPDATE) r
		WHERE r.revision = w.revision) t;
	IF taken <> cardinality(p_ids) THEN
		RAISE EXCEPTION 'a reaction has changed' USING ERRCODE = 'SY002';
	END IF;
END $$;

CREATE FUNCTION reaction_add(p_ids uuid[], p_revisions bigint[], p_states smallint[],
	p_priorities smallint[], p_units text[], p_topics text[], p_sources text[],
	p_owners text[], p_opened timestamptz[], p_ended timestamptz[],
	p_due timestamptz[], p_wake timestamptz[], p_appeals uuid[], p_clusters uuid[],
	p_stored bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO reaction SELECT * FROM unnest(p_ids, p_revisions, p_states,
		p_priorities, p_units, p_topics, p_sources, p_owners, p_opened, p_ended,
		p_due, p_wake, p_appeals, p_clusters, p_stored);
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a reaction was opened meanwhile' USING ERRCODE = 'SY002';
END $$;

-- What was heard is heard once. SY002: somebody else was first.
CREATE FUNCTION appeal_heard_drop(p_ns bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	dropped bigint;
BEGIN
	DELETE FROM appeal_heard WHERE n = ANY (p_ns);
	GET DIAGNOSTICS dropped = ROW_COUNT;
	IF dropped <> cardinality(p_ns) THEN
		RAISE EXCEPTION 'was heard meanwhile' USING ERRCODE = 'SY002';
	END IF;
END $$;

-- Privacy: what was said in the reactions to these mentions goes, and what has not been
-- sent yet is not sent.
CREATE FUNCTION reaction_erase(p_mentions uuid[]) RETURNS void
LANGUAGE sql AS $$
	DELETE FROM reaction_said WHERE reaction_id = ANY (p_mentions);
	DELETE FROM reaction_tell WHERE reaction_id = ANY (p_mentions);
$$;

-- The media desk. Question and name of who asks are of the press, and kept apart all the
-- same.
CREATE TABLE press (
	press_id uuid PRIMARY KEY,
	revision bigint NOT NULL,
	state smallint NOT NULL,		-- sy.v1.PressState
	unit text COLLATE "C" NOT NULL,
	asked_at timestamptz NOT NULL,
	due_at timestamptz,
	stored bytea NOT NULL			-- sy.v1.PressStored
);
CREATE INDEX press_open ON press (due_at, press_id) WHERE state <> 4;
CREATE INDEX press_by_time ON press (asked_at DESC, press_id DESC);
CREATE TABLE press_said (
	press_id uuid PRIMARY KEY,
	asked_by text NOT NULL,
	question text NOT NULL
);

CREATE FUNCTION press_claim(p_ids uuid[], p_revisions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	taken bigint;
BEGIN
	SELECT count(*) INTO taken FROM (
		SELECT FROM unnest(p_ids, p_revisions) AS w (id, revision)
		CROSS JOIN LATERAL (SELECT s.revision FROM press s
			WHERE s.press_id = w.id OFFSET 0 FOR NO KEY UPDATE) r
		WHERE r.revision = w.revision) t;
	IF taken <> cardinality(p_ids) THEN
		RAISE EXCEPTION 'a question of the press has changed'
			USING ERRCODE = 'SY002';
	END IF;
END $$;

-- The clusters that these mentions are of: who was first, and how large they are.
CREATE FUNCTION reaction_clusters(p_mentions uuid[]) RETURNS TABLE (mention_id uuid,
	first_mention uuid, mentions bigint, reach bigint, cluster_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT m.mention_id, c.first_mention, c.mentions, c.reach,
		c.cluster_id
	FROM unnest(p_mentions) AS w (id)
	CROSS JOIN LATERAL (SELECT s.mention_id, s.cluster_id FROM cluster_member s
		WHERE s.mention_id = w.id LIMIT 1) m
	JOIN cluster c ON c.cluster_id = m.cluster_id;
END $$;
