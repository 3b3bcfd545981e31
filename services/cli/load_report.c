/* load_report.c -- see load_report.h. */
#include "load_report.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "query.h"
#include "timeutil.h"

static void add_reason(struct load_report *r, const Sy__V1__Reject *reject)
{
	struct load_reason *reason = r->reasons;
	struct load_reason *end = r->reasons + r->reasons_nr;

	while (reason < end && (reason->code != (int32_t)reject->code ||
				strcmp(reason->field, reject->field) != 0))
		reason++;
	if (reason == r->reasons + LOAD_REASONS_MAX)
		return;
	if (reason == end) {
		reason->code = (int32_t)reject->code;
		snprintf(reason->field, sizeof(reason->field), "%s",
			 reject->field);
		r->reasons_nr++;
	}
	reason->events++;
}

void load_report_add(struct load_report *r, int64_t latency_us,
		     const Sy__V1__Reject *reject)
{
	if (latency_us >= 0)
		latency_add(&r->latency, (uint64_t)latency_us);
	if (reject)
		add_reason(r, reject);
}

/* Without the first of each publisher, which were before the clock started. */
static double per_s(const struct load_report *r, double *seconds_r)
{
	const struct load_stats *s = &r->stats;
	uint64_t first = (uint64_t)r->publishers;
	int64_t took_us = s->last_done_us - s->start_us;

	*seconds_r = 0;
	if (s->start_us == 0 || took_us <= 0 || s->done <= first)
		return 0;
	*seconds_r = (double)took_us / (double)US_PER_S;
	return (double)(s->done - first) / *seconds_r;
}

static void print_json(const struct load_report *r)
{
	const struct load_stats *s = &r->stats;
	double seconds, rate = per_s(r, &seconds);
	json_t *reasons = json_array(), *told;

	for (int i = 0; i < r->reasons_nr; i++)
		json_array_append_new(
			reasons,
			json_pack(
				"{s:s, s:s, s:I}", "code",
				error_code_name(
					(Sy__V1__ErrorCode)r->reasons[i].code),
				"field", r->reasons[i].field, "events",
				(json_int_t)r->reasons[i].events));
	told = json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:I, "
		"s:o}",
		"publishers", (json_int_t)r->publishers, "asked_per_s",
		(json_int_t)r->rate_per_s, "offered", (json_int_t)s->offered,
		"accepted", (json_int_t)(s->done - s->rejected), "rejected",
		(json_int_t)s->rejected, "unanswered",
		(json_int_t)(s->offered - s->done), "held", (json_int_t)s->held,
		"seconds", seconds, "events_per_s", rate, "p50_us",
		(json_int_t)latency_quantile_us(&r->latency, 0.5), "p99_us",
		(json_int_t)latency_quantile_us(&r->latency, 0.99), "max_us",
		(json_int_t)r->latency.max_us, "reasons", reasons);
	json_dumpf(told, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(told);
}

static void line(const char *name, uint64_t value, const char *more)
{
	printf("%-12s%llu%s\n", name, (unsigned long long)value, more);
}

static void print_text(const struct load_report *r)
{
	const struct load_stats *s = &r->stats;
	double seconds, rate = per_s(r, &seconds);

	line("publishers", (uint64_t)r->publishers, "");
	line("offered", s->offered, "");
	line("accepted", s->done - s->rejected, "");
	line("rejected", s->rejected, "");
	for (int i = 0; i < r->reasons_nr; i++)
		printf("  %-10llu%s %s\n",
		       (unsigned long long)r->reasons[i].events,
		       error_code_name((Sy__V1__ErrorCode)r->reasons[i].code),
		       r->reasons[i].field);
	line("unanswered", s->offered - s->done, "");
	printf("%-12s%.1f\n%-12s%.0f", "seconds", seconds, "events/s", rate);
	if (r->rate_per_s) {
		printf(" of %lld asked\n", (long long)r->rate_per_s);
		line("held", s->held,
		     " waited for room, which is their wait too");
	} else {
		putchar('\n');
	}
	printf("%-12sp50 %.1f ms, p99 %.1f ms, at most %.1f ms\n", "answered",
	       (double)latency_quantile_us(&r->latency, 0.5) / 1e3,
	       (double)latency_quantile_us(&r->latency, 0.99) / 1e3,
	       (double)r->latency.max_us / 1e3);
}

void load_report_print(const struct load_report *r, bool json)
{
	if (json)
		print_json(r);
	else
		print_text(r);
}
