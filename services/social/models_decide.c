/* models_decide.c -- judges corrections and which model is to be used.
 */
#include <string.h>

#include "models.h"
#include "timeutil.h"

/* --- what is known --- */

static void load(struct models *all)
{
	const struct db_result *res = all->res;
	int st = all->first + MODELS_READ_KNOWN;

	all->in_use = (uint32_t)db_get_i32(res, all->first + MODELS_READ_IN_USE,
					   0, 0);
	all->revision = db_get_i64(res, all->first + MODELS_READ_IN_USE, 0, 1);
	for (int row = 0; row < db_rows(res, st); row++) {
		struct model_known *k = arena_alloc(all->arena, sizeof(*k));
		const uint8_t *bytes;
		size_t len;

		k->version = (uint32_t)db_get_i32(res, st, row, 0);
		k->made_by =
			arena_strdup(all->arena, db_get_text(res, st, row, 1));
		bytes = db_get_bytes(res, st, row, 2, &len);
		if (len == UUID_BYTES)
			memcpy(k->upload, bytes, UUID_BYTES);
		k->next = all->known;
		all->known = k;
		if (k->version > all->last_version)
			all->last_version = k->version;
	}
}

/* Events told of a mention before this batch. */
static int64_t told_of(const struct models *all, const uint8_t id[UUID_BYTES])
{
	int st = all->first + MODELS_READ_LABELS;

	for (int row = 0; row < db_rows(all->res, st); row++) {
		size_t len;
		const uint8_t *bytes = db_get_bytes(all->res, st, row, 0, &len);

		if (len == UUID_BYTES && memcmp(bytes, id, UUID_BYTES) == 0)
			return db_get_i64(all->res, st, row, 1);
	}
	return 0;
}

static struct label *label_of(struct models *all, struct mention *m)
{
	struct label *l = all->labels;

	while (l != NULL && l->m != m)
		l = l->next;
	if (l != NULL)
		return l;
	l = arena_alloc(all->arena, sizeof(*l));
	l->m = m;
	l->told = told_of(all, m->id);
	l->next = all->labels;
	all->labels = l;
	return l;
}

/* --- corrections --- */

static bool unknown(struct models *all, struct bus_item *item,
		    const char *field)
{
	all->wait |= !all->directory_fresh;
	bus_refuse(item, SY__V1__ERROR_CODE__UNKNOWN_CODE, field,
		   "is not in the directory");
	return false;
}

static bool codes_good(struct models *all, struct bus_item *item,
		       const struct mention *m, const struct correction *c)
{
	const struct replica *replica = all->svc->replica;
	int64_t at_us = m->after->facts->published_at_us;

	if (c->topic[0] != '\0' &&
	    replica_term(replica, "topic", c->topic,
			 (int32_t)(at_us / US_PER_DAY)) == NULL)
		return unknown(all, item, "topic");
	if (c->unit[0] == '\0')
		return true;
	if (!replica_unit_known(replica, c->unit))
		return unknown(all, item, "unit");
	if (social_sees(all->svc, item->grant, c->unit))
		return true;
	bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "unit",
		   "lies outside of the principal's subtree");
	return false;
}

/* NULL: refused. */
static struct mention *target(struct models *all, struct bus_item *item,
			      const Sy__V1__CorrectMentionRequest *req)
{
	struct mention *m = NULL;
	uint8_t id[UUID_BYTES];

	if (uuid_parse(req->mention_id, id) < 0) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "mention_id",
			   "is not a UUID");
		return NULL;
	}
	m = mentions_find(mentions_of_batch(), id);
	/* ids of other units tell nothing */
	if (m == NULL || !mention_counts(m->after) ||
	    !social_sees(all->svc, item->grant, m->after->facts->unit)) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "mention_id",
			   "no such mention");
		return NULL;
	}
	if (req->revision != 0 && req->revision != (uint64_t)m->revision) {
		bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "revision",
			   "somebody has changed it since it was seen");
		return NULL;
	}
	return m;
}

static void made(struct models *all, const struct bus_item *item,
		 struct mention *m, const Sy__V1__MentionStored *after)
{
	struct corrected_head heads[CORRECTED_HEADS_MAX];
	struct label *label = label_of(all, m);
	size_t n = correction_changes(m->after->facts, after->facts, heads);

