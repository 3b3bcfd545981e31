/* lookup_handlers.c -- which look-ups a case has, and asking one. Roles and
 * reach are those of reading the case; what was kept by a key is the answer to
 * it ever after.
 */
#include <string.h>

#include <sodium.h>

#include "bus/parts.h"
#include "policies.h"
#include "public.h"
#include "timeutil.h"
#include "utf8.h"

enum { CASE, KEPT, KEPT_NR }; /* statements of an asking */

/* The case that templates are filled from. */
struct subject_case {
	struct appeal_facts facts;
	const char *appeal_id, *external_id;
	const Sy__V1__Person *person; /* NULL: nothing is known */
	Sy__V1__LookupGiven **inputs;
	size_t inputs_nr;
	int32_t day; /* of the unit, today */
};

static const char *field_value(void *arg, const char *name)
{
	const struct subject_case *c = arg;

	for (size_t i = 0; i < c->inputs_nr; i++) {
		if (strcmp(c->inputs[i]->name, name) == 0)
			return c->inputs[i]->value;
	}
	for (int code = 0; code < CODE_NR; code++) {
		if (strcmp(code_names[code], name) == 0)
			return c->facts.code[code];
	}
	if (strcmp(name, "appeal_id") == 0)
		return c->appeal_id;
	if (strcmp(name, "external_id") == 0)
		return c->external_id;
	if (c->person == NULL)
		return NULL;
	return strcmp(name, "phone") == 0     ? c->person->phone
	       : strcmp(name, "address") == 0 ? c->person->address
					      : NULL;
}

/* False: answered. */
static bool case_read(struct bus_request *req, const struct db_result *res,
		      struct subject_case *c)
{
	const struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	int64_t now_us = time_now_us();

	if (!case_reached(req, res, &c->facts))
		return false;
	c->appeal_id = store_id_text(arena, res, CASE, 0);
	c->external_id = db_get_text(res, CASE, 0, 2);
	c->person = case_person(arena, res, CASE);
	c->day = replica_local_day(svc->replica, c->facts.code[CODE_UNIT],
				   now_us);
	return true;
}

static bool id_given(struct bus_request *req, const char *appeal_id)
{
	uint8_t id[UUID_BYTES];

	if (uuid_parse(appeal_id, id) == 0)
		return true;
	bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "appeal_id",
			"is not a UUID");
	return false;
}

static struct db_pipe *case_pipe(struct bus_request *req, char *appeal_id)
{
	Sy__V1__AppealRef ref = SY__V1__APPEAL_REF__INIT;
	struct db_pipe *pipe = bus_request_pipe(req);

	ref.appeal_id = appeal_id;
	case_ask(pipe, req, &ref, true);
	return pipe;
}

/* --- ListLookups --- */

#define LISTED_MAX 50

struct listing {
	struct arena *arena;
	struct subject_case of;
	Sy__V1__LookupChoice *choices[LISTED_MAX];
	size_t n;
};

/* What is typed in may be anything; of the case something may be missing. */
static const char *anything(void *arg, const char *name)
{
	const char *value = field_value(arg, name);
	bool of_case = false;

	for (int i = 0; lookup_case_fields[i] != NULL; i++)
		of_case |= strcmp(lookup_case_fields[i], name) == 0;
	return of_case ? value : "-";
}

static bool choice_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct listing *l = arg;
	const Sy__V1__LookupRule *rule = policy->lookup;
	Sy__V1__LookupChoice *choice = arena_alloc(l->arena, sizeof(*choice));
	const char *lacks = "";

	sy__v1__lookup_choice__init(choice);
	choice->lookup = policy->code;
	choice->names = policy->names;
	choice->n_names = policy->n_names;
	choice->inputs = rule->inputs;
	choice->n_inputs = rule->n_inputs;
	if (lookup_fill(l->arena, rule->url, true, anything, &l->of, &lacks))
		lookup_body(l->arena, rule, anything, &l->of, &lacks);
	choice->lacks = (char *)lacks;
	l->choices[l->n++] = choice;
	return l->n < LISTED_MAX;
}

static void listed_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct complaints *svc = bus_request_svc(req);
	Sy__V1__ListLookupsReply reply = SY__V1__LIST_LOOKUPS_REPLY__INIT;
	struct listing l = { .arena = bus_request_arena(req) };

	if (bus_reply_db_error(req, res) || !case_read(req, res, &l.of))
		return;
	/* of a customer who was erased nothing is to be found out anew */
	if (case_erased_us(res, CASE) == 0)
		policies_lookups(svc->replica, l.of.day, &l.of.facts, choice_cb,
				 &l);
	reply.lookups = l.choices;
	reply.n_lookups = l.n;
	bus_reply(req, &reply.base);
}

static void handle_list_lookups(struct bus_request *req)
{
	const Sy__V1__ListLookupsRequest *msg =
		(const void *)bus_request_message(req);

	if (id_given(req, msg->appeal_id))
		db_pipe_run(case_pipe(req, msg->appeal_id), listed_cb, req);
}

/* --- RunLookup --- */

