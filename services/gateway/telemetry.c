/* telemetry.c -- one line in the log and two metrics for each request, by its
 * route: what stands in paths, queries and bodies may be about people. */
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "parts.h"
#include "timeutil.h"

#define CLASSES_NR 4 /* 2xx to 5xx */

/* Behind the routes: what none of them is. */
enum { OTHER_FILES, OTHER_UNKNOWN, OTHERS_NR };
static const char *const other_names[OTHERS_NR] = {
	[OTHER_FILES] = "files",
	[OTHER_UNKNOWN] = "unknown",
};

struct series {
	char name[96]; /* the template */
	char labels[CLASSES_NR][160];
	char duration_labels[160];
	struct metric requests[CLASSES_NR];
	struct metric duration;
};

static struct series *series;

static void series_init(struct series *s, const char *method,
			const char *template)
{
	snprintf(s->name, sizeof(s->name), "%s", template);
	snprintf(s->duration_labels, sizeof(s->duration_labels),
		 "method=\"%s\",route=\"%s\"", method, template);
	s->duration = (struct metric){
		.name = "suyuan_http_request_duration_us",
		.help = "From the head of a request to the end of its answer.",
		.kind = METRIC_HISTOGRAM,
		.labels = s->duration_labels,
	};
	for (int i = 0; i < CLASSES_NR; i++) {
		snprintf(s->labels[i], sizeof(s->labels[i]),
			 "method=\"%s\",route=\"%s\",status=\"%dxx\"", method,
			 template, i + 2);
		s->requests[i] = (struct metric){
			.name = "suyuan_http_requests_total",
			.help = "Answered requests.",
			.kind = METRIC_COUNTER,
			.labels = s->labels[i],
		};
	}
}

int telemetry_open(struct error *err)
{
	struct arena arena;

	/* Metrics stay registered until the process ends, and so do these. */
	series = calloc((size_t)routes_nr + OTHERS_NR, sizeof(*series));
	if (!series)
		return error_set(err, "metrics: no memory");
	arena_init(&arena);
	for (int i = 0; i < routes_nr; i++)
		series_init(&series[i], http_method_names[routes[i].method],
			    route_template(&routes[i], &arena));
	for (int i = 0; i < OTHERS_NR; i++)
		series_init(&series[routes_nr + i], "any", other_names[i]);
	arena_reset(&arena);
	return 0;
}

void telemetry_done(const struct request *req)
{
	int64_t took_us = time_monotonic_us() - req->started_us;
	int class = req->status / 100 - 2;
	struct series *s;

	if (req->route)
		s = &series[req->route - routes];
	else
		s = &series[routes_nr +
			    (req->is_file ? OTHER_FILES : OTHER_UNKNOWN)];
	if (class >= 0 && class < CLASSES_NR)
		metric_add(&s->requests[class], 1);
	metric_observe(&s->duration, (double)took_us);
	log_trace(&req->trace);
	log_info("%s %s %d in %lld us",
		 req->head ? "HEAD" : http_method_names[req->method], s->name,
		 req->status, (long long)took_us);
	log_trace(NULL);
}
