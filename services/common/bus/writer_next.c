/* writer_next.c -- which works the next transaction takes, and when. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bus/internal.h"
#include "timeutil.h"

/* A transaction costs as much as some tens of events. Under load those of this
 * time share one, unless that many wait; behind a small one nothing waits. */
#define PACE_EVENTS_MIN 32
#define PACE_EVENTS_MAX 512

struct run *writer_run(struct work **works, size_t n)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run || !(run->works = calloc(n + 1, sizeof(struct work *))))
		abort();
	if (works)
		memcpy(run->works, works, n * sizeof(struct work *));
	run->n = n;
	return run;
}

/* Those of sandboxes and the others take turns while both wait. */
static bool sandbox_turn(struct bus_server *bus)
{
	const bool wanted = bus->writer.sandbox_next;
	struct intake *intake;

	DL_SEARCH_SCALAR(bus->queue, intake, sandbox, wanted);
	bus->writer.sandbox_next = intake ? !wanted : wanted;
	return intake ? wanted : !wanted;
}

/* From the queue up to about a batch: whole intakes; of sandboxes as much as is
 * quickly judged one by one. */
struct run *writer_next(struct bus_server *bus)
{
	const bool sandbox = sandbox_turn(bus);
	const size_t most = sandbox ? BUS_SANDBOX_EVENTS : BUS_BATCH_EVENTS;
	struct intake *intake, *next;
	struct run *run;
	size_t n = 0, part;

	DL_FOREACH (bus->queue, intake) {
		if (intake->sandbox != sandbox)
			continue;
		if (n && n + intake->n > most)
			break;
		n += intake->n - intake->taken;
	}
	if (sandbox && n > most)
		n = most;
	run = writer_run(NULL, n);
	run->sandbox = sandbox;
	run->n = 0;
	DL_FOREACH_SAFE (bus->queue, intake, next) {
		if (run->n == n)
			break;
		if (intake->sandbox != sandbox)
			continue;
		part = intake->n - intake->taken;
		if (part > n - run->n)
			part = n - run->n;
		for (size_t i = 0; i < part; i++)
			run->works[run->n++] = &intake->works[intake->taken++];
		if (intake->taken == intake->n)
			DL_DELETE(bus->queue, intake);
	}
	bus->queued_events -= n;
	metric_set(&bus_queue_events, (double)bus->queued_events);
	return run;
}

bool bus_server_busy(const struct bus_server *bus)
{
	return bus->queued_events >= BUS_BATCH_EVENTS;
}

bool writer_too_early(int64_t since_us, size_t last, size_t waiting)
{
	return since_us < WRITER_PACE_US && last >= PACE_EVENTS_MIN &&
	       waiting < PACE_EVENTS_MAX;
}
