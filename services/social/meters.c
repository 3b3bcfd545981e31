/* meters.c -- what the service counts of mentions, and how far behind it is:
 * from when a publisher recorded a mention to its commit, the wait for its turn
 * with the publisher included. README.md says at which lag to add replicas.
 */
#include "mentions.h"
#include "metrics.h"
#include "timeutil.h"

/* Nothing came for so long: nobody waits. */
#define IDLE_US (10 * US_PER_S)

static struct metric new =
	METRIC(METRIC_COUNTER, "suyuan_social_mentions_total",
	       "Mentions that came in for the first time");
static struct metric changed = METRIC(
	METRIC_COUNTER, "suyuan_social_changes_total",
	"Mentions that were edited, deleted, corrected, marked or erased");
static struct metric lag =
	METRIC(METRIC_GAUGE, "suyuan_social_lag_seconds",
	       "Age of the oldest mention of the last batch, since its "
	       "publisher recorded it; 0: nobody waits");
static int64_t last_us; /* monotonic; of the last batch */

static void sample(void *arg)
{
	(void)arg;
	if (time_monotonic_us() - last_us > IDLE_US)
		metric_set(&lag, 0);
}

void mention_meters_open(void)
{
	static struct metric_sampler sampler = { .sample = sample };

	metric_show(&new);
	metric_show(&changed);
	metric_show(&lag);
	metrics_sampler_add(&sampler);
}

void mention_meters_batch(const struct bus_batch *batch,
			  const struct mention *first)
{
	int64_t oldest_us = batch->now_us;

	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i]->recorded_at_us < oldest_us &&
		    batch->items[i]->recorded_at_us > 0)
			oldest_us = batch->items[i]->recorded_at_us;
	last_us = time_monotonic_us();
	metric_set(&lag, (double)(batch->now_us - oldest_us) / 1e6);
	for (const struct mention *m = first; m != NULL; m = m->next)
		if (m->cause != NULL)
			metric_add(m->known ? &changed : &new, 1);
}
