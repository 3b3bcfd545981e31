/* press_decide.c -- judges what people do about questions of the press, and
 * writes what came of it.
 */
#include <stdlib.h>
#include <string.h>

#include "press.h"
#include "timeutil.h"

struct question {
	uint8_t id[UUID_BYTES];
	char id_text[UUID_TEXT_MAX];
	int64_t revision_read, revision;
	Sy__V1__PressQuestion *now;
	struct question *next;
};

struct effect_of_press {
	struct question *q;
	const struct bus_item *cause;
	Sy__V1__PressState before, after;
	int64_t revision;
	struct effect_of_press *next;
};

struct presses {
	struct social *svc;
	struct bus_batch *batch;
	struct arena *arena;
	struct question *first;
	struct effect_of_press *effects, **effects_end;
	bool directory_fresh, wait;
};

static bool refuse(struct bus_item *item, const struct press_problem *p)
{
	bus_refuse(item, p->code, p->field, "%s", p->text);
	return false;
}

static bool unknown(struct presses *all, struct bus_item *item,
		    const char *field)
{
	all->wait |= !all->directory_fresh;
	bus_refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
		   "is not in the directory");
	return false;
}

static void not_found(struct bus_item *item)
{
	bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "press_id",
		   "no such question");
}

/* --- the questions of a batch --- */

static const char *id_of(const struct bus_item *item)
{
	const Sy__V1__PutPressQuestionRequest *put =
		(const void *)item->request;
	const Sy__V1__ClosePressQuestionRequest *other =
		(const void *)item->request;

	if (item->method != &press_methods[PRESS_PUT])
		return other->press_id; /* the first field of all of them */
	return put->press != NULL ? put->press->press_id : "";
}

static struct question *question_add(struct presses *all,
				     const uint8_t id[UUID_BYTES])
{
	struct question *q = arena_alloc(all->arena, sizeof(*q));

	memcpy(q->id, id, UUID_BYTES);
	uuid_format(id, q->id_text);
	q->next = all->first;
	all->first = q;
	return q;
}

static void load(struct presses *all, const struct db_result *res, int st)
{
	for (int row = 0; row < db_rows(res, st); row++) {
		size_t len;
		const uint8_t *bytes = db_get_bytes(res, st, row, 0, &len);
		const Sy__V1__PressStored *stored;
		struct question *q;

		if (len != UUID_BYTES)
			continue;
		q = question_add(all, bytes);
		q->revision_read = q->revision = db_get_i64(res, st, row, 1);
		bytes = db_get_bytes(res, st, row, 2, &len);
		stored = sy__v1__press_stored__unpack(&all->arena->allocator,
						      len, bytes);
		q->now = stored->press;
		q->now->asked_by =
			arena_strdup(all->arena, db_get_text(res, st, row, 3));
		q->now->question =
			arena_strdup(all->arena, db_get_text(res, st, row, 4));
	}
}

/* NULL: refused. */
static struct question *target(struct presses *all, struct bus_item *item,
			       uint64_t revision)
{
	struct question *q = all->first;
	uint8_t id[UUID_BYTES];

	if (uuid_parse(id_of(item), id) < 0) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "press_id",
			   "is not a UUID");
		return NULL;
	}
	while (q != NULL && memcmp(q->id, id, UUID_BYTES) != 0)
		q = q->next;
	if (q == NULL || !social_sees(all->svc, item->grant, q->now->unit)) {
		not_found(item);
		return NULL;
	}
	if (revision != 0 && revision != (uint64_t)q->revision) {
		bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "revision",
			   "somebody has changed it since it was seen");
		return NULL;
	}
	return q;
}

static void taken(struct presses *all, struct bus_item *item,
		  struct question *q, Sy__V1__PressState before)
{
	struct effect_of_press *e = arena_alloc(all->arena, sizeof(*e));
	Sy__V1__PressReply *reply = arena_alloc(all->arena, sizeof(*reply));

	*e = (struct effect_of_press){
		.q = q,
		.cause = item,
		.before = before,
		.after = q->now->state,
		.revision = ++q->revision,
	};
	*all->effects_end = e;
	all->effects_end = &e->next;
	sy__v1__press_reply__init(reply);
	reply->press_id = q->id_text;
	reply->revision = (uint64_t)q->revision;
	reply->state = q->now->state;
	item->reply = &reply->base;
}

/* --- the commands --- */

static bool codes_good(struct presses *all, struct bus_item *item,
		       const Sy__V1__PressQuestion *press)
{
	const struct replica *replica = all->svc->replica;
	struct bus_grant grant;

	if (press->unit[0] != '\0' && !replica_unit_known(replica, press->unit))
		return unknown(all, item, "press.unit");
	if (!social_sees(all->svc, item->grant, press->unit)) {
		bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "press.unit",
			   "lies outside of the principal's subtree");
		return false;
	}
	if (press->topic[0] != '\0' &&
	    replica_term(replica, "topic", press->topic,
			 (int32_t)(all->batch->now_us / US_PER_DAY)) == NULL)
		return unknown(all, item, "press.topic");
	return press->owner[0] == '\0' ||
	       replica_grant(all->svc->replica, press->owner, &grant) ||
	       unknown(all, item, "press.owner");
}

