/* apply.c -- a batch of a log becomes one statement that adds to
 * cells. Deltas of one batch are added up first: an appeal that is registered,
 * answered and resolved within it touches each of its cells once, and what
 * cancels out is not written at all. */
#include "kpi.h"
#include "metrics.h"

static struct metric applied_events =
	METRIC(METRIC_COUNTER, "suyuan_kpi_applied_events_total",
	       "Events whose deltas were handed to the database.");
static struct metric written_cells =
	METRIC(METRIC_COUNTER, "suyuan_kpi_written_cells_total",
	       "Cells that were added to, once a batch.");

int kpi_apply(void *arg, const struct consumer_event *events, size_t n,
	      struct db_pipe *pipe, struct error *err)
{
	struct arena arena;
	int status = 0;
	const struct stream *stream = arg;

	arena_init(&arena);

	struct cell_table *table = cell_table_new(&arena);

	for (size_t i = 0; i < n && status == 0; i++) {
		status = stream->count(table, &arena, events[i].event,
				       events[i].accepted_at_us, err);
		if (status < 0)
			error_prefix(err, "shard %u offset %llu",
				     events[i].shard,
				     (unsigned long long)events[i].offset);
	}
	if (status == 0) {
		size_t cells = store_add_cells(pipe, table);

		metric_add(&applied_events, (double)n);
		metric_add(&written_cells, (double)cells);
	}
	cell_table_free(table);
	arena_reset(&arena);
	return status;
}
