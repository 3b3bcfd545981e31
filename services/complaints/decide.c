/* decide.c -- judges the items of a batch over the cases that read found: O(n),
 * in memory. Events are collected and emitted at the end, since the directory
 * may have to be asked first and then all is judged again.
 */
#include <string.h>

#include "metrics.h"
#include "subjects.h"
#include "timeutil.h"

/* A batch that is judged again counts again. */
static struct metric facts_taken =
	METRIC(METRIC_COUNTER, "suyuan_complaints_facts_total",
	       "Facts that were judged to take effect or to be kept");
static struct metric facts_repeated =
	METRIC(METRIC_COUNTER, "suyuan_complaints_repeats_total",
	       "Facts that were known already");

/* --- outcomes --- */

static void reply(struct decision *d, struct bus_item *item,
		  const struct appeal_case *c, bool duplicate)
{
	Sy__V1__AppealReply *msg = arena_alloc(&d->batch->arena, sizeof(*msg));

	sy__v1__appeal_reply__init(msg);
	msg->appeal_id = (char *)c->id_text;
	msg->revision = c->revision;
	msg->state = c->now.state;
	msg->duplicate = duplicate;
	item->verdict = SY__V1__ERROR_CODE__OK;
	item->duplicate = duplicate;
	item->reply = &msg->base;
	metric_add(duplicate ? &facts_repeated : &facts_taken, 1);
}

struct effect *decide_effect(struct decision *d, const struct bus_item *item,
			     struct appeal_case *c, const char *type,
			     int64_t occurred_us,
			     const struct appeal_facts *after)
{
	struct effect *e = arena_alloc(&d->batch->arena, sizeof(*e));

	*e = (struct effect){
		.item = item,
		.c = c,
		.type = type,
		.revision = ++c->revision,
		.occurred_at_us = occurred_us,
		.before = c->now,
		.after = *after,
	};
	c->now = *after;
	*d->effects_last = e;
	d->effects_last = &e->next;
	return e;
}

bool decide_unknown(struct decision *d, struct bus_item *item,
		    const char *field)
{
	if (!d->directory_fresh) {
		d->wait = true;
		return false;
	}
	bus_refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
		   "is not in the directory on the day of the appeal");
	return false;
}

static bool is_duplicate(const struct asked *a, const struct appeal_fact *known)
{
	return known->type == a->fact.type &&
	       known->occurred_at_us == a->fact.occurred_at_us &&
	       memcmp(known->body_hash, a->fact.body_hash,
		      sizeof(known->body_hash)) == 0;
}

/* Kept facts that have no place now that more is known. fits: as they were. */
static void refuse_kept(struct decision *d, const struct bus_item *item,
			struct appeal_case *c, const enum fact_fit *fits,
			const struct appeal_facts *after)
{
	size_t known = c->facts_nr - 1;

	for (size_t i = 0; i < known; i++) {
		const struct appeal_fact *f = &c->facts[i];

		if (f->fit != FIT_REFUSED || fits[i] == FIT_REFUSED)
			continue;
		if (c->refused_now == NULL)
			c->refused_now =
				arena_alloc(&d->batch->arena, CASE_FACTS_MAX);
		c->refused_now[i] = true;
		decide_effect(d, item, c, "AppealFactRefused",
			      f->occurred_at_us, after)
			->refused = f->why;
	}
}

static enum fact_fit *fits_of(struct decision *d, struct appeal_case *c)
{
	enum fact_fit *fits = arena_alloc(&d->batch->arena,
					  (c->facts_nr + 1) * sizeof(*fits));
	struct folded f;

	/* which of them wait is not stored */
	if (!c->folded)
		decide_fold_life(d, c, &f);
	for (size_t i = 0; i < c->facts_nr; i++)
		fits[i] = c->facts[i].fit;
	return fits;
}

/* --- facts --- */

