/* subject_read.c -- what a batch asks the store about customers, and what it
 * answers: contacts with their sets and links, earlier cases, the cases of whom
 * a method is about.
 */
#include <string.h>

#include "subjects.h"

static size_t method_of(const struct bus_item *item)
{
	return (size_t)(item->method - complaints_methods);
}

static bool about_subjects(const struct bus_item *item)
{
	return method_of(item) > METHOD_CLOCK_DUE;
}

/* The contacts of a registration, before it is judged. */
static struct contacts_said *
said_by(struct complaints *svc, struct bus_batch *batch, struct bus_item *item)
{
	const Sy__V1__Person *p =
		((const Sy__V1__RegisterAppealRequest *)item->request)->person;
	struct contacts_said *said = arena_alloc(&batch->arena, sizeof(*said));

	if (p != NULL)
		said->n = pseudonyms_make(svc, p->phone, p->email, p->handle,
					  said->id);
	return said;
}

/* Before read and before decide: an item's scratch is cleared between. */
static void said_by_all(struct complaints *svc, struct bus_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct bus_item *item = batch->items[i];

		item->scratch = NULL;
		if (method_of(item) == FACT_REGISTER)
			item->scratch = said_by(svc, batch, item);
	}
}

/* The end of a case that lies before now, as far as can be told: a case that
 * was registered since may be its repeat. */
static bool ends_before(const struct bus_item *item)
{
	size_t method = method_of(item);
	struct asked a;

	if (method != FACT_RESOLVE && method != FACT_CLOSE)
		return false;
	asked_read(&a, (enum fact_type)method, item->request,
		   item->occurred_at_us, 0);
	return a.fact.occurred_at_us != 0;
}

static bool ends_asked(const struct bus_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (ends_before(batch->items[i]))
			return true;
	}
	return false;
}

/* What may make a case a repeat, besides its registration. */
static bool judges(const struct bus_item *item)
{
	return ends_before(item) ||
	       (method_of(item) == FACT_CLASSIFY &&
		((const Sy__V1__ClassifyAppealRequest *)item->request)
				->topic[0] != '\0');
}

/* True: the statements of the intake are in the batch. */
static bool intake_asks(const struct bus_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		const struct bus_item *item = batch->items[i];
		const struct contacts_said *said = item->scratch;

		if (judges(item) || (method_of(item) == FACT_REGISTER &&
				     said != NULL && said->n > 0))
			return true;
	}
	return false;
}

/* --- asking --- */

static void put_contacts(struct db_pipe *pipe, const struct bus_batch *batch)
{
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < batch->n; i++) {
		const struct contacts_said *said = batch->items[i]->scratch;

		for (size_t k = 0; said != NULL && k < said->n; k++)
			db_array_data(pipe, said->id[k], CONTACT_BYTES);
	}
	db_array_end(pipe);
}

static void put_nothing(struct db_pipe *pipe, enum db_array_type type)
{
	db_array_begin(pipe, type);
	db_array_end(pipe);
}

static void put_uuids(struct db_pipe *pipe, char *const *texts, size_t n)
{
	uint8_t id[UUID_BYTES];

	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++) {
		if (uuid_parse(texts[i], id) == 0)
			db_array_data(pipe, id, sizeof(id));
	}
	db_array_end(pipe);
}

/* The keys of the cases that such items point at, in two arrays. */
static void put_pointed(struct db_pipe *pipe, const struct bus_batch *batch,
			const struct points_at *to,
			bool (*wanted)(const struct bus_item *item))
{
	for (int pass = 0; pass < 2; pass++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < batch->n; i++) {
			const struct bus_item *item = batch->items[i];

			if (wanted(item) && to[i].external_id != NULL)
				db_array_text(pipe,
					      pass == 0 ? item->principal
							: to[i].external_id);
		}
		db_array_end(pipe);
	}
}

static void put_pointed_ids(struct db_pipe *pipe, const struct bus_batch *batch,
			    const struct points_at *to,
			    bool (*wanted)(const struct bus_item *item))
{
	uint8_t id[UUID_BYTES];

	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		if (wanted(batch->items[i]) && to[i].appeal_id != NULL &&
		    uuid_parse(to[i].appeal_id, id) == 0)
			db_array_data(pipe, id, sizeof(id));
	}
	db_array_end(pipe);
}

