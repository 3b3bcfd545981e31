/* mail_store.c -- every SQL statement of mail and webhooks. JSON for webhooks
 * is made here too: the database knows how, and the service needs it nowhere
 * else.
 */
#include "complaints.h"

#define UTC(column_)                                                           \
	"to_char(" column_ " AT TIME ZONE 'UTC',"                              \
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
#define DAY(column_)                                                           \
	"CASE WHEN " column_ " > 0 THEN (DATE '1970-01-01' + " column_         \
	")::text END"
#define SAME_ROW(a_, b_)                                                       \
	a_ ".appeal_id = " b_ ".appeal_id AND " a_ ".revision = " b_           \
	   ".revision AND " a_ ".channel = " b_ ".channel"

/* clang-format off */
#define OUTGOING_ORDER(o_)                                                     \
	o_ ".created_at DESC, " o_ ".appeal_id DESC, " o_ ".revision DESC, "   \
	o_ ".channel DESC"
#define LAST_OF(column_)                                                       \
	"(SELECT " column_ " FROM outgoing l WHERE l.appeal_id = $3::uuid"     \
	" AND l.revision = $4::bigint AND l.channel = $5::text)"
/* One of the states that MAIL_OUTGOING_FIND may be asked for. The bound by time
 * alone is what the index can use. */
#define FOUND(where_, asked_)                                                  \
	"(SELECT f.* FROM outgoing f WHERE f." where_                          \
	" AND $1::integer " asked_ " AND ($2::text = '' OR f.channel = $2)"    \
	" AND f.created_at <= COALESCE(" LAST_OF("l.created_at")               \
	", 'infinity')"                                                        \
	" AND ($3::uuid IS NULL"                                               \
	" OR (f.created_at, f.appeal_id, f.revision, f.channel) <"             \
	" " LAST_OF("l.created_at, l.appeal_id, l.revision, l.channel") ")"    \
	" ORDER BY " OUTGOING_ORDER("f") " LIMIT $6::bigint)"
/* clang-format on */

/* What the directory calls it on the case's day, in the mail's language, or
 * else in one that there is, or its code; as desk_templates.c does. */
#define NAMED(table_, code_, and_)                                             \
	"COALESCE((SELECT COALESCE(NULLIF(CASE c.lang WHEN 'ru' THEN"          \
	" d.name_ru WHEN 'zh' THEN d.name_zh ELSE d.name_en END, ''),"         \
	" NULLIF(d.name_en, ''), NULLIF(d.name_ru, ''),"                       \
	" NULLIF(d.name_zh, '')) FROM " table_ " d"                            \
	" WHERE d.code = " code_ " COLLATE \"default\"" and_                   \
	" AND d.valid_from_day <= c.registered_day"                            \
	" ORDER BY d.valid_from_day DESC LIMIT 1), " code_ ", '')"

#define OUTGOING_COLUMNS                                                       \
	"revision, channel, event, template, state, created_at, next_at,"      \
	" sent_at, subject, body"

