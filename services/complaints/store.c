/* store.c -- every SQL statement of the service.
 *
 * store_read.c reads what they find, write.c fills those that write. A batch is
 * a fixed number of statements over arrays, whatever its size. Look- ups stand
 * in LATERAL subqueries: rows are always found by index, also by a plan that
 * was made while the tables were empty.
 */
#include <string.h>

#include "complaints.h"

/* As store_facts reads them. */
#define FACT_COLUMNS                                                           \
	"a.state, a.kind, a.channel, a.topic, a.element, a.product, "          \
	"a.segment, a.unit, a.intake_unit, a.department, a.registered_at, "    \
	"a.registered_day, a.first_answer_at, a.first_response, "              \
	"a.first_response_due, a.resolved_at, a.closed_at, a.more"
#define APPEAL_COLUMNS                                                         \
	"a.appeal_id, a.source, a.external_id, a.revision, " FACT_COLUMNS
#define FACT_PLACES                                                            \
	"state, kind, channel, topic, element, product, segment, unit, "       \
	"intake_unit, department, registered_at, registered_day, "             \
	"first_answer_at, first_response, first_response_due, resolved_at, "   \
	"closed_at, more, handler, escalation, green_channel, breached, "      \
	"next_due, repeat_of, matter"

/* Which case: $1 id, or $2 source and $3 external_id. */
#define CASE_ASKED                                                             \
	"a.appeal_id = COALESCE($1::uuid, (SELECT k.appeal_id FROM appeal k "  \
	"WHERE k.source = $2::text AND k.external_id = $3::text))"

const char appeal_columns[] = APPEAL_COLUMNS;

/* As store_fact reads it, after what orders the cases. */
#define PREVIEW_COLUMNS                                                        \
	"c.appeal_id, c.registered_at, c.registered_day, f.n, f.type,"         \
	" f.occurred_at, f.source, f.body_hash, f.kind, f.channel, f.topic,"   \
	" f.element, f.product, f.segment, f.unit, f.intake_unit,"             \
	" f.department, f.detail, f.refused_text"
#define PREVIEW_ORDER                                                          \
	"ORDER BY a.registered_at DESC, a.appeal_id DESC LIMIT $4::bigint"
#define PREVIEW_NEXT                                                           \
	"a.registered_at >= $1::timestamptz"                                   \
	" AND (a.registered_at, a.appeal_id) < ($2::timestamptz, $3::uuid) "   \
	PREVIEW_ORDER
