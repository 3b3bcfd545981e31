/* reactions_hear.c -- what the service says to itself: time has passed, a
 * mention has changed, complaints has answered or its log has said something.
 * All of it may come twice: what is known already has no effect.
 */
#include <stdio.h>
#include <string.h>

#include "reactions.h"

/* --- time --- */

static void due(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__ReactionsDueRequest *req = (const void *)item->request;

	for (size_t i = 0; i < req->n_reaction_ids; i++) {
		uint8_t id[UUID_BYTES];
		struct reaction *r;

		if (uuid_parse(req->reaction_ids[i], id) < 0)
			continue;
		r = reactions_find(all, id);
		if (r != NULL)
			reaction_pass(all, item, r);
	}
}

/* --- mentions --- */

/* What stands of the cluster of a mention. */
struct cluster {
	bool known;
	uint8_t first[UUID_BYTES]; /* its first mention */
	const char *id;
	uint64_t mentions, reach;
};

static struct cluster cluster_of(const struct reactions *all,
				 const uint8_t mention[UUID_BYTES])
{
	const int st = all->at + READ_CLUSTERS;
	struct cluster c = { .mentions = 1, .id = "" };

	for (int row = 0; row < db_rows(all->res, st); row++) {
		size_t len;
		const uint8_t *id = db_get_bytes(all->res, st, row, 0, &len);

		if (len != UUID_BYTES || memcmp(id, mention, len) != 0)
			continue;
		id = db_get_bytes(all->res, st, row, 1, &len);
		if (len != UUID_BYTES)
			continue;
		c.known = true;
		memcpy(c.first, id, UUID_BYTES);
		c.mentions = (uint64_t)db_get_i64(all->res, st, row, 2);
		c.reach = (uint64_t)db_get_i64(all->res, st, row, 3);
		id = db_get_bytes(all->res, st, row, 4, &len);
		if (len == UUID_BYTES)
			c.id = uuid_format(
				id, arena_alloc(all->arena, UUID_TEXT_MAX));
	}
	return c;
}

/* Two reactions to one matter: the first goes on. */
static void merge(struct reactions *all, struct bus_item *item,
		  struct reaction *r, struct reaction *into)
{
	char *was = r->now->facts->merged_into;

	r->now->facts->merged_into = into->id_text;
	r->now->facts->cluster_id = into->now->facts->cluster_id;
	if (reaction_step(all, item, r, STEP_MERGED, all->batch->now_us,
			  all->svc->service.name, NULL) != NULL)
		r->now->facts->merged_into = was;
}

static void count_cluster(struct reactions *all, struct bus_item *item,
			  struct reaction *r, const struct cluster *c)
{
	if (c->mentions <= r->now->facts->mentions)
		return;
	r->now->facts->mentions = c->mentions;
	r->now->facts->cluster_id = (char *)c->id;
	reaction_note(all, item, r, "grown", all->batch->now_us,
		      all->svc->service.name, NULL);
}

static void judge_one(struct reactions *all, struct bus_item *item,
		      const struct mention *m)
{
	const Sy__V1__MentionFacts *facts = m->after->facts;
	const struct cluster c = cluster_of(all, m->id);
	struct reaction *r = reactions_find(all, m->id);
	struct reaction *of_first =
		c.known ? reactions_find(all, c.first) : NULL;
	const Sy__V1__ReactionRule *rule;
	const char *policy;

	if (r == NULL) {
		/* of a cluster one is enough: that of its first mention */
		if (of_first != NULL && of_first != r &&
		    reaction_waits(of_first->now->facts->state))
			rule = NULL;
		else
			rule = reaction_wanted(
				all->svc, facts, c.mentions,
				c.reach > facts->reach ? c.reach : facts->reach,
				all->batch->now_us, all->arena, &policy);
		if (rule != NULL)
			r = reaction_open(all, item, m, rule, policy, 0);
	} else {
		reaction_pass(all, item, r);
		if (reaction_waits(r->now->facts->state))
			reaction_follow_mention(all, item, r, m);
	}
	if (r != NULL && memcmp(r->id, c.first, UUID_BYTES) == 0)
		count_cluster(all, item, r, &c);
	if (r != NULL && of_first != NULL && r != of_first &&
	    reaction_waits(of_first->now->facts->state))
		merge(all, item, r, of_first);
}

