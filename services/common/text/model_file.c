/* model_file.c -- a model as bytes, see model.h. Whoever writes such a file may
 * be anybody: nothing of it is believed before it was checked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ustring.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/model_internal.h"

#define MAGIC "SYTEXT1\n"
#define HEAD_BYTES 24 /* magic, length, checksum */

/* --- writing --- */

struct writing {
	uint8_t *bytes;
	size_t len, size;
	bool failed;
};

static void put(struct writing *w, const void *bytes, size_t n)
{
	if (w->failed)
		return;
	if (w->size - w->len < n) {
		size_t size = 2 * (w->len + n);
		uint8_t *more = realloc(w->bytes, size);

		if (more == NULL) {
			w->failed = true;
			return;
		}
		w->bytes = more;
		w->size = size;
	}
	memcpy(w->bytes + w->len, bytes, n);
	w->len += n;
}

static void put_count(struct writing *w, size_t n)
{
	uint8_t byte = (uint8_t)n;

	put(w, &byte, 1);
}

static void put_name(struct writing *w, const char *name)
{
	put_count(w, strlen(name));
	put(w, name, strlen(name));
}

static void put_double(struct writing *w, double value)
{
	put(w, &value, sizeof(value));
}

static void put_lang(struct writing *w, const struct model_lang *lang)
{
	put_name(w, lang->code);
	put_count(w, lang->heads_nr);
	for (size_t i = 0; i < lang->heads_nr; i++) {
		const struct model_head *h = &lang->heads[i];

		put_name(w, h->name);
		put_count(w, h->labels_nr);
		put_double(w, h->threshold);
		put_double(w, h->sharpness);
		for (size_t k = 0; k < h->labels_nr; k++) {
			put_name(w, h->labels[k]);
			put_double(w, h->offset[k]);
			put_double(w, h->scale[k]);
		}
	}
	put(w, lang->map, MODEL_MAP_WORDS * sizeof(*lang->map));
	put(w, lang->rows, lang->rows_nr * lang->outputs);
}

void *text_model_save(const struct text_model *m, size_t *len_r)
{
	struct writing w = { 0 };
	uint64_t n;

	put(&w, MAGIC "0123456789abcdef", HEAD_BYTES);
	put_name(&w, m->version);
	put_count(&w, FEATURE_BITS);
	put_count(&w, m->langs_nr);
	for (size_t i = 0; i < m->langs_nr; i++)
		put_lang(&w, &m->langs[i]);
	if (w.failed) {
		free(w.bytes);
		return NULL;
	}
	n = w.len - HEAD_BYTES;
	memcpy(w.bytes + 8, &n, sizeof(n));
	n = XXH3_64bits(w.bytes + HEAD_BYTES, w.len - HEAD_BYTES);
	memcpy(w.bytes + 16, &n, sizeof(n));
	*len_r = w.len;
	return w.bytes;
}

/* --- reading --- */

struct reading {
	const uint8_t *bytes;
	size_t len, at;
	struct text_model *m;
	struct error *err;
};

static int take(struct reading *r, void *to, size_t n)
{
	if (r->len - r->at < n)
		return error_set(r->err, "model: ends at byte %zu", r->len);
	memcpy(to, r->bytes + r->at, n);
	r->at += n;
	return 0;
}

static int take_count(struct reading *r, size_t least, size_t most,
		      const char *what, size_t *n_r)
{
	uint8_t byte = 0;

	if (take(r, &byte, 1) < 0)
		return -1;
	if (byte < least || byte > most)
		return error_set(r->err, "model: %u %s, expected %zu to %zu",
				 byte, what, least, most);
	*n_r = byte;
	return 0;
}

