/* meters.c -- what the server counts; OPERATING.md says what each number means.
 * Heads and credit are read off when somebody asks. */
#include "bus/internal.h"
#include "bus/must.h"

struct metric bus_committed_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_committed_events_total",
	       "Publications and commands committed, rejects included");
struct metric bus_publishes =
	METRIC(METRIC_COUNTER, "suyuan_bus_publishes_total",
	       "PUBLISH messages with something new in them");
struct metric bus_rejected_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_rejected_events_total",
	       "Publications refused and stored as rejects");
struct metric bus_sandbox_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_sandbox_events_total",
	       "Of those committed: of sandboxes, without effect");
struct metric bus_denied_messages =
	METRIC(METRIC_COUNTER, "suyuan_bus_denied_messages_total",
	       "Messages refused for who sent them");
struct metric bus_batch_events =
	METRIC(METRIC_HISTOGRAM, "suyuan_bus_batch_events",
	       "Events of one publishing transaction");
struct metric bus_commit_us =
	METRIC(METRIC_HISTOGRAM, "suyuan_bus_commit_microseconds",
	       "From the read of a batch to its commit");
struct metric bus_duplicate_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_duplicate_events_total",
	       "Events that were committed before");
struct metric bus_gap_nacks = METRIC(METRIC_COUNTER, "suyuan_bus_gaps_total",
				     "PUBLISH that left a sequence out");
struct metric bus_fenced_nacks =
	METRIC(METRIC_COUNTER, "suyuan_bus_fenced_total",
	       "PUBLISH of an epoch that was taken over");
struct metric bus_busy_nacks =
	METRIC(METRIC_COUNTER, "suyuan_bus_busy_total", "Answers BUSY");
struct metric bus_bisections =
	METRIC(METRIC_COUNTER, "suyuan_bus_bisections_total",
	       "Batches halved because the database refused data");
struct metric bus_retries = METRIC(METRIC_COUNTER, "suyuan_bus_retries_total",
				   "Publishing transactions done again");
struct metric bus_queue_events = METRIC(METRIC_GAUGE, "suyuan_bus_queue_events",
					"Events that wait for the writer");
struct metric bus_fetched_events =
	METRIC(METRIC_COUNTER, "suyuan_bus_fetched_events_total",
	       "Events sent to consumers and tails");
struct metric bus_dropped_sends =
	METRIC(METRIC_COUNTER, "suyuan_bus_dropped_sends_total",
	       "Answers that a full or gone connection did not take");
struct metric bus_fetch_batch_events =
	METRIC(METRIC_HISTOGRAM, "suyuan_bus_fetch_batch_events",
	       "Events of one BATCH, empty ones left out");
struct metric bus_diverged =
	METRIC(METRIC_COUNTER, "suyuan_bus_diverged_total",
	       "FETCHes of somebody who has read another log");
struct metric bus_out_of_range =
	METRIC(METRIC_COUNTER, "suyuan_bus_out_of_range_total",
	       "FETCHes below what the log still holds");
struct metric bus_archive_errors =
	METRIC(METRIC_COUNTER, "suyuan_bus_archive_errors_total",
	       "Times that the archive could not be read or written");
static struct metric in_flight =
	METRIC(METRIC_GAUGE, "suyuan_bus_in_flight_events",
	       "Events that publishers have sent and that wait for their ACK");
static struct metric credit =
	METRIC(METRIC_GAUGE, "suyuan_bus_credit_events",
	       "Events that the publishers here may still send");
static struct metric connections =
	METRIC(METRIC_GAUGE, "suyuan_bus_connections",
	       "Connections that were heard of in the last minute");
static struct metric parked =
	METRIC(METRIC_GAUGE, "suyuan_bus_parked_fetches",
	       "FETCHes that wait for events: the credit of consumers");

static struct metric *const shown[] = {
	&bus_committed_events, &bus_publishes,          &bus_sandbox_events,
	&bus_rejected_events,  &bus_denied_messages,    &bus_batch_events,
	&bus_commit_us,        &bus_duplicate_events,   &bus_gap_nacks,
	&bus_fenced_nacks,     &bus_busy_nacks,         &bus_bisections,
	&bus_retries,          &bus_queue_events,       &bus_fetched_events,
	&bus_dropped_sends,    &bus_fetch_batch_events, &bus_diverged,
	&bus_out_of_range,     &bus_archive_errors,
};

static void sample(void *arg)
{
	struct bus_server *bus = arg;
	double sent = 0, left = 0;

	for (const struct peer *p = bus->peers; p; p = p->hh.next) {
		sent += (double)p->in_flight_events;
		if (p->in_flight_events < BUS_CREDIT_EVENTS)
			left += (double)(BUS_CREDIT_EVENTS -
					 p->in_flight_events);
	}
	metric_set(&in_flight, sent);
	metric_set(&credit, left);
	metric_set(&connections, (double)HASH_COUNT(bus->peers));
	metric_set(&parked, (double)feed_parked(bus));
	for (int i = 0; i < bus->o.shards_nr; i++)
		metric_set(bus->heads[i], (double)feed_head(bus, i));
}

void meters_open(struct bus_server *bus)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		metric_show(shown[i]);
	bus->heads = must_calloc((size_t)bus->o.shards_nr, sizeof(*bus->heads));
	for (int i = 0; i < bus->o.shards_nr; i++)
		bus->heads[i] = metric_new(
			METRIC_GAUGE, "suyuan_bus_head_offset",
			"Last offset of a shard that this replica knows of.",
			"shard=\"%d\"", i);
	bus->sampler.sample = sample;
	bus->sampler.arg = bus;
	metrics_sampler_add(&bus->sampler);
}
