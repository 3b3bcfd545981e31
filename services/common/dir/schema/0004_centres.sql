-- What a centre offers, where it is and when it is open: kept as its message, for the pages
-- that show it to everybody. '' until the directory says it again.
ALTER TABLE dir_centre ADD COLUMN body bytea NOT NULL DEFAULT ''; -- sy.v1.Centre

-- Beside the function of the version before, which may still be running.
CREATE FUNCTION dir_put_centres(p_units text[], p_from_days integer[],
	p_until_days integer[], p_open boolean[], p_planned_days integer[],
	p_opened_days integer[], p_bodies bytea[], p_revisions bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
	PERFORM dir_put_centres(p_units, p_from_days, p_until_days, p_open,
		p_planned_days, p_opened_days, p_revisions);
	UPDATE dir_centre t SET body = n.body
	FROM (SELECT DISTINCT ON (unit, from_day) unit, from_day, body
		FROM unnest(p_units, p_from_days, p_bodies, p_revisions)
			AS n (unit, from_day, body, revision)
		ORDER BY unit, from_day, revision DESC) n
	WHERE t.unit = n.unit AND t.valid_from_day = n.from_day;
END
$$;
