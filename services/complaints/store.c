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

/* Contacts of customers: of $1 contacts, of the cases $2, of the links $3. */
#define CONTACTS_ASKED                                                         \
	"subject_contacts(ARRAY(SELECT unnest($1::bytea[])"                    \
	" UNION SELECT a.subject FROM unnest($2::uuid[]) AS u (id)"            \
	"  CROSS JOIN LATERAL (SELECT s.subject FROM appeal s"                 \
	"   WHERE s.appeal_id = u.id OFFSET 0) a"                              \
	"  WHERE a.subject IS NOT NULL"                                        \
	" UNION SELECT unnest(ARRAY[l.a, l.b])"                                \
	"  FROM unnest($3::uuid[]) AS u (id)"                                  \
	"  CROSS JOIN LATERAL (SELECT s.a, s.b FROM subject_link s"            \
	"   WHERE s.link_id = u.id OFFSET 0) l)) AS c (contact) "

/* Whether a registered case s is that of who asks, or lies in their subtree of
 * its day; as grant_reaches says. */
#define REACHED(root, principal)                                               \
	"(" root "::text = '' OR s.source = " principal "::text"               \
	" OR EXISTS (SELECT FROM dir_unit_path p WHERE p.ancestor = " root     \
	" AND p.unit = (s.unit COLLATE \"default\")"                           \
	" AND s.registered_day >= p.from_day"                                  \
	" AND (p.to_day = 0 OR s.registered_day < p.to_day))) "

/* Which case: $1 id, or $2 source and $3 external_id. */
#define CASE_ASKED                                                             \
	"a.appeal_id = COALESCE($1::uuid, (SELECT k.appeal_id FROM appeal k "  \
	"WHERE k.source = $2::text AND k.external_id = $3::text))"

const char appeal_columns[] = APPEAL_COLUMNS;

