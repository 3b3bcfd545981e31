/* watch_parse.c -- a rule from its text to a tree, see watch.h:
 *
 *	or    = and { OR and }
 *	and   = not { [AND] not }
 *	not   = NOT not | near
 *	near  = item [ NEAR/n item ]
 *	item  = ( or ) | "phrase" | word | field:value | reach>number
 *
 * An AND right inside an AND is one with it, and so are NOT NOT and brackets
 * that change nothing: rules that mean the same by these are the same tree.
 * What stands in words and phrases is in watch_words.c. */
#include <string.h>

#include <unicode/uchar.h>

#include "text/watch_internal.h"
#include "text/watch_parse.h"

const char *const watch_field_names[WATCH_FIELDS_NR] = {
	"source", "lang", "class",  "sentiment",
	"topic",  "unit", "author", "reach",
};
const char *const watch_compare_signs[] = {
	[WATCH_GT] = ">",  [WATCH_GE] = ">=", [WATCH_LT] = "<",
	[WATCH_LE] = "<=", [WATCH_EQ] = "=",
};

#define EXPECTED                                                               \
	"expected a word, a \"phrase\", a field such as source:, NOT or ("
#define REACH_DIGITS_MAX 15

/* --- characters --- */

/* The character at `at` as the language reads it: what an input method or an
 * editor makes of brackets, colons and quotes is these. 0: the end. */
static int32_t sign_at(const struct watch_parser *p, size_t at, size_t *next_r)
{
	int32_t c;

	*next_r = at;
	if (at >= p->len)
		return 0;
	c = watch_char(p->s, p->len, next_r);
	if (c >= 0xff01 && c <= 0xff5e)
		return c - 0xfee0;
	return c <= ' ' || u_isUWhiteSpace(c) ? ' ' : c;
}

static int32_t sign(const struct watch_parser *p)
{
	size_t next;

	return sign_at(p, p->at, &next);
}

static void skip_space(struct watch_parser *p)
{
	size_t next;

	while (sign_at(p, p->at, &next) == ' ')
		p->at = next;
}

/* What closes a quote that c opens, two ways; 0: it opens none. */
static int32_t closes(int32_t c, int32_t *other_r)
{
	*other_r = 0;
	switch (c) {
	case '"':
		return '"';
	case 0xab: /* « */
		return 0xbb;
	case 0x201c: /* “ */
		return 0x201d;
	case 0x201e: /* „ */
		*other_r = 0x201c;
		return 0x201d;
	default:
		return 0;
	}
}

static bool ends_word(int32_t c)
{
	int32_t other;

	return c == 0 || c == ' ' || c == '(' || c == ')' || c == ':' ||
	       c == '<' || c == '>' || c == '=' || closes(c, &other) != 0;
}

static bool ends_value(int32_t c)
{
	int32_t other;

	return c == 0 || c == ' ' || c == '(' || c == ')' ||
	       closes(c, &other) != 0;
}

/* From `at` to what ends it. */
static size_t run_end(const struct watch_parser *p, size_t at,
		      bool (*ends)(int32_t c))
{
	size_t next;

	while (!ends(sign_at(p, at, &next)))
		at = next;
	return at;
}

/* --- what can go wrong --- */

struct watch_node *watch_fail(struct watch_parser *p, size_t at,
			      const char *why)
{
	if (p->why == NULL) {
		p->why = why;
		p->why_at = at;
	}
	return NULL;
}

static size_t column_of(const char *s, size_t at)
{
	size_t column = 1;

	for (size_t i = 0; i < at; i++)
		column += (s[i] & 0xc0) != 0x80;
	return column;
}

/* From bytes; they stand in the order of the rule. */
static void columns_of_values(struct watch_parser *p)
{
	size_t at = 0, column = 1;

	for (size_t i = 0; i < p->values_nr; i++) {
		for (; at < p->values[i].column; at++)
			column += (p->s[at] & 0xc0) != 0x80;
		p->values[i].column = column;
	}
}

static struct watch_node *node_new(struct watch_parser *p, enum watch_op op,
				   size_t begin)
{
	struct watch_node *node = arena_alloc(p->arena, sizeof(*node));

	node->op = op;
	node->begin = begin;
	return node;
}

