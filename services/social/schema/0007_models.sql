-- Models that judge mentions, and what people said instead. Version 0 is the profile's
-- rules.

CREATE TABLE model (
	version integer PRIMARY KEY,
	made_by text COLLATE "C" NOT NULL,	-- principal
	upload uuid NOT NULL,			-- of his choice
	made_at timestamptz NOT NULL,
	note text NOT NULL,
	bytes bigint NOT NULL,
	examples bigint NOT NULL,
	sha256 bytea NOT NULL,			-- of the whole file
	scores bytea NOT NULL,			-- sy.v1.Model with scores alone
	in_use_since timestamptz,		-- the last time; NULL: never
	used_by text COLLATE "C" NOT NULL DEFAULT '',
	UNIQUE (made_by, upload)
);
INSERT INTO model VALUES (0, '', '00000000-0000-0000-0000-000000000000', now(), '', 0, 0,
	'', '', now(), '');

-- Files in parts; data is not compressible.
CREATE TABLE model_file (
	version integer NOT NULL,
	part integer NOT NULL,			-- from 0
	data bytea NOT NULL,
	PRIMARY KEY (version, part)
);
ALTER TABLE model_file ALTER data SET STORAGE EXTERNAL;

-- Parts whose last one has not come.
CREATE TABLE model_part (
	made_by text COLLATE "C" NOT NULL,
	upload uuid NOT NULL,
	part integer NOT NULL,
	data bytea NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (made_by, upload, part)
);
ALTER TABLE model_part ALTER data SET STORAGE EXTERNAL;

-- One row.
CREATE TABLE model_in_use (
	version integer NOT NULL,
	revision bigint NOT NULL
);
INSERT INTO model_in_use VALUES (0, 0);

-- What people said of mentions. The text stands in mention_text alone, and goes from there.
CREATE TABLE label (
	mention_id uuid PRIMARY KEY,
	lang text COLLATE "C" NOT NULL,
	said smallint NOT NULL,			-- which of the following; MentionStored.said
	mention_class smallint NOT NULL,
	sentiment smallint NOT NULL,
	topic text COLLATE "C" NOT NULL,	-- '' = none
	unit text COLLATE "C" NOT NULL,
	by text COLLATE "C" NOT NULL,		-- principal, the last one
	at timestamptz NOT NULL,
	told bigint NOT NULL			-- events MentionCorrected so far
);
CREATE INDEX label_by_time ON label (at);

-- Parts that nobody went on with are dropped by whoever comes next.
CREATE FUNCTION model_part_put(p_by text, p_upload uuid, p_part integer, p_data bytea)
	RETURNS void
LANGUAGE sql AS $$
	DELETE FROM model_part WHERE at < now() - interval '1 day';
	INSERT INTO model_part (made_by, upload, part, data)
	VALUES (p_by, p_upload, p_part, p_data)
	ON CONFLICT (made_by, upload, part) DO UPDATE SET data = excluded.data, at = now()
$$;

-- SY002: the number was taken meanwhile.
CREATE FUNCTION model_add(p_version integer, p_by text, p_upload uuid, p_note text,
	p_bytes bigint, p_examples bigint, p_sha256 bytea, p_scores bytea, p_parts bytea[])
	RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO model (version, made_by, upload, made_at, note, bytes, examples,
		sha256, scores)
	VALUES (p_version, p_by, p_upload, now(), p_note, p_bytes, p_examples, p_sha256,
		p_scores)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'a model has come meanwhile' USING ERRCODE = 'SY002';
	END IF;
	INSERT INTO model_file SELECT p_version, w.part - 1, w.data
	FROM unnest(p_parts) WITH ORDINALITY AS w (data, part);
	DELETE FROM model_part WHERE made_by = p_by COLLATE "C" AND upload = p_upload;
END $$;

-- SY002: another is in use than was read.
CREATE FUNCTION model_use(p_version integer, p_revision bigint, p_by text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE model_in_use SET version = p_version, revision = p_revision + 1
	WHERE revision = p_revision;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another model is in use' USING ERRCODE = 'SY002';
	END IF;
	UPDATE model SET in_use_since = now(), used_by = p_by WHERE version = p_version;
END $$;
