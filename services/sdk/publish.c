/* publish.c -- what the program's own threads do: an event is packed, written
 * to the spool, and left for the library's thread (loop.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "bus/must.h"
#include "sdk.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/social.pb-c.h"
#include "timeutil.h"
#include "uuid.h"
#include "json/pbtext.h"

#define KEY_MAX 200

static _Thread_local struct error publish_why;

const char *suyuan_publish_why(void)
{
	return publish_why.text;
}

const char *suyuan_status_text(int status)
{
	switch (status) {
	case SUYUAN_OK:
		return "done";
	case SUYUAN_E_INVALID:
		return "wrong options or event";
	case SUYUAN_E_TOO_LARGE:
		return "the event is larger than 256 KiB";
	case SUYUAN_E_FULL:
		return "no room: too much waits for the service";
	case SUYUAN_E_TIMEOUT:
		return "not done in time";
	case SUYUAN_E_ENDED:
		return "this publisher has ended";
	case SUYUAN_E_SPOOL:
		return "the spool file cannot be used";
	case SUYUAN_E_FORKED:
		return "opened by the parent process";
	case SUYUAN_E_SYSTEM:
		return "the system gave no thread, memory or descriptor";
	default:
		return "unknown status";
	}
}

/* --- an event --- */

struct entry *entry_new(const char *key, uint8_t *event, size_t len,
			unsigned lane, void *arg)
{
	size_t size = strlen(key) + 1;
	struct entry *e = must_calloc(1, sizeof(*e) + size);

	memcpy(e->key, key, size);
	e->event = event;
	e->len = len;
	e->lane = lane;
	e->arg = arg;
	return e;
}

void entry_append(struct suyuan *s, struct entry *e)
{
	e->id = ++s->taken_id;
	e->prev = s->last;
	if (s->last)
		s->last->next = e;
	else
		s->first = e;
	s->last = e;
	if (!s->staged)
		s->staged = e;
	s->live_bytes += spool_record_bytes(e->len);
	s->stats.taken++;
	s->stats.waiting++;
}

void entry_free(struct entry *e)
{
	free(e->event);
	free(e);
}

static bool key_ok(const char *key)
{
	size_t len = key ? strlen(key) : 0;

	for (size_t i = 0; i < len; i++)
		if (key[i] < 0x20 || key[i] > 0x7e)
			return false;
	return len >= 1 && len <= KEY_MAX;
}

static const ProtobufCMethodDescriptor *rpc_of(const char *type)
{
	const ProtobufCMethodDescriptor *rpc =
		protobuf_c_service_descriptor_get_method_by_name(
			&sy__v1__complaints__descriptor, type);

	return rpc ? rpc
		   : protobuf_c_service_descriptor_get_method_by_name(
			     &sy__v1__social__descriptor, type);
}

/* One that is given twice: which of both was meant? */
static bool is_repeated(const struct suyuan_event *event,
			const struct suyuan_field *field)
{
	for (const struct suyuan_field *f = event->fields; f < field; f++)
		if (f->value && *f->value && strcmp(f->name, field->name) == 0)
			return true;
	return false;
}

/* The request of a type, its fields set from their texts. */
static ProtobufCMessage *request_make(const struct suyuan_event *event,
				      struct arena *arena)
{
	const ProtobufCMethodDescriptor *rpc = rpc_of(event->type);
	ProtobufCMessage *msg;

	if (!rpc) {
		error_set(&publish_why,
			  "type: wants RegisterAppeal, ClassifyAppeal, "
			  "AnswerAppeal, ResolveAppeal, CloseAppeal, "
			  "PutMention or DeleteMention; others go as a "
			  "payload");
		return NULL;
	}
	msg = pb_message_new(rpc->input, arena);
	for (const struct suyuan_field *f = event->fields; f->name; f++) {
		struct pb_path path;

		if (!f->value || !*f->value)
			continue;
		if (pb_path_find(rpc->input, f->name, &path, &publish_why) < 0)
			return NULL;
		if (is_repeated(event, f)) {
			error_set(&publish_why, "%s: is given twice", f->name);
			return NULL;
		}
		if (pb_path_set(msg, &path, f->value, strlen(f->value), arena) <
		    0) {
			error_set(&publish_why, "%s: wants %s", f->name,
				  pb_wanted(path.fields[path.n - 1]));
			return NULL;
		}
	}
	return msg;
}

static int event_pack(const struct suyuan_event *from, struct arena *arena,
		      struct entry **e_r, void *arg)
{
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	uint8_t id[UUID_BYTES], *packed;
	ProtobufCMessage *request;
	size_t len;

