-- What complaints owns. About four rows an appeal: the folded case, its facts, its timer,
-- and, apart from these, what belongs to the customer.
--
-- No foreign keys between these tables: all rows of an appeal are written by one
-- statement pipeline under the lock of its appeal row, and the checks would cost a
-- fifth of the intake.

-- The case as its facts make it (rules.c), with the identity that its source gave it.
CREATE TABLE appeal (
	appeal_id uuid PRIMARY KEY,
	source text COLLATE "C" NOT NULL,	-- principal
	external_id text COLLATE "C" NOT NULL,	-- of the source
	revision bigint NOT NULL,		-- of the last event, dense from 1
	state smallint NOT NULL,		-- sy.v1.AppealState
	kind text COLLATE "C" NOT NULL,
	channel text COLLATE "C" NOT NULL,
	topic text COLLATE "C" NOT NULL,
	element text COLLATE "C" NOT NULL,
	product text COLLATE "C" NOT NULL,
	segment text COLLATE "C" NOT NULL,
	unit text COLLATE "C" NOT NULL,
	intake_unit text COLLATE "C" NOT NULL,
	department text COLLATE "C" NOT NULL,
	registered_at timestamptz,		-- NULL while pending
	registered_day integer NOT NULL,	-- local to the unit, days since 1970-01-01
	first_answer_at timestamptz,
	first_response smallint NOT NULL,	-- sy.v1.ClockState
	first_response_due timestamptz,
	resolved_at timestamptz,
	closed_at timestamptz,
	subject bytea,				-- pseudonym, NULL: customer unknown
	UNIQUE (source, external_id)
) WITH (fillfactor = 80);	-- room for the answer and the closing on the same page

-- Lists: newest registration first, over all and by unit.
CREATE INDEX appeal_by_time ON appeal (registered_at DESC, appeal_id DESC)
	WHERE registered_at IS NOT NULL;
CREATE INDEX appeal_by_unit ON appeal (unit, registered_at DESC, appeal_id DESC)
	WHERE registered_at IS NOT NULL;

-- What happened, in the order of acceptance (n). The case is the fold of these.
CREATE TABLE appeal_fact (
	appeal_id uuid NOT NULL,
	n integer NOT NULL,			-- from 0
	type smallint NOT NULL,			-- enum fact_type
	occurred_at timestamptz NOT NULL,
	accepted_at timestamptz NOT NULL DEFAULT now(),
	source text COLLATE "C" NOT NULL,	-- principal that brought it
	body_hash bytea NOT NULL,		-- keyed, tells a repeat from another fact
	kind text COLLATE "C",			-- codes that a registration or a
	channel text COLLATE "C",		-- classification says; NULL = not said
	topic text COLLATE "C",
	element text COLLATE "C",
	product text COLLATE "C",
	segment text COLLATE "C",
	unit text COLLATE "C",
	intake_unit text COLLATE "C",
	department text COLLATE "C",
	refused_text text,			-- why it stands outside of the fold
	PRIMARY KEY (appeal_id, n)
);

-- Personal data, apart from the rest.
CREATE TABLE appeal_person (
	appeal_id uuid PRIMARY KEY,
	name text NOT NULL,
	phone text NOT NULL,
	email text NOT NULL,
	address text NOT NULL
);
CREATE TABLE appeal_text (
	appeal_id uuid NOT NULL,
	n integer NOT NULL,			-- of the fact
	text text NOT NULL,
	PRIMARY KEY (appeal_id, n)
);

-- Clocks that run. A row is here exactly while the clock's state is running.
CREATE TABLE timer (
	appeal_id uuid NOT NULL,
	clock text COLLATE "C" NOT NULL,
	run integer NOT NULL,
	kind text COLLATE "C" NOT NULL,
	due_at timestamptz NOT NULL,
	PRIMARY KEY (appeal_id, clock, run, kind)
);
CREATE INDEX timer_by_due ON timer (due_at);

-- The policy of the day: the row with the latest first day that is not after it.
CREATE TABLE clock_policy (
	clock text COLLATE "C" NOT NULL,
	valid_from_day integer NOT NULL,
	limit_us bigint NOT NULL CHECK (limit_us > 0),
	PRIMARY KEY (clock, valid_from_day)
);
-- 48 hours to the first answer (DOMAIN.md C5), from 2000-01-01 on.
INSERT INTO clock_policy VALUES ('first_response', 10957, 172800000000);

-- Locks the rows in id order. SY002: one of them is not as it was read.
CREATE FUNCTION appeal_claim(ids uuid[], revisions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	locked bigint;
BEGIN
	SELECT count(*) INTO locked FROM (
		SELECT 1
		FROM unnest(ids, revisions) AS w (id, revision)
		JOIN appeal a ON a.appeal_id = w.id AND a.revision = w.revision
		ORDER BY a.appeal_id
		FOR NO KEY UPDATE OF a
	) AS l;
	IF locked <> cardinality(ids) THEN
		RAISE EXCEPTION 'an appeal was changed meanwhile' USING ERRCODE = 'SY002';
	END IF;
END
$$;

-- New appeals, in key order. SY002: another replica was first with one of them. That is
-- found by the index and trapped once a batch: ON CONFLICT costs each row twice as much.
CREATE FUNCTION appeal_insert(ids uuid[], sources text[], external_ids text[],
	revisions bigint[], states smallint[], kinds text[], channels text[],
	topics text[], elements text[], products text[], segments text[],
	units text[], intake_units text[], departments text[],
	registered_at timestamptz[], registered_day integer[],
	first_answer_at timestamptz[], first_response smallint[],
	first_response_due timestamptz[], resolved_at timestamptz[],
	closed_at timestamptz[], subjects bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO appeal (appeal_id, source, external_id, revision, state, kind,
		channel, topic, element, product, segment, unit, intake_unit,
		department, registered_at, registered_day, first_answer_at,
		first_response, first_response_due, resolved_at, closed_at,
		subject)
	SELECT w.*
	FROM unnest(ids, sources, external_ids, revisions, states, kinds, channels,
		topics, elements, products, segments, units, intake_units,
		departments, registered_at, registered_day, first_answer_at,
		first_response, first_response_due, resolved_at, closed_at,
		subjects) AS w (id, source, external_id)
	ORDER BY w.source COLLATE "C", w.external_id COLLATE "C";
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'an appeal was registered meanwhile' USING ERRCODE = 'SY002';
END
$$;
