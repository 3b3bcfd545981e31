-- The log as segments: consecutive events of one shard that one transaction
-- appended, at most a page of them in a row: what a row needs (header, index entry,
-- WAL record) is then shared by some thirty events.

CREATE TABLE log_segment (
	shard smallint NOT NULL,
	first_offset bigint NOT NULL,
	last_offset bigint NOT NULL,
	accepted_at timestamptz NOT NULL,
	event_ids uuid[] NOT NULL,
	events bytea[] NOT NULL,
	-- The first segment from an offset on is then one step in the index.
	PRIMARY KEY (shard, last_offset)
-- Up to a page stays in the row instead of in chunks of 2 kB.
) WITH (toast_tuple_target = 8160);
-- Serialized protobuf does not compress; do not try on each insert.
ALTER TABLE log_segment ALTER COLUMN events SET STORAGE EXTERNAL;

INSERT INTO log_segment
SELECT shard, log_offset, log_offset, accepted_at, ARRAY[event_id],
	ARRAY[event]
FROM log ORDER BY shard, log_offset;
DROP FUNCTION log_append(smallint[], integer[], uuid[], bytea[]);
DROP TABLE log;

-- One row an event, for who looks at it with SQL.
CREATE VIEW log AS
SELECT s.shard, s.first_offset + u.n - 1 AS log_offset, s.accepted_at,
	u.event_id, u.event
FROM log_segment s CROSS JOIN LATERAL unnest(s.event_ids, s.events)
	WITH ORDINALITY AS u (event_id, event, n);

-- The last statement of every transaction that publishes. The events lie in the
-- order of their shards; segment i is the p_firsts[i]-th to the p_lasts[i]-th.
-- Returns the head of each shard before.
CREATE FUNCTION log_append(p_shards smallint[], p_firsts integer[],
	p_lasts integer[], p_event_ids uuid[], p_events bytea[])
RETURNS TABLE (r_shard smallint, r_head bigint, r_accepted_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM shard s WHERE s.shard = ANY (p_shards)
	ORDER BY s.shard FOR NO KEY UPDATE;

	-- A statement of its own: its snapshot is younger than the locks.
	RETURN QUERY
	WITH head AS MATERIALIZED (
		SELECT s.shard, s.first, coalesce(l.last_offset, 0) AS last_offset,
			greatest(clock_timestamp(), l.accepted_at) AS accepted_at
		FROM (SELECT u.shard, min(u.first) AS first
			FROM unnest(p_shards, p_firsts) AS u (shard, first)
			GROUP BY u.shard) s
		LEFT JOIN LATERAL (
			SELECT g.last_offset, g.accepted_at FROM log_segment g
			WHERE g.shard = s.shard
			ORDER BY g.last_offset DESC LIMIT 1) l ON true
	), appended AS (
		INSERT INTO log_segment
		SELECT u.shard, h.last_offset + 1 + u.first - h.first,
			h.last_offset + 1 + u.last - h.first, h.accepted_at,
			p_event_ids[u.first:u.last], p_events[u.first:u.last]
		FROM unnest(p_shards, p_firsts, p_lasts)
			AS u (shard, first, last)
		JOIN head h ON h.shard = u.shard
	)
	SELECT h.shard, h.last_offset, h.accepted_at FROM head h;
END
$$;
