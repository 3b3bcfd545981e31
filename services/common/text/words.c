/* words.c -- words of a text and of a question, see words.h. */
#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>
#include <unicode/ubrk.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "text/words.h"

struct words {
	UBreakIterator *breaks;
	const UNormalizer2 *folded;
	struct sb_stemmer *russian, *english;
};

/* One text on its way. */
struct walk {
	struct words *w;
	struct arena *arena;
	const UChar *u;
	int32_t n;        /* of u */
	size_t *bytes_at; /* of each unit of u in the text, n + 1 */
};

int words_open(struct words **w_r, struct error *err)
{
	struct words *w = calloc(1, sizeof(*w));
	UErrorCode status = U_ZERO_ERROR;

	*w_r = NULL;
	if (w == NULL)
		return error_set(err, "words: no memory");
	w->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
	w->folded = unorm2_getNFKCCasefoldInstance(&status);
	w->russian = sb_stemmer_new("russian", "UTF_8");
	w->english = sb_stemmer_new("english", "UTF_8");
	if (U_FAILURE(status) || w->russian == NULL || w->english == NULL) {
		words_close(&w);
		return error_set(err, "words: ICU or Snowball has no data");
	}
	*w_r = w;
	return 0;
}

void words_close(struct words **w_p)
{
	struct words *w = w_p != NULL ? *w_p : NULL;

	if (w == NULL)
		return;
	*w_p = NULL;
	if (w->breaks != NULL)
		ubrk_close(w->breaks);
	if (w->russian != NULL)
		sb_stemmer_delete(w->russian);
	if (w->english != NULL)
		sb_stemmer_delete(w->english);
	free(w);
}

/* --- the text in UTF-16 --- */

static UChar32 char_at(const struct walk *k, int32_t at)
{
	UChar32 lead = k->u[at];

	if ((lead & 0xfc00) != 0xd800 || at + 1 >= k->n)
		return lead;
	return 0x10000 + ((lead & 0x3ff) << 10) + (k->u[at + 1] & 0x3ff);
}

static int32_t char_end(const struct walk *k, int32_t at)
{
	return at + (char_at(k, at) > 0xffff ? 2 : 1);
}