	if (from->fields) {
		request = request_make(from, arena);
		if (!request)
			return SUYUAN_E_INVALID;
		event.payload.len = protobuf_c_message_get_packed_size(request);
		event.payload.data = arena_alloc(arena, event.payload.len + 1);
		protobuf_c_message_pack(request, event.payload.data);
	} else {
		event.payload.data = (uint8_t *)from->payload;
		event.payload.len = from->payload_bytes;
	}
	uuid_make(id);
	event.event_id.data = id;
	event.event_id.len = sizeof(id);
	event.type = (char *)from->type;
	event.schema_version = 1;
	event.key = (char *)from->key;
	event.occurred_at_us = from->occurred_at_us;
	event.recorded_at_us = time_now_us();
	len = sy__v1__event__get_packed_size(&event);
	if (len > EVENT_MAX_BYTES)
		return SUYUAN_E_TOO_LARGE;
	packed = must_calloc(1, len + 1);
	sy__v1__event__pack(&event, packed);
	*e_r = entry_new(from->key, packed, len, publisher_lane(from->key),
			 arg);
	return SUYUAN_OK;
}

static int event_make(const struct suyuan_event *from, struct entry **e_r,
		      void *arg)
{
	struct arena arena;
	int status;

	publish_why.text[0] = '\0';
	if (!from->type || strlen(from->type) > KEY_MAX) {
		error_set(&publish_why, "type: missing or too long");
		return SUYUAN_E_INVALID;
	}
	if (!key_ok(from->key)) {
		error_set(&publish_why,
			  "key: wants 1 to %d printable ASCII characters",
			  KEY_MAX);
		return SUYUAN_E_INVALID;
	}
	if (!from->fields == !from->payload) {
		error_set(&publish_why, "wants one of fields and payload");
		return SUYUAN_E_INVALID;
	}
	arena_init(&arena);
	status = event_pack(from, &arena, e_r, arg);
	arena_reset(&arena);
	return status;
}

/* --- waiting --- */

static struct timespec deadline(int wait_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += wait_ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_nsec -= 1000000000L;
		t.tv_sec++;
	}
	return t;
}

/* False: the time is over. */
static bool wait_for(struct suyuan *s, pthread_cond_t *cond, int wait_ms,
		     const struct timespec *until)
{
	if (wait_ms == 0)
		return false;
	if (wait_ms < 0)
		return pthread_cond_wait(cond, &s->lock) == 0;
	return pthread_cond_timedwait(cond, &s->lock, until) == 0;
}

static bool has_room(const struct suyuan *s, size_t len)
{
	return s->stats.waiting < s->max_waiting &&
	       (!s->has_spool ||
		s->live_bytes + spool_record_bytes(len) <= s->spool_bytes);
}

/* Until e stands on the disk. Whoever finds nobody in fdatasync goes, for all
 * that have appended. */
static int wait_synced(struct suyuan *s, uint64_t id)
{
	while (s->synced_id < id && !s->ended) {
		uint64_t target = s->taken_id;
		int fd = s->spool.fd, status;

		if (s->syncing) {
			pthread_cond_wait(&s->synced, &s->lock);
			continue;
		}
		s->syncing = true;
		pthread_mutex_unlock(&s->lock);
		status = fdatasync(fd);
		pthread_mutex_lock(&s->lock);
		s->syncing = false;
		if (status < 0)
			sdk_end(s, "SPOOL", "fdatasync failed");
		else if (s->synced_id < target)
			s->synced_id = target;
		pthread_cond_broadcast(&s->synced);
	}
	if (s->synced_id >= id)
		return SUYUAN_OK;
	/* e is no longer ours: the thread gives it up. */
	return SUYUAN_E_SPOOL;
}

static int spool_entry(struct suyuan *s, struct entry *e)
{
	if (spool_append(&s->spool, e->lane, e->event, e->len, &e->at_bytes,
			 &publish_why) < 0)
		return SUYUAN_E_SPOOL;
	entry_append(s, e);
	if (s->spool_sync == SUYUAN_SYNC_HOST)
		return wait_synced(s, s->taken_id);
	s->synced_id = s->taken_id;
	return SUYUAN_OK;
}