static void read_intake(struct bus_batch *batch, struct db_pipe *pipe,
			const struct points_at *to)
{
	if (ends_asked(batch)) {
		db_exec(pipe, SQL_READ_LATER);
		put_pointed(pipe, batch, to, ends_before);
		put_pointed_ids(pipe, batch, to, ends_before);
		put_contacts(pipe, batch);
	}
	db_exec(pipe, SQL_SUBJECT_EARLIER);
	put_contacts(pipe, batch);
	put_pointed_ids(pipe, batch, to, judges);
	put_pointed(pipe, batch, to, judges);
	for (int st = SQL_SUBJECT_MEMBERS; st <= SQL_SUBJECT_LINKS; st++) {
		db_exec(pipe, st);
		put_contacts(pipe, batch);
		put_nothing(pipe, DB_ARRAY_UUID);
		put_nothing(pipe, DB_ARRAY_UUID);
	}
}

/* Whom a method is about. */
struct about {
	struct contacts_said contacts;
	char *appeals[2];
	size_t appeals_nr;
	char *link;
	bool whole; /* all cases of the customer */
};

static struct about about_of(struct complaints *svc,
			     const struct bus_item *item)
{
	struct about about = { 0 };

	switch (method_of(item)) {
	case METHOD_MERGE_SUBJECTS: {
		const Sy__V1__MergeSubjectsRequest *req =
			(const Sy__V1__MergeSubjectsRequest *)item->request;

		about.appeals[about.appeals_nr++] = req->appeal_id;
		about.appeals[about.appeals_nr++] = req->other_appeal_id;
		break;
	}
	case METHOD_SPLIT_SUBJECTS:
		about.link =
			((const Sy__V1__SplitSubjectsRequest *)item->request)
				->link_id;
		break;
	case METHOD_ERASE_SUBJECT: {
		const Sy__V1__EraseSubjectRequest *req =
			(const Sy__V1__EraseSubjectRequest *)item->request;

		about.whole = true;
		if (req->appeal_id[0] != '\0')
			about.appeals[about.appeals_nr++] = req->appeal_id;
		else
			about.contacts.n =
				pseudonyms_make(svc, req->phone, req->email,
						req->handle, about.contacts.id);
		break;
	}
	default:
		break;
	}
	return about;
}

static void put_about(struct db_pipe *pipe, const struct about *about)
{
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < about->contacts.n; i++)
		db_array_data(pipe, about->contacts.id[i], CONTACT_BYTES);
	db_array_end(pipe);
	put_uuids(pipe, about->appeals, about->appeals_nr);
	put_uuids(pipe, &about->link, about->link != NULL);
}

static void read_about(struct complaints *svc, const struct bus_item *item,
		       struct db_pipe *pipe)
{
	const Sy__V1__ForgetAppealsRequest *forget =
		(const Sy__V1__ForgetAppealsRequest *)item->request;
	struct about about = about_of(svc, item);

	if (method_of(item) == METHOD_PUT_RETENTION)
		return;
	for (int st = SQL_SUBJECT_MEMBERS; st <= SQL_SUBJECT_LINKS; st++) {
		db_exec(pipe, st);
		put_about(pipe, &about);
	}
	db_exec(pipe, SQL_SUBJECT_APPEALS);
	if (method_of(item) == METHOD_FORGET_APPEALS) {
		put_nothing(pipe, DB_ARRAY_BYTES);
		put_uuids(pipe, forget->appeal_ids, forget->n_appeal_ids);
		put_nothing(pipe, DB_ARRAY_UUID);
	} else {
		put_about(pipe, &about);
	}
	db_bool(pipe, about.whole);
	db_i64(pipe, ERASE_MAX + 1);
}

void subjects_read(struct complaints *svc, struct bus_batch *batch,
		   struct db_pipe *pipe, const struct points_at *to)
{
	said_by_all(svc, batch);
	svc->asked_intake = intake_asks(batch);
	svc->asked_ends = ends_asked(batch);
	if (svc->asked_intake)
		read_intake(batch, pipe, to);
	for (size_t i = 0; i < batch->n; i++) {
		if (about_subjects(batch->items[i]))
			read_about(svc, batch->items[i], pipe);
	}
}

/* --- what was answered --- */

static const uint8_t *get_contact(const struct db_result *res, int st, int row,
				  int col)
{
	size_t len;
	const uint8_t *bytes = db_get_bytes(res, st, row, col, &len);

	return len == CONTACT_BYTES ? bytes : NULL;
}

static void get_uuid(const struct db_result *res, int st, int row, int col,
		     uint8_t id_r[UUID_BYTES])
{
	size_t len;
	const uint8_t *bytes = db_get_bytes(res, st, row, col, &len);

	if (len == UUID_BYTES)
		memcpy(id_r, bytes, UUID_BYTES);
}

static void get_uuid_text(const struct db_result *res, int st, int row, int col,
			  char text_r[UUID_TEXT_MAX])
{
	uint8_t id[UUID_BYTES] = { 0 };

	if (db_is_null(res, st, row, col))
		return;
	get_uuid(res, st, row, col, id);
	uuid_format(id, text_r);
}