static struct question *made(struct presses *all)
{
	struct question *q;
	uint8_t id[UUID_BYTES];

	uuid_make(id);
	q = question_add(all, id);
	q->now = arena_alloc(all->arena, sizeof(*q->now));
	sy__v1__press_question__init(q->now);
	return q;
}

static void put(struct presses *all, struct bus_item *item)
{
	const Sy__V1__PutPressQuestionRequest *req =
		(const void *)item->request;
	const Sy__V1__PressQuestion *in = req->press;
	struct press_problem problem = { 0 };
	Sy__V1__PressState state, before;
	struct question *q;

	if (in == NULL) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "press",
			   "is missing");
		return;
	}
	if (!press_check(in, &problem)) {
		refuse(item, &problem);
		return;
	}
	if (!codes_good(all, item, in))
		return;
	q = in->press_id[0] != '\0' ? target(all, item, in->revision)
				    : made(all);
	if (q == NULL)
		return;
	if (!press_take(q->now, PRESS_PUT, item->principal, &state, &problem)) {
		refuse(item, &problem);
		return;
	}
	if (strcmp(q->now->statement, in->statement) != 0)
		q->now->drafted_by = (char *)item->principal;
	q->now->medium = in->medium;
	q->now->asked_by = in->asked_by;
	q->now->question = in->question;
	q->now->statement = in->statement;
	q->now->due_us = in->due_us;
	q->now->owner = in->owner;
	q->now->unit = in->unit;
	q->now->topic = in->topic;
	q->now->cluster_id = in->cluster_id;
	if (q->now->asked_at_us == 0)
		q->now->asked_at_us = in->asked_at_us != 0 ? in->asked_at_us
							   : all->batch->now_us;
	before = q->now->state;
	q->now->state = state;
	taken(all, item, q, before);
}

static void agree(struct presses *all, struct bus_item *item)
{
	const Sy__V1__AgreeStatementRequest *req = (const void *)item->request;
	struct question *q = target(all, item, req->revision);
	struct press_problem problem = { 0 };
	Sy__V1__PressState state, before;

	if (q == NULL)
		return;
	if (!press_take(q->now, PRESS_AGREE, item->principal, &state,
			&problem)) {
		refuse(item, &problem);
		return;
	}
	before = q->now->state;
	q->now->state = state;
	q->now->agreed_by = (char *)item->principal;
	q->now->agreed_at_us = all->batch->now_us;
	taken(all, item, q, before);
}

static void publish(struct presses *all, struct bus_item *item)
{
	const Sy__V1__PublishStatementRequest *req =
		(const void *)item->request;
	struct press_problem problem = { 0 };
	Sy__V1__PressPublication *p, **list;
	Sy__V1__PressState state, before;
	struct question *q;

	if (!publication_check(req, &problem)) {
		refuse(item, &problem);
		return;
	}
	if (req->at_us != 0 &&
	    !mention_time_good(req->at_us, all->batch->now_us)) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "at_us",
			   "lies before the year 2000 or in the future");
		return;
	}
	q = target(all, item, 0);
	if (q == NULL)
		return;
	if (!press_take(q->now, PRESS_PUBLISH, item->principal, &state,
			&problem)) {
		refuse(item, &problem);
		return;
	}
	p = arena_alloc(all->arena, sizeof(*p));
	sy__v1__press_publication__init(p);
	p->at_us = req->at_us != 0 ? req->at_us : all->batch->now_us;
	p->where = req->where;
	p->url = req->url;
	p->by = (char *)item->principal;
	list = arena_alloc(all->arena,
			   (q->now->n_published + 1) * sizeof(list[0]));
	for (size_t i = 0; i < q->now->n_published; i++)
		list[i] = q->now->published[i];
	list[q->now->n_published++] = p;
	q->now->published = list;
	before = q->now->state;
	q->now->state = state;
	taken(all, item, q, before);
}

static void close_one(struct presses *all, struct bus_item *item)
{
	struct question *q = target(all, item, 0);
	struct press_problem problem = { 0 };
	Sy__V1__PressState state, before;

	if (q == NULL)
		return;
	if (!press_take(q->now, PRESS_CLOSE, item->principal, &state,
			&problem)) {
		refuse(item, &problem);
		return;
	}
	before = q->now->state;
	q->now->state = state;
	taken(all, item, q, before);
}

/* --- the batch --- */

static void press_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	(void)svc;
	db_exec(pipe, PRESS_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		uint8_t id[UUID_BYTES];

		if (uuid_parse(id_of(batch->items[i]), id) == 0)
			db_array_data(pipe, id, UUID_BYTES);
	}
	db_array_end(pipe);
}

