/* train.c -- from labelled texts to a model, see train.h: what is wrong with
 * the texts (train_texts.c), folds, one head after the other (train_fit.c), and
 * what the held-out answers say.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/model_internal.h"
#include "text/train_fit.h"
#include "text/train_internal.h"

#define FOLDS 5
#define PRECISION .8
#define BYTES_MAX ((size_t)2 << 30)
/* A feature of one text alone says nothing of another. */
#define FEATURE_TEXTS_MIN 2
/* A feature is worth sqrt(log(1 + texts / texts with it) / this): 1 for one in
 * twenty texts. */
#define LOG_COMMON 3
#define BALANCE .5

/* One language while it is trained. */
struct part {
	struct sample *samples;
	size_t n;
	uint32_t *index; /* a bucket's, from 1 on; 0: too rare */
	double *worth;   /* of each index: a rare feature tells more */
	size_t features_nr;
	struct feature_node **x;
	double *weight[MODEL_HEADS_MAX]; /* of each head that was trained */
};

/* --- one head --- */

struct label_count {
	const char *label;
	size_t texts;
};

static int by_label_cb(const void *a, const void *b)
{
	const struct label_count *x = a, *y = b;

	return strcmp(x->label, y->label);
}

static struct label_count *count_of(struct label_count *counts, size_t n,
				    const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(counts[i].label, label) == 0)
			return &counts[i];
	return NULL;
}

/* The labels that can be learnt, sorted. -1: too many. */
static int labels_of(struct training *t, const struct part *p, size_t head,
		     struct label_count *counts, size_t *n_r)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		const char *label = train_label_of(&p->samples[i], head);
		struct label_count *c;

		if (label == NULL)
			continue;
		c = count_of(counts, n, label);
		if (c == NULL && n == MODEL_LABELS_MAX)
			return error_set(t->err,
					 "training: line %zu: more than %d "
					 "labels",
					 p->samples[i].text->line,
					 MODEL_LABELS_MAX);
		if (c == NULL) {
			c = &counts[n++];
			*c = (struct label_count){ .label = label };
		}
		c->texts++;
	}
	for (size_t i = 0; i < p->n; i++) {
		const char *label = train_label_of(&p->samples[i], head);

		if (label != NULL &&
		    count_of(counts, n, label)->texts < TRAIN_LABEL_MIN)
			train_remark(
				t, p->samples[i].text->line, 0,
				"the only text with its label is left out");
	}
	for (size_t i = 0; i < n; i++)
		if (counts[i].texts >= TRAIN_LABEL_MIN)
			counts[kept++] = counts[i];
	qsort(counts, kept, sizeof(*counts), by_label_cb);
	*n_r = kept;
	return 0;
}

struct member {
	uint64_t draw;
	uint64_t copies;
	int label;
	size_t at;
};

static int by_draw_cb(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Dealt out label by label, each set of copies to one fold: the samples are
 * sorted so that copies follow each other, the first decides. */
static int *folds_of(struct training *t, const struct part *p, const size_t *at,
		     const int *y, size_t n)
{
	struct member *m = arena_alloc(&t->work, (n + 1) * sizeof(*m));
	int *fold = arena_alloc(&t->work, (n + 1) * sizeof(*fold));
	size_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t copies = p->samples[at[i]].copies;

		if (i > 0 && p->samples[at[i - 1]].copies == copies)
			continue;
		m[groups++] = (struct member){
			.draw = XXH3_64bits_withSeed(&copies, sizeof(copies),
						     t->options->seed),
			.copies = copies,
			.label = y[i],
			.at = i,
		};
	}
	qsort(m, groups, sizeof(*m), by_draw_cb);
	for (size_t g = 0; g < groups; g++)
		for (size_t i = m[g].at;
		     i < n && p->samples[at[i]].copies == m[g].copies; i++)
			fold[i] = (int)(g % t->folds);
	return fold;
}

static bool step_cb(void *arg)
{
	struct training *t = arg;

	t->steps_done++;
	return t->options->progress_cb == NULL ||
	       t->options->progress_cb((int)(t->steps_done * 1000 / t->steps),
				       t->options->arg);
}

static int doubles_down_cb(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x > y ? -1 : x < y;
}