static struct watch_node *leaf_new(struct watch_parser *p, enum watch_op op,
				   size_t begin)
{
	if (++p->terms_nr > WATCH_TERMS_MAX)
		return watch_fail(p, begin,
				  "a rule has at most 1000 words, phrases and "
				  "fields");
	return node_new(p, op, begin);
}

/* --- items --- */

/* Of a quoted text, without its escapes; p->at is behind it then. */
static char *quoted(struct watch_parser *p, size_t *len_r)
{
	size_t begin = p->at, next, len = 0;
	int32_t other, close = closes(sign_at(p, p->at, &next), &other), c;
	char *out = arena_alloc(p->arena, p->len - p->at + 1);

	for (p->at = next;; p->at = next) {
		c = sign_at(p, p->at, &next);
		if (c == 0) {
			watch_fail(p, begin, "this quote is not closed");
			return NULL;
		}
		if (c == close || c == other)
			break;
		if (c == '\\') {
			p->at = next;
			c = sign_at(p, p->at, &next);
			if (c != '"' && c != '\\') {
				watch_fail(p, p->at,
					   "after \\ inside quotes stands \" "
					   "or another \\");
				return NULL;
			}
		}
		memcpy(out + len, p->s + p->at, next - p->at);
		len += next - p->at;
	}
	p->at = next;
	*len_r = len;
	return out;
}

static struct watch_node *parse_phrase(struct watch_parser *p)
{
	size_t begin = p->at, len;
	const char *text = quoted(p, &len);
	struct watch_node *node;

	if (text == NULL)
		return NULL;
	node = leaf_new(p, WATCH_TERM, begin);
	return node == NULL ? NULL
			    : watch_words(p, node, text, len, WATCH_STARS);
}

static struct watch_node *parse_value(struct watch_parser *p, size_t begin,
				      enum watch_field field)
{
	struct watch_node *node = leaf_new(p, WATCH_FIELD, begin);
	size_t at = p->at, len;
	const char *text = p->s + at;
	int32_t other;

	if (node == NULL)
		return NULL;
	if (closes(sign(p), &other) != 0) {
		text = quoted(p, &len);
		if (text == NULL)
			return NULL;
	} else {
		p->at = run_end(p, at, ends_value);
		len = p->at - at;
	}
	node->field = field;
	return watch_value_of(p, node, at, text, len);
}

static struct watch_node *parse_number(struct watch_parser *p, size_t begin)
{
	struct watch_node *node = leaf_new(p, WATCH_NUMBER, begin);
	size_t next, digits = 0;
	int32_t c = sign_at(p, p->at, &next);

	if (node == NULL)
		return NULL;
	p->at = next;
	node->field = WATCH_REACH;
	node->compare = c == '>' ? WATCH_GT : c == '<' ? WATCH_LT : WATCH_EQ;
	if (c != '=' && sign_at(p, p->at, &next) == '=') {
		p->at = next;
		node->compare = c == '>' ? WATCH_GE : WATCH_LE;
	}
	for (; c = sign_at(p, p->at, &next), c >= '0' && c <= '9';
	     p->at = next) {
		if (++digits > REACH_DIGITS_MAX)
			return watch_fail(p, p->at,
					  "a number has at most 15 digits");
		node->number = 10 * node->number + (c - '0');
	}
	if (digits == 0 || !ends_value(c))
		return watch_fail(p, p->at, "expected a whole number");
	return node;
}

static bool is_name(const struct watch_parser *p, size_t begin, size_t end,
		    const char *name)
{
	return end - begin == strlen(name) &&
	       strncasecmp(p->s + begin, name, end - begin) == 0;
}

/* p->at is at the sign behind the name. */
static struct watch_node *parse_field(struct watch_parser *p, size_t begin)
{
	int32_t c = sign(p);
	size_t end = p->at, next;

	for (int f = 0; f < WATCH_FIELDS_NR; f++) {
		if (!is_name(p, begin, end, watch_field_names[f]))
			continue;
		if (f == WATCH_REACH && c != ':')
			return parse_number(p, begin);
		if (f == WATCH_REACH)
			return watch_fail(p, end,
					  "reach is compared: expected "
					  "> >= < <= or =");
		if (c != ':')
			return watch_fail(p, end,
					  "expected : and a value; only reach "
					  "is compared");
		sign_at(p, p->at, &next);
		p->at = next;
		return parse_value(p, begin, (enum watch_field)f);
	}
	return watch_fail(
		p, begin,
		"no such field; there are source lang class sentiment "
		"topic unit author and reach (a text with : < > or = "
		"in it stands in quotes)");
}

