/* watches_decide.c -- rules are put and their hits judged; and what every batch
 * has changed of the hits is written.
 */
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"
#include "watches.h"

enum method { METHOD_PUT, METHOD_JUDGE };
static const struct bus_method methods[];

/* A rule as the batch has made it so far. */
struct entry {
	const char *code;
	uint32_t query_version;
	const Sy__V1__Watch *now;
	const struct bus_item *cause; /* NULL: it was read */
	struct entry *next;           /* newest first */
};

struct decided {
	struct social *svc;
	struct bus_batch *batch;
	struct arena *arena;
	const struct db_result *res;
	int first; /* its statements: rules, names, count, hits */
	bool directory_fresh, wait;
	struct entry *entries;
	size_t puts;  /* entries with a cause */
	int64_t more; /* rules in use by this batch */
	struct judged {
		const char *code;
		uint8_t id[UUID_BYTES];
		const char *principal;
		uint32_t query_version;
		bool right;
	} * judged;
	size_t judged_nr;
};

enum { READ_RULES, READ_NAMES, READ_COUNT, READ_HITS };

static bool is_put(const struct bus_item *item)
{
	return item->method == &methods[METHOD_PUT];
}

/* --- before the batch --- */

/* The rule by itself: parsed and compiled once. */
static void watches_prepare(void *svc, struct bus_item *item,
			    struct arena *arena)
{
	const Sy__V1__PutWatchRequest *request = (const void *)item->request;
	struct watch_query *q;
	struct watch_scratch *scratch;
	struct watch_set *set;

	(void)svc;
	if (!is_put(item) || request->watch == NULL)
		return;
	q = arena_alloc(arena, sizeof(*q));
	item->prepared = q;
	watch_query_read(arena, request->watch->query, q);
	if (!q->good ||
	    watch_query_compile(request->watch->query, q, &set, &scratch) < 0)
		return;
	watch_scratch_close(&scratch);
	watch_set_free(&set);
}

/* --- read --- */

static const char *code_of(const struct bus_item *item)
{
	const Sy__V1__PutWatchRequest *put = (const void *)item->request;
	const Sy__V1__JudgeWatchHitRequest *judge = (const void *)item->request;

	if (!is_put(item))
		return judge->code;
	return put->watch != NULL ? put->watch->code : "";
}

static void read_names(struct bus_batch *batch, struct db_pipe *pipe)
{
	db_exec(pipe, WATCHES_SQL_NAMES);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__PutWatchRequest *put =
			(const void *)batch->items[i]->request;

		if (!is_put(batch->items[i]) || put->watch == NULL)
			continue;
		for (size_t j = 0; j < put->watch->n_names; j++)
			db_array_text(pipe,
				      watch_name_key(&batch->arena,
						     put->watch->names[j]));
	}
	db_array_end(pipe);
}

static const Sy__V1__JudgeWatchHitRequest *judgement(const struct bus_item *i)
{
	return is_put(i) ? NULL : (const void *)i->request;
}

/* One row a judgement, in order, also of one that is refused. */
static void read_hits(struct bus_batch *batch, struct db_pipe *pipe)
{
	static const uint8_t none[UUID_BYTES];

	db_exec(pipe, WATCHES_SQL_READ_HITS);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (judgement(batch->items[i]) != NULL)
			db_array_text(pipe, code_of(batch->items[i]));
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__JudgeWatchHitRequest *request =
			judgement(batch->items[i]);
		uint8_t id[UUID_BYTES];

		if (request == NULL)
			continue;
		db_array_data(pipe,
			      uuid_parse(request->mention_id, id) == 0 ? id
								       : none,
			      UUID_BYTES);
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (judgement(batch->items[i]) != NULL)
			db_array_text(pipe, batch->items[i]->principal);
	db_array_end(pipe);
}

static void watches_read(void *svc, struct bus_batch *batch,
			 struct db_pipe *pipe)
{
	(void)svc;
	db_exec(pipe, WATCHES_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		db_array_text(pipe, code_of(batch->items[i]));
	db_array_end(pipe);
	read_names(batch, pipe);
	db_exec(pipe, WATCHES_SQL_COUNT);
	read_hits(batch, pipe);
}

/* --- decide --- */

static void load(struct decided *d)
{
	int st = d->first + READ_RULES;

	for (int row = 0; row < db_rows(d->res, st); row++) {
		struct entry *e = arena_alloc(d->arena, sizeof(*e));
		const uint8_t *bytes;
		size_t len;

		e->code =
			arena_strdup(d->arena, db_get_text(d->res, st, row, 0));
		e->query_version = (uint32_t)db_get_i32(d->res, st, row, 1);
		bytes = db_get_bytes(d->res, st, row, 2, &len);
		e->now =
			sy__v1__watch__unpack(&d->arena->allocator, len, bytes);
		e->next = d->entries;
		d->entries = e;
	}
}

static const struct entry *find(const struct decided *d, const char *code)
{
	for (const struct entry *e = d->entries; e != NULL; e = e->next)
		if (strcmp(e->code, code) == 0)
			return e;
	return NULL;
}

static bool refuse(struct bus_item *item, Sy__V1__ErrorCode code,
		   const char *field, const char *text)
{
	bus_refuse(item, code, field, "%s", text);
	return false;
}

static bool unknown(struct decided *d, struct bus_item *item, const char *field,
		    const char *text)
{
	d->wait |= !d->directory_fresh;
	return refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field, text);
}

