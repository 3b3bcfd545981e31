-- The smallest domain: a number a key.
CREATE TABLE bench_row (
	key text PRIMARY KEY,
	value bigint NOT NULL,
	revision bigint NOT NULL,
	CONSTRAINT bench_row_value CHECK (value > -1000000000000)
);

-- Locks in key order; raises SY002 when a row is not as it was read.
CREATE FUNCTION bench_put(p_keys text[], p_values bigint[],
	p_before bigint[], p_after bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	stored bigint;
	inserted bigint;
BEGIN
	PERFORM 1 FROM bench_row r
	JOIN unnest(p_keys, p_before) AS u (key, before)
		ON r.key = u.key AND r.revision = u.before
	ORDER BY r.key FOR NO KEY UPDATE OF r;
	GET DIAGNOSTICS stored = ROW_COUNT;

	UPDATE bench_row r SET value = u.value, revision = u.after
	FROM unnest(p_keys, p_values, p_before, p_after)
		AS u (key, value, before, after)
	WHERE r.key = u.key AND r.revision = u.before;

	INSERT INTO bench_row (key, value, revision)
	SELECT u.key, u.value, u.after
	FROM unnest(p_keys, p_values, p_before, p_after)
		AS u (key, value, before, after)
	WHERE u.before = 0
	ORDER BY u.key
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS inserted = ROW_COUNT;

	IF stored + inserted <> cardinality(p_keys) THEN
		RAISE EXCEPTION 'a row was changed meanwhile'
		USING ERRCODE = 'SY002';
	END IF;
END
$$;
