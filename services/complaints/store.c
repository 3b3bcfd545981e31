/* store.c -- every SQL statement of the service, and what carries cases between
 * the tables and decide.c.
 *
 * write.c fills the statements that write. A batch is a fixed number of
 * statements over arrays, whatever its size. Look- ups stand in LATERAL
 * subqueries: rows are always found by index, also by a plan that was made
 * while the tables were empty.
 */
#include <string.h>

#include "complaints.h"

/* As store_facts reads them. */
#define FACT_COLUMNS                                                           \
	"a.state, a.kind, a.channel, a.topic, a.element, a.product, "          \
	"a.segment, a.unit, a.intake_unit, a.department, a.registered_at, "    \
	"a.registered_day, a.first_answer_at, a.first_response, "              \
	"a.first_response_due, a.resolved_at, a.closed_at"
#define APPEAL_COLUMNS                                                         \
	"a.appeal_id, a.source, a.external_id, a.revision, " FACT_COLUMNS
#define FACT_PLACES                                                            \
	"state, kind, channel, topic, element, product, segment, unit, "       \
	"intake_unit, department, registered_at, registered_day, "             \
	"first_answer_at, first_response, first_response_due, resolved_at, "   \
	"closed_at"

/* Which case: $1 id, or $2 source and $3 external_id. */
#define CASE_ASKED                                                             \
	"a.appeal_id = COALESCE($1::uuid, (SELECT k.appeal_id FROM appeal k "  \
	"WHERE k.source = $2::text AND k.external_id = $3::text))"

const char appeal_columns[] = APPEAL_COLUMNS;

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
		" f.intake_unit, f.department, f.refused_text "
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
		" $22::bytea[])" },
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
		" subject = w.subject "
		"FROM unnest($1::uuid[], $2::bigint[], $3::smallint[],"
		" $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],"
		" $9::text[], $10::text[], $11::text[], $12::text[],"
		" $13::timestamptz[], $14::integer[], $15::timestamptz[],"
		" $16::smallint[], $17::timestamptz[], $18::timestamptz[],"
		" $19::timestamptz[], $20::bytea[])"
		" AS w (appeal_id, revision, " FACT_PLACES ", subject) "
		"WHERE appeal.appeal_id = w.appeal_id" },
	[SQL_FACTS] = { "complaints_facts",
		"INSERT INTO appeal_fact (appeal_id, n, type, occurred_at,"
		" source, body_hash, kind, channel, topic, element, product,"
		" segment, unit, intake_unit, department, refused_text) "
		"SELECT * FROM unnest($1::uuid[], $2::integer[],"
		" $3::smallint[], $4::timestamptz[], $5::text[], $6::bytea[],"
		" $7::text[], $8::text[], $9::text[], $10::text[],"
		" $11::text[], $12::text[], $13::text[], $14::text[],"
		" $15::text[], $16::text[])" },
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
	[SQL_TIMERS_PUT] = { "complaints_timers_put",
		"INSERT INTO timer (appeal_id, clock, run, kind, due_at) "
		"SELECT w.appeal_id, '" FIRST_RESPONSE "', 1, 'due', w.due_at "
		"FROM unnest($1::uuid[], $2::timestamptz[])"
		" AS w (appeal_id, due_at)" },
	[SQL_TIMERS_DROP] = { "complaints_timers_drop",
		"DELETE FROM timer USING unnest($1::uuid[]) AS w (appeal_id) "
		"WHERE timer.appeal_id = w.appeal_id"
		" AND timer.clock = '" FIRST_RESPONSE "'" },
	/* $4: may read everyone's personal data, not only its own */
	[SQL_GET] = { "complaints_get",
		"SELECT " APPEAL_COLUMNS ", p.name, p.phone, p.email,"
		" p.address "
		"FROM appeal a LEFT JOIN appeal_person p"
		" ON p.appeal_id = a.appeal_id"
		" AND ($4::boolean OR a.source = $2) "
		"WHERE " CASE_ASKED },
	[SQL_GET_TIMELINE] = { "complaints_get_timeline",
		"SELECT f.type, f.occurred_at, f.accepted_at, f.source, t.text,"
		" f.refused_text FROM appeal a"
		" JOIN appeal_fact f ON f.appeal_id = a.appeal_id"
		" LEFT JOIN appeal_text t ON t.appeal_id = f.appeal_id"
		" AND t.n = f.n AND ($4::boolean OR a.source = $2) "
		"WHERE " CASE_ASKED " ORDER BY f.occurred_at, f.type, f.n" },
	[SQL_SEARCH_MARK] = { "complaints_search_mark",
		"INSERT INTO search_queue (appeal_id) SELECT unnest($1::uuid[])" },
	[SQL_CLOCK_NOW] = { "complaints_clock_now",
		"SELECT clock_timestamp()" },
	[SQL_TIMERS_DUE] = { "complaints_timers_due",
		"SELECT appeal_id, clock FROM timer "
		"WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT 500" },
	[SQL_POLICIES] = { "complaints_policies",
		"SELECT valid_from_day, limit_us FROM clock_policy "
		"WHERE clock = $1::text ORDER BY valid_from_day" },
};
/* clang-format on */

