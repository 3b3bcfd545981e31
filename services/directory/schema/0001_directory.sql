-- What the directory knows. A row is one version of a record, from its first
-- day (local days since 1970-01-01) until valid_to_day (0 = open) or until the
-- next version's first day, whichever comes first; rows are corrected in place
-- and never removed. revision counts the changes of the record's key, over all
-- of its versions.

CREATE TABLE unit (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	parent text NOT NULL,
	level text NOT NULL,
	zone text NOT NULL,
	name_ru text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX unit_parent ON unit (parent, code);

CREATE TABLE department (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	parent text NOT NULL,
	name_ru text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX department_parent ON department (parent, code);

CREATE TABLE term (
	taxonomy text NOT NULL,
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	parent text NOT NULL,
	class text NOT NULL,
	name_ru text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (taxonomy, code, valid_from_day)
);
CREATE INDEX term_parent ON term (taxonomy, parent, code);

CREATE TABLE denominator (
	unit text NOT NULL,
	measure text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	value bigint NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (unit, measure, valid_from_day)
);

CREATE TABLE principal (
	name text PRIMARY KEY,
	roles text[] NOT NULL,
	streams text[] NOT NULL,
	unit text NOT NULL,
	revoked boolean NOT NULL,
	revision bigint NOT NULL
);

-- One row a transaction that changed something: the revision it reached. Equal
-- to the offset of its last event, since every change is one event of the one
-- shard. Appended, never updated: an idle transaction that pins the horizon
-- would otherwise slow every look at it.
CREATE TABLE change (
	revision bigint PRIMARY KEY,
	committed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE change_lock (one boolean PRIMARY KEY CHECK (one));
INSERT INTO change_lock VALUES (true);

-- What the rules decided on was read at revision expected; another replica that
-- changed anything since then might have made a cycle or closed a parent, so the
-- batch must be decided again.
CREATE FUNCTION directory_advance(expected bigint, changes integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	reached bigint;
BEGIN
	PERFORM 1 FROM change_lock FOR NO KEY UPDATE;
	SELECT coalesce(max(revision), 0) INTO reached FROM change;
	IF reached <> expected THEN
		RAISE EXCEPTION 'the directory was changed meanwhile'
			USING ERRCODE = 'SY002';
	END IF;
	INSERT INTO change (revision) VALUES (expected + changes);
END
$$;
