/* cluster_text.c -- what of a mention is compared with others: the beginning of
 * its title and text in normal form, masked. */
#include <string.h>

#include "clusters.h"

int cluster_shard(const char *lang)
{
	static const char *const langs[CLUSTER_SHARDS - 1] = { "ru", "zh",
							       "en" };

	for (int i = 0; i < CLUSTER_SHARDS - 1; i++)
		if (strcmp(lang, langs[i]) == 0)
			return i;
	return CLUSTER_SHARDS - 1;
}

/* At so many characters, whole. */
static void cut(struct text *text)
{
	size_t chars = 0;

	if (text->chars <= CLUSTER_TEXT_CHARS)
		return;
	for (size_t i = 0; i < text->len; i++) {
		if (((unsigned char)text->s[i] & 0xc0) == 0x80)
			continue;
		if (chars++ < CLUSTER_TEXT_CHARS)
			continue;
		text->len = i;
		text->chars = CLUSTER_TEXT_CHARS;
		return;
	}
}

struct shingles cluster_shingles(struct arena *arena, const struct text *masked)
{
	struct text beginning = *masked;

	cut(&beginning);
	return text_shingles(arena, &beginning);
}
