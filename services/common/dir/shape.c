/* shape.c -- fields that several sorts of the directory's records have: well
 * formed, and in one normal form. */
#include <string.h>

#include "bus/grant.h"
#include "dir/shape.h"
#include "timeutil.h"

static const char *const languages[] = { "ru", "zh", "en" };
#define LANGUAGES_NR (sizeof(languages) / sizeof(languages[0]))

#define CODE_TEXT                                                              \
	"must be 1 to 63 of a-z, 0-9, '_', '.', '-' and begin with a letter "  \
	"or digit"

int shape_refuse(struct shape_fault *r, const char *field, const char *text)
{
	r->field = field;
	r->text = text;
	return -1;
}

bool shape_code_valid(const char *code)
{
	size_t len = strlen(code);

	return len >= 1 && len < GRANT_CODE_MAX && code[0] != '_' &&
	       code[0] != '.' && code[0] != '-' &&
	       strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == len;
}

/* Where a language stands among ours; LANGUAGES_NR: it is none of them. */
static size_t language_at(const char *lang)
{
	size_t l = 0;

	while (l < LANGUAGES_NR && strcmp(lang, languages[l]) != 0)
		l++;
	return l;
}

bool shape_lang_valid(const char *lang)
{
	return language_at(lang) < LANGUAGES_NR;
}

int shape_code(struct shape_fault *r, const char *field, const char *code)
{
	return shape_code_valid(code) ? 0 : shape_refuse(r, field, CODE_TEXT);
}

int shape_code_or_empty(struct shape_fault *r, const char *field,
			const char *code)
{
	return code[0] ? shape_code(r, field, code) : 0;
}

int shape_days(struct shape_fault *r, const char *from_field,
	       const char *to_field, int32_t from_day, int32_t to_day)
{
	if (from_day < 0 || from_day >= TIME_DAY_MAX)
		return shape_refuse(r, from_field,
				    "must be from 1970-01-01 to 2199-12-31");
	if (to_day < 0 || to_day > TIME_DAY_MAX)
		return shape_refuse(r, to_field,
				    "must be from 1970-01-01 to 2200-01-01");
	if (to_day && to_day <= from_day)
		return shape_refuse(r, to_field,
				    "must be after valid_from_day");
	return 0;
}

int shape_text(struct shape_fault *r, const char *field, const char *text,
	       size_t max)
{
	size_t chars = 0;

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return shape_refuse(r, field,
					    "holds a control character");
		chars += ((unsigned char)*p & 0xc0) != 0x80;
	}
	if (chars == 0)
		return shape_refuse(r, field, "is empty");
	if (chars > max)
		return shape_refuse(r, field,
				    max == SHAPE_NAME_CHARS
					    ? "is longer than 200 characters"
					    : "is longer than 1000 characters");
	return 0;
}

int shape_texts(struct arena *arena, struct shape_fault *r, const char *field,
		Sy__V1__Label *const *names, size_t n, size_t max,
		Sy__V1__Label ***names_r, size_t *n_r)
{
	const Sy__V1__Label *by_language[LANGUAGES_NR] = { 0 };

	for (size_t i = 0; i < n; i++) {
		size_t l = language_at(names[i]->lang);

		if (l == LANGUAGES_NR)
			return shape_refuse(r, field,
					    "language must be ru, zh or en");
		if (by_language[l])
			return shape_refuse(r, field, "has a language twice");
		if (shape_text(r, field, names[i]->text, max) < 0)
			return -1;
		by_language[l] = names[i];
	}
	*names_r = arena_alloc(arena, LANGUAGES_NR * sizeof(**names_r));
	*n_r = 0;
	for (size_t l = 0; l < LANGUAGES_NR; l++) {
		Sy__V1__Label *label;

		if (!by_language[l])
			continue;
		label = arena_alloc(arena, sizeof(*label));
		sy__v1__label__init(label);
		label->lang = arena_strdup(arena, languages[l]);
		label->text = arena_strdup(arena, by_language[l]->text);
		(*names_r)[(*n_r)++] = label;
	}
	return 0;
}

int shape_names(struct arena *arena, struct shape_fault *r, const char *field,
		Sy__V1__Label *const *names, size_t n, Sy__V1__Label ***names_r,
		size_t *n_r)
{
	return shape_texts(arena, r, field, names, n, SHAPE_NAME_CHARS, names_r,
			   n_r);
}
