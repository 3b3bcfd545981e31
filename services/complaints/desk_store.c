/* desk_store.c -- every statement of the desk, and what carries records between
 * the tables and desk_decide.c.
 */
#include <string.h>

#include "desk.h"

#define AT(id) [(id)-DESK_SQL_FIRST]

/* As desk_rows.c reads them; r: desk_record, v: desk_version. */
#define ROW_COLUMNS                                                            \
	"r.code, r.owner, r.unit, r.used, v.version, v.state, v.author, "      \
	"v.decided_by, v.made_at, v.decided_at, v.body"
#define LIVE "v.state IN (1, 2)"
/* Neither closed nor withdrawn nor merged. */
#define OPEN "a.open"
#define TAKE "INSERT INTO desk_taken (appeal_id, handler, asked_by, attempt)"
#define TAKE_OVER                                                              \
	"ON CONFLICT (appeal_id) DO UPDATE SET handler = excluded.handler, "   \
	"asked_by = excluded.asked_by, attempt = excluded.attempt, "           \
	"taken_at = excluded.taken_at "                                        \
	"WHERE desk_taken.taken_at < now() - interval '10 seconds'"
#define QUEUED                                                                 \
	OPEN " AND a.handler = '' AND a.registered_at IS NOT NULL "            \
	     "AND NOT EXISTS (SELECT FROM desk_taken t "                       \
	     "WHERE t.appeal_id = a.appeal_id "                                \
	     "AND t.taken_at >= now() - interval '10 seconds') "               \
	     "AND ($1::text = '' OR EXISTS (SELECT FROM dir_unit_path p "      \
	     "WHERE p.ancestor = $1 AND p.unit = a.unit COLLATE \"default\" "  \
	     "AND a.registered_day >= p.from_day "                             \
	     "AND (p.to_day = 0 OR a.registered_day < p.to_day))) "            \
	     "AND ($2::text = '' OR a.department = '' OR a.department = $2) "  \
	     "AND ($3::text[] = '{}' OR a.topic = ANY ($3) "                   \
	     "OR a.product = ANY ($3) OR a.segment = ANY ($3) "                \
	     "OR a.kind = ANY ($3))"

