/* model_upload.c -- a model comes in parts; with the last one it is put
 * together, its sum compared, and loaded to see that it is one and that its
 * answers are ours. Only then it is a version.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "models.h"
#include "utf8.h"

#define NOTE_MAX 1000
#define NAME_MAX_BYTES 64
#define SCORES_MAX 1000

static void refuse(struct bus_item *item, const char *field, const char *text)
{
	bus_refuse(item, SY__V1__ERROR_CODE__INVALID, field, "%s", text);
}

static bool is_f1(double f1, double least)
{
	return isfinite(f1) && f1 >= least && f1 <= 1;
}

/* Of a score that is wrong, the field; NULL: it is good. */
static const char *score_fault(const Sy__V1__ModelScore *s)
{
	const struct {
		const char *field, *name;
	} names[] = { { "head", s->head },
		      { "lang", s->lang },
		      { "label", s->label } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) > NAME_MAX_BYTES ||
		    utf8_has_control(names[i].name))
			return names[i].field;
	if (!is_f1(s->f1, 0))
		return "f1";
	if (!is_f1(s->f1_low, 0))
		return "f1_low";
	if (!is_f1(s->f1_high, 0))
		return "f1_high";
	return is_f1(s->f1_in_use, -1) ? NULL : "f1_in_use";
}

static bool scores_good(struct bus_item *item,
			const Sy__V1__PutModelRequest *req)
{
	char field[64];

	if (req->n_scores > SCORES_MAX) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "scores",
			   "wants at most %d", SCORES_MAX);
		return false;
	}
	for (size_t i = 0; i < req->n_scores; i++) {
		const char *fault = score_fault(req->scores[i]);

		if (fault == NULL)
			continue;
		snprintf(field, sizeof(field), "scores[%zu].%s", i, fault);
		refuse(item, field, "is too long, or no share");
		return false;
	}
	return true;
}

static bool fields_good(struct bus_item *item,
			const Sy__V1__PutModelRequest *req,
			uint8_t upload_r[UUID_BYTES])
{
	if (uuid_parse(req->upload, upload_r) < 0) {
		refuse(item, "upload", "is not a UUID");
		return false;
	}
	if (req->part >= MODEL_PARTS_MAX) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "part",
			   "is more than a model may have: %d",
			   MODEL_PARTS_MAX);
		return false;
	}
	if (req->data.len == 0 || req->data.len > MODEL_PART_BYTES) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "data",
			   "wants 1 to %zu bytes", MODEL_PART_BYTES);
		return false;
	}
	if (strlen(req->note) > NOTE_MAX) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "note",
			   "is longer than %d bytes", NOTE_MAX);
		return false;
	}
	return scores_good(item, req);
}

/* --- is it a model, and ours? --- */

static bool labels_ours(const struct prediction *p)
{
	for (size_t i = 0; i < p->labels_nr; i++) {
		if (strcmp(p->head, "class") == 0 &&
		    class_of_label(p->labels[i]) == 0)
			return false;
		if (strcmp(p->head, "sentiment") == 0 &&
		    sentiment_of_label(p->labels[i]) == 0)
			return false;
	}
	return true;
}

/* NULL: it can be used. */
static const char *unfit(const struct text_model *m, struct arena *arena)
{
	static const char *const langs[] = { "ru", "zh", "en", "other" };
	static const char *const heads[] = { "class", "sentiment", "topic" };
	const struct features none = { 0 };
	size_t known = 0;

	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		struct predictions list =
			text_model_predict(m, arena, &none, langs[i]);

		for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); h++) {
			const struct prediction *p =
				prediction_of(&list, heads[h]);

			if (p != NULL && !labels_ours(p))
				return "has a label that is no class or no "
				       "sentiment";
			known += p != NULL;
		}
	}
	return known > 0 ? NULL
			 : "says nothing of class, sentiment or topic in a "
			   "language that is told apart";
}

static bool verify(struct models *all, struct bus_item *item,
		   const struct model_new *n)
{
	uint8_t sum[crypto_hash_sha256_BYTES];
	uint8_t *whole = arena_alloc(all->arena, n->bytes);
	struct text_model *m = NULL;
	struct error err;
	const char *why;
	size_t at = 0;

	for (size_t i = 0; i < n->parts_nr; i++) {
		memcpy(whole + at, n->parts[i].data, n->parts[i].len);
		at += n->parts[i].len;
	}
	crypto_hash_sha256(sum, whole, n->bytes);
	if (n->req->sha256.len != sizeof(sum) ||
	    memcmp(sum, n->req->sha256.data, sizeof(sum)) != 0) {
		refuse(item, "sha256", "is not that of the parts");
		return false;
	}
	if (text_model_load(&m, whole, n->bytes, &err) < 0) {
		refuse(item, "data", err.text);
		return false;
	}
	why = unfit(m, all->arena);
	text_model_free(m);
	if (why != NULL)
		refuse(item, "data", why);
	return why == NULL;
}