static struct appeal_fact *fact_add(struct decision *d, struct bus_item *item,
				    struct appeal_case *c,
				    const struct asked *a)
{
	struct appeal_fact *f = case_fact_room(d->cases, c);

	*f = a->fact;
	f->n = (int)c->facts_nr++;
	f->source = item->principal;
	return f;
}

/* What is kept with a registration besides its codes; NULL: nothing. */
static const Sy__V1__AppealDetail *
registration_detail(struct decision *d, const struct asked *a, int32_t day)
{
	Sy__V1__AppealDetail *detail = NULL;
	struct appeal_facts codes;

	if (a->fact.code[CODE_DEPARTMENT][0] == '\0') {
		appeal_facts_init(&codes);
		appeal_codes_take(&codes, &a->fact);
		detail = decide_routing(d, &codes, day);
	}
	if (a->received_us == 0 || a->received_us == a->fact.occurred_at_us)
		return detail;
	if (detail == NULL) {
		detail = arena_alloc(&d->batch->arena, sizeof(*detail));
		sy__v1__appeal_detail__init(detail);
	}
	detail->received_at_us = a->received_us;
	return detail;
}

/* True: the registration is there already, and the item has its answer. */
static bool registered_before(struct decision *d, struct bus_item *item,
			      const struct appeal_case *c, struct asked *a)
{
	for (size_t i = 0; c != NULL && i < c->facts_nr; i++) {
		const struct appeal_fact *known = &c->facts[i];

		if (known->type != FACT_REGISTER)
			continue;
		if (a->said_us == 0)
			a->fact.occurred_at_us = known->occurred_at_us;
		if (is_duplicate(a, known))
			reply(d, item, c, true);
		else
			bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT,
				   "external_id",
				   "was used before with another body or time");
		return true;
	}
	return false;
}

static void decide_register(struct decision *d, struct bus_item *item,
			    struct asked *a)
{
	struct appeal_case *c =
		cases_find_key(d->cases, item->principal, a->external_id);
	struct folded f;
	enum fact_fit *fits = NULL;
	int32_t day = (int32_t)(a->fact.occurred_at_us / US_PER_DAY);

	if (registered_before(d, item, c, a))
		return;
	if (unit_at(d->svc->replica, a->fact.code[CODE_UNIT],
		    a->fact.occurred_at_us, &day) == NULL) {
		decide_unknown(d, item, code_names[CODE_UNIT]);
		return;
	}
	if (!decide_codes(d, item, a->fact.code, day) ||
	    !decide_scope(d, item, a->fact.code[CODE_UNIT], day))
		return;
	if (c == NULL) {
		uint8_t id[UUID_BYTES];

		uuid_make(id);
		c = cases_add(d->cases, id, item->principal, a->external_id);
	}
	a->fact.detail = registration_detail(d, a, day);
	if (c->facts_nr > 0)
		fits = fits_of(d, c);
	fact_add(d, item, c, a);
	c->person = a->person;
	if (!c->erased) {
		subject_make(d->svc, c);
		subjects_registered(d, item, c);
	}
	decide_fold(d, c, &f);
	if (subjects_mark_repeat(d, c, &f.after))
		decide_fold(d, c, &f);
	decide_effect(d, item, c, fact_events[FACT_REGISTER],
		      a->fact.occurred_at_us, &f.after)
		->detail = a->fact.detail;
	if (fits != NULL)
		refuse_kept(d, item, c, fits, &f.after);
	reply(d, item, c, false);
}

/* The case that an item points at; NULL: refused, or unknown and to be kept. */
static struct appeal_case *case_of(struct decision *d, struct bus_item *item,
				   const struct asked *a, bool *keep_r)
{
	struct appeal_case *c;
	uint8_t id[UUID_BYTES];

	*keep_r = false;
	if (a->ref->appeal_id[0] == '\0') {
		c = cases_find_key(d->cases, item->principal,
				   a->ref->external_id);
		*keep_r = c == NULL;
		return c;
	}
	uuid_parse(a->ref->appeal_id, id);
	c = cases_find_id(d->cases, id);
	if (c == NULL) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND,
			   "appeal.appeal_id", "no such appeal");
		return NULL;
	}
	if (!grant_reaches(d->svc->replica, item->grant, item->principal,
			   c->source, &c->now)) {
		bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "appeal",
			   "lies outside of the principal's subtree");
		return NULL;
	}
	return c;
}

