/* mentions_store.c -- every SQL statement about mentions. A batch is a fixed
 * number of statements over arrays, whatever its size. Look-ups stand in
 * LATERAL subqueries: rows are always found by index, also by a plan that was
 * made while the tables were empty.
 */
#include "mentions.h"

#define AT(id) [(id)-MENTIONS_SQL_FIRST]

#define FACTS                                                                  \
	"day, n, published_at, deleted, spam, unsure, mention_class,"          \
	" sentiment, source, lang, topic, unit, reach, author, stored"
#define FACT_ARRAYS                                                            \
	"$1::integer[], $2::bigint[], $3::timestamptz[], $4::boolean[],"       \
	" $5::boolean[], $6::boolean[], $7::smallint[], $8::smallint[],"       \
	" $9::text[], $10::text[], $11::text[], $12::text[],"                  \
	" $13::bigint[], $14::bigint[], $15::bytea[]"
#define TEXTS "day, n, external_id, url, in_reply_to, author, title, text"
#define TEXT_ARRAYS                                                            \
	"$1::integer[], $2::bigint[], $3::text[], $4::text[], $5::text[],"     \
	" $6::text[], $7::text[], $8::text[]"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement mentions_sql[MENTIONS_SQL_END - MENTIONS_SQL_FIRST] = {
	AT(MENTIONS_SQL_NOW) = { "mentions_now",
		"SELECT nextval('mention_batch'), clock_timestamp()" },
	AT(MENTIONS_SQL_READ) = { "mentions_read",
		"SELECT * FROM mention_read($1::uuid[])" },
	AT(MENTIONS_SQL_CLAIM) = { "mentions_claim",
		"SELECT mention_claim($1::uuid[], $2::integer[],"
		" $3::timestamptz[], $4::uuid[], $5::integer[],"
		" $6::bigint[], $7::timestamptz[], $8::text[])" },
	AT(MENTIONS_SQL_ADD) = { "mentions_add",
		"INSERT INTO mention (" FACTS ", mention_id, accepted_at)"
		" SELECT * FROM unnest(" FACT_ARRAYS ", $16::uuid[],"
		" $17::timestamptz[])" },
	AT(MENTIONS_SQL_ADD_TEXT) = { "mentions_add_text",
		"INSERT INTO mention_text (" TEXTS ")"
		" SELECT * FROM unnest(" TEXT_ARRAYS ")" },
	/* author stays where nothing has come of it */
	AT(MENTIONS_SQL_CHANGE) = { "mentions_change",
		"UPDATE mention SET published_at = w.published_at,"
		" deleted = w.deleted, spam = w.spam, unsure = w.unsure,"
		" mention_class = w.mention_class, sentiment = w.sentiment,"
		" source = w.source, lang = w.lang, topic = w.topic,"
		" unit = w.unit, reach = w.reach,"
		" author = COALESCE(w.author, mention.author),"
		" stored = w.stored "
		"FROM unnest(" FACT_ARRAYS ") AS w (" FACTS ") "
		"WHERE mention.day = w.day AND mention.n = w.n" },
	AT(MENTIONS_SQL_CHANGE_TEXT) = { "mentions_change_text",
		"UPDATE mention_text SET url = w.url,"
		" in_reply_to = w.in_reply_to, author = w.author,"
		" title = w.title, text = w.text "
		"FROM unnest(" TEXT_ARRAYS ") AS w (" TEXTS ") "
		"WHERE mention_text.day = w.day AND mention_text.n = w.n" },
	AT(MENTIONS_SQL_DROP_TEXT) = { "mentions_drop_text",
		"DELETE FROM mention_text USING"
		" unnest($1::integer[], $2::bigint[]) AS w (day, n) "
		"WHERE mention_text.day = w.day AND mention_text.n = w.n" },
	AT(MENTIONS_SQL_TALLY) = { "mentions_tally",
		"INSERT INTO tally_new VALUES ($1::integer[], $2::text[],"
		" $3::text[], $4::smallint[], $5::smallint[], $6::text[],"
		" $7::bigint[], $8::bigint[])" },
	AT(MENTIONS_SQL_GET) = { "mentions_get",
		"SELECT k.mention_id::text, k.revision, k.edited_at,"
		" k.brought_by, m.accepted_at,"
		" m.stored, t.external_id, t.url, t.in_reply_to, t.author,"
		" t.title, t.text FROM mention_key k "
		"JOIN mention m ON m.day = k.day AND m.n = k.n "
		"LEFT JOIN mention_text t ON t.day = k.day AND t.n = k.n "
		"WHERE k.mention_id = $1" },
	AT(MENTIONS_SQL_SETTING_TOUCH) = { "setting_touch",
		"INSERT INTO setting VALUES ($1::text, 1) ON CONFLICT (name)"
		" DO UPDATE SET revision = setting.revision + 1" },
};
/* clang-format on */