static void load_earlier(struct subjects *s, const struct db_result *res,
			 int st)
{
	struct arena *a = s->arena;

	for (int row = 0; row < db_rows(res, st); row++) {
		struct contact *c =
			subjects_contact(s, get_contact(res, st, row, 0));
		struct earlier *e = arena_alloc(a, sizeof(*e));
		int64_t closed_at_us = db_get_time(res, st, row, 7);

		get_uuid(res, st, row, 1, e->id);
		uuid_format(e->id, e->e.id_text);
		e->e.topic = arena_strdup(a, db_get_text(res, st, row, 2));
		e->e.product = arena_strdup(a, db_get_text(res, st, row, 3));
		e->e.first = arena_strdup(a, db_get_text(res, st, row, 4));
		e->e.registered_at_us = db_get_time(res, st, row, 5);
		e->e.ended_at_us = closed_at_us != 0
					   ? closed_at_us
					   : db_get_time(res, st, row, 6);
		e->next = c->earlier;
		c->earlier = e;
	}
}

static void load_members(struct subjects *s, const struct db_result *res,
			 int st)
{
	for (int row = 0; row < db_rows(res, st); row++)
		subjects_stored(s, get_contact(res, st, row, 0),
				get_contact(res, st, row, 1));
}

static void load_links(struct subjects *s, const struct db_result *res, int st)
{
	for (int row = 0; row < db_rows(res, st); row++) {
		struct contact *a =
			subjects_contact(s, get_contact(res, st, row, 1));
		struct contact *b =
			subjects_contact(s, get_contact(res, st, row, 2));
		struct subject_link *l;

		if (subjects_link(s, a, b) != NULL)
			continue; /* two items are about it */
		l = subjects_link_add(s, a, b);
		get_uuid(res, st, row, 0, l->id);
		uuid_format(l->id, l->id_text);
		l->revision_read = db_get_i64(res, st, row, 3);
		l->revision = l->revision_read;
		l->by_rule = db_get_bool(res, st, row, 4);
		l->split = db_get_bool(res, st, row, 5);
		get_uuid_text(res, st, row, 6, l->appeal_id);
		get_uuid_text(res, st, row, 7, l->other_appeal_id);
	}
}

static struct subject_cases *load_cases(struct arena *a,
					const struct db_result *res, int st)
{
	struct subject_cases *list = arena_alloc(a, sizeof(*list));

	list->n = (size_t)db_rows(res, st);
	list->cases = arena_alloc(a, (list->n + 1) * sizeof(list->cases[0]));
	for (size_t i = 0; i < list->n; i++) {
		struct subject_case *c = &list->cases[i];
		int row = (int)i;
		const uint8_t *subject = get_contact(
			res, st, row, STORE_FACTS_COL + STORE_FACTS_COLS);

		get_uuid(res, st, row, 0, c->id);
		c->source = arena_strdup(a, db_get_text(res, st, row, 1));
		c->revision = db_get_i64(res, st, row, 3);
		store_facts(a, res, st, row, STORE_FACTS_COL, &c->facts);
		/* what else there is lies in the arena */
		for (int code = 0; code < CODE_NR; code++)
			c->facts.code[code] =
				arena_strdup(a, c->facts.code[code]);
		c->has_subject = subject != NULL;
		if (subject != NULL)
			memcpy(c->subject, subject, CONTACT_BYTES);
	}
	return list;
}

void subjects_load(struct decision *d, const struct db_result *res, int first)
{
	struct bus_batch *batch = d->batch;
	struct subject_batch *sb = arena_alloc(&batch->arena, sizeof(*sb));
	struct subjects *s = &sb->s;
	int st = first;

	d->cases->subjects = sb;
	subjects_open(s, &batch->arena);
	sb->erasures_last = &sb->erasures;
	said_by_all(d->svc, batch);
	if (d->svc->asked_intake) {
		if (d->svc->asked_ends)
			store_cases(d->cases, res, st++);
		load_earlier(s, res, st++);
		load_members(s, res, st++);
		load_links(s, res, st++);
	}
	for (size_t i = 0; i < batch->n; i++) {
		struct bus_item *item = batch->items[i];

		if (!about_subjects(item) ||
		    method_of(item) == METHOD_PUT_RETENTION)
			continue;
		load_members(s, res, st++);
		load_links(s, res, st++);
		item->scratch = load_cases(&batch->arena, res, st++);
	}
}

const struct contacts_said *subjects_said(struct complaints *svc,
					  struct arena *arena,
					  const struct bus_item *item)
{
	struct contacts_said *said = arena_alloc(arena, sizeof(*said));

	*said = about_of(svc, item).contacts;
	return said;
}
