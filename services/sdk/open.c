/* open.c -- the beginning and the end of a publisher. Next: publish.c. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/context.h"
#include "bus/must.h"
#include "sdk.h"
#include "suyuan/v1/bus.pb-c.h"

#define WAITING_FALLBACK 16384
#define SPOOL_BYTES_FALLBACK ((size_t)64 * 1024 * 1024)

/* All publishers of the process share one ZeroMQ context. */
static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static int context_users;

static void fork_lock(void)
{
	pthread_mutex_lock(&context_lock);
}

static void fork_unlock(void)
{
	pthread_mutex_unlock(&context_lock);
}

static void fork_child(void)
{
	context_users = 0; /* the parent's; see bus_context */
	pthread_mutex_unlock(&context_lock);
}

static void watch_forks(void)
{
	pthread_atfork(fork_lock, fork_unlock, fork_child);
}

static int context_use(struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int status = 0;

	pthread_once(&once, watch_forks);
	pthread_mutex_lock(&context_lock);
	if (bus_context())
		context_users++;
	else
		status = error_set(err, "no ZeroMQ context");
	pthread_mutex_unlock(&context_lock);
	return status;
}

static void context_drop(void)
{
	pthread_mutex_lock(&context_lock);
	if (--context_users == 0)
		bus_context_close();
	pthread_mutex_unlock(&context_lock);
}

void sdk_end(struct suyuan *s, const char *code, const char *text)
{
	if (s->ended)
		return;
	s->ended = true;
	snprintf(s->why, sizeof(s->why), "%s: %s", code, text);
	pthread_cond_broadcast(&s->room);
	pthread_cond_broadcast(&s->idle);
	pthread_cond_broadcast(&s->synced);
	uv_async_send(&s->wake);
}

/* --- options --- */

static int load_keys(struct suyuan *s, const struct suyuan_options *o,
		     const char *service, struct error *err)
{
	struct registry *registry;
	const char *key = o->server_key;

	if (!o->key_file)
		return error_set(err, "key_file: missing");
	if (!key == !o->registry_file)
		return error_set(err, "wants one of server_key and "
				      "registry_file");
	if (key_load(o->key_file, &s->key, err) < 0)
		return -1;
	if (key) {
		if (strlen(key) != KEY_Z85_SIZE - 1)
			return error_set(err, "server_key: not 40 characters "
					      "of Z85");
		memcpy(s->server_key, key, KEY_Z85_SIZE);
		return 0;
	}
	if (registry_open(&registry, NULL, o->registry_file, err) < 0)
		return -1;
	key = registry_key(registry, service);
	if (key)
		memcpy(s->server_key, key, KEY_Z85_SIZE);
	registry_close(&registry);
	return key ? 0
		   : error_set(err, "%s has no key of %s", o->registry_file,
			       service);
}

static int check_name(const char *name, struct error *err)
{
	size_t len = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz"
					 "0123456789_.:-")
			  : 0;

	if (len < 1 || len > 64 || name[len])
		return error_set(err, "publisher: wants [a-z0-9_.:-]{1,64}");
	return 0;
}

/* --- the spool's events --- */

static void recover(void *arg, unsigned lane, const uint8_t *event, size_t len,
		    uint64_t at_bytes)
{
	struct suyuan *s = arg;
	Sy__V1__Event *read = sy__v1__event__unpack(NULL, len, event);
	uint8_t *copy = must_calloc(1, len + 1);
	struct entry *e;

	memcpy(copy, event, len);
	/* Its checksum is right: what cannot be read is the service's to
	 * refuse. */
	e = entry_new(read ? read->key : "", copy, len, lane, NULL);
	e->recovered = true;
	e->at_bytes = at_bytes;
	entry_append(s, e);
	s->stats.recovered++;
	if (read)
		sy__v1__event__free_unpacked(read, NULL);
}

