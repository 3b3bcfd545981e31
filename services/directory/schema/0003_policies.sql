-- What cases run by (policies, calendars), staff, and service centres. What is
-- asked for stands in columns; body is the whole record in its normal form.

ALTER TABLE unit ADD COLUMN calendar text NOT NULL DEFAULT '';

CREATE TABLE calendar (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	body bytea NOT NULL, -- sy.v1.Calendar
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);

-- One row a day, corrected in place: a day has no versions.
CREATE TABLE calendar_day (
	calendar text NOT NULL,
	day integer NOT NULL,
	body bytea NOT NULL, -- sy.v1.CalendarDay
	revision bigint NOT NULL,
	PRIMARY KEY (calendar, day)
);

CREATE TABLE employee (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	name text NOT NULL,
	position text NOT NULL,
	unit text NOT NULL,
	department text NOT NULL,
	principal text NOT NULL,
	revision bigint NOT NULL,
	search text COLLATE "C" GENERATED ALWAYS AS (
		lower((code || E'\n' || name) COLLATE "und-x-icu")) STORED,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX employee_unit ON employee (unit, code);

CREATE TABLE centre (
	unit text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	open boolean NOT NULL,
	planned_day integer NOT NULL, -- 0 = not planned
	opened_day integer NOT NULL, -- 0 = not yet
	body bytea NOT NULL, -- sy.v1.Centre
	revision bigint NOT NULL,
	PRIMARY KEY (unit, valid_from_day)
);

CREATE TABLE policy (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	rule integer NOT NULL, -- number of its field in sy.v1.Policy
	units text[] NOT NULL, -- that it names
	body bytea NOT NULL, -- sy.v1.Policy
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX policy_rule ON policy (rule, code);

-- By their keys, whatever the planner thinks: a plan that was made for the empty
-- table looks at all of the full one for each code of a batch (0.6 s for 500 codes
-- of 40,000 employees).
CREATE FUNCTION employees_named(p_codes text[])
RETURNS SETOF employee LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
	SELECT e.* FROM (SELECT DISTINCT unnest(p_codes) AS code) n
		JOIN employee e USING (code)
$$;

-- Whoever was ever there, with all versions.
CREATE FUNCTION employees_of(p_units text[])
RETURNS SETOF employee LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
	SELECT e.* FROM (SELECT DISTINCT a.code
		FROM (SELECT DISTINCT unnest(p_units) AS unit) n
		JOIN employee a USING (unit)) c
		JOIN employee e USING (code)
$$;
