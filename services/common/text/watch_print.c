/* watch_print.c -- a rule's tree as text, and what a tree says of itself. */
#include <string.h>

#include <unicode/uchar.h>

#include "text/watch_internal.h"

/* Counts only while s is NULL. */
struct writer {
	char *s;
	size_t len;
};

static void put(struct writer *w, const char *s, size_t len)
{
	if (w->s != NULL)
		memcpy(w->s + w->len, s, len);
	w->len += len;
}

static void put_string(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void put_number(struct writer *w, int64_t n)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	put(w, digits + at, sizeof(digits) - at);
}

/* Words apart, characters that were side by side together. */
static void put_term(struct writer *w, const struct watch_node *node)
{
	bool quotes = false;

	for (size_t i = 1; i < node->parts_nr; i++)
		quotes = quotes || !node->parts[i].glued;
	if (quotes)
		put(w, "\"", 1);
	for (size_t i = 0; i < node->parts_nr; i++) {
		const struct watch_part *part = &node->parts[i];

		if (i > 0 && !part->glued)
			put(w, " ", 1);
		if (part->kind == WATCH_STEM)
			put(w, "~", 1);
		put(w, part->s, part->len);
	}
	if (quotes)
		put(w, "\"", 1);
}

static bool bare_value(const char *s)
{
	size_t at = 0, len = strlen(s);
	int32_t c;

	while (at < len) {
		c = watch_char(s, len, &at);
		if (!u_isalnum(c) &&
		    (c >= 0x80 || strchr("*@#._-/+&%", c) == NULL))
			return false;
	}
	return true;
}

static void put_value(struct writer *w, const char *s)
{
	if (bare_value(s)) {
		put_string(w, s);
		return;
	}
	put(w, "\"", 1);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			put(w, "\\", 1);
		put(w, s, 1);
	}
	put(w, "\"", 1);
}

/* How tightly it binds: what is looser than what holds it needs brackets. */
static int tightness(enum watch_op op)
{
	switch (op) {
	case WATCH_OR:
		return 0;
	case WATCH_AND:
		return 1;
	case WATCH_NOT:
		return 2;
	case WATCH_NEAR:
		return 3;
	case WATCH_TERM:
	case WATCH_FIELD:
	case WATCH_NUMBER:
		break;
	}
	return 4;
}

static void put_node(struct writer *w, const struct watch_node *node);

static void put_child(struct writer *w, const struct watch_node *node,
		      const struct watch_node *child)
{
	bool brackets = tightness(child->op) < tightness(node->op);

	if (brackets)
		put(w, "(", 1);
	put_node(w, child);
	if (brackets)
		put(w, ")", 1);
}

static void put_children(struct writer *w, const struct watch_node *node)
{
	for (const struct watch_node *c = node->child; c; c = c->next) {
		put_child(w, node, c);
		if (c->next == NULL)
			break;
		put_string(w, node->op == WATCH_AND  ? " AND "
			      : node->op == WATCH_OR ? " OR "
						     : " NEAR/");
		if (node->op == WATCH_NEAR) {
			put_number(w, node->number);
			put(w, " ", 1);
		}
	}
}

static void put_node(struct writer *w, const struct watch_node *node)
{
	switch (node->op) {
	case WATCH_AND:
	case WATCH_OR:
	case WATCH_NEAR:
		put_children(w, node);
		return;
	case WATCH_NOT:
		put_string(w, "NOT ");
		put_child(w, node, node->child);
		return;
	case WATCH_TERM:
		put_term(w, node);
		return;
	case WATCH_FIELD:
		put_string(w, watch_field_names[node->field]);
		put(w, ":", 1);
		put_value(w, node->value);
		return;
	case WATCH_NUMBER:
		put_string(w, watch_field_names[node->field]);
		put_string(w, watch_compare_signs[node->compare]);
		put_number(w, node->number);
		return;
	}
}

char *watch_print_node(struct arena *arena, const struct watch_node *node,
		       size_t *len_r)
{
	struct writer count = { 0 }, w = { 0 };

	put_node(&count, node);
	w.s = arena_alloc(arena, count.len + 1);
	put_node(&w, node);
	*len_r = w.len;
	return w.s;
}

void watch_bounds(const struct watch_node *number, int64_t *least_r,
		  int64_t *most_r)
{
	*least_r = INT64_MIN;
	*most_r = INT64_MAX;
	switch (number->compare) {
	case WATCH_GT:
		*least_r = number->number + 1;
		return;
	case WATCH_GE:
		*least_r = number->number;
		return;
	case WATCH_LT:
		*most_r = number->number - 1;
		return;
	case WATCH_LE:
		*most_r = number->number;
		return;
	case WATCH_EQ:
		*least_r = *most_r = number->number;
		return;
	}
}

static bool says_nothing(const struct watch_node *number)
{
	int64_t least, most;

	watch_bounds(number, &least, &most);
	return least <= 0 && most == INT64_MAX;
}

/* Under an odd number of NOTs, an AND is an OR of what is not there. */
static const struct watch_node *unguarded(const struct watch_node *node,
					  const struct watch_node *negated)
{
	const struct watch_node *first = NULL, *bare;

	switch (node->op) {
	case WATCH_TERM:
	case WATCH_FIELD:
	case WATCH_NEAR:
		return negated;
	case WATCH_NUMBER:
		return negated != NULL      ? negated
		       : says_nothing(node) ? node
					    : NULL;
	case WATCH_NOT:
		return unguarded(node->child, negated != NULL ? NULL : node);
	case WATCH_AND:
	case WATCH_OR:
		break;
	}
	for (const struct watch_node *c = node->child; c; c = c->next) {
		bare = unguarded(c, negated);
		if ((node->op == WATCH_AND) == (negated == NULL)) {
			if (bare == NULL)
				return NULL;
		} else if (bare != NULL) {
			return bare;
		}
		first = first != NULL ? first : bare;
	}
	return first;
}

const struct watch_node *watch_unguarded(const struct watch_node *node)
{
	return unguarded(node, NULL);
}
