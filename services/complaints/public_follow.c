/* public_follow.c -- a case as its customer may see it: state in plain words,
 * steps with their dates, what was said to and by the customer, promises. Never
 * notes among colleagues, never who of the staff did what.
 */
#include <stdlib.h>
#include <string.h>

#include "policies.h"
#include "public.h"
#include "timeutil.h"

enum { CASE, TIMELINE, OTHERS, NAMES }; /* statements */

struct following {
	struct arena *arena;
	const struct replica *replica;
	const Sy__V1__Appeal *appeal;
	const struct appeal_facts *facts;
	Sy__V1__FollowAppealReply *reply;
	int64_t now_us;
};

/* --- steps --- */

static int by_due(const void *a, const void *b)
{
	const Sy__V1__PublicStep *x = *(Sy__V1__PublicStep *const *)a;
	const Sy__V1__PublicStep *y = *(Sy__V1__PublicStep *const *)b;

	if (x->due_us == y->due_us)
		return strcmp(x->step, y->step);
	return x->due_us < y->due_us ? -1 : 1;
}

static void steps_fill(const struct following *f)
{
	Sy__V1__FollowAppealReply *r = f->reply;

	r->steps = arena_alloc(f->arena,
			       (f->facts->clocks_nr + 1) * sizeof(r->steps[0]));
	for (size_t i = 0; i < f->facts->clocks_nr; i++) {
		const Sy__V1__AppealClock *clock = f->facts->clocks[i];
		const Sy__V1__ClockRule *rule = policies_clock(
			f->replica, clock->policy, f->facts->registered_day);
		Sy__V1__PublicStep *step = arena_alloc(f->arena, sizeof(*step));

		sy__v1__public_step__init(step);
		step->step = clock->clock;
		if (rule != NULL) {
			step->names = rule->names;
			step->n_names = rule->n_names;
		}
		step->state = public_step_state(
			clock, appeal_ended(f->facts->state), f->now_us);
		step->started_at_us = clock->started_at_us;
		step->due_us = clock->due_us;
		step->done_at_us = clock->stopped_at_us;
		r->steps[r->n_steps++] = step;
	}
	qsort(r->steps, r->n_steps, sizeof(r->steps[0]), by_due);
}

/* --- words --- */

static char *file_name(const struct following *f, const char *code)
{
	for (size_t i = 0; i < f->appeal->n_attachments; i++)
		if (strcmp(f->appeal->attachments[i]->attachment, code) == 0)
			return f->appeal->attachments[i]->file_name;
	return (char *)"";
}

static enum fact_type fact_named(const char *name)
{
	int type = 0;

	while (type < FACT_NR && strcmp(fact_names[type], name) != 0)
		type++;
	return (enum fact_type)type;
}

static void words_fill(const struct following *f)
{
	Sy__V1__FollowAppealReply *r = f->reply;

	r->words = arena_alloc(f->arena, (f->appeal->n_timeline + 1) *
						 sizeof(r->words[0]));
	for (size_t i = 0; i < f->appeal->n_timeline; i++) {
		const Sy__V1__TimelineEntry *e = f->appeal->timeline[i];
		bool own = strcmp(e->source, PUBLIC_SOURCE) == 0;
		Sy__V1__PublicWordKind kind =
			public_word_kind(fact_named(e->type), own);
		Sy__V1__PublicWord *word;

		if (kind == SY__V1__PUBLIC_WORD_KIND__WORD_NONE || e->refused)
			continue;
		word = arena_alloc(f->arena, sizeof(*word));
		sy__v1__public_word__init(word);
		word->kind = kind;
		word->at_us = e->occurred_at_us;
		word->own = own;
		word->text = kind == SY__V1__PUBLIC_WORD_KIND__WORD_FILE
				     ? file_name(f, e->detail->item)
				     : e->text;
		r->words[r->n_words++] = word;
	}
}

/* --- promises --- */

static Sy__V1__PublicStepState promise_state(const Sy__V1__Promise *p)
{
	switch ((int)p->state) {
	case SY__V1__PROMISE_STATE__PROMISE_KEPT:
		return SY__V1__PUBLIC_STEP_STATE__STEP_DONE;
	case SY__V1__PROMISE_STATE__PROMISE_BROKEN:
		return SY__V1__PUBLIC_STEP_STATE__STEP_DROPPED;
	default:
		return p->overdue ? SY__V1__PUBLIC_STEP_STATE__STEP_OVERDUE
				  : SY__V1__PUBLIC_STEP_STATE__STEP_RUNNING;
	}
}