/* A fact of a registered case must fit into the whole life, and nothing that
 * fitted may lose its place by it. */
static const char *life_refuses(const struct bus_item *item,
				const struct appeal_case *c,
				const struct appeal_fact *fact,
				const enum fact_fit *fits)
{
	if (fact->fit == FIT_REFUSED)
		return fact->why;
	/* a person is told at once; an office's events may come out of order */
	if (fact->fit == FIT_WAITS && item->event == NULL)
		return fact->why;
	for (size_t i = 0; i + 1 < c->facts_nr; i++) {
		if (c->facts[i].fit == FIT_REFUSED && fits[i] == FIT_TAKEN)
			return "does not fit with what was recorded after it";
	}
	return NULL;
}

static void decide_registered(struct decision *d, struct bus_item *item,
			      struct appeal_case *c, struct asked *a)
{
	enum fact_fit *fits;
	struct folded f;
	struct appeal_fact *fact;
	const char *why;
	bool kept;

	fits = fits_of(d, c);
	fact = fact_add(d, item, c, a);
	decide_fold(d, c, &f);
	why = life_refuses(item, c, fact, fits);
	if (why != NULL) {
		c->facts_nr--;
		for (size_t i = 0; i < c->facts_nr; i++)
			c->facts[i].fit = fits[i];
		bus_refuse(item, SY__V1__ERROR_CODE__STATE, "occurred_at_us",
			   "%s", why);
		return;
	}
	kept = fact->fit == FIT_WAITS;
	if (a->fact.type == FACT_CLASSIFY &&
	    subjects_mark_repeat(d, c, &f.after))
		decide_fold(d, c, &f);
	decide_effect(d, item, c,
		      kept ? "AppealFactKept" : fact_events[a->fact.type],
		      a->fact.occurred_at_us, &f.after)
		->detail = a->fact.detail;
	refuse_kept(d, item, c, fits, &f.after);
	if (a->fact.type == FACT_RESOLVE || a->fact.type == FACT_CLOSE)
		subjects_ended(d, item, c);
	reply(d, item, c, false);
}

static bool fact_known(const struct appeal_case *c, const struct asked *a)
{
	for (size_t i = 0; i < c->facts_nr; i++) {
		if (is_duplicate(a, &c->facts[i]))
			return true;
	}
	return false;
}

static void decide_fact(struct decision *d, struct bus_item *item,
			struct asked *a)
{
	bool keep;
	struct appeal_case *c = case_of(d, item, a, &keep);
	struct folded f;

	if (c == NULL && !keep)
		return;
	if (c != NULL && fact_known(c, a)) {
		reply(d, item, c, true);
		return;
	}
	if (c != NULL && c->facts_nr >= CASE_FACTS_MAX) {
		bus_refuse(item, SY__V1__ERROR_CODE__STATE, "appeal",
			   "holds %d facts already", CASE_FACTS_MAX);
		return;
	}
	if (!decide_life(d, item, c, a))
		return;
	if (c != NULL && case_registered(c)) {
		decide_registered(d, item, c, a);
		return;
	}
	if (c == NULL) {
		uint8_t id[UUID_BYTES];

		uuid_make(id);
		c = cases_add(d->cases, id, item->principal,
			      a->ref->external_id);
	}
	fact_add(d, item, c, a);
	decide_fold(d, c, &f);
	decide_effect(d, item, c, "AppealFactKept", a->fact.occurred_at_us,
		      &f.after)
		->detail = a->fact.detail;
	reply(d, item, c, false);
}

/* --- the batch --- */