	label->changed = true;
	label->by = item->principal;
	for (size_t i = 0; i < n; i++) {
		struct correction_made *c = arena_alloc(all->arena, sizeof(*c));

		c->item = item;
		c->label = label;
		c->head = heads[i];
		c->model = m->after->facts->model;
		c->revision = ++label->told;
		*all->made_end = c;
		all->made_end = &c->next;
	}
}

static void correct(struct models *all, struct bus_item *item)
{
	const Sy__V1__CorrectMentionRequest *req = (const void *)item->request;
	Sy__V1__PutMentionReply *reply;
	Sy__V1__MentionStored *after;
	struct correction c;
	struct mention *m;
	const char *field;

	if (!correction_read(req, &c, &field)) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, field, "%s",
			   field[0] != '\0' ? "has no such value"
					    : "nothing is corrected");
		return;
	}
	m = target(all, item, req);
	if (m == NULL || !codes_good(all, item, m, &c))
		return;
	after = correction_apply(all->arena, m->after, &c);
	item->duplicate = after == NULL;
	if (after != NULL) {
		made(all, item, m, after);
		mentions_change(mentions_of_batch(), m, after, item);
	}
	reply = arena_alloc(all->arena, sizeof(*reply));
	sy__v1__put_mention_reply__init(reply);
	reply->mention_id =
		uuid_format(m->id, arena_alloc(all->arena, UUID_TEXT_MAX));
	reply->revision = (uint64_t)m->revision;
	reply->duplicate = item->duplicate;
	item->reply = &reply->base;
}

/* --- which is in use --- */

static bool is_known(const struct models *all, uint32_t version)
{
	for (const struct model_known *k = all->known; k != NULL; k = k->next)
		if (k->version == version)
			return true;
	return false;
}

static void use(struct models *all, struct bus_item *item)
{
	const Sy__V1__UseModelRequest *req = (const void *)item->request;
	Sy__V1__UseModelReply *reply;
	struct model_used *used;

	if (!is_known(all, req->version)) {
		bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "version",
			   "no such version");
		return;
	}
	reply = arena_alloc(all->arena, sizeof(*reply));
	sy__v1__use_model_reply__init(reply);
	reply->version = req->version;
	reply->before = all->in_use;
	item->reply = &reply->base;
	item->duplicate = req->version == all->in_use;
	if (item->duplicate)
		return;
	used = arena_alloc(all->arena, sizeof(*used));
	*used = (struct model_used){
		.item = item,
		.version = req->version,
		.before = all->in_use,
		.revision = ++all->revision,
	};
	*all->used_end = used;
	all->used_end = &used->next;
	all->in_use = req->version;
}

/* --- the batch --- */

static void decide_item(struct models *all, struct bus_item *item)
{
	if (item->method == &models_methods[MODELS_CORRECT]) {
		correct(all, item);
		return;
	}
	/* It is everybody's. */
	if (item->grant->unit[0] != '\0') {
		/* its statement was asked, and stays unread */
		if (item->method == &models_methods[MODELS_PUT] &&
		    ((const Sy__V1__PutModelRequest *)item->request)->last)
			all->next_parts++;
		bus_refuse(item, SY__V1__ERROR_CODE__SCOPE, "",
			   "a model is chosen by who sees all units");
		return;
	}
	if (item->method == &models_methods[MODELS_PUT])
		model_put(all, item);
	else
		use(all, item);
}

enum bus_decision models_decide(void *svc, struct bus_batch *batch,
				const struct db_result *res, int first,
				bool directory_fresh)
{
	struct models *all = arena_alloc(&batch->arena, sizeof(*all));

	*all = (struct models){
		.svc = svc,
		.batch = batch,
		.arena = &batch->arena,
		.res = res,
		.first = first,
		.next_parts = first + MODELS_READ_PARTS,
		.new_end = &all->new,
		.used_end = &all->used,
		.made_end = &all->made,
		.directory_fresh = directory_fresh,
	};
	load(all);
	mentions_load(mentions_of_batch(), res, first + MODELS_READ_MENTIONS);
	for (size_t i = 0; i < batch->n && !all->wait; i++)
		decide_item(all, batch->items[i]);
	batch->scratch = all;
	return all->wait ? BUS_WAIT_DIRECTORY : BUS_DECIDED;
}