static void promises_fill(const struct following *f)
{
	Sy__V1__FollowAppealReply *r = f->reply;

	r->promises = arena_alloc(f->arena, (f->appeal->n_promises + 1) *
						    sizeof(r->promises[0]));
	for (size_t i = 0; i < f->appeal->n_promises; i++) {
		const Sy__V1__Promise *from = f->appeal->promises[i];
		Sy__V1__PublicPromise *p = arena_alloc(f->arena, sizeof(*p));

		sy__v1__public_promise__init(p);
		p->text = from->text;
		p->due_us = from->due_us;
		p->state = promise_state(from);
		r->promises[r->n_promises++] = p;
	}
}

/* --- FollowAppeal --- */

static bool may(const struct following *f, enum fact_type fact)
{
	const struct transition *t = transition_find(f->facts->state, fact);

	return t != NULL && t->fit == FIT_TAKEN;
}

static void names_fill(const struct following *f, const struct db_result *res)
{
	Sy__V1__FollowAppealReply *r = f->reply;

	for (int row = 0; row < db_rows(res, NAMES); row++) {
		size_t n;
		Sy__V1__Label **labels =
			public_labels(f->arena, res, NAMES, row, 1, &n);

		switch (db_get_i32(res, NAMES, row, 0)) {
		case 0:
			r->kind_names = labels;
			r->n_kind_names = n;
			break;
		case 1:
			r->topic_names = labels;
			r->n_topic_names = n;
			break;
		default:
			r->unit_names = labels;
			r->n_unit_names = n;
			break;
		}
	}
}

static void followed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct complaints *svc = bus_request_svc(req);
	Sy__V1__FollowAppealReply reply = SY__V1__FOLLOW_APPEAL_REPLY__INIT;
	struct appeal_facts facts;
	Sy__V1__Appeal appeal;
	struct following f = {
		.arena = bus_request_arena(req),
		.replica = svc->replica,
		.facts = &facts,
		.appeal = &appeal,
		.reply = &reply,
		.now_us = time_now_us(),
	};

	if (bus_reply_db_error(req, res))
		return;
	if (db_rows(res, CASE) != 1) {
		bus_reply_error(req, SY__V1__ERROR_CODE__NOT_FOUND, "code",
				"number and code do not fit");
		return;
	}
	store_facts(f.arena, res, CASE, 0, STORE_FACTS_COL, &facts);
	get_fill(f.arena, svc, res, CASE, &facts, &appeal);
	reply.number = f.appeal->external_id;
	reply.state = public_state(facts.state, facts.reopened);
	reply.kind = (char *)facts.code[CODE_KIND];
	reply.topic = (char *)facts.code[CODE_TOPIC];
	reply.unit = (char *)facts.code[CODE_UNIT];
	reply.lodged_at_us = facts.registered_at_us;
	reply.outside_appeal_until_us = f.appeal->outside_appeal_until_us;
	reply.outside_appeal_texts = f.appeal->outside_appeal_texts;
	reply.n_outside_appeal_texts = f.appeal->n_outside_appeal_texts;
	reply.rating = facts.rating;
	reply.may_add = may(&f, FACT_NOTE);
	reply.may_withdraw = may(&f, FACT_WITHDRAW);
	reply.may_reopen = may(&f, FACT_REOPEN);
	reply.may_rate = facts.rating == 0 && may(&f, FACT_RATE);
	steps_fill(&f);
	words_fill(&f);
	promises_fill(&f);
	names_fill(&f, res);
	bus_reply(req, &reply.base);
}

static void follow_known_cb(struct bus_request *req, const char *number,
			    void *arg)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	(void)arg;
	for (int i = SQL_GET; i <= SQL_GET_OTHERS; i++) {
		db_exec(pipe, i);
		db_null(pipe);
		db_text(pipe, PUBLIC_SOURCE);
		db_text(pipe, number);
		if (i != SQL_GET_OTHERS)
			db_bool(pipe, true);
	}
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_NAMES);
	db_i32(pipe, (int32_t)(time_now_us() / US_PER_DAY));
	db_text(pipe, PUBLIC_SOURCE);
	db_text(pipe, number);
	db_pipe_run(pipe, followed_cb, req);
}

void handle_follow_appeal(struct bus_request *req)
{
	const Sy__V1__FollowAppealRequest *msg =
		(const void *)bus_request_message(req);

	public_known(req, msg->number, msg->code, msg->caller, follow_known_cb,
		     NULL);
}
