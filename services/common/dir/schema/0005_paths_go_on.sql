-- A unit that has ended lies where it lay last: what was said or decided of it counts
-- above it ever after, and its readers stay the same. A path ends where the next
-- version of its unit, or of one above it, begins.

CREATE OR REPLACE FUNCTION dir_repath(p_codes text[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
DECLARE
	affected text[];
BEGIN
	WITH RECURSIVE down (code) AS (
		SELECT unnest(p_codes)
		UNION
		SELECT u.code FROM down JOIN dir_unit u ON u.parent = down.code)
	SELECT array_agg(code) INTO affected FROM down;

	DELETE FROM dir_unit_path WHERE unit = ANY (affected);

	WITH RECURSIVE version AS NOT MATERIALIZED (
		SELECT u.code, u.parent, u.valid_from_day AS from_day, coalesce(
			(SELECT n.valid_from_day FROM dir_unit n
			WHERE n.code = u.code
				AND n.valid_from_day > u.valid_from_day
			ORDER BY n.valid_from_day LIMIT 1), 2147483647) AS to_day
		FROM dir_unit u),
	up (unit, ancestor, depth, from_day, to_day) AS (
		SELECT code, code, 0, from_day, to_day
		FROM version WHERE code = ANY (affected)
		UNION ALL
		SELECT up.unit, v.parent, up.depth + 1,
			greatest(up.from_day, v.from_day),
			least(up.to_day, v.to_day)
		FROM up JOIN version v ON v.code = up.ancestor
			AND v.from_day < up.to_day AND up.from_day < v.to_day
		WHERE v.parent <> '' AND up.depth < 64)
	INSERT INTO dir_unit_path (ancestor, unit, depth, from_day, to_day)
	SELECT ancestor, unit, depth, from_day, CASE to_day
		WHEN 2147483647 THEN 0 ELSE to_day END
	FROM up;
END
$$;

SELECT dir_repath(array_agg(DISTINCT code)) FROM dir_unit WHERE until_day <> 0;