/* The least probability above which enough answers are right. */
static double threshold_of(struct training *t, const struct fit_data *d,
			   const struct fit *fit, double *sure_share_r)
{
	struct sure {
		double p;
		bool right;
	} *s = arena_alloc(&t->work, d->n * sizeof(*s));
	double least =
		t->options->precision > 0 ? t->options->precision : PRECISION;
	double *p = arena_alloc(&t->work, d->labels_nr * sizeof(*p));
	double threshold = 1.01;
	size_t right = 0, sure = 0;

	for (size_t i = 0; i < d->n; i++) {
		size_t best = 0;

		memcpy(p, fit->held_out + i * d->labels_nr,
		       d->labels_nr * sizeof(*p));
		model_softmax(p, d->labels_nr, fit->sharpness);
		for (size_t k = 1; k < d->labels_nr; k++)
			if (p[k] > p[best])
				best = k;
		s[i] = (struct sure){ p[best], best == (size_t)d->y[i] };
	}
	/* p is first */
	qsort(s, d->n, sizeof(*s), doubles_down_cb);
	for (size_t i = 0; i < d->n; i++) {
		right += s[i].right;
		if ((double)right >= least * (double)(i + 1) &&
		    (i + 1 == d->n || s[i + 1].p < s[i].p)) {
			threshold = s[i].p;
			sure = i + 1;
		}
	}
	*sure_share_r = (double)sure / (double)d->n;
	return threshold;
}

static void report_head(struct training *t, const struct part *p,
			const struct model_head *h, const struct fit_data *d,
			const struct fit *fit, double sure_share)
{
	struct train_result *r = &t->report->results[t->report->results_nr++];
	struct fit_interval *f1 =
		arena_alloc(&t->work, d->labels_nr * sizeof(*f1));
	struct fit_interval macro;
	struct fit_score score;

	fit_measure(&score, t->arena, d->y, fit->held_out, d->n, d->labels_nr);
	fit_bootstrap(&macro, f1, &t->work, d->y, fit->held_out, d->n,
		      d->labels_nr, t->options->seed);
	*r = (struct train_result){
		.lang = arena_strdup(t->arena, p->samples[0].lang),
		.head = arena_strdup(t->arena, h->name),
		.texts = d->n,
		.c = fit->c,
		.macro_f1 = score.macro_f1,
		.accuracy = score.accuracy,
		.threshold = h->threshold,
		.sure_share = sure_share,
		.labels = arena_alloc(t->arena,
				      d->labels_nr * sizeof(*r->labels)),
		.labels_nr = d->labels_nr,
	};
	for (size_t k = 0; k < d->labels_nr; k++) {
		r->labels[k] = (struct train_label){
			.label = arena_strdup(t->arena, h->labels[k]),
			.precision = score.precision[k],
			.recall = score.recall[k],
			.f1 = score.f1[k],
		};
		for (size_t i = 0; i < d->n; i++)
			r->labels[k].texts += d->y[i] == (int)k;
		r->labels[k].f1_low = f1[k].low;
		r->labels[k].f1_high = f1[k].high;
	}
	r->macro_low = macro.low;
	r->macro_high = macro.high;
}

/* The rows that have one of the labels. */
static struct fit_data data_of(struct training *t, const struct part *p,
			       size_t head, struct label_count *counts,
			       size_t labels_nr)
{
	struct fit_data d = {
		.x = arena_alloc(&t->work, (p->n + 1) * sizeof(*d.x)),
		.y = arena_alloc(&t->work, (p->n + 1) * sizeof(*d.y)),
		.features_nr = p->features_nr,
		.labels_nr = labels_nr,
		.folds = t->folds,
		.balance =
			t->options->balance > 0 ? t->options->balance : BALANCE,
		.step_cb = step_cb,
		.arg = t,
	};
	size_t *at = arena_alloc(&t->work, (p->n + 1) * sizeof(*at));

	for (size_t i = 0; i < p->n; i++) {
		const char *label = train_label_of(&p->samples[i], head);
		struct label_count *c =
			label != NULL ? count_of(counts, labels_nr, label)
				      : NULL;

		if (c == NULL)
			continue;
		at[d.n] = i;
		d.x[d.n] = p->x[i];
		d.y[d.n++] = (int)(c - counts);
	}
	d.fold = folds_of(t, p, at, d.y, d.n);
	return d;
}

/* 0 also when there is nothing to learn, which is told. */
static int train_head(struct training *t, struct part *p, size_t head,
		      struct model_lang *lang)
{
	struct label_count counts[MODEL_LABELS_MAX];
	struct model_head *h = &lang->heads[lang->heads_nr];
	struct arena *arena = &t->m->arena;
	struct fit_data d;
	struct fit fit;
	double sure_share;
	size_t n = 0;

