/* write.c -- what decide.c made of a batch, as statements: claims and changes
 * of known cases, new cases, their facts, what belongs to the customer, timers.
 * All locks are taken by the claim, in id order, and by the insertion, in key
 * order.
 */
#include <string.h>

#include "subjects.h"

struct case_list {
	const struct appeal_case **c;
	size_t n;
};

struct fact_list {
	const struct appeal_case **c; /* of f[i] */
	const struct appeal_fact **f;
	size_t n;
};

static bool is_new(const struct appeal_case *c)
{
	return c->revision_read == 0;
}

static bool is_changed(const struct appeal_case *c)
{
	return c->revision_read != 0 && c->revision != c->revision_read;
}

static bool is_claimed(const struct appeal_case *c)
{
	return is_changed(c) || (c->relied_on && !is_new(c));
}

static bool has_person(const struct appeal_case *c)
{
	const Sy__V1__Person *p = c->person;

	return p != NULL && !c->erased &&
	       (p->name[0] != '\0' || p->phone[0] != '\0' ||
		p->email[0] != '\0' || p->address[0] != '\0' ||
		p->handle[0] != '\0');
}

static bool timer_moved(const struct appeal_case *c)
{
	return c->now.wake_us != c->read.wake_us;
}

static bool timer_wanted(const struct appeal_case *c)
{
	return c->now.wake_us != 0 && timer_moved(c);
}

static bool timer_unwanted(const struct appeal_case *c)
{
	return c->timer_stale || (c->read.wake_us != 0 && timer_moved(c));
}

static struct case_list cases_where(const struct cases *cases,
				    bool (*wanted)(const struct appeal_case *c))
{
	struct case_list list = { 0 };
	size_t nr = 0;

	for (const struct appeal_case *c = cases->first; c; c = c->next)
		nr++;
	list.c = arena_alloc(cases->arena, (nr + 1) * sizeof(list.c[0]));
	for (const struct appeal_case *c = cases->first; c; c = c->next) {
		if (wanted(c))
			list.c[list.n++] = c;
	}
	return list;
}

static bool is_fresh(const struct appeal_case *c, const struct appeal_fact *f)
{
	return (size_t)f->n >= c->facts_stored;
}

static bool is_fresh_text(const struct appeal_case *c,
			  const struct appeal_fact *f)
{
	return is_fresh(c, f) && f->text[0] != '\0' && !c->erased;
}

static bool is_fresh_file(const struct appeal_case *c,
			  const struct appeal_fact *f)
{
	return is_fresh(c, f) && f->file != NULL && !c->erased;
}

static bool is_fresh_lookup(const struct appeal_case *c,
			    const struct appeal_fact *f)
{
	return is_fresh(c, f) && f->lookup != NULL && !c->erased;
}

static bool is_refused_now(const struct appeal_case *c,
			   const struct appeal_fact *f)
{
	return !is_fresh(c, f) && c->refused_now != NULL &&
	       c->refused_now[f->n];
}

static struct fact_list facts_where(const struct cases *cases,
				    bool (*wanted)(const struct appeal_case *c,
						   const struct appeal_fact *f))
{
	struct fact_list list = { 0 };
	size_t nr = 0;

	for (const struct appeal_case *c = cases->first; c; c = c->next)
		nr += c->facts_nr;
	list.c = arena_alloc(cases->arena, (nr + 1) * sizeof(list.c[0]));
	list.f = arena_alloc(cases->arena, (nr + 1) * sizeof(list.f[0]));
	for (const struct appeal_case *c = cases->first; c; c = c->next) {
		for (size_t i = 0; i < c->facts_nr; i++) {
			if (!wanted(c, &c->facts[i]))
				continue;
			list.c[list.n] = c;
			list.f[list.n++] = &c->facts[i];
		}
	}
	return list;
}

/* --- columns over cases --- */

static void put_ids(struct db_pipe *pipe, const struct appeal_case *const *c,
		    size_t n)
{
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < n; i++)
		db_array_data(pipe, c[i]->id, sizeof(c[i]->id));
	db_array_end(pipe);
}

static void put_revisions(struct db_pipe *pipe, const struct case_list *list,
			  bool as_read)
{
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)(as_read ? list->c[i]->revision_read
						     : list->c[i]->revision));
	db_array_end(pipe);
}

static void put_time(struct db_pipe *pipe, const struct case_list *list,
		     size_t offset)
{
	int64_t us;

	db_array_begin(pipe, DB_ARRAY_TIME);
	for (size_t i = 0; i < list->n; i++) {
		memcpy(&us, (const char *)&list->c[i]->now + offset,
		       sizeof(us));
		db_array_int(pipe, us);
	}
	db_array_end(pipe);
}

static bool is_breached(const struct appeal_facts *facts)
{
	for (size_t i = 0; i < facts->clocks_nr; i++) {
		if (facts->clocks[i]->state ==
		    SY__V1__CLOCK_STATE__CLOCK_BREACHED)
			return true;
	}
	return false;
}

