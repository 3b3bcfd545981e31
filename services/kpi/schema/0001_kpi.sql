-- Cells: what each day of acceptance added to the numerator and the denominator
-- of one indicator at one leaf. Sums over accepted_day <= d are what was known on
-- d; sums over all of them are what is known today. Never updated but by adding.
--
-- The key begins with the day, so that a day's events land on neighbouring pages;
-- codes compare as bytes, whatever collation the database has. This order is also
-- the order in which rows are locked.
CREATE TABLE cell (
	day		integer NOT NULL,	-- of registration, local to the unit, since 1970
	unit		text COLLATE "C" NOT NULL,
	indicator	smallint NOT NULL,	-- indicator.cells
	kind		text COLLATE "C" NOT NULL,
	channel		text COLLATE "C" NOT NULL,
	topic		text COLLATE "C" NOT NULL,
	department	text COLLATE "C" NOT NULL,
	accepted_day	integer NOT NULL,	-- UTC
	numerator	bigint NOT NULL,
	denominator	bigint NOT NULL,
	PRIMARY KEY (day, unit, indicator, kind, channel, topic, department,
		accepted_day)
-- Room on the page for updates in place (HOT): a cell of today is added to often.
) WITH (fillfactor = 80);

-- One office over years.
CREATE INDEX cell_unit ON cell (unit, day);

-- The registry. An indicator reads the cells of one number; several indicators
-- may read the same ones.
CREATE TABLE indicator (
	id		smallint PRIMARY KEY,
	code		text COLLATE "C" NOT NULL UNIQUE,
	owner		text NOT NULL,	-- who answers for it, a department's code or ''
	numerator	text NOT NULL,	-- in words
	denominator	text NOT NULL,	-- in words, '' for a count
	form		smallint NOT NULL CHECK (form IN (1, 2, 3)),	-- count, share, rate
	cells		smallint NOT NULL,
	kind_class	text COLLATE "C" NOT NULL DEFAULT '',	-- only kinds of this class
	measure		text COLLATE "C" NOT NULL DEFAULT '',	-- of the directory, for rates
	per		integer NOT NULL DEFAULT 1,	-- a rate is given per so many
	direction	smallint NOT NULL CHECK (direction IN (-1, 0, 1)),	-- 1: more is better
	valid_from_day	integer NOT NULL DEFAULT -2147483648,
	valid_to_day	integer NOT NULL DEFAULT 2147483647
);

INSERT INTO indicator (id, code, owner, numerator, denominator, form, cells,
	kind_class, measure, per, direction) VALUES
(1, 'appeals', '', 'appeals registered', '',
	1, 1, '', '', 1, 0),
(2, 'first_response_timely', '', 'first answers within the clock',
	'appeals whose first-response clock was met or breached',
	2, 2, '', '', 1, 1),
(3, 'resolution_rate', '', 'appeals resolved', 'appeals registered',
	2, 3, '', '', 1, 1),
(4, 'complaints_per_10k_customers', '', 'appeals of a kind of class complaint',
	'customers', 3, 1, 'complaint', 'customers', 10000, -1),
(5, 'complaints', '', 'appeals of a kind of class complaint', '',
	1, 1, 'complaint', '', 1, -1);
