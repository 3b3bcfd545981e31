/* publisher_lane.c -- one lane of a publisher: numbered events from the oldest
 * that is not reported to the newest, and the rejects that belong to them. */
#include <string.h>

#include <xxhash.h>

#include "bus/must.h"
#include "bus/publisher_internal.h"

/* Rejects are confirmed late: a program that is killed before it could write
 * them down hears of them again when it resumes. */
#define UNSEEN_MAX 256
/* A PUBLISH costs as much as some events. While one of the lane is on its way,
 * fewer than these wait for its ACK and go together; an idle lane sends at
 * once. More would wait for two transactions of a loaded service. */
#define TOGETHER_EVENTS 8

unsigned publisher_lane(const char *lane_key)
{
	return (unsigned)(XXH64(lane_key, strlen(lane_key), 0) % BUS_LANES);
}

static size_t slot(const struct lane *lane, uint64_t seq)
{
	return (size_t)seq & (lane->ring_cap - 1);
}

static void lane_grow(struct lane *lane)
{
	struct lane old = *lane;

	lane->ring_cap = old.ring_cap ? old.ring_cap * 2 : 64;
	lane->ring = must_calloc(lane->ring_cap, sizeof(struct queued *));
	for (uint64_t seq = old.done_seq + 1; seq <= old.queued_seq; seq++)
		lane->ring[slot(lane, seq)] = old.ring[slot(&old, seq)];
	free(old.ring);
}

void lane_push(struct lane *lane, struct queued *event)
{
	if (lane->queued_seq - lane->done_seq >= lane->ring_cap)
		lane_grow(lane);
	lane->queued_seq++;
	lane->ring[slot(lane, lane->queued_seq)] = event;
}

struct queued *lane_at(const struct lane *lane, uint64_t seq)
{
	return lane->ring[slot(lane, seq)];
}

/* Whoever says so, and under whatever epoch: what is committed stays so. */
void lane_committed(struct lane *lane, uint64_t last_seq)
{
	if (last_seq > lane->committed_seq)
		lane->committed_seq = last_seq;
	if (lane->next_seq <= lane->committed_seq)
		lane->next_seq = lane->committed_seq + 1;
}

void lane_rewind(struct lane *lane)
{
	lane->next_seq = lane->committed_seq + 1;
}

uint64_t lane_in_flight(const struct lane *lane)
{
	return lane->next_seq - 1 - lane->committed_seq;
}

uint64_t lane_sendable_seq(const struct lane *lane)
{
	return lane->fixed_seq < lane->queued_seq ? lane->fixed_seq
						  : lane->queued_seq;
}

bool lane_saves_up(const struct lane *lane)
{
	return lane_in_flight(lane) > 0 &&
	       lane_sendable_seq(lane) - lane->next_seq + 1 < TOGETHER_EVENTS;
}

static void lane_forget_rejects(struct lane *lane, uint64_t seq)
{
	while (lane->rejects && lane->rejects->message->seq <= seq) {
		struct reject *r = lane->rejects;

		lane->rejects = r->next;
		sy__v1__reject__free_unpacked(r->message, NULL);
		free(r);
	}
}

bool lane_number(struct lane *lane)
{
	struct lane old = *lane;
	uint64_t base = lane->done_seq;

	if (lane->fixed_seq == UINT64_MAX || !lane->welcomed ||
	    lane->done_seq < lane->fixed_seq)
		return false;
	if (base < lane->welcome_seq)
		base = lane->welcome_seq;
	lane->done_seq = lane->committed_seq = lane->seen_seq = base;
	lane->queued_seq = base + (old.queued_seq - old.done_seq);
	lane->next_seq = base + 1;
	lane->fixed_seq = UINT64_MAX;
	lane_forget_rejects(lane, base);
	if (!old.ring)
		return true;
	lane->ring = must_calloc(lane->ring_cap, sizeof(struct queued *));
	for (uint64_t i = 1; i <= old.queued_seq - old.done_seq; i++)
		lane->ring[slot(lane, base + i)] =
			old.ring[slot(&old, old.done_seq + i)];
	free(old.ring);
	return true;
}

/* Without what this release does not know: protobuf-c reads fields (number 0)
 * that it cannot read again once it has packed them. */
static Sy__V1__Reject *reject_copy(const Sy__V1__Reject *from)
{
	Sy__V1__Reject known = *from, *copy;
	uint8_t *packed;
	size_t len;

	known.base.n_unknown_fields = 0;
	len = sy__v1__reject__get_packed_size(&known);
	packed = must_calloc(1, len + 1);
	sy__v1__reject__pack(&known, packed);
	copy = sy__v1__reject__unpack(NULL, len, packed);
	free(packed);
	if (!copy)
		abort(); /* it was packed here: memory is out */
	return copy;
}

void lane_take_rejects(struct lane *lane, Sy__V1__Reject *const *rejects,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reject **at = &lane->rejects, *added;

		while (*at && (*at)->message->seq < rejects[i]->seq)
			at = &(*at)->next;
		if (rejects[i]->seq <= lane->done_seq ||
		    (*at && (*at)->message->seq == rejects[i]->seq))
			continue;
		added = must_calloc(1, sizeof(*added));
		added->message = reject_copy(rejects[i]);
		added->next = *at;
		*at = added;
	}
}

struct queued *lane_pop_done(struct lane *lane, Sy__V1__Reject **reject_r)
{
	struct reject *first = lane->rejects;
	struct queued *event;

	*reject_r = NULL;
	if (lane->done_seq >= lane_sendable_seq(lane) ||
	    lane->done_seq >= lane->committed_seq)
		return NULL;
	lane->done_seq++;
	event = lane_at(lane, lane->done_seq);
	if (first && first->message->seq == lane->done_seq) {
		*reject_r = first->message;
		lane->rejects = first->next;
		free(first);
		if (++lane->unseen_nr == UNSEEN_MAX) {
			lane->unseen_nr = 0;
			lane->seen_seq = lane->done_seq;
		}
	}
	return event;
}

void lane_close(struct lane *lane)
{
	struct reject *r, *next;

	for (uint64_t seq = lane->done_seq + 1; seq <= lane->queued_seq; seq++)
		free(lane_at(lane, seq));
	free(lane->ring);
	for (r = lane->rejects; r; r = next) {
		next = r->next;
		sy__v1__reject__free_unpacked(r->message, NULL);
		free(r);
	}
	memset(lane, 0, sizeof(*lane));
}