/* Locked. *e is NULL when it is no longer the caller's. */
static int take(struct suyuan *s, struct entry **e, int wait_ms)
{
	struct timespec until = { 0 };
	size_t len = (*e)->len;
	int status = SUYUAN_OK;

	if (wait_ms > 0)
		until = deadline(wait_ms);
	while (!s->ended && !has_room(s, len))
		if (!wait_for(s, &s->room, wait_ms, &until))
			return SUYUAN_E_FULL;
	if (s->ended || s->closing)
		return SUYUAN_E_ENDED;
	if (s->has_spool) {
		uint64_t before = s->taken_id;
		struct entry *taken = *e;

		status = spool_entry(s, taken);
		if (s->taken_id != before || status == SUYUAN_OK)
			*e = NULL;
	} else {
		entry_append(s, *e);
		s->synced_id = s->taken_id;
		*e = NULL;
	}
	if (!*e)
		uv_async_send(&s->wake);
	return status;
}

int suyuan_publish(struct suyuan *s, const struct suyuan_event *event,
		   int wait_ms, void *arg)
{
	struct entry *e = NULL;
	int status;

	if (s->pid != getpid())
		return SUYUAN_E_FORKED;
	status = event_make(event, &e, arg);
	if (status != SUYUAN_OK)
		return status;
	pthread_mutex_lock(&s->lock);
	status = take(s, &e, quiet_is_own(s) ? 0 : wait_ms);
	pthread_mutex_unlock(&s->lock);
	if (e)
		entry_free(e);
	return status;
}

/* Its waiter leaves: the event goes on, its outcome to outcome_cb. */
static void forget_waiter(struct suyuan *s, const struct waiter *waiter)
{
	for (struct entry *e = s->last; e; e = e->prev)
		if (e->waiter == waiter) {
			e->waiter = NULL;
			return;
		}
}

int suyuan_publish_wait(struct suyuan *s, const struct suyuan_event *event,
			int timeout_ms, struct suyuan_outcome *outcome_r)
{
	struct waiter waiter = { .outcome = outcome_r };
	struct timespec until = deadline(timeout_ms > 0 ? timeout_ms : 0);
	struct entry *e = NULL;
	int status;

	if (s->pid != getpid())
		return SUYUAN_E_FORKED;
	if (quiet_is_own(s)) {
		error_set(&publish_why, "must not wait in outcome_cb");
		return SUYUAN_E_INVALID;
	}
	status = event_make(event, &e, NULL);
	if (status != SUYUAN_OK)
		return status;
	e->waiter = &waiter;
	pthread_mutex_lock(&s->lock);
	status = take(s, &e, timeout_ms);
	while (status == SUYUAN_OK && !waiter.done)
		if (!wait_for(s, &s->idle, timeout_ms, &until))
			status = SUYUAN_E_TIMEOUT;
	if (waiter.done)
		status = SUYUAN_OK;
	else
		forget_waiter(s, &waiter);
	pthread_mutex_unlock(&s->lock);
	if (e)
		entry_free(e);
	return status;
}

int suyuan_flush(struct suyuan *s, int timeout_ms)
{
	struct timespec until = deadline(timeout_ms > 0 ? timeout_ms : 0);
	int status = SUYUAN_OK;

	if (s->pid != getpid())
		return SUYUAN_E_FORKED;
	if (quiet_is_own(s))
		return SUYUAN_E_INVALID;
	pthread_mutex_lock(&s->lock);
	while (s->stats.waiting > 0 && !s->ended)
		if (!wait_for(s, &s->idle, timeout_ms, &until)) {
			status = SUYUAN_E_TIMEOUT;
			break;
		}
	if (s->ended)
		status = SUYUAN_E_ENDED;
	pthread_mutex_unlock(&s->lock);
	return status;
}

void suyuan_stats(struct suyuan *s, struct suyuan_stats *stats_r,
		  size_t stats_bytes)
{
	struct suyuan_stats now;

	memset(stats_r, 0, stats_bytes);
	if (s->pid != getpid())
		return;
	pthread_mutex_lock(&s->lock);
	now = s->stats;
	now.spool_bytes = s->has_spool ? s->spool.end_bytes : 0;
	pthread_mutex_unlock(&s->lock);
	memcpy(stats_r, &now,
	       stats_bytes < sizeof(now) ? stats_bytes : sizeof(now));
}

const char *suyuan_why(struct suyuan *s)
{
	const char *why;

	if (s->pid != getpid())
		return suyuan_status_text(SUYUAN_E_FORKED);
	pthread_mutex_lock(&s->lock);
	why = s->ended ? s->why : "";
	pthread_mutex_unlock(&s->lock);
	return why;
}

void suyuan_trouble(struct suyuan *s, char *text_r, size_t text_bytes)
{
	if (text_bytes == 0)
		return;
	text_r[0] = '\0';
	if (s->pid != getpid())
		return;
	pthread_mutex_lock(&s->lock);
	snprintf(text_r, text_bytes, "%s", s->trouble);
	pthread_mutex_unlock(&s->lock);
}