/* NULL where there is none. */
static void put_other(struct db_pipe *pipe, const struct case_list *list,
		      size_t offset)
{
	uint8_t id[UUID_BYTES];
	const char *text;

	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < list->n; i++) {
		memcpy(&text, (const char *)&list->c[i]->now + offset,
		       sizeof(text));
		db_array_data(pipe,
			      text[0] != '\0' && uuid_parse(text, id) == 0
				      ? id
				      : NULL,
			      sizeof(id));
	}
	db_array_end(pipe);
}

/* What is packed, then what of it lists are asked for. */
static void put_more(struct db_pipe *pipe, const struct cases *cases,
		     const struct case_list *list)
{
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < list->n; i++) {
		size_t len;
		const void *bytes =
			more_pack(cases->arena, &list->c[i]->now, &len);

		db_array_data(pipe, bytes, len);
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->c[i]->now.handler);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)list->c[i]->now.escalation);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BOOL);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->c[i]->now.green_channel);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BOOL);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, is_breached(&list->c[i]->now));
	db_array_end(pipe);
	put_time(pipe, list, offsetof(struct appeal_facts, next_due_us));
	put_other(pipe, list, offsetof(struct appeal_facts, repeat_of));
	put_other(pipe, list, offsetof(struct appeal_facts, matter));
}

/* revision, what may be counted, subject: in the order of the statements. */
static void put_appeals(struct db_pipe *pipe, const struct cases *cases,
			const struct case_list *list)
{
	put_revisions(pipe, list, false);
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)list->c[i]->now.state);
	db_array_end(pipe);
	for (int code = 0; code < CODE_NR; code++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < list->n; i++)
			db_array_text(pipe, list->c[i]->now.code[code]);
		db_array_end(pipe);
	}
	put_time(pipe, list, offsetof(struct appeal_facts, registered_at_us));
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->c[i]->now.registered_day);
	db_array_end(pipe);
	put_time(pipe, list, offsetof(struct appeal_facts, first_answer_at_us));
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)list->c[i]->now.first_response);
	db_array_end(pipe);
	put_time(pipe, list,
		 offsetof(struct appeal_facts, first_response_due_us));
	put_time(pipe, list, offsetof(struct appeal_facts, resolved_at_us));
	put_time(pipe, list, offsetof(struct appeal_facts, closed_at_us));
	put_more(pipe, cases, list);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < list->n; i++)
		db_array_data(pipe,
			      list->c[i]->has_subject ? list->c[i]->subject
						      : NULL,
			      sizeof(list->c[i]->subject));
	db_array_end(pipe);
}

static void write_appeals(struct db_pipe *pipe, const struct cases *cases)
{
	const struct case_list claimed = cases_where(cases, is_claimed);
	const struct case_list changed = cases_where(cases, is_changed);
	const struct case_list added = cases_where(cases, is_new);

	if (claimed.n > 0) {
		db_exec(pipe, SQL_CLAIM);
		put_ids(pipe, claimed.c, claimed.n);
		put_revisions(pipe, &claimed, true);
	}
	if (changed.n > 0) {
		db_exec(pipe, SQL_UPDATE);
		put_ids(pipe, changed.c, changed.n);
		put_appeals(pipe, cases, &changed);
	}
	if (added.n > 0) {
		db_exec(pipe, SQL_INSERT);
		put_ids(pipe, added.c, added.n);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < added.n; i++)
			db_array_text(pipe, added.c[i]->source);
		db_array_end(pipe);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < added.n; i++)
			db_array_text(pipe, added.c[i]->external_id);
		db_array_end(pipe);
		put_appeals(pipe, cases, &added);
	}
}

/* --- columns over facts --- */

static void put_fact_keys(struct db_pipe *pipe, const struct fact_list *list)
{
	put_ids(pipe, list->c, list->n);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->f[i]->n);
	db_array_end(pipe);
}

static void put_refusals(struct db_pipe *pipe, const struct fact_list *list)
{
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->f[i]->fit == FIT_REFUSED
					    ? list->f[i]->why
					    : NULL);
	db_array_end(pipe);
}

static void put_details(struct db_pipe *pipe, const struct cases *cases,
			const struct fact_list *list)
{
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < list->n; i++) {
		const Sy__V1__AppealDetail *detail = list->f[i]->detail;
		size_t len = 0;
		uint8_t *bytes = NULL;

		if (detail != NULL) {
			len = sy__v1__appeal_detail__get_packed_size(detail);
			bytes = arena_alloc(cases->arena, len + 1);
			sy__v1__appeal_detail__pack(detail, bytes);
		}
		db_array_data(pipe, bytes, len);
	}
	db_array_end(pipe);
}

static void put_fact_bodies(struct db_pipe *pipe, const struct fact_list *list)
{
	db_array_begin(pipe, DB_ARRAY_I16);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, (int64_t)list->f[i]->type);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TIME);
	for (size_t i = 0; i < list->n; i++)
		db_array_int(pipe, list->f[i]->occurred_at_us);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < list->n; i++)
		db_array_text(pipe, list->f[i]->source);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < list->n; i++)
		db_array_data(pipe, list->f[i]->body_hash,
			      sizeof(list->f[i]->body_hash));
	db_array_end(pipe);
	for (int code = 0; code < CODE_NR; code++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < list->n; i++) {
			const char *said = list->f[i]->code[code];

			db_array_text(pipe, said[0] != '\0' ? said : NULL);
		}
		db_array_end(pipe);
	}
}

