-- What a list of API tokens says of each: when it was made, NULL if before this was
-- kept, and when it was last exchanged for a session.
ALTER TABLE api_token
	ADD COLUMN made_at timestamptz,
	ADD COLUMN signed_in_at timestamptz;
ALTER TABLE api_token ALTER COLUMN made_at SET DEFAULT clock_timestamp();
CREATE INDEX api_token_principal ON api_token (principal, token_id);

CREATE OR REPLACE FUNCTION api_token_exchange(p_token_hash bytea,
	p_session_id uuid)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
DECLARE
	t api_token;
BEGIN
	UPDATE api_token SET signed_in_at = clock_timestamp()
	WHERE token_hash = p_token_hash
		AND revoked_at IS NULL AND expires_at > clock_timestamp()
	RETURNING * INTO t;
	IF FOUND THEN
		RETURN QUERY SELECT * FROM session_start(t.principal,
			p_session_id, t.token_id);
	END IF;
END
$$;
