/* watch_literal.c -- what of a term hyperscan looks for: of plain words and
 * values all of it, of others the longest that must be there. */
#include <string.h>

#include "text/watch_build.h"

static void literal_add(struct watch_literal *l, const char *s, size_t len)
{
	memcpy(l->s + l->len, s, len);
	l->len += len;
}

/* The longest run of a pattern, with the ends of the word that it has. */
static void literal_of_pattern(struct watch_literal *l, const char *s,
			       size_t len, const char *before,
			       const char *behind)
{
	size_t at = 0, run = 0;

	watch_longest(s, len, &at, &run);
	if (at == 0)
		literal_add(l, before, strlen(before));
	literal_add(l, s + at, run);
	if (at + run == len)
		literal_add(l, behind, strlen(behind));
}

/* What a stem and the words that have it begin with. Snowball's Russian only
 * cuts; its English also writes anew the last two letters (tie: tying). */
static void literal_of_stem(struct watch_literal *l, const char *s, size_t len)
{
	bool cyrillic = ((uint8_t)s[0] & 0xfc) == 0xd0;
	size_t end = cyrillic || len <= 2 ? len : len - 2;

	if (!cyrillic && len == 2)
		end = 1;
	while (end > 1 && end < len && (s[end] & 0xc0) == 0x80)
		end--;
	literal_add(l, " ", 1);
	literal_add(l, s, end);
}

static void literal_of_part(struct watch_literal *l,
			    const struct watch_part *part)
{
	switch (part->kind) {
	case WATCH_EXACT:
		if (!part->single)
			literal_add(l, " ", 1);
		literal_add(l, part->s, part->len);
		if (!part->single)
			literal_add(l, " ", 1);
		return;
	case WATCH_GLOB:
		literal_of_pattern(l, part->s, part->len, " ", " ");
		return;
	case WATCH_STEM:
		literal_of_stem(l, part->s, part->len);
		return;
	}
}

/* As it stands in a spaced text. */
static void literal_of_words(struct watch_literal *l,
			     const struct watch_term *term)
{
	for (uint32_t i = 0; i < term->parts_nr; i++) {
		const struct watch_part *part = &term->parts[i];

		if (i == 0 ? !part->single : !part->glued)
			literal_add(l, " ", 1);
		literal_add(l, part->s, part->len);
		if (i + 1 == term->parts_nr && !part->single)
			literal_add(l, " ", 1);
	}
}

static void literal_of_anchor(struct watch_literal *l, struct watch_term *term)
{
	struct watch_literal one;

	for (uint32_t i = 0; i < term->parts_nr; i++) {
		one.len = 0;
		literal_of_part(&one, &term->parts[i]);
		if (one.len > l->len) {
			*l = one;
			term->anchor = i;
		}
	}
}

/* Between the marks of its field. */
static void literal_of_value(struct watch_literal *l,
			     const struct watch_term *term)
{
	const char before[] = { WATCH_MARK,
				WATCH_LETTER((enum watch_field)term->field),
				'\0' };
	const char behind[] = { WATCH_MARK, '\0' };
	const struct watch_part *part = term->parts;

	if (part->kind == WATCH_GLOB) {
		literal_of_pattern(l, part->s, part->len, before, behind);
		return;
	}
	literal_add(l, before, 2);
	literal_add(l, part->s, part->len);
	literal_add(l, behind, 1);
}

void watch_literal_of(struct watch_literal *l, struct watch_term *term)
{
	l->len = 0;
	if (term->field != WATCH_NO_FIELD)
		literal_of_value(l, term);
	else if (term->exact)
		literal_of_words(l, term);
	else
		literal_of_anchor(l, term);
}
