/* mem_policies.c -- policies in memory. A case is asked about at every
 * registration, so each sort of rule has its own list in the order in which the
 * policies count, and the codes that matches name are numbered: what lies above
 * the case is looked up once and marked, and each match is then six looks at a
 * mark. */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "dir/refs.h"
#include "dir/replica_mem.h"

#define RULES_NR (SY__V1__POLICY__RULE_SPAM + 1)
/* Deeper than the directory allows; a bound, not a rule. */
#define DEPTH_MAX 64

/* The fields of a match, those first that mostly decide. */
enum { OF_UNIT, OF_TOPIC, OF_KIND, OF_CHANNEL, OF_SEGMENT, OF_PRODUCT, OF_NR };
static const char *const taxonomies[OF_NR] = {
	[OF_KIND] = "kind",       [OF_CHANNEL] = "channel",
	[OF_TOPIC] = "topic",     [OF_SEGMENT] = "segment",
	[OF_PRODUCT] = "product", /* a unit is no term */
};

struct code {
	char *code;
	uint32_t number; /* from 1 on; 0 stands for any code */
	UT_hash_handle hh;
};

struct policy_version {
	Sy__V1__Policy *policy;
	uint64_t revision;
	uint32_t order;
	uint32_t wants_nr;     /* that are not 0 */
	uint32_t wants[OF_NR]; /* numbers of codes */
};

struct mem_policy {
	char *code;
	struct policy_version **versions; /* by first day */
	size_t n;
	UT_hash_handle hh;
};

/* What a look at a version needs, in a row. */
struct listed {
	int32_t from_day, end_day;
	uint32_t wants[OF_NR];
	const struct policy_version *version;
};

struct mem_policies {
	struct mem_policy *policies;
	struct {
		struct code *codes;
		uint32_t n; /* highest number */
	} fields[OF_NR];
	bool stale; /* the lists are to be made again */
	struct {
		struct listed *rows;
		size_t n;
	} lists[RULES_NR];
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- taking them in --------------------------------------------------------
 */

static uint32_t number_of(struct mem_policies *ps, int f, const char *code)
{
	struct code *c;

	if (!code[0])
		return 0;
	HASH_FIND_STR(ps->fields[f].codes, code, c);
	if (!c) {
		c = must(calloc(1, sizeof(*c)));
		c->code = must(strdup(code));
		c->number = ++ps->fields[f].n;
		HASH_ADD_KEYPTR(hh, ps->fields[f].codes, c->code,
				strlen(c->code), c);
	}
	return c->number;
}

static void read_match(struct mem_policies *ps, struct policy_version *v)
{
	const Sy__V1__PolicyMatch *match = policy_match(v->policy);

	v->order = policy_order(v->policy);
	v->wants_nr = 0;
	memset(v->wants, 0, sizeof(v->wants));
	if (!match)
		return;
	v->wants[OF_KIND] = number_of(ps, OF_KIND, match->kind);
	v->wants[OF_CHANNEL] = number_of(ps, OF_CHANNEL, match->channel);
	v->wants[OF_TOPIC] = number_of(ps, OF_TOPIC, match->topic);
	v->wants[OF_SEGMENT] = number_of(ps, OF_SEGMENT, match->segment);
	v->wants[OF_UNIT] = number_of(ps, OF_UNIT, match->unit);
	v->wants[OF_PRODUCT] = number_of(ps, OF_PRODUCT, match->product);
	for (int f = 0; f < OF_NR; f++)
		v->wants_nr += v->wants[f] != 0;
}

/* The one of that first day, made if there is none. */
static struct policy_version *version_from(struct mem_policy *p, int32_t day)
{
	size_t at = 0;

