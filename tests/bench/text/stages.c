/* stages.c -- processor time of each stage alone, over the texts of a file. */
#include <stdio.h>
#include <stdlib.h>

#include "bench_text.h"
#include "text/gazetteer.h"
#include "text/lang.h"
#include "text/minhash.h"

#define TEXTS_MAX 5000
#define ROUNDS 20
#define OFFICES 40000
#define ALIASES 4

/* What one stage gives the next. */
struct stage_text {
	const struct train_text *raw;
	struct text normal, masked;
	struct tokens tokens;
	struct features features;
	struct shingles shingles;
};

struct stages {
	const struct text_model *model;
	const struct gazetteer *offices;
	const char *lang;
	size_t sum; /* so that nothing is optimised away */
};

typedef void stage_cb(struct stages *s, struct arena *a, struct stage_text *t);

static void normalise_cb(struct stages *s, struct arena *a,
			 struct stage_text *t)
{
	s->sum += text_normalise(a, t->raw->text, t->raw->len).len;
}

static void mask_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	s->sum += text_mask(a, &t->normal).len;
}

static void language_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	(void)a;
	s->sum += (size_t)text_language(&t->masked).share_per_1000;
}

static void tokens_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	s->sum += text_tokens(a, &t->normal).n;
}

static void features_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	s->sum += text_features(a, &t->tokens).n;
}

static void predict_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	s->sum += text_model_predict(s->model, a, &t->features, s->lang).n;
}

static void shingles_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	s->sum += text_shingles(a, &t->masked).n;
}

static void minhash_cb(struct stages *s, struct arena *a, struct stage_text *t)
{
	uint64_t bands[MINHASH_BANDS];
	struct minhash m;

	(void)a;
	text_minhash(&m, &t->shingles);
	s->sum += minhash_bands(&m, bands) ? bands[0] & 1 : 0;
}

static void gazetteer_cb(struct stages *s, struct arena *a,
			 struct stage_text *t)
{
	s->sum += gazetteer_find(s->offices, a, &t->tokens).n;
}

static const struct {
	const char *name;
	stage_cb *run;
} table[] = {
	{ "normalise", normalise_cb }, { "mask", mask_cb },
	{ "language", language_cb },   { "tokens", tokens_cb },
	{ "features", features_cb },   { "predict", predict_cb },
	{ "shingles", shingles_cb },   { "minhash", minhash_cb },
	{ "gazetteer", gazetteer_cb },
};

static struct gazetteer *offices(struct arena *arena)
{
	struct gazetteer_name *names =
		arena_alloc(arena, OFFICES * ALIASES * sizeof(*names));
	struct gazetteer *g;
	double began;

	for (int i = 0; i < OFFICES; i++) {
		struct gazetteer_name *n = names + ALIASES * (size_t)i;
		const char *unit = arena_printf(arena, "unit%d", i);

		n[0].name = arena_printf(arena, "%d", 100000 + 3 * i);
		n[1].name = arena_printf(arena, "отделение почтовой связи %d",
					 100000 + 3 * i);
		n[2].name = arena_printf(arena, "ул. Ленина, %d, посёлок %d",
					 i % 90, i);
		n[3].name = arena_printf(arena, "北京市邮政%d支局", i);
		for (int k = 0; k < ALIASES; k++)
			n[k].unit = unit;
	}
	began = bench_now();
	if (gazetteer_open(&g, names, OFFICES * ALIASES, NULL) < 0)
		abort();
	printf("gazetteer_build_ms %.1f\n", (bench_now() - began) * 1e3);
	return g;
}

/* The least of the rounds: other work on the machine only adds. */
static double least_us(struct stages *s, stage_cb *run, struct stage_text *t,
		       size_t n)
{
	struct arena scratch;
	double least = 1e9;

	arena_init(&scratch);
	for (int round = 0; round < ROUNDS; round++) {
		double began = bench_now();

		for (size_t i = 0; i < n; i++) {
			run(s, &scratch, &t[i]);
			if (i % 16 == 15)
				arena_reset(&scratch);
		}
		began = bench_now() - began;
		least = began < least ? began : least;
		arena_reset(&scratch);
	}
	return least * 1e6 / (double)n;
}

int bench_stages(struct arena *arena, const char *path, const char *lang)
{
	static const char *const heads[] = { "label" };
	struct train_options options = {
		.version = "bench", .heads = heads, .heads_nr = 1, .folds = 2
	};
	struct stages s = { .lang = lang };
	struct train_report report;
	struct text_model *m;
	struct gazetteer *g;
	struct bench_texts texts;
	struct stage_text *t;
	struct error err;
	size_t chars = 0;

	bench_read(&texts, arena, path, lang);
	if (texts.n > TEXTS_MAX)
		texts.n = TEXTS_MAX;
	if (text_train(&m, &report, arena, texts.t, texts.n, &options, &err) <
	    0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	s.model = m;
	s.offices = g = offices(arena);
	t = arena_alloc(arena, texts.n * sizeof(*t));
	for (size_t i = 0; i < texts.n; i++) {
		t[i].raw = &texts.t[i];
		t[i].normal =
			text_normalise(arena, texts.t[i].text, texts.t[i].len);
		t[i].masked = text_mask(arena, &t[i].normal);
		t[i].tokens = text_tokens(arena, &t[i].normal);
		t[i].features = text_features(arena, &t[i].tokens);
		t[i].shingles = text_shingles(arena, &t[i].masked);
		chars += t[i].normal.chars;
	}
	printf("chars %.1f\n", (double)chars / (double)texts.n);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		printf("%s_us %.3f\n", table[i].name,
		       least_us(&s, table[i].run, t, texts.n));
	fprintf(stderr, "%zu\n", s.sum);
	gazetteer_close(g);
	text_model_free(m);
	return 0;
}
