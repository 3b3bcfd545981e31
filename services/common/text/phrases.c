/* phrases.c -- a trie of tokens, see phrases.h. A node is a number; its
 * children stand in one open hash table under the mix of node and token, so
 * that a step is one probe. Equal hashes of 64 bits are taken for equal words.
 */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/phrases.h"

#define ROOT 0
#define NONE 0 /* no value, no child: neither is ever number 0 */
/* Of the walks from one word; more are needed by stars upon stars alone. */
#define STEPS_MAX 256
#define STAR_BYTES_MAX 63

struct entry {
	uint64_t key; /* 0: empty */
	uint32_t child;
};
struct value {
	uint32_t value, next; /* index of the next one, or NONE */
};
struct node {
	uint32_t first, last; /* values, or NONE */
};

struct phrases {
	enum phrases_form form;
	struct entry *table;
	size_t table_size, table_used;
	struct node *nodes;
	size_t nodes_nr, nodes_size;
	struct value *values;
	size_t values_nr, values_size;
	/* which words a phrase can begin with: most begin none, and this is
	 * small enough to be at hand */
	uint64_t *begins;
	size_t begins_bits;
	uint64_t stars; /* bit n: a star after n bytes is there */
};

static size_t power_of_two(size_t least)
{
	size_t n = 64;

	while (n < least)
		n *= 2;
	return n;
}

int phrases_open(struct phrases **p_r, enum phrases_form form, size_t expected,
		 struct error *err)
{
	struct phrases *p = calloc(1, sizeof(*p));

	*p_r = NULL;
	if (p == NULL)
		return error_set(err, "phrases: no memory");
	p->form = form;
	p->table_size = power_of_two(4 * expected);
	p->table = calloc(p->table_size, sizeof(*p->table));
	p->begins_bits = power_of_two(16 * expected);
	p->begins = calloc(p->begins_bits / 64, sizeof(*p->begins));
	p->nodes_size = p->values_size = expected + 64;
	p->nodes = calloc(p->nodes_size, sizeof(*p->nodes));
	p->values = calloc(p->values_size, sizeof(*p->values));
	p->nodes_nr = p->values_nr = 1;
	if (p->table == NULL || p->begins == NULL || p->nodes == NULL ||
	    p->values == NULL) {
		phrases_close(p);
		return error_set(err, "phrases: no memory");
	}
	*p_r = p;
	return 0;
}

void phrases_close(struct phrases *p)
{
	if (p == NULL)
		return;
	free(p->table);
	free(p->begins);
	free(p->nodes);
	free(p->values);
	free(p);
}

/* --- the table --- */

static inline uint64_t key_of(uint32_t node, uint64_t word)
{
	uint64_t x = word + node * 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	return x == 0 ? 1 : x;
}

static inline struct entry *find(const struct phrases *p, uint64_t key)
{
	size_t at = key & (p->table_size - 1);

	while (p->table[at].key != 0 && p->table[at].key != key)
		at = (at + 1) & (p->table_size - 1);
	return &p->table[at];
}

static int table_grow(struct phrases *p, struct error *err)
{
	struct entry *old = p->table;
	size_t size = p->table_size;

	if (2 * (p->table_used + 1) < size)
		return 0;
	p->table = calloc(2 * size, sizeof(*p->table));
	if (p->table == NULL) {
		p->table = old;
		return error_set(err, "phrases: no memory");
	}
	p->table_size = 2 * size;
	for (size_t i = 0; i < size; i++)
		if (old[i].key != 0)
			*find(p, old[i].key) = old[i];
	free(old);
	return 0;
}

static int room(void **list_p, size_t n, size_t *size, size_t each,
		struct error *err)
{
	void *more;

	if (n < *size)
		return 0;
	more = realloc(*list_p, 2 * *size * each);
	if (more == NULL)
		return error_set(err, "phrases: no memory");
	*list_p = more;
	*size *= 2;
	return 0;
}

static uint32_t child(const struct phrases *p, uint32_t node, uint64_t word)
{
	if (node == ROOT) {
		size_t bit = word & (p->begins_bits - 1);

		if ((p->begins[bit / 64] >> bit % 64 & 1) == 0)
			return NONE;
	}
	return find(p, key_of(node, word))->child;
}

/* Of a node; made if it is not there. */
static int child_make(struct phrases *p, uint32_t node, uint64_t word,
		      uint32_t *child_r, struct error *err)
{
	struct entry *e;

	if (table_grow(p, err) < 0 ||
	    room((void **)&p->nodes, p->nodes_nr, &p->nodes_size,
		 sizeof(*p->nodes), err) < 0)
		return -1;
	e = find(p, key_of(node, word));
	if (e->key == 0) {
		*e = (struct entry){ key_of(node, word),
				     (uint32_t)p->nodes_nr };
		p->nodes[p->nodes_nr++] = (struct node){ NONE, NONE };
		p->table_used++;
	}
	if (node == ROOT) {
		size_t bit = word & (p->begins_bits - 1);

		p->begins[bit / 64] |= (uint64_t)1 << bit % 64;
	}
	*child_r = e->child;
	return 0;
}

/* --- words --- */

static uint64_t word_of(const struct phrases *p, const struct token *t)
{
	return p->form == PHRASES_STEMMED ? t->stem : t->hash;
}

