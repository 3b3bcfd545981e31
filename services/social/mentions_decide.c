/* mentions_decide.c -- judges the mentions of a batch over those that read
 * found. Each of a PutMentions is judged alone.
 */
#include <stdio.h>
#include <string.h>

#include "labels.h"
#include "mentions_set.h"
#include "timeutil.h"

/* Of a batch; n has room for it. */
#define BATCH_MENTIONS_BITS 24

struct decision {
	struct social *svc;
	struct bus_batch *batch;
	struct mentions *all;
	bool directory_fresh;
	bool wait; /* for the directory */
	/* Answers of read; of erasures one each, in the order of the items. */
	const struct db_result *res;
	int next_author;
};

/* What becomes of one mention, alone or of many. */
struct outcome {
	Sy__V1__ErrorCode code;
	const char *field, *text;
	bool duplicate;
	const struct mention *m; /* NULL: refused */
};

static struct outcome refused(Sy__V1__ErrorCode code, const char *field,
			      const char *text)
{
	return (struct outcome){ .code = code, .field = field, .text = text };
}

static struct outcome unfit(const struct prepared *p)
{
	return refused(SY__V1__ERROR_CODE__INVALID, p->fault.field,
		       p->fault.text);
}

static struct outcome taken(const struct mention *m, bool duplicate)
{
	return (struct outcome){ .code = SY__V1__ERROR_CODE__OK,
				 .duplicate = duplicate,
				 .m = m };
}

static struct outcome foreign(void)
{
	return refused(SY__V1__ERROR_CODE__FORBIDDEN, "external_id",
		       "was brought by another principal");
}

static struct mention *mention_new(struct decision *d,
				   const struct bus_item *item,
				   const uint8_t id[UUID_BYTES])
{
	struct mention *m = mentions_add(d->all, id);

	m->day = (int32_t)(d->all->now_us / US_PER_DAY);
	m->n = d->all->batch_n << BATCH_MENTIONS_BITS | d->all->added++;
	m->brought_by = item->principal;
	m->accepted_at_us = d->all->now_us;
	return m;
}

/* False: refused or to be asked again. */
static bool unit_good(struct decision *d, const struct bus_item *item,
		      const char *unit, struct outcome *o_r)
{
	if (unit[0] == '\0')
		return true;
	if (!replica_unit_known(d->svc->replica, unit)) {
		d->wait = !d->directory_fresh;
		*o_r = refused(SY__V1__ERROR_CODE__UNKNOWN_CODE, "unit",
			       "is not in the directory");
		return false;
	}
	if (!social_sees(d->svc, item->grant, unit)) {
		*o_r = refused(SY__V1__ERROR_CODE__SCOPE, "unit",
			       "lies outside of the principal's subtree");
		return false;
	}
	return true;
}

/* Word lists and models know topics that this organisation may not have. */
static void drop_unknown_topic(const struct decision *d,
			       Sy__V1__MentionFacts *facts)
{
	int32_t day = (int32_t)(facts->published_at_us / US_PER_DAY);

	if (facts->topic[0] == '\0' ||
	    replica_term(d->svc->replica, "topic", facts->topic, day) != NULL)
		return;
	facts->topic = (char *)"";
	facts->n_topics = 0;
}