static size_t bytes_of(UChar32 c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* False: not UTF-8, or nothing. */
static bool walk_open(struct walk *k, struct words *w, struct arena *arena,
		      const char *text)
{
	int32_t len = (int32_t)strlen(text);
	UErrorCode status = U_ZERO_ERROR;
	UChar *u = arena_alloc(arena, (size_t)(len + 1) * sizeof(*u));
	size_t bytes = 0;

	*k = (struct walk){ .w = w, .arena = arena, .u = u };
	u_strFromUTF8(u, len + 1, &k->n, text, len, &status);
	if (U_FAILURE(status))
		return false;
	k->bytes_at = arena_alloc(arena, (size_t)(k->n + 1) * sizeof(size_t));
	for (int32_t at = 0; at < k->n;) {
		int32_t end = char_end(k, at);
		size_t next = bytes + bytes_of(char_at(k, at));

		while (at < end)
			k->bytes_at[at++] = bytes;
		bytes = next;
	}
	k->bytes_at[k->n] = bytes;
	ubrk_setText(w->breaks, u, k->n, &status);
	return k->n > 0 && U_SUCCESS(status);
}

static UScriptCode script_at(const struct walk *k, int32_t at)
{
	UErrorCode status = U_ZERO_ERROR;

	return uscript_getScript(char_at(k, at), &status);
}

/* --- one word --- */

enum { FOLDED_UNITS = LEXEME_MAX_BYTES };
struct folded {
	char text[3 * FOLDED_UNITS + 1];
};

/* In UTF-8, folded, cut. False: nothing is left of it. */
static bool fold(const struct walk *k, int32_t from, int32_t to,
		 struct folded *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar folded[FOLDED_UNITS];
	int32_t n, len = 0, max = to - from;

	/* a cut between the halves of a character makes no word */
	if (max > FOLDED_UNITS / 2)
		max = char_at(k, from + FOLDED_UNITS / 2 - 1) > 0xffff
			      ? FOLDED_UNITS / 2 - 1
			      : FOLDED_UNITS / 2;
	n = unorm2_normalize(k->w->folded, k->u + from, max, folded,
			     FOLDED_UNITS, &status);
	if (U_FAILURE(status) || n == 0)
		return false;
	/* Russian is typed with and without the dots. */
	for (int32_t i = 0; i < n; i++)
		if (folded[i] == 0x0451)
			folded[i] = 0x0435;
	u_strToUTF8(out->text, 3 * FOLDED_UNITS, &len, folded, n, &status);
	out->text[len] = '\0';
	return U_SUCCESS(status) && len > 0;
}

static struct sb_stemmer *stemmer_of(const struct words *w, UScriptCode script)
{
	return script == USCRIPT_CYRILLIC ? w->russian
	       : script == USCRIPT_LATIN  ? w->english
					  : NULL;
}

/* Good until the next one. */
static const char *stem(const struct walk *k, UScriptCode script,
			const char *word)
{
	struct sb_stemmer *by = stemmer_of(k->w, script);
	const sb_symbol *stemmed;

	if (by == NULL)
		return word;
	stemmed =
		sb_stemmer_stem(by, (const sb_symbol *)word, (int)strlen(word));
	return stemmed == NULL || stemmed[0] == '\0' ? word
						     : (const char *)stemmed;
}

const char *words_stem(struct words *w, const char *word, size_t len,
		       size_t *len_r)
{
	const uint8_t *bytes = (const uint8_t *)word;
	UErrorCode status = U_ZERO_ERROR;
	struct sb_stemmer *by;
	const sb_symbol *stemmed;
	int32_t at = 0, first;

	*len_r = len;
	if (len == 0 || len > LEXEME_MAX_BYTES)
		return word;
	U8_NEXT(bytes, at, (int32_t)len, first);
	by = first < 0 ? NULL
		       : stemmer_of(w, uscript_getScript(first, &status));
	stemmed = by == NULL ? NULL : sb_stemmer_stem(by, bytes, (int)len);
	if (stemmed == NULL || stemmed[0] == '\0')
		return word;
	*len_r = (size_t)sb_stemmer_length(by);
	return (const char *)stemmed;
}

static const char *lexeme(const struct walk *k, int32_t from, int32_t to)
{
	struct folded word;

	if (!fold(k, from, to, &word))
		return NULL;
	return arena_strdup(k->arena, stem(k, script_at(k, from), word.text));
}

/* The next word; false: no more. */
static bool walk_next(const struct walk *k, int32_t *from_r, int32_t *to_r)
{
	int32_t from, to;

	for (;;) {
		from = ubrk_current(k->w->breaks);
		to = ubrk_next(k->w->breaks);
		if (to == UBRK_DONE)
			return false;
		if (ubrk_getRuleStatus(k->w->breaks) >= UBRK_WORD_NONE_LIMIT)
			break;
	}
	*from_r = from;
	*to_r = to;
	return true;
}

/* --- a text --- */

struct filling {
	struct word_list list;
	size_t size;
	int position;
	int32_t han_end; /* where the last Han character ended, -1: none */
	int32_t han_begin;
};

static void add(const struct walk *k, struct filling *f, int32_t from,
		int32_t to, int position, bool han)
{
	const char *text = lexeme(k, from, to);

	if (text == NULL)
		return;
	if (f->list.n == f->size) {
		size_t size = f->size == 0 ? 64 : 2 * f->size;
		struct word *w = arena_alloc(k->arena, size * sizeof(*w));

		if (f->list.n > 0)
			memcpy(w, f->list.w, f->list.n * sizeof(*w));
		f->list.w = w;
		f->size = size;
	}
	f->list.w[f->list.n++] = (struct word){
		.lexeme = text,
		.begin = k->bytes_at[from],
		.end = k->bytes_at[to],
		.position = position,
		.han = han,
	};
}

static void add_han(const struct walk *k, struct filling *f, int32_t from,
		    int32_t to, int max)
{
	for (int32_t end; from < to && f->position < max; from = end) {
		end = char_end(k, from);
		if (f->han_end == from)
			add(k, f, f->han_begin, end, f->position - 1, true);
		add(k, f, from, end, f->position++, true);
		f->han_begin = from;
		f->han_end = end;
	}
}

struct word_list words_of_text(struct words *w, struct arena *arena,
			       const char *text, int max)
{
	struct filling f = { .han_end = -1 };
	struct walk k;
	int32_t from, to;

	if (!walk_open(&k, w, arena, text))
		return f.list;
	while (f.position < max && walk_next(&k, &from, &to)) {
		if (script_at(&k, from) == USCRIPT_HAN)
			add_han(&k, &f, from, to, max);
		else
			add(&k, &f, from, to, f.position++, false);
	}
	return f.list;
}

/* --- a question --- */

/* A Han word of one character stands for itself, a longer one for its pairs. */
static void term_fill(const struct walk *k, struct term *t, int32_t from,
		      int32_t to)
{
	const char **lexemes =
		arena_alloc(k->arena, (size_t)(to - from) * sizeof(*lexemes));
	int32_t next = char_end(k, from);

	t->lexemes = lexemes;
	t->begin = k->bytes_at[from];
	t->end = k->bytes_at[to];
	t->han = script_at(k, from) == USCRIPT_HAN;
	if (!t->han || next >= to) {
		lexemes[0] = lexeme(k, from, to);
		t->n = lexemes[0] != NULL;
		return;
	}
	while (next < to) {
		int32_t end = char_end(k, next);

		lexemes[t->n] = lexeme(k, from, end);
		t->n += lexemes[t->n] != NULL;
		from = next;
		next = end;
	}
}

struct term_list words_of_question(struct words *w, struct arena *arena,
				   const char *text, int max)
{
	struct term_list list = { 0 };
	struct walk k;
	int32_t from, to;

	if (!walk_open(&k, w, arena, text))
		return list;
	list.t = arena_alloc(arena, (size_t)max * sizeof(list.t[0]));
	while (list.n < (size_t)max && walk_next(&k, &from, &to)) {
		term_fill(&k, &list.t[list.n], from, to);
		list.n += list.t[list.n].n > 0;
	}
	return list;
}
