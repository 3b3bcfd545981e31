/* feeds_part.c -- PutFeed: judged over the last versions of the feeds that a
 * batch names. */
#include <string.h>

#include "feeds.h"

#define KEEPERS (ROLE_ADMIN | ROLE_HANDLER)

/* A feed as the batch has made it; several versions may come in one. */
struct put {
	const char *code;
	int32_t version;
	bool ended;
	const uint8_t *body;
	size_t len;
	const char *by;
	bool new;
	struct put *next;
};
struct puts {
	struct put *first;
	size_t new_nr;
};

enum { FEEDS_PUT };
/* clang-format off */
static const struct bus_method methods[] = {
	[FEEDS_PUT] = { "PutFeed", KEEPERS, BUS_WRITE,
		&sy__v1__put_feed_request__descriptor, NULL },
	{ "ListFeeds", KEEPERS | ROLE_READER | ROLE_AUDITOR, BUS_READ,
		&sy__v1__list_feeds_request__descriptor, handle_list_feeds },
	{ "TryFeed", KEEPERS, BUS_READ,
		&sy__v1__try_feed_request__descriptor, handle_try_feed },
	{ 0 },
};
/* clang-format on */

static const Sy__V1__Feed *feed_of(const struct bus_item *item)
{
	return ((const Sy__V1__PutFeedRequest *)item->request)->feed;
}

static void feeds_read(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	(void)svc;
	db_exec(pipe, FEEDS_SQL_READ);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (feed_of(batch->items[i]) != NULL)
			db_array_text(pipe, feed_of(batch->items[i])->code);
	db_array_end(pipe);
}

/* The last one of that code. */
static const struct put *last_of(const struct puts *puts, const char *code)
{
	for (const struct put *p = puts->first; p != NULL; p = p->next)
		if (strcmp(p->code, code) == 0)
			return p;
	return NULL;
}

static void load(struct puts *puts, struct arena *arena,
		 const struct db_result *res, int statement)
{
	for (int row = 0; row < db_rows(res, statement); row++) {
		struct put *p = arena_alloc(arena, sizeof(*p));
		const uint8_t *body;

		p->code = arena_strdup(arena,
				       db_get_text(res, statement, row, 0));
		p->version = db_get_i32(res, statement, row, 1);
		body = db_get_bytes(res, statement, row, 2, &p->len);
		p->body = arena_memdup(arena, body, p->len);
		p->next = puts->first;
		puts->first = p;
	}
}

/* What is stored: without what only answers have. */
static void pack(struct arena *arena, const Sy__V1__Feed *feed, struct put *p)
{
	Sy__V1__Feed kept = *feed;
	uint8_t *body;

	kept.state = NULL;
	kept.changed_at_us = 0;
	kept.changed_by = (char *)"";
	kept.version = 0;
	p->len = sy__v1__feed__get_packed_size(&kept);
	p->body = body = arena_alloc(arena, p->len + 1);
	sy__v1__feed__pack(&kept, body);
}

static void answer(struct bus_batch *batch, struct bus_item *item,
		   const struct put *p)
{
	struct arena *arena = &batch->arena;
	Sy__V1__PutFeedReply *reply = arena_alloc(arena, sizeof(*reply));
	Sy__V1__Feed *feed = arena_memdup(arena, feed_of(item), sizeof(*feed));

	sy__v1__put_feed_reply__init(reply);
	feed->version = (uint32_t)p->version;
	feed->state = NULL;
	feed->changed_at_us = batch->now_us;
	feed->changed_by = (char *)item->principal;
	reply->feed = feed;
	item->reply = &reply->base;
}

static void tell(struct bus_batch *batch, const struct bus_item *item,
		 const struct put *p)
{
	Sy__V1__FeedChanged changed = SY__V1__FEED_CHANGED__INIT;

	changed.code = (char *)p->code;
	changed.version = (uint32_t)p->version;
	changed.ended = p->ended;
	bus_emit(batch, item,
		 &(struct bus_event){
			 .type = "FeedChanged",
			 .key = arena_printf(&batch->arena, "feed-%s", p->code),
			 .revision = (uint64_t)p->version,
			 .occurred_at_us = batch->now_us,
			 .payload = &changed.base,
		 });
}

/* False: the directory is to be asked again. */
static bool unit_good(struct social *svc, struct bus_item *item,
		      bool directory_fresh)
{
	const char *unit = feed_of(item)->unit;

	if (unit[0] != '\0' && !replica_unit_known(svc->replica, unit)) {
		bus_refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, "feed.unit",
			   "is not in the directory");
		return directory_fresh;
	}
	if (!social_sees(svc, item->grant, unit))
		bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "feed.unit",
			   unit[0] != '\0'
				   ? "lies outside of the principal's subtree"
				   : "is needed: the principal sees a subtree "
				     "only");
	return true;
}