static uint64_t star_of(const char *s, const struct token *t, size_t bytes)
{
	return XXH3_64bits_withSeed(s + t->begin, bytes, '*');
}

/* Whether a phrase may have it as a word. */
static bool counts(const struct phrases *p, const struct token *t)
{
	if (p->form == PHRASES_STEMMED)
		return t->kind != TOKEN_SIGN && t->kind != TOKEN_ADDRESS;
	return t->kind != TOKEN_ADDRESS;
}

static bool is_star(const struct phrases *p, const struct tokens *k, size_t i)
{
	return p->form == PHRASES_STARS && i < k->n &&
	       k->t[i].kind == TOKEN_SIGN && k->s[k->t[i].begin] == '*';
}

static int value_add(struct phrases *p, uint32_t node, uint32_t value,
		     struct error *err)
{
	struct node *n = &p->nodes[node];
	uint32_t at = (uint32_t)p->values_nr;

	/* the aliases of one unit follow each other */
	if (n->last != NONE && p->values[n->last].value == value)
		return 0;
	if (room((void **)&p->values, p->values_nr, &p->values_size,
		 sizeof(*p->values), err) < 0)
		return -1;
	p->values[p->values_nr++] = (struct value){ value, NONE };
	if (n->first == NONE)
		n->first = at;
	else
		p->values[n->last].next = at;
	n->last = at;
	return 0;
}

int phrases_add(struct phrases *p, struct arena *scratch, const char *phrase,
		uint32_t value, struct error *err)
{
	struct text normal = text_normalise(scratch, phrase, strlen(phrase));
	struct tokens k = text_tokens(scratch, &normal);
	uint32_t node = ROOT;
	size_t words = 0;

	for (size_t i = 0; i < k.n; i++) {
		const struct token *t = &k.t[i];
		size_t bytes = t->end - t->begin;
		uint64_t word;

		if (!counts(p, t))
			continue;
		if (++words > PHRASE_TOKENS_MAX)
			return error_set(err, "more than %d words",
					 PHRASE_TOKENS_MAX);
		if (is_star(p, &k, i))
			return error_set(err, "a star without its word");
		word = word_of(p, t);
		if (is_star(p, &k, i + 1) && k.t[i + 1].begin == t->end) {
			if (bytes > STAR_BYTES_MAX || t->kind != TOKEN_WORD)
				return error_set(err, "a star after no word, "
						      "or a long one");
			word = star_of(k.s, t, bytes);
			p->stars |= (uint64_t)1 << bytes;
			i++;
		}
		if (child_make(p, node, word, &node, err) < 0)
			return -1;
	}
	if (words == 0)
		return error_set(err, "no words in it");
	return value_add(p, node, value, err);
}

/* --- a text --- */

struct walk {
	const struct phrases *p;
	const struct tokens *k;
	const uint64_t *words; /* of each token */
	int steps;
	size_t last;   /* token of the longest found so far */
	uint32_t node; /* and its node, or ROOT */
};

static void walk(struct walk *w, uint32_t node, size_t at);

static void step(struct walk *w, uint32_t node, size_t at)
{
	if (node == NONE)
		return;
	if (w->p->nodes[node].first != NONE &&
	    (w->node == ROOT || at > w->last)) {
		w->node = node;
		w->last = at;
	}
	walk(w, node, at + 1);
}

/* From a node and the token after it. */
static void walk(struct walk *w, uint32_t node, size_t at)
{
	const struct token *t;
	uint32_t exact;

	if (at >= w->k->n || --w->steps < 0)
		return;
	t = &w->k->t[at];
	exact = counts(w->p, t) ? child(w->p, node, w->words[at]) : NONE;
	/* what stands between two words */
	if (exact == NONE && node != ROOT &&
	    (t->kind == TOKEN_SIGN || t->kind == TOKEN_ADDRESS)) {
		walk(w, node, at + 1);
		return;
	}
	step(w, exact, at);
	if (t->kind != TOKEN_WORD)
		return;
	for (uint64_t left = w->p->stars; left != 0; left &= left - 1) {
		size_t bytes = (size_t)__builtin_ctzll(left);

		if (bytes > t->end - t->begin)
			break;
		step(w, child(w->p, node, star_of(w->k->s, t, bytes)), at);
	}
}

size_t phrases_find(const struct phrases *p, struct arena *scratch,
		    const struct tokens *tokens, struct phrase_match *m_r,
		    size_t max)
{
	uint64_t *words =
		arena_alloc(scratch, (tokens->n + 1) * sizeof(*words));
	size_t n = 0;

	for (size_t i = 0; i < tokens->n; i++)
		words[i] = word_of(p, &tokens->t[i]);
	for (size_t i = 0; i < tokens->n && n < max;) {
		struct walk w = {
			.p = p, .k = tokens, .words = words, .steps = STEPS_MAX
		};

		walk(&w, ROOT, i);
		if (w.node == ROOT) {
			i++;
			continue;
		}
		m_r[n] = (struct phrase_match){
			.first = i,
			.last = w.last,
			.more = p->nodes[w.node].first,
		};
		phrases_next(p, &m_r[n++]);
		i = w.last + 1;
	}
	return n;
}

bool phrases_next(const struct phrases *p, struct phrase_match *m)
{
	if (m->more == NONE)
		return false;
	m->value = p->values[m->more].value;
	m->more = p->values[m->more].next;
	return true;
}
