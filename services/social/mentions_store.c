/* mentions_store.c -- every SQL statement about mentions. A batch is a fixed
 * number of statements over arrays, whatever its size. Look-ups stand in
 * LATERAL subqueries: rows are always found by index, also by a plan that was
 * made while the tables were empty.
 */
#include "mention_read.h"

#define AT(id) [(id)-MENTIONS_SQL_FIRST]

#define FACTS                                                                  \
	"day, n, published_at, deleted, spam, unsure, mention_class,"          \
	" sentiment, source, lang, topic, unit, reach, watches, author, "      \
	"stored"
#define FACT_ARRAYS                                                            \
	"$1::integer[], $2::bigint[], $3::timestamptz[], $4::boolean[],"       \
	" $5::boolean[], $6::boolean[], $7::smallint[], $8::smallint[],"       \
	" $9::text[], $10::text[], $11::text[], $12::text[],"                  \
	" $13::bigint[], $14::text[], $15::bigint[], $16::bytea[]"
/* The same as rows: side by side in the list they are not kept in a store of
 * tuples each, as they would be in FROM. */
#define FACT_ROWS                                                              \
	"unnest($1::integer[]), unnest($2::bigint[]),"                         \
	" unnest($3::timestamptz[]), unnest($4::boolean[]),"                   \
	" unnest($5::boolean[]), unnest($6::boolean[]),"                       \
	" unnest($7::smallint[]), unnest($8::smallint[]), unnest($9::text[])," \
	" unnest($10::text[]), unnest($11::text[]), unnest($12::text[]),"      \
	" unnest($13::bigint[]), unnest($14::text[]), unnest($15::bigint[]),"  \
	" unnest($16::bytea[])"
#define TEXTS "day, n, external_id, url, in_reply_to, author, title, text"
#define TEXT_ARRAYS                                                            \
	"$1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[],"     \
	" $6::text[], $7::text[], $8::text[]"
#define TEXT_ROWS                                                              \
	"unnest($1::integer[]), unnest($2::bigint[]), unnest($3::text[]),"     \
	" unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),"         \
	" unnest($7::text[]), unnest($8::text[])"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement mentions_sql[MENTIONS_SQL_END - MENTIONS_SQL_FIRST] = {
	AT(MENTIONS_SQL_NOW) = { "mentions_now",
		"SELECT nextval('mention_batch'), clock_timestamp()" },
	AT(MENTIONS_SQL_READ) = { "mentions_read",
		"SELECT * FROM mention_read($1::uuid[])" },
	AT(MENTIONS_SQL_READ_AUTHOR) = { "mentions_read_author",
		"SELECT * FROM mention_read_author($1::bigint, $2::text,"
		" $3::text, $4::integer)" },
	AT(MENTIONS_SQL_CLAIM) = { "mentions_claim",
		"SELECT mention_claim($1::uuid[], $2::integer[],"
		" $3::timestamptz[], $4::uuid[], $5::integer[],"
		" $6::bigint[], $7::timestamptz[], $8::text[])" },
	AT(MENTIONS_SQL_ADD) = { "mentions_add",
		"INSERT INTO mention (" FACTS ", mention_id, accepted_at)"
		" SELECT " FACT_ROWS ", unnest($17::uuid[]),"
		" unnest($18::timestamptz[])" },
	AT(MENTIONS_SQL_ADD_TEXT) = { "mentions_add_text",
		"INSERT INTO mention_text (" TEXTS ")"
		" SELECT " TEXT_ROWS },
	AT(MENTIONS_SQL_CHANGE) = { "mentions_change",
		"SELECT mention_change(" FACT_ARRAYS ", $17::boolean[])" },
	AT(MENTIONS_SQL_CHANGE_TEXT) = { "mentions_change_text",
		"SELECT mention_text_change(" TEXT_ARRAYS ")" },
	AT(MENTIONS_SQL_DROP_TEXT) = { "mentions_drop_text",
		"SELECT mention_text_drop($1::integer[], $2::bigint[])" },
	AT(MENTIONS_SQL_TALLY) = { "mentions_tally",
		"INSERT INTO tally_new VALUES ($1::integer[], $2::text[],"
		" $3::text[], $4::smallint[], $5::smallint[], $6::text[],"
		" $7::bigint[], $8::bigint[])" },
	AT(MENTIONS_SQL_GET) = { "mentions_get",
		"SELECT " MENTION_COLUMNS " FROM mention_key k "
		"JOIN mention m ON m.day = k.day AND m.n = k.n "
		"LEFT JOIN mention_text t ON t.day = k.day AND t.n = k.n "
		"WHERE k.mention_id = $1" },
	AT(MENTIONS_SQL_SETTING_TOUCH) = { "setting_touch",
		"INSERT INTO setting VALUES ($1::text, 1) ON CONFLICT (name)"
		" DO UPDATE SET revision = setting.revision + 1" },
};
/* clang-format on */
