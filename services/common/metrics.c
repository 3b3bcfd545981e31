/* metrics.c -- the registry, and its text form (Prometheus exposition format
 * 0.0.4). What every process has is sampled when somebody asks. */
#include "metrics.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "timeutil.h"

static struct metric *first, **last = &first;
static struct metric_sampler *samplers;

/* Named as Prometheus's own client libraries name them. */
static struct metric resident_bytes =
	METRIC(METRIC_GAUGE, "process_resident_memory_bytes",
	       "Resident memory of the process.");
static struct metric open_descriptors =
	METRIC(METRIC_GAUGE, "process_open_fds", "Open file descriptors.");
static struct metric start_time =
	METRIC(METRIC_GAUGE, "process_start_time_seconds",
	       "Start of the process since 1970-01-01 UTC.");

static void ensure_registered(struct metric *m)
{
	if (m->registered)
		return;
	m->registered = true;
	*last = m;
	last = &m->next;
}

struct metric *metric_new(enum metric_kind kind, const char *name,
			  const char *help, const char *labels_fmt, ...)
{
	struct metric *m = calloc(1, sizeof(*m));
	char *labels = NULL;
	va_list ap;

	va_start(ap, labels_fmt);
	if (!m || vasprintf(&labels, labels_fmt, ap) < 0)
		abort();
	va_end(ap);
	m->kind = kind;
	m->name = name;
	m->help = help;
	m->labels = labels;
	ensure_registered(m);
	return m;
}

void metric_show(struct metric *m)
{
	ensure_registered(m);
}

void metrics_sampler_add(struct metric_sampler *s)
{
	s->next = samplers;
	samplers = s;
}

void metrics_sampler_remove(struct metric_sampler *s)
{
	struct metric_sampler **at = &samplers;

	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
}

void metric_add(struct metric *m, double by)
{
	ensure_registered(m);
	m->value += by;
}

void metric_set(struct metric *m, double value)
{
	ensure_registered(m);
	m->value = value;
}

void metric_observe(struct metric *m, double value)
{
	double bound = 1;
	int i = 0;

	ensure_registered(m);
	while (i < METRIC_BUCKETS && value > bound) {
		bound *= 2;
		i++;
	}
	m->buckets[i]++;
	m->value += value;
}

/* --- of the process ---------------------------------------------------- */

static void sample_resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages;

	if (f && fscanf(f, "%*d %ld", &pages) == 1)
		metric_set(&resident_bytes,
			   (double)pages * (double)sysconf(_SC_PAGESIZE));
	if (f)
		fclose(f);
}

static void sample_open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (!dir)
		return;
	while (readdir(dir))
		n++;
	closedir(dir);
	metric_set(&open_descriptors, n - 3); /* ".", ".." and dir's own */
}

/* Field 22 of stat is in ticks since boot; field 2 may hold blanks and
 * parentheses, so counting starts behind its last one. */
static void sample_start_time(void)
{
	FILE *f = fopen("/proc/self/stat", "re");
	struct timespec boot;
	char text[1024];
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	unsigned long long ticks;
	const char *p;

	if (f)
		fclose(f);
	text[len] = '\0';
	p = strrchr(text, ')');
	if (!p || sscanf(p + 1,
			 " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			 "%*s %*s %*s %*s %*s %*s %llu",
			 &ticks) != 1)
		return;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	metric_set(&start_time,
		   (double)time_now_us() / 1e6 - (double)boot.tv_sec -
			   (double)boot.tv_nsec / 1e9 +
			   (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

static void sample_process(void)
{
	sample_resident_bytes();
	sample_open_descriptors();
	if (!start_time.registered)
		sample_start_time();
}

/* --- text ---------------------------------------------------------------- */

static const char *kind_name(enum metric_kind kind)
{
	switch (kind) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_GAUGE:
		return "gauge";
	case METRIC_HISTOGRAM:
		return "histogram";
	}
	return "untyped";
}

static void render_histogram(FILE *out, const struct metric *m)
{
	const char *labels = m->labels ? m->labels : "";
	const char *comma = m->labels ? "," : "";
	const char *open = m->labels ? "{" : "", *close = m->labels ? "}" : "";
	uint64_t count = 0;

	for (int i = 0; i < METRIC_BUCKETS; i++) {
		count += m->buckets[i];
		fprintf(out, "%s_bucket{%s%sle=\"%llu\"} %llu\n", m->name,
			labels, comma, 1ULL << i, (unsigned long long)count);
	}
	count += m->buckets[METRIC_BUCKETS];
	fprintf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", m->name, labels,
		comma, (unsigned long long)count);
	fprintf(out, "%s_sum%s%s%s %.17g\n", m->name, open, labels, close,
		m->value);
	fprintf(out, "%s_count%s%s%s %llu\n", m->name, open, labels, close,
		(unsigned long long)count);
}

static void render_series(FILE *out, const struct metric *m)
{
	if (m->kind == METRIC_HISTOGRAM)
		render_histogram(out, m);
	else if (m->labels)
		fprintf(out, "%s{%s} %.17g\n", m->name, m->labels, m->value);
	else
		fprintf(out, "%s %.17g\n", m->name, m->value);
}

/* All series of a name must stand together: m is the first one of its name. */
static void render_family(FILE *out, const struct metric *m)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
		kind_name(m->kind));
	for (const struct metric *s = m; s; s = s->next) {
		if (strcmp(s->name, m->name) == 0)
			render_series(out, s);
	}
}

static bool is_first_of_name(const struct metric *m)
{
	const struct metric *s = first;

	while (strcmp(s->name, m->name) != 0)
		s = s->next;
	return s == m;
}

char *metrics_render(size_t *len_r)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len_r);

	if (!out)
		return NULL;
	sample_process();
	for (const struct metric_sampler *s = samplers; s; s = s->next)
		s->sample(s->arg);
	for (const struct metric *m = first; m; m = m->next) {
		if (is_first_of_name(m))
			render_family(out, m);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