static void decide_item(struct decision *d, struct bus_item *item)
{
	size_t method = (size_t)(item->method - complaints_methods);
	struct problem problem;
	struct asked a;

	if (method == METHOD_CLOCK_DUE) {
		decide_due(d, item);
		return;
	}
	if (method > METHOD_CLOCK_DUE) {
		subjects_decide(d, item);
		return;
	}
	asked_read(&a, (enum fact_type)method, item->request,
		   item->occurred_at_us, d->batch->now_us);
	if (!asked_check(&a, item->event != NULL, d->batch->now_us, &problem)) {
		bus_refuse(item, problem.code, problem.field, "%s",
			   problem.text);
		return;
	}
	body_hash(d->svc, &d->batch->arena, &a, item->request);
	if (a.fact.type == FACT_REGISTER)
		decide_register(d, item, &a);
	else
		decide_fact(d, item, &a);
}

/* What the fact said, "" of what is none and of whom it is not kept. */
static const char *text_of(const struct effect *e)
{
	size_t method = (size_t)(e->item->method - complaints_methods);
	struct asked a;

	if (method >= FACT_NR || e->refused != NULL || e->c->erased)
		return "";
	/* news of another case of the customer has made this one a repeat */
	if (method != FACT_MARK_REPEAT &&
	    e->type == fact_events[FACT_MARK_REPEAT])
		return "";
	asked_read(&a, (enum fact_type)method, e->item->request, 0, 0);
	return a.text;
}

static void emit(struct bus_batch *batch, const struct effect *e)
{
	Sy__V1__AppealChanged msg = SY__V1__APPEAL_CHANGED__INIT;
	Sy__V1__AppealFacts before, after;
	Sy__V1__Error refused = SY__V1__ERROR__INIT;

	msg.appeal_id = (char *)e->c->id_text;
	msg.source = (char *)e->c->source;
	facts_to_proto(&e->before, &before);
	if (e->before.state != SY__V1__APPEAL_STATE__APPEAL_NONE)
		msg.before = &before;
	facts_to_proto(&e->after, &after);
	msg.after = &after;
	msg.detail = (Sy__V1__AppealDetail *)e->detail;
	if (e->refused != NULL) {
		refused.code = SY__V1__ERROR_CODE__STATE;
		refused.field = (char *)"occurred_at_us";
		refused.text = (char *)e->refused;
		msg.refused = &refused;
	}
	bus_emit(batch, e->item,
		 &(struct bus_event){
			 .type = e->type,
			 .key = e->c->id_text,
			 .revision = e->revision,
			 .occurred_at_us = e->occurred_at_us,
			 .subject = e->c->has_subject ? e->c->subject : NULL,
			 .payload = &msg.base,
		 });
}

enum bus_decision complaints_decide(void *svc, struct bus_batch *batch,
				    const struct db_result *res, int first,
				    bool directory_fresh)
{
	struct cases *cases = arena_alloc(&batch->arena, sizeof(*cases));
	struct decision d = {
		.svc = svc,
		.batch = batch,
		.cases = cases,
		.directory_fresh = directory_fresh,
		.effects_last = &d.effects,
	};

	cases_open(cases, &batch->arena);
	store_cases(cases, res, first);
	subjects_load(&d, res, first + 1);
	for (size_t i = 0; i < batch->n && !d.wait; i++)
		decide_item(&d, batch->items[i]);
	subjects_close_index(&cases->subjects->s);
	cases_close_index(cases);
	if (d.wait)
		return BUS_WAIT_DIRECTORY;
	/* packed into each event as it is emitted */
	batch->directory_rev = replica_revision(d.svc->replica);
	for (const struct effect *e = d.effects; e != NULL; e = e->next) {
		emit(batch, e);
		outgoing_note(d.svc, batch, &cases->notes, e->c, e->type,
			      e->revision, e->occurred_at_us, &e->after,
			      text_of(e));
	}
	subjects_emit(&d);
	batch->scratch = cases;
	return BUS_DECIDED;
}
