/* store_read.c -- from the tables to the cases of a batch, and what a row keeps
 * packed.
 */
#include <string.h>

#include "subjects.h"

/* --- what is packed --- */

void *more_pack(struct arena *arena, const struct appeal_facts *facts,
		size_t *len_r)
{
	Sy__V1__AppealStored stored = SY__V1__APPEAL_STORED__INIT;
	Sy__V1__AppealFacts more = SY__V1__APPEAL_FACTS__INIT;
	uint8_t *bytes;

	facts_more_to_proto(facts, &more);
	stored.facts = &more;
	stored.judged_us = facts->judged_us;
	stored.wake_us = facts->wake_us;
	*len_r = sy__v1__appeal_stored__get_packed_size(&stored);
	bytes = arena_alloc(arena, *len_r + 1);
	sy__v1__appeal_stored__pack(&stored, bytes);
	return bytes;
}

/* That clock as later rows have it; "" is no policy of the directory. */
static void clock_of_before(struct arena *arena, struct appeal_facts *facts)
{
	Sy__V1__AppealClock *clock = arena_alloc(arena, sizeof(*clock));

	sy__v1__appeal_clock__init(clock);
	clock->clock = (char *)FIRST_RESPONSE;
	clock->state = facts->first_response;
	clock->started_at_us = facts->registered_at_us;
	clock->due_us = facts->first_response_due_us;
	clock->stopped_at_us = facts->first_answer_at_us;
	facts->clocks = arena_alloc(arena, sizeof(facts->clocks[0]));
	facts->clocks[0] = clock;
	facts->clocks_nr = 1;
}

/* A row that was written when first_response was the only clock. */
static void row_of_before(struct arena *arena, struct appeal_facts *facts)
{
	if (facts->first_response != SY__V1__CLOCK_STATE__CLOCK_NONE)
		clock_of_before(arena, facts);
	facts->received_at_us = facts->registered_at_us;
	facts->last_resolved_at_us = facts->resolved_at_us;
	facts->judged_us = facts->registered_at_us;
	if (facts->first_response == SY__V1__CLOCK_STATE__CLOCK_RUNNING)
		facts->wake_us = facts->first_response_due_us;
	if (facts->first_response == SY__V1__CLOCK_STATE__CLOCK_BREACHED)
		facts->judged_us = facts->first_response_due_us + 1;
}

void more_unpack(struct arena *arena, const uint8_t *bytes, size_t len,
		 struct appeal_facts *facts)
{
	const Sy__V1__AppealStored *stored = NULL;
	const Sy__V1__AppealFacts *more;

	if (len > 0)
		stored = sy__v1__appeal_stored__unpack(&arena->allocator, len,
						       bytes);
	if (stored == NULL || stored->facts == NULL) {
		row_of_before(arena, facts);
		return;
	}
	more = stored->facts;
	facts->judged_us = stored->judged_us;
	facts->wake_us = stored->wake_us;
	facts->clocks = more->clocks;
	facts->clocks_nr = more->n_clocks;
	facts->handler = more->handler;
	facts->escalation = more->escalation;
	facts->reopened = more->reopened;
	facts->green_channel = more->green_channel;
	facts->informed_at_us = more->informed_at_us;
	facts->next_due_us = more->next_due_us;
	facts->promises_open = more->promises_open;
	facts->promises_kept = more->promises_kept;
	facts->promises_broken = more->promises_broken;
	facts->tasks_open = more->tasks_open;
	facts->merged_into = more->merged_into;
	facts->repeat_of = more->repeat_of;
	facts->repeat_provisional = more->repeat_provisional;
	facts->red_line = more->red_line;
	facts->red_line_outcome = more->red_line_outcome;
	facts->rating = more->rating;
	facts->matter = more->matter;
	facts->last_resolved_at_us = more->last_resolved_at_us;
	facts->attachments = more->attachments;
	facts->received_at_us = more->received_at_us;
}

const Sy__V1__AppealDetail *detail_unpack(struct arena *arena,
					  enum fact_type type,
					  const uint8_t *bytes, size_t len)
{
	/* those that come after say nothing in no bytes */
	if (len == 0 && type <= FACT_CLOSE)
		return NULL;
	return sy__v1__appeal_detail__unpack(&arena->allocator, len, bytes);
}

/* --- reading --- */

char *store_id_text(struct arena *arena, const struct db_result *res,
		    int statement, int row)
{
	char *text = arena_alloc(arena, UUID_TEXT_MAX);
	size_t len;
	const uint8_t *id = db_get_bytes(res, statement, row, 0, &len);

	return len == UUID_BYTES ? uuid_format(id, text) : text;
}

