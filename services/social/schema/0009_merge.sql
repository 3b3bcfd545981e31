-- Two clusters become one for the price of who moves. The row of the one that stays says
-- already what both are together (cluster_rules.c): what a wave of advertising has grown
-- to is not counted again for each that joins it.
CREATE OR REPLACE FUNCTION cluster_merge(p_into uuid[], p_from uuid[]) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	UPDATE cluster_member m SET cluster_id = w.into_id
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE m.cluster_id = w.from_id;
	UPDATE cluster c SET merged_into = w.into_id, mentions = 0, authors = 0,
		sources = 0, reach = 0
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE c.cluster_id = w.from_id;
	UPDATE cluster c SET merged_into = w.into_id
	FROM unnest(p_into, p_from) AS w (into_id, from_id)
	WHERE c.merged_into = w.from_id;
END $$;
