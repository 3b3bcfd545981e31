/* Documents of feeds as they come, well-formed or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "social/feed_parse.h"
#include "timeutil.h"

static struct arena arena;
static struct feed_document document;
static const char *problem;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static int xml_of(const char *text)
{
	return feed_parse_xml(&arena, (const uint8_t *)text, strlen(text), NULL,
			      &document, &problem);
}

static int64_t us(const char *rfc3339)
{
	int64_t at;

	assert_int_equal(time_parse_us(rfc3339, &at), 0);
	return at;
}

static void test_rss(void **state)
{
	(void)state;
	assert_int_equal(
		xml_of("<?xml version=\"1.0\"?><rss version=\"2.0\" "
		       "xmlns:media=\"http://search.yahoo.com/mrss/\" "
		       "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
		       "<channel><title>Of the channel</title><item>"
		       "<guid>a-1</guid><link>https://n.example/1</link>"
		       "<media:title>not this</media:title>"
		       "<title>Queue &amp; parcels</title>"
		       "<description><![CDATA[<p>Forty&nbsp;minutes</p>"
		       "<script>no()</script> in the queue]]></description>"
		       "<dc:creator>anna</dc:creator>"
		       "<pubDate>Tue, 17 Nov 2026 10:00:00 +0300</pubDate>"
		       "</item><item><title></title></item></channel></rss>"),
		0);
	assert_int_equal(document.n, 1);
	assert_int_equal(document.refused, 1);
	assert_string_equal(document.items[0].external_id, "a-1");
	assert_string_equal(document.items[0].title, "Queue & parcels");
	assert_non_null(strstr(document.items[0].text, "minutes"));
	assert_null(strstr(document.items[0].text, "no()"));
	assert_null(strstr(document.items[0].text, "<p>"));
	assert_string_equal(document.items[0].author, "anna");
	assert_int_equal(document.items[0].published_at_us,
			 us("2026-11-17T07:00:00Z"));
	assert_int_equal(document.items[0].edited_at_us, 0);
}

static void test_atom(void **state)
{
	(void)state;
	assert_int_equal(
		xml_of("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>"
		       "<id>tag:x,1</id><link rel=\"self\" href=\"/self\"/>"
		       "<link rel=\"alternate\" href=\"https://n.example/2\"/>"
		       "<published>2026-11-17T10:00:00Z</published>"
		       "<updated>2026-11-18T10:00:00Z</updated>"
		       "<author><name>Борис</name></author>"
		       "<content type=\"xhtml\"><div "
		       "xmlns=\"http://www.w3.org/1999/xhtml\">one <b>two</b>"
		       "</div></content></entry></feed>"),
		0);
	assert_int_equal(document.n, 1);
	assert_string_equal(document.items[0].url, "https://n.example/2");
	assert_string_equal(document.items[0].text, "one two");
	assert_string_equal(document.items[0].author, "Борис");
	assert_int_equal(document.items[0].edited_at_us,
			 us("2026-11-18T10:00:00Z"));
}

static void test_rss1(void **state)
{
	(void)state;
	assert_int_equal(
		xml_of("<rdf:RDF xmlns:rdf="
		       "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
		       "xmlns=\"http://purl.org/rss/1.0/\"><item "
		       "rdf:about=\"https://n.example/3\"><title>T</title>"
		       "<link>https://n.example/3</link></item></rdf:RDF>"),
		0);
	assert_int_equal(document.n, 1);
	assert_string_equal(document.items[0].external_id,
			    "https://n.example/3");
	/* without a body its title is what it says */
	assert_string_equal(document.items[0].text, "T");
	assert_string_equal(document.items[0].title, "");
}

/* It says UTF-8 and is windows-1251, or says nothing. */
static void test_encoding_lies(void **state)
{
	static const char *const heads[] = {
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>",
		"<?xml version=\"1.0\" encoding=\"windows-1251\"?>",
		"<?xml version=\"1.0\" encoding=\"no-such\"?>",
	};
	/* "Почта потеряла посылку" in windows-1251 */
	static const char words[] = "\xcf\xee\xf7\xf2\xe0 \xef\xee\xf2\xe5\xf0"
				    "\xff\xeb\xe0 \xef\xee\xf1\xfb\xeb\xea"
				    "\xf3";

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char *text = arena_printf(
			&arena,
			"%s<rss><channel><item><guid>g</guid><title>%s</title>"
			"</item></channel></rss>",
			heads[i], words);

		assert_int_equal(xml_of(text), 0);
		assert_int_equal(document.n, 1);
		/* what was said falsely is not guessed, but nothing breaks */
		if (i == 1)
			assert_string_equal(document.items[0].text,
					    "Почта потеряла посылку");
	}
}

static void test_bombs(void **state)
{
	static const char bomb[] =
		"<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
		"\"&a;&a;&a;&a;&a;&a;\">]><rss><channel><item><title>&b;"
		"</title></item></channel></rss>";
	char *deep = arena_alloc(&arena, 100000);
	char *large = arena_alloc(&arena, FEED_DOCUMENT_MAX + 2);

	(void)state;
	assert_int_equal(xml_of(bomb), -1);
	assert_non_null(strstr(problem, "entities"));
	strcpy(deep, "<rss>");
	for (int i = 0; i < 10000; i++)
		strcpy(deep + 5 + 3 * (size_t)i, "<a>");
	assert_int_equal(xml_of(deep), -1);
	assert_non_null(strstr(problem, "deeply"));
	memset(large, ' ', FEED_DOCUMENT_MAX + 1);
	assert_int_equal(xml_of(large), -1);
	assert_non_null(strstr(problem, "larger"));
	assert_int_equal(xml_of(""), -1);
	assert_int_equal(xml_of("<html><body>Not here</body></html>"), -1);
	assert_non_null(strstr(problem, "neither"));
	assert_int_equal(xml_of("<rss><channel><item>"), -1);
	assert_non_null(strstr(problem, "line 1"));
}

