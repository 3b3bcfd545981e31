/* subject_decide.c -- judges what is asked about customers: links by hand,
 * erasures, how long what is personal is kept.
 */
#include <string.h>

#include <sodium.h>

#include "subjects.h"
#include "timeutil.h"

static bool refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_refuse(item, code, field, "%s", text);
	return false;
}

static void answer(struct bus_item *item, const ProtobufCMessage *reply)
{
	item->verdict = SY__V1__ERROR_CODE__OK;
	item->reply = reply;
}

static bool reaches(const struct decision *d, struct bus_item *item,
		    const struct subject_case *c, const char *field)
{
	return grant_reaches(d->svc->replica, item->grant, item->principal,
			     c->source, &c->facts) ||
	       refuse(item, SY__V1__ERROR_CODE__SCOPE, field,
		      "lies outside of the principal's subtree");
}

static bool reason_given(struct bus_item *item, const char *text)
{
	if (text[0] == '\0')
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "text",
			      "is missing");
	return strlen(text) <= TEXT_MAX ||
	       refuse(item, SY__V1__ERROR_CODE__INVALID, "text",
		      "is longer than 65536 bytes");
}

/* --- links --- */

static const struct subject_case *case_of(const struct decision *d,
					  struct bus_item *item,
					  const char *appeal_id,
					  const char *field)
{
	const struct subject_cases *list = item->scratch;
	uint8_t id[UUID_BYTES];

	if (uuid_parse(appeal_id, id) < 0) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, field,
		       "is not a UUID");
		return NULL;
	}
	for (size_t i = 0; i < list->n; i++) {
		const struct subject_case *c = &list->cases[i];

		if (memcmp(c->id, id, UUID_BYTES) != 0)
			continue;
		if (!reaches(d, item, c, field))
			return NULL;
		if (c->has_subject)
			return c;
		refuse(item, SY__V1__ERROR_CODE__STATE, field,
		       "has no contact of its customer");
		return NULL;
	}
	refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, field, "no such appeal");
	return NULL;
}

static void reply_link(struct decision *d, struct bus_item *item,
		       const struct subject_link *l, bool duplicate)
{
	Sy__V1__SubjectLinkReply *reply =
		arena_alloc(&d->batch->arena, sizeof(*reply));

	sy__v1__subject_link_reply__init(reply);
	if (l != NULL) {
		reply->link_id = (char *)l->id_text;
		reply->revision = (uint64_t)l->revision;
	}
	reply->duplicate = duplicate;
	item->duplicate = duplicate;
	answer(item, &reply->base);
}

static void link_change(struct decision *d, struct bus_item *item,
			struct subject_link *l, const char *text)
{
	l->revision++;
	l->principal = item->principal;
	l->text = text;
	l->changed_us = d->batch->now_us;
	l->cause = item;
}

static void decide_merge(struct decision *d, struct bus_item *item)
{
	const Sy__V1__MergeSubjectsRequest *req =
		(const Sy__V1__MergeSubjectsRequest *)item->request;
	struct subjects *s = &d->cases->subjects->s;
	const struct subject_case *one, *other;
	struct contact *a, *b;
	struct subject_link *l;

	if (!reason_given(item, req->text))
		return;
	one = case_of(d, item, req->appeal_id, "appeal_id");
	other = one == NULL ? NULL
			    : case_of(d, item, req->other_appeal_id,
				      "other_appeal_id");
	if (other == NULL)
		return;
	a = subjects_contact(s, one->subject);
	b = subjects_contact(s, other->subject);
	l = subjects_link(s, a, b);
	if (contacts_joined(a, b)) {
		reply_link(d, item, l, true);
		return;
	}
	if (a->root->nr + b->root->nr > SET_MAX) {
		refuse(item, SY__V1__ERROR_CODE__STATE, "other_appeal_id",
		       "one customer has at most 50 contacts");
		return;
	}
	if (l == NULL) {
		l = subjects_link_add(s, a, b);
		uuid_make(l->id);
		uuid_format(l->id, l->id_text);
	}
	link_change(d, item, l, req->text);
	l->split = false;
	l->by_rule = false;
	uuid_format(one->id, l->appeal_id);
	uuid_format(other->id, l->other_appeal_id);
	contacts_join(a, b);
	reply_link(d, item, l, false);
}

static struct subject_link *link_of(const struct subjects *s, const char *text)
{
	uint8_t id[UUID_BYTES];

	if (uuid_parse(text, id) < 0)
		return NULL;
	for (struct subject_link *l = s->links; l != NULL; l = l->next) {
		if (memcmp(l->id, id, UUID_BYTES) == 0)
			return l;
	}
	return NULL;
}

