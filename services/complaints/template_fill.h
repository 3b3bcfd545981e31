/* template_fill.h -- the fields of the desk's templates, and the one renderer.
 */
#ifndef SUYUAN_TEMPLATE_FILL_H
#define SUYUAN_TEMPLATE_FILL_H

#include <stdint.h>

#include "arena.h"

enum desk_field {
	FIELD_EXTERNAL_ID,
	FIELD_REGISTERED,
	FIELD_PERSON_NAME,
	FIELD_UNIT_NAME,
	FIELD_DEPARTMENT_NAME,
	FIELD_TOPIC_NAME,
	FIELD_DUE_ANSWER,
	FIELD_NUMBER, /* by which customers name the case */
	/* Of mails alone: what is told, and where to rate it. */
	FIELD_NOTICE_TEXT,
	FIELD_RATING_LINK,
	FIELDS_NR,
};
extern const char *const desk_field_names[FIELDS_NR];

/* NULL: every {{name}} is a field. Else what is wrong, as a sentence in buf;
 * the name is in it where it looks like one. */
#define FIELD_FAULT_MAX 96
const char *template_fault(const char *text, char buf[FIELD_FAULT_MAX]);

enum template_lines {
	LINES_ALL,
	/* A line whose fields are all empty is left out: nobody reads a mail
	 * before it goes. */
	LINES_WITH_WORDS,
};
/* The text with its fields filled. missing_r: a bit for each that it has and
 * value has not ("" or NULL). The text has no fault. */
char *template_fill(struct arena *arena, const char *text,
		    const char *const value[FIELDS_NR],
		    enum template_lines lines, uint32_t *missing_r);
/* A day as people of that language write it; buf has 32 bytes. */
char *day_in_words(int32_t day, const char *lang, char buf[32]);

#endif
