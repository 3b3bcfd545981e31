/* train_texts.c -- labelled texts as samples for train.c, and what is wrong
 * with them. */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/lang.h"
#include "text/train_fit.h"
#include "text/train_internal.h"

#define TEXTS_MAX 1000000

void train_remark(struct training *t, size_t line, size_t other,
		  const char *what)
{
	struct train_report *r = t->report;

	if (r->remarks_nr == TRAIN_REMARKS_MAX) {
		r->remarks_left_out++;
		return;
	}
	r->remarks[r->remarks_nr++] =
		(struct train_remark){ line, other, what };
}

const char *train_label_of(const struct sample *s, size_t head)
{
	const char *label = s->text->labels[head];

	return label != NULL && label[0] != '\0' ? label : NULL;
}

static bool has_label(struct training *t, const struct train_text *text)
{
	bool any = false;

	for (size_t i = 0; i < t->options->heads_nr; i++) {
		const char *label = text->labels[i];

		if (label == NULL || label[0] == '\0')
			continue;
		any = true;
		if (strlen(label) > MODEL_NAME_MAX_BYTES) {
			train_remark(t, text->line, 0, "a label is too long");
			return false;
		}
	}
	if (!any)
		train_remark(t, text->line, 0, "no label");
	return any;
}

/* Of its words in their order: numbers, addresses and signs are what copies
 * differ in. */
static uint64_t words_of(struct arena *scratch, const struct tokens *k)
{
	uint64_t *hash = arena_alloc(scratch, (k->n + 1) * sizeof(*hash));
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		if (k->t[i].kind == TOKEN_WORD || k->t[i].kind == TOKEN_HAN)
			hash[n++] = k->t[i].hash;
	return n > 0 ? XXH3_64bits(hash, n * sizeof(*hash))
		     : XXH3_64bits(k->s, k->len);
}

/* False: of no use, which was told. */
static bool prepare(struct training *t, struct arena *scratch,
		    const struct train_text *text, struct sample *s)
{
	struct text normal = text_normalise(scratch, text->text, text->len);
	struct text masked = text_mask(scratch, &normal);
	struct tokens tokens = text_tokens(scratch, &normal);
	struct features f = text_features(scratch, &tokens);

	if (!has_label(t, text))
		return false;
	if (f.n == 0) {
		train_remark(t, text->line, 0, "no text");
		return false;
	}
	*s = (struct sample){ .text = text, .n = f.n };
	s->lang = text->lang != NULL && text->lang[0] != '\0'
			  ? text->lang
			  : text_language(&masked).code;
	if (s->lang[0] == '\0' || strlen(s->lang) > MODEL_NAME_MAX_BYTES) {
		train_remark(t, text->line, 0, "its language is not known");
		return false;
	}
	s->copies = words_of(scratch, &tokens);
	s->bucket = arena_memdup(&t->work, f.bucket, f.n * sizeof(*f.bucket));
	t->bytes += f.n * sizeof(*f.bucket) + fit_row_bytes(f.n);
	return true;
}

static int by_copies_cb(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	int c = strcmp(x->lang, y->lang);

	if (c != 0)
		return c;
	if (x->copies != y->copies)
		return x->copies < y->copies ? -1 : 1;
	return x->text < y->text ? -1 : x->text > y->text;
}

/* Copies stand side by side. */
static void tell_contradictions(struct training *t)
{
	const struct sample *first = t->samples;

	for (size_t i = 1; i < t->n; i++) {
		const struct sample *s = &t->samples[i];

		if (s->copies != first->copies ||
		    strcmp(s->lang, first->lang) != 0) {
			first = s;
			continue;
		}
		for (size_t h = 0; h < t->options->heads_nr; h++) {
			const char *a = train_label_of(first, h);
			const char *b = train_label_of(s, h);

			if (a != NULL && b != NULL && strcmp(a, b) != 0)
				train_remark(t, s->text->line,
					     first->text->line,
					     "the same text has another label");
		}
	}
}

int train_take_texts(struct training *t, const struct train_text *texts,
		     size_t n)
{
	size_t max =
		t->options->texts_max > 0 ? t->options->texts_max : TEXTS_MAX;
	struct arena scratch;

	if (n > max)
		return error_set(t->err, "training: %zu texts, at most %zu", n,
				 max);
	t->samples = arena_alloc(&t->work, (n + 1) * sizeof(*t->samples));
	t->bytes = n * sizeof(*t->samples);
	arena_init(&scratch);
	for (size_t i = 0; i < n && t->bytes <= t->bytes_max; i++) {
		if (prepare(t, &scratch, &texts[i], &t->samples[t->n]))
			t->n++;
		arena_reset(&scratch);
	}
	t->report->texts = t->n;
	t->report->left_out = n - t->n;
	if (t->bytes > t->bytes_max)
		return error_set(t->err,
				 "training: the first %zu texts fill the "
				 "%zu MiB it may take",
				 t->n, t->bytes_max >> 20);
	qsort(t->samples, t->n, sizeof(*t->samples), by_copies_cb);
	tell_contradictions(t);
	return 0;
}
