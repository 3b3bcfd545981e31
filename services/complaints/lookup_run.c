/* lookup_run.c -- what is being asked outside now. A run holds no request and
 * no connection of the database: who waits for it reads its result where it is
 * kept, and so does who asks again after the process has died.
 */
#include <stdlib.h>
#include <string.h>

#include "complaints.h"
#include "fault.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

/* Systems outside that hang hold up these and nothing else. */
#define RUNS_MAX 32
#define OUTCOMES_NR (SY__V1__LOOKUP_OUTCOME__LOOKUP_NO_SECRET + 1)

struct waiting {
	lookup_ended_fn *cb;
	void *arg;
	struct waiting *next;
};

struct run {
	struct lookups *l;
	struct arena arena;
	struct lookup_question question;
	struct lookup_call *call; /* NULL: its result is being kept */
	struct waiting *waiting;
	struct run *next;
};

struct lookups {
	struct complaints *svc;
	struct outside_hosts hosts;
	struct run *first;
	size_t n;
	bool draining;
	struct metric *outcomes[OUTCOMES_NR];
};

static const char *outcome_name(Sy__V1__LookupOutcome outcome)
{
	return protobuf_c_enum_descriptor_get_value(
		       &sy__v1__lookup_outcome__descriptor, (int)outcome)
		->name;
}

/* --- the end of one --- */

static void run_end(struct run *run, Sy__V1__ErrorCode code)
{
	struct run **at = &run->l->first;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	run->l->n--;
	/* what it waits for in the arena must outlive this loop */
	for (struct waiting *w = run->waiting; w != NULL; w = w->next)
		w->cb(code, w->arg);
	arena_reset(&run->arena);
	free(run);
}

static void kept_cb(Sy__V1__ErrorCode code, void *arg)
{
	fault_point("lookup_after_keep");
	run_end(arg, code);
}

static void keep(struct run *run, const struct lookup_answered *a,
		 Sy__V1__LookupResult *result, Sy__V1__LookupOutcome outcome)
{
	struct complaints *svc = run->l->svc;
	Sy__V1__KeepLookupRequest fact = SY__V1__KEEP_LOOKUP_REQUEST__INIT;
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;

	ref.appeal_id = run->question.appeal_id;
	fact.appeal = &ref;
	fact.lookup = run->question.policy->code;
	fact.item = run->question.item;
	fact.state = outcome;
	fact.status = a->status;
	fact.took_ms = a->took_ms;
	fact.result = result;
	fact.occurred_at_us = time_now_us();
	bus_server_command_as(svc->bus, run->question.principal,
			      &complaints_methods[FACT_KEEP_LOOKUP], &fact.base,
			      kept_cb, run);
}

static void answered_cb(const struct lookup_answered *a, void *arg)
{
	struct run *run = arg;
	const Sy__V1__Policy *policy = run->question.policy;
	Sy__V1__LookupResult result = SY__V1__LOOKUP_RESULT__INIT;
	Sy__V1__LookupOutcome outcome = a->outcome;

	run->call = NULL;
	result.names = policy->names;
	result.n_names = policy->n_names;
	result.inputs = run->question.inputs;
	result.n_inputs = run->question.inputs_nr;
	if (outcome == SY__V1__LOOKUP_OUTCOME__LOOKUP_DONE &&
	    !lookup_answer(&run->arena, policy->lookup, a->body, a->len,
			   &result))
		outcome = SY__V1__LOOKUP_OUTCOME__LOOKUP_NOT_JSON;
	metric_add(run->l->outcomes[outcome], 1);
	if (outcome != SY__V1__LOOKUP_OUTCOME__LOOKUP_DONE)
		log_info("look-up %s: %s, status %u, after %u ms", policy->code,
			 outcome_name(outcome), a->status, a->took_ms);
	fault_point("lookup_before_keep");
	keep(run, a, &result, outcome);
}

/* --- the start --- */

static void wait_for(struct run *run, lookup_ended_fn *cb, void *arg)
{
	struct waiting *w = arena_alloc(&run->arena, sizeof(*w));

	*w = (struct waiting){ cb, arg, run->waiting };
	run->waiting = w;
}