static void decide_split(struct decision *d, struct bus_item *item)
{
	const Sy__V1__SplitSubjectsRequest *req =
		(const Sy__V1__SplitSubjectsRequest *)item->request;
	const struct subject_cases *list = item->scratch;
	struct subjects *s = &d->cases->subjects->s;
	struct subject_link *l = link_of(s, req->link_id);

	if (!reason_given(item, req->text))
		return;
	if (l == NULL) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "link_id",
		       "no such link");
		return;
	}
	/* of erased cases nobody can tell whose they were */
	if (list->n == 0 && item->grant->unit[0] != '\0') {
		refuse(item, SY__V1__ERROR_CODE__SCOPE, "link_id",
		       "lies outside of the principal's subtree");
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (!reaches(d, item, &list->cases[i], "link_id"))
			return;
	}
	if (l->split) {
		reply_link(d, item, l, true);
		return;
	}
	link_change(d, item, l, req->text);
	subjects_split(s, l);
	reply_link(d, item, l, false);
}

/* --- erasure --- */

static struct erasure *erase(struct decision *d, struct bus_item *item,
			     Sy__V1__ErasureCause cause, const char *by)
{
	const struct subject_cases *list = item->scratch;
	struct subject_batch *sb = d->cases->subjects;
	struct erasure *e = arena_alloc(&d->batch->arena, sizeof(*e));

	uuid_make(e->id);
	e->cause = cause;
	e->by = by;
	e->cases = list->cases;
	e->n = list->n < ERASE_MAX ? list->n : ERASE_MAX;
	e->item = item;
	*sb->erasures_last = e;
	sb->erasures_last = &e->next;
	return e;
}

static void forget_set(struct erasure *e, struct contact *root)
{
	e->forgotten = root;
	for (struct contact *c = root; c != NULL; c = c->next) {
		c->touched = true;
		c->forgotten = true;
	}
}

/* The customer's contacts: those that were said, or that of the case. */
static struct contact *set_of(struct decision *d, const struct bus_item *item)
{
	const Sy__V1__EraseSubjectRequest *req =
		(const Sy__V1__EraseSubjectRequest *)item->request;
	const struct subject_cases *list = item->scratch;
	struct subjects *s = &d->cases->subjects->s;
	const struct contacts_said *said =
		subjects_said(d->svc, &d->batch->arena, item);
	uint8_t id[UUID_BYTES];

	if (said->n > 0)
		return subjects_contact(s, said->id[0])->root;
	if (uuid_parse(req->appeal_id, id) < 0)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct subject_case *c = &list->cases[i];

		if (c->has_subject && memcmp(c->id, id, UUID_BYTES) == 0)
			return subjects_contact(s, c->subject)->root;
	}
	return NULL;
}

static bool bad(struct problem *problem, const char *field, const char *text)
{
	*problem = (struct problem){ SY__V1__ERROR_CODE__INVALID, field, text };
	return false;
}

bool subject_named(const char *appeal_id, const char *phone, const char *email,
		   const char *handle, struct problem *problem_r)
{
	const struct {
		const char *field, *said;
		size_t (*normalise)(const char *text, char out[CONTACT_MAX]);
	} contacts[CONTACTS_MAX] = {
		{ "phone", phone, contact_phone },
		{ "email", email, contact_email },
		{ "handle", handle, contact_handle },
	};
	char norm[CONTACT_MAX];
	uint8_t id[UUID_BYTES];
	int said = 0;

	for (int i = 0; i < CONTACTS_MAX; i++) {
		if (contacts[i].said[0] == '\0')
			continue;
		said++;
		if (strlen(contacts[i].said) > PERSON_FIELD_MAX)
			return bad(problem_r, contacts[i].field,
				   "is longer than 512 bytes");
		if (contacts[i].normalise(contacts[i].said, norm) == 0)
			return bad(problem_r, contacts[i].field,
				   "is no contact");
	}
	sodium_memzero(norm, sizeof(norm));
	if (appeal_id[0] != '\0' && uuid_parse(appeal_id, id) < 0)
		return bad(problem_r, "appeal_id", "is not a UUID");
	if (said + (appeal_id[0] != '\0') != 1)
		return bad(problem_r, "", "names a case, or one contact");
	return true;
}

static void decide_erase(struct decision *d, struct bus_item *item)
{
	const Sy__V1__EraseSubjectRequest *req =
		(const Sy__V1__EraseSubjectRequest *)item->request;
	const struct subject_cases *list = item->scratch;
	Sy__V1__EraseSubjectReply *reply;
	struct problem problem;
	struct contact *root;
	struct erasure *e;
	char *id_text;

	if (!subject_named(req->appeal_id, req->phone, req->email, req->handle,
			   &problem)) {
		refuse(item, problem.code, problem.field, problem.text);
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (!reaches(d, item, &list->cases[i], ""))
			return;
	}
	e = erase(d, item, SY__V1__ERASURE_CAUSE__ERASURE_ASKED,
		  item->principal);
	root = set_of(d, item);
	/* while cases are left, they must be found */
	if (root != NULL && list->n <= ERASE_MAX)
		forget_set(e, root);
	id_text = arena_alloc(&d->batch->arena, UUID_TEXT_MAX);
	reply = arena_alloc(&d->batch->arena, sizeof(*reply));
	sy__v1__erase_subject_reply__init(reply);
	if (e->n > 0)
		reply->erasure_id = uuid_format(e->id, id_text);
	reply->appeals = (uint32_t)e->n;
	reply->more = list->n > ERASE_MAX;
	answer(item, &reply->base);
}

