/* shape.h -- what the fields of the directory's records must be, for the
 * directory, which puts them, and for who is asked what one would do. Of all of
 * these: 0 or -1, with r filled. Pure.
 */
#ifndef SUYUAN_DIR_SHAPE_H
#define SUYUAN_DIR_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "suyuan/v1/directory.pb-c.h"

#define SHAPE_NAME_CHARS 200
#define SHAPE_TEXT_CHARS 1000 /* of what is longer than a name */

/* Why a record is refused, as INVALID. */
struct shape_fault {
	const char *field; /* static path */
	const char *text;  /* static, no values */
};

int shape_refuse(struct shape_fault *r, const char *field, const char *text);
/* [a-z0-9][a-z0-9_.-]{0,62} */
bool shape_code_valid(const char *code);
/* ru, zh or en. */
bool shape_lang_valid(const char *lang);
int shape_code(struct shape_fault *r, const char *field, const char *code);
int shape_code_or_empty(struct shape_fault *r, const char *field,
			const char *code);
/* [from, to), to 0 = open. */
int shape_days(struct shape_fault *r, const char *from_field,
	       const char *to_field, int32_t from_day, int32_t to_day);
/* 1 to max characters: SHAPE_NAME_CHARS or SHAPE_TEXT_CHARS. */
int shape_text(struct shape_fault *r, const char *field, const char *text,
	       size_t max);
/* Labels, in the order ru, zh, en. */
int shape_texts(struct arena *arena, struct shape_fault *r, const char *field,
		Sy__V1__Label *const *names, size_t n, size_t max,
		Sy__V1__Label ***names_r, size_t *n_r);
int shape_names(struct arena *arena, struct shape_fault *r, const char *field,
		Sy__V1__Label *const *names, size_t n, Sy__V1__Label ***names_r,
		size_t *n_r);

/* shape_policy.c. In normal form, in the arena; NULL when refused. */
Sy__V1__Policy *normal_policy(struct arena *arena, const Sy__V1__Policy *in,
			      struct shape_fault *r);

#endif