/* Whole cases, as store_cases reads them. */
#define WANTED_CASES                                                           \
	"SELECT " APPEAL_COLUMNS ", a.subject, a.erased_at IS NOT NULL,"       \
	" f.n, f.type, f.occurred_at, f.source, f.body_hash, f.kind,"          \
	" f.channel, f.topic, f.element, f.product, f.segment, f.unit,"        \
	" f.intake_unit, f.department, f.detail, f.refused_text "              \
	"FROM want CROSS JOIN LATERAL (SELECT * FROM appeal s"                 \
	" WHERE s.appeal_id = want.appeal_id OFFSET 0) a "                     \
	"CROSS JOIN LATERAL (SELECT * FROM appeal_fact s"                      \
	" WHERE s.appeal_id = want.appeal_id OFFSET 0) f "                     \
	"ORDER BY a.appeal_id, f.n"

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
	" AND (a.registered_at, a.appeal_id) < ($2::timestamptz, "             \
	"$3::uuid) " PREVIEW_ORDER
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
		WANTED_CASES },
	/* The newest cases of the customers of cases $1 $2 $3, and of contacts
	 * $4, that were registered after those and repeat nothing yet; 11 and
	 * 12: withdrawn, merged. */
	[SQL_READ_LATER] = { "complaints_read_later",
		"WITH ended AS ("
		" SELECT f.* FROM unnest($1::text[], $2::text[])"
		"  AS k (source, external_id)"
		" CROSS JOIN LATERAL (SELECT s.subject, s.registered_at"
		"  FROM appeal s WHERE s.source = k.source"
		"  AND s.external_id = k.external_id OFFSET 0) f"
		" UNION SELECT f.* FROM unnest($3::uuid[]) AS k (id)"
		" CROSS JOIN LATERAL (SELECT s.subject, s.registered_at"
		"  FROM appeal s WHERE s.appeal_id = k.id OFFSET 0) f"
		" UNION SELECT unnest($4::bytea[]), '-infinity'), "
		"want AS (SELECT DISTINCT l.appeal_id FROM ended e"
		" CROSS JOIN LATERAL subject_contacts(ARRAY[e.subject])"
		"  AS c (contact)"
		" CROSS JOIN LATERAL (SELECT s.appeal_id FROM appeal s"
		"  WHERE s.subject = c.contact"
		"  AND s.registered_at > e.registered_at"
		"  AND s.state NOT IN (11, 12) AND s.repeat_of IS NULL"
		"  ORDER BY s.registered_at DESC, s.appeal_id DESC"
		"  LIMIT 20) l WHERE e.subject IS NOT NULL) "
		WANTED_CASES },
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
		" address, handle) SELECT * FROM unnest($1::uuid[], $2::text[],"
		" $3::text[], $4::text[], $5::text[], $6::text[])" },
	[SQL_TEXTS] = { "complaints_texts",
		"INSERT INTO appeal_text (appeal_id, n, text) "
		"SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[])" },
	[SQL_ATTACHMENTS] = { "complaints_attachments",
		"INSERT INTO appeal_attachment (appeal_id, n, attachment,"
		" file_name, content) SELECT * FROM unnest($1::uuid[],"
		" $2::integer[], $3::text[], $4::text[], $5::bytea[])" },
	[SQL_LOOKUPS] = { "complaints_lookups",
		"INSERT INTO appeal_lookup (appeal_id, n, item, result) "
		"SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[],"
		" $4::bytea[])" },
	[SQL_TIMERS_PUT] = { "complaints_timers_put",
		"INSERT INTO timer (appeal_id, due_at) "
		"SELECT * FROM unnest($1::uuid[], $2::timestamptz[])" },
	[SQL_TIMERS_DROP] = { "complaints_timers_drop",
		"DELETE FROM timer USING unnest($1::uuid[]) AS w (appeal_id) "
		"WHERE timer.appeal_id = w.appeal_id" },
	/* $4: may read everyone's personal data, not only its own */
	[SQL_GET] = { "complaints_get",
		"SELECT " APPEAL_COLUMNS ", p.name, p.phone, p.email,"
		" p.address, p.handle, a.erased_at "
		"FROM appeal a LEFT JOIN appeal_person p"
		" ON p.appeal_id = a.appeal_id"
		" AND ($4::boolean OR a.source = $2) "
		"WHERE " CASE_ASKED },
	[SQL_GET_TIMELINE] = { "complaints_get_timeline",
		"SELECT f.n, f.type, f.occurred_at, f.source, f.body_hash,"
		" f.kind, f.channel, f.topic, f.element, f.product, f.segment, f.unit,"
		" f.intake_unit, f.department, f.detail, f.refused_text,"
		" f.accepted_at, t.text, n.file_name, l.result FROM appeal a"
		" JOIN appeal_fact f ON f.appeal_id = a.appeal_id"
		" LEFT JOIN appeal_text t ON t.appeal_id = f.appeal_id"
		" AND t.n = f.n AND ($4::boolean OR a.source = $2)"
		" LEFT JOIN appeal_attachment n ON n.appeal_id = f.appeal_id"
		" AND n.n = f.n AND ($4::boolean OR a.source = $2)"
		" LEFT JOIN appeal_lookup l ON l.appeal_id = f.appeal_id"
		" AND l.n = f.n AND $4::boolean "
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
		/* and of them what may be seen: the unit may have lain elsewhere */
		" AND ($6::text = '' OR EXISTS (SELECT FROM dir_unit_path g"
		" WHERE g.ancestor = $6 AND g.unit = p.unit"
		" AND g.from_day <= a.registered_day"
		" AND (g.to_day = 0 OR a.registered_day < g.to_day)))"
		" AND " PREVIEW_NEXT ") a WHERE p.ancestor = $5::text "
		PREVIEW_ORDER ") c " PREVIEW_FACTS },
	[SQL_SEARCH_MARK] = { "complaints_search_mark",
		"INSERT INTO search_queue (appeal_id) SELECT unnest($1::uuid[])" },
	[SQL_CLOCK_NOW] = { "complaints_clock_now",
		"SELECT clock_timestamp()" },
	[SQL_TIMERS_DUE] = { "complaints_timers_due",
		"SELECT appeal_id FROM timer "
		"WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT 500" },
	[SQL_SUBJECT_MEMBERS] = { "complaints_subject_members",
		"SELECT m.contact, m.subject FROM " CONTACTS_ASKED
		"CROSS JOIN LATERAL (SELECT s.contact, s.subject"
		" FROM subject_alias s WHERE s.contact = c.contact OFFSET 0) m" },
	[SQL_SUBJECT_LINKS] = { "complaints_subject_links",
		"SELECT l.link_id, l.a, l.b, l.revision, l.by_rule, l.split,"
		" l.appeal_id, l.other_appeal_id FROM " CONTACTS_ASKED
		"CROSS JOIN LATERAL (SELECT * FROM subject_link s"
		" WHERE s.a = c.contact OFFSET 0) l" },
	/* The newest cases of each customer of contacts $1, of cases $2 and of
	 * those that sources $3 know as $4; 11 and 12: withdrawn, merged. */
	[SQL_SUBJECT_EARLIER] = { "complaints_subject_earlier",
		"WITH k AS (SELECT unnest($1::bytea[]) AS contact"
		" UNION SELECT a.subject FROM unnest($2::uuid[]) AS u (id)"
		"  CROSS JOIN LATERAL (SELECT s.subject FROM appeal s"
		"   WHERE s.appeal_id = u.id OFFSET 0) a"
		" UNION SELECT a.subject FROM unnest($3::text[], $4::text[])"
		"   AS u (source, external_id)"
		"  CROSS JOIN LATERAL (SELECT s.subject FROM appeal s"
		"   WHERE s.source = u.source"
		"   AND s.external_id = u.external_id OFFSET 0) a), "
		"m AS (SELECT k.contact AS asked, k.contact FROM k"
		" UNION ALL SELECT k.contact, x.contact FROM k"
		"  CROSS JOIN LATERAL (SELECT s.subject FROM subject_alias s"
		"   WHERE s.contact = k.contact OFFSET 0) s"
		"  CROSS JOIN LATERAL (SELECT x.contact FROM subject_alias x"
		"   WHERE x.subject = s.subject"
		"   AND x.contact <> k.contact OFFSET 0) x) "
		"SELECT m.asked, a.appeal_id, a.topic, a.product,"
		" a.repeat_of::text, a.registered_at, a.resolved_at,"
		" a.closed_at FROM m "
		"CROSS JOIN LATERAL (SELECT s.appeal_id, s.topic, s.product,"
		" s.repeat_of, s.registered_at, s.resolved_at, s.closed_at"
		" FROM appeal s"
		" WHERE s.subject = m.contact AND s.registered_at IS NOT NULL"
		" AND s.state NOT IN (11, 12)"
		" ORDER BY s.registered_at DESC, s.appeal_id DESC LIMIT 20) a" },
	/* $4: all cases of these customers, else the named ones alone */
	[SQL_SUBJECT_APPEALS] = { "complaints_subject_appeals",
		"SELECT " APPEAL_COLUMNS ", a.subject "
		"FROM (SELECT unnest($2::uuid[])"
		" UNION SELECT unnest(ARRAY[l.appeal_id, l.other_appeal_id])"
		"  FROM subject_link l WHERE l.link_id = ANY ($3)"
		" UNION SELECT x.appeal_id FROM " CONTACTS_ASKED
		"  CROSS JOIN LATERAL (SELECT s.appeal_id FROM appeal s"
		"   WHERE s.subject = c.contact AND $4::boolean"
		"   ORDER BY s.registered_at DESC, s.appeal_id DESC"
		"   LIMIT $5) x) AS w (appeal_id) "
		"CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.appeal_id = w.appeal_id AND s.erased_at IS NULL"
		" OFFSET 0) a"
		/* the case that leads to the others goes last */
		" ORDER BY a.appeal_id = ANY ($2) LIMIT $5" },
	[SQL_SUBJECT_WRITE] = { "complaints_subject_write",
		"SELECT subject_write($1::bytea[], $2::bytea[], $3::bytea[])" },
	/* $4 limit, $5 the last row of the page before, $6 the root of the
	 * asking principal's subtree ('' = all), $7 the principal */
	[SQL_SUBJECT_LIST] = { "complaints_subject_list",
		"SELECT " APPEAL_COLUMNS " FROM " CONTACTS_ASKED
		"CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.subject = c.contact AND s.registered_at IS NOT NULL"
		" AND " REACHED("$6", "$7")
		" AND ($5::uuid IS NULL OR (s.registered_at, s.appeal_id) <"
		"  (SELECT p.registered_at, p.appeal_id FROM appeal p"
		"   WHERE p.appeal_id = $5))"
		" ORDER BY s.registered_at DESC, s.appeal_id DESC LIMIT $4) a "
		"ORDER BY a.registered_at DESC, a.appeal_id DESC LIMIT $4" },
	/* Does one of all cases lie outside of the subtree $4 of who asks, $5? */
	[SQL_SUBJECT_BEYOND] = { "complaints_subject_beyond",
		"SELECT EXISTS (SELECT FROM " CONTACTS_ASKED
		"JOIN appeal s ON s.subject = c.contact"
		" AND s.registered_at IS NOT NULL"
		" AND NOT " REACHED("$4", "$5") ")" },
	[SQL_LINK_INSERT] = { "complaints_link_insert",
		"SELECT subject_link_insert($1::uuid[], $2::bytea[],"
		" $3::bytea[], $4::boolean[], $5::uuid[], $6::uuid[],"
		" $7::text[], $8::timestamptz[], $9::text[])" },
	[SQL_LINK_CHANGE] = { "complaints_link_change",
		"SELECT subject_link_change($1::uuid[], $2::bigint[],"
		" $3::boolean[], $4::uuid[], $5::uuid[], $6::text[],"
		" $7::timestamptz[], $8::text[])" },
	[SQL_LINK_DROP] = { "complaints_link_drop",
		"DELETE FROM subject_link WHERE a = ANY ($1::bytea[])"
		" OR b = ANY ($1::bytea[])" },
	[SQL_LINK_LIST] = { "complaints_link_list",
		"SELECT l.link_id::text, l.revision, l.by_rule,"
		" l.appeal_id::text, l.other_appeal_id::text, l.made_by,"
		" l.made_at, l.made_text, l.split, l.split_by, l.split_at,"
		" l.split_text FROM " CONTACTS_ASKED
		"JOIN subject_link l ON l.a = c.contact"
		" UNION SELECT l.link_id::text, l.revision, l.by_rule,"
		" l.appeal_id::text, l.other_appeal_id::text, l.made_by,"
		" l.made_at, l.made_text, l.split, l.split_by, l.split_at,"
		" l.split_text FROM " CONTACTS_ASKED
		"JOIN subject_link l ON l.b = c.contact ORDER BY 7, 1" },
	[SQL_ERASE] = { "complaints_erase",
		"SELECT appeal_erase($1::uuid, $2::integer, $3::text,"
		" $4::uuid[], $5::bigint[], $6::bytea)" },
	[SQL_DESK_FORGET] = { "complaints_desk_forget",
		"SELECT desk_forget($1::uuid[])" },
	[SQL_ERASURES] = { "complaints_erasures",
		"SELECT erasure_id, erased_at, cause, erased_by,"
		" array_to_string(appeal_ids, ' ') FROM erasure "
		"WHERE erased_at >= COALESCE($1::timestamptz, '-infinity')"
		" AND erased_at < COALESCE($2::timestamptz, 'infinity')"
		" AND erasure_id < COALESCE($3::uuid,"
		"  'ffffffff-ffff-ffff-ffff-ffffffffffff') "
		"ORDER BY erasure_id DESC LIMIT $4" },
	[SQL_RETENTION_PUT] = { "complaints_retention_put",
		"INSERT INTO retention VALUES ($1::text, $2::integer) "
		"ON CONFLICT (kind) DO UPDATE SET days = excluded.days" },
	[SQL_RETENTION_DROP] = { "complaints_retention_drop",
		"DELETE FROM retention WHERE kind = $1::text" },
	[SQL_RETENTIONS] = { "complaints_retentions",
		"SELECT kind, days FROM retention ORDER BY kind" },
	[SQL_RETENTION_DUE] = { "complaints_retention_due",
		"SELECT a.appeal_id FROM retention r CROSS JOIN LATERAL ("
		"(SELECT s.appeal_id FROM appeal s"
		" WHERE s.kind = r.kind AND s.erased_at IS NULL"
		" AND s.closed_at < now() - make_interval(days => r.days)"
		" ORDER BY s.closed_at LIMIT $1)"
		" UNION ALL "
		"(SELECT s.appeal_id FROM appeal s"
		" WHERE s.kind = r.kind AND s.erased_at IS NULL"
		/* withdrawn, merged; and the facts that say so */
		" AND s.state IN (11, 12)"
		" AND s.registered_at < now() - make_interval(days => r.days)"
		" AND NOT EXISTS (SELECT FROM appeal_fact f"
		"  WHERE f.appeal_id = s.appeal_id AND f.type IN (9, 11)"
		"  AND f.refused_text IS NULL AND f.occurred_at >="
		"  now() - make_interval(days => r.days))"
		" ORDER BY s.registered_at LIMIT $1)) a LIMIT $1" },
};
/* clang-format on */
