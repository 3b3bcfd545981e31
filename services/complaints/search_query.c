/* search_query.c -- what somebody types, as a question to the index.
 *
 *	lost parcel        both, in any form
 *	"lost parcel"      side by side
 *	-rude              without
 *	parc               the last word may go on: parcel, parcels
 *	AB-123             what hangs together without a space, side by side
 */
#include <stdio.h>
#include <string.h>

#include "complaints.h"
#include "search.h"

/* Limits of tsvector are 16,383 positions and 1 MiB; this is well below. What a
 * case says beyond that is not found. */
#define POSITIONS_MAX 16000
#define VECTOR_MAX_BYTES ((size_t)512 * 1024)

/* Fewer letters begin half of all words. */
#define PREFIX_MIN_LETTERS 3

void buf_add(struct text_buf *b, const char *text, size_t len)
{
	if (b->size < b->len + len + 1) {
		size_t size = 2 * (b->len + len) + 256;
		char *grown = arena_alloc(b->arena, size);

		if (b->len > 0)
			memcpy(grown, b->text, b->len);
		b->text = grown;
		b->size = size;
	}
	memcpy(b->text + b->len, text, len);
	b->len += len;
	b->text[b->len] = '\0';
}

void buf_add_text(struct text_buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_add_lexeme(struct text_buf *b, const char *lexeme)
{
	buf_add(b, "'", 1);
	for (const char *p = lexeme; *p != '\0'; p++) {
		if (*p == '\'' || *p == '\\')
			buf_add(b, p, 1);
		buf_add(b, p, 1);
	}
	buf_add(b, "'", 1);
}

bool buf_add_words(struct text_buf *b, struct words *w, const char *text,
		   int *position)
{
	struct word_list list =
		words_of_text(w, b->arena, text, POSITIONS_MAX - *position);
	int last = *position;
	char place[16];

	for (size_t k = 0; k < list.n; k++) {
		if (b->len > VECTOR_MAX_BYTES)
			return false;
		last = *position + list.w[k].position;
		snprintf(place, sizeof(place), ":%d ", last + 1);
		buf_add_lexeme(b, list.w[k].lexeme);
		buf_add_text(b, place);
	}
	/* a phrase does not go on in the next text */
	*position = last + 3;
	return *position < POSITIONS_MAX;
}

/* --- one term --- */

/* Pairs of a Chinese word overlap. */
static void add_term(struct text_buf *b, const struct term *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			buf_add_text(b, " <-> ");
		buf_add_lexeme(b, t->lexemes[i]);
	}
}

static int letters(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* From the last lexeme of a term to the first of the next one. */
static const char *distance_after(const struct term *t)
{
	return t->han && letters(t->lexemes[t->n - 1]) > 1 ? " <2> " : " <-> ";
}

static void add_terms(struct text_buf *b, const struct term_list *list,
		      bool side_by_side)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_add_text(b, side_by_side ? distance_after(
							       &list->t[i - 1])
						     : ") & (");
		add_term(b, &list->t[i]);
	}
}

static bool may_go_on(const struct term *t)
{
	return !t->han && letters(t->lexemes[0]) >= PREFIX_MIN_LETTERS;
}

/* --- the question --- */

struct piece {
	const char *begin, *end; /* without quotes and minus */
	bool without, quoted;
};

/* False: no more. */
static bool next_piece(const char **at, struct piece *p)
{
	const char *s = *at + strspn(*at, " \t\r\n");

	*p = (struct piece){ 0 };
	if (*s == '\0')
		return false;
	p->without = *s == '-' && s[1] != '\0' && s[1] != ' ';
	s += p->without;
	p->quoted = *s == '"';
	if (p->quoted) {
		p->begin = ++s;
		s += strcspn(s, "\"");
		p->end = s;
		s += *s == '"';
	} else {
		p->begin = s;
		s += strcspn(s, " \t\r\n\"");
		p->end = s;
	}
	*at = s;
	return true;
}

static bool all_letters(const struct term_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->t[i].han)
			return false;
	return true;
}

static void keep_hits(struct question *q, const struct term_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (q->hits.n < QUESTION_WORDS_MAX)
			q->hits.t[q->hits.n++] = list->t[i];
}

const char *question_read(struct words *w, struct arena *arena,
			  const char *text, struct question *q_r)
{
	struct text_buf out = { .arena = arena };
	const char *at = text;
	struct piece p;
	int left = QUESTION_WORDS_MAX;

	*q_r = (struct question){ 0 };
	q_r->hits.t =
		arena_alloc(arena, QUESTION_WORDS_MAX * sizeof(q_r->hits.t[0]));
	if (strlen(text) > QUESTION_MAX_BYTES)
		return "is longer than 1000 bytes";
	while (left > 0 && next_piece(&at, &p)) {
		const char *part = arena_printf(
			arena, "%.*s", (int)(p.end - p.begin), p.begin);
		struct term_list list = words_of_question(w, arena, part, left);

		if (list.n == 0)
			continue;
		left -= (int)list.n;
		buf_add_text(&out, out.len == 0 ? "" : " & ");
		buf_add_text(&out, p.without ? "!((" : "((");
		add_terms(&out, &list, p.quoted || all_letters(&list));
		if (!p.without)
			keep_hits(q_r, &list);
		if (*at == '\0' && !p.quoted && !p.without &&
		    may_go_on(&list.t[list.n - 1])) {
			buf_add_text(&out, ":*");
			q_r->last_is_prefix = true;
		}
		buf_add_text(&out, "))");
	}
	if (q_r->hits.n == 0)
		return "has no word that could be found";
	q_r->tsquery = out.text;
	return NULL;
}