	while (at < p->n && p->versions[at]->policy->valid_from_day < day)
		at++;
	if (at < p->n && p->versions[at]->policy->valid_from_day == day)
		return p->versions[at];
	p->versions =
		must(realloc(p->versions, (p->n + 1) * sizeof(*p->versions)));
	memmove(p->versions + at + 1, p->versions + at,
		(p->n - at) * sizeof(*p->versions));
	p->versions[at] = must(calloc(1, sizeof(**p->versions)));
	p->n++;
	return p->versions[at];
}

void mem_put_policy(struct replica_mem *m, const uint8_t *body, size_t len,
		    uint64_t revision)
{
	Sy__V1__Policy *in = must(sy__v1__policy__unpack(NULL, len, body));
	struct mem_policies *ps = m->policies;
	struct policy_version *v;
	struct mem_policy *p;

	if (!ps)
		ps = m->policies = must(calloc(1, sizeof(*ps)));
	HASH_FIND_STR(ps->policies, in->code, p);
	if (!p) {
		p = must(calloc(1, sizeof(*p)));
		p->code = must(strdup(in->code));
		HASH_ADD_KEYPTR(hh, ps->policies, p->code, strlen(p->code), p);
	}
	v = version_from(p, in->valid_from_day);
	if (revision < v->revision) {
		sy__v1__policy__free_unpacked(in, NULL);
		return;
	}
	sy__v1__policy__free_unpacked(v->policy, NULL);
	v->policy = in;
	v->revision = revision;
	read_match(ps, v);
	ps->stale = true;
}

void mem_free_policies(struct replica_mem *m)
{
	struct mem_policies *ps = m->policies;
	struct mem_policy *p, *next;
	struct code *c, *next_code;

	if (!ps)
		return;
	HASH_ITER (hh, ps->policies, p, next) {
		HASH_DEL(ps->policies, p);
		for (size_t i = 0; i < p->n; i++) {
			sy__v1__policy__free_unpacked(p->versions[i]->policy,
						      NULL);
			free(p->versions[i]);
		}
		free(p->versions);
		free(p->code);
		free(p);
	}
	for (int f = 0; f < OF_NR; f++)
		HASH_ITER (hh, ps->fields[f].codes, c, next_code) {
			HASH_DEL(ps->fields[f].codes, c);
			free(c->code);
			free(c);
		}
	for (int rule = 0; rule < RULES_NR; rule++)
		free(ps->lists[rule].rows);
	free(ps);
	m->policies = NULL;
}

/* --- in the order in which they count --------------------------------------
 */

static int32_t end_of(const struct mem_policy *p, size_t i)
{
	int32_t to_day = p->versions[i]->policy->valid_to_day;
	int32_t end = to_day ? to_day : INT32_MAX;

	if (i + 1 < p->n && p->versions[i + 1]->policy->valid_from_day < end)
		end = p->versions[i + 1]->policy->valid_from_day;
	return end;
}

static int by_order(const void *a, const void *b)
{
	const struct policy_version *one = ((const struct listed *)a)->version;
	const struct policy_version *other =
		((const struct listed *)b)->version;

	if (one->order != other->order)
		return one->order > other->order ? -1 : 1;
	if (one->wants_nr != other->wants_nr)
		return one->wants_nr > other->wants_nr ? -1 : 1;
	return strcmp(one->policy->code, other->policy->code);
}

static void list_versions(struct mem_policies *ps, const struct mem_policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct policy_version *v = p->versions[i];
		int rule = (int)v->policy->rule_case;
		struct listed *row;

		/* A sort that this version does not know. */
		if (rule < 0 || rule >= RULES_NR)
			continue;
		row = &ps->lists[rule].rows[ps->lists[rule].n++];
		row->from_day = v->policy->valid_from_day;
		row->end_day = end_of(p, i);
		row->version = v;
		memcpy(row->wants, v->wants, sizeof(row->wants));
	}
}

static void make_lists(struct mem_policies *ps)
{
	size_t all = 0;

	for (struct mem_policy *p = ps->policies; p; p = p->hh.next)
		all += p->n;
	for (int rule = 0; rule < RULES_NR; rule++) {
		ps->lists[rule].n = 0;
		ps->lists[rule].rows =
			must(realloc(ps->lists[rule].rows,
				     (all + 1) * sizeof(struct listed)));
	}
	for (struct mem_policy *p = ps->policies; p; p = p->hh.next)
		list_versions(ps, p);
	for (int rule = 0; rule < RULES_NR; rule++)
		qsort(ps->lists[rule].rows, ps->lists[rule].n,
		      sizeof(struct listed), by_order);
	ps->stale = false;
}

/* --- asking ----------------------------------------------------------------
 */

/* By number: is the code one of the case, or above one, or the one that stands
 * for any? */
struct marks {
	uint8_t *of[OF_NR];
};

