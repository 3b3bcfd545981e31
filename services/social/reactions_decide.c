/* reactions_decide.c -- what people do about a reaction. The life is in
 * reaction_rules.c; here are the fields, who may, and what is said to
 * complaints.
 */
#include <string.h>

#include "reactions.h"
#include "timeutil.h"

#define TEXT_MAX 65536
#define URL_MAX 2048
#define CODE_MAX 64
#define CONTACT_MAX 254
#define PRIORITY_LAST 5

static bool refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_refuse(item, code, field, "%s", text);
	return false;
}

/* Not known here, or not yet. */
static bool unknown(struct reactions *all, struct bus_item *item,
		    const char *field)
{
	all->wait |= !all->directory_fresh;
	return refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
		      "is not in the directory");
}

static bool short_enough(struct bus_item *item, const char *text, size_t max,
			 const char *field)
{
	if (strlen(text) <= max)
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__INVALID, field,
		   "is longer than %zu bytes", max);
	return false;
}

static void reply(struct reactions *all, struct bus_item *item,
		  const struct reaction *r)
{
	Sy__V1__ReactionReply *msg = arena_alloc(all->arena, sizeof(*msg));

	sy__v1__reaction_reply__init(msg);
	msg->reaction_id = (char *)r->id_text;
	msg->revision = (uint64_t)r->revision;
	msg->state = r->now->facts->state;
	msg->appeal_id = r->now->facts->appeal_id;
	item->reply = &msg->base;
}

static bool take(struct reactions *all, struct bus_item *item,
		 struct reaction *r, enum reaction_step step,
		 const struct said *said)
{
	const char *why = reaction_step(all, item, r, step, all->batch->now_us,
					item->principal, said);

	if (why != NULL)
		return refuse(item, SY__V1__ERROR_CODE__STATE, "", why);
	reply(all, item, r);
	return true;
}

/* The one that is pointed at, as time has left it; NULL: refused. Ids of other
 * units tell nothing. */
static struct reaction *target(struct reactions *all, struct bus_item *item,
			       const char *id_text, uint64_t revision)
{
	uint8_t id[UUID_BYTES];
	struct reaction *r = NULL;

	if (uuid_parse(id_text, id) < 0) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "reaction_id",
		       "is not a UUID");
		return NULL;
	}
	r = reactions_find(all, id);
	if (r == NULL ||
	    !social_sees(all->svc, item->grant, r->now->facts->unit)) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "reaction_id",
		       "no such reaction");
		return NULL;
	}
	if (revision != 0 && revision != (uint64_t)r->revision) {
		refuse(item, SY__V1__ERROR_CODE__CONFLICT, "revision",
		       "somebody has changed it since it was seen");
		return NULL;
	}
	reaction_pass(all, item, r);
	return r;
}

/* --- the commands --- */

static void open_one(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__OpenReactionRequest *req = (const void *)item->request;
	const Sy__V1__ReactionRule *rule;
	const struct mention *m;
	const char *policy = "";
	uint8_t id[UUID_BYTES];

	if (uuid_parse(req->mention_id, id) < 0) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "mention_id",
		       "is not a UUID");
		return;
	}
	if (req->priority > PRIORITY_LAST) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "priority",
		       "is not from 1 to 5");
		return;
	}
	m = mentions_find(mentions_of_batch(), id);
	if (m == NULL || m->after == NULL ||
	    !social_sees(all->svc, item->grant, m->after->facts->unit)) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "mention_id",
		       "no such mention");
		return;
	}
	if (reactions_find(all, id) != NULL) {
		refuse(item, SY__V1__ERROR_CODE__STATE, "mention_id",
		       "has a reaction already");
		return;
	}
	rule = reaction_wanted(all->svc, m->after->facts, 1,
			       m->after->facts->reach, all->batch->now_us,
			       all->arena, &policy);
	if (rule == NULL)
		rule = reaction_rule_usual(all->arena);
	/* by this person, whatever a rule would have said */
	reply(all, item,
	      reaction_open(all, item, m, rule, policy, req->priority));
}

static bool owner_good(struct reactions *all, struct bus_item *item,
		       const char *owner, const char *unit)
{
	struct bus_grant grant;

	if (owner[0] == '\0')
		return true;
	if (!replica_grant(all->svc->replica, owner, &grant))
		return unknown(all, item, "owner");
	if (!(grant.roles & ROLE_HANDLER))
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "owner",
			      "is no handler");
	return social_sees(all->svc, &grant, unit) ||
	       refuse(item, SY__V1__ERROR_CODE__SCOPE, "owner",
		      "does not see the unit");
}

static void assign(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__AssignReactionRequest *req = (const void *)item->request;
	struct reaction *r = target(all, item, req->reaction_id, req->revision);
	Sy__V1__ReactionFacts was;
	const char *owner = req->owner;

	if (r == NULL)
		return;
	if (owner[0] == '\0')
		owner = item->principal;
	else if (strcmp(owner, "-") == 0)
		owner = "";
	if (req->priority > PRIORITY_LAST) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "priority",
		       "is not from 1 to 5");
		return;
	}
	if (!owner_good(all, item, owner, r->now->facts->unit))
		return;
	was = *r->now->facts;
	r->now->facts->owner = (char *)owner;
	if (req->priority != 0)
		r->now->facts->priority = req->priority;
	if (!take(all, item, r, STEP_ASSIGNED, NULL))
		*r->now->facts = was;
}

