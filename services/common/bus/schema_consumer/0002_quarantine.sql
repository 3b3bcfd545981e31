-- What this service could not apply, and who shares the shards of a stream.

-- A key with an event that cannot be applied is parked: what follows under it
-- waits in quarantine, in order, and the rest of the shard flows.
CREATE TABLE parked_key (
	consumer text NOT NULL,
	stream text NOT NULL,
	shard integer NOT NULL,
	key text NOT NULL,
	reason text NOT NULL, -- never values
	parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	-- Set by a person; who holds the shard's lease then tries again.
	retry_wanted boolean NOT NULL DEFAULT false,
	PRIMARY KEY (consumer, stream, shard, key)
);

CREATE TABLE quarantine (
	consumer text NOT NULL,
	stream text NOT NULL,
	shard integer NOT NULL,
	log_offset bigint NOT NULL,
	key text NOT NULL,
	accepted_at timestamptz NOT NULL,
	event bytea NOT NULL,
	PRIMARY KEY (consumer, stream, shard, log_offset)
);
CREATE INDEX quarantine_key ON quarantine
	(consumer, stream, shard, key, log_offset);

-- A batch that is about to be applied after the program had ended uncleanly, so
-- that an event that ends it each time is found: alone counts the ends with
-- that one event alone.
CREATE TABLE apply_attempt (
	consumer text NOT NULL,
	stream text NOT NULL,
	shard integer NOT NULL,
	first_offset bigint NOT NULL,
	last_offset bigint NOT NULL,
	attempts integer NOT NULL,
	alone integer NOT NULL,
	PRIMARY KEY (consumer, stream, shard)
);

-- The lease was taken from a replica that had not given it back.
ALTER TABLE cursor ADD COLUMN unclean boolean NOT NULL DEFAULT false;

-- Replicas: each takes its share of the shards. The session is the one that
-- applies; when it has ended, so has the program or its hold on the database, and
-- nobody needs to wait until its leases run out.
CREATE TABLE consumer_member (
	consumer text NOT NULL,
	stream text NOT NULL,
	owner uuid NOT NULL,
	until timestamptz NOT NULL,
	pid integer NOT NULL,
	backend_start timestamptz NOT NULL,
	PRIMARY KEY (consumer, stream, owner)
);

CREATE FUNCTION member_alive(m consumer_member) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT m.until > clock_timestamp() AND EXISTS (
		SELECT FROM pg_stat_activity a
		WHERE a.pid = m.pid AND a.backend_start = m.backend_start)
$$;

-- How many shards each replica may hold: those of the stream over the replicas
-- that are alive, rounded up.
CREATE FUNCTION cursor_share(p_consumer text, p_stream text) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT ceil(count(*)::numeric / greatest(1, (
		SELECT count(*) FROM consumer_member m
		WHERE m.consumer = p_consumer AND m.stream = p_stream
		AND member_alive(m))))::bigint
	FROM cursor c WHERE c.consumer = p_consumer AND c.stream = p_stream
$$;
