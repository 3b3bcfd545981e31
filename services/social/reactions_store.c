/* reactions_store.c -- every SQL statement about reactions but those of the
 * duty (reactions_duty.c): over arrays, whatever the size of the batch, and
 * with look-ups that go by index.
 */
#include "reactions.h"

#define AT(id) [(id)-REACTIONS_SQL_FIRST]

/* Of the reaction "r"; with what the mention says, for who may read it. */
#define ROW                                                                    \
	"r.reaction_id, r.revision, r.stored, r.priority, r.next_due,"         \
	" r.opened_at, CASE WHEN $1::boolean THEN left(t.text, 1000) END,"     \
	" CASE WHEN $1::boolean THEN t.author END,"                            \
	" CASE WHEN $1::boolean THEN t.url END"
#define MENTION                                                                \
	" LEFT JOIN LATERAL (SELECT s.text, s.author, s.url"                   \
	" FROM mention_key k JOIN mention_text s ON s.day = k.day"             \
	" AND s.n = k.n WHERE k.mention_id = r.reaction_id OFFSET 0) t"        \
	" ON true"
/* $2 the principal's root, $3 the asked one, $4 today; $5 state, $6 owner, $7
 * source, $8 topic. */
#define WITHIN(root)                                                           \
	"(" root "::text = '' OR EXISTS (SELECT FROM dir_unit_path p"          \
	" WHERE p.ancestor = " root " AND p.unit = r.unit COLLATE \"default\"" \
	" AND p.from_day <= $4::integer"                                       \
	" AND (p.to_day = 0 OR p.to_day > $4)))"
#define FILTER                                                                 \
	WITHIN("$2")                                                           \
	" AND " WITHIN(                                                        \
		"$3") " AND ($5::integer = 0"                                  \
		      " OR r.state = $5) AND ($6::text = '' OR r.owner = $6)"  \
		      " AND ($7::text = '' OR r.source = $7)"                  \
		      " AND ($8::text = '' OR r.topic = $8)"