/* --- its parts --- */

static void take_part(struct model_new *n, uint32_t part, const uint8_t *data,
		      size_t len)
{
	n->parts[part] = (struct model_bytes){ data, len };
}

/* Of read: who, upload, part, bytes. */
static void take_stored(struct models *all, const struct bus_item *item,
			struct model_new *n)
{
	int st = all->first + MODELS_READ_PARTS;

	for (int row = 0; row < db_rows(all->res, st); row++) {
		uint32_t part = (uint32_t)db_get_i32(all->res, st, row, 2);
		size_t len;
		const uint8_t *bytes = db_get_bytes(all->res, st, row, 1, &len);

		if (len != UUID_BYTES ||
		    memcmp(bytes, n->upload, UUID_BYTES) != 0 ||
		    strcmp(db_get_text(all->res, st, row, 0),
			   item->principal) != 0)
			continue;
		bytes = db_get_bytes(all->res, st, row, 3, &len);
		if (part < n->req->part)
			take_part(n, part, bytes, len);
	}
}

/* Those of earlier batches, of this one, and the last. */
static bool gather(struct models *all, struct bus_item *item,
		   struct model_new *n)
{
	const Sy__V1__PutModelRequest *req = n->req;

	take_stored(all, item, n);
	for (const struct model_new *p = all->new; p != NULL; p = p->next)
		if (p->version == 0 && p->req->part < req->part &&
		    memcmp(p->upload, n->upload, UUID_BYTES) == 0 &&
		    strcmp(p->item->principal, item->principal) == 0)
			take_part(n, p->req->part, p->req->data.data,
				  p->req->data.len);
	take_part(n, req->part, req->data.data, req->data.len);
	n->parts_nr = req->part + 1;
	for (size_t i = 0; i < n->parts_nr; i++) {
		if (n->parts[i].len == 0) {
			bus_refuse(item, SY__V1__ERROR_CODE__STATE, "part",
				   "parts before it are missing");
			return false;
		}
		n->bytes += n->parts[i].len;
	}
	return true;
}

static void answer(struct models *all, struct bus_item *item, uint32_t version,
		   uint32_t parts)
{
	Sy__V1__PutModelReply *reply = arena_alloc(all->arena, sizeof(*reply));

	sy__v1__put_model_reply__init(reply);
	reply->version = version;
	reply->parts = parts;
	item->reply = &reply->base;
}

/* 0: no version was made of it yet. */
static uint32_t version_of(const struct models *all, const char *principal,
			   const uint8_t upload[UUID_BYTES])
{
	for (const struct model_known *k = all->known; k != NULL; k = k->next)
		if (memcmp(k->upload, upload, UUID_BYTES) == 0 &&
		    strcmp(k->made_by, principal) == 0)
			return k->version;
	return 0;
}

static void known_add(struct models *all, const struct model_new *n)
{
	struct model_known *k = arena_alloc(all->arena, sizeof(*k));

	k->version = n->version;
	k->made_by = n->item->principal;
	memcpy(k->upload, n->upload, UUID_BYTES);
	k->next = all->known;
	all->known = k;
}

void model_put(struct models *all, struct bus_item *item)
{
	const Sy__V1__PutModelRequest *req = (const void *)item->request;
	struct model_new *n = arena_alloc(all->arena, sizeof(*n));
	uint32_t version;

	n->item = item;
	n->req = req;
	if (!fields_good(item, req, n->upload))
		return;
	version = version_of(all, item->principal, n->upload);
	if (version != 0) {
		item->duplicate = true;
		answer(all, item, version, req->part + 1);
		return;
	}
	if (req->last) {
		if (!gather(all, item, n) || !verify(all, item, n))
			return;
		n->version = ++all->last_version;
		known_add(all, n);
	}
	*all->new_end = n;
	all->new_end = &n->next;
	answer(all, item, n->version, req->part + 1);
}

static bool is_last(const struct bus_item *item)
{
	return item->method == &models_methods[MODELS_PUT] &&
	       ((const Sy__V1__PutModelRequest *)item->request)->last;
}

void models_read_parts(const struct bus_batch *batch, struct db_pipe *pipe)
{
	db_exec(pipe, MODELS_SQL_PARTS);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < batch->n; i++)
		if (is_last(batch->items[i]))
			db_array_text(pipe, batch->items[i]->principal);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__PutModelRequest *req =
			(const void *)batch->items[i]->request;
		uint8_t upload[UUID_BYTES];

		if (!is_last(batch->items[i]))
			continue;
		if (uuid_parse(req->upload, upload) < 0)
			memset(upload, 0, UUID_BYTES);
		db_array_data(pipe, upload, UUID_BYTES);
	}
	db_array_end(pipe);
}