static enum bus_decision press_decide(void *svc, struct bus_batch *batch,
				      const struct db_result *res, int first,
				      bool directory_fresh)
{
	static void (*const commands[])(struct presses *, struct bus_item *) = {
		[PRESS_PUT] = put,
		[PRESS_AGREE] = agree,
		[PRESS_PUBLISH] = publish,
		[PRESS_CLOSE] = close_one,
	};
	struct presses *all = arena_alloc(&batch->arena, sizeof(*all));

	all->svc = svc;
	all->batch = batch;
	all->arena = &batch->arena;
	all->effects_end = &all->effects;
	all->directory_fresh = directory_fresh;
	load(all, res, first);
	for (size_t i = 0; i < batch->n && !all->wait; i++)
		commands[batch->items[i]->method - press_methods](
			all, batch->items[i]);
	batch->scratch = all;
	return all->wait ? BUS_WAIT_DIRECTORY : BUS_DECIDED;
}

static int id_order(const void *a, const void *b)
{
	const struct question *const *x = a, *const *y = b;

	return memcmp((*x)->id, (*y)->id, UUID_BYTES);
}

#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < n; i++) {                               \
			const struct question *q = list[i];                    \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

/* What is of a person stands apart. */
static void add_stored(struct db_pipe *pipe, struct arena *arena,
		       const struct question *q)
{
	Sy__V1__PressStored stored = SY__V1__PRESS_STORED__INIT;
	Sy__V1__PressQuestion press = *q->now;
	uint8_t *data;
	size_t len;

	press.asked_by = press.question = (char *)"";
	stored.press = &press;
	len = sy__v1__press_stored__get_packed_size(&stored);
	data = arena_alloc(arena, len + 1);
	sy__v1__press_stored__pack(&stored, data);
	db_array_data(pipe, data, len);
}

static void write_rows(struct presses *all, struct db_pipe *pipe,
		       const struct question **list, size_t n)
{
	db_exec(pipe, PRESS_SQL_CLAIM);
	COLUMN(DB_ARRAY_UUID, if (q->revision_read != 0)
				      db_array_data(pipe, q->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I64,
	       if (q->revision_read != 0) db_array_int(pipe, q->revision_read));
	db_exec(pipe, PRESS_SQL_PUT);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, q->id, UUID_BYTES));
	COLUMN(DB_ARRAY_I64, db_array_int(pipe, q->revision));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, (int64_t)q->now->state));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, q->now->unit));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, q->now->asked_at_us));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, q->now->due_us));
	COLUMN(DB_ARRAY_BYTES, add_stored(pipe, all->arena, q));
	db_exec(pipe, PRESS_SQL_SAY);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, q->id, UUID_BYTES));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, q->now->asked_by));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, q->now->question));
}

static void emit(struct bus_batch *batch, const struct effect_of_press *e)
{
	Sy__V1__PressChanged msg = SY__V1__PRESS_CHANGED__INIT;

	msg.press_id = e->q->id_text;
	msg.before = e->before;
	msg.after = e->after;
	msg.unit = e->q->now->unit;
	msg.topic = e->q->now->topic;
	bus_emit(batch, e->cause,
		 &(struct bus_event){
			 .type = "PressChanged",
			 .key = e->q->id_text,
			 .revision = (uint64_t)e->revision,
			 .occurred_at_us = batch->now_us,
			 .payload = &msg.base,
		 });
}

static void press_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	struct presses *all = batch->scratch;
	const struct question **list;
	size_t n = 0;

	(void)svc;
	if (all == NULL || all->effects == NULL)
		return;
	for (const struct question *q = all->first; q != NULL; q = q->next)
		n++;
	list = arena_alloc(all->arena, n * sizeof(list[0]));
	n = 0;
	for (const struct question *q = all->first; q != NULL; q = q->next)
		if (q->revision != q->revision_read)
			list[n++] = q;
	qsort(list, n, sizeof(list[0]), id_order);
	write_rows(all, pipe, list, n);
	for (const struct effect_of_press *e = all->effects; e != NULL;
	     e = e->next)
		emit(batch, e);
}

/* clang-format off */
const struct bus_method press_methods[] = {
	[PRESS_PUT] = { "PutPressQuestion", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__put_press_question_request__descriptor, NULL },
	[PRESS_AGREE] = { "AgreeStatement", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__agree_statement_request__descriptor, NULL },
	[PRESS_PUBLISH] = { "PublishStatement", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__publish_statement_request__descriptor, NULL },
	[PRESS_CLOSE] = { "ClosePressQuestion", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__close_press_question_request__descriptor, NULL },
	{ "ListPressQuestions", ROLE_READER | ROLE_HANDLER, BUS_READ,
		&sy__v1__list_press_questions_request__descriptor,
		handle_list_press_questions },
	{ 0 },
};
/* clang-format on */

const struct part press_part = {
	.methods = press_methods,
	.statements_first = PRESS_SQL_FIRST,
	.statements = press_sql,
	.statements_nr = PRESS_SQL_END - PRESS_SQL_FIRST,
	.read = press_read,
	.decide = press_decide,
	.write = press_write,
};
