-- What the bus keeps in the schema of every service: lanes of publishers, their
-- sequences and rejects, commands with their replies, and the log.
--
-- Heads and sequences are appended, never updated: with one idle transaction
-- pinning the horizon, updated counter rows lose nine tenths of their speed.
-- Locks are taken in this order, always: lanes, domain rows, shards.

-- A publisher has a fixed number of lanes. The row changes at HELLO only.
CREATE TABLE lane (
	lane_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	principal text NOT NULL,
	publisher text NOT NULL,
	lane smallint NOT NULL,
	epoch bigint NOT NULL,
	instance_id bytea NOT NULL,
	UNIQUE (principal, publisher, lane)
);

-- Each commit appends how far it brought the lane.
CREATE TABLE lane_seq (
	lane_id bigint NOT NULL REFERENCES lane,
	last_seq bigint NOT NULL,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (lane_id, last_seq)
);

-- Refused events, repeated to the publisher until it has seen them.
CREATE TABLE reject (
	lane_id bigint NOT NULL REFERENCES lane,
	seq bigint NOT NULL,
	code integer NOT NULL,
	field text NOT NULL,
	reason text NOT NULL,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (lane_id, seq)
);

-- Commands that took effect, kept for seven days.
CREATE TABLE command (
	principal text NOT NULL,
	method text NOT NULL,
	idempotency_key text NOT NULL,
	body_hash bytea NOT NULL,
	reply bytea NOT NULL,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (principal, method, idempotency_key)
);
CREATE INDEX command_accepted_at ON command (accepted_at);

CREATE TABLE shard (
	shard smallint PRIMARY KEY
);

-- Dense offsets from 1; the order of commits is the order of offsets.
CREATE TABLE log (
	shard smallint NOT NULL,
	log_offset bigint NOT NULL,
	accepted_at timestamptz NOT NULL,
	event_id uuid NOT NULL,
	event bytea NOT NULL,
	PRIMARY KEY (shard, log_offset)
);
-- Serialized protobuf does not compress; do not try on each insert.
ALTER TABLE log ALTER COLUMN event SET STORAGE EXTERNAL;

-- HELLO: takes the lanes over. Waits for a transaction that holds one, so that
-- last_seq is final. The same run of a program may repeat its HELLO when no answer
-- came; the epoch stays then, or a late first HELLO would fence the one that was
-- answered. Lanes that it held before must still be its own.
CREATE FUNCTION lane_hello(p_principal text, p_publisher text,
	p_lanes smallint[], p_instance_id bytea, p_held smallint[])
