/* pump.h -- brings the events of a source to a service: window, rate, progress,
 * Ctrl-C, and what came back. */
#ifndef SUYUAN_CLI_PUMP_H
#define SUYUAN_CLI_PUMP_H

#include <stdbool.h>

#include "bus/publisher.h"
#include "cli.h"

struct pump_event {
	const char *type;
	const char *key;      /* of the event */
	const char *lane_key; /* NULL: key */
	int64_t occurred_at_us;
	const ProtobufCMessage *payload;
	uint64_t tag; /* given back with a reject */
};

enum pump_next {
	PUMP_EVENT,
	PUMP_WAIT, /* wait_fd is read to its end for now */
	PUMP_END,
	PUMP_FAILED, /* err is filled */
};

struct pump_progress {
	uint64_t done_bytes, total_bytes; /* total 0: unknown */
	uint64_t rejected;                /* by the source itself */
};

struct pump_source {
	/* The event lives until the next call. Must give the same events in
	 * the same order in every run under one publisher name. */
	enum pump_next (*next)(void *arg, struct pump_event *event_r,
			       struct error *err);
	void (*rejected)(void *arg, uint64_t tag, const Sy__V1__Reject *reject);
	/* May be NULL: then only events are counted. */
	void (*progress)(void *arg, struct pump_progress *progress_r);
	int wait_fd; /* -1: PUMP_WAIT never comes */
	void *arg;
};

struct pump_options {
	const char *service;
	const char *publisher;
	int64_t rate_per_s; /* 0 = no limit */
	int64_t limit_s;    /* no new events after this; 0 = no limit */
};

struct pump_result {
	struct publisher_stats stats;
	bool interrupted;
	uint64_t elapsed_us;
};

/* CLI_OK: all that the source had is committed (rejects included), or it was
 * interrupted; otherwise err says why not. */
enum cli_exit pump_run(struct cli *cli, const struct pump_options *options,
		       const struct pump_source *source,
		       struct pump_result *result_r, struct error *err);

#endif