static void judge_mentions(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__JudgeMentionsRequest *req = (const void *)item->request;
	const struct mentions *mentions = mentions_of_batch();

	for (size_t i = 0; i < req->n_mention_ids; i++) {
		uint8_t id[UUID_BYTES];
		const struct mention *m;

		if (uuid_parse(req->mention_ids[i], id) < 0)
			continue;
		m = mentions_find(mentions, id);
		if (m != NULL && m->after != NULL)
			judge_one(all, item, m);
	}
	for (size_t i = 0; i < req->n_ns; i++)
		all->asked[all->asked_nr++] = req->ns[i];
}

/* --- what complaints answered --- */

/* Another replica may have had the same answer. */
static bool is_told(const struct reactions *all, const struct reaction *r,
		    uint32_t n)
{
	const int st = all->at + READ_TELLS;

	for (int row = 0; row < db_rows(all->res, st); row++) {
		size_t len;
		const uint8_t *id = db_get_bytes(all->res, st, row, 0, &len);

		if (len == UUID_BYTES && memcmp(id, r->id, len) == 0 &&
		    (uint32_t)db_get_i32(all->res, st, row, 1) == n)
			return false;
	}
	return true;
}

static void told(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__ToldComplaintsRequest *req = (const void *)item->request;
	struct said said = { .reason = "" };
	const Sy__V1__ReactionFacts *f;
	uint8_t id[UUID_BYTES];
	struct reaction *r;
	char code[16];

	if (uuid_parse(req->reaction_id, id) < 0)
		return;
	r = reactions_find(all, id);
	if (r == NULL || is_told(all, r, req->n))
		return;
	reaction_pass(all, item, r);
	f = r->now->facts;
	if (req->code == SY__V1__ERROR_CODE__OK) {
		if (f->appeal_id[0] == '\0' && req->appeal_id[0] != '\0') {
			r->now->facts->appeal_id = req->appeal_id;
			reaction_note(all, item, r, "appeal",
				      all->batch->now_us,
				      all->svc->service.name, NULL);
		}
		reaction_told(all, r, req->n, false);
		return;
	}
	snprintf(code, sizeof(code), "%d", (int)req->code);
	said.reason = arena_strdup(all->arena, code);
	/* without its appeal the rest has nowhere to go */
	if (f->appeal_id[0] == '\0' &&
	    reaction_step(all, item, r, STEP_REFUSED, all->batch->now_us,
			  all->svc->service.name, &said) == NULL) {
		reaction_told(all, r, req->n, true);
		return;
	}
	reaction_note(all, item, r, "not_told", all->batch->now_us,
		      all->svc->service.name, &said);
	reaction_told(all, r, req->n, false);
}

/* --- what complaints' log says --- */

#define OWN_TASK "social-"

/* What an event means here; STEP_NR: it is only shown. */
static enum reaction_step meaning(const Sy__V1__HeardAppeal *h)
{
	static const struct {
		const char *type;
		enum reaction_step step;
	} meanings[] = {
		{ "AppealResolved", STEP_RESULT },
		{ "AppealClosed", STEP_RESULT },
		{ "CustomerInformed", STEP_REPORTED },
		{ "AppealWithdrawn", STEP_WITHDRAWN },
		{ "AppealReopened", STEP_RESUMED },
	};

	if (strcmp(h->type, "TaskSettled") == 0)
		return h->task_state == SY__V1__TASK_STATE__TASK_DONE &&
				       strncmp(h->task, OWN_TASK,
					       strlen(OWN_TASK)) == 0
			       ? STEP_RESULT
			       : STEP_NR;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(h->type, meanings[i].type) == 0)
			return meanings[i].step;
	return STEP_NR;
}

