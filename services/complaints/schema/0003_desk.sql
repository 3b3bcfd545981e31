-- What handlers have around their cases.

-- Keyed records in versions: templates, articles, views, seats (enum desk_kind).
-- One row a code, which every change locks, and one a version.
CREATE TABLE desk_record (
	kind smallint NOT NULL,
	code text COLLATE "C" NOT NULL,		-- of a view: "owner/code"
	revision bigint NOT NULL,		-- 0: claimed, not written yet
	owner text COLLATE "C" NOT NULL,	-- principal that made it first
	unit text COLLATE "C" NOT NULL,		-- root of those who use it, '' = all
	version integer NOT NULL,		-- the highest
	parent text COLLATE "C" NOT NULL DEFAULT '',	-- of an article: the newest version's
	used bigint NOT NULL DEFAULT 0,
	changed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (kind, code)
);
CREATE TABLE desk_version (
	kind smallint NOT NULL,
	code text COLLATE "C" NOT NULL,
	version integer NOT NULL,
	state smallint NOT NULL,		-- sy.v1.DeskState
	author text COLLATE "C" NOT NULL,
	decided_by text COLLATE "C" NOT NULL,	-- '' = nobody yet
	made_at timestamptz NOT NULL DEFAULT now(),
	decided_at timestamptz,
	body bytea NOT NULL,			-- the Put request of its kind
	PRIMARY KEY (kind, code, version)
);
-- Of one code at most one version is a draft (1) and one approved (2).
CREATE UNIQUE INDEX desk_version_live ON desk_version (kind, code, state)
	WHERE state IN (1, 2);

-- The words of an article, by language (services/common/text/words.h).
CREATE TABLE desk_words (
	code text COLLATE "C" NOT NULL,
	version integer NOT NULL,
	lang text COLLATE "C" NOT NULL,
	public boolean NOT NULL,		-- in the FAQ too
	words tsvector NOT NULL,
	PRIMARY KEY (code, version, lang)
);
CREATE INDEX desk_words_by_word ON desk_words USING gin (words);

-- Takes the rows in key order; what is new is made at revision 0. SY002: one of
-- them is not as it was read.
CREATE FUNCTION desk_claim(p_kinds smallint[], p_codes text[],
	p_revisions bigint[], p_owners text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	locked bigint;
BEGIN
	INSERT INTO desk_record (kind, code, revision, owner, unit, version)
	SELECT w.kind, w.code, 0, w.owner, '', 0
	FROM unnest(p_kinds, p_codes, p_revisions, p_owners)
		AS w (kind, code, revision, owner)
	WHERE w.revision = 0 ORDER BY w.kind, w.code COLLATE "C"
	ON CONFLICT DO NOTHING;
	SELECT count(*) INTO locked FROM (
		SELECT FROM unnest(p_kinds, p_codes, p_revisions)
			AS w (kind, code, revision)
		JOIN desk_record r ON r.kind = w.kind AND r.code = w.code
			AND r.revision = w.revision
		ORDER BY r.kind, r.code
		FOR NO KEY UPDATE OF r
	) AS l;
	IF locked <> cardinality(p_codes) THEN
		RAISE EXCEPTION 'a desk record was changed meanwhile'
			USING ERRCODE = 'SY002';
	END IF;
END
$$;

-- What somebody is about to say: personal data, of its owner alone.
CREATE TABLE desk_draft (
	principal text COLLATE "C" NOT NULL,
	appeal_id uuid NOT NULL,
	kind text COLLATE "C" NOT NULL,		-- the method that it is for
	text text NOT NULL,
	template text COLLATE "C" NOT NULL,
	saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (principal, appeal_id, kind)
);
CREATE INDEX desk_draft_by_time ON desk_draft (saved_at);

-- Who has a case open. Gone after a crash, and said again 10 s later.
CREATE UNLOGGED TABLE desk_presence (
	appeal_id uuid NOT NULL,
	principal text COLLATE "C" NOT NULL,
	writing boolean NOT NULL,
	seen_at timestamptz NOT NULL,
	PRIMARY KEY (appeal_id, principal)
) WITH (fillfactor = 50);

-- Cases that AssignNext has just given away: nobody else gets one for 10 s, and who
-- repeats a request gets the same.
CREATE UNLOGGED TABLE desk_taken (
	appeal_id uuid PRIMARY KEY,
	handler text COLLATE "C" NOT NULL,
	asked_by text COLLATE "C" NOT NULL,
	attempt text COLLATE "C" NOT NULL,	-- idempotency key
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX desk_taken_by_attempt ON desk_taken (asked_by, attempt);

-- Codes by which customers rate. claimed_at: somebody rates just now.
CREATE TABLE desk_rating_link (
	code_hash bytea PRIMARY KEY,
	appeal_id uuid NOT NULL,
	made_by text COLLATE "C" NOT NULL,
	expires_at timestamptz NOT NULL,
	claimed_at timestamptz,
	used_at timestamptz
);
CREATE INDEX desk_rating_link_by_time ON desk_rating_link (expires_at);
