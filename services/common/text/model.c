/* model.c -- asking a model, see model.h; its file is model_file.c, where it
 * comes from train.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/model_internal.h"

struct text_model *model_new(struct error *err)
{
	struct text_model *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		error_set(err, "model: no memory");
		return NULL;
	}
	arena_init(&m->arena);
	return m;
}

void text_model_free(struct text_model *m)
{
	if (m == NULL)
		return;
	arena_reset(&m->arena);
	free(m);
}

const char *text_model_version(const struct text_model *m)
{
	return m->version;
}

size_t text_model_bytes(const struct text_model *m)
{
	return m->bytes;
}

const struct model_lang *model_lang_of(const struct text_model *m,
				       const char *code)
{
	for (size_t i = 0; i < m->langs_nr; i++)
		if (strcmp(m->langs[i].code, code) == 0)
			return &m->langs[i];
	return NULL;
}

const struct model_head *model_head_of(const struct model_lang *lang,
				       const char *name)
{
	for (size_t i = 0; lang != NULL && i < lang->heads_nr; i++)
		if (strcmp(lang->heads[i].name, name) == 0)
			return &lang->heads[i];
	return NULL;
}

bool text_model_has(const struct text_model *m, const char *lang,
		    const char *head)
{
	return model_head_of(model_lang_of(m, lang), head) != NULL;
}

/* --- rows --- */

void model_rank(struct model_lang *lang)
{
	uint32_t rows = 0;

	for (size_t i = 0; i < MODEL_MAP_WORDS; i++) {
		lang->rank[i] = rows;
		rows += (uint32_t)__builtin_popcountll(lang->map[i]);
	}
	lang->rows_nr = rows;
}

/* Without the instruction, which not every x86-64 has, the compiler would call
 * a function. */
static inline uint32_t ones(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (uint32_t)(x * 0x0101010101010101u >> 56);
}

const int8_t *model_row(const struct model_lang *lang, uint32_t bucket)
{
	uint64_t word = lang->map[bucket / 64];
	uint64_t bit = (uint64_t)1 << bucket % 64;

	if ((word & bit) == 0)
		return NULL;
	return lang->rows + (lang->rank[bucket / 64] + ones(word & (bit - 1))) *
				    lang->outputs;
}

/* --- asking --- */

void model_softmax(double *score, size_t n, double sharpness)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = score[i] > most ? score[i] : most;
	for (size_t i = 0; i < n; i++) {
		score[i] = exp((score[i] - most) * sharpness);
		sum += score[i];
	}
	for (size_t i = 0; i < n; i++)
		score[i] /= sum;
}

static void sum_rows(const struct model_lang *lang,
		     const struct features *features, int32_t *sum)
{
	size_t outputs = lang->outputs;

	for (size_t i = 0; i < features->n; i++) {
		const int8_t *row = model_row(lang, features->bucket[i]);

		if (row == NULL)
			continue;
		for (size_t k = 0; k < outputs; k++)
			sum[k] += row[k];
	}
}

static struct prediction head_predict(const struct model_head *head,
				      struct arena *arena, const int32_t *sum,
				      double length)
{
	double *p = arena_alloc(arena, head->labels_nr * sizeof(*p));
	size_t best = 0;

	for (size_t i = 0; i < head->labels_nr; i++)
		p[i] = sum[head->first + i] * head->scale[i] / length +
		       head->offset[i];
	model_softmax(p, head->labels_nr, head->sharpness);
	for (size_t i = 1; i < head->labels_nr; i++)
		if (p[i] > p[best])
			best = i;
	return (struct prediction){
		.head = head->name,
		.label = head->labels[best],
		.probability = p[best],
		.threshold = head->threshold,
		.sure = p[best] >= head->threshold,
		.labels = head->labels,
		.probabilities = p,
		.labels_nr = head->labels_nr,
	};
}

struct predictions text_model_predict(const struct text_model *m,
				      struct arena *arena,
				      const struct features *features,
				      const char *lang_code)
{
	const struct model_lang *lang = model_lang_of(m, lang_code);
	struct predictions list = { 0 };
	int32_t *sum;
	double length = sqrt(features->n > 0 ? (double)features->n : 1);

	if (lang == NULL)
		return list;
	sum = arena_alloc(arena, (lang->outputs + 1) * sizeof(*sum));
	sum_rows(lang, features, sum);
	list.p = arena_alloc(arena, lang->heads_nr * sizeof(*list.p));
	for (; list.n < lang->heads_nr; list.n++)
		list.p[list.n] =
			head_predict(&lang->heads[list.n], arena, sum, length);
	return list;
}

const struct prediction *prediction_of(const struct predictions *list,
				       const char *head)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->p[i].head, head) == 0)
			return &list->p[i];
	return NULL;
}

/* --- explaining --- */

static int by_place_cb(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static int by_weight_cb(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return by_place_cb(a, b);
}

/* Reasons of one place are one. */
static size_t merged(struct reason *r, size_t n)
{
	size_t out = 0;

	qsort(r, n, sizeof(*r), by_place_cb);
	for (size_t i = 0; i < n; i++) {
		if (out > 0 && by_place_cb(&r[out - 1], &r[i]) == 0)
			r[out - 1].weight += r[i].weight;
		else
			r[out++] = r[i];
	}
	return out;
}

static bool overlaps(const struct reasons *list, const struct reason *r)
{
	for (size_t i = 0; i < list->n; i++)
		if (r->begin < list->r[i].end && list->r[i].begin < r->end)
			return true;
	return false;
}

struct reasons reasons_best(struct reason *r, size_t n, size_t max)
{
	struct reasons list = { .r = r };

	n = merged(r, n);
	qsort(r, n, sizeof(*r), by_weight_cb);
	for (size_t i = 0; i < n && list.n < max && r[i].weight > 0; i++)
		if (!overlaps(&list, &r[i]))
			list.r[list.n++] = r[i];
	return list;
}

struct reasons text_model_explain(const struct text_model *m,
				  struct arena *arena,
				  const struct features *placed,
				  const char *lang_code, const char *head_name,
				  const char *label, size_t max)
{
	const struct model_lang *lang = model_lang_of(m, lang_code);
	const struct model_head *head = model_head_of(lang, head_name);
	struct reason *r;
	size_t n = 0, own = 0;

	if (head == NULL || placed->place == NULL)
		return (struct reasons){ 0 };
	while (own < head->labels_nr && strcmp(head->labels[own], label) != 0)
		own++;
	if (own == head->labels_nr)
		return (struct reasons){ 0 };
	r = arena_alloc(arena, (placed->n + 1) * sizeof(*r));
	for (size_t i = 0; i < placed->n; i++) {
		const int8_t *row = model_row(lang, placed->bucket[i]);
		double others = 0, weight;

		if (row == NULL)
			continue;
		row += head->first;
		/* for the label, against the mean of the others */
		for (size_t k = 0; k < head->labels_nr; k++)
			if (k != own)
				others += row[k] * head->scale[k];
		weight = row[own] * head->scale[own];
		if (head->labels_nr > 1)
			weight -= others / (double)(head->labels_nr - 1);
		r[n++] = (struct reason){ .begin = placed->place[i].begin,
					  .end = placed->place[i].end,
					  .weight = weight };
	}
	return reasons_best(r, n, max);
}
