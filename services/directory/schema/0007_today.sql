-- Today's tree, and not tomorrow's from noon on: a cast to integer rounds.
CREATE OR REPLACE FUNCTION unit_within(of_code text, root text)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT root = '' OR EXISTS (SELECT FROM unit_chain(of_code,
		floor(extract(epoch FROM clock_timestamp()) / 86400)::integer) c
		WHERE c.code = root)
$$;
