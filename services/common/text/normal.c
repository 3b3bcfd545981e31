/* normal.c -- text_normalise, see normal.h; masks are in mask.c.
 *
 * Most characters of most texts (ASCII, Cyrillic, Han, emoji) fold to one
 * character or to themselves and join with nothing before them: these are
 * copied. What lies between them goes through ICU, together with the one before
 * it, which it may join. */
#include <stdbool.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "text/chars.h"
#include "text/normal.h"

/* ICU sorts marks by insertion: a run of thousands would take it seconds. What
 * stays is cut to TEXT_MARKS_MAX after folding. */
#define MARKS_TO_ICU 16

#define YO 0x451
#define YE 0x435
/* ICU would make "no101000" of an office's number: it never gets it, not even
 * with a mark behind it. */
#define NUMERO 0x2116

struct out {
	char *s;
	uint32_t *at; /* or NULL */
	size_t len, size;
	size_t chars;
	int marks; /* in a row */
	bool gap;  /* white space was seen since the last character */
};

struct walk {
	const UNormalizer2 *folded;
	struct arena *arena;
	const uint8_t *raw;
	int32_t len;
	struct out out;
};

int text_ready(struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;

	unorm2_getNFKCCasefoldInstance(&status);
	if (U_FAILURE(status))
		return error_set(err, "text: ICU has no data");
	return 0;
}

/* --- writing --- */

static void out_grow(struct walk *k, size_t more)
{
	struct out *o = &k->out;
	size_t size = 2 * (o->len + more);
	char *s;

	if (o->len + more <= o->size)
		return;
	s = arena_alloc(k->arena, size);
	memcpy(s, o->s, o->len);
	o->s = s;
	if (o->at != NULL) {
		uint32_t *at = arena_alloc(k->arena, size * sizeof(*at));

		memcpy(at, o->at, o->len * sizeof(*at));
		o->at = at;
	}
	o->size = size;
}

/* There is room for it. */
static inline void out_put(struct out *o, UChar32 c, size_t from)
{
	size_t was = o->len;

	o->len += char_put(o->s + o->len, (uint32_t)c);
	o->chars++;
	if (o->at != NULL)
		for (size_t i = was; i < o->len; i++)
			o->at[i] = (uint32_t)from;
}

static inline void out_char(struct out *o, UChar32 c, size_t from)
{
	if (o->gap && o->len > 0)
		out_put(o, ' ', from);
	o->gap = false;
	o->marks = 0;
	out_put(o, c, from);
}