static int open_spool(struct suyuan *s, const struct suyuan_options *o,
		      const char *service, struct error *err)
{
	char owner[160];

	s->spool.fd = s->spool.new_fd = -1;
	if (!o->spool_file)
		return 0;
	snprintf(owner, sizeof(owner), "%s %s", service, o->publisher);
	if (spool_open(&s->spool, o->spool_file, owner, recover, s, err) < 0)
		return -1;
	s->has_spool = true;
	s->synced_id = s->taken_id;
	s->stats.torn_bytes = s->spool.torn_bytes;
	return 0;
}

/* --- the thread --- */

static void init_locks(struct suyuan *s)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->room, &attr);
	pthread_cond_init(&s->idle, &attr);
	pthread_cond_init(&s->synced, &attr);
	pthread_condattr_destroy(&attr);
}

/* The program's signals are for its own threads. */
static int start_thread(struct suyuan *s, struct error *err)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&s->thread, NULL, loop_thread, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status ? error_set(err, "thread: %s", strerror(status)) : 0;
}

static void suyuan_free(struct suyuan *s)
{
	struct entry *e, *next;

	for (e = s->first; e; e = next) {
		next = e->next;
		entry_free(e);
	}
	spool_close(&s->spool, false);
	pthread_cond_destroy(&s->room);
	pthread_cond_destroy(&s->idle);
	pthread_cond_destroy(&s->synced);
	pthread_mutex_destroy(&s->lock);
	free(s->endpoint);
	free(s->publisher_name);
	free(s);
}

static int run(struct suyuan *s, struct error *err)
{
	if (context_use(err) < 0)
		return SUYUAN_E_SYSTEM;
	if (loop_open(s, err) < 0) {
		context_drop();
		return SUYUAN_E_INVALID;
	}
	if (start_thread(s, err) < 0) {
		loop_undo(s);
		context_drop();
		return SUYUAN_E_SYSTEM;
	}
	return SUYUAN_OK;
}

static int open_all(struct suyuan *s, const struct suyuan_options *o,
		    struct error *err)
{
	const char *service = o->service ? o->service : "complaints";

	if (!o->endpoint) {
		error_set(err, "endpoint: missing");
		return SUYUAN_E_INVALID;
	}
	if (check_name(o->publisher, err) < 0 ||
	    load_keys(s, o, service, err) < 0)
		return SUYUAN_E_INVALID;
	s->endpoint = strdup(o->endpoint);
	s->publisher_name = strdup(o->publisher);
	if (!s->endpoint || !s->publisher_name)
		abort();
	s->spool_sync = o->spool_sync;
	s->spool_bytes = o->spool_bytes ? o->spool_bytes : SPOOL_BYTES_FALLBACK;
	s->max_waiting = o->max_waiting ? o->max_waiting : WAITING_FALLBACK;
	s->outcome_cb = o->outcome_cb;
	s->cb_arg = o->cb_arg;
	s->log_cb = o->log_cb;
	if (open_spool(s, o, service, err) < 0)
		return SUYUAN_E_SPOOL;
	return run(s, err);
}

int suyuan_open(struct suyuan **s_r, const struct suyuan_options *options,
		char *why, size_t why_bytes)
{
	struct suyuan_options o = SUYUAN_OPTIONS;
	struct suyuan *s = must_calloc(1, sizeof(*s));
	struct error err = { "" };
	int status;

	*s_r = NULL;
	/* A program that was compiled with an older header gives less. */
	memcpy(&o, options,
	       options->size < sizeof(o) ? options->size : sizeof(o));
	s->pid = getpid();
	init_locks(s);
	status = open_all(s, &o, &err);
	if (why && why_bytes > 0)
		snprintf(why, why_bytes, "%s", err.text);
	if (status != SUYUAN_OK)
		suyuan_free(s);
	else
		*s_r = s;
	return status;
}

void suyuan_close(struct suyuan **s_p)
{
	struct suyuan *s = s_p ? *s_p : NULL;

	if (!s)
		return;
	*s_p = NULL;
	if (s->pid != getpid())
		return; /* its thread is not here, its locks may be held */
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
	pthread_join(s->thread, NULL);
	context_drop();
	suyuan_free(s);
}