#define WAITING "r.state IN (1, 2, 4, 5)"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement reactions_sql[REACTIONS_SQL_END - REACTIONS_SQL_FIRST] = {
	/* $2: and those of the clusters of these mentions */
	AT(REACTIONS_SQL_READ) = { "reactions_read",
		"SELECT r.reaction_id, r.revision, r.next_due, r.wake_at,"
		" r.stored FROM (SELECT unnest($1::uuid[]) UNION"
		" SELECT c.first_mention FROM reaction_clusters($2::uuid[]) c)"
		" AS w (id) CROSS JOIN LATERAL (SELECT * FROM reaction s"
		" WHERE s.reaction_id = w.id OFFSET 0) r" },
	AT(REACTIONS_SQL_SAID) = { "reactions_said",
		"SELECT k.mention_id, t.text, t.title, t.author, t.url"
		" FROM unnest($1::uuid[]) AS w (id)"
		" CROSS JOIN LATERAL (SELECT * FROM mention_key s"
		"  WHERE s.mention_id = w.id OFFSET 0) k"
		" JOIN mention_text t ON t.day = k.day AND t.n = k.n" },
	AT(REACTIONS_SQL_CLUSTERS) = { "reactions_clusters",
		"SELECT * FROM reaction_clusters($1::uuid[])" },
	AT(REACTIONS_SQL_HEARD) = { "reactions_heard",
		"SELECT n FROM appeal_heard WHERE n = ANY ($1::bigint[])" },
	AT(REACTIONS_SQL_TELLS) = { "reactions_tells",
		"SELECT reaction_id, n FROM reaction_tell"
		" WHERE reaction_id = ANY ($1::uuid[])" },
	AT(REACTIONS_SQL_CLAIM) = { "reactions_claim",
		"SELECT reaction_claim($1::uuid[], $2::bigint[])" },
	AT(REACTIONS_SQL_ADD) = { "reactions_add",
		"SELECT reaction_add($1::uuid[], $2::bigint[], $3::smallint[],"
		" $4::smallint[], $5::text[], $6::text[], $7::text[],"
		" $8::text[], $9::timestamptz[], $10::timestamptz[],"
		" $11::timestamptz[], $12::timestamptz[], $13::uuid[],"
		" $14::uuid[], $15::bytea[])" },
	AT(REACTIONS_SQL_CHANGE) = { "reactions_change",
		"UPDATE reaction r SET revision = w.revision, state = w.state,"
		" priority = w.priority, unit = w.unit, topic = w.topic,"
		" source = w.source, owner = w.owner, opened_at = w.opened_at,"
		" ended_at = w.ended_at, next_due = w.next_due,"
		" wake_at = w.wake_at, appeal_id = w.appeal_id,"
		" cluster_id = w.cluster_id, stored = w.stored "
		"FROM unnest($1::uuid[], $2::bigint[], $3::smallint[],"
		" $4::smallint[], $5::text[], $6::text[], $7::text[],"
		" $8::text[], $9::timestamptz[], $10::timestamptz[],"
		" $11::timestamptz[], $12::timestamptz[], $13::uuid[],"
		" $14::uuid[], $15::bytea[]) AS w (id, revision, state,"
		" priority, unit, topic, source, owner, opened_at, ended_at,"
		" next_due, wake_at, appeal_id, cluster_id, stored)"
		" WHERE r.reaction_id = w.id" },
	AT(REACTIONS_SQL_STEPS) = { "reactions_steps",
		"INSERT INTO reaction_step SELECT * FROM unnest($1::uuid[],"
		" $2::bigint[], $3::text[], $4::timestamptz[], $5::text[],"
		" $6::text[], $7::text[])" },
	AT(REACTIONS_SQL_SAY) = { "reactions_say",
		"INSERT INTO reaction_said SELECT * FROM unnest($1::uuid[],"
		" $2::bigint[], $3::text[], $4::text[])" },
	AT(REACTIONS_SQL_TELL) = { "reactions_tell",
		"INSERT INTO reaction_tell (reaction_id, n, method, body)"
		" SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[],"
		" $4::bytea[])" },
	AT(REACTIONS_SQL_TOLD) = { "reactions_told",
		"DELETE FROM reaction_tell t USING unnest($1::uuid[],"
		" $2::integer[], $3::boolean[]) AS w (id, n, whole)"
		" WHERE t.reaction_id = w.id AND (t.n = w.n"
		"  OR w.whole AND t.n > w.n)" },
	AT(REACTIONS_SQL_HEARD_DROP) = { "reactions_heard_drop",
		"SELECT appeal_heard_drop($1::bigint[])" },
	AT(REACTIONS_SQL_ASK) = { "reactions_ask",
		"INSERT INTO reaction_ask (mention_id)"
		" SELECT unnest($1::uuid[])" },
	AT(REACTIONS_SQL_ASKED) = { "reactions_asked",
		"DELETE FROM reaction_ask WHERE n = ANY ($1::bigint[])" },

	AT(REACTIONS_SQL_ERASE) = { "reactions_erase",
		"SELECT reaction_erase($1::uuid[])" },

	AT(REACTIONS_SQL_GET) = { "reactions_get",
		"SELECT " ROW " FROM reaction r" MENTION
		" WHERE r.reaction_id = $2::uuid" },
	AT(REACTIONS_SQL_GET_STEPS) = { "reactions_get_steps",
		"SELECT s.step, s.at, s.by, s.template, s.reason,"
		" CASE WHEN $1::boolean THEN a.text END,"
		" CASE WHEN $1::boolean THEN a.url END FROM reaction_step s"
		" LEFT JOIN reaction_said a USING (reaction_id, n)"
		" WHERE s.reaction_id = $2::uuid ORDER BY s.n" },
	/* $9 to $11: behind this row; $12 at most */
	AT(REACTIONS_SQL_QUEUE) = { "reactions_queue",
		"SELECT " ROW " FROM (SELECT * FROM reaction r WHERE " WAITING
		" AND " FILTER " AND (r.priority, coalesce(r.next_due,"
		" '2100-01-01 00:00:00+00'), r.reaction_id) > ($9::integer, $10::timestamptz,"
		" $11::uuid) ORDER BY r.priority, coalesce(r.next_due,"
		" '2100-01-01 00:00:00+00'), r.reaction_id LIMIT $12) r" MENTION
		" ORDER BY r.priority, coalesce(r.next_due, '2100-01-01 00:00:00+00'),"
		" r.reaction_id" },
	AT(REACTIONS_SQL_HISTORY) = { "reactions_history",
		"SELECT " ROW " FROM (SELECT * FROM reaction r WHERE " FILTER
		" AND (r.opened_at, r.reaction_id) < ($9::timestamptz,"
		" $10::uuid) ORDER BY r.opened_at DESC, r.reaction_id DESC"
		" LIMIT $11) r" MENTION
		" ORDER BY r.opened_at DESC, r.reaction_id DESC" },
	AT(REACTIONS_SQL_COUNT) = { "reactions_count",
		"SELECT count(*), count(*) FILTER (WHERE r.next_due < now())"
		" FROM reaction r WHERE $1::boolean IS NOT NULL AND " WAITING
		" AND " FILTER },
};
/* clang-format on */