static void put(struct bus_batch *batch, struct puts *puts,
		struct bus_item *item)
{
	const Sy__V1__Feed *feed = feed_of(item);
	const struct put *last = last_of(puts, feed->code);
	int32_t version = last != NULL ? last->version : 0;
	struct put *p;

	if (feed->version != (uint32_t)version) {
		bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "feed.version",
			   version == 0 ? "there is no such feed yet: 0"
					: "is not the last: it was changed "
					  "meanwhile");
		return;
	}
	p = arena_alloc(&batch->arena, sizeof(*p));
	p->code = feed->code;
	p->ended = feed->ended;
	p->by = item->principal;
	pack(&batch->arena, feed, p);
	if (last != NULL && last->len == p->len &&
	    memcmp(last->body, p->body, p->len) == 0) {
		item->duplicate = true;
		answer(batch, item, last);
		return;
	}
	p->new = true;
	p->version = version + 1;
	p->next = puts->first;
	puts->first = p;
	puts->new_nr++;
	tell(batch, item, p);
	answer(batch, item, p);
}

static enum bus_decision feeds_decide(void *svc, struct bus_batch *batch,
				      const struct db_result *res, int first,
				      bool directory_fresh)
{
	struct puts *puts = arena_alloc(&batch->arena, sizeof(*puts));
	struct feed_fault fault;

	load(puts, &batch->arena, res, first);
	for (size_t i = 0; i < batch->n; i++) {
		struct bus_item *item = batch->items[i];

		if (feed_of(item) == NULL) {
			bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "feed",
				   "is missing");
			continue;
		}
		if (!feed_check(feed_of(item), &fault)) {
			bus_refuse(item, SY__V1__ERROR_CODE__INVALID,
				   arena_printf(&batch->arena, "feed.%s",
						fault.field),
				   "%s", fault.text);
			continue;
		}
		if (!unit_good(svc, item, directory_fresh))
			return BUS_WAIT_DIRECTORY;
		if (item->verdict == SY__V1__ERROR_CODE__OK)
			put(batch, puts, item);
	}
	batch->scratch = puts;
	return BUS_DECIDED;
}

static void write_puts(const struct puts *puts, struct db_pipe *pipe)
{
	db_exec(pipe, FEEDS_SQL_PUT);
#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (const struct put *p = puts->first; p; p = p->next)        \
			if (p->new)                                            \
				add;                                           \
		db_array_end(pipe);                                            \
	} while (0)
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, p->code));
	COLUMN(DB_ARRAY_I32, db_array_int(pipe, p->version));
	COLUMN(DB_ARRAY_BOOL, db_array_int(pipe, p->ended));
	COLUMN(DB_ARRAY_BYTES, db_array_data(pipe, p->body, p->len));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, p->by));
#undef COLUMN
}

/* How many new mentions a feed has brought with this batch. */
struct brought {
	const char *feed;
	int64_t n;
	struct brought *next;
};

static struct brought *brought_by_feeds(const struct social *svc,
					struct arena *arena)
{
	const struct mention *m = mentions_first(mentions_of_batch());
	struct brought *all = NULL, *b;

	for (; m != NULL; m = m->next) {
		if (m->known || m->cause == NULL || m->after == NULL ||
		    m->after->feed[0] == '\0' ||
		    strcmp(m->brought_by, svc->service.name) != 0)
			continue;
		for (b = all; b != NULL; b = b->next)
			if (strcmp(b->feed, m->after->feed) == 0)
				break;
		if (b == NULL) {
			b = arena_alloc(arena, sizeof(*b));
			b->feed = m->after->feed;
			b->next = all;
			all = b;
		}
		b->n++;
	}
	return all;
}

static void write_counts(const struct brought *all, struct db_pipe *pipe)
{
	db_exec(pipe, FEEDS_SQL_COUNT);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (const struct brought *b = all; b != NULL; b = b->next)
		db_array_text(pipe, b->feed);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (const struct brought *b = all; b != NULL; b = b->next)
		db_array_int(pipe, b->n);
	db_array_end(pipe);
}

static void feeds_write(void *svc, struct bus_batch *batch,
			struct db_pipe *pipe)
{
	const struct puts *puts = batch->scratch;
	const struct brought *brought = brought_by_feeds(svc, &batch->arena);

	if (puts != NULL && puts->new_nr > 0)
		write_puts(puts, pipe);
	if (brought != NULL)
		write_counts(brought, pipe);
}

const struct part feeds_part = {
	.methods = methods,
	.statements_first = FEEDS_SQL_FIRST,
	.statements = feeds_sql,
	.statements_nr = FEEDS_SQL_END - FEEDS_SQL_FIRST,
	.read = feeds_read,
	.decide = feeds_decide,
	.write = feeds_write,
};
