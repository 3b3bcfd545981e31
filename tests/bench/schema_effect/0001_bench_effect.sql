-- What a consumer keeps a key: equal to the last event, and how many there were.
CREATE TABLE bench_effect (
	key text COLLATE "C" PRIMARY KEY,
	value bigint NOT NULL CHECK (value > -1000000000000),
	events bigint NOT NULL,
	last_revision bigint NOT NULL
) WITH (fillfactor = 20);	-- each row changes in most transactions, and in place