/* clang-format off */
const struct db_statement desk_sql[DESK_SQL_END - DESK_SQL_FIRST] = {
	/* With all articles above those that are asked for. */
	AT(DESK_SQL_READ) = { "desk_read",
		"WITH RECURSIVE want (kind, code) AS ("
		" SELECT k.kind, k.code COLLATE \"C\""
		"  FROM unnest($1::smallint[], $2::text[]) AS k (kind, code)"
		" UNION SELECT r.kind, r.parent FROM want w"
		"  JOIN desk_record r ON r.kind = w.kind AND r.code = w.code"
		"  WHERE r.parent <> '') "
		"SELECT r.kind, r.code, r.revision, r.owner, r.unit, r.parent,"
		" r.version, v.version, v.state, v.author, v.body "
		"FROM want w"
		" JOIN desk_record r ON r.kind = w.kind AND r.code = w.code"
		" LEFT JOIN desk_version v ON v.kind = r.kind"
		"  AND v.code = r.code AND " LIVE " "
		"ORDER BY r.kind, r.code, v.version" },
	AT(DESK_SQL_CLAIM) = { "desk_claim",
		"SELECT desk_claim($1::smallint[], $2::text[], $3::bigint[],"
		" $4::text[])" },
	AT(DESK_SQL_RECORDS) = { "desk_records",
		"UPDATE desk_record r SET revision = w.revision, unit = w.unit,"
		" parent = w.parent, version = w.version, changed_at = now() "
		"FROM unnest($1::smallint[], $2::text[], $3::bigint[],"
		" $4::text[], $5::text[], $6::integer[])"
		" AS w (kind, code, revision, unit, parent, version) "
		"WHERE r.kind = w.kind AND r.code = w.code" },
	AT(DESK_SQL_DECIDED) = { "desk_decided",
		"UPDATE desk_version v SET state = w.state,"
		" decided_by = w.decided_by, decided_at = now() "
		"FROM unnest($1::smallint[], $2::text[], $3::integer[],"
		" $4::smallint[], $5::text[])"
		" AS w (kind, code, version, state, decided_by) "
		"WHERE v.kind = w.kind AND v.code = w.code"
		" AND v.version = w.version" },
	AT(DESK_SQL_VERSIONS) = { "desk_versions",
		"INSERT INTO desk_version (kind, code, version, state,"
		" decided_by, decided_at, author, typed, body) "
		"SELECT w.kind, w.code, w.version, w.state, w.decided_by,"
		" CASE WHEN w.decided_by <> '' THEN now() END, w.author,"
		" w.typed, w.body "
		"FROM unnest($1::smallint[], $2::text[], $3::integer[],"
		" $4::smallint[], $5::text[], $6::text[], $7::text[],"
		" $8::bytea[]) AS w (kind, code, version, state, decided_by,"
		" author, typed, body)" },
	AT(DESK_SQL_WORDS) = { "desk_words",
		"INSERT INTO desk_words (code, version, lang, public, words) "
		"SELECT w.code, w.version, w.lang, w.public,"
		" w.words::tsvector "
		"FROM unnest($1::text[], $2::integer[], $3::text[],"
		" $4::boolean[], $5::text[])"
		" AS w (code, version, lang, public, words)" },
	AT(DESK_SQL_SENT) = { "desk_sent",
		"DELETE FROM desk_draft d "
		"USING unnest($1::text[], $2::uuid[], $3::text[])"
		" AS w (principal, appeal_id, kind) "
		"WHERE d.principal = w.principal"
		" AND d.appeal_id = w.appeal_id AND d.kind = w.kind" },
	AT(DESK_SQL_TRIM_DRAFTS) = { "desk_trim_drafts",
		"DELETE FROM desk_draft"
		" WHERE saved_at < now() - interval '30 days'" },
	AT(DESK_SQL_TRIM_PRESENCE) = { "desk_trim_presence",
		"DELETE FROM desk_presence"
		" WHERE seen_at < now() - interval '1 hour'" },
	AT(DESK_SQL_TRIM_LINKS) = { "desk_trim_links",
		"DELETE FROM desk_rating_link"
		" WHERE expires_at < now() - interval '30 days'" },
	AT(DESK_SQL_TRIM_TAKEN) = { "desk_trim_taken",
		"DELETE FROM desk_taken"
		" WHERE taken_at < now() - interval '1 day'" },
	/* A view's filter may name a customer. */
	AT(DESK_SQL_TRIM_VERSIONS) = { "desk_trim_versions",
		"DELETE FROM desk_version WHERE kind IN (3, 4) AND state = 3"
		" AND decided_at < now() - interval '30 days'" },

	/* $1 kind, $2 after this code, $3 state (0: live ones), $4 codes. A
	 * record without such a version has a row too: the page goes on behind
	 * it. */
	AT(DESK_SQL_LIST) = { "desk_list",
		"SELECT " ROW_COLUMNS " FROM ("
		" SELECT * FROM desk_record WHERE kind = $1::integer"
		"  AND code > $2::text ORDER BY code LIMIT $4::bigint) r "
		"LEFT JOIN desk_version v ON v.kind = r.kind"
		" AND v.code = r.code AND CASE $3::integer WHEN 0 THEN " LIVE
		" ELSE v.state = $3 END "
		"ORDER BY r.code, v.version DESC" },
	/* $1 kind, $2 code: the newest first */
	AT(DESK_SQL_GET) = { "desk_get",
		"SELECT " ROW_COLUMNS " FROM desk_record r"
		" JOIN desk_version v ON v.kind = r.kind AND v.code = r.code "
		"WHERE r.kind = $1::integer AND r.code = $2::text "
		"ORDER BY v.version DESC LIMIT 50" },
	AT(DESK_SQL_USED) = { "desk_used",
		"UPDATE desk_record SET used = used + 1"
		" WHERE kind = $1::integer AND code = $2::text" },
	/* $1 question, $2 language ('' = all), $3 public ones alone */
	AT(DESK_SQL_SEARCH) = { "desk_search",
		"SELECT " ROW_COLUMNS " FROM ("
		" SELECT w.code, w.version,"
		"  max(ts_rank(w.words, $1::text::tsquery)) AS rank"
		" FROM desk_words w WHERE w.words @@ $1::text::tsquery"
		"  AND ($2::text = '' OR w.lang = $2)"
		"  AND (w.public OR NOT $3::boolean)"
		" GROUP BY w.code, w.version) f "
		"JOIN desk_version v ON v.kind = 2 AND v.code = f.code"
		" AND v.version = f.version AND v.state = 2 "
		"JOIN desk_record r ON r.kind = 2 AND r.code = f.code "
		"ORDER BY f.rank DESC, f.code LIMIT 200" },
	AT(DESK_SQL_FAQ) = { "desk_faq",
		"SELECT " ROW_COLUMNS " FROM desk_record r"
		" JOIN desk_version v ON v.kind = r.kind AND v.code = r.code"
		"  AND v.state = 2 "
		"WHERE r.kind = 2 AND ($1::text = '' OR r.code = $1)"
		" AND EXISTS (SELECT FROM desk_words w WHERE w.code = v.code"
		"  AND w.version = v.version AND w.public) "
		"ORDER BY r.code LIMIT 2000" },
	/* $1 kind, $2 owner ('' = all): approved ones of the owner, or shared */
	AT(DESK_SQL_VIEWS) = { "desk_views",
		"SELECT " ROW_COLUMNS " FROM desk_record r"
		" JOIN desk_version v ON v.kind = r.kind AND v.code = r.code"
		"  AND v.state = 2 "
		"WHERE r.kind = $1::integer"
		" AND ($2::text = '' OR r.owner = $2 OR r.unit <> '') "
		"ORDER BY r.code LIMIT 2000" },

	/* $2: may read everyone's personal data, not only that of $3's own */
	AT(DESK_SQL_CASE) = { "desk_case",
		"SELECT a.appeal_id, a.source, a.external_id, a.state, a.unit,"
		" a.department, a.kind, a.topic, a.product, a.segment,"
		" a.registered_at, a.registered_day, a.first_response_due,"
		" p.name FROM appeal a LEFT JOIN appeal_person p"
		" ON p.appeal_id = a.appeal_id"
		" AND ($2::boolean OR a.source = $3::text) "
		"WHERE a.appeal_id = $1::uuid" },
	/* $1 unit, $2 department, $3 topic, $4 day: what they are called */
	AT(DESK_SQL_NAMES) = { "desk_names",
		"(SELECT 0 AS what, name_ru, name_zh, name_en FROM dir_unit"
		" WHERE code = $1::text AND valid_from_day <= $4::integer"
		" ORDER BY valid_from_day DESC LIMIT 1) UNION ALL "
		"(SELECT 1, name_ru, name_zh, name_en FROM dir_department"
		" WHERE code = $2::text AND valid_from_day <= $4"
		" ORDER BY valid_from_day DESC LIMIT 1) UNION ALL "
		"(SELECT 2, name_ru, name_zh, name_en FROM dir_term"
		" WHERE taxonomy = 'topic' AND code = $3::text"
		" AND valid_from_day <= $4"
		" ORDER BY valid_from_day DESC LIMIT 1)" },

	/* Of an erased case nothing is kept; nor while it is being erased. */
	AT(DESK_SQL_DRAFT_PUT) = { "desk_draft_put",
		"INSERT INTO desk_draft (principal, appeal_id, kind, text,"
		" template) SELECT $1::text, appeal_id, $3::text, $4::text,"
		" $5::text FROM appeal WHERE appeal_id = $2::uuid"
		" AND erased_at IS NULL FOR SHARE"
		" ON CONFLICT (principal, appeal_id, kind) DO UPDATE"
		" SET text = excluded.text, template = excluded.template,"
		" saved_at = excluded.saved_at RETURNING saved_at" },
	AT(DESK_SQL_DRAFT_DROP) = { "desk_draft_drop",
		"DELETE FROM desk_draft WHERE principal = $1::text"
		" AND appeal_id = $2::uuid AND kind = $3::text" },
	AT(DESK_SQL_DRAFTS_EXPORT) = { "desk_drafts_export",
		"SELECT appeal_id, kind, text, template, saved_at, principal"
		" FROM desk_draft WHERE appeal_id = ANY ($1::uuid[])"
		" ORDER BY saved_at, principal, kind" },
	/* $2: NULL = of all cases */
	AT(DESK_SQL_DRAFTS) = { "desk_drafts",
		"SELECT appeal_id, kind, text, template, saved_at"
		" FROM desk_draft WHERE principal = $1::text"
		" AND appeal_id = COALESCE($2::uuid, appeal_id)"
		" AND saved_at >= now() - interval '30 days'"
		" ORDER BY saved_at DESC LIMIT 100" },

	AT(DESK_SQL_PRESENT_PUT) = { "desk_present_put",
		"INSERT INTO desk_presence (appeal_id, principal, writing,"
		" seen_at) VALUES ($1::uuid, $2::text, $3::boolean, now())"
		" ON CONFLICT (appeal_id, principal) DO UPDATE SET"
		" writing = excluded.writing, seen_at = excluded.seen_at" },
	AT(DESK_SQL_PRESENT_DROP) = { "desk_present_drop",
		"DELETE FROM desk_presence WHERE appeal_id = $1::uuid"
		" AND principal = $2::text" },
	AT(DESK_SQL_PRESENT) = { "desk_present",
		"SELECT principal, writing, seen_at FROM desk_presence"
		" WHERE appeal_id = $1::uuid AND principal <> $2::text"
		" AND seen_at > now() - interval '30 seconds'"
		" ORDER BY principal LIMIT 100" },

	/* Open cases of each who has a seat; $1 the kind of seats. */
	AT(DESK_SQL_LOADS) = { "desk_loads",
		"SELECT a.handler, count(*) FROM appeal a"
		" WHERE a.handler <> '' AND " OPEN
		" AND a.handler IN (SELECT code FROM desk_record"
		"  WHERE kind = $1::integer) GROUP BY a.handler" },
	/* Nobody's case that is due first goes to $4, who asks with the key $5; $1
	 * subtree ('' = all), $2 department, $3 skills, as seat_skilled has them.
	 * What has no clock comes behind. False: another was quicker. */
	AT(DESK_SQL_QUEUE) = { "desk_queue",
		"WITH next AS ("
		"(SELECT a.appeal_id FROM appeal a WHERE " QUEUED
		" AND a.next_due IS NOT NULL"
		" ORDER BY a.next_due, a.appeal_id LIMIT 1) UNION ALL "
		"(SELECT a.appeal_id FROM appeal a WHERE " QUEUED
		" AND a.next_due IS NULL"
		" ORDER BY a.registered_at, a.appeal_id LIMIT 1) LIMIT 1), "
		"taken AS (" TAKE " SELECT appeal_id, $4::text, $4, $5::text"
		" FROM next " TAKE_OVER " RETURNING appeal_id) "
		"SELECT appeal_id, EXISTS (SELECT FROM taken) FROM next" },
	/* What $1 was given for the key $2, and whether it has come there. */
	AT(DESK_SQL_TAKEN) = { "desk_taken",
		"SELECT t.appeal_id, t.handler, a.handler = t.handler"
		" FROM desk_taken t JOIN appeal a USING (appeal_id)"
		" WHERE t.asked_by = $1::text AND t.attempt = $2::text"
		" AND t.attempt <> '' LIMIT 1" },
	/* $1 case, $2 handler, $3 who asks, $4 key */
	AT(DESK_SQL_TAKE) = { "desk_take",
		TAKE " VALUES ($1::uuid, $2::text, $3::text, $4::text) "
		TAKE_OVER " RETURNING appeal_id" },

	AT(DESK_SQL_LINK_PUT) = { "desk_link_put",
		"INSERT INTO desk_rating_link (code_hash, appeal_id, made_by,"
		" expires_at) VALUES ($1::bytea, $2::uuid, $3::text,"
		" now() + interval '30 days') RETURNING expires_at" },
	/* One at a time: who dies over it gives it free after 10 s. */
	AT(DESK_SQL_LINK_CLAIM) = { "desk_link_claim",
		"UPDATE desk_rating_link SET claimed_at = now()"
		" WHERE code_hash = $1::bytea AND used_at IS NULL"
		" AND expires_at > now() AND (claimed_at IS NULL"
		"  OR claimed_at < now() - interval '10 seconds')"
		" RETURNING appeal_id" },
	/* $2: it was used, else it may be tried again */
	AT(DESK_SQL_LINK_SETTLE) = { "desk_link_settle",
		"UPDATE desk_rating_link SET claimed_at = NULL,"
		" used_at = CASE WHEN $2::boolean THEN now() END"
		" WHERE code_hash = $1::bytea" },
};
/* clang-format on */