static bool query_good(struct decided *d, struct bus_item *item)
{
	struct watch_query *q = item->prepared;

	if (!q->good)
		return refuse(item, SY__V1__ERROR_CODE__INVALID, "watch.query",
			      watch_problem_text(d->arena, q));
	struct watch_query known = *q;

	return watch_values_good(d->svc, &known) ||
	       unknown(d, item, "watch.query",
		       watch_problem_text(d->arena, &known));
}

/* Whose it is and who looks after it. */
static bool codes_good(struct decided *d, struct bus_item *item,
		       const Sy__V1__Watch *w, const char *unit)
{
	struct bus_grant grant;

	if (unit[0] != '\0' && !replica_unit_known(d->svc->replica, unit))
		return unknown(d, item, "watch.unit",
			       "is not in the directory");
	if (!social_sees(d->svc, item->grant, unit))
		return refuse(item, SY__V1__ERROR_CODE__SCOPE, "watch.unit",
			      "lies outside of the principal's subtree");
	return w->owner[0] == '\0' ||
	       replica_grant(d->svc->replica, w->owner, &grant) ||
	       unknown(d, item, "watch.owner", "is not in the directory");
}

static bool same_name(struct arena *arena, const Sy__V1__Watch *w,
		      const char *key)
{
	for (size_t i = 0; i < w->n_names; i++)
		if (strcmp(watch_name_key(arena, w->names[i]), key) == 0)
			return true;
	return false;
}

/* Two rules in use with one name would be one to who reads the lists. */
static bool name_free(const struct decided *d, const Sy__V1__Watch *w,
		      const char *key)
{
	int st = d->first + READ_NAMES;

	for (const struct entry *e = d->entries; e != NULL; e = e->next)
		if (strcmp(e->code, w->code) != 0 && find(d, e->code) == e &&
		    !e->now->ended && same_name(d->arena, e->now, key))
			return false;
	for (int row = 0; row < db_rows(d->res, st); row++) {
		const char *code = db_get_text(d->res, st, row, 1);

		if (strcmp(db_get_text(d->res, st, row, 0), key) == 0 &&
		    strcmp(code, w->code) != 0 && find(d, code) == NULL)
			return false;
	}
	return true;
}

static bool room_and_names(struct decided *d, struct bus_item *item,
			   const Sy__V1__Watch *w, const struct entry *before)
{
	int64_t in_use = db_get_i64(d->res, d->first + READ_COUNT, 0, 0);
	bool was = before != NULL && !before->now->ended;

	if (w->ended) {
		d->more -= was;
		return true;
	}
	for (size_t i = 0; i < w->n_names; i++)
		if (!name_free(d, w, watch_name_key(d->arena, w->names[i])))
			return refuse(item, SY__V1__ERROR_CODE__CONFLICT,
				      "watch.names",
				      "another rule in use has this name");
	if (!was && in_use + d->more >= WATCHES_MAX)
		return refuse(item, SY__V1__ERROR_CODE__STATE, "watch",
			      "there are as many rules in use as may be: "
			      "20000");
	d->more += !was;
	return true;
}

static void taken(struct decided *d, struct bus_item *item,
		  const Sy__V1__Watch *in, const char *unit,
		  const struct entry *before)
{
	struct entry *e = arena_alloc(d->arena, sizeof(*e));
	Sy__V1__Watch *now = arena_memdup(d->arena, in, sizeof(*now));
	Sy__V1__PutWatchReply *reply = arena_alloc(d->arena, sizeof(*reply));

	now->version = in->version + 1;
	now->unit = (char *)unit;
	if (in->owner[0] == '\0')
		now->owner = (char *)item->principal;
	now->changed_at_us = d->batch->now_us;
	now->changed_by = (char *)item->principal;
	now->hits = now->judged = now->right = 0;
	now->precision_low = now->precision_high = 0;
	*e = (struct entry){
		.code = now->code,
		.query_version = before != NULL && strcmp(before->now->query,
							  now->query) == 0
					 ? before->query_version
					 : now->version,
		.now = now,
		.cause = item,
		.next = d->entries,
	};
	d->entries = e;
	d->puts++;
	sy__v1__put_watch_reply__init(reply);
	reply->watch = now;
	item->reply = &reply->base;
}