void store_facts(struct arena *arena, const struct db_result *res,
		 int statement, int row, int col, struct appeal_facts *facts_r)
{
	struct appeal_facts *f = facts_r;
	const uint8_t *more;
	size_t len;

	appeal_facts_init(f);
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
	f->closed_at_us = db_get_time(res, statement, row, col++);
	more = db_get_bytes(res, statement, row, col, &len);
	more_unpack(arena, more, len, f);
}

void complaints_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	struct points_at *to =
		arena_alloc(&batch->arena, batch->n * sizeof(*to));
	uint8_t id[UUID_BYTES];

	for (size_t i = 0; i < batch->n; i++)
		to[i] = item_points_at(batch->items[i]);
	db_exec(pipe, SQL_READ);
	/* twice over the items: the keys' sources, then their ids */
	for (int pass = 0; pass < 2; pass++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < batch->n; i++) {
			if (to[i].external_id != NULL)
				db_array_text(
					pipe,
					pass == 0 ? batch->items[i]->principal
						  : to[i].external_id);
		}
		db_array_end(pipe);
	}
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		if (to[i].appeal_id != NULL &&
		    uuid_parse(to[i].appeal_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
		if (to[i].other_id != NULL &&
		    uuid_parse(to[i].other_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
	}
	db_array_end(pipe);
	subjects_read(svc, batch, pipe, to);
}

static struct appeal_case *
store_case(struct cases *cases, const struct db_result *res, int st, int row)
{
	struct arena *a = cases->arena;
	struct appeal_case *c;
	const uint8_t *bytes;
	size_t len;

	bytes = db_get_bytes(res, st, row, 0, &len);
	c = cases_add(cases, bytes,
		      arena_strdup(a, db_get_text(res, st, row, 1)),
		      arena_strdup(a, db_get_text(res, st, row, 2)));
	c->revision_read = (uint64_t)db_get_i64(res, st, row, 3);
	c->revision = c->revision_read;
	store_facts(a, res, st, row, STORE_FACTS_COL, &c->now);
	for (int i = 0; i < CODE_NR; i++)
		c->now.code[i] = arena_strdup(a, c->now.code[i]);
	c->read = c->now;
	bytes = db_get_bytes(res, st, row, STORE_FACTS_COL + STORE_FACTS_COLS,
			     &len);
	c->has_subject = len == sizeof(c->subject);
	if (c->has_subject)
		memcpy(c->subject, bytes, len);
	c->erased = db_get_bool(res, st, row,
				STORE_FACTS_COL + STORE_FACTS_COLS + 1);
	return c;
}

int store_fact(struct arena *arena, const struct db_result *res, int st,
	       int row, int col, struct appeal_fact *f)
{
	const uint8_t *bytes;
	size_t len;

	f->n = db_get_i32(res, st, row, col++);
	f->type = (enum fact_type)db_get_i64(res, st, row, col++);
	f->occurred_at_us = db_get_time(res, st, row, col++);
	f->source = arena_strdup(arena, db_get_text(res, st, row, col++));
	bytes = db_get_bytes(res, st, row, col++, &len);
	if (len == sizeof(f->body_hash))
		memcpy(f->body_hash, bytes, len);
	for (int i = 0; i < CODE_NR; i++)
		f->code[i] =
			arena_strdup(arena, db_get_text(res, st, row, col++));
	bytes = db_get_bytes(res, st, row, col++, &len);
	f->detail = detail_unpack(arena, f->type, bytes, len);
	if (!db_is_null(res, st, row, col)) {
		f->fit = FIT_REFUSED;
		f->why = arena_strdup(arena, db_get_text(res, st, row, col));
	}
	return col + 1;
}

/* Rows of one case stand together; what an earlier statement has given is
 * there. */
void store_cases(struct cases *cases, const struct db_result *res, int first)
{
	const struct appeal_case *last = NULL;

	for (int row = 0; row < db_rows(res, first); row++) {
		size_t len;
		const uint8_t *id = db_get_bytes(res, first, row, 0, &len);
		struct appeal_case *c = cases_find_id(cases, id);
		struct appeal_fact *f;

		if (c != NULL && c != last)
			continue;
		if (c == NULL)
			c = store_case(cases, res, first, row);
		last = c;
		f = case_fact_room(cases, c);
		store_fact(cases->arena, res, first, row,
			   STORE_FACTS_COL + STORE_FACTS_COLS + 2, f);
		c->facts_nr++;
		c->facts_stored = c->facts_nr;
	}
}
