/* text_model.c -- the file of a model, sealed with a right length and checksum,
 * as one makes who means ill: refused with a word, or asked without harm. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "../lib/fuzz.h"
#include "text/model.h"

#define HEAD_BYTES 24

static void ask(const struct text_model *m, struct arena *arena)
{
	static const char raw[] = "где посылка? 快递太慢了 where is it";
	struct text t = text_normalise(arena, raw, strlen(raw));
	struct tokens k = text_tokens(arena, &t);
	struct features f = text_features_placed(arena, &k);
	static const char *const langs[] = { "ru", "zh", "en" };

	for (size_t i = 0; i < 3; i++) {
		struct predictions list =
			text_model_predict(m, arena, &f, langs[i]);

		for (size_t p = 0; p < list.n; p++) {
			REQUIRE(list.p[p].probability >= 0 &&
				list.p[p].probability <= 1.000001);
			text_model_explain(m, arena, &f, langs[i],
					   list.p[p].head, list.p[p].label, 5);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* the map of a language is 128 KiB, which no fuzzer would write: zeros
	 * follow the input */
	size_t len = HEAD_BYTES + size + ((size_t)256 << 10);
	uint8_t *bytes = calloc(1, len);
	struct text_model *m;
	struct error err;

	for (int zeros = 0; zeros < 3; zeros++) {
		size_t n = HEAD_BYTES + size +
			   (zeros == 0   ? 0
			    : zeros == 1 ? (size_t)128 << 10
					 : (size_t)256 << 10);
		uint64_t rest = n - HEAD_BYTES, sum;
		struct arena arena;

		memcpy(bytes, "SYTEXT1\n", 8);
		memcpy(bytes + HEAD_BYTES, data, size);
		memcpy(bytes + 8, &rest, 8);
		sum = XXH3_64bits(bytes + HEAD_BYTES, rest);
		memcpy(bytes + 16, &sum, 8);
		err.text[0] = '\0';
		if (text_model_load(&m, bytes, n, &err) < 0) {
			REQUIRE(m == NULL && err.text[0] != '\0');
			continue;
		}
		arena_init(&arena);
		ask(m, &arena);
		arena_reset(&arena);
		text_model_free(m);
	}
	free(bytes);
	return 0;
}