static void put(struct decided *d, struct bus_item *item)
{
	const Sy__V1__PutWatchRequest *request = (const void *)item->request;
	const Sy__V1__Watch *w = request->watch;
	struct watch_fault fault;
	const struct entry *before;
	const char *unit;

	if (w == NULL) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "watch",
		       "is missing");
		return;
	}
	if (!watch_check(w, &fault)) {
		refuse(item, fault.code, fault.field, fault.text);
		return;
	}
	before = find(d, w->code);
	if (before == NULL ? w->version != 0
			   : before->now->version != w->version) {
		refuse(item, SY__V1__ERROR_CODE__CONFLICT, "watch.version",
		       before == NULL ? "there is no such rule: a new one has "
					"version 0"
				      : "is not the last one");
		return;
	}
	if (before != NULL &&
	    !social_sees(d->svc, item->grant, before->now->unit)) {
		refuse(item, SY__V1__ERROR_CODE__SCOPE, "watch.code",
		       "lies outside of the principal's subtree");
		return;
	}
	unit = w->unit[0] != '\0' ? w->unit
				  : arena_strdup(d->arena, item->grant->unit);
	if (query_good(d, item) && codes_good(d, item, w, unit) &&
	    room_and_names(d, item, w, before))
		taken(d, item, w, unit, before);
}

/* Of what this batch has said already. */
static void add_own(const struct decided *d, const struct judged *j,
		    uint64_t *judged, uint64_t *right)
{
	for (size_t i = 0; i < d->judged_nr; i++) {
		const struct judged *o = &d->judged[i];

		if (strcmp(o->code, j->code) != 0 ||
		    (memcmp(o->id, j->id, UUID_BYTES) == 0 &&
		     strcmp(o->principal, j->principal) == 0))
			continue;
		*judged += 1;
		*right += o->right;
	}
}

static void judge(struct decided *d, struct bus_item *item, int row)
{
	const Sy__V1__JudgeWatchHitRequest *request =
		(const void *)item->request;
	int st = d->first + READ_HITS;
	const struct entry *e = find(d, request->code);
	Sy__V1__JudgeWatchHitReply *reply;
	struct judged j = { .code = request->code,
			    .principal = item->principal,
			    .right = request->right };

	if (uuid_parse(request->mention_id, j.id) < 0) {
		refuse(item, SY__V1__ERROR_CODE__INVALID, "mention_id",
		       "is not a UUID");
		return;
	}
	if (e == NULL || !social_sees(d->svc, item->grant, e->now->unit)) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "code",
		       "no such rule");
		return;
	}
	if (db_is_null(d->res, st, row, 0) ||
	    !db_get_bool(d->res, st, row, 1) ||
	    !social_sees(d->svc, item->grant,
			 db_get_text(d->res, st, row, 0))) {
		refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "mention_id",
		       "no such hit of this rule");
		return;
	}
	j.query_version = e->query_version;
	reply = arena_alloc(d->arena, sizeof(*reply));
	sy__v1__judge_watch_hit_reply__init(reply);
	reply->judged = (uint64_t)db_get_i64(d->res, st, row, 2) + 1;
	reply->right = (uint64_t)db_get_i64(d->res, st, row, 3) + j.right;
	add_own(d, &j, &reply->judged, &reply->right);
	d->judged[d->judged_nr++] = j;
	item->reply = &reply->base;
}

static enum bus_decision watches_decide(void *svc, struct bus_batch *batch,
					const struct db_result *res, int first,
					bool directory_fresh)
{
	struct decided *d = arena_alloc(&batch->arena, sizeof(*d));
	int row = 0;

	*d = (struct decided){
		.svc = svc,
		.batch = batch,
		.arena = &batch->arena,
		.res = res,
		.first = first,
		.directory_fresh = directory_fresh,
	};
	d->judged = arena_alloc(d->arena, batch->n * sizeof(d->judged[0]));
	load(d);
	for (size_t i = 0; i < batch->n && !d->wait; i++)
		if (is_put(batch->items[i]))
			put(d, batch->items[i]);
		else
			judge(d, batch->items[i], row++);
	batch->scratch = d;
	return d->wait ? BUS_WAIT_DIRECTORY : BUS_DECIDED;
}

/* --- write --- */

#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < n; i++) {                               \
			const struct entry *e = list[i];                       \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void add_stored(struct db_pipe *pipe, struct arena *arena,
		       const Sy__V1__Watch *watch)
{
	size_t len = sy__v1__watch__get_packed_size(watch);
	uint8_t *data = arena_alloc(arena, len + 1);

	sy__v1__watch__pack(watch, data);
	db_array_data(pipe, data, len);
}

