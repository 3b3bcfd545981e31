-- Who is forgotten is looked for by equality alone; a hash costs a mention a third of
-- what the tree did, which was the dearest of its indexes.
DROP INDEX mention_by_author;
CREATE INDEX mention_by_author ON mention USING hash (author) WHERE author IS NOT NULL;
