-- A gateway that hears nothing asks again under the same idempotency key. An
-- invite works once, and says under which key it did and which session that
-- began, so that who repeats the question gets the answer.

ALTER TABLE invite
	ADD COLUMN accepted_key bytea, -- a hash of the key; NULL: there was none
	ADD COLUMN session_id uuid;

-- Beside the one of three arguments, which the release before calls.
CREATE FUNCTION invite_accept(p_code_hash bytea, p_hash text,
	p_session_id uuid, p_key bytea)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT * FROM invite_accept(p_code_hash, p_hash,
		p_session_id);
	IF FOUND THEN
		UPDATE invite SET accepted_key = p_key, session_id = p_session_id
		WHERE code_hash = p_code_hash;
	END IF;
END
$$;
