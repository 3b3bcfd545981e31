-- The one of 0003 has taken its place; no program that may still run calls this.
DROP FUNCTION lane_claim(bigint[], bigint[], bigint[], bigint[]);
