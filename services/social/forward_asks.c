/* forward_asks.c -- the commands that complaints gets of a forwarded reaction.
 * The case is pointed at by the reaction's own id, which it was registered
 * under, so that none of them waits for the answer to another.
 */
#include "reactions.h"
#include "utf8.h"

#define CHANNEL "social"
/* An appeal takes 65,536 bytes; the address of the mention stands behind. */
#define MENTION_TEXT_MAX 60000
#define PERSON_FIELD_MAX 500

static char *beginning(struct arena *arena, const char *text, size_t max)
{
	return arena_printf(arena, "%.*s", utf8_fit(text, max), text);
}

static Sy__V1__AppealRef *ref_of(struct reactions *all, struct reaction *r)
{
	Sy__V1__AppealRef *ref = arena_alloc(all->arena, sizeof(*ref));

	sy__v1__appeal_ref__init(ref);
	ref->external_id = r->id_text;
	/* where it was merged into another one, that goes on */
	if (r->now->facts->appeal_id[0] != '\0') {
		ref->external_id = (char *)"";
		ref->appeal_id = r->now->facts->appeal_id;
	}
	return ref;
}

static char *appeal_text(struct arena *arena, const struct mention_said *said)
{
	const char *title = said->title, *url = said->url;

	return arena_printf(arena, "%s%s%s%s%s", title,
			    title[0] != '\0' ? "\n\n" : "",
			    beginning(arena, said->text, MENTION_TEXT_MAX),
			    url[0] != '\0' ? "\n\n" : "", url);
}

static Sy__V1__Person *person_of(struct arena *arena, const char *source,
				 const char *author, char *email)
{
	Sy__V1__Person *person = arena_alloc(arena, sizeof(*person));

	sy__v1__person__init(person);
	person->email = email;
	if (author[0] != '\0')
		person->handle = beginning(
			arena, arena_printf(arena, "%s:%s", source, author),
			PERSON_FIELD_MAX);
	return author[0] != '\0' || email[0] != '\0' ? person : NULL;
}

static void task_tell(struct reactions *all, struct reaction *r,
		      const char *text, int64_t at_us)
{
	const struct reaction_limits limits =
		reaction_limits(all->svc, r->now, at_us);
	Sy__V1__OpenTaskRequest *req = arena_alloc(all->arena, sizeof(*req));

	sy__v1__open_task_request__init(req);
	req->appeal = ref_of(all, r);
	req->task = arena_printf(all->arena, "social-%u", ++r->now->tasks);
	req->unit = r->now->appeal_unit;
	req->department = r->now->appeal_department;
	req->text = (char *)text;
	req->due_us = reaction_task_due(&limits, at_us);
	req->occurred_at_us = at_us;
	reaction_tell(all, r, "OpenTask", &req->base);
}

void forward_tell(struct reactions *all, struct reaction *r,
		  const Sy__V1__ForwardReactionRequest *asked, const char *kind,
		  const char *topic, const struct mention_said *said,
		  int64_t at_us)
{
	const Sy__V1__ReactionFacts *f = r->now->facts;
	Sy__V1__RegisterAppealRequest *req =
		arena_alloc(all->arena, sizeof(*req));
	char *text = appeal_text(all->arena, said);

	sy__v1__register_appeal_request__init(req);
	req->external_id = r->id_text;
	req->kind = (char *)kind;
	req->channel = (char *)CHANNEL;
	req->topic = (char *)topic;
	req->unit = r->now->appeal_unit;
	req->department = asked->department;
	req->person = person_of(all->arena, f->source, said->author,
				asked->author_contact);
	req->text = text[0] != '\0' ? text : asked->text;
	req->occurred_at_us = at_us;
	req->received_at_us =
		f->published_at_us < at_us ? f->published_at_us : 0;
	reaction_tell(all, r, "RegisterAppeal", &req->base);
	task_tell(all, r, asked->text[0] != '\0' ? asked->text : req->text,
		  at_us);
}

void answer_tell(struct reactions *all, struct reaction *r, const char *text,
		 int64_t at_us)
{
	Sy__V1__AnswerAppealRequest *req =
		arena_alloc(all->arena, sizeof(*req));

	sy__v1__answer_appeal_request__init(req);
	req->appeal = ref_of(all, r);
	req->text = (char *)text;
	req->occurred_at_us = at_us;
	reaction_tell(all, r, "AnswerAppeal", &req->base);
}

/* Settled there, as far as was heard. */
static bool settled(Sy__V1__AppealState state)
{
	return state == SY__V1__APPEAL_STATE__APPEAL_RESOLVED ||
	       state == SY__V1__APPEAL_STATE__APPEAL_INFORMED ||
	       state == SY__V1__APPEAL_STATE__APPEAL_CLOSED;
}

/* Who hears a result has an answer, if there was none before. */
void report_tell(struct reactions *all, struct reaction *r, const char *text,
		 int64_t at_us)
{
	Sy__V1__InformCustomerRequest *req =
		arena_alloc(all->arena, sizeof(*req));
	Sy__V1__AppealState state = r->now->appeal_state;

	if (!settled(state) && state != SY__V1__APPEAL_STATE__APPEAL_ANSWERED)
		answer_tell(all, r, text, at_us);
	sy__v1__inform_customer_request__init(req);
	req->appeal = ref_of(all, r);
	req->text = (char *)text;
	req->occurred_at_us = at_us;
	reaction_tell(all, r, "InformCustomer", &req->base);
}

void reopen_tell(struct reactions *all, struct reaction *r, int64_t at_us)
{
	Sy__V1__ReopenAppealRequest *req =
		arena_alloc(all->arena, sizeof(*req));
	Sy__V1__AppealState state = r->now->appeal_state;
	char *text = arena_printf(all->arena, "social: %s", r->id_text);

	if (settled(state) || state == SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN) {
		sy__v1__reopen_appeal_request__init(req);
		req->appeal = ref_of(all, r);
		req->text = text;
		req->occurred_at_us = at_us;
		reaction_tell(all, r, "ReopenAppeal", &req->base);
	}
	task_tell(all, r, text, at_us);
}
