/* digest_make.c -- the digest out of the tables: five questions, and their
 * answers put together. */
#include <string.h>

#include "digest.h"
#include "timeutil.h"

/* Of topics, sources and units. */
#define LINES_MAX 20

enum { ASK_LINES, ASK_CLUSTERS, ASK_REACTIONS, ASK_SPIKES, ASK_GAPS };
enum { LINE_WHICH, LINE_CODE, LINE_MENTIONS, LINE_BEFORE, LINE_REACH };
/* grouping(class, sentiment, topic, source, unit): a bit for what is not. */
enum {
	OF_ALL = 31,
	OF_CLASS = 15,
	OF_SENTIMENT = 23,
	OF_TOPIC = 27,
	OF_SOURCE = 29,
	OF_UNIT = 30,
};

static void put_scope_day(struct db_pipe *pipe, const struct digest_day *day,
			  const char *unit)
{
	db_text(pipe, unit);
	db_i32(pipe, day->utc_day);
}

void digest_ask(struct db_pipe *pipe, const struct digest_day *day,
		int32_t first_hour, const char *unit)
{
	db_exec(pipe, WARN_SQL_DIGEST_LINES);
	put_scope_day(pipe, day, unit);
	db_i32(pipe, day->from_hour);
	db_i32(pipe, day->to_hour);
	db_i32(pipe, digest_weeks(day, first_hour));
	db_exec(pipe, WARN_SQL_DIGEST_CLUSTERS);
	put_scope_day(pipe, day, unit);
	db_time(pipe, day->from_us);
	db_time(pipe, day->to_us);
	db_exec(pipe, WARN_SQL_DIGEST_REACTIONS);
	put_scope_day(pipe, day, unit);
	db_time(pipe, day->from_us);
	db_time(pipe, day->to_us);
	db_exec(pipe, WARN_SQL_DIGEST_SPIKES);
	put_scope_day(pipe, day, unit);
	db_i32(pipe, day->from_hour);
	db_i32(pipe, day->to_hour);
	warn_gaps_ask(pipe, "", day->from_us, day->to_us);
}

/* --- lines --- */

struct list {
	Sy__V1__DigestLine ***lines;
	size_t *n;
};

static struct list list_of(Sy__V1__Digest *d, int64_t which)
{
	switch (which) {
	case OF_CLASS:
		return (struct list){ &d->classes, &d->n_classes };
	case OF_SENTIMENT:
		return (struct list){ &d->sentiments, &d->n_sentiments };
	case OF_TOPIC:
		return (struct list){ &d->topics, &d->n_topics };
	case OF_SOURCE:
		return (struct list){ &d->sources, &d->n_sources };
	case OF_UNIT:
		return (struct list){ &d->units, &d->n_units };
	default:
		return (struct list){ NULL, NULL };
	}
}

static void take_lines(Sy__V1__Digest *d, const struct db_result *res, int st,
		       int32_t weeks, struct arena *arena)
{
	for (int row = 0; row < db_rows(res, st); row++) {
		struct list list =
			list_of(d, db_get_i64(res, st, row, LINE_WHICH));
		int64_t n = db_get_i64(res, st, row, LINE_MENTIONS);
		int64_t before = db_get_i64(res, st, row, LINE_BEFORE);
		int64_t usual = weeks > 0 ? (before + weeks / 2) / weeks : 0;
		Sy__V1__DigestLine *line;

		if (list.lines == NULL) {
			d->mentions = n;
			d->usual = usual;
			continue;
		}
		if (*list.lines == NULL)
			*list.lines = arena_alloc(
				arena, LINES_MAX * sizeof((*list.lines)[0]));
		if (*list.n == LINES_MAX || (n == 0 && usual == 0))
			continue;
		line = arena_alloc(arena, sizeof(*line));
		sy__v1__digest_line__init(line);
		line->code = (char *)db_get_text(res, st, row, LINE_CODE);
		line->mentions = n;
		line->usual = usual;
		line->reach = db_get_i64(res, st, row, LINE_REACH);
		(*list.lines)[(*list.n)++] = line;
	}
}

/* --- the rest --- */

static void take_clusters(Sy__V1__Digest *d, const struct db_result *res,
			  int st, bool texts, struct arena *arena)
{
	d->clusters = arena_alloc(arena, ((size_t)db_rows(res, st) + 1) *
						 sizeof(d->clusters[0]));
	for (int row = 0; row < db_rows(res, st); row++) {
		Sy__V1__DigestCluster *c = arena_alloc(arena, sizeof(*c));
		size_t len;

		sy__v1__digest_cluster__init(c);
		c->cluster_id = uuid_format(db_get_bytes(res, st, row, 0, &len),
					    arena_alloc(arena, UUID_TEXT_MAX));
		c->mentions = (uint64_t)db_get_i64(res, st, row, 1);
		c->authors = (uint64_t)db_get_i64(res, st, row, 2);
		c->reach = (uint64_t)db_get_i64(res, st, row, 3);
		c->topic = (char *)db_get_text(res, st, row, 4);
		c->unit = (char *)db_get_text(res, st, row, 5);
		if (texts)
			c->text = (char *)db_get_text(res, st, row, 6);
		d->clusters[d->n_clusters++] = c;
	}
}

static void take_times(Sy__V1__Digest *d, const struct db_result *res, int st,
		       struct arena *arena)
{
	size_t rows = (size_t)db_rows(res, st), n = 0;
	Sy__V1__ReactionFacts **facts =
		arena_alloc(arena, (rows + 1) * sizeof(facts[0]));

	for (int row = 0; row < (int)rows; row++) {
		size_t len;
		const uint8_t *bytes = db_get_bytes(res, st, row, 0, &len);
		Sy__V1__ReactionStored *stored =
			sy__v1__reaction_stored__unpack(&arena->allocator, len,
							bytes);

		if (stored != NULL && stored->facts != NULL)
			facts[n++] = stored->facts;
	}
	digest_times(arena, facts, n, d);
}

/* Mentions come late for a day or so. */
#define LATE_US US_PER_DAY

Sy__V1__Digest *digest_take(const struct db_result *res, int first,
			    const struct digest_day *day, int32_t first_hour,
			    const char *unit, bool texts, struct arena *arena)
{
	Sy__V1__Digest *d = arena_alloc(arena, sizeof(*d));

	sy__v1__digest__init(d);
	d->day = day->day;
	d->unit = (char *)unit;
	d->made_at_us = time_now_us();
	d->provisional = d->made_at_us < day->to_us + LATE_US;
	take_lines(d, res, first + ASK_LINES, digest_weeks(day, first_hour),
		   arena);
	take_clusters(d, res, first + ASK_CLUSTERS, texts, arena);
	take_times(d, res, first + ASK_REACTIONS, arena);
	d->spikes = arena_alloc(arena,
				((size_t)db_rows(res, first + ASK_SPIKES) + 1) *
					sizeof(d->spikes[0]));
	for (int row = 0; row < db_rows(res, first + ASK_SPIKES); row++)
		d->spikes[d->n_spikes++] =
			warn_spike_take(res, first + ASK_SPIKES, row, arena);
	d->gaps = warn_gaps_take(res, first + ASK_GAPS, arena, &d->n_gaps);
	return d;
}
