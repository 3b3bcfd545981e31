/* text_normal.c -- any bytes as a mention: normal form, mask, language, tokens,
 * features, shingles, MinHash. Twice is as once, and all stays within bounds.
 */
#include <string.h>

#include "../lib/fuzz.h"
#include "text/features.h"
#include "text/lang.h"
#include "text/minhash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct text once, twice, masked;
	struct tokens k;
	struct features f;
	struct shingles s;
	struct minhash m;
	uint64_t bands[MINHASH_BANDS];

	arena_init(&arena);
	once = text_normalise_mapped(&arena, (const char *)data, size);
	twice = text_normalise(&arena, once.s, once.len);
	/* a text that grew beyond the limit is cut the second time */
	if (once.len <= TEXT_MAX_BYTES)
		REQUIRE(once.len == twice.len &&
			memcmp(once.s, twice.s, once.len) == 0);
	for (size_t i = 0; i < once.len; i++)
		REQUIRE(once.at[i] < size);
	REQUIRE(memchr(once.s, '\0', once.len) == NULL);
	masked = text_mask(&arena, &once);
	REQUIRE(masked.len <= once.len && masked.chars <= once.chars);
	REQUIRE(text_language(&masked).code != NULL);
	k = text_tokens(&arena, &once);
	REQUIRE(k.n <= once.chars);
	for (size_t i = 0; i < k.n; i++)
		REQUIRE(k.t[i].begin < k.t[i].end && k.t[i].end <= once.len &&
			(i == 0 || k.t[i].begin >= k.t[i - 1].end));
	f = text_features_placed(&arena, &k);
	REQUIRE(f.n <= FEATURES_MAX && (f.n > 0) == (k.n > 0));
	s = text_shingles(&arena, &masked);
	REQUIRE(s.n <= masked.chars && (s.n > 0) == (masked.len > 0));
	text_minhash(&m, &s);
	REQUIRE(minhash_bands(&m, bands) == (s.n > 0));
	REQUIRE(minhash_estimate(&m, &m) == (s.n > 0));
	REQUIRE(shingles_jaccard(&s, &s) == (s.n > 0));
	arena_reset(&arena);
	return 0;
}
