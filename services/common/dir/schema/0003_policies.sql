-- What cases run by: policies, calendars and the calendar of each unit, kept as
-- their messages since only memory reads them; and employees and centres, which
-- figures are told of.

ALTER TABLE dir_unit ADD COLUMN calendar text NOT NULL DEFAULT '';

CREATE TABLE dir_calendar (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	body bytea NOT NULL, -- sy.v1.Calendar
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX dir_calendar_revision ON dir_calendar (revision);

CREATE TABLE dir_calendar_day (
	calendar text NOT NULL,
	day integer NOT NULL,
	body bytea NOT NULL, -- sy.v1.CalendarDay
	revision bigint NOT NULL,
	PRIMARY KEY (calendar, day)
);
CREATE INDEX dir_calendar_day_revision ON dir_calendar_day (revision);

CREATE TABLE dir_policy (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	body bytea NOT NULL, -- sy.v1.Policy
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX dir_policy_revision ON dir_policy (revision);

CREATE TABLE dir_employee (
	code text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	until_day integer NOT NULL,
	name text NOT NULL,
	position text NOT NULL,
	unit text NOT NULL,
	department text NOT NULL,
	principal text NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (code, valid_from_day)
);
CREATE INDEX dir_employee_unit ON dir_employee (unit, code);

CREATE TABLE dir_centre (
	unit text NOT NULL,
	valid_from_day integer NOT NULL,
	valid_to_day integer NOT NULL,
	until_day integer NOT NULL,
	open boolean NOT NULL,
	planned_day integer NOT NULL,
	opened_day integer NOT NULL,
	revision bigint NOT NULL,
	PRIMARY KEY (unit, valid_from_day)
);

-- Beside the function of the version before, which may still be running.
CREATE FUNCTION dir_put_units(p_codes text[], p_from_days integer[],
	p_until_days integer[], p_parents text[], p_levels text[],
	p_zones text[], p_calendars text[], p_names_ru text[],
	p_names_zh text[], p_names_en text[], p_revisions bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
	PERFORM dir_put_units(p_codes, p_from_days, p_until_days, p_parents,
		p_levels, p_zones, p_names_ru, p_names_zh, p_names_en,
		p_revisions);
	UPDATE dir_unit t SET calendar = n.calendar
	FROM (SELECT DISTINCT ON (code, from_day) code, from_day, calendar
		FROM unnest(p_codes, p_from_days, p_calendars, p_revisions)
			AS n (code, from_day, calendar, revision)
		ORDER BY code, from_day, revision DESC) n
	WHERE t.code = n.code AND t.valid_from_day = n.from_day
		AND t.calendar <> n.calendar;
END
$$;

CREATE FUNCTION dir_put_calendars(p_codes text[], p_from_days integer[],
	p_bodies bytea[], p_revisions bigint[])
RETURNS void LANGUAGE sql AS $$
	INSERT INTO dir_calendar (code, valid_from_day, body, revision)
	SELECT DISTINCT ON (code, from_day) code, from_day, body, revision
	FROM unnest(p_codes, p_from_days, p_bodies, p_revisions)
		AS n (code, from_day, body, revision)
	ORDER BY code, from_day, revision DESC
	ON CONFLICT (code, valid_from_day) DO UPDATE SET
		body = excluded.body, revision = excluded.revision
$$;

CREATE FUNCTION dir_put_calendar_days(p_calendars text[], p_days integer[],
	p_bodies bytea[], p_revisions bigint[])
RETURNS void LANGUAGE sql AS $$
	INSERT INTO dir_calendar_day (calendar, day, body, revision)
	SELECT DISTINCT ON (calendar, day) calendar, day, body, revision
	FROM unnest(p_calendars, p_days, p_bodies, p_revisions)
		AS n (calendar, day, body, revision)
	ORDER BY calendar, day, revision DESC
	ON CONFLICT (calendar, day) DO UPDATE SET
		body = excluded.body, revision = excluded.revision
$$;

CREATE FUNCTION dir_put_policies(p_codes text[], p_from_days integer[],
	p_bodies bytea[], p_revisions bigint[])
RETURNS void LANGUAGE sql AS $$
	INSERT INTO dir_policy (code, valid_from_day, body, revision)
	SELECT DISTINCT ON (code, from_day) code, from_day, body, revision
	FROM unnest(p_codes, p_from_days, p_bodies, p_revisions)
		AS n (code, from_day, body, revision)
	ORDER BY code, from_day, revision DESC
	ON CONFLICT (code, valid_from_day) DO UPDATE SET
		body = excluded.body, revision = excluded.revision
$$;

CREATE FUNCTION dir_put_employees(p_codes text[], p_from_days integer[],
	p_until_days integer[], p_names text[], p_positions text[],
	p_units text[], p_departments text[], p_principals text[],
	p_revisions bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
	INSERT INTO dir_employee (code, valid_from_day, valid_to_day,
		until_day, name, position, unit, department, principal,
		revision)
	SELECT DISTINCT ON (code, from_day) code, from_day, until_day,
		until_day, name, pos, unit, department, principal, revision
	FROM unnest(p_codes, p_from_days, p_until_days, p_names, p_positions,
		p_units, p_departments, p_principals, p_revisions)
		AS n (code, from_day, until_day, name, pos, unit, department,
			principal, revision)
	ORDER BY code, from_day, revision DESC
	ON CONFLICT (code, valid_from_day) DO UPDATE SET
		valid_to_day = excluded.valid_to_day,
		until_day = excluded.until_day, name = excluded.name,
		position = excluded.position, unit = excluded.unit,
		department = excluded.department,
		principal = excluded.principal, revision = excluded.revision;

	UPDATE dir_employee t SET valid_to_day = e.day
	FROM (SELECT code, valid_from_day, dir_end(until_day,
			lead(valid_from_day) OVER (PARTITION BY code
			ORDER BY valid_from_day)) AS day
		FROM dir_employee WHERE code = ANY (p_codes)) e
	WHERE t.code = e.code AND t.valid_from_day = e.valid_from_day
		AND t.valid_to_day <> e.day;
END
$$;

CREATE FUNCTION dir_put_centres(p_units text[], p_from_days integer[],
	p_until_days integer[], p_open boolean[], p_planned_days integer[],
	p_opened_days integer[], p_revisions bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
	INSERT INTO dir_centre (unit, valid_from_day, valid_to_day, until_day,
		open, planned_day, opened_day, revision)
	SELECT DISTINCT ON (unit, from_day) unit, from_day, until_day,
		until_day, open, planned_day, opened_day, revision
	FROM unnest(p_units, p_from_days, p_until_days, p_open, p_planned_days,
		p_opened_days, p_revisions)
		AS n (unit, from_day, until_day, open, planned_day, opened_day,
			revision)
	ORDER BY unit, from_day, revision DESC
	ON CONFLICT (unit, valid_from_day) DO UPDATE SET
		valid_to_day = excluded.valid_to_day,
		until_day = excluded.until_day, open = excluded.open,
		planned_day = excluded.planned_day,
		opened_day = excluded.opened_day, revision = excluded.revision;

	UPDATE dir_centre t SET valid_to_day = e.day
	FROM (SELECT unit, valid_from_day, dir_end(until_day,
			lead(valid_from_day) OVER (PARTITION BY unit
			ORDER BY valid_from_day)) AS day
		FROM dir_centre WHERE unit = ANY (p_units)) e
	WHERE t.unit = e.unit AND t.valid_from_day = e.valid_from_day
		AND t.valid_to_day <> e.day;
END
$$;
