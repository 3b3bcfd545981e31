-- The whole life of a case: what more a row says, what more a fact says, files, and one timer a
-- case. Clocks come from the directory's policies.

-- What the case is besides its older columns, as sy.v1.AppealStored; the columns after it repeat
-- what lists are asked for.
ALTER TABLE appeal
	ADD more bytea,				-- NULL: of before
	ADD handler text COLLATE "C" NOT NULL DEFAULT '',	-- principal
	ADD escalation smallint NOT NULL DEFAULT 0,	-- sy.v1.EscalationLevel
	ADD green_channel boolean NOT NULL DEFAULT false,
	ADD breached boolean NOT NULL DEFAULT false,	-- one of its clocks
	ADD next_due timestamptz,		-- of clocks, promises, tasks
	ADD repeat_of uuid,
	ADD matter uuid;			-- the case that stands for the same matter
CREATE INDEX appeal_by_matter ON appeal (matter) WHERE matter IS NOT NULL;
CREATE INDEX appeal_by_repeat ON appeal (repeat_of) WHERE repeat_of IS NOT NULL;

-- What a fact says besides codes, text and time, as sy.v1.AppealDetail; free of personal data.
ALTER TABLE appeal_fact ADD detail bytea;

-- Files, personal data like the texts; n is that of the fact.
CREATE TABLE appeal_attachment (
	appeal_id uuid NOT NULL,
	n integer NOT NULL,
	attachment text COLLATE "C" NOT NULL,	-- its code in the case
	file_name text NOT NULL,
	content bytea NOT NULL,
	PRIMARY KEY (appeal_id, n)
);
-- Files are compressed already.
ALTER TABLE appeal_attachment ALTER content SET STORAGE EXTERNAL;

-- When time changes a case next: a warning, a breach, something overdue. One row a case.
ALTER TABLE timer RENAME TO timer_of_clock;
DROP INDEX timer_by_due;
CREATE TABLE timer (
	appeal_id uuid CONSTRAINT timer_of_case PRIMARY KEY,
	due_at timestamptz NOT NULL
);
INSERT INTO timer SELECT appeal_id, min(due_at) FROM timer_of_clock GROUP BY 1;
DROP TABLE timer_of_clock;
CREATE INDEX timer_by_due ON timer (due_at);

DROP TABLE clock_policy;

-- As in 0001, with the new columns.
CREATE FUNCTION appeal_insert(ids uuid[], sources text[], external_ids text[],
	revisions bigint[], states smallint[], kinds text[], channels text[],
	topics text[], elements text[], products text[], segments text[],
	units text[], intake_units text[], departments text[],
	registered_at timestamptz[], registered_day integer[],
	first_answer_at timestamptz[], first_response smallint[],
	first_response_due timestamptz[], resolved_at timestamptz[],
	closed_at timestamptz[], more bytea[], handlers text[],
	escalations smallint[], green boolean[], breached boolean[],
	next_due timestamptz[], repeat_of uuid[], matters uuid[],
	subjects bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO appeal (appeal_id, source, external_id, revision, state, kind,
		channel, topic, element, product, segment, unit, intake_unit,
		department, registered_at, registered_day, first_answer_at,
		first_response, first_response_due, resolved_at, closed_at,
		more, handler, escalation, green_channel, breached, next_due,
		repeat_of, matter, subject)
	SELECT w.*
	FROM unnest(ids, sources, external_ids, revisions, states, kinds, channels,
		topics, elements, products, segments, units, intake_units,
		departments, registered_at, registered_day, first_answer_at,
		first_response, first_response_due, resolved_at, closed_at,
		more, handlers, escalations, green, breached, next_due,
		repeat_of, matters, subjects) AS w (id, source, external_id)
	ORDER BY w.source COLLATE "C", w.external_id COLLATE "C";
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'an appeal was registered meanwhile' USING ERRCODE = 'SY002';
END
$$;
DROP FUNCTION appeal_insert(uuid[], text[], text[], bigint[], smallint[], text[], text[], text[],
	text[], text[], text[], text[], text[], text[], timestamptz[], integer[], timestamptz[],
	smallint[], timestamptz[], timestamptz[], timestamptz[], bytea[]);