	if (labels_of(t, p, head, counts, &n) < 0)
		return -1;
	d = data_of(t, p, head, counts, n);
	if (n < 2 || d.n < TRAIN_TEXTS_MIN) {
		train_remark(
			t, 0, 0,
			n < 2 ? "a head with one label or none is not trained"
			      : "a head with too few texts is not trained");
		t->steps_done += t->folds * FIT_GRID_NR + 1;
		return 0;
	}
	if (fit_head(&fit, &t->work, &d, t->err) < 0)
		return -1;
	*h = (struct model_head){
		.name = arena_strdup(arena, t->options->heads[head]),
		.labels = arena_alloc(arena, n * sizeof(*h->labels)),
		.labels_nr = n,
		.first = lang->outputs,
		.threshold = threshold_of(t, &d, &fit, &sure_share),
		.sharpness = fit.sharpness,
		.offset = arena_alloc(arena, n * sizeof(*h->offset)),
		.scale = arena_alloc(arena, n * sizeof(*h->scale)),
	};
	for (size_t k = 0; k < n; k++) {
		h->labels[k] = arena_strdup(arena, counts[k].label);
		h->offset[k] = fit.weight[p->features_nr * n + k];
	}
	/* what a feature is worth goes into its weights */
	for (size_t f = 0; f < p->features_nr; f++)
		for (size_t k = 0; k < n; k++)
			fit.weight[f * n + k] *= p->worth[f + 1];
	p->weight[lang->heads_nr++] = fit.weight;
	lang->outputs += n;
	report_head(t, p, h, &d, &fit, sure_share);
	return 0;
}

/* --- one language --- */

/* Which buckets are worth a weight, and the texts as rows of them. */
static void index_features(struct training *t, struct part *p)
{
	uint32_t *texts =
		arena_alloc(&t->work, FEATURE_BUCKETS * sizeof(*texts));
	uint32_t *found = arena_alloc(&t->work, FEATURES_MAX * sizeof(*found));

	p->index = texts;
	p->worth = arena_alloc(&t->work,
			       (FEATURE_BUCKETS + 1) * sizeof(*p->worth));
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->samples[i].n; k++)
			texts[p->samples[i].bucket[k]]++;
	for (size_t b = 0; b < FEATURE_BUCKETS; b++) {
		uint32_t in = texts[b];

		p->index[b] = 0;
		if (in < FEATURE_TEXTS_MIN)
			continue;
		p->index[b] = (uint32_t)++p->features_nr;
		p->worth[p->features_nr] =
			sqrt(log(1 + (double)p->n / (double)in) / LOG_COMMON);
	}
	p->x = arena_alloc(&t->work, p->n * sizeof(*p->x));
	for (size_t i = 0; i < p->n; i++) {
		const struct sample *s = &p->samples[i];
		size_t n = 0;

		for (size_t k = 0; k < s->n; k++)
			if (p->index[s->bucket[k]] != 0)
				found[n++] = p->index[s->bucket[k]];
		p->x[i] = fit_row(&t->work, found, n, 1 / sqrt((double)s->n),
				  p->worth, p->features_nr);
	}
}

/* Weights as int8, a scale a label. */
static void pack(struct training *t, const struct part *p,
		 struct model_lang *lang)
{
	struct arena *arena = &t->m->arena;
	size_t row = 0;

	lang->map = arena_alloc(arena, MODEL_MAP_WORDS * sizeof(*lang->map));
	lang->rank = arena_alloc(arena, MODEL_MAP_WORDS * sizeof(*lang->rank));
	for (size_t b = 0; b < FEATURE_BUCKETS; b++)
		if (p->index[b] != 0)
			lang->map[b / 64] |= (uint64_t)1 << b % 64;
	model_rank(lang);
	lang->rows = arena_alloc(arena, lang->rows_nr * lang->outputs + 1);
	for (size_t i = 0; i < lang->heads_nr; i++) {
		struct model_head *h = &lang->heads[i];
		size_t n = h->labels_nr;

		for (size_t k = 0; k < n; k++) {
			double most = 1e-9;

			for (size_t f = 0; f < p->features_nr; f++)
				most = fmax(most,
					    fabs(p->weight[i][f * n + k]));
			h->scale[k] = most / 127;
			/* rows are in the order of buckets, as features are */
			for (row = 0; row < lang->rows_nr; row++)
				lang->rows[row * lang->outputs + h->first + k] =
					(int8_t)lrint(
						p->weight[i][row * n + k] /
						h->scale[k]);
		}
	}
	t->m->bytes += lang->rows_nr * lang->outputs + MODEL_MAP_WORDS * 12;
}

