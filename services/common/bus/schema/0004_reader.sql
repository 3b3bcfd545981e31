-- Who reads the log under a name, and up to which offset that took effect there.
-- Retention removes nothing that one of them has not passed, however long ago it
-- was seen; only a person removes a reader. Written every few seconds, all shards
-- of all readers in one statement: too little to mind that rows are updated.
CREATE TABLE reader (
	consumer text COLLATE "C" NOT NULL,
	principal text COLLATE "C" NOT NULL,
	shard integer NOT NULL,
	applied_offset bigint NOT NULL,
	seen_at timestamptz NOT NULL,
	PRIMARY KEY (consumer, principal, shard)
) WITH (fillfactor = 50);