struct asking {
	struct bus_request *req;
	struct lookup_question question;
	Sy__V1__ErrorCode code; /* of the keeping */
};

static const Sy__V1__RunLookupRequest *message_of(const struct asking *a)
{
	return (const void *)bus_request_message(a->req);
}

static void refuse(const struct asking *a, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_reply_error(a->req, code, field, "%s", text);
}

/* The key again, with another question? */
static bool is_same(const Sy__V1__RunLookupRequest *msg, const char *lookup,
		    const Sy__V1__LookupResult *kept)
{
	if (strcmp(msg->lookup, lookup) != 0 || kept->n_inputs != msg->n_inputs)
		return false;
	for (size_t i = 0; i < kept->n_inputs; i++) {
		if (strcmp(kept->inputs[i]->name, msg->inputs[i]->name) != 0 ||
		    strcmp(kept->inputs[i]->value, msg->inputs[i]->value) != 0)
			return false;
	}
	return true;
}

static void reply_kept(const struct asking *a, const struct db_result *res,
		       int st, bool duplicate)
{
	struct arena *arena = bus_request_arena(a->req);
	Sy__V1__RunLookupReply reply = SY__V1__RUN_LOOKUP_REPLY__INIT;
	const Sy__V1__AppealDetail *detail;
	const uint8_t *bytes;
	size_t len;

	bytes = db_get_bytes(res, st, 0, 2, &len);
	detail = detail_unpack(arena, FACT_KEEP_LOOKUP, bytes, len);
	bytes = db_get_bytes(res, st, 0, 3, &len);
	reply.result =
		sy__v1__lookup_result__unpack(&arena->allocator, len, bytes);
	if (detail == NULL || reply.result == NULL) {
		refuse(a, SY__V1__ERROR_CODE__INTERNAL, "",
		       "what is kept cannot be read");
		return;
	}
	if (!is_same(message_of(a), detail->lookup, reply.result)) {
		refuse(a, SY__V1__ERROR_CODE__KEY_REUSED, "",
		       "the idempotency key was used for another look-up");
		return;
	}
	reply.revision = (uint64_t)db_get_i64(res, st, 0, 0);
	reply.asked_at_us = db_get_time(res, st, 0, 1);
	reply.outcome = (Sy__V1__LookupOutcome)detail->state;
	reply.status = detail->status;
	reply.took_ms = detail->took_ms;
	reply.duplicate = duplicate;
	bus_reply(a->req, &reply.base);
}

static void kept_ask(const struct asking *a, struct db_pipe *pipe)
{
	uint8_t id[UUID_BYTES];

	uuid_parse(message_of(a)->appeal_id, id);
	db_exec(pipe, SQL_LOOKUP + LOOKUP_SQL_KEPT);
	db_uuid(pipe, id);
	db_text(pipe, a->question.item);
}

static void ended_read_cb(const struct db_result *res, void *arg)
{
	struct asking *a = arg;

	if (bus_reply_db_error(a->req, res))
		return;
	if (db_rows(res, 0) == 1)
		reply_kept(a, res, 0, false);
	else
		refuse(a, a->code, "", "the result could not be kept");
}

/* Kept by this run, or by another of the same key in another process. */
static void ended_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct asking *a = arg;
	struct db_pipe *pipe;

	if (code == SY__V1__ERROR_CODE__RETRY ||
	    code == SY__V1__ERROR_CODE__BUSY) {
		refuse(a, code, "", "could not be asked now");
		return;
	}
	/* without a row the case was erased, or moved out of reach of us */
	a->code = code == SY__V1__ERROR_CODE__OK ? SY__V1__ERROR_CODE__STATE
						 : code;
	pipe = bus_request_pipe(a->req);
	kept_ask(a, pipe);
	db_pipe_run(pipe, ended_read_cb, a);
}

struct choosing {
	const char *code;
	const Sy__V1__Policy *found;
};

static bool chosen_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct choosing *c = arg;

	if (strcmp(policy->code, c->code) == 0)
		c->found = policy;
	return c->found == NULL;
}

/* Each input once, in the order of the rule. False: answered. */
static bool inputs_fit(const struct asking *a, const Sy__V1__LookupRule *rule)
{
	const Sy__V1__RunLookupRequest *msg = message_of(a);

	if (msg->n_inputs != rule->n_inputs) {
		refuse(a, SY__V1__ERROR_CODE__INVALID, "inputs",
		       "are not those of the look-up");
		return false;
	}
	for (size_t i = 0; i < rule->n_inputs; i++) {
		bool named = strcmp(msg->inputs[i]->name,
				    rule->inputs[i]->name) == 0;

		if (named &&
		    lookup_input_fits(rule->inputs[i], msg->inputs[i]->value))
			continue;
		refuse(a, SY__V1__ERROR_CODE__INVALID,
		       arena_printf(bus_request_arena(a->req), "inputs[%zu].%s",
				    i, named ? "value" : "name"),
		       named ? "does not look like what is asked for"
			     : "is not that of the look-up, in its order");
		return false;
	}
	return true;
}

