/* reactions_set.c -- the reactions of one batch, in its arena, and what happens
 * to them: every change goes through reaction_note, which judges the clocks and
 * makes the event.
 */
#include <string.h>

#include "reactions.h"
#include "timeutil.h"

struct reaction *reactions_find(const struct reactions *all,
				const uint8_t id[UUID_BYTES])
{
	struct reaction *r = all->first;

	while (r != NULL && memcmp(r->id, id, UUID_BYTES) != 0)
		r = r->next;
	return r;
}

struct reaction *reactions_add(struct reactions *all,
			       const uint8_t id[UUID_BYTES])
{
	struct reaction *r = arena_alloc(all->arena, sizeof(*r));

	memcpy(r->id, id, UUID_BYTES);
	uuid_format(id, r->id_text);
	r->next = all->first;
	all->first = r;
	return r;
}

void reactions_load(struct reactions *all, const struct db_result *res,
		    int statement)
{
	for (int row = 0; row < db_rows(res, statement); row++) {
		size_t len;
		const uint8_t *bytes =
			db_get_bytes(res, statement, row, 0, &len);
		struct reaction *r;

		if (len != UUID_BYTES || reactions_find(all, bytes) != NULL)
			continue;
		r = reactions_add(all, bytes);
		r->revision_read = r->revision =
			db_get_i64(res, statement, row, 1);
		r->next_due_us = db_get_time(res, statement, row, 2);
		r->wake_us = db_get_time(res, statement, row, 3);
		bytes = db_get_bytes(res, statement, row, 4, &len);
		r->now = sy__v1__reaction_stored__unpack(&all->arena->allocator,
							 len, bytes);
		r->last = *r->now->facts;
	}
}

/* --- facts and life are the same, in two shapes --- */

struct reaction_life reaction_life_of(const Sy__V1__ReactionStored *stored)
{
	const Sy__V1__ReactionFacts *f = stored->facts;

	return (struct reaction_life){
		.state = f->state,
		.owned = f->owner[0] != '\0',
		.published_us = f->published_at_us,
		.restarted_us = stored->restarted_at_us,
		.answered_us = f->answered_at_us,
		.forwarded_us = stored->forwarded_at_us,
		.result_us = f->result_at_us,
		.reported_us = f->reported_at_us,
		.ended_us = stored->ended_at_us,
	};
}

static void life_to(const struct reaction_life *life,
		    Sy__V1__ReactionStored *stored)
{
	Sy__V1__ReactionFacts *f = stored->facts;

	f->state = life->state;
	f->answered_at_us = life->answered_us;
	f->result_at_us = life->result_us;
	f->reported_at_us = life->reported_us;
	stored->restarted_at_us = life->restarted_us;
	stored->forwarded_at_us = life->forwarded_us;
	stored->ended_at_us = life->ended_us;
}

/* --- clocks --- */

struct reaction_limits reaction_limits(const struct social *svc,
				       const Sy__V1__ReactionStored *stored,
				       int64_t now_us)
{
	/* who inquires counts the days */
	const char *unit = stored->appeal_unit[0] != '\0' ? stored->appeal_unit
							  : stored->facts->unit;
	const struct replica_unit *u = replica_unit_place(
		svc->replica, unit, (int32_t)(now_us / US_PER_DAY));

	return (struct reaction_limits){
		.rule = stored->rule,
		.policy = stored->facts->policy,
		.zone = u != NULL ? u->zone : zone_get("UTC"),
		.calendar = stored->rule->calendar[0] != '\0'
				    ? replica_calendar(svc->replica,
						       stored->rule->calendar)
				    : NULL,
	};
}

static void judge(struct reactions *all, struct reaction *r)
{
	const struct reaction_limits limits =
		reaction_limits(all->svc, r->now, all->batch->now_us);
	const struct reaction_life life = reaction_life_of(r->now);
	Sy__V1__ReactionFacts *f = r->now->facts;
	struct reaction_clocks clocks =
		reaction_judge(all->arena, &limits, &life, f->clocks,
			       f->n_clocks, all->batch->now_us);

	f->clocks =
		arena_memdup(all->arena, clocks.clock, sizeof(clocks.clock));
	f->n_clocks = clocks.n;
	r->next_due_us = clocks.next_due_us;
	r->wake_us = clocks.wake_us;
}

/* --- what happens --- */

static struct effect *effect_add(struct reactions *all,
				 const struct bus_item *item,
				 struct reaction *r, const char *step,
				 int64_t at_us)
{
	struct effect *e = arena_alloc(all->arena, sizeof(*e));

	*e = (struct effect){
		.r = r,
		.cause = item,
		.step = step,
		.clock = "",
		.by = "",
		.revision = ++r->revision,
		.at_us = at_us,
		.before = r->last,
		.after = *r->now->facts,
		.first = r->revision == 1,
	};
	r->last = *r->now->facts;
	*all->effects_end = e;
	all->effects_end = &e->next;
	return e;
}

void reaction_note(struct reactions *all, const struct bus_item *item,
		   struct reaction *r, const char *step, int64_t at_us,
		   const char *by, const struct said *said)
{
	struct effect *e;

	judge(all, r);
	e = effect_add(all, item, r, step, at_us);
	e->by = by;
	if (said != NULL)
		e->said = *said;
}

const char *reaction_step(struct reactions *all, const struct bus_item *item,
			  struct reaction *r, enum reaction_step step,
			  int64_t at_us, const char *by,
			  const struct said *said)
{
	struct reaction_life life = reaction_life_of(r->now);
	const char *why = reaction_take(&life, step, at_us);

	if (why != NULL)
		return why;
	life_to(&life, r->now);
	reaction_note(all, item, r, reaction_step_names[step], at_us, by, said);
	return NULL;
}

static bool is_late(const Sy__V1__AppealClock *clock)
{
	return clock->state == SY__V1__CLOCK_STATE__CLOCK_BREACHED;
}

void reaction_pass(struct reactions *all, const struct bus_item *item,
		   struct reaction *r)
{
	const Sy__V1__ReactionFacts was = *r->now->facts;

	if (r->wake_us == 0 || r->wake_us > all->batch->now_us)
		return;
	judge(all, r);
	/* nothing has started or stopped: the same clocks */
	for (size_t i = 0; i < was.n_clocks; i++) {
		const Sy__V1__AppealClock *is = r->now->facts->clocks[i];

		if (is->warned && !was.clocks[i]->warned)
			effect_add(all, item, r, "warned", is->warn_us)->clock =
				is->clock;
		if (is_late(is) && !is_late(was.clocks[i]))
			effect_add(all, item, r, "breached", is->due_us)
				->clock = is->clock;
	}
}

/* --- complaints --- */

struct tell *reaction_tell(struct reactions *all, struct reaction *r,
			   const char *method, const ProtobufCMessage *request)
{
	struct tell *t = arena_alloc(all->arena, sizeof(*t));

	*t = (struct tell){
		.r = r,
		.n = ++r->now->tells,
		.method = method,
		.request = request,
	};
	*all->tells_end = t;
	all->tells_end = &t->next;
	return t;
}

void reaction_told(struct reactions *all, const struct reaction *r, uint32_t n,
		   bool whole)
{
	all->told[all->told_nr].reaction = r->id;
	all->told[all->told_nr].n = n;
	all->told[all->told_nr++].all = whole;
}
