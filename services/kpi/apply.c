/* apply.c -- a batch of a log becomes one statement that adds to
 * cells. Deltas of one batch are added up first: an appeal that is registered,
 * answered and resolved within it touches each of its cells once, and what
 * cancels out is not written at all. */
#include "kpi.h"
#include "metrics.h"

/* Behind the first events the database would plan for a minute as if there were
 * no cells, and questions that join them with the tree would take seconds. */
#define ANALYZE_EVENTS 1000

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

/* Fails under load: the database comes by itself later. */
static void analyzed_cb(const struct db_result *res, void *arg)
{
	(void)res;
	(void)arg;
}

/* As often as what was counted has doubled. */
void kpi_applied(void *arg, const struct consumer_event *events, size_t n)
{
	const struct stream *stream = arg;
	struct kpi *kpi = stream->kpi;
	struct db_pipe *pipe;

	(void)events;
	kpi->counted += n;
	if (kpi->counted < ANALYZE_EVENTS || kpi->counted < kpi->analyze_at ||
	    !db_conn_up(kpi->compare_db))
		return;
	kpi->analyze_at = 2 * kpi->counted;
	pipe = db_pipe_new(kpi->compare_db);
	db_exec(pipe, SQL_ANALYZE);
	db_pipe_run(pipe, analyzed_cb, NULL);
}
