-- What became of each publisher's events, by day, so that its owner can compare
-- it with his own books. A commit notes it in the row that it appends anyhow; rows
-- that are trimmed are added up by day. A service of the release before appends
-- rows that say nothing: its events are missing in the report.

ALTER TABLE lane_seq
	ADD COLUMN events integer NOT NULL DEFAULT 0,
	ADD COLUMN rejected integer NOT NULL DEFAULT 0,
	ADD COLUMN duplicate integer NOT NULL DEFAULT 0;

CREATE TABLE publisher_day (
	lane_id bigint NOT NULL REFERENCES lane,
	day date NOT NULL, -- UTC, of the commit
	events bigint NOT NULL,
	rejected bigint NOT NULL,
	duplicate bigint NOT NULL,
	PRIMARY KEY (lane_id, day)
);

-- Rejects themselves are forgotten once the publisher has heard of them.
CREATE TABLE reject_day (
	lane_id bigint NOT NULL REFERENCES lane,
	day date NOT NULL,
	code integer NOT NULL,
	field text NOT NULL,
	events bigint NOT NULL,
	PRIMARY KEY (lane_id, day, code, field)
);

-- lane_claim, which notes them.
CREATE FUNCTION lane_claim(p_lane_ids bigint[], p_epochs bigint[],
	p_first_seqs bigint[], p_last_seqs bigint[], p_rejected bigint[],
	p_duplicate bigint[])
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

	-- One day in a transaction: that of reject_day.
	INSERT INTO lane_seq (lane_id, last_seq, accepted_at, events, rejected,
		duplicate)
	SELECT u.lane_id, u.last_seq, now(), u.last_seq - u.first_seq + 1,
		u.rejected, u.duplicate
	FROM unnest(p_lane_ids, p_first_seqs, p_last_seqs, p_rejected,
		p_duplicate)
		AS u (lane_id, first_seq, last_seq, rejected, duplicate);
END
$$;

CREATE FUNCTION reject_add(p_lane_ids bigint[], p_seqs bigint[],
	p_codes integer[], p_fields text[], p_reasons text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO reject (lane_id, seq, code, field, reason)
	SELECT * FROM unnest(p_lane_ids, p_seqs, p_codes, p_fields, p_reasons);

	-- The lanes are locked: nobody else writes these rows.
	INSERT INTO reject_day AS d
	SELECT u.lane_id, (now() AT TIME ZONE 'UTC')::date, u.code, u.field,
		count(*)
	FROM unnest(p_lane_ids, p_codes, p_fields) AS u (lane_id, code, field)
	GROUP BY u.lane_id, u.code, u.field
	ON CONFLICT (lane_id, day, code, field)
	DO UPDATE SET events = d.events + excluded.events;
END
$$;

-- Forgets the steps that led to where a lane is, but not what they came to.
CREATE FUNCTION lane_trim() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	WITH gone AS (
		DELETE FROM lane_seq s
		USING (SELECT l.lane_id, (
				SELECT x.last_seq FROM lane_seq x
				WHERE x.lane_id = l.lane_id
				ORDER BY x.last_seq DESC LIMIT 1) AS keep
			FROM lane l) k
		WHERE s.lane_id = k.lane_id AND s.last_seq < k.keep
		RETURNING s.lane_id, s.accepted_at, s.events, s.rejected,
			s.duplicate
	)
	INSERT INTO publisher_day AS d
	SELECT g.lane_id, (g.accepted_at AT TIME ZONE 'UTC')::date,
		sum(g.events), sum(g.rejected), sum(g.duplicate)
	FROM gone g WHERE g.events > 0
	GROUP BY 1, 2 ORDER BY 1, 2
	ON CONFLICT (lane_id, day) DO UPDATE
	SET events = d.events + excluded.events,
		rejected = d.rejected + excluded.rejected,
		duplicate = d.duplicate + excluded.duplicate;
END
$$;