/* Thousands of items: the first are taken, the rest is told. */
static void test_many(void **state)
{
	char *text = arena_alloc(&arena, 200000), *to = text;

	(void)state;
	to += sprintf(to, "<rss><channel>");
	for (int i = 0; i < FEED_ITEMS_MAX + 7; i++)
		to += sprintf(
			to, "<item><guid>%d</guid><title>t</title></item>", i);
	strcpy(to, "</channel></rss>");
	assert_int_equal(xml_of(text), 0);
	assert_int_equal(document.n, FEED_ITEMS_MAX);
	assert_int_equal(document.left_out, 7);
}

static int json_of(const char *text, const Sy__V1__FeedMapping *mapping)
{
	return feed_parse_json(&arena, (const uint8_t *)text, strlen(text),
			       mapping, &document, &problem);
}

static void test_json(void **state)
{
	Sy__V1__FeedMapping m = SY__V1__FEED_MAPPING__INIT;

	(void)state;
	m.items = (char *)"/response/items";
	m.external_id = (char *)"/id";
	m.text = (char *)"/text";
	m.author = (char *)"/from/a~1b";
	m.published_at = (char *)"/date";
	m.reach = (char *)"/views/count";
	m.deleted = (char *)"/gone";
	m.next = (char *)"/response/next_from";
	assert_int_equal(
		json_of("{\"response\":{\"next_from\":17,\"items\":["
			"{\"id\":5,\"text\":\"Где посылка?\",\"date\":"
			"1700000000,\"from\":{\"a/b\":\"x\"},\"views\":"
			"{\"count\":12}},"
			"{\"id\":6,\"gone\":true},{\"text\":\"no id\"},7]}}",
			&m),
		0);
	assert_int_equal(document.n, 2);
	assert_int_equal(document.refused, 2);
	assert_string_equal(document.next, "17");
	assert_string_equal(document.items[0].external_id, "5");
	assert_string_equal(document.items[0].author, "x");
	assert_int_equal(document.items[0].reach, 12);
	assert_int_equal(document.items[0].published_at_us,
			 INT64_C(1700000000) * US_PER_S);
	assert_true(document.items[1].deleted);
	assert_int_equal(json_of("{\"response\":{\"items\":{}}}", &m), -1);
	assert_int_equal(json_of("[1,", &m), -1);
	assert_non_null(strstr(problem, "column"));
}

static void test_pointers(void **state)
{
	(void)state;
	assert_true(feed_pointer_check(""));
	assert_true(feed_pointer_check("/a/0/~1~0"));
	assert_false(feed_pointer_check("a"));
	assert_false(feed_pointer_check("/a~"));
	assert_false(feed_pointer_check("/a~2"));
}

static void test_times(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(feed_time_read("1700000000123", &at), 0);
	assert_int_equal(at, INT64_C(1700000000123) * US_PER_MS);
	assert_int_equal(feed_time_read("1700000000.5", &at), 0);
	assert_int_equal(at, INT64_C(1700000000) * US_PER_S);
	assert_int_equal(feed_time_read(" 2026-11-17T10:00:00+03:00", &at), 0);
	assert_int_equal(at, us("2026-11-17T07:00:00Z"));
	assert_int_equal(feed_time_read("17 Nov 2026 10:00:00 GMT", &at), 0);
	assert_int_equal(at, us("2026-11-17T10:00:00Z"));
	assert_int_equal(feed_time_read("0026-11-18T10:00:00Z", &at), -1);
	assert_int_equal(feed_time_read("yesterday", &at), -1);
	assert_int_equal(feed_time_read("17 Nov 218030026 10:00:00 GMT", &at),
			 -1);
	assert_int_equal(feed_time_read("99999999999", &at), -1);
	assert_int_equal(feed_time_read("2200-01-01T00:00:00Z", &at), -1);
	assert_int_equal(feed_time_read("2199-12-31T23:59:59Z", &at), 0);
	assert_int_equal(feed_time_read("", &at), -1);
	assert_int_equal(feed_time_read("999999999999999999999", &at), -1);
}

static void test_long_ids(void **state)
{
	char *id = arena_alloc(&arena, 1001);
	struct feed_item item = { .external_id = id,
				  .url = "",
				  .title = "",
				  .text = "words",
				  .author = "" };

	(void)state;
	memset(id, 'x', 1000);
	assert_true(feed_item_finish(&arena, &item));
	assert_true(strlen(item.external_id) <= FEED_ID_MAX);
	assert_memory_equal(item.external_id, "hash:", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_rss),           T(test_atom),     T(test_rss1),
		T(test_encoding_lies), T(test_bombs),    T(test_many),
		T(test_json),          T(test_pointers), T(test_times),
		T(test_long_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
