/* train.c -- trains on one file, answers the other: macro-F1 and time. */
#include <stdio.h>

#include "bench_text.h"

int bench_train(struct arena *arena, const char *train, const char *test,
		const char *lang)
{
	static const char *const heads[] = { "label" };
	struct train_options options = {
		.version = "bench", .heads = heads, .heads_nr = 1, .seed = 1
	};
	struct bench_texts a, b;
	struct train_report report;
	struct text_model *m;
	struct arena scratch;
	struct error err;
	double began = bench_now();
	size_t answered = 0;

	bench_read(&a, arena, train, lang);
	bench_read(&b, arena, test, lang);
	if (text_train(&m, &report, arena, a.t, a.n, &options, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	printf("train_seconds %.2f\n", bench_now() - began);
	printf("c %g\n", report.results[0].c);
	printf("held_out_macro_f1 %.4f\n", report.results[0].macro_f1);
	printf("model_bytes %zu\n", text_model_bytes(m));
	arena_init(&scratch);
	began = bench_now();
	for (size_t i = 0; i < b.n; i++) {
		struct text t =
			text_normalise(&scratch, b.t[i].text, b.t[i].len);
		struct tokens k = text_tokens(&scratch, &t);
		struct features f = text_features(&scratch, &k);

		answered += text_model_predict(m, &scratch, &f, lang).n;
		arena_reset(&scratch);
	}
	printf("classify_us %.3f\n",
	       (bench_now() - began) * 1e6 / (double)answered);
	text_evaluate(m, &report, arena, b.t, b.n, heads, 1);
	printf("macro_f1 %.4f\n", report.results[0].macro_f1);
	printf("accuracy %.4f\n", report.results[0].accuracy);
	text_model_free(m);
	return 0;
}