static bool is_mark(UChar32 c)
{
	return c >= 0x300 && (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

static bool is_gap(UChar32 c)
{
	return c <= 0x20 || (c >= 0x7f && c <= 0xa0) ||
	       (c >= 0x1680 && u_isUWhiteSpace(c));
}

static UChar32 char_of(const UChar *u, int32_t i, int32_t n)
{
	UChar32 lead = u[i];

	if ((lead & 0xfc00) != 0xd800 || i + 1 >= n)
		return lead;
	return 0x10000 + ((lead & 0x3ff) << 10) + (u[i + 1] & 0x3ff);
}

/* What ICU has folded. */
static void out_folded(struct walk *k, const UChar *u, int32_t n, size_t from)
{
	struct out *o = &k->out;

	out_grow(k, 3 * (size_t)n + 4);
	for (int32_t i = 0; i < n;) {
		UChar32 c = char_of(u, i, n);

		i += c > 0xffff ? 2 : 1;
		if (is_gap(c)) {
			o->gap = true;
			o->marks = 0;
		} else if (!is_mark(c)) {
			UChar32 next = i < n ? char_of(u, i, n) : 0;

			/* With a mark more it would join that. */
			out_char(o, c == YO && !is_mark(next) ? YE : c, from);
		} else if (o->marks < TEXT_MARKS_MAX) {
			int marks = o->marks + 1;

			out_char(o, c, from);
			o->marks = marks;
		}
	}
}

/* --- reading --- */

/* What c becomes; 0: ICU has to say. Each has a boundary before it, for ICU: it
 * never joins what stands before. test_text_normal asks ICU of all of them. */
static inline UChar32 plain(UChar32 c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
	if (c < 0x400)
		return c == 0xab || c == 0xbb ? c : 0;
	if (c < 0x460)
		return c >= 0x430   ? (c == YO ? YE : c)
		       : c >= 0x410 ? c + 0x20
		       : c == 0x401 ? YE
				    : c + 0x50;
	if (c < 0x2010)
		return 0;
	if (c < 0x3400)
		return c == NUMERO || (c >= 0x2012 && c <= 0x2016) ||
				       (c >= 0x2018 && c <= 0x2023) ||
				       (c >= 0x2600 && c <= 0x27bf) ||
				       (c >= 0x3001 && c <= 0x3029) ||
				       (c >= 0x3041 && c <= 0x3096)
			       ? c
			       : 0;
	if (c < 0xa000)
		return c;
	if (c >= 0xff01 && c <= 0xff5e)
		return c >= 0xff21 && c <= 0xff3a ? c - 0xfee0 + 0x20
						  : c - 0xfee0;
	return (c >= 0x1f300 && c <= 0x1f64f) ||
			       (c >= 0x1f680 && c <= 0x1f6d7) ||
			       (c >= 0x1f900 && c <= 0x1f9ff)
		       ? c
		       : 0;
}

static inline bool is_ignored(UChar32 c)
{
	return c >= 0xad &&
	       u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* From `from`, a plain character or not, up to the next plain one. Returns
 * where that is. */
static int32_t fold_run(struct walk *k, int32_t from, bool after_plain)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar small[512], *u = small, folded_small[1024],
			  *folded = folded_small;
	int32_t end = from, n = 0, size, marks = 0, m;
	bool first = after_plain;

	/* one pass to measure, so that a run of any length fits */
	while (end < k->len) {
		int32_t next = end;
		UChar32 c;

		U8_NEXT_OR_FFFD(k->raw, next, k->len, c);
		if (!first && plain(c) != 0)
			break;
		first = false;
		end = next;
	}
	if (end - from > (int32_t)(sizeof(small) / sizeof(*small)))
		u = arena_alloc(k->arena, (size_t)(end - from) * sizeof(*u));
	for (int32_t i = from; i < end;) {
		UChar32 c;

		U8_NEXT_OR_FFFD(k->raw, i, end, c);
		if (is_ignored(c))
			continue;
		marks = is_mark(c) ? marks + 1 : 0;
		if (marks <= MARKS_TO_ICU)
			U16_APPEND_UNSAFE(u, n, c);
	}
	size = (int32_t)(sizeof(folded_small) / sizeof(*folded_small));
	m = unorm2_normalize(k->folded, u, n, folded, size, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		size = m;
		folded = arena_alloc(k->arena,
				     (size_t)(m + 1) * sizeof(*folded));
		status = U_ZERO_ERROR;
		m = unorm2_normalize(k->folded, u, n, folded, size, &status);
	}
	if (U_SUCCESS(status) || status == U_STRING_NOT_TERMINATED_WARNING)
		out_folded(k, folded, m, (size_t)from);
	return end;
}

static void walk(struct walk *k)
{
	struct out *o = &k->out;
	/* before the last plain character */
	size_t len = 0, chars = 0;
	bool gap = false;
	int32_t last = -1; /* where it stands; -1: none that is joined */

	for (int32_t i = 0; i < k->len;) {
		int32_t at = i;
		UChar32 c, p;

		U8_NEXT_OR_FFFD(k->raw, i, k->len, c);
		p = plain(c);
		if (p > 0x20 && p != 0x7f) {
			/* a character of n bytes becomes no longer than n, and
			 * a gap before it had a byte of its own */
			len = o->len;
			chars = o->chars;
			gap = o->gap;
			last = p == NUMERO ? -1 : at;
			out_char(o, p, (size_t)at);
		} else if (is_gap(c)) {
			o->gap = true;
			o->marks = 0;
			last = -1;
		} else if (c != 0x200d && c != 0xfe0f) { /* in emoji */
			if (last >= 0) {
				o->len = len;
				o->chars = chars;
				o->gap = gap;
			}
			i = fold_run(k, last >= 0 ? last : at, last >= 0);
			/* what is left, and a gap that is not written yet */
			out_grow(k, (size_t)(k->len - i) + 1);
			last = -1;
		}
	}
}

static struct text normalise(struct arena *arena, const char *raw, size_t len,
			     bool mapped)
{
	UErrorCode status = U_ZERO_ERROR;
	struct walk k = { .arena = arena, .raw = (const uint8_t *)raw };
	struct text t;

	if (len > TEXT_MAX_BYTES)
		len = TEXT_MAX_BYTES;
	k.len = (int32_t)len;
	k.folded = unorm2_getNFKCCasefoldInstance(&status);
	k.out.size = len + 1;
	k.out.s = arena_alloc(arena, k.out.size);
	if (mapped)
		k.out.at = arena_alloc(arena, k.out.size * sizeof(uint32_t));
	walk(&k);
	out_grow(&k, 1);
	k.out.s[k.out.len] = '\0';
	t = (struct text){ .s = k.out.s,
			   .len = k.out.len,
			   .chars = k.out.chars,
			   .at = k.out.at };
	return t;
}

struct text text_normalise(struct arena *arena, const char *raw, size_t len)
{
	return normalise(arena, raw, len, false);
}

struct text text_normalise_mapped(struct arena *arena, const char *raw,
				  size_t len)
{
	return normalise(arena, raw, len, true);
}
