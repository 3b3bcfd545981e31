/* model_upload.c -- a model comes in parts; with the last one it is put
 * together, its sum compared, and loaded to see that it is one and that its
 * answers are ours. Only then it is a version.
 */
#include <math.h>
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

static bool score_good(const Sy__V1__ModelScore *s)
{
	return strlen(s->head) <= NAME_MAX_BYTES &&
	       !utf8_has_control(s->head) &&
	       strlen(s->lang) <= NAME_MAX_BYTES &&
	       !utf8_has_control(s->lang) &&
	       strlen(s->label) <= NAME_MAX_BYTES &&
	       !utf8_has_control(s->label) && is_f1(s->f1, 0) &&
	       is_f1(s->f1_low, 0) && is_f1(s->f1_high, 0) &&
	       is_f1(s->f1_in_use, -1);
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
	if (req->n_scores > SCORES_MAX) {
		bus_refuse(item, SY__V1__ERROR_CODE__INVALID, "scores",
			   "wants at most %d", SCORES_MAX);
		return false;
	}
	for (size_t i = 0; i < req->n_scores; i++)
		if (!score_good(req->scores[i])) {
			refuse(item, "scores",
			       "has a name that is too long, or no share");
			return false;
		}
	return true;
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

/* Those of earlier batches, of this one, and the last. */
static bool gather(struct models *all, struct bus_item *item,
		   struct model_new *n, int statement)
{
	const Sy__V1__PutModelRequest *req = n->req;

	for (int row = 0; row < db_rows(all->res, statement); row++) {
		uint32_t part =
			(uint32_t)db_get_i32(all->res, statement, row, 0);
		size_t len;
		const uint8_t *data =
			db_get_bytes(all->res, statement, row, 1, &len);

		if (part < req->part)
			take_part(n, part, data, len);
	}
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
	/* of read, also of one that is refused */
	int statement = req->last ? all->next_parts++ : 0;
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
		if (!gather(all, item, n, statement) || !verify(all, item, n))
			return;
		n->version = ++all->last_version;
		known_add(all, n);
	}
	*all->new_end = n;
	all->new_end = &n->next;
	answer(all, item, n->version, req->part + 1);
}

void models_read_parts(const struct bus_batch *batch, struct db_pipe *pipe)
{
	for (size_t i = 0; i < batch->n; i++) {
		const struct bus_item *item = batch->items[i];
		const Sy__V1__PutModelRequest *req =
			(const void *)item->request;
		uint8_t upload[UUID_BYTES] = { 0 };

		if (item->method != &models_methods[MODELS_PUT] || !req->last)
			continue;
		uuid_parse(req->upload, upload);
		db_exec(pipe, MODELS_SQL_PARTS);
		db_text(pipe, item->principal);
		db_uuid(pipe, upload);
		db_i32(pipe,
		       req->part < MODEL_PARTS_MAX ? (int32_t)req->part : 0);
	}
}