/* --- retention --- */

static void decide_retention(struct decision *d, struct bus_item *item)
{
	static const Sy__V1__PutRetentionReply done =
		SY__V1__PUT_RETENTION_REPLY__INIT;
	const Sy__V1__PutRetentionRequest *r =
		(const Sy__V1__PutRetentionRequest *)item->request;
	struct subject_batch *sb = d->cases->subjects;
	struct problem problem;

	/* a kind is everybody's: its cases go in all units */
	if (item->grant->unit[0] != '\0') {
		refuse(item, SY__V1__ERROR_CODE__SCOPE, "kind",
		       "only somebody who sees all may change it");
		return;
	}
	if (r->kind[0] == '\0') {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "kind", "is missing");
		return;
	}
	if (!code_check(r->kind, "kind", &problem)) {
		refuse(item, problem.code, problem.field, problem.text);
		return;
	}
	if (r->days > RETENTION_DAYS_MAX) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "days",
		       "is more than 36500");
		return;
	}
	if (replica_term(d->svc->replica, "kind", r->kind,
			 (int32_t)(d->batch->now_us / US_PER_DAY)) == NULL) {
		decide_unknown(d, item, "kind");
		return;
	}
	if (sb->retentions == NULL)
		sb->retentions =
			arena_alloc(&d->batch->arena, d->batch->n * sizeof(r));
	sb->retentions[sb->retentions_nr++] = r;
	answer(item, &done.base);
}

/* One that was looked up may have been reopened before its turn came. */
static void keep_ended(struct subject_cases *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (appeal_ended(list->cases[i].facts.state))
			list->cases[n++] = list->cases[i];
	}
	list->n = n;
}

void subjects_decide(struct decision *d, struct bus_item *item)
{
	switch ((size_t)(item->method - complaints_methods)) {
	case METHOD_MERGE_SUBJECTS:
		decide_merge(d, item);
		return;
	case METHOD_SPLIT_SUBJECTS:
		decide_split(d, item);
		return;
	case METHOD_ERASE_SUBJECT:
		decide_erase(d, item);
		return;
	case METHOD_PUT_RETENTION:
		decide_retention(d, item);
		return;
	case METHOD_FORGET_APPEALS:
		item->verdict = SY__V1__ERROR_CODE__OK;
		keep_ended(item->scratch);
		erase(d, item, SY__V1__ERASURE_CAUSE__ERASURE_RETENTION,
		      d->svc->service.name);
		return;
	default:
		return;
	}
}

/* --- events --- */

static void emit_link(const struct decision *d, const struct subject_link *l)
{
	Sy__V1__SubjectLinkChanged msg = SY__V1__SUBJECT_LINK_CHANGED__INIT;

	msg.link_id = (char *)l->id_text;
	msg.contact = (ProtobufCBinaryData){ CONTACT_BYTES, l->a->id };
	msg.other_contact = (ProtobufCBinaryData){ CONTACT_BYTES, l->b->id };
	msg.by_rule = l->by_rule;
	msg.appeal_id = (char *)l->appeal_id;
	bus_emit(d->batch, l->cause,
		 &(struct bus_event){
			 .type = l->split ? "SubjectSplit" : "SubjectMerged",
			 .key = l->id_text,
			 .revision = (uint64_t)l->revision,
			 .occurred_at_us = l->changed_us,
			 .subject = l->a->root->id,
			 .payload = &msg.base,
		 });
}

static void emit_erased(const struct decision *d, const struct erasure *e)
{
	char erasure_id[UUID_TEXT_MAX], appeal_id[UUID_TEXT_MAX];
	Sy__V1__SubjectErased msg = SY__V1__SUBJECT_ERASED__INIT;
	Sy__V1__AppealFacts facts;

	msg.erasure_id = uuid_format(e->id, erasure_id);
	msg.cause = e->cause;
	for (size_t i = 0; i < e->n; i++) {
		const struct subject_case *c = &e->cases[i];

		facts_to_proto(&c->facts, &facts);
		msg.before = &facts;
		msg.after = &facts;
		msg.appeal_id = uuid_format(c->id, appeal_id);
		bus_emit(d->batch, e->item,
			 &(struct bus_event){
				 .type = "SubjectErased",
				 .key = appeal_id,
				 .revision = (uint64_t)c->revision + 1,
				 .occurred_at_us = d->batch->now_us,
				 .subject = c->has_subject ? c->subject : NULL,
				 .payload = &msg.base,
			 });
	}
}

void subjects_emit(const struct decision *d)
{
	const struct subject_batch *sb = d->cases->subjects;

	for (const struct subject_link *l = sb->s.links; l != NULL; l = l->next)
		if (l->cause != NULL)
			emit_link(d, l);
	for (const struct erasure *e = sb->erasures; e != NULL; e = e->next)
		emit_erased(d, e);
}