static int take_name(struct reading *r, const char **name_r)
{
	UErrorCode status = U_ZERO_ERROR;
	char *name;
	int32_t units;
	size_t n;

	if (take_count(r, 1, MODEL_NAME_MAX_BYTES, "bytes of a name", &n) < 0)
		return -1;
	name = arena_alloc(&r->m->arena, n + 1);
	if (take(r, name, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f)
			return error_set(
				r->err, "model: a control character in a name");
	u_strFromUTF8(NULL, 0, &units, name, (int32_t)n, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
		return error_set(r->err, "model: a name is no UTF-8");
	*name_r = name;
	return 0;
}

static int take_double(struct reading *r, double least, double most,
		       double *value_r)
{
	if (take(r, value_r, sizeof(*value_r)) < 0)
		return -1;
	/* not a number is neither */
	if (!(*value_r >= least && *value_r <= most))
		return error_set(r->err, "model: a number out of its range");
	return 0;
}

static int take_head(struct reading *r, struct model_lang *lang,
		     struct model_head *h)
{
	struct arena *arena = &r->m->arena;

	if (take_name(r, &h->name) < 0 ||
	    take_count(r, 2, MODEL_LABELS_MAX, "labels", &h->labels_nr) < 0 ||
	    take_double(r, 0, 1.01, &h->threshold) < 0 ||
	    take_double(r, 1e-6, 1e6, &h->sharpness) < 0)
		return -1;
	if (model_head_of(lang, h->name) != NULL)
		return error_set(r->err, "model: two heads of one name");
	h->labels = arena_alloc(arena, h->labels_nr * sizeof(*h->labels));
	h->offset = arena_alloc(arena, h->labels_nr * sizeof(*h->offset));
	h->scale = arena_alloc(arena, h->labels_nr * sizeof(*h->scale));
	for (size_t i = 0; i < h->labels_nr; i++) {
		if (take_name(r, &h->labels[i]) < 0 ||
		    take_double(r, -1e6, 1e6, &h->offset[i]) < 0 ||
		    take_double(r, 0, 1e6, &h->scale[i]) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(h->labels[k], h->labels[i]) == 0)
				return error_set(r->err,
						 "model: two labels of one "
						 "name");
	}
	h->first = lang->outputs;
	lang->outputs += h->labels_nr;
	return 0;
}

static int take_rows(struct reading *r, struct model_lang *lang)
{
	struct arena *arena = &r->m->arena;
	size_t map_bytes = MODEL_MAP_WORDS * sizeof(*lang->map), rows_bytes;

	/* before memory is taken for it */
	if (r->len - r->at < map_bytes)
		return error_set(r->err, "model: ends at byte %zu", r->len);
	lang->map = arena_alloc(arena, map_bytes);
	lang->rank = arena_alloc(arena, MODEL_MAP_WORDS * sizeof(*lang->rank));
	if (take(r, lang->map, map_bytes) < 0)
		return -1;
	model_rank(lang);
	rows_bytes = lang->rows_nr * lang->outputs;
	if (r->len - r->at < rows_bytes)
		return error_set(r->err, "model: ends at byte %zu", r->len);
	lang->rows = arena_memdup(arena, r->bytes + r->at, rows_bytes);
	r->at += rows_bytes;
	r->m->bytes += map_bytes + map_bytes / 2 + rows_bytes;
	return 0;
}

static int take_lang(struct reading *r, struct model_lang *lang)
{
	size_t heads;

	if (take_name(r, &lang->code) < 0 ||
	    take_count(r, 1, MODEL_HEADS_MAX, "heads", &heads) < 0)
		return -1;
	if (model_lang_of(r->m, lang->code) != NULL)
		return error_set(r->err, "model: a language twice");
	lang->heads = arena_alloc(&r->m->arena, heads * sizeof(*lang->heads));
	for (; lang->heads_nr < heads; lang->heads_nr++)
		if (take_head(r, lang, &lang->heads[lang->heads_nr]) < 0)
			return -1;
	return take_rows(r, lang);
}

static int take_model(struct reading *r)
{
	size_t bits, langs;

	if (take_name(r, &r->m->version) < 0 ||
	    take_count(r, FEATURE_BITS, FEATURE_BITS, "bits of a bucket",
		       &bits) < 0 ||
	    take_count(r, 1, MODEL_LANGS_MAX, "languages", &langs) < 0)
		return -1;
	r->m->langs = arena_alloc(&r->m->arena, langs * sizeof(*r->m->langs));
	for (; r->m->langs_nr < langs; r->m->langs_nr++)
		if (take_lang(r, &r->m->langs[r->m->langs_nr]) < 0)
			return -1;
	if (r->at != r->len)
		return error_set(r->err, "model: %zu bytes too many",
				 r->len - r->at);
	return 0;
}

int text_model_load(struct text_model **m_r, const void *bytes, size_t len,
		    struct error *err)
{
	struct reading r = { .bytes = bytes, .len = len, .err = err };
	uint64_t n;

	*m_r = NULL;
	if (len > MODEL_MAX_BYTES)
		return error_set(err, "model: %zu bytes, at most %zu", len,
				 MODEL_MAX_BYTES);
	if (len < HEAD_BYTES || memcmp(bytes, MAGIC, 8) != 0)
		return error_set(err, "model: no file of a model");
	memcpy(&n, r.bytes + 8, sizeof(n));
	if (n != len - HEAD_BYTES)
		return error_set(err, "model: %zu bytes, its head says %llu",
				 len, (unsigned long long)n);
	memcpy(&n, r.bytes + 16, sizeof(n));
	if (n != XXH3_64bits(r.bytes + HEAD_BYTES, len - HEAD_BYTES))
		return error_set(err, "model: its checksum is wrong");
	r.at = HEAD_BYTES;
	r.m = model_new(err);
	if (r.m == NULL)
		return -1;
	if (take_model(&r) < 0) {
		text_model_free(r.m);
		return -1;
	}
	*m_r = r.m;
	return 0;
}