#define PREVIEW_FACTS                                                          \
	"CROSS JOIN LATERAL (SELECT * FROM appeal_fact s"                      \
	" WHERE s.appeal_id = c.appeal_id OFFSET 0) f "                        \
	"ORDER BY c.registered_at DESC, c.appeal_id DESC, f.n"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement complaints_sql[SQL_NR] = {
	[SQL_READ] = { "complaints_read",
		"WITH want AS ("
		" SELECT f.appeal_id FROM unnest($1::text[], $2::text[])"
		"  AS k (source, external_id)"
		" CROSS JOIN LATERAL (SELECT s.appeal_id FROM appeal s"
		"  WHERE s.source = k.source"
		"  AND s.external_id = k.external_id OFFSET 0) f"
		" UNION SELECT unnest($3::uuid[])) "
		"SELECT " APPEAL_COLUMNS ", a.subject,"
		" f.n, f.type, f.occurred_at, f.source, f.body_hash, f.kind,"
		" f.channel, f.topic, f.element, f.product, f.segment, f.unit,"
		" f.intake_unit, f.department, f.detail, f.refused_text "
		"FROM want CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.appeal_id = want.appeal_id OFFSET 0) a "
		"CROSS JOIN LATERAL (SELECT * FROM appeal_fact s"
		" WHERE s.appeal_id = want.appeal_id OFFSET 0) f "
		"ORDER BY a.appeal_id, f.n" },
	[SQL_CLAIM] = { "complaints_claim",
		"SELECT appeal_claim($1::uuid[], $2::bigint[])" },
	[SQL_INSERT] = { "complaints_insert",
		"SELECT appeal_insert($1::uuid[], $2::text[], $3::text[],"
		" $4::bigint[], $5::smallint[], $6::text[], $7::text[],"
		" $8::text[], $9::text[], $10::text[], $11::text[],"
		" $12::text[], $13::text[], $14::text[], $15::timestamptz[],"
		" $16::integer[], $17::timestamptz[], $18::smallint[],"
		" $19::timestamptz[], $20::timestamptz[], $21::timestamptz[],"
		" $22::bytea[], $23::text[], $24::smallint[], $25::boolean[],"
		" $26::boolean[], $27::timestamptz[], $28::uuid[],"
		" $29::uuid[], $30::bytea[])" },
	[SQL_UPDATE] = { "complaints_update",
		"UPDATE appeal SET revision = w.revision, state = w.state,"
		" kind = w.kind, channel = w.channel, topic = w.topic,"
		" element = w.element, product = w.product,"
		" segment = w.segment, unit = w.unit,"
		" intake_unit = w.intake_unit, department = w.department,"
		" registered_at = w.registered_at,"
		" registered_day = w.registered_day,"
		" first_answer_at = w.first_answer_at,"
		" first_response = w.first_response,"
		" first_response_due = w.first_response_due,"
		" resolved_at = w.resolved_at, closed_at = w.closed_at,"
		" more = w.more, handler = w.handler,"
		" escalation = w.escalation,"
		" green_channel = w.green_channel, breached = w.breached,"
		" next_due = w.next_due, repeat_of = w.repeat_of,"
		" matter = w.matter, subject = w.subject "
		"FROM unnest($1::uuid[], $2::bigint[], $3::smallint[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::text[], $11::text[], $12::text[],"
		" $13::timestamptz[], $14::integer[], $15::timestamptz[],"
		" $16::smallint[], $17::timestamptz[], $18::timestamptz[],"
		" $19::timestamptz[], $20::bytea[], $21::text[],"
		" $22::smallint[], $23::boolean[], $24::boolean[],"
		" $25::timestamptz[], $26::uuid[], $27::uuid[], $28::bytea[])"
		" AS w (appeal_id, revision, " FACT_PLACES ", subject) "
		"WHERE appeal.appeal_id = w.appeal_id" },
	[SQL_FACTS] = { "complaints_facts",
		"INSERT INTO appeal_fact (appeal_id, n, type, occurred_at,"
		" source, body_hash, kind, channel, topic, element, product,"
		" segment, unit, intake_unit, department, detail,"
		" refused_text) SELECT * FROM unnest($1::uuid[], $2::integer[],"
		" $3::smallint[], $4::timestamptz[], $5::text[], $6::bytea[],"
		" $7::text[], $8::text[], $9::text[], $10::text[],"
		" $11::text[], $12::text[], $13::text[], $14::text[],"
		" $15::text[], $16::bytea[], $17::text[])" },
	[SQL_FACTS_REFUSED] = { "complaints_facts_refused",
		"UPDATE appeal_fact SET refused_text = w.why "
		"FROM unnest($1::uuid[], $2::integer[], $3::text[])"
		" AS w (appeal_id, n, why) "
		"WHERE appeal_fact.appeal_id = w.appeal_id"
		" AND appeal_fact.n = w.n" },
	[SQL_PERSONS] = { "complaints_persons",
		"INSERT INTO appeal_person (appeal_id, name, phone, email,"
		" address) SELECT * FROM unnest($1::uuid[], $2::text[],"
		" $3::text[], $4::text[], $5::text[])" },
	[SQL_TEXTS] = { "complaints_texts",
		"INSERT INTO appeal_text (appeal_id, n, text) "
		"SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[])" },
	[SQL_ATTACHMENTS] = { "complaints_attachments",
		"INSERT INTO appeal_attachment (appeal_id, n, attachment,"
		" file_name, content) SELECT * FROM unnest($1::uuid[],"
		" $2::integer[], $3::text[], $4::text[], $5::bytea[])" },
	[SQL_TIMERS_PUT] = { "complaints_timers_put",
		"INSERT INTO timer (appeal_id, due_at) "
		"SELECT * FROM unnest($1::uuid[], $2::timestamptz[])" },
	[SQL_TIMERS_DROP] = { "complaints_timers_drop",
		"DELETE FROM timer USING unnest($1::uuid[]) AS w (appeal_id) "
		"WHERE timer.appeal_id = w.appeal_id" },
	/* $4: may read everyone's personal data, not only its own */
	[SQL_GET] = { "complaints_get",
		"SELECT " APPEAL_COLUMNS ", p.name, p.phone, p.email,"
		" p.address "
		"FROM appeal a LEFT JOIN appeal_person p"
		" ON p.appeal_id = a.appeal_id"
		" AND ($4::boolean OR a.source = $2) "
		"WHERE " CASE_ASKED },
	[SQL_GET_TIMELINE] = { "complaints_get_timeline",
		"SELECT f.n, f.type, f.occurred_at, f.source, f.body_hash,"
		" f.kind, f.channel, f.topic, f.element, f.product, f.segment, f.unit,"
		" f.intake_unit, f.department, f.detail, f.refused_text,"
		" f.accepted_at, t.text, n.file_name FROM appeal a"
		" JOIN appeal_fact f ON f.appeal_id = a.appeal_id"
		" LEFT JOIN appeal_text t ON t.appeal_id = f.appeal_id"
		" AND t.n = f.n AND ($4::boolean OR a.source = $2)"
		" LEFT JOIN appeal_attachment n ON n.appeal_id = f.appeal_id"
		" AND n.n = f.n AND ($4::boolean OR a.source = $2) "
		"WHERE " CASE_ASKED " ORDER BY f.n" },
	/* cases of the same matter, then repeats of this one */
	[SQL_GET_OTHERS] = { "complaints_get_others",
		"SELECT b.appeal_id, false FROM appeal a"
		" JOIN appeal b ON b.appeal_id <> a.appeal_id"
		" AND (b.matter = COALESCE(a.matter, a.appeal_id)"
		" OR b.appeal_id = a.matter) "
		"WHERE " CASE_ASKED " UNION ALL "
		"SELECT b.appeal_id, true FROM appeal a"
		" JOIN appeal b ON b.repeat_of = a.appeal_id "
		"WHERE " CASE_ASKED " ORDER BY 2, 1 LIMIT 1000" },
	[SQL_GET_ATTACHMENT] = { "complaints_get_attachment",
		"SELECT " APPEAL_COLUMNS ", f.occurred_at, f.detail,"
		" n.file_name, n.content "
		"FROM appeal a"
		" JOIN appeal_attachment n ON n.appeal_id = a.appeal_id"
		" JOIN appeal_fact f ON f.appeal_id = n.appeal_id"
		" AND f.n = n.n "
		"WHERE ($4::boolean OR a.source = $2)"
		" AND n.attachment = $5::text AND f.refused_text IS NULL"
		" AND " CASE_ASKED " ORDER BY n.n LIMIT 1" },
	/* Facts of the next cases, the newest first; $2, $3: before this one. */
	[SQL_PREVIEW_ALL] = { "complaints_preview_all",
		"SELECT " PREVIEW_COLUMNS " FROM (SELECT a.appeal_id,"
		" a.registered_at, a.registered_day FROM appeal a "
		"WHERE " PREVIEW_NEXT ") c " PREVIEW_FACTS },
	[SQL_PREVIEW_SUBTREE] = { "complaints_preview_subtree",
		"SELECT " PREVIEW_COLUMNS " FROM (SELECT a.* FROM dir_unit_path p "
		"CROSS JOIN LATERAL (SELECT a.appeal_id, a.registered_at,"
		" a.registered_day FROM appeal a"
		" WHERE a.unit = p.unit COLLATE \"C\""
		" AND a.registered_day >= p.from_day"
		" AND (p.to_day = 0 OR a.registered_day < p.to_day)"
		" AND " PREVIEW_NEXT ") a WHERE p.ancestor = $5::text "
		PREVIEW_ORDER ") c " PREVIEW_FACTS },
	[SQL_SEARCH_MARK] = { "complaints_search_mark",
		"INSERT INTO search_queue (appeal_id) SELECT unnest($1::uuid[])" },
	[SQL_CLOCK_NOW] = { "complaints_clock_now",
		"SELECT clock_timestamp()" },
	[SQL_TIMERS_DUE] = { "complaints_timers_due",
		"SELECT appeal_id FROM timer "
		"WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT 500" },
};
/* clang-format on */