/* --- reading --- */

void store_facts(const struct db_result *res, int statement, int row, int col,
		 struct appeal_facts *facts_r)
{
	struct appeal_facts *f = facts_r;

	f->state = (Sy__V1__AppealState)db_get_i64(res, statement, row, col++);
	for (int i = 0; i < CODE_NR; i++)
		f->code[i] = db_get_text(res, statement, row, col++);
	f->registered_at_us = db_get_time(res, statement, row, col++);
	f->registered_day = db_get_i32(res, statement, row, col++);
	f->first_answer_at_us = db_get_time(res, statement, row, col++);
	f->first_response =
		(Sy__V1__ClockState)db_get_i64(res, statement, row, col++);
	f->first_response_due_us = db_get_time(res, statement, row, col++);
	f->resolved_at_us = db_get_time(res, statement, row, col++);
	f->closed_at_us = db_get_time(res, statement, row, col);
}

void complaints_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const char *external_id, *appeal_id;
	uint8_t id[UUID_BYTES];

	(void)svc;
	db_exec(pipe, SQL_READ);
	/* twice over the items: the keys' sources, then their ids */
	for (int pass = 0; pass < 2; pass++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < batch->n; i++) {
			const struct bus_item *item = batch->items[i];

			item_points_at(item, &external_id, &appeal_id);
			if (external_id != NULL)
				db_array_text(pipe, pass == 0 ? item->principal
							      : external_id);
		}
		db_array_end(pipe);
	}
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		item_points_at(batch->items[i], &external_id, &appeal_id);
		if (appeal_id != NULL && uuid_parse(appeal_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
	}
	db_array_end(pipe);
}

static struct appeal_case *
store_case(struct cases *cases, const struct db_result *res, int st, int row)
{
	struct arena *a = cases->arena;
	struct appeal_case *c;
	const uint8_t *bytes;
	size_t len;

	bytes = db_get_bytes(res, st, row, 0, &len);
	c = cases_find_id(cases, bytes);
	if (c != NULL)
		return c;
	c = cases_add(cases, bytes,
		      arena_strdup(a, db_get_text(res, st, row, 1)),
		      arena_strdup(a, db_get_text(res, st, row, 2)));
	c->revision_read = (uint64_t)db_get_i64(res, st, row, 3);
	c->revision = c->revision_read;
	store_facts(res, st, row, STORE_FACTS_COL, &c->now);
	for (int i = 0; i < CODE_NR; i++)
		c->now.code[i] = arena_strdup(a, c->now.code[i]);
	c->read = c->now;
	bytes = db_get_bytes(res, st, row, STORE_FACTS_COL + STORE_FACTS_COLS,
			     &len);
	c->has_subject = len == sizeof(c->subject);
	if (c->has_subject)
		memcpy(c->subject, bytes, len);
	return c;
}

void store_cases(struct cases *cases, const struct db_result *res, int first)
{
	for (int row = 0; row < db_rows(res, first); row++) {
		int col = STORE_FACTS_COL + STORE_FACTS_COLS + 1;
		struct appeal_case *c = store_case(cases, res, first, row);
		struct appeal_fact *f = case_fact_room(cases, c);
		const uint8_t *hash;
		size_t len;

		f->n = db_get_i32(res, first, row, col++);
		f->type = (enum fact_type)db_get_i64(res, first, row, col++);
		f->occurred_at_us = db_get_time(res, first, row, col++);
		f->source = arena_strdup(cases->arena,
					 db_get_text(res, first, row, col++));
		hash = db_get_bytes(res, first, row, col++, &len);
		if (len == sizeof(f->body_hash))
			memcpy(f->body_hash, hash, len);
		for (int i = 0; i < CODE_NR; i++)
			f->code[i] = arena_strdup(
				cases->arena,
				db_get_text(res, first, row, col++));
		if (!db_is_null(res, first, row, col)) {
			f->fit = FIT_REFUSED;
			f->why =
				arena_strdup(cases->arena,
					     db_get_text(res, first, row, col));
		}
		c->facts_nr++;
		c->facts_stored = c->facts_nr;
	}
}