static int train_lang(struct training *t, struct sample *samples, size_t n)
{
	struct model_lang *lang = &t->m->langs[t->m->langs_nr];
	struct part p = { .samples = samples, .n = n };

	*lang = (struct model_lang){
		.code = arena_strdup(&t->m->arena, samples[0].lang),
		.heads =
			arena_alloc(&t->m->arena, t->options->heads_nr *
							  sizeof(*lang->heads)),
	};
	index_features(t, &p);
	for (size_t h = 0; h < t->options->heads_nr; h++)
		if (train_head(t, &p, h, lang) < 0)
			return -1;
	if (lang->heads_nr == 0)
		return 0;
	pack(t, &p, lang);
	t->m->langs_nr++;
	return 0;
}

static int train_all(struct training *t)
{
	size_t begin[MODEL_LANGS_MAX + 1], langs = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (i > 0 &&
		    strcmp(t->samples[i].lang, t->samples[i - 1].lang) == 0)
			continue;
		if (langs == MODEL_LANGS_MAX)
			return error_set(t->err,
					 "training: more than %d languages",
					 MODEL_LANGS_MAX);
		begin[langs++] = i;
	}
	begin[langs] = t->n;
	t->report->results =
		arena_alloc(t->arena, (langs * t->options->heads_nr + 1) *
					      sizeof(*t->report->results));
	t->steps = langs * t->options->heads_nr * (t->folds * FIT_GRID_NR + 1);
	t->m->langs =
		arena_alloc(&t->m->arena, (langs + 1) * sizeof(*t->m->langs));
	for (size_t i = 0; i < langs; i++)
		if (train_lang(t, t->samples + begin[i],
			       begin[i + 1] - begin[i]) < 0)
			return -1;
	if (t->m->langs_nr == 0)
		return error_set(t->err, "training: nothing could be learnt");
	return 0;
}

static int check_options(const struct train_options *o, struct error *err)
{
	if (o->heads_nr == 0 || o->heads_nr > MODEL_HEADS_MAX)
		return error_set(err, "training: %zu heads, expected 1 to %d",
				 o->heads_nr, MODEL_HEADS_MAX);
	for (size_t i = 0; i < o->heads_nr; i++)
		if (o->heads[i][0] == '\0' ||
		    strlen(o->heads[i]) > MODEL_NAME_MAX_BYTES)
			return error_set(err, "training: name of head %zu",
					 i + 1);
	if (o->version == NULL || o->version[0] == '\0' ||
	    strlen(o->version) > MODEL_NAME_MAX_BYTES)
		return error_set(err, "training: no version, or too long");
	if (o->folds == 1 || o->folds > 10)
		return error_set(err, "training: %zu folds, expected 2 to 10",
				 o->folds);
	if (!(o->balance >= 0 && o->balance <= 1) ||
	    !(o->precision >= 0 && o->precision <= 1))
		return error_set(err, "training: balance or precision is not "
				      "within 0 and 1");
	return 0;
}

int text_train(struct text_model **m_r, struct train_report *report_r,
	       struct arena *arena, const struct train_text *texts, size_t n,
	       const struct train_options *options, struct error *err)
{
	struct training t = {
		.arena = arena,
		.options = options,
		.folds = options->folds > 0 ? options->folds : FOLDS,
		.bytes_max =
			options->bytes_max > 0 ? options->bytes_max : BYTES_MAX,
		.report = report_r,
		.err = err,
	};
	int rc;

	*m_r = NULL;
	*report_r = (struct train_report){
		.remarks = arena_alloc(
			arena, TRAIN_REMARKS_MAX * sizeof(struct train_remark)),
	};
	if (check_options(options, err) < 0)
		return -1;
	t.m = model_new(err);
	if (t.m == NULL)
		return -1;
	t.m->version = arena_strdup(&t.m->arena, options->version);
	arena_init(&t.work);
	rc = train_take_texts(&t, texts, n);
	if (rc == 0)
		rc = train_all(&t);
	arena_reset(&t.work);
	if (rc < 0) {
		text_model_free(t.m);
		return -1;
	}
	*m_r = t.m;
	return 0;
}