static bool is_keyword(const struct watch_parser *p, const char *word)
{
	size_t len = strlen(word);

	return run_end(p, p->at, ends_word) - p->at == len &&
	       memcmp(p->s + p->at, word, len) == 0;
}

static bool is_near(const struct watch_parser *p)
{
	return is_keyword(p, "NEAR") ||
	       (p->len - p->at > 5 && memcmp(p->s + p->at, "NEAR/", 5) == 0);
}

static bool is_binary(const struct watch_parser *p)
{
	return is_keyword(p, "AND") || is_keyword(p, "OR") || is_near(p);
}

static struct watch_node *parse_word(struct watch_parser *p)
{
	size_t begin = p->at, end = run_end(p, begin, ends_word);
	struct watch_node *node;
	int32_t c;

	p->at = end;
	c = sign(p);
	if (c == ':' || c == '<' || c == '>' || c == '=')
		return parse_field(p, begin);
	node = leaf_new(p, WATCH_TERM, begin);
	return node == NULL ? NULL
			    : watch_words(p, node, p->s + begin, end - begin,
					  WATCH_STARS_QUESTIONS);
}

static struct watch_node *parse_or(struct watch_parser *p, unsigned depth);

static struct watch_node *parse_brackets(struct watch_parser *p, unsigned depth)
{
	size_t begin = p->at, next;
	struct watch_node *node;

	sign_at(p, p->at, &next);
	p->at = next;
	node = parse_or(p, depth + 1);
	if (node == NULL)
		return NULL;
	if (sign_at(p, p->at, &next) != ')')
		return watch_fail(p, begin, "this ( has no )");
	p->at = next;
	return node;
}

static struct watch_node *parse_item(struct watch_parser *p, unsigned depth)
{
	int32_t c, other;

	skip_space(p);
	c = sign(p);
	if (depth > WATCH_DEPTH_MAX)
		return watch_fail(p, p->at,
				  "brackets and NOT go at most 32 deep");
	if (c == '(')
		return parse_brackets(p, depth);
	if (closes(c, &other) != 0)
		return parse_phrase(p);
	if (ends_word(c) || is_binary(p))
		return watch_fail(p, p->at, EXPECTED);
	return parse_word(p);
}

/* --- operators --- */

static bool near_side(const struct watch_node *node)
{
	if (node->op == WATCH_OR) {
		for (node = node->child; node; node = node->next)
			if (node->op != WATCH_TERM)
				return false;
		return true;
	}
	return node->op == WATCH_TERM;
}

/* NEAR/n with n in its bounds; 0: it is not. */
static int64_t near_number(struct watch_parser *p)
{
	size_t begin = p->at, at = begin + 5;
	int64_t n = 0;

	p->at = run_end(p, begin, ends_word);
	for (; at < p->at && n <= WATCH_NEAR_MAX; at++) {
		if (p->s[at] < '0' || p->s[at] > '9')
			break;
		n = 10 * n + (p->s[at] - '0');
	}
	if (n >= 1 && n <= WATCH_NEAR_MAX && at == p->at)
		return n;
	watch_fail(p, begin, "expected NEAR/ and a number from 1 to 100");
	return 0;
}

static struct watch_node *parse_near(struct watch_parser *p, unsigned depth)
{
	static const char *const sides = "NEAR joins words and phrases, or an "
					 "OR of these in brackets";
	size_t at = (skip_space(p), p->at), right_at;
	struct watch_node *left = parse_item(p, depth), *right, *node;

	if (left == NULL || (skip_space(p), !is_near(p)))
		return left;
	if (!near_side(left))
		return watch_fail(p, at, sides);
	node = node_new(p, WATCH_NEAR, at);
	node->number = near_number(p);
	if (node->number == 0)
		return NULL;
	skip_space(p);
	right_at = p->at;
	right = parse_item(p, depth);
	if (right == NULL)
		return NULL;
	if (!near_side(right))
		return watch_fail(p, right_at, sides);
	skip_space(p);
	if (is_near(p))
		return watch_fail(p, p->at,
				  "NEAR joins two: a NEAR/5 b AND b NEAR/5 c");
	node->child = left;
	left->next = right;
	return node;
}

