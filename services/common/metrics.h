/* metrics.h -- counters, gauges and histograms in Prometheus text form.
 * A metric is a static struct that registers itself at its first use; one
 * thread. Names: suyuan_<area>_<what>_<unit>[_total]. */
#ifndef SUYUAN_METRICS_H
#define SUYUAN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

#define METRIC_BUCKETS 24 /* powers of two from 1: 1, 2, 4 ... of the unit */

struct metric {
	const char *name;
	const char *help;
	enum metric_kind kind;
	const char *labels; /* NULL or `code="busy"` */
	double value;       /* counter, gauge; sum of a histogram */
	uint64_t buckets[METRIC_BUCKETS + 1];
	bool registered;
	struct metric *next;
};

#define METRIC(kind_, name_, help_)                                            \
	{                                                                      \
		.name = (name_), .help = (help_), .kind = (kind_)              \
	}

void metric_add(struct metric *m, double by);
void metric_set(struct metric *m, double value);
/* value in the unit that the name states. */
void metric_observe(struct metric *m, double value);

/* The whole registry as Prometheus text; caller frees. NULL: no memory. */
char *metrics_render(size_t *len_r);

#endif