static void write_facts(struct db_pipe *pipe, const struct cases *cases)
{
	const struct fact_list added = facts_where(cases, is_fresh);
	const struct fact_list refused = facts_where(cases, is_refused_now);
	const struct fact_list texts = facts_where(cases, is_fresh_text);

	if (added.n > 0) {
		db_exec(pipe, SQL_FACTS);
		put_fact_keys(pipe, &added);
		put_fact_bodies(pipe, &added);
		put_details(pipe, cases, &added);
		put_refusals(pipe, &added);
	}
	if (refused.n > 0) {
		db_exec(pipe, SQL_FACTS_REFUSED);
		put_fact_keys(pipe, &refused);
		put_refusals(pipe, &refused);
	}
	if (texts.n > 0) {
		db_exec(pipe, SQL_TEXTS);
		put_fact_keys(pipe, &texts);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < texts.n; i++)
			db_array_text(pipe, texts.f[i]->text);
		db_array_end(pipe);
	}
}

static void write_attachments(struct db_pipe *pipe, const struct cases *cases)
{
	const struct fact_list files = facts_where(cases, is_fresh_file);

	if (files.n == 0)
		return;
	db_exec(pipe, SQL_ATTACHMENTS);
	put_fact_keys(pipe, &files);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < files.n; i++)
		db_array_text(pipe, files.f[i]->file->attachment);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < files.n; i++)
		db_array_text(pipe, files.f[i]->file->file_name);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < files.n; i++)
		db_array_data(pipe, files.f[i]->file->content.data,
			      files.f[i]->file->content.len);
	db_array_end(pipe);
}

static void write_lookups(struct db_pipe *pipe, const struct cases *cases)
{
	const struct fact_list kept = facts_where(cases, is_fresh_lookup);

	if (kept.n == 0)
		return;
	db_exec(pipe, SQL_LOOKUPS);
	put_fact_keys(pipe, &kept);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < kept.n; i++)
		db_array_text(pipe, kept.f[i]->detail->item);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BYTES);
	for (size_t i = 0; i < kept.n; i++) {
		const Sy__V1__LookupResult *result = kept.f[i]->lookup;
		size_t len = sy__v1__lookup_result__get_packed_size(result);
		uint8_t *bytes = arena_alloc(cases->arena, len + 1);

		sy__v1__lookup_result__pack(result, bytes);
		db_array_data(pipe, bytes, len);
	}
	db_array_end(pipe);
}

/* --- the customer, the timers --- */

#define PERSON_FIELDS_NR 5

static const char *person_field(const Sy__V1__Person *p, int field)
{
	const char *const fields[PERSON_FIELDS_NR] = { p->name, p->phone,
						       p->email, p->address,
						       p->handle };

	return fields[field];
}

static void write_persons(struct db_pipe *pipe, const struct cases *cases)
{
	const struct case_list known = cases_where(cases, has_person);

	if (known.n == 0)
		return;
	db_exec(pipe, SQL_PERSONS);
	put_ids(pipe, known.c, known.n);
	for (int field = 0; field < PERSON_FIELDS_NR; field++) {
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (size_t i = 0; i < known.n; i++)
			db_array_text(pipe,
				      person_field(known.c[i]->person, field));
		db_array_end(pipe);
	}
}

static void write_timers(struct db_pipe *pipe, const struct cases *cases)
{
	const struct case_list put = cases_where(cases, timer_wanted);
	const struct case_list drop = cases_where(cases, timer_unwanted);

	if (drop.n > 0) {
		db_exec(pipe, SQL_TIMERS_DROP);
		put_ids(pipe, drop.c, drop.n);
	}
	if (put.n > 0) {
		db_exec(pipe, SQL_TIMERS_PUT);
		put_ids(pipe, put.c, put.n);
		put_time(pipe, &put, offsetof(struct appeal_facts, wake_us));
	}
}

static bool is_written(const struct appeal_case *c)
{
	return is_new(c) || is_changed(c);
}

/* They will be read into the search index, in a while. */
static void mark_for_search(struct db_pipe *pipe, const struct cases *cases)
{
	const struct case_list written = cases_where(cases, is_written);

	if (written.n == 0)
		return;
	db_exec(pipe, SQL_SEARCH_MARK);
	put_ids(pipe, written.c, written.n);
}

void complaints_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct cases *cases = batch->scratch;

	if (cases == NULL)
		return;
	write_appeals(pipe, cases);
	write_facts(pipe, cases);
	write_attachments(pipe, cases);
	write_lookups(pipe, cases);
	write_persons(pipe, cases);
	write_timers(pipe, cases);
	subjects_write(pipe, cases->subjects);
	mark_for_search(pipe, cases);
	outgoing_write(svc, cases->notes, pipe);
}
