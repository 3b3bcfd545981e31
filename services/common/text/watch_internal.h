/* watch_internal.h -- what the parts of watch.h share: a rule as a tree, a text
 * as words between spaces, a set as hyperscan and the matcher read it. */
#ifndef SUYUAN_WATCH_INTERNAL_H
#define SUYUAN_WATCH_INTERNAL_H

#include <hs/hs.h>

#include "text/watch.h"
#include "text/words.h"

/* --- a text as words between spaces (watch_space.c) --- */

enum watch_token_kind {
	WATCH_WORD,
	WATCH_SINGLE, /* a character that is a word by itself */
	WATCH_VALUE,  /* of a field */
};
struct watch_token {
	uint32_t at, len; /* bytes of the spaced text */
	uint32_t from;    /* byte of the text it was made of */
	enum watch_token_kind kind;
	bool glued; /* a single one right behind another */
};
/* " word word 汉字 word ": a word is found as " word ", a part of Chinese as
 * its bytes. */
struct watch_spaced {
	char *s;
	uint32_t len;
	struct watch_token *t;
	uint32_t n;
};
#define WATCH_SPACED_BYTES(len) (2 * (len) + 2)

/* Letters of words beside letters, digits and marks. */
enum watch_signs {
	WATCH_NO_SIGNS,
	WATCH_STARS,           /* * and ~ */
	WATCH_STARS_QUESTIONS, /* and ? */
};
/* out has room for WATCH_SPACED_BYTES and a token a byte. */
void watch_space(struct watch_spaced *out, const char *text, size_t len,
		 enum watch_signs signs);
/* The character at *at, which goes behind it; negative: not UTF-8. */
int32_t watch_char(const char *s, size_t len, size_t *at);

/* Whole s by a pattern of * and ?. */
bool watch_glob(const char *pattern, size_t pattern_len, const char *s,
		size_t len);

/* --- one rule --- */

enum watch_op {
	WATCH_AND,
	WATCH_OR,
	WATCH_NOT,
	WATCH_NEAR,  /* two children: a term, or an OR of terms */
	WATCH_TERM,  /* words side by side */
	WATCH_FIELD, /* field:value */
	WATCH_NUMBER /* reach>1000 */
};
enum watch_compare { WATCH_GT, WATCH_GE, WATCH_LT, WATCH_LE, WATCH_EQ };

enum watch_part_kind { WATCH_EXACT, WATCH_GLOB, WATCH_STEM };
struct watch_part {
	enum watch_part_kind kind;
	bool single, glued; /* as of a token */
	const char *s;      /* of a stem the word it is of */
	size_t len;
};

struct watch_node {
	enum watch_op op;
	size_t begin; /* byte of the rule */
	struct watch_node *child, *next;
	const struct watch_part *parts; /* WATCH_TERM */
	size_t parts_nr;
	enum watch_field field; /* WATCH_FIELD, WATCH_NUMBER */
	const char *value;      /* WATCH_FIELD */
	enum watch_compare compare;
	int64_t number; /* of a comparison, the n of NEAR */
};

struct watch_tree {
	const struct watch_node *root;
	const char *printed;
	struct watch_value_list values;
};

extern const char *const watch_field_names[WATCH_FIELDS_NR];
extern const char *const watch_compare_signs[];

/* As it stands in a rule; of a leaf also its name among a set's terms. */
char *watch_print_node(struct arena *arena, const struct watch_node *node,
		       size_t *len_r);
/* The longest run without wildcards: how many characters, an end of the word
 * counted as one; where it is. */
size_t watch_longest(const char *pattern, size_t len, size_t *at_r,
		     size_t *len_r);
/* x is at least the first and at most the second of these. */
void watch_bounds(const struct watch_node *number, int64_t *least_r,
		  int64_t *most_r);
/* NULL, or what in the rule has nothing that a mention must have. */
const struct watch_node *watch_unguarded(const struct watch_node *node);

/* --- a set --- */

/* Fields stand behind the text that is scanned: MARK, a letter, value, MARK. */
#define WATCH_MARK '\x01'
#define WATCH_LETTER(field) ((char)('A' + (field)))
#define WATCH_NO_FIELD WATCH_FIELDS_NR

struct watch_term {
	const struct watch_part *parts; /* stems in the place of their words */
	uint32_t parts_nr;
	uint32_t anchor; /* the part that the literal is of */
	uint32_t field;  /* or WATCH_NO_FIELD */
	bool exact;      /* the literal says all */
};

/* A rule as an array, parents first. */
struct watch_code {
	enum watch_op op;
	uint32_t skip; /* entries with those below */
	uint32_t nr;   /* children */
	uint32_t arg;  /* the term; the n of NEAR */
	int64_t least, most;
};

/* A list of numbers a key: those of k are list[from[k]] to list[from[k + 1]].
 */
struct watch_lists {
	uint32_t *from, *list;
};

struct watch_threshold {
	int64_t value;
	uint32_t rule;
};

struct watch_set {
	struct arena arena;
	hs_database_t *db;           /* NULL: rules of numbers alone */
	struct watch_lists terms_of; /* a literal */
	struct watch_lists rules_of; /* which a term is the guard of */
	struct watch_term *terms;
	uint32_t terms_nr, rules_nr;
	struct watch_code *code;
	uint32_t *code_at; /* of a rule */
	/* Guarded by a least or a most reach, from the easiest on. */
	struct watch_threshold *least, *most;
	uint32_t least_nr, most_nr;
	bool stems;
	size_t bytes;
};

#endif
