/* reactions_duty_store.c -- the statements of who looks for what is to be done,
 * and of who follows complaints.
 */
#include "reactions.h"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement reactions_duty_sql[DUTY_NR] = {
	[DUTY_DUE] = { "reactions_due",
		"SELECT reaction_id FROM reaction WHERE wake_at <= now()"
		" ORDER BY wake_at LIMIT $1" },
	[DUTY_ASKS] = { "reactions_asks",
		"SELECT n, mention_id FROM reaction_ask ORDER BY n LIMIT $1" },
	/* what is of an appeal that is not known here yet waits for it */
	[DUTY_HEARD] = { "reactions_heard_all",
		"SELECT h.n, r.reaction_id, h.type, h.at, h.state, h.task,"
		" h.task_state, h.merged_into FROM appeal_heard h"
		" JOIN reaction r USING (appeal_id) ORDER BY h.n LIMIT $1" },
	/* the first of each reaction */
	[DUTY_TELLS] = { "reactions_to_tell",
		"SELECT DISTINCT ON (reaction_id) reaction_id, n, method, body"
		" FROM reaction_tell ORDER BY reaction_id, n LIMIT $1" },
	[DUTY_TRIM] = { "reactions_trim",
		"WITH old AS (SELECT reaction_id FROM reaction WHERE ended_at"
		" < now() - $1::integer * interval '1 day'), said AS ("
		"DELETE FROM reaction_said s USING old"
		" WHERE s.reaction_id = old.reaction_id) "
		"DELETE FROM appeal_heard WHERE heard_at"
		" < now() - interval '30 days'" },
};

const struct db_statement reactions_follow_sql[FOLLOW_NR] = {
	/* Registered here, or what such a one was merged into. */
	[FOLLOW_NOTE] = { "appeal_note",
		"INSERT INTO appeal_heard (appeal_id, type, at, state, task,"
		" task_state, merged_into) SELECT w.appeal_id, w.type, w.at,"
		" w.state, w.task, w.task_state, w.merged_into"
		" FROM unnest($1::uuid[], $2::text[], $3::timestamptz[],"
		" $4::smallint[], $5::text[], $6::smallint[], $7::text[],"
		" $8::boolean[]) WITH ORDINALITY AS w (appeal_id, type, at,"
		" state, task, task_state, merged_into, own, i)"
		" WHERE w.own OR EXISTS (SELECT FROM reaction r"
		"  WHERE r.appeal_id = w.appeal_id) ORDER BY w.i" },
};
/* clang-format on */