static void mark_above(const struct replica_mem *m, struct marks *marks, int f,
		       const char *code, int32_t day)
{
	const struct mem_policies *ps = m->policies;

	marks->of[f][0] = true;
	for (int depth = 0;
	     ps->fields[f].n && code && code[0] && depth < DEPTH_MAX; depth++) {
		struct code *c;

		HASH_FIND_STR(ps->fields[f].codes, code, c);
		if (c)
			marks->of[f][c->number] = true;
		code = taxonomies[f]
			       ? mem_term_parent(m, taxonomies[f], code, day)
			       : mem_unit_parent(m, code, day);
	}
}

/* What is allocated, to be freed. */
static uint8_t *mark_case(const struct replica_mem *m, struct marks *marks,
			  int32_t day, const struct policy_case *of)
{
	size_t all = 0;
	uint8_t *bytes;

	for (int f = 0; f < OF_NR; f++)
		all += m->policies->fields[f].n + 1;
	bytes = must(calloc(all, 1));
	all = 0;
	for (int f = 0; f < OF_NR; f++) {
		marks->of[f] = bytes + all;
		all += m->policies->fields[f].n + 1;
	}
	mark_above(m, marks, OF_KIND, of->kind, day);
	mark_above(m, marks, OF_CHANNEL, of->channel, day);
	mark_above(m, marks, OF_TOPIC, of->topic, day);
	mark_above(m, marks, OF_SEGMENT, of->segment, day);
	mark_above(m, marks, OF_UNIT, of->unit, day);
	mark_above(m, marks, OF_PRODUCT, of->product, day);
	return bytes;
}

static bool matches(const struct marks *marks, const struct listed *row)
{
	for (int f = 0; f < OF_NR; f++)
		if (!marks->of[f][row->wants[f]])
			return false;
	return true;
}

/* False: each_cb wants no more. */
static bool offer(const struct marks *marks, const struct listed *row,
		  bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		  void *arg)
{
	return !matches(marks, row) || each_cb(row->version->policy, arg);
}

void mem_policies(const struct replica_mem *m, Sy__V1__Policy__RuleCase kind,
		  int32_t day, const struct policy_case *of,
		  bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		  void *arg)
{
	struct mem_policies *ps = m->policies;
	struct marks marks;
	uint8_t *bytes;

	if (!ps)
		return;
	if (ps->stale)
		make_lists(ps);
	if (!ps->lists[kind].n)
		return;
	bytes = mark_case(m, &marks, day, of);
	for (size_t i = 0; i < ps->lists[kind].n; i++) {
		const struct listed *row = &ps->lists[kind].rows[i];

		if (row->from_day <= day && day < row->end_day &&
		    !offer(&marks, row, each_cb, arg))
			break;
	}
	free(bytes);
}

void mem_policies_if(struct replica_mem *m, const struct policy_if *what,
		     int32_t day, const struct policy_case *of,
		     bool (*each_cb)(const Sy__V1__Policy *policy, void *arg),
		     void *arg)
{
	const Sy__V1__Policy__RuleCase kind = what->policy->rule_case;
	struct policy_version version = {
		.policy = (Sy__V1__Policy *)what->policy,
	};
	struct listed own = { .version = &version };
	bool due = !what->ended, more = true;
	struct mem_policies *ps;
	struct marks marks;
	uint8_t *bytes;

	if (!m->policies)
		m->policies = must(calloc(1, sizeof(*m->policies)));
	ps = m->policies;
	read_match(ps, &version);
	memcpy(own.wants, version.wants, sizeof(own.wants));
	if (ps->stale)
		make_lists(ps);
	bytes = mark_case(m, &marks, day, of);
	for (size_t i = 0; more && i < ps->lists[kind].n; i++) {
		const struct listed *row = &ps->lists[kind].rows[i];

		if (day < row->from_day || day >= row->end_day)
			continue;
		if (due && by_order(&own, row) <= 0) {
			due = false;
			more = offer(&marks, &own, each_cb, arg);
		}
		if (more &&
		    strcmp(row->version->policy->code, what->policy->code) != 0)
			more = offer(&marks, row, each_cb, arg);
	}
	if (more && due)
		offer(&marks, &own, each_cb, arg);
	free(bytes);
}

const Sy__V1__Policy *mem_policy(const struct replica_mem *m, const char *code,
				 int32_t day)
{
	struct mem_policy *p = NULL;

	if (m->policies)
		HASH_FIND_STR(m->policies->policies, code, p);
	for (size_t i = p ? p->n : 0; i-- > 0;)
		if (p->versions[i]->policy->valid_from_day <= day)
			return day < end_of(p, i) ? p->versions[i]->policy
						  : NULL;
	return NULL;
}
