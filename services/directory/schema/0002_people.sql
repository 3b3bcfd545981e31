-- People: how they sign in, machines' API tokens, and the keys that actor
-- tokens are signed with. Passwords are Argon2id hashes (libsodium's string);
-- codes and tokens are random, so a plain hash of them is enough.

ALTER TABLE principal
	ADD COLUMN person boolean NOT NULL DEFAULT false,
	ADD COLUMN display_name text NOT NULL DEFAULT '',
	ADD COLUMN lang text NOT NULL DEFAULT '';

CREATE TABLE signing_key (
	key_id text PRIMARY KEY,
	public_key bytea NOT NULL,
	revoked boolean NOT NULL,
	revision bigint NOT NULL
);

-- Never leaves this schema, nor the memory of who reads it.
CREATE TABLE signing_secret (
	key_id text PRIMARY KEY,
	secret bytea NOT NULL,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE credential (
	principal text PRIMARY KEY REFERENCES principal,
	hash text NOT NULL,
	set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures integer NOT NULL DEFAULT 0, -- in a row
	locked_until timestamptz
);

-- Tries with names that have no password, by day. They cost the same write as
-- the others, so that the time of an answer does not tell names.
CREATE TABLE unknown_try (
	day date PRIMARY KEY,
	tries bigint NOT NULL
);

CREATE TABLE invite (
	code_hash bytea PRIMARY KEY,
	principal text NOT NULL REFERENCES principal,
	expires_at timestamptz NOT NULL,
	ended_at timestamptz -- used, or a later one was made
);
CREATE INDEX invite_principal ON invite (principal);

CREATE TABLE api_token (
	token_id text PRIMARY KEY,
	principal text NOT NULL REFERENCES principal,
	token_hash bytea NOT NULL UNIQUE,
	note text NOT NULL,
	made_by text NOT NULL,
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz
);

CREATE TABLE session (
	session_id uuid PRIMARY KEY,
	principal text NOT NULL REFERENCES principal,
	token_id text REFERENCES api_token, -- NULL: by password
	started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	ended_at timestamptz
);
CREATE INDEX session_principal ON session (principal) WHERE ended_at IS NULL;
CREATE INDEX session_started_at ON session (started_at);

-- What is to become a PrincipalSecurityEvent: written with its effect, deleted
-- with its event.
CREATE TABLE security_note (
	note_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	principal text NOT NULL,
	what text NOT NULL,
	by_principal text NOT NULL,
	token_id text NOT NULL DEFAULT ''
);

-- What pages search units by: code and names, in lower case of any script.
ALTER TABLE unit ADD COLUMN search text COLLATE "C" GENERATED ALWAYS AS (
	lower((code || E'\n' || name_ru || E'\n' || name_zh || E'\n' || name_en)
		COLLATE "und-x-icu")) STORED;

-- The version of each unit that is valid on a day.
CREATE FUNCTION units_on(on_day integer)
RETURNS SETOF unit LANGUAGE sql STABLE AS $$
	SELECT u.* FROM unit u WHERE u.valid_from_day <= on_day
		AND (u.valid_to_day = 0 OR u.valid_to_day > on_day)
		AND NOT EXISTS (SELECT FROM unit n WHERE n.code = u.code
			AND n.valid_from_day > u.valid_from_day
			AND n.valid_from_day <= on_day)
$$;

-- Today's chain from a unit up to its root, itself included; depth 0 = itself.
CREATE FUNCTION unit_chain(of_code text, on_day integer)
RETURNS TABLE (code text, depth integer) LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
	WITH RECURSIVE up (code, depth) AS (
		SELECT of_code, 0
		UNION ALL
		SELECT (SELECT u.parent FROM unit u WHERE u.code = up.code
			AND u.valid_from_day <= on_day
			AND (u.valid_to_day = 0 OR u.valid_to_day > on_day)
			ORDER BY u.valid_from_day DESC LIMIT 1), up.depth + 1
		FROM up WHERE up.code <> '' AND up.depth < 64)
	SELECT up.code, up.depth FROM up WHERE up.code <> ''
$$;

-- May who sees the subtree of root ('' = all) deal with what stands at a unit?
CREATE FUNCTION unit_within(of_code text, root text)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT root = '' OR EXISTS (SELECT FROM unit_chain(of_code,
		(extract(epoch FROM clock_timestamp()) / 86400)::integer) c
		WHERE c.code = root)
$$;

-- A try is counted before the password is looked at, so that many at once are
-- as many tries; the right password sets the count back. From the fifth in a row
-- on the name is locked for 1, 2, 4 ... 60 minutes.
CREATE FUNCTION sign_in_try(p_name text)
RETURNS TABLE (hash text, locked boolean) LANGUAGE plpgsql AS $$
DECLARE
	c credential;
BEGIN
	SELECT k.* INTO c FROM credential k JOIN principal p
		ON p.name = k.principal
		WHERE k.principal = p_name AND p.person AND NOT p.revoked
		FOR NO KEY UPDATE OF k;
	IF NOT FOUND THEN
		INSERT INTO unknown_try (day, tries) VALUES (current_date, 1)
		ON CONFLICT (day) DO UPDATE SET tries = unknown_try.tries + 1;
		RETURN;
	END IF;
	IF c.locked_until > clock_timestamp() THEN
		-- The same write as for everybody else.
		UPDATE credential k SET failures = k.failures
		WHERE k.principal = p_name;
		RETURN QUERY SELECT c.hash, true;
		RETURN;
	END IF;
	UPDATE credential k SET failures = k.failures + 1,
		locked_until = CASE WHEN k.failures + 1 >= 5
			THEN clock_timestamp() + make_interval(mins =>
			least(60, power(2, least(k.failures - 4, 6)))::integer)
			END
	WHERE k.principal = p_name;
	RETURN QUERY SELECT c.hash, false;
END
$$;

-- Opens a session of a principal that may have one, and answers with it.
CREATE FUNCTION session_start(p_name text, p_session_id uuid, p_token_id text)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM principal p WHERE p.name = p_name AND NOT p.revoked
		FOR KEY SHARE;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	INSERT INTO session (session_id, principal, token_id)
	VALUES (p_session_id, p_name, p_token_id);
	RETURN QUERY SELECT p.* FROM principal p WHERE p.name = p_name;
END
$$;

-- The password was right.
CREATE FUNCTION sign_in(p_name text, p_session_id uuid)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
BEGIN
	UPDATE credential SET failures = 0, locked_until = NULL
	WHERE principal = p_name;
	INSERT INTO security_note (principal, what, by_principal)
	VALUES (p_name, 'SignedIn', p_name);
	RETURN QUERY SELECT * FROM session_start(p_name, p_session_id, NULL);
END
$$;

CREATE FUNCTION sign_out(p_name text, p_session_id uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE session SET ended_at = clock_timestamp()
	WHERE session_id = p_session_id AND ended_at IS NULL;
	IF FOUND THEN
		INSERT INTO security_note (principal, what, by_principal)
		VALUES (p_name, 'SignedOut', p_name);
	END IF;
END
$$;

-- A new password; every other session of the person ends.
CREATE FUNCTION password_set(p_name text, p_hash text, p_keep uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO credential (principal, hash) VALUES (p_name, p_hash)
	ON CONFLICT (principal) DO UPDATE SET hash = excluded.hash,
		set_at = excluded.set_at, failures = 0, locked_until = NULL;
	UPDATE session SET ended_at = clock_timestamp()
	WHERE principal = p_name AND ended_at IS NULL
		AND session_id IS DISTINCT FROM p_keep;
	INSERT INTO security_note (principal, what, by_principal)
	VALUES (p_name, 'PasswordSet', p_name);
END
$$;

-- May p_by, who sees the subtree of root, make a way in for p? Who does not see
-- all makes none to a role that he has not.
CREATE FUNCTION may_open(p principal, p_by text, p_root text)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT p_root = '' OR (unit_within(p.unit, p_root) AND
		p.roles <@ (SELECT roles FROM principal WHERE name = p_by))
$$;

-- 'ok', or why not.
CREATE FUNCTION invite_make(p_name text, p_code_hash bytea,
	p_expires_at timestamptz, p_by text, p_root text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	p principal;
BEGIN
	SELECT * INTO p FROM principal WHERE name = p_name FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN 'unknown';
	ELSIF NOT may_open(p, p_by, p_root) THEN
		RETURN 'scope';
	ELSIF NOT p.person OR p.revoked THEN
		RETURN 'state';
	END IF;
	UPDATE invite SET ended_at = clock_timestamp()
	WHERE principal = p_name AND ended_at IS NULL;
	INSERT INTO invite (code_hash, principal, expires_at)
	VALUES (p_code_hash, p_name, p_expires_at);
	INSERT INTO security_note (principal, what, by_principal)
	VALUES (p_name, 'InviteMade', p_by);
	RETURN 'ok';
END
$$;

-- No row: the code is not, or not any more, good. Once only: the row's lock.
CREATE FUNCTION invite_accept(p_code_hash bytea, p_hash text,
	p_session_id uuid)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
DECLARE
	invited text;
BEGIN
	UPDATE invite i SET ended_at = clock_timestamp() FROM principal p
	WHERE i.code_hash = p_code_hash AND i.ended_at IS NULL
		AND i.expires_at > clock_timestamp() AND p.name = i.principal
		AND p.person AND NOT p.revoked
	RETURNING i.principal INTO invited;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	PERFORM password_set(invited, p_hash, NULL);
	RETURN QUERY SELECT * FROM sign_in(invited, p_session_id);
END
$$;

-- 'ok', or why not.
CREATE FUNCTION api_token_make(p_name text, p_token_id text,
	p_token_hash bytea, p_note text, p_expires_at timestamptz, p_by text,
	p_root text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	p principal;
BEGIN
	SELECT * INTO p FROM principal WHERE name = p_name FOR KEY SHARE;
	IF NOT FOUND THEN
		RETURN 'unknown';
	ELSIF NOT may_open(p, p_by, p_root) THEN
		RETURN 'scope';
	ELSIF p.person OR p.revoked OR 'gateway' = ANY (p.roles) THEN
		RETURN 'state';
	END IF;
	INSERT INTO api_token (token_id, principal, token_hash, note, made_by,
		expires_at)
	VALUES (p_token_id, p_name, p_token_hash, p_note, p_by, p_expires_at);
	INSERT INTO security_note (principal, what, by_principal, token_id)
	VALUES (p_name, 'ApiTokenMade', p_by, p_token_id);
	RETURN 'ok';
END
$$;

CREATE FUNCTION api_token_revoke(p_token_id text, p_by text, p_root text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t api_token;
BEGIN
	SELECT * INTO t FROM api_token WHERE token_id = p_token_id
		FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RETURN 'unknown';
	ELSIF NOT unit_within((SELECT unit FROM principal
			WHERE name = t.principal), p_root) THEN
		RETURN 'scope';
	ELSIF t.revoked_at IS NOT NULL THEN
		RETURN 'ok';
	END IF;
	UPDATE api_token SET revoked_at = clock_timestamp()
	WHERE token_id = p_token_id;
	UPDATE session SET ended_at = clock_timestamp()
	WHERE token_id = p_token_id AND ended_at IS NULL;
	INSERT INTO security_note (principal, what, by_principal, token_id)
	VALUES (t.principal, 'ApiTokenRevoked', p_by, p_token_id);
	RETURN 'ok';
END
$$;

CREATE FUNCTION api_token_exchange(p_token_hash bytea, p_session_id uuid)
RETURNS SETOF principal LANGUAGE plpgsql AS $$
DECLARE
	t api_token;
BEGIN
	SELECT * INTO t FROM api_token WHERE token_hash = p_token_hash
		AND revoked_at IS NULL AND expires_at > clock_timestamp()
		FOR KEY SHARE;
	IF FOUND THEN
		RETURN QUERY SELECT * FROM session_start(t.principal,
			p_session_id, t.token_id);
	END IF;
END
$$;
