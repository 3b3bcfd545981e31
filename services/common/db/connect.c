/* connect.c -- a connection for what is done once, before the loop runs. */
#include <stdio.h>
#include <time.h>

#include "log.h"
#include "private.h"
#include "timeutil.h"

/* Between attempts while the server starts. */
#define RETRY_MS 200

static PGconn *connect_within(const struct connstr *str, int wait_s,
			      struct error *err)
{
	const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };
	int64_t end_us = time_monotonic_us() + wait_s * US_PER_S;
	bool told = false;
	char text[256];

	for (;;) {
		PGconn *pg = PQconnectdbParams(str->keywords, str->values, 1);

		if (PQstatus(pg) == CONNECTION_OK)
			return pg;
		db_connection_problem(pg, text, sizeof(text));
		PQfinish(pg);
		if (time_monotonic_us() >= end_us) {
			error_set(err, "database: %s", text);
			return NULL;
		}
		if (!told)
			log_info("waiting for the database: %s", text);
		told = true;
		nanosleep(&pause, NULL);
	}
}

PGconn *db_connect(const char *url, const char *schema, const char *what,
		   int wait_s, struct error *err)
{
	char role[80];
	const struct db_conn_options options = { .url = url,
						 .schema = schema,
						 .role = role };
	struct connstr str;
	PGconn *pg;

	snprintf(role, sizeof(role), "%s %s", schema, what);
	if (connstr_open(&str, &options, err) < 0)
		return NULL;
	pg = connect_within(&str, wait_s, err);
	connstr_close(&str);
	if (pg)
		PQsetNoticeReceiver(pg, db_ignore_notice, NULL);
	return pg;
}
