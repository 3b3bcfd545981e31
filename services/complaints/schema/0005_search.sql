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
CREATE INDEX appeal_due_by_unit ON appeal (unit, next_due, appeal_id)
	WHERE next_due IS NOT NULL;
CREATE INDEX appeal_by_handler ON appeal (handler, registered_at DESC, appeal_id DESC)
	WHERE handler <> '';
-- Cases of one customer; by a hash of the pseudonym, which is one already.
CREATE INDEX appeal_by_subject ON appeal USING hash (subject);

-- The same key the other way round: a person knows the number, not always the source.
ALTER TABLE appeal DROP CONSTRAINT appeal_source_external_id_key;
ALTER TABLE appeal ADD CONSTRAINT appeal_external_id_source_key
	UNIQUE (external_id, source);

-- What a case is found by: lexemes of all that was said in it, of its customer and its
-- number (services/common/text/words.h), and its codes ("kind=complaint", "in=" for all units
-- that it lies below on its day, "span=" for its 32 days). Personal. Made
-- out of the other tables by search_index.c; what is in no row is never found.
CREATE TABLE appeal_search (
	appeal_id uuid PRIMARY KEY,
	registered_at timestamptz NOT NULL,
	words tsvector NOT NULL
);
-- A search says itself when it wants the index; to weigh thousands of words takes longer.
ALTER TABLE appeal_search ALTER words SET STATISTICS 0;
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

-- The tree as the rows of appeal_search know it.
CREATE TABLE search_path (
	ancestor text NOT NULL,
	unit text NOT NULL,
	from_day integer NOT NULL,
	to_day integer NOT NULL
);
INSERT INTO search_path SELECT ancestor, unit, from_day, to_day FROM dir_unit_path;

-- What lies elsewhere now than then is read anew.
CREATE FUNCTION search_follow_tree() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	moved text[];
BEGIN
	SELECT array_agg(DISTINCT d.unit) INTO moved FROM (
		(SELECT ancestor, unit, from_day, to_day FROM dir_unit_path
		EXCEPT SELECT * FROM search_path)
		UNION ALL
		(SELECT * FROM search_path
		EXCEPT SELECT ancestor, unit, from_day, to_day FROM dir_unit_path)) d;
	IF moved IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO search_queue (appeal_id)
	SELECT appeal_id FROM appeal WHERE unit = ANY (moved COLLATE "C");
	DELETE FROM search_path;
	INSERT INTO search_path SELECT ancestor, unit, from_day, to_day FROM dir_unit_path;
END
$$;
