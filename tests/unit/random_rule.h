/* random_rule.h -- random watch rules and texts for test_watch_properties.c: a
 * rule in a form of its own, written as a person might, and a text cut into
 * words by ICU's properties. */
#ifndef SUYUAN_RANDOM_RULE_H
#define SUYUAN_RANDOM_RULE_H

#include <stdbool.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "text/normal.h"
#include "text/watch.h"

static uint64_t state;
static struct arena arena; /* of one set */

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

#define ANY(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

/* --- what is said --- */

static const char *const vocabulary[] = {
	"почта",        "почты",    "Почтой",  "почтальон", "посылка",
	"посылки",      "ПОСЫЛКУ",  "ещё",     "еще",       "очередь",
	"нет",          "не",       "окон",    "окно",      "утеря",
	"утеряли",      "и",        "И",       "post",      "posts",
	"Posted",       "parcel",   "parcels", "lost",      "dying",
	"die",          "relation", "relate",  "office",    "ofice",
	"and",          "or",       "near",    "cat",       "cut",
	"coat",         "快",       "递",      "快递",      "很快",
	"好吃",         "不",       "送",      "送餐",      "餐",
	"递快",         "😡",        "😀",       "7",         "2026",
	"s10",          "№5",       "naïve",   "ＡＢＣ",    "é",
	"cafe\xcc\x81", "ёлка",     "ЁЛКИ",    "елка",      "банк",
};
static const char *const gaps[] = { " ",  " ",  " ", ", ", ". ", "-",
				    "  ", "\n", "",  "! ", "'",  " — " };

static char *say(uint32_t n)
{
	char *text = arena_strdup(&arena, "");

	for (uint32_t i = 0; i < n; i++)
		text = arena_printf(&arena, "%s%s%s", text, ANY(vocabulary),
				    ANY(gaps));
	return text;
}

/* --- a text as words, and a field as its value --- */

struct token {
	const char *s;
	size_t begin, end;
	bool single, glued;
};
struct tokens {
	struct token *t;
	size_t n;
};

static int class_of(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode script = uscript_getScript(c, &status);
	int8_t type = u_charType(c);

	if (script == USCRIPT_HAN || type == U_OTHER_SYMBOL)
		return 2;
	return u_isalnum(c) || type == U_NON_SPACING_MARK;
}

static void cut(struct tokens *out, const char *s, size_t len, const char *more)
{
	int before = 0, class;

	out->n = 0;
	out->t = arena_alloc(&arena, (len + 1) * sizeof(*out->t));
	for (int32_t at = 0, next; at < (int32_t)len; at = next) {
		UChar32 c;

		next = at;
		U8_NEXT((const uint8_t *)s, next, (int32_t)len, c);
		class = c < 0x80 && strchr(more, c) ? 1 : class_of(c);
		if (class == 2 || (class == 1 && before != 1))
			out->t[out->n++] = (struct token){
				.begin = (size_t)at,
				.single = class == 2,
				.glued = class == 2 && before == 2,
			};
		if (class != 0)
			out->t[out->n - 1].end = (size_t)next;
		before = class;
	}
	for (size_t i = 0; i < out->n; i++) {
		size_t n = out->t[i].end - out->t[i].begin;
		char *copy = arena_memdup(&arena, s + out->t[i].begin, n + 1);

		copy[n] = '\0';
		out->t[i].s = copy;
	}
}

/* --- rules --- */

enum kind { AND, OR, NOT, NEAR, TERM, FIELD, REACH };

struct rule {
	enum kind kind;
	struct rule *child[4];
	size_t nr;
	unsigned n;           /* of NEAR; of reach */
	const char *text;     /* as it is written */
	struct tokens *asked; /* of a term, with * ? ~ */
	const char *value;
};

static const char *const patterns[] = {
	"почт*", "*лка", "*сыл*", "c?t", "po*t*", "c*t",  "пос?лк?",
	"?очта", "*ed",  "ок*",   "*te", "о??но", "c??t", "e*e",
};
static const char *const stems[] = { "~почтой", "~посылок", "~relations",
				     "~dies",   "~posting", "~ёлкой",
				     "~parcel", "~окна" };
