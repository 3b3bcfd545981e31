/* warn_list.c -- spikes and sources as lists, and the gaps that a chart shows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mention_read.h"
#include "timeutil.h"
#include "warnings.h"

#define LIMIT 50
#define LIMIT_MAX 200
#define GAPS_DAYS 31

/* --- gaps --- */

void warn_gaps_ask(struct db_pipe *pipe, const char *source, int64_t from_us,
		   int64_t to_us)
{
	db_exec(pipe, WARN_SQL_GAPS);
	db_text(pipe, source);
	db_time(pipe, from_us);
	db_time(pipe, to_us);
}

Sy__V1__SourceGap **warn_gaps_take(const struct db_result *res, int statement,
				   struct arena *arena, size_t *n_r)
{
	size_t rows = (size_t)db_rows(res, statement);
	Sy__V1__SourceGap **gaps =
		arena_alloc(arena, (rows + 1) * sizeof(gaps[0]));

	for (int row = 0; row < (int)rows; row++) {
		Sy__V1__SourceGap *g = arena_alloc(arena, sizeof(*g));

		sy__v1__source_gap__init(g);
		g->source = (char *)db_get_text(res, statement, row, 0);
		g->from_us = db_get_time(res, statement, row, 1);
		g->to_us = db_get_time(res, statement, row, 2);
		g->usual_us = db_get_i64(res, statement, row, 3);
		gaps[row] = g;
	}
	*n_r = rows;
	return gaps;
}

/* --- sources --- */

static void take_gaps_of(Sy__V1__Source *s, Sy__V1__SourceGap **gaps, size_t n,
			 struct arena *arena)
{
	s->gaps = arena_alloc(arena, (n + 1) * sizeof(s->gaps[0]));
	for (size_t i = 0; i < n; i++)
		if (strcmp(gaps[i]->source, s->source) == 0)
			s->gaps[s->n_gaps++] = gaps[i];
}

static void sources_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListSourcesReply reply = SY__V1__LIST_SOURCES_REPLY__INIT;
	Sy__V1__SourceGap **gaps;
	size_t gaps_nr;

	if (bus_reply_db_error(req, res))
		return;
	gaps = warn_gaps_take(res, 1, arena, &gaps_nr);
	reply.sources = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
						   sizeof(reply.sources[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__Source *s = arena_alloc(arena, sizeof(*s));

		sy__v1__source__init(s);
		s->source = (char *)db_get_text(res, 0, row, 0);
		s->first_at_us = db_get_time(res, 0, row, 1);
		s->last_at_us = db_get_time(res, 0, row, 2);
		s->mentions = (uint64_t)db_get_i64(res, 0, row, 3);
		s->usual_us = warn_usual_us(db_get_text(res, 0, row, 4));
		s->silent = db_get_bool(res, 0, row, 5);
		take_gaps_of(s, gaps, gaps_nr, arena);
		reply.sources[reply.n_sources++] = s;
	}
	bus_reply(req, &reply.base);
}

void handle_list_sources(struct bus_request *req)
{
	int64_t now_us = time_now_us();
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, WARN_SQL_SOURCES);
	db_i32(pipe, (int32_t)(now_us / US_PER_DAY));
	warn_gaps_ask(pipe, "", now_us - GAPS_DAYS * US_PER_DAY, now_us);
	db_pipe_run(pipe, sources_cb, req);
}

/* --- spikes --- */

enum {
	S_ID,
	S_OF,
	S_CODE,
	S_UNIT,
	S_SINCE,
	S_UNTIL,
	S_OBSERVED,
	S_EXPECTED,
	S_BOUND,
	S_P,
	S_DAYS,
	S_TOLD,
	S_JUDGED,
	S_RIGHT,
	S_BY
};

Sy__V1__Spike *warn_spike_take(const struct db_result *res, int statement,
			       int row, struct arena *arena)
{
	Sy__V1__Spike *s = arena_alloc(arena, sizeof(*s));
	const uint8_t *id;
	size_t len;

	sy__v1__spike__init(s);
	id = db_get_bytes(res, statement, row, S_ID, &len);
	s->spike_id = uuid_format(id, arena_alloc(arena, UUID_TEXT_MAX));
	s->of = (Sy__V1__SpikeOf)db_get_i32(res, statement, row, S_OF);
	s->code = (char *)db_get_text(res, statement, row, S_CODE);
	s->unit = (char *)db_get_text(res, statement, row, S_UNIT);
	s->since_hour = db_get_i32(res, statement, row, S_SINCE);
	s->until_hour = db_get_i32(res, statement, row, S_UNTIL);
	s->observed = db_get_i64(res, statement, row, S_OBSERVED);
	s->expected =
		strtod(db_get_text(res, statement, row, S_EXPECTED), NULL);
	s->bound = strtod(db_get_text(res, statement, row, S_BOUND), NULL);
	s->p_value = strtod(db_get_text(res, statement, row, S_P), NULL);
	s->baseline_days = (uint32_t)db_get_i32(res, statement, row, S_DAYS);
	s->told_at_us = db_get_time(res, statement, row, S_TOLD);
	s->judged = db_get_bool(res, statement, row, S_JUDGED);
	s->right = db_get_bool(res, statement, row, S_RIGHT);
	s->judged_by = (char *)db_get_text(res, statement, row, S_BY);
	return s;
}

static void spikes_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const Sy__V1__ListSpikesRequest *asked =
		(const void *)bus_request_message(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListSpikesReply reply = SY__V1__LIST_SPIKES_REPLY__INIT;
	int rows, limit = (int)(asked->limit == 0 ? LIMIT : asked->limit);

	if (bus_reply_db_error(req, res))
		return;
	rows = db_rows(res, 0) < limit ? db_rows(res, 0) : limit;
	reply.spikes = arena_alloc(arena, ((size_t)rows + 1) *
						  sizeof(reply.spikes[0]));
	for (int row = 0; row < rows; row++)
		reply.spikes[reply.n_spikes++] =
			warn_spike_take(res, 0, row, arena);
	if (db_rows(res, 0) > limit)
		reply.next_cursor =
			arena_printf(arena, "%" PRId64 "_%s",
				     reply.spikes[rows - 1]->told_at_us,
				     reply.spikes[rows - 1]->spike_id);
	bus_reply(req, &reply.base);
}

static bool refused(struct bus_request *req, const char *field,
		    const char *text)
{
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
	return false;
}

static bool read_asked(struct bus_request *req, struct spikes_ask *ask_r)
{
	const Sy__V1__ListSpikesRequest *asked =
		(const void *)bus_request_message(req);
	char *end;

	*ask_r = (struct spikes_ask){
		.lasting = asked->lasting,
		.limit = asked->limit == 0 ? LIMIT : asked->limit,
	};
	if (asked->limit > LIMIT_MAX)
		return refused(req, "limit", "is at most 200");
	if (asked->cursor[0] != '\0') {
		ask_r->told_us = strtoll(asked->cursor, &end, 10);
		if (ask_r->told_us <= 0 || *end != '_' ||
		    uuid_parse(end + 1, ask_r->id) < 0)
			return refused(req, "cursor",
				       "is not one that was given out");
	}
	return social_days(req, asked->days, &ask_r->from_us, &ask_r->to_us) &&
	       social_scope(req, asked->unit, &ask_r->root);
}

void handle_list_spikes(struct bus_request *req)
{
	struct spikes_ask ask;
	struct db_pipe *pipe;

	if (!read_asked(req, &ask))
		return;
	pipe = bus_request_pipe(req);
	spikes_put_list(pipe, &ask);
	db_pipe_run(pipe, spikes_cb, req);
}
