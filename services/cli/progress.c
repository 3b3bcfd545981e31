/* progress.c -- see progress.h. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "timeutil.h"

#define DRAW_US (US_PER_S / 4)
#define LINE_US (2 * US_PER_S)
#define BAR_CELLS 24

struct progress {
	bool tty, drawn;
	int64_t began_us, shown_us; /* monotonic */
	uint64_t shown_done;
	double events_per_s; /* smoothed */
};

struct progress *progress_open(void)
{
	struct progress *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->tty = isatty(STDERR_FILENO);
	p->began_us = p->shown_us = time_monotonic_us();
	return p;
}

static void print_bar(double share)
{
	int full = (int)(share * BAR_CELLS);

	fputc('[', stderr);
	for (int i = 0; i < BAR_CELLS; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %% ", (int)(share * 100));
}

static void print_bytes(uint64_t bytes)
{
	fprintf(stderr, "%.1f MB  ", (double)bytes / 1e6);
}

/* By the bytes that are read, less what is read but not yet committed. */
static void print_left(const struct progress *p, double share, int64_t now_us)
{
	double elapsed_s = (double)(now_us - p->began_us) / (double)US_PER_S;
	double left_s = elapsed_s * (1 - share) / share;

	if (share > 0.001 && elapsed_s > 1)
		fprintf(stderr, "  %d:%02d left", (int)(left_s / 60),
			(int)left_s % 60);
}

static void draw(const struct progress *p, const struct pump_progress *source,
		 const struct publisher_stats *stats, bool silent,
		 int64_t now_us)
{
	uint64_t rejected = stats->rejected + source->rejected;
	double share = 0;

	if (p->tty)
		fputs("\r\033[K", stderr);
	if (source->total_bytes > 0) {
		share = (double)source->done_bytes /
			(double)source->total_bytes;
		if (stats->submitted > 0)
			share *= (double)(stats->submitted - stats->in_flight) /
				 (double)stats->submitted;
		if (p->tty)
			print_bar(share);
		else
			fprintf(stderr, "%3d %%  ", (int)(share * 100));
	}
	if (source->done_bytes > 0)
		print_bytes(source->done_bytes);
	fprintf(stderr, "%llu events",
		(unsigned long long)(stats->submitted - stats->in_flight));
	if (stats->resumed > 0)
		fprintf(stderr, " (%llu resumed)",
			(unsigned long long)stats->resumed);
	fprintf(stderr, "  %.0f/s", p->events_per_s);
	if (rejected > 0)
		fprintf(stderr, "  %llu rejected",
			(unsigned long long)rejected);
	if (silent)
		fputs("  waiting for the service", stderr);
	else
		print_left(p, share, now_us);
	if (!p->tty)
		fputc('\n', stderr);
}

void progress_show(struct progress *p, const struct pump_progress *source,
		   const struct publisher_stats *stats, bool silent)
{
	int64_t now_us = time_monotonic_us();
	int64_t since_us = now_us - p->shown_us;
	uint64_t done = stats->submitted - stats->in_flight;
	double now_per_s;

	if (since_us < (p->tty ? DRAW_US : LINE_US))
		return;
	now_per_s = (double)(done - p->shown_done) * (double)US_PER_S /
		    (double)since_us;
	p->events_per_s = p->drawn && p->tty
				  ? 0.7 * p->events_per_s + 0.3 * now_per_s
				  : now_per_s;
	p->shown_us = now_us;
	p->shown_done = done;
	p->drawn = true;
	draw(p, source, stats, silent, now_us);
}

void progress_close(struct progress **p)
{
	if (!p || !*p)
		return;
	if ((*p)->tty && (*p)->drawn)
		fputs("\r\033[K", stderr);
	free(*p);
	*p = NULL;
}
