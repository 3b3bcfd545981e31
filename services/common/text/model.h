/* model.h -- a trained linear model: for each language and head one vector of
 * weights a label over the buckets of features.h. Read-only once it is there,
 * so that threads can share it.
 *
 * The file, little-endian:
 *
 *	8 bytes  "SYTEXT1\n"
 *	8        length of all that follows the checksum
 *	8        XXH3 of all that follows
 *	         version, bits of a bucket, languages; for each its code, heads;
 *	         for each its name, labels, threshold, sharpness; for each label
 *	         its name, offset, scale; after the heads of a language the
 *	         buckets that have weights, as a bit map, and a row of int8 each
 *
 * A name is a byte of length and that many bytes of UTF-8, a count a byte,
 *other numbers doubles. Every count is bounded, every length checked before
 *use. */
#ifndef SUYUAN_MODEL_H
#define SUYUAN_MODEL_H

#include <stdint.h>

#include "arena.h"
#include "error.h"
#include "text/features.h"
#include "text/predict.h"

#define MODEL_LANGS_MAX 8
#define MODEL_HEADS_MAX 8
#define MODEL_LABELS_MAX 64 /* a head */
#define MODEL_NAME_MAX_BYTES 63
#define MODEL_MAX_BYTES ((size_t)256 * 1024 * 1024)

struct text_model;

/* From the bytes of a file, which are not needed afterwards. -1: what is wrong
 * with it. */
int text_model_load(struct text_model **m_r, const void *bytes, size_t len,
		    struct error *err);
void text_model_free(struct text_model *m); /* NULL does nothing */
/* The bytes of a file; the same model gives the same bytes. Free with free().
 */
void *text_model_save(const struct text_model *m, size_t *len_r);

const char *text_model_version(const struct text_model *m);
size_t text_model_bytes(const struct text_model *m); /* of memory */
bool text_model_has(const struct text_model *m, const char *lang,
		    const char *head);

/* One prediction for each head that was trained in the language. */
struct predictions text_model_predict(const struct text_model *m,
				      struct arena *arena,
				      const struct features *features,
				      const char *lang);

/* At most max, of features that have places. */
struct reasons text_model_explain(const struct text_model *m,
				  struct arena *arena,
				  const struct features *placed,
				  const char *lang, const char *head,
				  const char *label, size_t max);

#endif