static void answer(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__AnswerReactionRequest *req = (const void *)item->request;
	const struct said said = { .text = req->text,
				   .url = req->url,
				   .template = req->template_ };
	struct reaction *r;

	if (!short_enough(item, req->text, TEXT_MAX, "text") ||
	    !short_enough(item, req->url, URL_MAX, "url") ||
	    !short_enough(item, req->template_, CODE_MAX, "template"))
		return;
	if (req->text[0] == '\0' && req->url[0] == '\0') {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "text",
		       "is missing, and no url");
		return;
	}
	r = target(all, item, req->reaction_id, req->revision);
	if (r != NULL && take(all, item, r, STEP_ANSWERED, &said) &&
	    r->now->facts->state == SY__V1__REACTION_STATE__REACTION_FORWARDED)
		answer_tell(all, r, req->text, all->batch->now_us);
}

/* What complaints will look up, so that it need not refuse. */
static bool codes_good(struct reactions *all, struct bus_item *item,
		       const char *unit, const char *kind, const char *topic,
		       const char *department)
{
	const struct replica *replica = all->svc->replica;
	int32_t day = (int32_t)(all->batch->now_us / US_PER_DAY);

	if (unit[0] == '\0')
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "unit",
			      "is missing");
	if (replica_unit(replica, unit, day) == NULL)
		return unknown(all, item, "unit");
	if (!social_sees(all->svc, item->grant, unit))
		return refuse(item, SY__V1__ERROR_CODE__SCOPE, "unit",
			      "lies outside of the principal's subtree");
	if (replica_term(replica, "kind", kind, day) == NULL)
		return unknown(all, item, "kind");
	if (replica_term(replica, "channel", "social", day) == NULL)
		return unknown(all, item, "channel");
	if (topic[0] != '\0' &&
	    replica_term(replica, "topic", topic, day) == NULL)
		return unknown(all, item, "topic");
	return department[0] == '\0' ||
	       replica_department(replica, department, day) ||
	       unknown(all, item, "department");
}

static void forward(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__ForwardReactionRequest *req = (const void *)item->request;
	const char *kind, *topic, *unit;
	struct mention_said mention;
	struct reaction *r;

	if (!short_enough(item, req->text, TEXT_MAX, "text") ||
	    !short_enough(item, req->author_contact, CONTACT_MAX,
			  "author_contact"))
		return;
	r = target(all, item, req->reaction_id, req->revision);
	if (r == NULL)
		return;
	if (all->svc->conf.complaints[0] == '\0') {
		refuse(item, SY__V1__ERROR_CODE__STATE, "",
		       "there is no complaints service to forward it to");
		return;
	}
	unit = req->unit[0] != '\0' ? req->unit : r->now->facts->unit;
	topic = req->topic[0] != '\0' ? req->topic : r->now->facts->topic;
	kind = req->kind[0] != '\0'
		       ? req->kind
		       : reaction_appeal_kind(r->now->rule,
					      r->now->facts->mention_class);
	if (!codes_good(all, item, unit, kind, topic, req->department))
		return;
	if (!mention_said(all, r->id, &mention) && req->text[0] == '\0') {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "text",
		       "is missing, and that of the mention is gone");
		return;
	}
	r->now->appeal_unit = (char *)unit;
	r->now->appeal_department = req->department;
	if (take(all, item, r, STEP_FORWARDED,
		 &(struct said){ .text = req->text }))
		forward_tell(all, r, req, kind, topic, &mention,
			     all->batch->now_us);
}

static void report(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__ReportReactionRequest *req = (const void *)item->request;
	const struct said said = { .text = req->text,
				   .url = req->url,
				   .reason = req->by };
	struct reaction *r;

	if (!short_enough(item, req->text, TEXT_MAX, "text") ||
	    !short_enough(item, req->url, URL_MAX, "url"))
		return;
	if (strcmp(req->by, "platform") != 0 && strcmp(req->by, "email") != 0) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "by",
		       "is neither platform nor email");
		return;
	}
	if (req->text[0] == '\0' && req->url[0] == '\0') {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "text",
		       "is missing, and no url");
		return;
	}
	r = target(all, item, req->reaction_id, req->revision);
	if (r != NULL && take(all, item, r, STEP_REPORTED, &said))
		report_tell(all, r, req->text, all->batch->now_us);
}

static void dismiss(struct reactions *all, struct bus_item *item)
{
	static const char *const reasons[] = { "spam", "not_ours", "duplicate",
					       "other" };
	const Sy__V1__DismissReactionRequest *req = (const void *)item->request;
	const size_t n = sizeof(reasons) / sizeof(reasons[0]);
	struct reaction *r;
	size_t i = 0;

	while (i < n && strcmp(req->reason, reasons[i]) != 0)
		i++;
	if (i == n) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "reason",
		       "is not spam, not_ours, duplicate or other");
		return;
	}
	r = target(all, item, req->reaction_id, req->revision);
	if (r != NULL)
		take(all, item, r, STEP_DISMISSED,
		     &(struct said){ .reason = reasons[i] });
}

static void reopen(struct reactions *all, struct bus_item *item)
{
	const Sy__V1__ReopenReactionRequest *req = (const void *)item->request;
	struct reaction *r = target(all, item, req->reaction_id, req->revision);

	if (r != NULL && take(all, item, r, STEP_REOPENED, NULL) &&
	    r->now->facts->state == SY__V1__REACTION_STATE__REACTION_FORWARDED)
		reopen_tell(all, r, all->batch->now_us);
}

void reactions_decide_person(struct reactions *all, struct bus_item *item)
{
	static void (*const commands[])(struct reactions *,
					struct bus_item *) = {
		[REACTIONS_OPEN] = open_one, [REACTIONS_ASSIGN] = assign,
		[REACTIONS_ANSWER] = answer, [REACTIONS_FORWARD] = forward,
		[REACTIONS_REPORT] = report, [REACTIONS_DISMISS] = dismiss,
		[REACTIONS_REOPEN] = reopen,
	};

	commands[item->method - reactions_methods](all, item);
}
