/* watch.h -- watch rules: which mentions an organisation wants to see, as
 * boolean queries over a mention's text and fields. Thousands of them are asked
 * of a text at once, at about the price of one: every literal of every rule
 * stands in one hyperscan database, and only rules whose rarest part was found
 * are looked at (watch_set.c).
 *
 *	почта AND (очередь OR "нет окон") NOT вакансия
 *	посылк* NEAR/3 (потер* OR ~утратить) source:vk reach>1000
 *
 *	a b, a AND b   both; keywords are upper case, so that a word of any
 *	a OR b         language is never one; NOT binds before AND before OR
 *	a NOT b        only beside what a text must have
 *	"a b"          words side by side; * and ~ work inside
 *	a NEAR/5 b     at most 5 words apart, either first, 1 to 100; a and b
 *are words, phrases, or an OR of these in brackets почт* *bank c?t   any
 *letters, one letter, within a word of at most WATCH_WORD_MAX bytes; no ?
 *inside quotes ~word          by its stem (words.h) field:value    source lang
 *class sentiment topic unit author; whole values,
 *	               * in them is any text; in quotes if it has a space
 *	reach>1000     also >= < <= =
 *
 * Words are whole words after NFKC and case fold, ё as е; all but letters,
 * digits and marks parts them, so e-mail is the phrase "e mail". Where a
 * language has no spaces (Chinese, Japanese kana, Thai and its neighbours), and
 * for symbols such as emoji, a term is found as a part of the text, and each
 * character counts as a word for NEAR. */
#ifndef SUYUAN_WATCH_H
#define SUYUAN_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

/* Limits of one rule: what people write has tens of terms, what a list is
 * pasted from has hundreds; a rule beyond these is a mistake. */
#define WATCH_RULE_BYTES 65536
#define WATCH_TERMS_MAX 1000
#define WATCH_DEPTH_MAX 32
#define WATCH_PHRASE_MAX 500 /* bytes of one word, phrase or value, folded */
#define WATCH_NEAR_MAX 100
/* Limits of one text: bytes that are read of it; bytes of a word that wildcards
 * and stems look into; places a term that NEAR and watch_ranges() know (whether
 * it is there at all is always known); steps of all that happens on hits. */
#define WATCH_TEXT_BYTES (1 << 20)
#define WATCH_WORD_MAX 255
#define WATCH_PLACES_MAX 1000
#define WATCH_STEPS_MAX 4000000

enum watch_field {
	WATCH_SOURCE,
	WATCH_LANG,
	WATCH_CLASS,
	WATCH_SENTIMENT,
	WATCH_TOPIC,
	WATCH_UNIT,
	WATCH_AUTHOR,
	WATCH_VALUES_NR, /* above: values; below: a number */
	WATCH_REACH = WATCH_VALUES_NR,
	WATCH_FIELDS_NR
};

/* --- one rule --- */

/* What is wrong with a rule, and where: characters, not bytes, from 1. The text
 * says what was expected and holds nothing of the rule. */
struct watch_problem {
	size_t column;
	char text[240];
};

struct watch_tree;

/* Everything stays in the arena. -1: problem says why. */
int watch_parse(struct arena *arena, const char *rule, size_t len,
		const struct watch_tree **tree_r,
		struct watch_problem *problem);

/* The one way to write this rule; parsed again, it gives the same tree. */
const char *watch_print(const struct watch_tree *tree);

/* field:value as they stand in a rule, for a caller that knows which values
 * there are. */
struct watch_value {
	enum watch_field field;
	const char *value; /* folded; with * in it a pattern */
	size_t column;
};
struct watch_value_list {
	const struct watch_value *v;
	size_t n;
};
struct watch_value_list watch_values(const struct watch_tree *tree);

/* --- many rules --- */

struct watch_rule {
	const char *text;
	size_t len;
};

/* Immutable; any number of threads match with it, each with its scratch. */
struct watch_set;

/* Takes a second for ten thousand rules: for a thread of its own. Depends on
 * no global. -1: *failed_r says which rule (n: none in particular), problem
 * why. */
int watch_set_compile(struct watch_set **set_r, const struct watch_rule *rules,
		      size_t n, size_t *failed_r,
		      struct watch_problem *problem);
void watch_set_free(struct watch_set **set);         /* NULL does nothing */
size_t watch_set_bytes(const struct watch_set *set); /* of memory, about */

/* What one thread needs to match; belongs to one set, which must outlive it. */
struct watch_scratch;
int watch_scratch_open(struct watch_scratch **scratch_r,
		       const struct watch_set *set, struct error *err);
void watch_scratch_close(struct watch_scratch **scratch); /* NULL: nothing */

/* One mention. The text and the values of its fields are normalised (NFKC and
 * case fold), UTF-8; a field may have several values. */
struct watch_subject_value {
	enum watch_field field; /* not WATCH_REACH */
	const char *value;
};
struct watch_subject {
	const char *text;
	size_t len;
	const struct watch_subject_value *values;
	size_t values_nr;
	int64_t reach;
};

struct watch_hits {
	const uint32_t *rules; /* indexes of the compiled array, ascending */
	size_t n;
	/* The text was longer than WATCH_TEXT_BYTES, or took more than
	 * WATCH_STEPS_MAX: rules may be missing, those here are right. */
	bool cut;
};

/* The hits live in the scratch until it is used again. */
void watch_match(struct watch_scratch *scratch,
		 const struct watch_subject *subject,
		 struct watch_hits *hits_r);

/* Where the text has what a rule asks for: bytes of the subject's text, in
 * order, apart from one another. For a rule among the hits of the last
 * watch_match(), whose subject must still be there. A preview of one rule is a
 * set of one. */
struct watch_range {
	size_t begin, end;
};
struct watch_range_list {
	const struct watch_range *r;
	size_t n;
};
struct watch_range_list watch_ranges(struct watch_scratch *scratch,
				     struct arena *arena, uint32_t rule);

#endif
