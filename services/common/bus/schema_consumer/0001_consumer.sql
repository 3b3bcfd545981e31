-- How far this service has taken the streams of others. One row a shard says who
-- takes it (owner, epoch) and until when, by the database clock; it is locked by
-- each transaction that applies events and changes only when a lease is taken,
-- renewed or given back. Positions are appended, since an updated row slows down
-- as long as any transaction pins the horizon; old ones are trimmed.

CREATE TABLE cursor (
	consumer text NOT NULL,
	stream text NOT NULL,
	shard integer NOT NULL,
	owner uuid,
	epoch bigint NOT NULL DEFAULT 0,
	lease_until timestamptz,
	PRIMARY KEY (consumer, stream, shard)
);

CREATE TABLE cursor_position (
	consumer text NOT NULL,
	stream text NOT NULL,
	shard integer NOT NULL,
	-- Offset of the last event that took effect, and its id, by which the
	-- owner of the log can tell that it is still the same log.
	position bigint NOT NULL,
	event_id bytea NOT NULL,
	PRIMARY KEY (consumer, stream, shard, position)
);

-- The first statement of every applying transaction: stops it unless leases and
-- positions are still what the caller believes. A replica that was paused past
-- its lease, or a repeat of what was committed, ends here.
CREATE FUNCTION cursor_claim(p_consumer text, p_stream text,
	p_shards integer[], p_epochs bigint[], p_positions bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	held bigint;
BEGIN
	SELECT count(*) INTO held FROM (
		SELECT c.shard, c.epoch FROM cursor c
		WHERE c.consumer = p_consumer AND c.stream = p_stream
		AND c.shard = ANY (p_shards)
		ORDER BY c.shard FOR NO KEY UPDATE) l
	JOIN unnest(p_shards, p_epochs) AS u (shard, epoch)
		ON u.shard = l.shard AND u.epoch = l.epoch;
	IF held <> cardinality(p_shards) THEN
		RAISE EXCEPTION 'a cursor has another owner'
			USING ERRCODE = 'SY003';
	END IF;

	-- A statement of its own: its snapshot is younger than the locks.
	IF EXISTS (
		SELECT FROM unnest(p_shards, p_positions)
			AS u (shard, position)
		WHERE u.position <> coalesce((
			SELECT p.position FROM cursor_position p
			WHERE p.consumer = p_consumer
			AND p.stream = p_stream AND p.shard = u.shard
			ORDER BY p.position DESC LIMIT 1), 0))
	THEN
		RAISE EXCEPTION 'a cursor has moved' USING ERRCODE = 'SY003';
	END IF;
END
$$;
