/* shape.h -- between shape.c and its neighbours shape_*.c: the checks
 * that several sorts of records share, and the sorts that do not stand in
 * shape.c. Of all of them: 0 or -1, with r filled; field and text are static.
 */
#ifndef SUYUAN_DIRECTORY_SHAPE_H
#define SUYUAN_DIRECTORY_SHAPE_H

#include "catalog.h"

#define SHAPE_TEXT_CHARS 1000 /* of what is longer than a name */

int shape_refuse(struct put_result *r, const char *field, const char *text);
int shape_code(struct put_result *r, const char *field, const char *code);
int shape_code_or_empty(struct put_result *r, const char *field,
			const char *code);
/* [from, to), to 0 = open. */
int shape_days(struct put_result *r, const char *from_field,
	       const char *to_field, int32_t from_day, int32_t to_day);
/* 1 to max characters: DIRECTORY_NAME_CHARS or SHAPE_TEXT_CHARS. */
int shape_text(struct put_result *r, const char *field, const char *text,
	       size_t max);
/* Labels, in the order ru, zh, en. */
int shape_texts(struct arena *arena, struct put_result *r, const char *field,
		Sy__V1__Label *const *names, size_t n, size_t max,
		Sy__V1__Label ***names_r, size_t *n_r);
int shape_names(struct arena *arena, struct put_result *r, const char *field,
		Sy__V1__Label *const *names, size_t n, Sy__V1__Label ***names_r,
		size_t *n_r);

/* Records in normal form, in the arena; NULL when refused. */
Sy__V1__Calendar *normal_calendar(struct arena *arena,
				  const Sy__V1__Calendar *in,
				  struct put_result *r);
Sy__V1__CalendarDay *normal_calendar_day(struct arena *arena,
					 const Sy__V1__CalendarDay *in,
					 struct put_result *r);
Sy__V1__Employee *normal_employee(struct arena *arena,
				  const Sy__V1__Employee *in,
				  struct put_result *r);
Sy__V1__Centre *normal_centre(struct arena *arena, const Sy__V1__Centre *in,
			      struct put_result *r);
/* A match of nothing is none: *out_r is NULL. */
int normal_match(struct arena *arena, struct put_result *r, const char *field,
		 const Sy__V1__PolicyMatch *in, Sy__V1__PolicyMatch **out_r);
Sy__V1__LookupRule *normal_lookup(struct arena *arena,
				  const Sy__V1__LookupRule *in,
				  struct put_result *r);
Sy__V1__Policy *normal_policy(struct arena *arena, const Sy__V1__Policy *in,
			      struct put_result *r);

#endif