/* --- a batch --- */

static void want(struct db_pipe *pipe, const struct bus_batch *batch,
		 struct arena *arena, bool codes)
{
	db_array_begin(pipe, codes ? DB_ARRAY_TEXT : DB_ARRAY_I16);
	for (size_t i = 0; i < batch->n; i++) {
		struct desk_asked a;

		desk_asked_read(&a, batch->items[i], arena);
		if (a.act == ACT_TRIM)
			continue;
		if (codes)
			db_array_text(pipe, a.code);
		else
			db_array_int(pipe, a.kind);
		if (a.parent[0] == '\0')
			continue;
		if (codes)
			db_array_text(pipe, a.parent);
		else
			db_array_int(pipe, a.kind);
	}
	db_array_end(pipe);
}

void desk_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	(void)svc;
	db_exec(pipe, DESK_SQL_READ);
	want(pipe, batch, &batch->arena, false);
	want(pipe, batch, &batch->arena, true);
}

static const char *text(struct arena *arena, const struct db_result *res,
			int st, int row, int col)
{
	return arena_strdup(arena, db_get_text(res, st, row, col));
}

static void store_version(struct arena *arena, struct desk_record *r,
			  const struct db_result *res, int st, int row)
{
	struct desk_version *v;
	const uint8_t *body;
	size_t len;

	if (db_is_null(res, st, row, 7))
		return;
	v = arena_alloc(arena, sizeof(*v));
	v->version = (uint32_t)db_get_i32(res, st, row, 7);
	v->state = (Sy__V1__DeskState)db_get_i64(res, st, row, 8);
	v->state_read = v->state;
	v->author = text(arena, res, st, row, 9);
	v->decided_by = "";
	body = db_get_bytes(res, st, row, 10, &len);
	v->body.data = arena_memdup(arena, body, len);
	v->body.len = len;
	v->next = r->versions;
	r->versions = v;
}

void store_records(struct desk_records *records, const struct db_result *res,
		   int first)
{
	struct arena *arena = records->arena;

	for (int row = 0; row < db_rows(res, first); row++) {
		enum desk_kind kind =
			(enum desk_kind)db_get_i64(res, first, row, 0);
		const char *code = db_get_text(res, first, row, 1);
		struct desk_record *r = records_find(records, kind, code);

		if (r == NULL) {
			r = records_add(records, kind,
					arena_strdup(arena, code));
			r->revision_read = db_get_i64(res, first, row, 2);
			r->revision = r->revision_read;
			r->owner = text(arena, res, first, row, 3);
			r->unit = text(arena, res, first, row, 4);
			r->parent = text(arena, res, first, row, 5);
			r->last = (uint32_t)db_get_i32(res, first, row, 6);
		}
		store_version(arena, r, res, first, row);
	}
}