static struct outcome put_one(struct decision *d, const struct bus_item *item,
			      const Sy__V1__PutMentionRequest *request,
			      const struct prepared *p)
{
	int64_t published = request->published_at_us != 0
				    ? request->published_at_us
				    : item->occurred_at_us;
	Sy__V1__MentionStored *after;
	struct mention *m;
	struct outcome o;
	const char *unit;

	if (!p->good)
		return unfit(p);
	if (!mention_time_good(published, d->batch->now_us))
		return refused(SY__V1__ERROR_CODE__INVALID, "published_at_us",
			       "lies before the year 2000 or in the future");
	if (request->edited_at_us != 0 &&
	    !mention_time_good(request->edited_at_us, d->batch->now_us))
		return refused(SY__V1__ERROR_CODE__INVALID, "edited_at_us",
			       "lies before the year 2000 or in the future");
	if (!unit_good(d, item, request->unit, &o))
		return o;
	m = mentions_find(d->all, p->id);
	switch (mention_put_judge(m, item->principal, request->edited_at_us)) {
	case MENTION_FOREIGN:
		return foreign();
	case MENTION_SAME:
	case MENTION_UNKNOWN:
		return taken(m, true);
	case MENTION_NEW:
		m = mention_new(d, item, p->id);
		break;
	case MENTION_CHANGED:
		break;
	}
	unit = request->unit[0] != '\0'
		       ? request->unit
		       : social_common_unit(d->svc, p->u.facts.units,
					    p->u.facts.n_units);
	after = mention_make(&d->batch->arena, request, &p->u, unit, published);
	/* Kept with it: it leaves the day that it stood in, whatever has become
	 * of the unit's zone by then. */
	after->facts->published_day =
		replica_local_day(d->svc->replica, unit, published);
	drop_unknown_topic(d, after->facts);
	if (m->after != NULL)
		correction_keep(after, m->after);
	m->text = request;
	m->prepared = p;
	m->edited_at_us = request->edited_at_us;
	mentions_change(d->all, m, after, item);
	return taken(m, false);
}

static struct outcome delete_one(struct decision *d,
				 const struct bus_item *item,
				 const Sy__V1__DeleteMentionRequest *request,
				 const struct prepared *p)
{
	int64_t deleted = request->deleted_at_us != 0 ? request->deleted_at_us
						      : item->occurred_at_us;
	struct mention *m;

	if (!p->good)
		return unfit(p);
	if (deleted != 0 && !mention_time_good(deleted, d->batch->now_us))
		return refused(SY__V1__ERROR_CODE__INVALID, "deleted_at_us",
			       "lies before the year 2000 or in the future");
	m = mentions_find(d->all, p->id);
	switch (mention_delete_judge(m, item->principal)) {
	case MENTION_UNKNOWN:
	case MENTION_NEW:
		return refused(SY__V1__ERROR_CODE__NOT_FOUND, "external_id",
			       "no such mention");
	case MENTION_FOREIGN:
		return foreign();
	case MENTION_SAME:
		return taken(m, true);
	case MENTION_CHANGED:
		break;
	}
	mention_delete(d->all, m, item);
	return taken(m, false);
}

/* --- answers --- */

static char *id_text(struct arena *arena, const struct mention *m)
{
	return uuid_format(m->id, arena_alloc(arena, UUID_TEXT_MAX));
}

static void answer_one(struct arena *arena, struct bus_item *item,
		       const struct outcome *o)
{
	Sy__V1__PutMentionReply *reply;

	if (o->m == NULL) {
		bus_refuse(item, o->code, o->field, "%s", o->text);
		return;
	}
	item->duplicate = o->duplicate;
	if (item->event != NULL)
		return; /* nobody reads it */
	reply = arena_alloc(arena, sizeof(*reply));
	sy__v1__put_mention_reply__init(reply);
	reply->mention_id = id_text(arena, o->m);
	reply->revision = (uint64_t)o->m->revision;
	reply->duplicate = o->duplicate;
	item->reply = &reply->base;
}

static Sy__V1__PutMentionResult *result_of(struct arena *arena, size_t i,
					   const struct outcome *o)
{
	Sy__V1__PutMentionResult *r = arena_alloc(arena, sizeof(*r));

	sy__v1__put_mention_result__init(r);
	if (o->m != NULL) {
		r->mention_id = id_text(arena, o->m);
		r->duplicate = o->duplicate;
		return r;
	}
	r->error = arena_alloc(arena, sizeof(*r->error));
	sy__v1__error__init(r->error);
	r->error->code = o->code;
	r->error->field = arena_printf(arena, "mentions[%zu].%s", i, o->field);
	r->error->text = (char *)o->text;
	return r;
}