RETURNS TABLE (r_lane smallint, r_lane_id bigint, r_epoch bigint,
	r_last_seq bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM lane l
	WHERE l.principal = p_principal AND l.publisher = p_publisher
	AND l.lane = ANY (p_lanes)
	ORDER BY l.lane FOR NO KEY UPDATE;

	IF EXISTS (SELECT FROM lane l
		WHERE l.principal = p_principal AND l.publisher = p_publisher
		AND l.lane = ANY (p_held)
		AND l.instance_id <> p_instance_id)
	THEN
		RAISE EXCEPTION 'another instance has the lanes'
		USING ERRCODE = 'SY005';
	END IF;

	INSERT INTO lane (principal, publisher, lane, epoch, instance_id)
	SELECT p_principal, p_publisher, u.lane, 1, p_instance_id
	FROM unnest(p_lanes) AS u (lane)
	ORDER BY u.lane
	ON CONFLICT (principal, publisher, lane) DO UPDATE
	SET epoch = lane.epoch
		+ (lane.instance_id <> excluded.instance_id)::integer,
		instance_id = excluded.instance_id;

	RETURN QUERY
	SELECT l.lane, l.lane_id, l.epoch, coalesce((
		SELECT s.last_seq FROM lane_seq s
		WHERE s.lane_id = l.lane_id
		ORDER BY s.last_seq DESC LIMIT 1), 0)
	FROM lane l
	WHERE l.principal = p_principal AND l.publisher = p_publisher
	AND l.lane = ANY (p_lanes)
	ORDER BY l.lane;
END
$$;

-- The state of lanes whose outcome is not known: the lock waits for a backend
-- that may still commit, then a fresh snapshot reads.
CREATE FUNCTION lane_state(p_lane_ids bigint[])
RETURNS TABLE (r_lane_id bigint, r_epoch bigint, r_last_seq bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM lane l WHERE l.lane_id = ANY (p_lane_ids)
	ORDER BY l.lane_id FOR NO KEY UPDATE;

	RETURN QUERY
	SELECT l.lane_id, l.epoch, coalesce((
		SELECT s.last_seq FROM lane_seq s
		WHERE s.lane_id = l.lane_id
		ORDER BY s.last_seq DESC LIMIT 1), 0)
	FROM lane l WHERE l.lane_id = ANY (p_lane_ids);
END
$$;

-- The first statement of every publishing transaction.
CREATE FUNCTION lane_claim(p_lane_ids bigint[], p_epochs bigint[],
	p_first_seqs bigint[], p_last_seqs bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM lane l WHERE l.lane_id = ANY (p_lane_ids)
	ORDER BY l.lane_id FOR NO KEY UPDATE;

	IF (SELECT count(*)
	    FROM unnest(p_lane_ids, p_epochs, p_first_seqs)
		AS u (lane_id, epoch, first_seq)
	    JOIN lane l ON l.lane_id = u.lane_id AND l.epoch = u.epoch
	    WHERE u.first_seq = 1 + coalesce((
		SELECT s.last_seq FROM lane_seq s
		WHERE s.lane_id = u.lane_id
		ORDER BY s.last_seq DESC LIMIT 1), 0))
	   <> cardinality(p_lane_ids)
	THEN
		RAISE EXCEPTION 'a lane has moved' USING ERRCODE = 'SY001';
	END IF;

	INSERT INTO lane_seq (lane_id, last_seq)
	SELECT * FROM unnest(p_lane_ids, p_last_seqs);
END
$$;

-- Effects of commands, under their keys.
CREATE FUNCTION command_keep(p_principals text[], p_methods text[],
	p_keys text[], p_body_hashes bytea[], p_replies bytea[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	kept bigint;
BEGIN
	INSERT INTO command (principal, method, idempotency_key, body_hash,
		reply)
	SELECT * FROM unnest(p_principals, p_methods, p_keys, p_body_hashes,
		p_replies) AS u (principal, method, key, body_hash, reply)
	ORDER BY u.principal, u.method, u.key
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS kept = ROW_COUNT;
	IF kept <> cardinality(p_keys) THEN
		RAISE EXCEPTION 'a command was repeated meanwhile'
		USING ERRCODE = 'SY004';
	END IF;
END
$$;

-- The last statement of every transaction that publishes. p_ordinals number the
-- events of a shard from 1. Returns the head of each shard before.
CREATE FUNCTION log_append(p_shards smallint[], p_ordinals integer[],
	p_event_ids uuid[], p_events bytea[])
RETURNS TABLE (r_shard smallint, r_head bigint, r_accepted_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM shard s WHERE s.shard = ANY (p_shards)
	ORDER BY s.shard FOR NO KEY UPDATE;

	RETURN QUERY
	WITH head AS MATERIALIZED (
		SELECT s.shard, coalesce(l.log_offset, 0) AS log_offset,
			greatest(clock_timestamp(), l.accepted_at) AS accepted_at
		FROM (SELECT DISTINCT u.shard FROM unnest(p_shards) AS u (shard)) s
		LEFT JOIN LATERAL (
			SELECT log.log_offset, log.accepted_at FROM log
			WHERE log.shard = s.shard
			ORDER BY log.log_offset DESC LIMIT 1) l ON true
	), appended AS (
		INSERT INTO log (shard, log_offset, accepted_at, event_id, event)
		SELECT u.shard, h.log_offset + u.ordinal, h.accepted_at,
			u.event_id, u.event
		FROM unnest(p_shards, p_ordinals, p_event_ids, p_events)
			AS u (shard, ordinal, event_id, event)
		JOIN head h ON h.shard = u.shard
	)
	SELECT h.shard, h.log_offset, h.accepted_at FROM head h;
END
$$;
