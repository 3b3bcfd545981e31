/* press_store.c -- every SQL statement about questions of the press. */
#include "press.h"

#define AT(id) [(id)-PRESS_SQL_FIRST]

#define WITHIN(root)                                                           \
	"(" root "::text = '' OR EXISTS (SELECT FROM dir_unit_path p"          \
	" WHERE p.ancestor = " root " AND p.unit = r.unit COLLATE \"default\"" \
	" AND p.from_day <= $3::integer"                                       \
	" AND (p.to_day = 0 OR p.to_day > $3)))"
#define DUE "coalesce(r.due_at, '2100-01-01 00:00:00+00')"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement press_sql[PRESS_SQL_END - PRESS_SQL_FIRST] = {
	AT(PRESS_SQL_READ) = { "press_read",
		"SELECT r.press_id, r.revision, r.stored, s.asked_by,"
		" s.question FROM press r JOIN press_said s USING (press_id)"
		" WHERE r.press_id = ANY ($1::uuid[])" },
	AT(PRESS_SQL_CLAIM) = { "press_claim",
		"SELECT press_claim($1::uuid[], $2::bigint[])" },
	AT(PRESS_SQL_PUT) = { "press_put",
		"INSERT INTO press SELECT * FROM unnest($1::uuid[],"
		" $2::bigint[], $3::smallint[], $4::text[],"
		" $5::timestamptz[], $6::timestamptz[], $7::bytea[])"
		" ON CONFLICT (press_id) DO UPDATE SET"
		" revision = excluded.revision, state = excluded.state,"
		" unit = excluded.unit, asked_at = excluded.asked_at,"
		" due_at = excluded.due_at, stored = excluded.stored" },
	AT(PRESS_SQL_SAY) = { "press_say",
		"INSERT INTO press_said SELECT * FROM unnest($1::uuid[],"
		" $2::text[], $3::text[]) ON CONFLICT (press_id) DO UPDATE SET"
		" asked_by = excluded.asked_by, question = excluded.question" },
	/* $1 the principal's root, $2 the asked one, $3 today, $4 state, 0 =
	 * not closed; $5, $6 behind this row; $7 at most; $8 with what is of
	 * persons */
	AT(PRESS_SQL_LIST) = { "press_list",
		"SELECT r.press_id, r.revision, r.stored,"
		" CASE WHEN $8::boolean THEN s.asked_by END,"
		" CASE WHEN $8::boolean THEN s.question END, " DUE
		" FROM press r JOIN press_said s USING (press_id)"
		" WHERE " WITHIN("$1") " AND " WITHIN("$2")
		" AND (r.state = $4::integer OR $4 = 0 AND r.state <> 4)"
		" AND (" DUE ", r.press_id) > ($5::timestamptz, $6::uuid)"
		" ORDER BY " DUE ", r.press_id LIMIT $7" },
};
/* clang-format on */