/* Asks, or says why not. */
static void ask(struct asking *a, struct subject_case *c)
{
	const struct complaints *svc = bus_request_svc(a->req);
	struct arena *arena = bus_request_arena(a->req);
	const Sy__V1__RunLookupRequest *msg = message_of(a);
	struct lookup_question *q = &a->question;
	struct choosing choosing = { .code = msg->lookup };
	const Sy__V1__LookupRule *rule;
	const char *lacks = NULL;

	policies_lookups(svc->replica, c->day, &c->facts, chosen_cb, &choosing);
	if (choosing.found == NULL) {
		refuse(a, SY__V1__ERROR_CODE__NOT_FOUND, "lookup",
		       "the case has no such look-up today");
		return;
	}
	rule = choosing.found->lookup;
	if (!inputs_fit(a, rule))
		return;
	q->policy = choosing.found;
	q->inputs = c->inputs = msg->inputs;
	q->inputs_nr = c->inputs_nr = msg->n_inputs;
	q->url = lookup_fill(arena, rule->url, true, field_value, c, &lacks);
	if (q->url != NULL &&
	    rule->method == SY__V1__LOOKUP_METHOD__LOOKUP_POST)
		q->body = lookup_body(arena, rule, field_value, c, &lacks);
	if (lacks != NULL) {
		bus_reply_error(a->req, SY__V1__ERROR_CODE__STATE, "lookup",
				"the case has no %s to ask by", lacks);
		return;
	}
	if (!lookups_begin(svc->lookups, q, ended_cb, a))
		refuse(a, SY__V1__ERROR_CODE__BUSY, "",
		       "too much is being asked outside");
}

static void asked_cb(const struct db_result *res, void *arg)
{
	struct asking *a = arg;
	const struct complaints *svc = bus_request_svc(a->req);
	struct subject_case c = { 0 };

	if (bus_reply_db_error(a->req, res) || !case_read(a->req, res, &c))
		return;
	if (db_rows(res, KEPT) == 1) {
		reply_kept(a, res, KEPT, true);
		return;
	}
	if (lookups_join(svc->lookups, &a->question, ended_cb, a))
		return;
	if (case_erased_us(res, CASE) != 0)
		refuse(a, SY__V1__ERROR_CODE__STATE, "appeal_id",
		       "is of a customer who was erased");
	else if (c.facts.registered_at_us == 0)
		refuse(a, SY__V1__ERROR_CODE__STATE, "appeal_id",
		       "is not registered yet");
	else if (db_get_i64(res, KEPT_NR, 0, 0) >= CASE_LOOKUPS_MAX)
		refuse(a, SY__V1__ERROR_CODE__STATE, "appeal_id", LOOKUPS_FULL);
	else
		ask(a, &c);
}

/* By whom, by which key: the same at each repetition. */
static void item_make(const struct bus_request *req, char item[LOOKUP_ITEM_MAX])
{
	const char *principal = bus_request_principal(req);
	const char *key = bus_request_key(req);
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)principal,
				  strlen(principal) + 1);
	crypto_generichash_update(&state, (const uint8_t *)key, strlen(key));
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(item, LOOKUP_ITEM_MAX, hash, sizeof(hash));
}

static void handle_run_lookup(struct bus_request *req)
{
	const Sy__V1__RunLookupRequest *msg =
		(const void *)bus_request_message(req);
	struct asking *a = arena_alloc(bus_request_arena(req), sizeof(*a));
	struct db_pipe *pipe;
	uint8_t id[UUID_BYTES];

	a->req = req;
	if (!id_given(req, msg->appeal_id))
		return;
	if (bus_request_key(req)[0] == '\0') {
		refuse(a, SY__V1__ERROR_CODE__INVALID, "",
		       "an idempotency key is needed");
		return;
	}
	if ((bus_request_grant(req)->roles & ROLE_SANDBOX) != 0) {
		refuse(a, SY__V1__ERROR_CODE__FORBIDDEN, "",
		       "a sandbox asks nobody outside");
		return;
	}
	uuid_parse(msg->appeal_id, id);
	uuid_format(id, a->question.appeal_id);
	a->question.principal = bus_request_principal(req);
	item_make(req, a->question.item);
	pipe = case_pipe(req, msg->appeal_id);
	kept_ask(a, pipe);
	db_exec(pipe, SQL_LOOKUP + LOOKUP_SQL_COUNT);
	db_uuid(pipe, id);
	db_pipe_run(pipe, asked_cb, a);
}

/* --- who may call what --- */

/* clang-format off */
static const struct bus_method methods[] = {
	{ "ListLookups", ROLE_HANDLER, BUS_READ,
		&sy__v1__list_lookups_request__descriptor,
		handle_list_lookups },
	{ "RunLookup", ROLE_HANDLER, BUS_READ,
		&sy__v1__run_lookup_request__descriptor, handle_run_lookup },
	{ 0 },
};
/* clang-format on */

/* Its methods read: what is kept is a fact of the cases. */
const struct part lookup_part = {
	.methods = methods,
	.statements_first = SQL_LOOKUP,
	.statements = lookup_sql,
	.statements_nr = LOOKUP_SQL_NR,
};
