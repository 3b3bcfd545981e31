/* facts.c -- the cases of one batch, in the batch's arena: found by the key of
 * their source or by id, so that later items of a batch see what earlier ones
 * did.
 */
#include <string.h>

#include "complaints.h"

const char *const fact_names[FACT_NR] = {
	[FACT_REGISTER] = "RegisterAppeal",
	[FACT_CLASSIFY] = "ClassifyAppeal",
	[FACT_ANSWER] = "AnswerAppeal",
	[FACT_RESOLVE] = "ResolveAppeal",
	[FACT_CLOSE] = "CloseAppeal",
	[FACT_ROUTE] = "RouteAppeal",
	[FACT_INVESTIGATE] = "InvestigateAppeal",
	[FACT_INFORM] = "InformCustomer",
	[FACT_REOPEN] = "ReopenAppeal",
	[FACT_WITHDRAW] = "WithdrawAppeal",
	[FACT_ESCALATE] = "EscalateAppeal",
	[FACT_MERGE] = "MergeAppeal",
	[FACT_NOTE] = "NoteAppeal",
	[FACT_RATE] = "RateAppeal",
	[FACT_PAUSE_CLOCK] = "PauseClock",
	[FACT_RESUME_CLOCK] = "ResumeClock",
	[FACT_EXTEND_CLOCK] = "ExtendClock",
	[FACT_MAKE_PROMISE] = "MakePromise",
	[FACT_SETTLE_PROMISE] = "SettlePromise",
	[FACT_PROPOSE_REMEDY] = "ProposeRemedy",
	[FACT_DECIDE_REMEDY] = "DecideRemedy",
	[FACT_OPEN_TASK] = "OpenTask",
	[FACT_SETTLE_TASK] = "SettleTask",
	[FACT_LINK] = "LinkAppeal",
	[FACT_MARK_REPEAT] = "MarkRepeat",
	[FACT_FLAG_RED_LINE] = "FlagRedLine",
	[FACT_DECIDE_RED_LINE] = "DecideRedLine",
	[FACT_ATTACH_FILE] = "AttachFile",
	[FACT_KEEP_LOOKUP] = "KeepLookup",
};

const char *const fact_events[FACT_NR] = {
	[FACT_REGISTER] = "AppealRegistered",
	[FACT_CLASSIFY] = "AppealClassified",
	[FACT_ANSWER] = "AppealAnswered",
	[FACT_RESOLVE] = "AppealResolved",
	[FACT_CLOSE] = "AppealClosed",
	[FACT_ROUTE] = "AppealRouted",
	[FACT_INVESTIGATE] = "AppealInvestigated",
	[FACT_INFORM] = "CustomerInformed",
	[FACT_REOPEN] = "AppealReopened",
	[FACT_WITHDRAW] = "AppealWithdrawn",
	[FACT_ESCALATE] = "AppealEscalated",
	[FACT_MERGE] = "AppealMerged",
	[FACT_NOTE] = "AppealNoted",
	[FACT_RATE] = "AppealRated",
	[FACT_PAUSE_CLOCK] = "ClockPaused",
	[FACT_RESUME_CLOCK] = "ClockResumed",
	[FACT_EXTEND_CLOCK] = "ClockExtended",
	[FACT_MAKE_PROMISE] = "PromiseMade",
	[FACT_SETTLE_PROMISE] = "PromiseSettled",
	[FACT_PROPOSE_REMEDY] = "RemedyProposed",
	[FACT_DECIDE_REMEDY] = "RemedyDecided",
	[FACT_OPEN_TASK] = "TaskOpened",
	[FACT_SETTLE_TASK] = "TaskSettled",
	[FACT_LINK] = "AppealLinked",
	[FACT_MARK_REPEAT] = "RepeatMarked",
	[FACT_FLAG_RED_LINE] = "RedLineFlagged",
	[FACT_DECIDE_RED_LINE] = "RedLineDecided",
	[FACT_ATTACH_FILE] = "FileAttached",
	[FACT_KEEP_LOOKUP] = "LookupKept",
};

/* Of another case that is to stand in a relation with this one. */
static const char *other_of(enum fact_type type, const ProtobufCMessage *req)
{
	switch ((int)type) {
	case FACT_MERGE:
		return ((const Sy__V1__MergeAppealRequest *)req)->into;
	case FACT_LINK:
		return ((const Sy__V1__LinkAppealRequest *)req)->matter;
	case FACT_MARK_REPEAT:
		return ((const Sy__V1__MarkRepeatRequest *)req)->repeat_of;
	default:
		return NULL;
	}
}

struct points_at item_points_at(const struct bus_item *item)
{
	size_t method = (size_t)(item->method - complaints_methods);
	struct points_at to = { 0 };
	struct problem ignored;
	struct asked a;

	if (method == METHOD_CLOCK_DUE) {
		to.appeal_id = ((const Sy__V1__ClockDueRequest *)item->request)
				       ->appeal_id;
		return to;
	}
	if (method > METHOD_CLOCK_DUE)
		return to; /* about customers, not about one case */
	asked_read(&a, (enum fact_type)method, item->request, 0, 0);
	if (a.fact.type == FACT_REGISTER)
		to.external_id = a.external_id;
	else if (ref_check(a.ref, &ignored) && a.ref->appeal_id[0] != '\0')
		to.appeal_id = a.ref->appeal_id;
	else if (ref_check(a.ref, &ignored))
		to.external_id = a.ref->external_id;
	/* longer than any that is stored */
	if (to.external_id != NULL && strlen(to.external_id) > EXTERNAL_ID_MAX)
		to.external_id = NULL;
	to.other_id = other_of(a.fact.type, item->request);
	return to;
}

