/* lag_print.c -- who did not answer, totals, then every shard; or JSON. */
#include <inttypes.h>

#include <jansson.h>

#include "lag.h"

static void print_totals(FILE *to, const struct lag_consumer *c)
{
	fprintf(to, "%-20s %-20s %12" PRIu64 " %10.3f  %s%s\n", c->name,
		c->stream, c->events, (double)c->behind_us / 1e6, c->trouble,
		c->trouble[0] || !c->by_stream ? "" : "as its stream knows");
}

static void print_shard(FILE *to, const struct lag_consumer *c,
			const struct lag_shard *s)
{
	fprintf(to,
		"%-20s %-20s %5" PRIu32 " %12" PRIu64 " %12" PRIu64
		" %12" PRIu64 " %10.3f  %s\n",
		c->name, c->stream, s->at->shard, s->head, s->at->position,
		s->events, (double)s->behind_us / 1e6, s->trouble);
}

void lag_print_text(FILE *to, const struct lag *lag)
{
	for (size_t i = 0; i < lag->services_nr; i++)
		if (lag->services[i].missing[0])
			fprintf(to, "%s does not answer: %s\n",
				lag->services[i].name,
				lag->services[i].missing);
	fprintf(to, "%-20s %-20s %12s %10s\n", "consumer", "stream", "events",
		"seconds");
	for (size_t i = 0; i < lag->consumers_nr; i++)
		print_totals(to, &lag->consumers[i]);
	fprintf(to, "\n%-20s %-20s %5s %12s %12s %12s %10s\n", "consumer",
		"stream", "shard", "head", "position", "events", "seconds");
	for (size_t i = 0; i < lag->consumers_nr; i++)
		for (size_t k = 0; k < lag->consumers[i].n; k++)
			print_shard(to, &lag->consumers[i],
				    &lag->consumers[i].shards[k]);
}

static json_t *shard_json(const struct lag_shard *s)
{
	return json_pack("{s:I s:I s:I s:I s:f s:b s:s}", "shard",
			 (json_int_t)s->at->shard, "head", (json_int_t)s->head,
			 "position", (json_int_t)s->at->position, "events",
			 (json_int_t)s->events, "seconds",
			 (double)s->behind_us / 1e6, "owned", s->at->owned,
			 "trouble", s->trouble);
}

static json_t *consumer_json(const struct lag_consumer *c)
{
	json_t *shards = json_array();

	for (size_t k = 0; k < c->n; k++)
		json_array_append_new(shards, shard_json(&c->shards[k]));
	return json_pack("{s:s s:s s:s s:I s:f s:s s:o}", "consumer", c->name,
			 "stream", c->stream, "told_by",
			 c->by_stream ? "stream" : "consumer", "events",
			 (json_int_t)c->events, "seconds",
			 (double)c->behind_us / 1e6, "trouble", c->trouble,
			 "shards", shards);
}

void lag_print_json(FILE *to, const struct lag *lag)
{
	json_t *list = json_array(), *missing = json_array(), *all;

	for (size_t i = 0; i < lag->consumers_nr; i++)
		json_array_append_new(list, consumer_json(&lag->consumers[i]));
	for (size_t i = 0; i < lag->services_nr; i++)
		if (lag->services[i].missing[0])
			json_array_append_new(
				missing,
				json_pack("{s:s s:s}", "service",
					  lag->services[i].name, "reason",
					  lag->services[i].missing));
	all = json_pack("{s:o s:o}", "consumers", list, "missing", missing);
	json_dumpf(all, to, JSON_COMPACT | JSON_REAL_PRECISION(9));
	fputc('\n', to);
	json_decref(all);
}