/* SQL is laid out by hand. clang-format breaks its lines anywhere. */
/* clang-format off */
const struct db_statement mail_sql[MAIL_SQL_NR] = {
	/* The customer's address is that of now. Without one there is nobody to
	 * write to; a webhook hears of the customer only if it may, and of an
	 * erased case never. */
	[MAIL_OUTGOING_ADD] = { "mail_outgoing_add",
		"INSERT INTO outgoing (appeal_id, revision, channel, event,"
		" template, lang, unit, occurred_at, registered_day, due_day,"
		" address, name, text) "
		"SELECT w.appeal_id, w.revision, w.channel, w.event,"
		" w.template, w.lang, w.unit, w.occurred_at, w.registered_day,"
		" w.due_day,"
		" CASE WHEN tells THEN COALESCE(p.email, '') ELSE '' END,"
		" CASE WHEN tells THEN COALESCE(p.name, '') ELSE '' END,"
		" CASE WHEN tells AND a.erased_at IS NULL THEN w.text"
		"  ELSE '' END "
		"FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[],"
		" $5::text[], $6::text[], $7::text[], $8::timestamptz[],"
		" $9::integer[], $10::integer[], $11::text[])"
		" AS w (appeal_id, revision, channel, event, template, lang,"
		" unit, occurred_at, registered_day, due_day, text) "
		"LEFT JOIN appeal a ON a.appeal_id = w.appeal_id "
		"LEFT JOIN appeal_person p ON p.appeal_id = w.appeal_id "
		"LEFT JOIN webhook h ON w.channel = 'webhook/' || h.name"
		" AND NOT h.off "
		"CROSS JOIN LATERAL (SELECT w.channel = 'email' OR h.rightful"
		" AS tells) t "
		"WHERE (w.channel = 'email' AND p.email <> '')"
		" OR h.name IS NOT NULL "
		"ON CONFLICT DO NOTHING" },
	[MAIL_RATING_CODES] = { "mail_rating_codes",
		"INSERT INTO desk_rating_link (code_hash, appeal_id, made_by,"
		" expires_at) SELECT w.hash, w.appeal_id, $3::text,"
		" now() + interval '30 days'"
		" FROM unnest($1::bytea[], $2::uuid[]) AS w (hash, appeal_id)"
		" ON CONFLICT DO NOTHING" },
	/* One of a case at a time, in order. An attempt without an end is of
	 * somebody who died: what became of it nobody knows. */
	[MAIL_OUTGOING_CLAIM] = { "mail_outgoing_claim",
		"WITH due AS (SELECT o.appeal_id, o.revision, o.channel"
		"  FROM outgoing o WHERE o.state < 2 AND o.next_at <= now()"
		"  AND (o.channel = 'email') = $3::boolean"
		"  AND NOT EXISTS (SELECT 1 FROM outgoing e"
		"   WHERE e.appeal_id = o.appeal_id AND e.channel = o.channel"
		"   AND e.revision < o.revision AND e.state < 2)"
		"  ORDER BY o.next_at LIMIT $1::integer"
		"  FOR UPDATE OF o SKIP LOCKED), "
		"claimed AS (UPDATE outgoing o SET state = 1,"
		"  attempts = o.attempts + 1,"
		"  next_at = now() + $2::integer * interval '1 ms'"
		"  FROM due d WHERE " SAME_ROW("o", "d") " RETURNING o.*), "
		"lost AS (UPDATE outgoing_attempt a SET ended_at = now(),"
		"  outcome = 'unknown' FROM claimed c"
		"  WHERE " SAME_ROW("a", "c") " AND a.ended_at IS NULL), "
		"begun AS (INSERT INTO outgoing_attempt (appeal_id, revision,"
		"  channel, attempt) SELECT appeal_id, revision, channel,"
		"  attempts FROM claimed) "
		"SELECT c.appeal_id, c.revision, c.channel, c.event,"
		" c.template, c.lang, c.attempts, c.created_at,"
		" c.registered_day, c.due_day, c.address, c.name, c.text,"
		" c.subject, c.body,"
		" COALESCE((SELECT t.message_id FROM mail_taken t"
		"  WHERE t.appeal_id = c.appeal_id AND t.message_id <> ''"
		"  ORDER BY t.taken_at DESC LIMIT 1), ''),"
		" COALESCE((SELECT min(f.revision) FROM outgoing f"
		"  WHERE f.appeal_id = c.appeal_id AND f.channel = c.channel"
		"  AND f.revision < c.revision), 0),"
		" COALESCE(h.url, ''), COALESCE(h.secret, ''),"
		" json_build_object('specversion', '1.0',"
		"  'id', c.appeal_id || '.' || c.revision || '.' || h.name,"
		"  'source', 'suyuan/complaints', 'type', c.event,"
		"  'subject', c.appeal_id, 'time', " UTC("c.occurred_at") ","
		"  'datacontenttype', 'application/json', 'data',"
		"  json_strip_nulls(json_build_object("
		"   'appeal_id', c.appeal_id, 'revision', c.revision::text,"
		"   'event', c.event, 'template', c.template, 'unit', c.unit,"
		"   'registered_day', " DAY("c.registered_day") ","
		"   'due_day', " DAY("c.due_day") ","
		"   'customer', CASE WHEN h.rightful THEN json_build_object("
		"    'name', c.name, 'email', c.address, 'text', c.text)"
		"    END)))::text,"
		" COALESCE(a.external_id, ''), " NAMED("dir_unit", "a.unit", "")
		", " NAMED("dir_department", "a.department", "")
		", " NAMED("dir_term", "a.topic", " AND d.taxonomy = 'topic'")
		", v.body "
		"FROM claimed c "
		"LEFT JOIN appeal a ON a.appeal_id = c.appeal_id "
		"LEFT JOIN webhook h ON c.channel = 'webhook/' || h.name"
		" AND NOT h.off "
		"LEFT JOIN desk_version v ON v.kind = 1"
		" AND v.code = c.template AND v.state = 2" },
	/* $4 attempt, $5 outcome, $6 status, $7 state, $8 pause in ms, $9
	 * subject, $10 body. What is known to be sent is sent, whoever claimed
	 * it meanwhile. */
	[MAIL_OUTGOING_ENDED] = { "mail_outgoing_ended",
		"WITH ended AS (UPDATE outgoing_attempt SET ended_at = now(),"
		"  outcome = $5::text, status = $6::integer"
		"  WHERE appeal_id = $1::uuid AND revision = $2::bigint"
		"  AND channel = $3::text AND attempt = $4::integer) "
		"UPDATE outgoing SET state = $7::integer,"
		" sent_at = CASE WHEN $7 = 2 THEN now() END,"
		" next_at = now() + $8::integer * interval '1 ms',"
		" subject = $9::text, body = $10::text "
		"WHERE appeal_id = $1 AND revision = $2 AND channel = $3"
		" AND state < 2 AND ($7 = 2 OR attempts = $4)" },
	[MAIL_OUTGOING_EXPIRE] = { "mail_outgoing_expire",
		"UPDATE outgoing SET state = 3 WHERE (appeal_id, revision,"
		" channel) IN (SELECT appeal_id, revision, channel"
		" FROM outgoing WHERE state = 0 AND next_at <= now()"
		" AND created_at < now() - $1::integer * interval '1 day'"
		" LIMIT 1000 FOR UPDATE SKIP LOCKED)" },
	[MAIL_OUTGOING_WAITING] = { "mail_outgoing_waiting",
		"SELECT count(*), COALESCE(extract(epoch FROM"
		" now() - min(created_at))::bigint, 0)"
		" FROM outgoing WHERE state < 2" },
	[MAIL_OUTGOING_LIST] = { "mail_outgoing_list",
		"SELECT " OUTGOING_COLUMNS " FROM outgoing"
		" WHERE appeal_id = $1::uuid ORDER BY revision, channel" },
	[MAIL_OUTGOING_EXPORT] = { "mail_outgoing_export",
		"SELECT " OUTGOING_COLUMNS ", appeal_id::text, address FROM outgoing"
		" WHERE appeal_id = ANY ($1::uuid[]) AND channel = 'email'"
		" ORDER BY created_at, appeal_id, revision" },
	[MAIL_OUTGOING_ATTEMPTS] = { "mail_outgoing_attempts",
		"SELECT revision, channel, attempt, started_at, ended_at,"
		" outcome, status FROM outgoing_attempt"
		" WHERE appeal_id = $1::uuid"
		" ORDER BY revision, channel, attempt" },
	/* $1 state, $2 channel, $3 to $5 the last one of the page before, $6 how
	 * many. Each state has an index of its own. */
	[MAIL_OUTGOING_FIND] = { "mail_outgoing_find",
		"SELECT o.appeal_id, o.revision, o.channel, o.event,"
		" o.template, o.state, o.created_at, o.next_at, o.sent_at,"
		" COALESCE(a.attempt, 0), a.started_at, a.ended_at,"
		" COALESCE(a.outcome, ''), COALESCE(a.status, 0) FROM ("
		FOUND("state < 2", "< 2") " UNION ALL "
		FOUND("state = 2", "= 2") " UNION ALL "
		FOUND("state = 3", "= 3") ") o "
		"LEFT JOIN LATERAL (SELECT * FROM outgoing_attempt t"
		" WHERE " SAME_ROW("t", "o") " AND t.attempt = o.attempts"
		" OFFSET 0) a ON true "
		"ORDER BY " OUTGOING_ORDER("o") },
	/* One that is being sent is tried already. */
	[MAIL_OUTGOING_RETRY] = { "mail_outgoing_retry",
		"UPDATE outgoing SET state = CASE state WHEN 1 THEN 1 ELSE 0 END,"
		" next_at = CASE state WHEN 1 THEN next_at ELSE now() END"
		" WHERE appeal_id = $1::uuid AND revision = $2::bigint"
		" AND channel = $3::text AND state <> 2" },
	[MAIL_WEBHOOK_PUT] = { "mail_webhook_put",
		"INSERT INTO webhook AS w (name, url, secret, rightful, off)"
		" VALUES ($1::text, $2::text, $3::text, $4::boolean,"
		" $5::boolean) ON CONFLICT (name) DO UPDATE SET"
		" url = EXCLUDED.url, secret = EXCLUDED.secret,"
		" rightful = EXCLUDED.rightful, off = EXCLUDED.off"
		" WHERE (w.url, w.secret, w.rightful, w.off) IS DISTINCT FROM"
		" (EXCLUDED.url, EXCLUDED.secret, EXCLUDED.rightful,"
		" EXCLUDED.off)" },
	[MAIL_WEBHOOK_LIST] = { "mail_webhook_list",
		"SELECT name, url, secret, rightful, off FROM webhook"
		" ORDER BY name" },
	/* Another server or login is another mailbox: read from its start. */
	[MAIL_BOX_PUT] = { "mail_box_put",
		"INSERT INTO mailbox AS b (name, url, login, secret, kind,"
		" channel, topic, unit, department, off)"
		" VALUES ($1::text, $2::text, $3::text, $4::text, $5::text,"
		" $6::text, $7::text, $8::text, $9::text, $10::boolean)"
		" ON CONFLICT (name) DO UPDATE SET url = EXCLUDED.url,"
		" login = EXCLUDED.login, secret = EXCLUDED.secret,"
		" kind = EXCLUDED.kind, channel = EXCLUDED.channel,"
		" topic = EXCLUDED.topic, unit = EXCLUDED.unit,"
		" department = EXCLUDED.department, off = EXCLUDED.off,"
		" uid = CASE WHEN (b.url, b.login) ="
		"  (EXCLUDED.url, EXCLUDED.login) THEN b.uid ELSE 0 END"
		" WHERE (b.url, b.login, b.secret, b.kind, b.channel, b.topic,"
		" b.unit, b.department, b.off) IS DISTINCT FROM"
		" (EXCLUDED.url, EXCLUDED.login, EXCLUDED.secret,"
		" EXCLUDED.kind, EXCLUDED.channel, EXCLUDED.topic,"
		" EXCLUDED.unit, EXCLUDED.department, EXCLUDED.off)" },
	[MAIL_BOX_LIST] = { "mail_box_list",
		"SELECT name, url, login, secret, kind, channel, topic, unit,"
		" department, off, polled_at, problem,"
		" (SELECT count(*) FROM mail_taken t WHERE t.mailbox = b.name),"
		" (SELECT count(*) FROM mail_aside a WHERE a.mailbox = b.name)"
		" FROM mailbox b ORDER BY name" },
	/* The one that was not looked into for longest; $1 lease in ms, $2 time
	 * between looks in ms. */
	[MAIL_BOX_LEASE] = { "mail_box_lease",
		"UPDATE mailbox SET leased_until = now()"
		" + $1::integer * interval '1 ms' "
		"WHERE name = (SELECT name FROM mailbox WHERE NOT off"
		" AND leased_until <= now() ORDER BY leased_until"
		" LIMIT 1 FOR UPDATE SKIP LOCKED) "
		"RETURNING name, url, login, secret, kind, channel, topic,"
		" unit, department, uidvalidity, uid" },
	/* $2: the next look in ms; $3 what went wrong, '' = nothing */
	[MAIL_BOX_POLLED] = { "mail_box_polled",
		"UPDATE mailbox SET"
		" leased_until = now() + $2::integer * interval '1 ms',"
		" polled_at = CASE WHEN $3::text = '' THEN now()"
		"  ELSE polled_at END, problem = $3"
		" WHERE name = $1::text" },
	/* All up to uid are done; never back within one generation. $4: lease
	 * in ms. */
	[MAIL_BOX_DONE] = { "mail_box_done",
		"UPDATE mailbox SET uidvalidity = $2::bigint, uid = $3::bigint,"
		" leased_until = now() + $4::integer * interval '1 ms' "
		"WHERE name = $1::text"
		" AND (uidvalidity <> $2 OR uid < $3)" },
	[MAIL_ASIDE_PUT] = { "mail_aside_put",
		"INSERT INTO mail_aside (mailbox, uidvalidity, uid, reason,"
		" size_bytes) VALUES ($1::text, $2::bigint, $3::bigint,"
		" $4::integer, $5::bigint) ON CONFLICT DO NOTHING" },
	[MAIL_ASIDE_LIST] = { "mail_aside_list",
		"SELECT mailbox, uidvalidity, uid, reason, size_bytes, put_at"
		" FROM mail_aside WHERE ($1::text = '' OR mailbox = $1)"
		" AND put_at < COALESCE($2::timestamptz, 'infinity')"
		" ORDER BY put_at DESC, mailbox, uid LIMIT $3::bigint" },
	[MAIL_TAKEN] = { "mail_taken",
		"INSERT INTO mail_taken (mailbox, uidvalidity, uid, appeal_id,"
		" external_id, message_id, sender) VALUES ($1::text,"
		" $2::bigint, $3::bigint, $4::uuid, $5::text, $6::text,"
		" $7::bytea)"
		" ON CONFLICT DO NOTHING" },
	/* $1 what the mail is called by, $2 its sender, $3 case by id, $4 by
	 * the digits of its number: was it taken before; how many of this
	 * sender within the hour; the case that it names, with its state; is
	 * the sender the one of then; is $5, $6 a contact of the case's
	 * customer. */
	[MAIL_TAKEN_FIND] = { "mail_taken_find",
		"SELECT t.appeal_id, (SELECT count(*) FROM mail_taken WHERE sender = $2::bytea"
		"  AND taken_at > now() - interval '1 hour'),"
		" a.appeal_id, COALESCE(a.state, 0),"
		" COALESCE(t.same_sender, false), COALESCE($5::bytea IN"
		"  (SELECT subject_contacts(ARRAY[a.subject])), false) "
		"OR EXISTS (SELECT FROM appeal_person p"
		"  WHERE p.appeal_id = a.appeal_id"
		"  AND lower(p.email) = lower($6::text)) "
		"FROM (SELECT 1) AS one"
		" LEFT JOIN (SELECT appeal_id, sender = $2 AS same_sender"
		"  FROM mail_taken WHERE external_id = $1::text"
		"  ORDER BY sender = $2 DESC LIMIT 1) t ON true"
		" LEFT JOIN appeal a ON a.appeal_id ="
		" COALESCE($3::uuid, (SELECT o.appeal_id FROM outgoing o"
		"  WHERE o.channel = 'email'"
		"  AND right(replace(o.appeal_id::text, '-', ''), 15)"
		"  = $4::text LIMIT 1))" },
};
/* clang-format on */