static void put_many(struct decision *d, struct bus_item *item)
{
	const Sy__V1__PutMentionsRequest *request = (const void *)item->request;
	const struct prepared *p = item->prepared;
	struct arena *arena = &d->batch->arena;
	Sy__V1__PutMentionsReply *reply;

	if (request->n_mentions == 0 ||
	    request->n_mentions > MENTIONS_AT_ONCE) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "mentions",
			   "wants 1 to %d", MENTIONS_AT_ONCE);
		return;
	}
	reply = arena_alloc(arena, sizeof(*reply));
	sy__v1__put_mentions_reply__init(reply);
	reply->results = arena_alloc(arena, request->n_mentions *
						    sizeof(reply->results[0]));
	for (size_t i = 0; i < request->n_mentions; i++) {
		struct outcome o =
			put_one(d, item, request->mentions[i], &p[i]);

		reply->results[reply->n_results++] = result_of(arena, i, &o);
		reply->taken += o.m != NULL && !o.duplicate;
		reply->duplicates += o.m != NULL && o.duplicate;
		reply->refused += o.m == NULL;
	}
	item->duplicate = reply->duplicates == request->n_mentions;
	item->reply = &reply->base;
}

/* Says how many, and nobody's name. */
static void emit_erased(struct bus_batch *batch, const struct bus_item *item,
			uint64_t mentions)
{
	Sy__V1__AuthorErased event = SY__V1__AUTHOR_ERASED__INIT;
	uint8_t id[UUID_BYTES];
	char key[UUID_TEXT_MAX];
	struct bus_event spec = { .type = "AuthorErased",
				  .key = key,
				  .revision = 1,
				  .occurred_at_us = batch->now_us,
				  .payload = &event.base };

	event.mentions = mentions;
	uuid_make(id);
	uuid_format(id, key);
	bus_emit(batch, item, &spec);
}

static void erase(struct decision *d, struct bus_item *item)
{
	const struct prepared *p = item->prepared;
	int statement = d->next_author++, n = db_rows(d->res, statement);
	struct arena *arena = &d->batch->arena;
	Sy__V1__EraseAuthorReply *reply;

	if (!p->good) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, p->fault.field,
			   "%s", p->fault.text);
		return;
	}
	if (item->grant->unit[0] != '\0') {
		bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "author",
			   "may be forgotten by who sees all units");
		return;
	}
	reply = arena_alloc(arena, sizeof(*reply));
	sy__v1__erase_author_reply__init(reply);
	mentions_load(d->all, d->res, statement);
	for (int row = 0; row < n; row++) {
		size_t len;
		struct mention *m = mentions_find(
			d->all, db_get_bytes(d->res, statement, row, 0, &len));

		if (!mention_counts(m->after) || m->after->erased)
			continue;
		mention_erase(d->all, m, item);
		reply->mentions++;
	}
	reply->more = n == ERASED_AT_ONCE;
	if (reply->mentions > 0)
		emit_erased(d->batch, item, reply->mentions);
	item->reply = &reply->base;
}

static void decide_item(struct decision *d, struct bus_item *item)
{
	struct outcome o;

	if (item->method == &mentions_methods[MENTIONS_ERASE_AUTHOR]) {
		erase(d, item);
		return;
	}
	if (item->method == &mentions_methods[MENTIONS_PUT_MANY]) {
		put_many(d, item);
		return;
	}
	if (item->method == &mentions_methods[MENTIONS_PUT])
		o = put_one(d, item, (const void *)item->request,
			    item->prepared);
	else
		o = delete_one(d, item, (const void *)item->request,
			       item->prepared);
	answer_one(&d->batch->arena, item, &o);
}

enum bus_decision mentions_decide(void *svc, struct bus_batch *batch,
				  const struct db_result *res, int first,
				  bool directory_fresh)
{
	struct decision d = {
		.svc = svc,
		.batch = batch,
		.directory_fresh = directory_fresh,
		.all = mentions_open(&batch->arena, batch->n),
		.res = res,
		.next_author = first + 2,
	};

	if (batch->n > 0) {
		d.all->batch_n = db_get_i64(res, first, 0, 0);
		d.all->now_us = db_get_time(res, first, 0, 1);
		mentions_load(d.all, res, first + 1);
	}
	for (size_t i = 0; i < batch->n && !d.wait; i++)
		decide_item(&d, batch->items[i]);
	batch->directory_rev = replica_revision(d.svc->replica);
	batch->scratch = d.all;
	return d.wait ? BUS_WAIT_DIRECTORY : BUS_DECIDED;
}