static const char *const phrases[] = {
	"\"нет окон\"",  "\"почт* не\"",    "\"~посылка утеряли\"",
	"\"快递 很快\"", "\"post office\"", "快递",
	"\"not and\"",   "递快递",          "\"快 递\"",
	"почта-окно",    "\"送餐 post\"",   "\"й 😡\"",
};
static const char *const fields[] = {
	"source:vk",
	"source:v*",
	"lang:RU",
	"topic:delivery",
	"topic:\"lost goods\"",
	"unit:644*",
	"author:*bot",
	"author:\"a \\\"b\\\"\"",
	"class:claim",
	"sentiment:neg*ive",
	"unit:644099",
};

static void make_term(struct rule *r)
{
	const char *plain;
	char *bare, *to;

	switch (below(8)) {
	case 0:
	case 1:
		r->text = ANY(patterns);
		break;
	case 2:
		r->text = ANY(stems);
		break;
	case 3:
		r->text = ANY(phrases);
		break;
	case 4:
		r->text = arena_printf(&arena, "\"%s %s\"", ANY(vocabulary),
				       ANY(vocabulary));
		break;
	default:
		r->text = ANY(vocabulary);
	}
	/* without quotes, folded */
	plain = text_normalise(&arena, r->text, strlen(r->text)).s;
	bare = to = arena_strdup(&arena, plain);
	for (; *plain; plain++)
		if (*plain != '"')
			*to++ = *plain;
	*to = '\0';
	r->asked = arena_alloc(&arena, sizeof(*r->asked));
	cut(r->asked, bare, strlen(bare), "*?~");
}

static void make_field(struct rule *r)
{
	const char *value;
	char *to;

	r->text = ANY(fields);
	value = strchr(r->text, ':') + 1;
	value = text_normalise(&arena, value, strlen(value)).s;
	r->value = to = arena_strdup(&arena, value);
	if (*value == '"') {
		for (value++; value[1] != '\0'; value++)
			if (*value != '\\')
				*to++ = *value;
		*to = '\0';
	}
}

static struct rule *make(unsigned depth)
{
	static const char *const signs[] = { ">", ">=", "<", "<=", "=" };
	struct rule *r = arena_alloc(&arena, sizeof(*r));
	uint32_t what = below(depth == 0 ? 10 : 22);

	if (what < 8) {
		r->kind = TERM;
		make_term(r);
	} else if (what == 8) {
		r->kind = FIELD;
		make_field(r);
	} else if (what == 9) {
		r->kind = REACH;
		r->n = below(30);
		r->text = ANY(signs);
	} else if (what < 12) {
		r->kind = NEAR;
		r->n = 1 + below(6);
		for (r->nr = 0; r->nr < 2; r->nr++) {
			struct rule *side = arena_alloc(&arena, sizeof(*side));

			r->child[r->nr] = side;
			side->kind = below(3) > 0 ? TERM : OR;
			if (side->kind == TERM)
				make_term(side);
			for (; side->kind == OR && side->nr < 3; side->nr++) {
				side->child[side->nr] =
					arena_alloc(&arena, sizeof(*side));
				side->child[side->nr]->kind = TERM;
				make_term(side->child[side->nr]);
			}
		}
	} else if (what < 14) {
		r->kind = NOT;
		r->child[r->nr++] = make(depth - 1);
	} else {
		r->kind = what < 18 ? AND : OR;
		for (uint32_t n = 2 + below(3); r->nr < n; r->nr++)
			r->child[r->nr] = make(depth - 1);
	}
	return r;
}

/* With more brackets than needed, and ANDs left out here and there. */
static const char *write_rule(const struct rule *r)
{
	char *out;

	switch (r->kind) {
	case TERM:
	case FIELD:
		return r->text;
	case REACH:
		return arena_printf(&arena, "reach%s%u", r->text, r->n);
	case NOT:
		return arena_printf(&arena, "NOT (%s)",
				    write_rule(r->child[0]));
	case NEAR:
		return arena_printf(&arena, "(%s) NEAR/%u (%s)",
				    write_rule(r->child[0]), r->n,
				    write_rule(r->child[1]));
	case AND:
	case OR:
		break;
	}
	out = arena_printf(&arena, "(%s)", write_rule(r->child[0]));
	for (size_t i = 1; i < r->nr; i++)
		out = arena_printf(&arena, "%s%s(%s)", out,
				   r->kind == OR ? " OR "
				   : below(2)    ? " AND "
						 : " ",
				   write_rule(r->child[i]));
	return out;
}

#endif
