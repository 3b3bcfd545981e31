/* train_evaluate.c -- how good a model is that is there already, see train.h.
 * Its labels and those of the texts need not be the same: what it does not
 * know, it gets wrong. */
#include <string.h>

#include "text/lang.h"
#include "text/model_internal.h"
#include "text/train.h"
#include "text/train_fit.h"

/* Answers of one language and head. */
struct answers {
	const struct model_head *head;
	const struct model_lang *lang;
	size_t at; /* of the head among those asked for */
	/* the head's labels, and one for all that it does not know */
	size_t labels_nr;
	int *y;
	double *scores;
	size_t n;
};

static int label_at(const struct answers *a, const char *label)
{
	size_t i = 0;

	while (i < a->head->labels_nr && strcmp(a->head->labels[i], label) != 0)
		i++;
	return (int)i;
}

static void take_answer(struct answers *a, const struct train_text *text,
			const struct predictions *list)
{
	const char *label = text->labels[a->at];
	const struct prediction *p = prediction_of(list, a->head->name);
	double *score = a->scores + a->n * a->labels_nr;

	if (label == NULL || label[0] == '\0')
		return;
	memcpy(score, p->probabilities, p->labels_nr * sizeof(*score));
	a->y[a->n++] = label_at(a, label);
}

static void take_text(const struct text_model *m, struct answers *a, size_t n,
		      struct arena *scratch, const struct train_text *text)
{
	struct text normal = text_normalise(scratch, text->text, text->len);
	struct text masked = text_mask(scratch, &normal);
	struct tokens tokens = text_tokens(scratch, &normal);
	struct features f = text_features(scratch, &tokens);
	const char *code = text->lang != NULL && text->lang[0] != '\0'
				   ? text->lang
				   : text_language(&masked).code;
	struct predictions list = text_model_predict(m, scratch, &f, code);

	for (size_t i = 0; i < n; i++)
		if (strcmp(a[i].lang->code, code) == 0)
			take_answer(&a[i], text, &list);
}

static void measure(struct train_result *r, struct arena *arena,
		    const struct answers *a)
{
	struct fit_score score;

	fit_measure(&score, arena, a->y, a->scores, a->n, a->labels_nr);
	*r = (struct train_result){
		.lang = arena_strdup(arena, a->lang->code),
		.head = arena_strdup(arena, a->head->name),
		.texts = a->n,
		.macro_f1 = score.macro_f1,
		.accuracy = score.accuracy,
		.threshold = a->head->threshold,
		.labels = arena_alloc(arena, a->labels_nr * sizeof(*r->labels)),
		.labels_nr = a->head->labels_nr,
	};
	for (size_t k = 0; k < r->labels_nr; k++) {
		r->labels[k] = (struct train_label){
			.label = arena_strdup(arena, a->head->labels[k]),
			.precision = score.precision[k],
			.recall = score.recall[k],
			.f1 = score.f1[k],
		};
		for (size_t i = 0; i < a->n; i++)
			r->labels[k].texts += a->y[i] == (int)k;
	}
}

void text_evaluate(const struct text_model *m, struct train_report *report_r,
		   struct arena *arena, const struct train_text *texts,
		   size_t n, const char *const *heads, size_t heads_nr)
{
	struct answers a[MODEL_LANGS_MAX * MODEL_HEADS_MAX];
	struct arena scratch;
	size_t parts = 0;

	for (size_t i = 0; i < m->langs_nr; i++) {
		for (size_t h = 0; h < heads_nr; h++) {
			const struct model_head *head =
				model_head_of(&m->langs[i], heads[h]);

			if (head == NULL)
				continue;
			a[parts++] = (struct answers){
				.head = head,
				.lang = &m->langs[i],
				.at = h,
				.labels_nr = head->labels_nr + 1,
				.y = arena_alloc(arena, n * sizeof(int)),
				.scores = arena_alloc(
					arena, n * (head->labels_nr + 1) *
						       sizeof(double)),
			};
		}
	}
	arena_init(&scratch);
	for (size_t i = 0; i < n; i++) {
		take_text(m, a, parts, &scratch, &texts[i]);
		arena_reset(&scratch);
	}
	*report_r = (struct train_report){ .texts = n };
	report_r->results =
		arena_alloc(arena, (parts + 1) * sizeof(*report_r->results));
	for (size_t i = 0; i < parts; i++)
		if (a[i].n > 0)
			measure(&report_r->results[report_r->results_nr++],
				arena, &a[i]);
}