/* The names of the events, as steps. */
static const char *shown_as(const Sy__V1__HeardAppeal *h)
{
	static const struct {
		const char *type, *step;
	} names[] = {
		{ "AppealClassified", "appeal_classified" },
		{ "AppealRouted", "appeal_routed" },
		{ "AppealInvestigated", "appeal_investigated" },
		{ "AppealAnswered", "appeal_answered" },
		{ "AppealResolved", "appeal_resolved" },
		{ "CustomerInformed", "appeal_informed" },
		{ "AppealClosed", "appeal_closed" },
		{ "AppealReopened", "appeal_reopened" },
		{ "AppealWithdrawn", "appeal_withdrawn" },
		{ "AppealMerged", "appeal_merged" },
	};

	if (strcmp(h->type, "TaskSettled") == 0)
		return h->task_state == SY__V1__TASK_STATE__TASK_DONE
			       ? "task_done"
			       : "task_declined";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(h->type, names[i].type) == 0)
			return names[i].step;
	return NULL;
}

/* What complaints says of an inquiry that is over, our own words to it among
 * them, is shown and changes nothing. */
static bool is_of_now(const struct reaction_life *life, enum reaction_step step,
		      int64_t at_us)
{
	if (step == STEP_RESUMED)
		return at_us > life->result_us && at_us > life->reported_us &&
		       at_us > life->ended_us;
	return at_us >= life->forwarded_us;
}

static void hear_one(struct reactions *all, struct bus_item *item,
		     struct reaction *r, const Sy__V1__HeardAppeal *h)
{
	const char *by = all->svc->service.name, *step = shown_as(h);
	enum reaction_step means = meaning(h);
	struct reaction_life life;

	reaction_pass(all, item, r);
	life = reaction_life_of(r->now);
	r->now->appeal_state = h->state;
	if (h->merged_into[0] != '\0')
		r->now->facts->appeal_id = h->merged_into;
	if (step != NULL)
		reaction_note(all, item, r, step, h->at_us, by, NULL);
	if (means == STEP_NR || !is_of_now(&life, means, h->at_us))
		return;
	/* a result comes with the report at the latest */
	if (means == STEP_REPORTED)
		reaction_step(all, item, r, STEP_RESULT, h->at_us, by, NULL);
	/* what has its place already, by ourselves, is not told twice */
	reaction_step(all, item, r, means, h->at_us, by, NULL);
}

/* Which of them are there still: another replica may have been quicker. */
static bool is_there(const struct reactions *all, int64_t n)
{
	const int st = all->at + READ_HEARD;

	for (size_t i = 0; i < all->heard_nr; i++)
		if (all->heard[i] == n)
			return false;
	for (int row = 0; row < db_rows(all->res, st); row++)
		if (db_get_i64(all->res, st, row, 0) == n)
			return true;
	return false;
}

static void hear(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__HearAppealsRequest *req = (const void *)item->request;

	for (size_t i = 0; i < req->n_heard; i++) {
		const Sy__V1__HeardAppeal *h = req->heard[i];
		uint8_t id[UUID_BYTES];
		struct reaction *r;

		if (!is_there(all, h->n) || uuid_parse(h->reaction_id, id) < 0)
			continue;
		r = reactions_find(all, id);
		if (r == NULL)
			continue;
		hear_one(all, item, r, h);
		all->heard[all->heard_nr++] = h->n;
	}
}

void reactions_decide_self(struct reactions *all, struct bus_item *item)
{
	switch ((enum reactions_method)(item->method - reactions_methods)) {
	case REACTIONS_JUDGE:
		judge_mentions(all, item);
		break;
	case REACTIONS_DUE:
		due(all, item);
		break;
	case REACTIONS_TOLD:
		told(all, item);
		break;
	case REACTIONS_HEAR:
		hear(all, item);
		break;
	case REACTIONS_OPEN:
	case REACTIONS_ASSIGN:
	case REACTIONS_ANSWER:
	case REACTIONS_FORWARD:
	case REACTIONS_REPORT:
	case REACTIONS_DISMISS:
	case REACTIONS_REOPEN:
		break;
	}
}
