/* feed.c -- a document of a feed: whatever it is, what comes of it can be
 * published. The first byte says whether it is XML or JSON, and of which
 * charset. */
#include <string.h>

#include "../lib/fuzz.h"
#include "social/feed_parse.h"

static void require_field(const char *text, size_t max, bool lines)
{
	REQUIRE(fuzz_utf8(text) && strlen(text) <= max);
	for (; *text != '\0'; text++)
		REQUIRE((unsigned char)*text >= ' ' ||
			(lines && *text == '\n'));
}

static void look(const struct feed_document *d)
{
	REQUIRE(d->n <= FEED_ITEMS_MAX);
	for (size_t i = 0; i < d->n; i++) {
		const struct feed_item *item = &d->items[i];

		REQUIRE(item->external_id[0] != '\0');
		REQUIRE(item->text[0] != '\0' || item->deleted);
		require_field(item->external_id, FEED_ID_MAX, false);
		require_field(item->url, FEED_FIELD_MAX, false);
		require_field(item->author, FEED_FIELD_MAX, false);
		require_field(item->title, FEED_TITLE_MAX, false);
		require_field(item->text, FEED_TEXT_MAX, true);
		REQUIRE(item->stars <= 5 && item->published_at_us >= 0);
	}
}

static const Sy__V1__FeedMapping *mapping(void)
{
	static Sy__V1__FeedMapping m = SY__V1__FEED_MAPPING__INIT;

	m.items = (char *)"/items";
	m.external_id = (char *)"/id";
	m.text = (char *)"/a~1b/0";
	m.title = (char *)"/title";
	m.author = (char *)"/by";
	m.published_at = (char *)"/at";
	m.reach = (char *)"/reach";
	m.stars = (char *)"/stars";
	m.next = (char *)"/next";
	m.deleted = (char *)"/gone";
	return &m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const charsets[] = { NULL, "utf-8", "windows-1251",
						"GB18030", "utf-16" };
	struct feed_document document;
	const char *problem = NULL;
	struct arena arena;
	int status;

	if (size == 0)
		return 0;
	arena_init(&arena);
	if (data[0] % 8 > 4)
		status = feed_parse_json(&arena, data + 1, size - 1, mapping(),
					 &document, &problem);
	else
		status = feed_parse_xml(&arena, data + 1, size - 1,
					charsets[data[0] % 8], &document,
					&problem);
	REQUIRE((status == 0) == (problem == NULL));
	REQUIRE(problem == NULL || fuzz_utf8(problem));
	if (status == 0)
		look(&document);
	arena_reset(&arena);
	return 0;
}
