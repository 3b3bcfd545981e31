-- What one replica at a time does. A row changes only when it is taken or given
-- back; it is locked by each transaction of its owner.
CREATE TABLE duty (
	name text PRIMARY KEY,
	owner uuid,
	epoch bigint NOT NULL DEFAULT 0
);

-- The replicas. The session is that of their leases; when it has ended, so has the
-- program or its hold on the database.
CREATE TABLE duty_member (
	owner uuid PRIMARY KEY,
	until timestamptz NOT NULL,
	pid integer NOT NULL,
	backend_start timestamptz NOT NULL,
	names text[] NOT NULL -- the duties that this version has
);

CREATE FUNCTION duty_claim(p_name text, p_owner uuid, p_epoch bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM duty WHERE name = p_name AND owner = p_owner
		AND epoch = p_epoch FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'a duty has another owner'
			USING ERRCODE = 'SY006';
	END IF;
END
$$;