bool lookups_join(struct lookups *l, const struct lookup_question *q,
		  lookup_ended_fn *cb, void *arg)
{
	for (struct run *run = l->first; run != NULL; run = run->next) {
		if (strcmp(run->question.item, q->item) == 0 &&
		    strcmp(run->question.appeal_id, q->appeal_id) == 0) {
			wait_for(run, cb, arg);
			return true;
		}
	}
	return false;
}

/* The policy lives until the loop next runs. */
static void question_copy(struct run *run, const struct lookup_question *q)
{
	struct arena *a = &run->arena;
	size_t len = sy__v1__policy__get_packed_size(q->policy);
	uint8_t *bytes = arena_alloc(a, len + 1);

	run->question = *q;
	run->question.principal = arena_strdup(a, q->principal);
	sy__v1__policy__pack(q->policy, bytes);
	run->question.policy =
		sy__v1__policy__unpack(&a->allocator, len, bytes);
	run->question.url = arena_strdup(a, q->url);
	if (q->body != NULL)
		run->question.body = arena_strdup(a, q->body);
	run->question.inputs =
		arena_alloc(a, (q->inputs_nr + 1) * sizeof(void *));
	for (size_t i = 0; i < q->inputs_nr; i++) {
		Sy__V1__LookupGiven *given = arena_alloc(a, sizeof(*given));

		sy__v1__lookup_given__init(given);
		given->name = arena_strdup(a, q->inputs[i]->name);
		given->value = arena_strdup(a, q->inputs[i]->value);
		run->question.inputs[i] = given;
	}
}

bool lookups_begin(struct lookups *l, const struct lookup_question *q,
		   lookup_ended_fn *cb, void *arg)
{
	struct run *run;

	if (l->draining || l->n >= RUNS_MAX)
		return false;
	run = calloc(1, sizeof(*run));
	if (run == NULL)
		abort();
	run->l = l;
	arena_init(&run->arena);
	question_copy(run, q);
	wait_for(run, cb, arg);
	run->next = l->first;
	l->first = run;
	l->n++;
	fault_point("lookup_before_call");
	run->call = lookup_call_start(
		&(struct lookup_ask){
			.loop = &l->svc->service.loop,
			.transfers = l->svc->transfers,
			.hosts = &l->hosts,
			.secrets_dir = l->svc->conf.lookup.secrets_dir,
			.ca_file = l->svc->conf.mail.ca_file,
			.rule = run->question.policy->lookup,
			.url = run->question.url,
			.body = run->question.body,
			.id = run->question.item,
		},
		answered_cb, run);
	return true;
}

/* --- life --- */

void lookups_drain(struct lookups *l)
{
	struct run *run = l->first, *next;

	l->draining = true;
	for (; run != NULL; run = next) {
		next = run->next;
		if (run->call == NULL)
			continue; /* the bus commits it before it ends */
		lookup_call_cut(run->call);
		run_end(run, SY__V1__ERROR_CODE__RETRY);
	}
}

void lookups_close(struct lookups **l_p)
{
	struct lookups *l = *l_p;

	if (l == NULL)
		return;
	*l_p = NULL;
	for (struct run *run = l->first, *next; run != NULL; run = next) {
		next = run->next;
		lookup_call_cut(run->call);
		arena_reset(&run->arena);
		free(run);
	}
	free(l);
}

int lookups_open(struct lookups **l_r, struct complaints *svc,
		 struct error *err)
{
	struct lookups *l = calloc(1, sizeof(*l));

	*l_r = NULL;
	if (l == NULL)
		return error_set(err, "look-ups: no memory");
	l->svc = svc;
	for (int i = 0; i < OUTCOMES_NR; i++)
		l->outcomes[i] = metric_new(
			METRIC_COUNTER, "suyuan_complaints_lookups_total",
			"Look-ups in systems outside, by how they went",
			"outcome=\"%s\"",
			outcome_name((Sy__V1__LookupOutcome)i));
	if (lookup_conf_check(&svc->conf.lookup, &l->hosts, err) < 0) {
		free(l);
		return -1;
	}
	*l_r = l;
	return 0;
}
