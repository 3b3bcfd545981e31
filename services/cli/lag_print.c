/* lag_print.c -- totals first, then every shard; or JSON. */
#include <inttypes.h>

#include <jansson.h>

#include "lag.h"

void lag_print_text(FILE *to, const struct lag_consumer *consumers, size_t n)
{
	fprintf(to, "%-20s %-20s %12s %10s\n", "consumer", "stream", "events",
		"seconds");
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%-20s %-20s %12" PRIu64 " %10.3f  %s\n",
			consumers[i].name, consumers[i].stream,
			consumers[i].events,
			(double)consumers[i].behind_us / 1e6,
			consumers[i].trouble);
	fprintf(to, "\n%-20s %-20s %5s %12s %12s %12s %10s\n", "consumer",
		"stream", "shard", "head", "position", "events", "seconds");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < consumers[i].n; k++) {
			const struct lag_shard *s = &consumers[i].shards[k];

			fprintf(to,
				"%-20s %-20s %5" PRIu32 " %12" PRIu64
				" %12" PRIu64 " %12" PRIu64 " %10.3f  %s\n",
				consumers[i].name, consumers[i].stream,
				s->at->shard, s->head, s->at->position,
				s->events, (double)s->behind_us / 1e6,
				s->trouble);
		}
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

void lag_print_json(FILE *to, const struct lag_consumer *consumers, size_t n)
{
	json_t *list = json_array(), *all;

	for (size_t i = 0; i < n; i++) {
		json_t *shards = json_array();

		for (size_t k = 0; k < consumers[i].n; k++)
			json_array_append_new(
				shards, shard_json(&consumers[i].shards[k]));
		json_array_append_new(
			list,
			json_pack("{s:s s:s s:I s:f s:s s:o}", "consumer",
				  consumers[i].name, "stream",
				  consumers[i].stream, "events",
				  (json_int_t)consumers[i].events, "seconds",
				  (double)consumers[i].behind_us / 1e6,
				  "trouble", consumers[i].trouble, "shards",
				  shards));
	}
	all = json_pack("{s:o}", "consumers", list);
	json_dumpf(all, to, JSON_COMPACT | JSON_REAL_PRECISION(9));
	fputc('\n', to);
	json_decref(all);
}
