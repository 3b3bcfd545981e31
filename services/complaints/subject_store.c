/* subject_store.c -- the statements over subjects, and what carries them
 * between the tables and memory.
 */
#include <string.h>

#include "subject_parts.h"

/* Contacts that are asked for: $1 themselves, those of the cases $2 and of the
 * links $3. */
#define ASKED_CONTACTS                                                         \
	"subject_contacts(ARRAY(SELECT unnest($1::bytea[])"                    \
	" UNION SELECT a.subject FROM unnest($2::uuid[]) AS u (id)"            \
	"  CROSS JOIN LATERAL (SELECT s.subject FROM appeal s"                 \
	"   WHERE s.appeal_id = u.id OFFSET 0) a"                              \
	"  WHERE a.subject IS NOT NULL"                                        \
	" UNION SELECT unnest(ARRAY[l.a, l.b])"                                \
	"  FROM unnest($3::uuid[]) AS u (id)"                                  \
	"  CROSS JOIN LATERAL (SELECT s.a, s.b FROM subject_link s"            \
	"   WHERE s.link_id = u.id OFFSET 0) l)) AS c (contact) "

/* clang-format off */
const struct db_statement subjects_sql[SUBJECT_SQL_NR] = {
	[SQL_AT(SQL_SUBJECT_MEMBERS)] = { "subject_members",
		"SELECT m.contact, m.subject FROM " ASKED_CONTACTS
		"CROSS JOIN LATERAL (SELECT s.contact, s.subject"
		" FROM subject_alias s WHERE s.contact = c.contact OFFSET 0) m" },
	[SQL_AT(SQL_SUBJECT_LINKS)] = { "subject_links",
		"SELECT l.link_id, l.a, l.b, l.revision, l.by_rule, l.split,"
		" l.appeal_id, l.other_appeal_id FROM " ASKED_CONTACTS
		"CROSS JOIN LATERAL (SELECT * FROM subject_link s"
		" WHERE s.a = c.contact OFFSET 0) l" },
	/* $1 contacts; the newest cases of each one's customer */
	[SQL_AT(SQL_SUBJECT_EARLIER)] = { "subject_earlier",
		"SELECT k.contact, a.appeal_id, a.topic, a.product,"
		" a.repeat_of, a.registered_at, a.resolved_at, a.closed_at "
		"FROM unnest($1::bytea[]) AS k (contact) "
		"CROSS JOIN LATERAL subject_contacts(ARRAY[k.contact])"
		" AS m (contact) "
		"CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.subject = m.contact AND s.registered_at IS NOT NULL"
		" AND s.state NOT IN (11, 12)"
		" ORDER BY s.registered_at DESC, s.appeal_id DESC LIMIT 20) a" },
	/* $4: all cases of these customers, else the named ones alone */
	[SQL_AT(SQL_SUBJECT_APPEALS)] = { "subject_appeals",
		"SELECT a.appeal_id, a.revision, a.source, a.unit,"
		" a.registered_day, a.registered_at, a.subject "
		"FROM (SELECT unnest($2::uuid[])"
		" UNION SELECT unnest(ARRAY[l.appeal_id, l.other_appeal_id])"
		"  FROM subject_link l WHERE l.link_id = ANY ($3)"
		" UNION SELECT x.appeal_id FROM " ASKED_CONTACTS
		"  CROSS JOIN LATERAL (SELECT s.appeal_id FROM appeal s"
		"   WHERE s.subject = c.contact AND $4::boolean"
		"   ORDER BY s.registered_at DESC, s.appeal_id DESC"
		"   LIMIT $5) x) AS w (appeal_id) "
		"CROSS JOIN LATERAL (SELECT * FROM appeal s"
		" WHERE s.appeal_id = w.appeal_id AND s.erased_at IS NULL"
		" OFFSET 0) a LIMIT $5" },
	[SQL_AT(SQL_SUBJECT_WRITE)] = { "subject_write",
		"SELECT subject_write($1::bytea[], $2::bytea[], $3::bytea[])" },
	[SQL_AT(SQL_LINK_INSERT)] = { "subject_link_insert",
		"SELECT subject_link_insert($1::uuid[], $2::bytea[],"
		" $3::bytea[], $4::boolean[], $5::uuid[], $6::uuid[],"
		" $7::text[], $8::timestamptz[], $9::text[])" },
	[SQL_AT(SQL_LINK_CHANGE)] = { "subject_link_change",
		"SELECT subject_link_change($1::uuid[], $2::bigint[],"
		" $3::boolean[], $4::uuid[], $5::uuid[], $6::text[],"
		" $7::timestamptz[], $8::text[])" },
	[SQL_AT(SQL_LINK_DROP)] = { "subject_link_drop",
		"DELETE FROM subject_link WHERE a = ANY ($1::bytea[])"
		" OR b = ANY ($1::bytea[])" },
	[SQL_AT(SQL_ERASE)] = { "subject_erase",
		"SELECT appeal_erase($1::uuid, $2::smallint, $3::text,"
		" $4::uuid[], $5::bigint[], $6::bytea)" },
	[SQL_AT(SQL_ERASURES)] = { "subject_erasures",
		"SELECT erasure_id, erased_at, cause, erased_by,"
		" array_to_string(appeal_ids, ' ') FROM erasure "
		"WHERE erased_at >= COALESCE($1::timestamptz, '-infinity')"
		" AND erased_at < COALESCE($2::timestamptz, 'infinity')"
		" AND erasure_id < COALESCE($3::uuid,"
		"  'ffffffff-ffff-ffff-ffff-ffffffffffff') "
		"ORDER BY erasure_id DESC LIMIT $4" },
	[SQL_AT(SQL_RETENTION_PUT)] = { "subject_retention_put",
		"INSERT INTO retention VALUES ($1::text, $2::integer) "
		"ON CONFLICT (kind) DO UPDATE SET days = excluded.days" },
	[SQL_AT(SQL_RETENTION_DROP)] = { "subject_retention_drop",
		"DELETE FROM retention WHERE kind = $1::text" },
	[SQL_AT(SQL_RETENTIONS)] = { "subject_retentions",
		"SELECT kind, days FROM retention ORDER BY kind" },
	[SQL_AT(SQL_RETENTION_DUE)] = { "subject_retention_due",
		"SELECT a.appeal_id FROM retention r "
		"CROSS JOIN LATERAL (SELECT s.appeal_id FROM appeal s"
		" WHERE s.kind = r.kind AND s.erased_at IS NULL"
		" AND s.closed_at < now() - make_interval(days => r.days)"
		" ORDER BY s.closed_at LIMIT $1) a LIMIT $1" },
	/* $1 contacts, $2 cases, $3 links (none), $4 limit */
	[SQL_AT(SQL_SUBJECT_LIST)] = { "subject_list",
		"SELECT a.appeal_id FROM " ASKED_CONTACTS
		"CROSS JOIN LATERAL (SELECT s.appeal_id, s.registered_at"
		" FROM appeal s WHERE s.subject = c.contact"
		" AND (s.registered_at, s.appeal_id) <"
		"  (COALESCE($5::timestamptz, 'infinity'), COALESCE($6::uuid,"
		"   'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
		" ORDER BY s.registered_at DESC, s.appeal_id DESC LIMIT $4) a "
		"ORDER BY a.registered_at DESC, a.appeal_id DESC LIMIT $4" },
};
/* clang-format on */