static size_t names_nr(const struct entry *e)
{
	return e->now->ended ? 0 : e->now->n_names;
}

/* In the order of the batch. The setting first: who puts another rule waits
 * there, so that names are looked at by one at a time. */
static void write_rules(const struct decided *d, struct db_pipe *pipe)
{
	const struct entry **list =
		arena_alloc(d->arena, d->puts * sizeof(list[0]));
	size_t n = d->puts, at = n;

	for (const struct entry *e = d->entries; e != NULL; e = e->next)
		if (e->cause != NULL)
			list[--at] = e;
	settings_touch(pipe, watches_setting.name);
	db_exec(pipe, WATCHES_SQL_PUT);
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, e->code));
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, e->now->version));
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, e->query_version));
	COLUMN(DB_ARRAY_BOOL, db_array_int(pipe, e->now->ended));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, e->now->unit));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, e->now->sensitivity));
	COLUMN(DB_ARRAY_BYTES, add_stored(pipe, d->arena, e->now));
	COLUMN(DB_ARRAY_TEXT,
	       for (size_t j = 0; j < names_nr(e); j++) db_array_text(
		       pipe, watch_name_key(d->arena, e->now->names[j])));
	COLUMN(DB_ARRAY_I32, for (size_t j = 0; j < names_nr(e); j++)
				     db_array_int(pipe, (int64_t)i + 1));
}

static void emit(const struct decided *d, const struct entry *e)
{
	Sy__V1__WatchChanged event = SY__V1__WATCH_CHANGED__INIT;

	event.code = (char *)e->code;
	event.version = e->now->version;
	event.ended = e->now->ended;
	bus_emit(d->batch, e->cause,
		 &(struct bus_event){
			 .type = "WatchChanged",
			 .key = e->code,
			 .revision = e->now->version,
			 .occurred_at_us = d->batch->now_us,
			 .payload = &event.base,
		 });
}

/* Newest first; the log wants them in their order. */
static void emit_all(const struct decided *d, const struct entry *e)
{
	if (e == NULL)
		return;
	emit_all(d, e->next);
	if (e->cause != NULL)
		emit(d, e);
}

static void write_judged(const struct judged *j, struct db_pipe *pipe)
{
	db_exec(pipe, WATCHES_SQL_JUDGE);
	db_text(pipe, j->code);
	db_uuid(pipe, j->id);
	db_text(pipe, j->principal);
	db_i32(pipe, (int32_t)j->query_version);
	db_bool(pipe, j->right);
}

static void write_hits(struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct mentions *all = mentions_of_batch();
	struct watch_hit_list hits = { 0 };

	if (all != NULL)
		hits = watch_hits_sum(&batch->arena, mentions_first(all));
	if (hits.n == 0)
		return;
	db_exec(pipe, WATCHES_SQL_HITS);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < hits.n; i++)
		db_array_text(pipe, hits.h[i].code);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < hits.n; i++)
		db_array_int(pipe, hits.h[i].hour);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < hits.n; i++)
		db_array_int(pipe, hits.h[i].hits);
	db_array_end(pipe);
}

static void watches_write(void *svc, struct bus_batch *batch,
			  struct db_pipe *pipe)
{
	const struct decided *d = batch->scratch;

	(void)svc;
	write_hits(batch, pipe);
	if (d == NULL)
		return;
	if (d->puts > 0) {
		write_rules(d, pipe);
		emit_all(d, d->entries);
	}
	for (size_t i = 0; i < d->judged_nr; i++)
		write_judged(&d->judged[i], pipe);
}

#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
static const struct bus_method methods[] = {
	[METHOD_PUT] = { "PutWatch", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__put_watch_request__descriptor, NULL },
	[METHOD_JUDGE] = { "JudgeWatchHit", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__judge_watch_hit_request__descriptor, NULL },
	{ "ListWatches", READERS, BUS_READ,
		&sy__v1__list_watches_request__descriptor,
		handle_list_watches },
	{ "ListWatchVersions", READERS, BUS_READ,
		&sy__v1__list_watch_versions_request__descriptor,
		handle_list_watch_versions },
	/* with texts */
	{ "PreviewWatch", ROLE_HANDLER, BUS_READ,
		&sy__v1__preview_watch_request__descriptor,
		handle_preview_watch },
	{ 0 },
};
/* clang-format on */

const struct part watches_part = {
	.methods = methods,
	.statements_first = WATCHES_SQL_FIRST,
	.statements = watches_sql,
	.statements_nr = WATCHES_SQL_END - WATCHES_SQL_FIRST,
	.prepare = watches_prepare,
	.read = watches_read,
	.decide = watches_decide,
	.write = watches_write,
};
