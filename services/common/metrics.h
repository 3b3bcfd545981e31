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

/* A series whose labels are known at run time only; lives as long as the
 * process, and is seen from now on. */
__attribute__((format(printf, 4, 5))) struct metric *
metric_new(enum metric_kind kind, const char *name, const char *help,
	   const char *labels_fmt, ...);
/* Seen from now on, at 0: what an alert counts must be there before it
 * happens. */
void metric_show(struct metric *m);
void metric_add(struct metric *m, double by);
void metric_set(struct metric *m, double value);
/* value in the unit that the name states. */
void metric_observe(struct metric *m, double value);

/* Sets gauges when somebody asks, instead of at each change. */
struct metric_sampler {
	void (*sample)(void *arg);
	void *arg;
	struct metric_sampler *next;
};
void metrics_sampler_add(struct metric_sampler *s);
void metrics_sampler_remove(struct metric_sampler *s);

/* The whole registry as Prometheus text; caller frees. NULL: no memory. */
char *metrics_render(size_t *len_r);

#endif
