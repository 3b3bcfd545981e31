-- What customers do by themselves.

CREATE SEQUENCE public_number;

-- Who has number and code follows the appeal ('public', number). attempt tells a request that
-- is repeated: its made_at is the time of the appeal.
CREATE TABLE public_lodging (
	number text COLLATE "C" PRIMARY KEY,
	attempt bytea NOT NULL UNIQUE,
	code_hash bytea NOT NULL,
	caller bytea,				-- keyed hash; gone after a day
	made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX public_lodging_by_caller ON public_lodging (caller, made_at) WHERE caller IS NOT NULL;

-- Numbers and codes that did not fit. Not worth more than a crash.
CREATE UNLOGGED TABLE public_miss (
	caller bytea NOT NULL,
	hour timestamptz NOT NULL,
	n integer NOT NULL,
	PRIMARY KEY (caller, hour)
);

-- What was done by code: a request that is repeated has the time of the first.
CREATE TABLE public_act (
	attempt bytea PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX public_act_by_time ON public_act (at);

-- The rule of the day: the row with the latest first day that is not after it.
CREATE TABLE slot_rule (
	unit text COLLATE "C" NOT NULL,
	service text COLLATE "C" NOT NULL,
	valid_from_day integer NOT NULL,
	slot_minutes integer NOT NULL CHECK (slot_minutes > 0),
	capacity integer NOT NULL CHECK (capacity >= 0),
	changed_by text COLLATE "C" NOT NULL,
	PRIMARY KEY (unit, service, valid_from_day)
);

-- Visits: personal data, gone when cancelled and 30 days after.
CREATE TABLE booking (
	number text COLLATE "C" PRIMARY KEY,
	attempt bytea NOT NULL UNIQUE,
	code_hash bytea NOT NULL,
	caller bytea,
	unit text COLLATE "C" NOT NULL,
	service text COLLATE "C" NOT NULL,
	day integer NOT NULL,			-- local to the centre, as is the minute
	minute integer NOT NULL,
	name text NOT NULL,
	phone text NOT NULL,
	email text NOT NULL,
	subject bytea,				-- pseudonym, as of an appeal
	made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX booking_by_slot ON booking (unit, service, day, minute);
CREATE INDEX booking_by_day ON booking (day);
CREATE INDEX booking_by_subject ON booking (subject) WHERE subject IS NOT NULL;
CREATE INDEX booking_by_caller ON booking (caller, made_at) WHERE caller IS NOT NULL;

-- NULL: the slot is full, or too many were asked for from there within the hour. Who comes
-- for the last place waits for who came before.
CREATE FUNCTION booking_take(p_attempt bytea, p_code_hash bytea, p_caller bytea, p_unit text,
	p_service text, p_day integer, p_minute integer, p_capacity integer,
	p_name text, p_phone text, p_email text, p_subject bytea, p_most integer)
RETURNS TABLE (number text, full_up boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('booking', 0)
		# hashtextextended(concat_ws('/', p_unit, p_service, p_day, p_minute), 1));
	RETURN QUERY SELECT b.number, false FROM booking b WHERE b.attempt = p_attempt;
	IF FOUND THEN
		RETURN;
	END IF;
	IF (SELECT count(*) FROM booking b WHERE b.unit = p_unit AND b.service = p_service
		AND b.day = p_day AND b.minute = p_minute) >= p_capacity THEN
		RETURN QUERY SELECT ''::text, true;
		RETURN;
	END IF;
	IF (SELECT count(*) FROM booking b WHERE b.caller = p_caller
		AND b.made_at > now() - interval '1 hour') >= p_most THEN
		RETURN QUERY SELECT ''::text, false;
		RETURN;
	END IF;
	RETURN QUERY INSERT INTO booking AS b (number, attempt, code_hash, caller, unit, service,
		day, minute, name, phone, email, subject)
	VALUES ('V-' || lpad(nextval('public_number')::text, 6, '0'), p_attempt, p_code_hash,
		p_caller, p_unit, p_service, p_day, p_minute, p_name, p_phone, p_email,
		p_subject)
	RETURNING b.number, false;
END
$$;