void cases_open(struct cases *cases, struct arena *arena)
{
	*cases = (struct cases){ .arena = arena };
	cases->last = &cases->first;
}

void cases_close_index(struct cases *cases)
{
	HASH_CLEAR(hh_key, cases->by_key);
	HASH_CLEAR(hh_id, cases->by_id);
}

/* "source NUL external_id": neither holds a NUL. */
static size_t pair_key(char *key, const char *source, const char *external_id)
{
	size_t source_len = strlen(source) + 1;
	size_t id_len = strlen(external_id);

	memcpy(key, source, source_len);
	memcpy(key + source_len, external_id, id_len);
	return source_len + id_len;
}

struct appeal_case *cases_find_key(const struct cases *cases,
				   const char *source, const char *external_id)
{
	char key[PRINCIPAL_MAX + EXTERNAL_ID_MAX + 1];
	struct appeal_case *found;

	if (strlen(source) + strlen(external_id) + 1 > sizeof(key))
		return NULL;
	size_t len = pair_key(key, source, external_id);

	HASH_FIND(hh_key, cases->by_key, key, len, found);
	return found;
}

struct appeal_case *cases_find_id(const struct cases *cases,
				  const uint8_t id[UUID_BYTES])
{
	struct appeal_case *found;

	HASH_FIND(hh_id, cases->by_id, id, UUID_BYTES, found);
	return found;
}

struct appeal_case *cases_add(struct cases *cases, const uint8_t id[UUID_BYTES],
			      const char *source, const char *external_id)
{
	struct appeal_case *c = arena_alloc(cases->arena, sizeof(*c));
	char *key = arena_alloc(cases->arena,
				strlen(source) + strlen(external_id) + 1);

	c->key_len = pair_key(key, source, external_id);
	c->key = key;
	c->source = source;
	c->external_id = external_id;
	memcpy(c->id, id, UUID_BYTES);
	uuid_format(id, c->id_text);
	appeal_facts_init(&c->now);
	c->read = c->now;
	HASH_ADD_KEYPTR(hh_key, cases->by_key, c->key, c->key_len, c);
	HASH_ADD_KEYPTR(hh_id, cases->by_id, c->id, UUID_BYTES, c);
	*cases->last = c;
	cases->last = &c->next;
	return c;
}

struct appeal_fact *case_fact_room(struct cases *cases, struct appeal_case *c)
{
	if (c->facts_nr == c->facts_cap) {
		size_t cap = c->facts_cap == 0 ? 4 : 2 * c->facts_cap;
		struct appeal_fact *facts =
			arena_alloc(cases->arena, cap * sizeof(*facts));

		if (c->facts_nr > 0)
			memcpy(facts, c->facts, c->facts_nr * sizeof(*facts));
		c->facts = facts;
		c->facts_cap = cap;
	}
	memset(&c->facts[c->facts_nr], 0, sizeof(c->facts[0]));
	return &c->facts[c->facts_nr];
}

bool case_registered(const struct appeal_case *c)
{
	return c->now.state >= SY__V1__APPEAL_STATE__APPEAL_REGISTERED;
}

void facts_to_proto(const struct appeal_facts *facts, Sy__V1__AppealFacts *out)
{
	sy__v1__appeal_facts__init(out);
	out->state = facts->state;
	out->kind = (char *)facts->code[CODE_KIND];
	out->channel = (char *)facts->code[CODE_CHANNEL];
	out->topic = (char *)facts->code[CODE_TOPIC];
	out->element = (char *)facts->code[CODE_ELEMENT];
	out->product = (char *)facts->code[CODE_PRODUCT];
	out->segment = (char *)facts->code[CODE_SEGMENT];
	out->unit = (char *)facts->code[CODE_UNIT];
	out->intake_unit = (char *)facts->code[CODE_INTAKE_UNIT];
	out->department = (char *)facts->code[CODE_DEPARTMENT];
	out->registered_at_us = facts->registered_at_us;
	out->registered_day = facts->registered_day;
	out->first_answer_at_us = facts->first_answer_at_us;
	out->first_response = facts->first_response;
	out->first_response_due_us = facts->first_response_due_us;
	out->resolved_at_us = facts->resolved_at_us;
	out->closed_at_us = facts->closed_at_us;
	facts_more_to_proto(facts, out);
}

void facts_more_to_proto(const struct appeal_facts *facts,
			 Sy__V1__AppealFacts *out)
{
	out->clocks = facts->clocks;
	out->n_clocks = facts->clocks_nr;
	out->handler = (char *)facts->handler;
	out->escalation = facts->escalation;
	out->reopened = facts->reopened;
	out->green_channel = facts->green_channel;
	out->informed_at_us = facts->informed_at_us;
	out->next_due_us = facts->next_due_us;
	out->promises_open = facts->promises_open;
	out->promises_kept = facts->promises_kept;
	out->promises_broken = facts->promises_broken;
	out->tasks_open = facts->tasks_open;
	out->merged_into = (char *)facts->merged_into;
	out->repeat_of = (char *)facts->repeat_of;
	out->repeat_provisional = facts->repeat_provisional;
	out->red_line = (char *)facts->red_line;
	out->red_line_outcome = facts->red_line_outcome;
	out->rating = facts->rating;
	out->matter = (char *)facts->matter;
	out->last_resolved_at_us = facts->last_resolved_at_us;
	out->attachments = facts->attachments;
	out->received_at_us = facts->received_at_us;
}
