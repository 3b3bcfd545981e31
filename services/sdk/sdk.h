/* sdk.h -- one publisher inside: what its callers' threads (publish.c) and its
 * own thread (loop.c) share. Files of the library: open.c, publish.c, loop.c,
 * spool.c, quiet.c; the bus itself is services/common/bus. */
#ifndef SUYUAN_SDK_H
#define SUYUAN_SDK_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include <uv.h>

#include "bus/client.h"
#include "bus/keys.h"
#include "bus/publisher.h"
#include "spool.h"
#include "suyuan.h"

#define EVENT_MAX_BYTES ((size_t)256 * 1024) /* what the service takes */
#define WHY_BYTES 512

/* Who waits in suyuan_publish_wait, on its stack. */
struct waiter {
	struct suyuan_outcome *outcome;
	bool done;
};

/* Taken and without outcome. */
struct entry {
	struct entry *prev, *next; /* in the order of taking */
	uint64_t id;               /* dense, in that order */
	unsigned lane;
	uint8_t *event; /* packed; the publisher has a copy once submitted */
	size_t len;
	uint64_t at_bytes; /* in the spool */
	void *arg;
	bool recovered;
	struct waiter *waiter;
	char key[];
};

struct suyuan {
	/* Fixed after suyuan_open. */
	pid_t pid;
	char *endpoint, *publisher_name;
	char server_key[KEY_Z85_SIZE];
	struct bus_key key;
	bool has_spool;
	enum suyuan_sync spool_sync;
	size_t spool_bytes, max_waiting;
	suyuan_outcome_cb *outcome_cb;
	void *cb_arg;
	void (*log_cb)(int level, const char *text, void *cb_arg);

	pthread_t thread;
	uv_async_t wake;

	/* The rest of this part under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t room;   /* something is done, or the end */
	pthread_cond_t idle;   /* nothing waits, a waiter is done, or the end */
	pthread_cond_t synced; /* synced_id has moved, or the end */
	struct entry *first, *last;
	struct entry *staged; /* the first that is not submitted */
	uint64_t taken_id;    /* of the last that was taken */
	uint64_t synced_id;   /* all up to it may be sent */
	bool syncing;         /* somebody is in fdatasync */
	bool ended, closing;
	char why[WHY_BYTES];
	char trouble[BUS_TROUBLE_SIZE];
	struct suyuan_stats stats;
	struct spool spool;
	uint64_t live_bytes; /* of waiting events, in the spool */
	/* Of the lane's events in the spool, those with an outcome. */
	uint64_t gone_nr[SPOOL_LANES];

	/* The thread's own. */
	uv_loop_t loop;
	uv_timer_t tick;
	struct bus_client *client;
	struct publisher *publisher;
	struct bus_client_watch watch;
	uint64_t resumed, sent; /* of the publisher, as last seen */
	bool alive, was_alive;
	int64_t quiet_since_us; /* nothing waits since; 0: something does */
};

/* open.c */
void sdk_end(struct suyuan *s, const char *code, const char *text); /* locked */

/* publish.c */
struct entry *entry_new(const char *key, uint8_t *event, size_t len,
			unsigned lane, void *arg);
void entry_append(struct suyuan *s, struct entry *e); /* locked */
void entry_free(struct entry *e);

/* loop.c */
int loop_open(struct suyuan *s, struct error *err);
void loop_undo(struct suyuan *s); /* before there is a thread */
void *loop_thread(void *arg);

/* quiet.c */
void quiet_thread(struct suyuan *s); /* this thread speaks for s */
bool quiet_is_own(const struct suyuan *s);

#endif
