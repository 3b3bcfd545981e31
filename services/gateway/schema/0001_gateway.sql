-- What the gateway owns: who is signed in, and who did or read what. No table of the
-- domain stands here, and nothing personal of a customer.

-- A browser holds the sealed id of a row (seal.c), never the actor token. Any replica
-- finds the session here and keeps it in memory; each looks every few seconds whether
-- its row is still there, so a sign-out at one of them soon holds at all.
CREATE TABLE session (
	session_id uuid PRIMARY KEY,
	principal text COLLATE "C" NOT NULL,
	-- sy.v1.Principal, packed, as the directory gave it with the token below.
	record bytea NOT NULL,
	actor_token bytea NOT NULL,
	token_expires_at timestamptz NOT NULL,
	csrf_token text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(),	-- to the minute
	-- A replica is just asking for the next token: the others leave it alone.
	renewing_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);	-- rows change often, and in place

CREATE INDEX session_by_expiry ON session (token_expires_at);
CREATE INDEX session_by_principal ON session (principal);

-- Append only. One row for each change that came by HTTP, done or refused, and for each
-- read of personal data; stored before the answer goes out.
CREATE TABLE audit (
	audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	principal text COLLATE "C" NOT NULL,	-- '' = nobody whom we know
	unit text COLLATE "C" NOT NULL,		-- whose subtree they saw; '' = all
	action text COLLATE "C" NOT NULL,	-- method
	object text COLLATE "C" NOT NULL,	-- an id or a code
	outcome smallint NOT NULL,		-- sy.v1.ErrorCode
	trace_id bytea NOT NULL,
	address text NOT NULL			-- where the request came from
);

CREATE INDEX audit_by_time ON audit (at, audit_id);
CREATE INDEX audit_by_principal ON audit (principal, at, audit_id);
CREATE INDEX audit_by_action ON audit (action, at, audit_id);
