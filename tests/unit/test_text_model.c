/* test_text_model.c -- training, prediction, reasons and the file of
 * a model: what is learnt, what is told of bad input, and that no bytes are
 * believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "text/train.h"
#include "text/train_fit.h"

#define TEXTS_MAX 2000

static struct arena arena;

/* Texts of one test, with two heads. */
static struct {
	struct train_text t[TEXTS_MAX];
	size_t n;
} given;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	srand(3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void give(const char *text, const char *lang, const char *first,
		 const char *second)
{
	const char **labels = arena_alloc(&arena, 2 * sizeof(*labels));

	labels[0] = first;
	labels[1] = second;
	given.t[given.n] =
		(struct train_text){ .text = arena_strdup(&arena, text),
				     .len = strlen(text),
				     .lang = lang,
				     .labels = labels,
				     .line = given.n + 2 };
	given.n++;
}

static const char *const heads[] = { "class", "mood" };

static struct train_options options(void)
{
	return (struct train_options){
		.version = "v1", .heads = heads, .heads_nr = 2, .seed = 1
	};
}

static struct text_model *trained(struct train_report *report)
{
	struct train_options o = options();
	struct text_model *m;
	struct error err;

	if (text_train(&m, report, &arena, given.t, given.n, &o, &err) < 0)
		fail_msg("%s", err.text);
	return m;
}

static const char *one_of(const char *const *words, size_t n)
{
	return words[(size_t)rand() % n];
}

/* Parcels and calls, glad and cross, in two languages. */
static void give_plain(size_t n)
{
	static const char *const parcel[] = { "посылка", "письмо", "бандероль",
					      "отправление" };
	static const char *const call[] = { "звонок", "оператор", "линия",
					    "связь" };
	static const char *const glad[] = { "спасибо", "отлично", "радует" };
	static const char *const cross[] = { "ужасно", "плохо", "пропала" };
	static const char *const fill[] = { "вчера", "у нас",   "в городе",
					    "опять", "сегодня", "очень" };

	given.n = 0;
	for (size_t i = 0; i < n; i++) {
		bool is_call = rand() % 2, is_glad = rand() % 2;

		give(arena_printf(&arena, "%s %s %s %s %zu", one_of(fill, 6),
				  one_of(is_call ? call : parcel, 4),
				  one_of(is_glad ? glad : cross, 3),
				  one_of(fill, 6), i),
		     "ru", is_call ? "call" : "parcel",
		     is_glad ? "glad" : "cross");
		give(arena_printf(&arena, "%s%s%s", is_call ? "电话" : "快递",
				  is_glad ? "很好" : "太差",
				  i % 2 ? "今天" : "昨天了"),
		     NULL, is_call ? "call" : "parcel",
		     i % 3     ? NULL
		     : is_glad ? "glad"
			       : "cross");
	}
}

static struct tokens tokens_of(const char *raw)
{
	struct text t = text_normalise(&arena, raw, strlen(raw));

	return text_tokens(&arena, &t);
}

static struct predictions predict(const struct text_model *m, const char *raw,
				  const char *lang)
{
	struct tokens k = tokens_of(raw);
	struct features f = text_features(&arena, &k);

	return text_model_predict(m, &arena, &f, lang);
}

/* --- training --- */

static void test_learns_both_heads_in_both_languages(void **state)
{
	static const struct {
		const char *text, *lang, *class, *mood;
	} asked[] = {
		{ "бандероль пропала", "ru", "parcel", "cross" },
		{ "СВЯЗЬ отлично", "ru", "call", "glad" },
		{ "快递很好", "zh", "parcel", "glad" },
		{ "电话太差", "zh", "call", "cross" },
	};
	struct train_report report;
	struct text_model *m;

	(void)state;
	give_plain(150);
	m = trained(&report);
	assert_int_equal(report.results_nr, 4);
	assert_int_equal(report.texts, 300);
	assert_string_equal(text_model_version(m), "v1");
	for (size_t i = 0; i < 4; i++) {
		const struct train_result *r = &report.results[i];

		assert_true(r->macro_f1 > .98 && r->accuracy > .98);
		assert_true(r->macro_low <= r->macro_f1 &&
			    r->macro_f1 <= r->macro_high);
		assert_true(text_model_has(m, r->lang, r->head));
		assert_int_equal(r->labels_nr, 2);
		assert_int_equal(r->labels[0].texts + r->labels[1].texts,
				 r->texts);
	}
	for (size_t i = 0; i < 4; i++) {
		struct predictions list =
			predict(m, asked[i].text, asked[i].lang);
		const struct prediction *c = prediction_of(&list, "class");
		const struct prediction *d = prediction_of(&list, "mood");

		assert_int_equal(list.n, 2);
		assert_string_equal(c->label, asked[i].class);
		assert_string_equal(d->label, asked[i].mood);
		assert_true(fabs(c->probabilities[0] + c->probabilities[1] -
				 1) < 1e-9);
		assert_true(c->probability >= .5 && c->sure);
	}
	assert_null(prediction_of(&(struct predictions){ 0 }, "class"));
	assert_int_equal(predict(m, "hello", "en").n, 0);
	assert_false(text_model_has(m, "en", "class"));
	/* nothing to go by is no crash */
	assert_int_equal(predict(m, "", "ru").n, 2);
	text_model_free(m);
}

static void test_reasons_point_at_the_word(void **state)
{
	struct train_report report;
	struct text_model *m;
	struct tokens k;
	struct features f;
	struct reasons r;

	(void)state;
	give_plain(150);
	m = trained(&report);
	k = tokens_of("Вчера в городе бандероль опять пропала");
	f = text_features_placed(&arena, &k);
	r = text_model_explain(m, &arena, &f, "ru", "class", "parcel", 3);
	assert_true(r.n >= 1 && r.n <= 3);
	assert_memory_equal(k.s + r.r[0].begin, "бандероль",
			    strlen("бандероль"));
	r = text_model_explain(m, &arena, &f, "ru", "mood", "cross", 3);
	assert_memory_equal(k.s + r.r[0].end - strlen("пропала"), "пропала",
			    strlen("пропала"));
	for (size_t i = 0; i < r.n; i++) {
		assert_true(r.r[i].weight > 0 && r.r[i].end <= k.len);
		assert_true(i == 0 || r.r[i].weight <= r.r[i - 1].weight);
	}
	assert_int_equal(
		text_model_explain(m, &arena, &f, "ru", "mood", "x", 3).n, 0);
	assert_int_equal(text_model_explain(m, &arena, &f, "ru", "x", "x", 3).n,
			 0);
	assert_int_equal(
		text_model_explain(m, &arena, &f, "xx", "mood", "cross", 3).n,
		0);
	text_model_free(m);
}

static void test_same_texts_same_bytes(void **state)
{
	struct train_report report;
	void *a, *b;
	size_t n, m;
	struct text_model *x, *y, *z;
	struct error err;

	(void)state;
	give_plain(100);
	x = trained(&report);
	y = trained(&report);
	a = text_model_save(x, &n);
	b = text_model_save(y, &m);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	free(b);
	assert_int_equal(text_model_load(&z, a, n, &err), 0);
	b = text_model_save(z, &m);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	assert_int_equal(text_model_bytes(z), text_model_bytes(x));
	for (size_t i = 0; i < given.n; i++) {
		const char *lang = i % 2 ? "zh" : "ru";
		struct predictions p = predict(x, given.t[i].text, lang);
		struct predictions q = predict(z, given.t[i].text, lang);

		assert_int_equal(p.n, q.n);
		for (size_t k = 0; k < p.n; k++)
			assert_true(p.p[k].probability == q.p[k].probability);
	}
	free(a);
	free(b);
	text_model_free(x);
	text_model_free(y);
	text_model_free(z);
}

/* Labels by chance, each text four times: who sees its copies knows them all.
 */
static void test_copies_do_not_leak(void **state)
{
	struct train_report report;
	struct text_model *m;

	(void)state;
	given.n = 0;
	for (int i = 0; i < 200; i++) {
		const char *label = rand() % 2 ? "a" : "b";
		char word[16];

		for (int k = 0; k < 15; k++)
			word[k] = (char)('a' + rand() % 26);
		word[15] = '\0';
		for (int k = 0; k < 4; k++)
			give(arena_printf(&arena, "%s%s %d%s", word,
					  k % 2 ? "!" : "", k,
					  k > 1 ? " https://a.ru/b" : ""),
			     "en", label, NULL);
	}
	m = trained(&report);
	assert_int_equal(report.results_nr, 1);
	assert_true(report.results[0].accuracy < .65);
	text_model_free(m);
}

static void test_thresholds_keep_their_promise(void **state)
{
	struct train_options o = options();
	struct train_report report;
	struct text_model *m;
	struct error err;
	const struct train_result *r;

	(void)state;
	given.n = 0;
	/* half of them can be known */
	for (int i = 0; i < 600; i++)
		give(arena_printf(&arena, "%s x%d",
				  i % 4 == 0   ? "apple"
				  : i % 4 == 1 ? "brick"
					       : "cloud",
				  i),
		     "en", i % 4 == 0 || (i % 4 > 1 && rand() % 2) ? "a" : "b",
		     NULL);
	o.precision = .95;
	assert_int_equal(
		text_train(&m, &report, &arena, given.t, given.n, &o, &err), 0);
	r = &report.results[0];
	print_message("%f %f %f\n", r->sure_share, r->threshold, r->accuracy);
	assert_true(r->sure_share > .4 && r->sure_share < .6);
	assert_true(predict(m, "apple", "en").p[0].sure);
	assert_false(predict(m, "cloud", "en").p[0].sure);
	text_model_free(m);
}

/* --- what is told --- */

static bool remarked(const struct train_report *r, size_t line, size_t other,
		     const char *what)
{
	for (size_t i = 0; i < r->remarks_nr; i++)
		if (r->remarks[i].line == line &&
		    r->remarks[i].other == other &&
		    strcmp(r->remarks[i].what, what) == 0)
			return true;
	return false;
}

static void test_bad_lines_are_told(void **state)
{
	struct train_report report;
	struct text_model *m;

	(void)state;
	give_plain(50);
	/* the last of give_plain is line 101 */
	give("посылка без ярлыка", "ru", "", NULL);
	give(" \t ", "ru", "call", NULL);
	give("ок", NULL, "call", NULL);
	give("одна такая", "ru", "alone", NULL);
	give("Посылка номер 5!", "ru", "parcel", NULL);
	give("посылка номер 6", "ru", "call", NULL);
	give("линия", "ru", arena_printf(&arena, "%064d", 7), NULL);
	m = trained(&report);
	assert_true(remarked(&report, 102, 0, "no label"));
	assert_true(remarked(&report, 103, 0, "no text"));
	assert_true(remarked(&report, 104, 0, "its language is not known"));
	assert_true(remarked(&report, 105, 0,
			     "the only text with its label is left out"));
	assert_true(
		remarked(&report, 107, 106, "the same text has another label"));
	assert_true(remarked(&report, 108, 0, "a label is too long"));
	assert_int_equal(report.left_out, 4);
	text_model_free(m);
}

static void refused(const struct train_options *o, const char *what)
{
	struct train_report report;
	struct text_model *m;
	struct error err;

	assert_int_equal(
		text_train(&m, &report, &arena, given.t, given.n, o, &err), -1);
	assert_null(m);
	if (strstr(err.text, what) == NULL)
		fail_msg("%s, expected %s", err.text, what);
}

static int steps;
static bool stop_cb(int per_1000, void *arg)
{
	(void)arg;
	assert_true(per_1000 >= 0 && per_1000 <= 1000);
	return ++steps < 3;
}

static void test_what_is_refused(void **state)
{
	struct train_options o = options();

	(void)state;
	given.n = 0;
	refused(&o, "nothing could be learnt");
	for (int i = 0; i < 100; i++)
		give(arena_printf(&arena, "word%d same", i), "en", "one", NULL);
	refused(&o, "nothing could be learnt");
	give_plain(100);
	o.texts_max = 10;
	refused(&o, "at most 10");
	o.texts_max = 0;
	o.bytes_max = 100000;
	refused(&o, "texts fill");
	o.bytes_max = 0;
	o.progress_cb = stop_cb;
	refused(&o, "ended by its caller");
	assert_int_equal(steps, 3);
	o.progress_cb = NULL;
	o.folds = 1;
	refused(&o, "folds");
	o.folds = 0;
	o.balance = NAN;
	refused(&o, "balance");
	o = options();
	o.version = "";
	refused(&o, "version");
	o = options();
	o.heads_nr = 0;
	refused(&o, "heads");
	given.n = 0;
	for (int i = 0; i < 200; i++)
		give("x y z", "en", arena_printf(&arena, "label%d", i), NULL);
	o = options();
	refused(&o, "more than 64 labels");
	given.n = 0;
	for (int i = 0; i < 9; i++)
		give("x y z", arena_printf(&arena, "l%d", i), "a", NULL);
	refused(&o, "languages");
}

static void test_evaluates_a_model_in_use(void **state)
{
	struct train_report report;
	struct text_model *m;

	(void)state;
	give_plain(100);
	m = trained(&report);
	text_evaluate(m, &report, &arena, given.t, given.n, heads, 2);
	assert_int_equal(report.results_nr, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(report.results[i].macro_f1 > .98);
	/* a label that it does not know is a wrong answer */
	for (size_t i = 0; i < given.n; i += 4)
		((const char **)given.t[i].labels)[0] = "other";
	text_evaluate(m, &report, &arena, given.t, given.n, heads, 1);
	assert_int_equal(report.results_nr, 2);
	assert_true(report.results[0].macro_f1 < .8);
	text_model_free(m);
}

/* n answers of two labels, a share of them wrong. */
static struct fit_interval interval_of(size_t n, size_t wrong_per_10)
{
	struct fit_interval macro, f1[2];
	double *scores = arena_alloc(&arena, 2 * n * sizeof(*scores));
	int *y = arena_alloc(&arena, n * sizeof(*y));

	for (size_t i = 0; i < n; i++) {
		int said;

		y[i] = (int)(i % 2);
		said = i / 2 % 10 < wrong_per_10 ? 1 - y[i] : y[i];
		scores[2 * i + (size_t)said] = 1;
	}
	fit_bootstrap(&macro, f1, &arena, y, scores, n, 2, 7);
	for (size_t k = 0; k < 2; k++)
		assert_true(f1[k].low <= macro.high && f1[k].high >= macro.low);
	return macro;
}

/* As wide as the binomial says: 1.96 sqrt(p(1-p)/n) at either side. */
static void test_intervals(void **state)
{
	(void)state;
	for (size_t wrong = 0; wrong <= 5; wrong++)
		for (size_t n = 200; n <= 20000; n *= 10) {
			struct fit_interval i = interval_of(n, wrong);
			double p = 1 - (double)wrong / 10;
			double half = 1.96 * sqrt(p * (1 - p) / (double)n);

			assert_true(i.low <= p + 1e-9 && i.high >= p - 1e-9);
			assert_true(i.high - i.low <= 2.5 * half + 1e-9);
			assert_true(i.high - i.low >= 1.5 * half - 1e-9);
		}
}

/* --- the file --- */

static void test_broken_files_are_refused(void **state)
{
	struct train_report report;
	struct text_model *m, *other;
	struct error err;
	uint8_t *bytes, *copy;
	size_t n;

	(void)state;
	give_plain(60);
	m = trained(&report);
	bytes = text_model_save(m, &n);
	text_model_free(m);
	assert_int_equal(text_model_load(&other, bytes, 0, &err), -1);
	assert_int_equal(text_model_load(&other, "SYTEXT1\n", 8, &err), -1);
	for (size_t k = 0; k < n; k += 1 + k / 20) {
		copy = malloc(k + 1);
		memcpy(copy, bytes, k);
		assert_int_equal(text_model_load(&other, copy, k, &err), -1);
		assert_null(other);
		free(copy);
	}
	copy = malloc(n + 1);
	memcpy(copy, bytes, n);
	for (size_t k = 0; k < n; k += 1 + k / 20) {
		copy[k] ^= 0x41;
		assert_int_equal(text_model_load(&other, copy, n, &err), -1);
		copy[k] ^= 0x41;
	}
	copy[n] = 0;
	assert_int_equal(text_model_load(&other, copy, n + 1, &err), -1);
	free(copy);
	free(bytes);
}

/* With a right length and checksum, as one makes who means ill. */
static void seal(uint8_t *bytes, size_t n)
{
	uint64_t rest = n - 24, sum = XXH3_64bits(bytes + 24, n - 24);

	memcpy(bytes + 8, &rest, 8);
	memcpy(bytes + 16, &sum, 8);
}

static void test_sealed_files_are_not_believed(void **state)
{
	struct train_report report;
	struct text_model *m, *other;
	struct error err;
	uint8_t *bytes, *copy;
	size_t n, refused_nr = 0;

	(void)state;
	give_plain(60);
	m = trained(&report);
	bytes = text_model_save(m, &n);
	text_model_free(m);
	copy = malloc(n);
	for (int round = 0; round < 3000; round++) {
		size_t at = 24 + (size_t)rand() % 300, len = n;

		memcpy(copy, bytes, n);
		copy[at] = (uint8_t)rand();
		if (round % 3 == 0)
			len = 24 + (size_t)rand() % (n - 24);
		seal(copy, len);
		if (text_model_load(&other, copy, len, &err) < 0) {
			refused_nr++;
			continue;
		}
		/* what was taken can be asked */
		predict(other, "посылка пропала", "ru");
		predict(other, "快递太差", "zh");
		text_model_free(other);
		arena_reset(&arena);
	}
	assert_true(refused_nr > 1000);
	free(copy);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns_both_heads_in_both_languages),
		cmocka_unit_test(test_reasons_point_at_the_word),
		cmocka_unit_test(test_same_texts_same_bytes),
		cmocka_unit_test(test_copies_do_not_leak),
		cmocka_unit_test(test_thresholds_keep_their_promise),
		cmocka_unit_test(test_bad_lines_are_told),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_evaluates_a_model_in_use),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_broken_files_are_refused),
		cmocka_unit_test(test_sealed_files_are_not_believed),
	};

	return cmocka_run_group_tests_name("text_model", tests, setup,
					   teardown);
}