static struct watch_node *parse_not(struct watch_parser *p, unsigned depth)
{
	struct watch_node *child, *node;
	size_t begin;

	skip_space(p);
	if (!is_keyword(p, "NOT"))
		return parse_near(p, depth);
	begin = p->at;
	p->at += 3;
	if (depth >= WATCH_DEPTH_MAX)
		return watch_fail(p, begin,
				  "brackets and NOT go at most 32 deep");
	child = parse_not(p, depth + 1);
	if (child == NULL || child->op == WATCH_NOT)
		return child == NULL ? NULL : child->child;
	node = node_new(p, WATCH_NOT, begin);
	node->child = child;
	return node;
}

/* Several of one kind. */
struct joined {
	struct watch_node *first, **end;
};

static void join(struct joined *j, enum watch_op op, struct watch_node *node)
{
	if (j->end == NULL)
		j->end = &j->first;
	*j->end = node->op == op ? node->child : node;
	while (*j->end != NULL)
		j->end = &(*j->end)->next;
}

static struct watch_node *joined(struct watch_parser *p, struct joined *j,
				 enum watch_op op)
{
	struct watch_node *node;

	if (j->first->next == NULL)
		return j->first;
	node = node_new(p, op, j->first->begin);
	node->child = j->first;
	return node;
}

static struct watch_node *parse_and(struct watch_parser *p, unsigned depth)
{
	struct joined j = { 0 };

	for (;;) {
		struct watch_node *node = parse_not(p, depth);
		int32_t c;

		if (node == NULL)
			return NULL;
		join(&j, WATCH_AND, node);
		skip_space(p);
		c = sign(p);
		if (c == 0 || c == ')' || is_keyword(p, "OR"))
			return joined(p, &j, WATCH_AND);
		if (is_keyword(p, "AND"))
			p->at += 3;
	}
}

static struct watch_node *parse_or(struct watch_parser *p, unsigned depth)
{
	struct joined j = { 0 };

	for (;;) {
		struct watch_node *node = parse_and(p, depth);

		if (node == NULL)
			return NULL;
		join(&j, WATCH_OR, node);
		if (!is_keyword(p, "OR"))
			return joined(p, &j, WATCH_OR);
		p->at += 2;
	}
}

/* --- a rule --- */

static const struct watch_node *parse_rule(struct watch_parser *p)
{
	const struct watch_node *root, *bare;

	if (p->len > WATCH_RULE_BYTES)
		return watch_fail(p, 0,
				  "a rule is at most 65536 bytes, and 1000 "
				  "words, phrases and fields");
	for (size_t at = 0, next = 0; at < p->len; at = next)
		if (watch_char(p->s, p->len, &next) <= 0)
			return watch_fail(p, at, "this is no UTF-8 text");
	root = parse_or(p, 0);
	if (root == NULL)
		return NULL;
	if (sign(p) == ')')
		return watch_fail(p, p->at, "there is no ( for this )");
	bare = watch_unguarded(root);
	if (bare == NULL)
		return root;
	return watch_fail(p, bare->begin,
			  bare->op == WATCH_NUMBER
				  ? "reach is never less: this matches every "
				    "mention"
				  : "NOT by itself matches every mention that "
				    "lacks this: it stands beside what a "
				    "mention must have");
}

int watch_parse(struct arena *arena, const char *rule, size_t len,
		const struct watch_tree **tree_r, struct watch_problem *problem)
{
	struct watch_parser p = { .arena = arena, .s = rule, .len = len };
	const struct watch_node *root = parse_rule(&p);
	struct watch_tree *tree;
	size_t printed_len;

	*tree_r = NULL;
	if (root != NULL) {
		tree = arena_alloc(arena, sizeof(*tree));
		tree->root = root;
		tree->printed = watch_print_node(arena, root, &printed_len);
		tree->values.v = p.values;
		tree->values.n = p.values_nr;
		columns_of_values(&p);
		if (printed_len <= WATCH_RULE_BYTES) {
			*tree_r = tree;
			return 0;
		}
		watch_fail(&p, 0,
			   "a rule is at most 65536 bytes after folding");
	}
	problem->column = column_of(rule, p.why_at);
	strcpy(problem->text, p.why);
	return -1;
}

const char *watch_print(const struct watch_tree *tree)
{
	return tree->printed;
}

struct watch_value_list watch_values(const struct watch_tree *tree)
{
	return tree->values;
}
