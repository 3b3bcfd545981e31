/* watch_rules.c -- what a watch rule may be, and how what it found is counted.
 * Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"
#include "utf8.h"
#include "watches.h"

#define CODE_MAX 64
#define NAMES_MAX 16
#define LANG_MAX 35
#define NAME_MAX_BYTES 200
#define SENSITIVITY_MAX 5
/* More than anybody is heard by (mention_check.c). */
#define REACH_BEYOND INT64_C(1000000000000)

static bool fault(struct watch_fault *fault_r, const char *field,
		  const char *text)
{
	fault_r->code = SY__V1__ERROR_CODE__INVALID;
	snprintf(fault_r->field, sizeof(fault_r->field), "%s", field);
	snprintf(fault_r->text, sizeof(fault_r->text), "%s", text);
	return false;
}

/* No comma: a mention keeps its rules as a list. */
static bool code_good(const char *code)
{
	size_t len = strlen(code);

	return len > 0 && len <= CODE_MAX &&
	       strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static bool name_good(const Sy__V1__Watch *w, size_t i,
		      struct watch_fault *fault_r)
{
	const Sy__V1__Label *name = w->names[i];
	char field[48];

	snprintf(field, sizeof(field), "watch.names[%zu]", i);
	if (name->lang[0] == '\0' || strlen(name->lang) > LANG_MAX ||
	    utf8_has_control(name->lang))
		return fault(fault_r, field, "has no language");
	if (name->text[0] == '\0' || strlen(name->text) > NAME_MAX_BYTES ||
	    utf8_has_control(name->text))
		return fault(fault_r, field,
			     "wants 1 to 200 bytes on one line");
	for (size_t j = 0; j < i; j++)
		if (strcmp(w->names[j]->lang, name->lang) == 0)
			return fault(fault_r, field,
				     "is a second one in its language");
	return true;
}

bool watch_check(const Sy__V1__Watch *w, struct watch_fault *fault_r)
{
	if (!code_good(w->code))
		return fault(fault_r, "watch.code",
			     "wants 1 to 64 of a-z, 0-9, '.', '_', '-'");
	if (w->n_names > NAMES_MAX)
		return fault(fault_r, "watch.names", "are more than 16");
	for (size_t i = 0; i < w->n_names; i++)
		if (!name_good(w, i, fault_r))
			return false;
	if (w->sensitivity > SENSITIVITY_MAX)
		return fault(fault_r, "watch.sensitivity",
			     "wants 1 to 5, or 0 for the usual");
	return true;
}

const char *watch_name_key(struct arena *arena, const Sy__V1__Label *name)
{
	struct text text =
		text_normalise(arena, name->text, strlen(name->text));

	return arena_printf(arena, "%s:%s", name->lang, text.s);
}

/* --- the query --- */

static void problem(struct watch_query *q, size_t column, const char *text)
{
	q->good = false;
	q->column = (uint32_t)column;
	snprintf(q->problem, sizeof(q->problem), "%s", text);
}

void watch_query_read(struct arena *arena, const char *query,
		      struct watch_query *q_r)
{
	struct watch_problem said;
	const struct watch_tree *tree;

	*q_r = (struct watch_query){ .good = true, .formatted = "" };
	if (watch_parse(arena, query, strlen(query), &tree, &said) < 0) {
		problem(q_r, said.column, said.text);
		return;
	}
	q_r->formatted = watch_print(tree);
	q_r->values = watch_values(tree);
	for (size_t i = 0; i < q_r->values.n; i++)
		if (!watch_value_known(&q_r->values.v[i])) {
			problem(q_r, q_r->values.v[i].column,
				"there is no such value of this field");
			return;
		}
}

/* What has no word and is of a source that nobody knows, heard by nobody or by
 * everybody: who finds both has asked for nothing. */
static bool finds_all(struct watch_scratch *scratch)
{
	static const struct watch_subject_value of[] = {
		{ WATCH_SOURCE, "a" },
		{ WATCH_SOURCE, "b" },
	};
	struct watch_subject subject = { .text = "", .values_nr = 1 };
	struct watch_hits hits;

	for (int i = 0; i < 2; i++) {
		subject.values = &of[i];
		subject.reach = i == 0 ? 0 : REACH_BEYOND;
		watch_match(scratch, &subject, &hits);
		if (hits.n == 0)
			return false;
	}
	return true;
}

int watch_query_compile(const char *query, struct watch_query *q,
			struct watch_set **set_r,
			struct watch_scratch **scratch_r)
{
	struct watch_rule rule = { query, strlen(query) };
	struct watch_problem said;
	struct error err;
	size_t failed;

	*set_r = NULL;
	*scratch_r = NULL;
	if (watch_set_compile(set_r, &rule, 1, &failed, &said) < 0) {
		problem(q, said.column, said.text);
		return -1;
	}
	if (watch_scratch_open(scratch_r, *set_r, &err) < 0)
		problem(q, 0, "there is no memory for it now");
	else if (finds_all(*scratch_r))
		problem(q, 0,
			"it finds every mention: it has to ask for something");
	if (q->good)
		return 0;
	watch_scratch_close(scratch_r);
	watch_set_free(set_r);
	return -1;
}

const char *watch_problem_text(struct arena *arena, const struct watch_query *q)
{
	if (q->column == 0)
		return arena_strdup(arena, q->problem);
	return arena_printf(arena, "column %u: %s", q->column, q->problem);
}

bool watch_value_known(const struct watch_value *value)
{
	static const char *const known[WATCH_VALUES_NR][10] = {
		[WATCH_LANG] = { "ru", "zh", "en", "other" },
		[WATCH_CLASS] = { "claim", "question", "praise", "suggestion",
				  "news", "event", "spam", "other" },
		[WATCH_SENTIMENT] = { "negative", "neutral", "positive" },
	};
	const char *const *codes = known[value->field];
	const char *v = value->value;

	if (strchr(v, '*') != NULL)
		return true;
	if (value->field == WATCH_SOURCE)
		return code_good(v);
	if (codes[0] == NULL)
		return true;
	for (; *codes != NULL; codes++)
		if (strcmp(*codes, v) == 0)
			return true;
	return false;
}

/* --- hits --- */

static int hit_order(const void *a, const void *b)
{
	const struct watch_hit *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return strcmp(x->code, y->code);
}

static size_t hits_of(const Sy__V1__MentionStored *stored)
{
	return mention_counts(stored) && !stored->facts->spam
		       ? stored->facts->n_watches
		       : 0;
}

static void add(struct watch_hit_list *all, const Sy__V1__MentionStored *stored,
		int sign)
{
	for (size_t i = 0; i < hits_of(stored); i++)
		all->h[all->n++] = (struct watch_hit){
			.code = stored->facts->watches[i],
			.hour = (int32_t)(stored->facts->published_at_us /
					  US_PER_HOUR),
			.hits = sign,
		};
}

struct watch_hit_list watch_hits_sum(struct arena *arena,
				     const struct mention *first)
{
	struct watch_hit_list all = { 0 };
	size_t room = 0, n = 0;

	for (const struct mention *m = first; m != NULL; m = m->next)
		if (m->cause != NULL)
			room += hits_of(m->before) + hits_of(m->after);
	if (room == 0)
		return all;
	all.h = arena_alloc(arena, room * sizeof(all.h[0]));
	for (const struct mention *m = first; m != NULL; m = m->next) {
		if (m->cause == NULL)
			continue;
		add(&all, m->before, -1);
		add(&all, m->after, 1);
	}
	qsort(all.h, all.n, sizeof(all.h[0]), hit_order);
	for (size_t i = 0, end; i < all.n; i = end) {
		struct watch_hit sum = all.h[i];

		for (end = i + 1;
		     end < all.n && hit_order(&all.h[i], &all.h[end]) == 0;
		     end++)
			sum.hits += all.h[end].hits;
		if (sum.hits != 0)
			all.h[n++] = sum;
	}
	all.n = n;
	return all;
}
