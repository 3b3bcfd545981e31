-- A unit that has ended lies where it lay last, as in dir_unit_path.
CREATE OR REPLACE FUNCTION unit_chain(of_code text, on_day integer)
RETURNS TABLE (code text, depth integer) LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
	WITH RECURSIVE up (code, depth) AS (
		SELECT of_code, 0
		UNION ALL
		SELECT (SELECT u.parent FROM unit u WHERE u.code = up.code
			AND u.valid_from_day <= on_day
			ORDER BY u.valid_from_day DESC LIMIT 1), up.depth + 1
		FROM up WHERE up.code <> '' AND up.depth < 64)
	SELECT up.code, up.depth FROM up WHERE up.code <> ''
$$;
