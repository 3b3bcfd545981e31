-- The work list and search.

-- What is worked on: registered, and neither closed, withdrawn nor merged. It changes
-- twice in a case's life, so that the indexes by it leave updates in place (HOT) alone,
-- which those by state would not. Open work is small, closed history large.
ALTER TABLE appeal ADD COLUMN open boolean NOT NULL
	GENERATED ALWAYS AS (state IN (2, 3, 4, 5, 7, 8, 9, 10)) STORED;

CREATE INDEX appeal_open ON appeal (registered_at DESC, appeal_id DESC) WHERE open;
CREATE INDEX appeal_open_by_unit ON appeal (unit, registered_at DESC, appeal_id DESC)
	WHERE open;
CREATE INDEX appeal_waiting ON appeal (registered_at, appeal_id)
	WHERE open AND first_answer_at IS NULL;
CREATE INDEX appeal_due ON appeal (next_due, appeal_id) WHERE next_due IS NOT NULL;
CREATE INDEX appeal_by_handler ON appeal (handler, registered_at DESC, appeal_id DESC)
	WHERE handler <> '';
-- Cases of one customer; by a hash of the pseudonym, which is one already.
CREATE INDEX appeal_by_subject ON appeal USING hash (subject);

-- The same key the other way round: a person knows the number, not always the source.
ALTER TABLE appeal DROP CONSTRAINT appeal_source_external_id_key;
ALTER TABLE appeal ADD CONSTRAINT appeal_external_id_source_key
	UNIQUE (external_id, source);

-- What a case is found by: lexemes of all that was said in it, of its customer and its
-- number (services/common/text/words.h), and its codes ("kind=complaint"). Personal. Made
-- out of the other tables by search_index.c; what is in no row is never found.
CREATE TABLE appeal_search (
	appeal_id uuid PRIMARY KEY,
	registered_at timestamptz NOT NULL,
	words tsvector NOT NULL
);
-- The planner is to know how rare a word is.
ALTER TABLE appeal_search ALTER words SET STATISTICS 1000;
CREATE INDEX appeal_search_by_time ON appeal_search (registered_at DESC, appeal_id DESC);
CREATE INDEX appeal_search_words ON appeal_search USING gin (words)
	WITH (gin_pending_list_limit = 1024);

-- Cases that were written since they were last read into appeal_search: a row is added
-- by the transaction that wrote, and goes with the one that has read.
CREATE TABLE search_queue (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	appeal_id uuid NOT NULL,
	queued_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO search_queue (appeal_id) SELECT appeal_id FROM appeal;
