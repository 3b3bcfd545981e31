/* train_tell.c -- what `suyuan train` shows: what is wrong with the texts, how
 * good the model is beside the one in use, and the versions of the service.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "timeutil.h"
#include "train.h"

/* A text's line is its place among all; a file's own line is what it says. */
static void print_place(const struct trainer *t, size_t place)
{
	for (size_t i = 0; i < t->sources_nr; i++) {
		const struct train_source *s = &t->sources[i];

		if (place - 1 - s->first < s->n)
			fprintf(stderr, "%s:%zu", s->name,
				t->texts[place - 1].line);
	}
}

void train_tell_remarks(const struct trainer *t)
{
	for (size_t i = 0; i < t->report.remarks_nr; i++) {
		const struct train_remark *r = &t->report.remarks[i];

		if (r->line > 0)
			print_place(t, r->line);
		fprintf(stderr, "%s%s", r->line > 0 ? ": " : "", r->what);
		if (r->other > 0) {
			fputs(" than at ", stderr);
			print_place(t, r->other);
		}
		fputc('\n', stderr);
	}
	if (t->report.remarks_left_out > 0)
		fprintf(stderr, "%zu remarks more\n",
			t->report.remarks_left_out);
}

/* NULL: the model in use says nothing of it. */
static const struct train_result *result_before(const struct trainer *t,
						const struct train_result *r)
{
	for (size_t i = 0; i < t->before.results_nr; i++) {
		const struct train_result *b = &t->before.results[i];

		if (strcmp(b->lang, r->lang) == 0 &&
		    strcmp(b->head, r->head) == 0)
			return b;
	}
	return NULL;
}

static double label_before(const struct train_result *before, const char *label)
{
	for (size_t k = 0; before != NULL && k < before->labels_nr; k++)
		if (strcmp(before->labels[k].label, label) == 0)
			return before->labels[k].f1;
	return before != NULL ? 0 : -1;
}

static void print_score(const Sy__V1__ModelScore *s)
{
	printf("%-6s %-10s %-16s %7" PRIu64 "  %.3f  %.3f..%.3f ", s->lang,
	       s->head, s->label[0] != '\0' ? s->label : "macro", s->n, s->f1,
	       s->f1_low, s->f1_high);
	if (s->f1_in_use >= 0)
		printf("%10.3f", s->f1_in_use);
	else
		printf("%10s", "-");
	putchar('\n');
}

#define SCORES_HEAD                                                            \
	"lang   head       label              texts  F1     95 %%            " \
	" in use\n"

void train_tell_scores(const struct trainer *t)
{
	struct trainer copy = *t;
	Sy__V1__ModelScore **scores;
	size_t n;

	printf(SCORES_HEAD);
	n = train_scores(&copy, &scores);
	for (size_t i = 0; i < n; i++)
		print_score(scores[i]);
	for (size_t i = 0; i < t->report.results_nr; i++) {
		const struct train_result *r = &t->report.results[i];

		printf("%s %s: %.1f %% of the texts need no person (above "
		       "%.2f), C %g\n",
		       r->lang, r->head, 100 * r->sure_share, r->threshold,
		       r->c);
	}
	if (t->in_use != NULL)
		printf("in use: version %u, on the same texts; it may have "
		       "been trained on them\n",
		       t->in_use_version);
}

static Sy__V1__ModelScore *score(struct arena *arena,
				 const struct train_result *r,
				 const char *label, size_t texts, double f1,
				 double low, double high, double in_use)
{
	Sy__V1__ModelScore *s = arena_alloc(arena, sizeof(*s));

	sy__v1__model_score__init(s);
	s->head = (char *)r->head;
	s->lang = (char *)r->lang;
	s->label = (char *)label;
	s->n = texts;
	s->f1 = f1;
	s->f1_low = low;
	s->f1_high = high;
	s->f1_in_use = in_use;
	return s;
}

size_t train_scores(struct trainer *t, Sy__V1__ModelScore ***scores_r)
{
	Sy__V1__ModelScore **list;
	size_t n = 0;

	for (size_t i = 0; i < t->report.results_nr; i++)
		n += 1 + t->report.results[i].labels_nr;
	list = arena_alloc(&t->arena, (n + 1) * sizeof(list[0]));
	n = 0;
	for (size_t i = 0; i < t->report.results_nr; i++) {
		const struct train_result *r = &t->report.results[i];
		const struct train_result *before = result_before(t, r);

		list[n++] = score(&t->arena, r, "", r->texts, r->macro_f1,
				  r->macro_low, r->macro_high,
				  before != NULL ? before->macro_f1 : -1);
		for (size_t k = 0; k < r->labels_nr; k++) {
			const struct train_label *l = &r->labels[k];

			list[n++] = score(&t->arena, r, l->label, l->texts,
					  l->f1, l->f1_low, l->f1_high,
					  label_before(before, l->label));
		}
	}
	*scores_r = list;
	return n;
}

/* --- what the service has --- */

static const char *state_name(Sy__V1__ModelState state)
{
	switch (state) {
	case SY__V1__MODEL_STATE__MODEL_CANDIDATE:
		return "candidate";
	case SY__V1__MODEL_STATE__MODEL_IN_USE:
		return "in use";
	case SY__V1__MODEL_STATE__MODEL_RETIRED:
		return "retired";
	case SY__V1__MODEL_STATE__MODEL_STATE_NONE:
	case _SY__V1__MODEL_STATE_IS_INT_SIZE:
		break;
	}
	return "";
}

void train_tell_models(const Sy__V1__ListModelsReply *reply)
{
	char at[TIME_TEXT_MAX];

	for (size_t i = 0; i < reply->n_models; i++) {
		const Sy__V1__Model *m = reply->models[i];

		if (m->version == 0) {
			printf("version 0  %-9s  the profile's rules\n",
			       state_name(m->state));
			continue;
		}
		printf("version %u  %-9s  %s by %s, %" PRIu64 " texts, %" PRIu64
		       " bytes%s%s\n",
		       m->version, state_name(m->state),
		       time_format_us(m->made_at_us, at), m->made_by,
		       m->examples, m->bytes, m->note[0] != '\0' ? ": " : "",
		       m->note);
		if (m->n_scores > 0)
			printf(SCORES_HEAD);
		for (size_t s = 0; s < m->n_scores; s++)
			print_score(m->scores[s]);
	}
	printf("corrections %" PRIu64 ", %" PRIu64
	       " since the model in use was made\n",
	       reply->labels, reply->labels_since);
}
