/* test_mentions.c -- the rules of mentions: each field's limit from both sides,
 * what becomes of a version that comes, and sums against a recount. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "social/mentions.h"
#include "timeutil.h"

#define NOW_US (INT64_C(1800000000) * US_PER_S)

static struct arena arena;

static char *letters(size_t n)
{
	char *text = arena_alloc(&arena, n + 1);

	memset(text, 'x', n);
	return text;
}

static Sy__V1__PutMentionRequest good(void)
{
	Sy__V1__PutMentionRequest m = SY__V1__PUT_MENTION_REQUEST__INIT;

	m.source = (char *)"vk";
	m.external_id = (char *)"1";
	m.text = (char *)"Очередь на почте";
	return m;
}

/* The field that is refused, "" for none. */
static const char *refused(const Sy__V1__PutMentionRequest *m)
{
	static struct mention_fault fault;

	if (mention_check(m, &fault))
		return "";
	assert_true(fault.text[0] != '\0');
	return fault.field;
}

static void test_lengths(void **state)
{
	static const struct {
		const char *field;
		size_t offset, max;
		const char *before;
	} limits[] = {
#define TEXT(field_, max_, before_)                                            \
	{ #field_, offsetof(Sy__V1__PutMentionRequest, field_), max_, before_ }
		TEXT(source, 64, ""),        TEXT(external_id, 200, ""),
		TEXT(url, 2048, "https://"), TEXT(author, 200, ""),
		TEXT(title, 1000, ""),       TEXT(text, 65536, ""),
		TEXT(lang, 35, ""),          TEXT(in_reply_to, 200, ""),
		TEXT(unit, 64, ""),          TEXT(feed, 64, ""),
#undef TEXT
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		Sy__V1__PutMentionRequest m = good();
		char **field = (char **)((char *)&m + limits[i].offset);
		size_t more = limits[i].max - strlen(limits[i].before);

		*field = arena_printf(&arena, "%s%s", limits[i].before,
				      letters(more));
		assert_string_equal(refused(&m), "");
		*field = arena_printf(&arena, "%s%s", limits[i].before,
				      letters(more + 1));
		assert_string_equal(refused(&m), limits[i].field);
	}
}

static void test_fields(void **state)
{
	Sy__V1__PutMentionRequest m = good();
	char *tags[33];

	(void)state;
	assert_string_equal(refused(&m), "");
	m.source = (char *)"Vk";
	assert_string_equal(refused(&m), "source");
	m = good();
	m.source = (char *)"";
	assert_string_equal(refused(&m), "source");
	m = good();
	m.external_id = (char *)"";
	assert_string_equal(refused(&m), "external_id");
	m = good();
	m.url = (char *)"javascript:alert(1)";
	assert_string_equal(refused(&m), "url");
	m = good();
	m.author = (char *)"a\nb";
	assert_string_equal(refused(&m), "author");
	m = good();
	m.text = (char *)"\x01\x1b[31m\xe2\x80\xae";
	assert_string_equal(refused(&m), "");
	m.text = (char *)"";
	assert_string_equal(refused(&m), "text");
	m.stars = 5;
	assert_string_equal(refused(&m), "");
	m.stars = 6;
	assert_string_equal(refused(&m), "stars");
	m = good();
	m.reach = UINT64_C(100000000000);
	assert_string_equal(refused(&m), "");
	m.reach++;
	assert_string_equal(refused(&m), "reach");
	for (size_t i = 0; i < 33; i++)
		tags[i] = (char *)"tag";
	m = good();
	m.tags = tags;
	m.n_tags = 32;
	assert_string_equal(refused(&m), "");
	m.n_tags = 33;
	assert_string_equal(refused(&m), "tags");
	m.n_tags = 1;
	tags[0] = letters(65);
	assert_string_equal(refused(&m), "tags[0]");
}

static void test_times(void **state)
{
	(void)state;
	assert_true(mention_time_good(TIME_MIN_US, NOW_US));
	assert_false(mention_time_good(TIME_MIN_US - 1, NOW_US));
	assert_true(mention_time_good(NOW_US + US_PER_DAY, NOW_US));
	assert_false(mention_time_good(NOW_US + US_PER_DAY + 1, NOW_US));
	assert_false(mention_time_good(INT64_MAX, NOW_US));
	assert_false(mention_time_good(INT64_MIN, NOW_US));
}

/* --- steps --- */

struct world {
	struct mention m;
	Sy__V1__MentionStored stored;
	Sy__V1__MentionFacts facts;
};

static void world_open(struct world *w, int64_t edited_at_us)
{
	memset(w, 0, sizeof(*w));
	sy__v1__mention_facts__init(&w->facts);
	sy__v1__mention_stored__init(&w->stored);
	w->stored.facts = &w->facts;
	w->m.brought_by = "vk-feed";
	w->m.edited_at_us = edited_at_us;
	w->m.before = w->m.after = &w->stored;
}

static void test_put(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(mention_put_judge(NULL, "vk-feed", 0), MENTION_NEW);
	world_open(&w, 0);
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 0), MENTION_SAME);
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 5),
			 MENTION_CHANGED);
	assert_int_equal(mention_put_judge(&w.m, "other", 0), MENTION_SAME);
	assert_int_equal(mention_put_judge(&w.m, "other", 5), MENTION_FOREIGN);
	world_open(&w, 5);
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 5), MENTION_SAME);
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 4), MENTION_SAME);
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 6),
			 MENTION_CHANGED);
	w.facts.deleted = true;
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 6), MENTION_SAME);
	w.facts.deleted = false;
	w.stored.erased = true;
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 6), MENTION_SAME);
	w.m.before = w.m.after = NULL; /* retention took it */
	assert_int_equal(mention_put_judge(&w.m, "vk-feed", 6), MENTION_SAME);
}

static void test_delete(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(mention_delete_judge(NULL, "vk-feed"),
			 MENTION_UNKNOWN);
	world_open(&w, 5);
	assert_int_equal(mention_delete_judge(&w.m, "vk-feed"),
			 MENTION_CHANGED);
	assert_int_equal(mention_delete_judge(&w.m, "other"), MENTION_FOREIGN);
	w.facts.deleted = true;
	assert_int_equal(mention_delete_judge(&w.m, "vk-feed"), MENTION_SAME);
	assert_int_equal(mention_delete_judge(&w.m, "other"), MENTION_SAME);
	w.m.after = NULL;
	assert_int_equal(mention_delete_judge(&w.m, "vk-feed"), MENTION_SAME);
}

/* --- sums --- */

static const char *const units[] = { "", "north", "east" };
static const char *const sources[] = { "vk", "weibo" };

static Sy__V1__MentionStored *stored_by_chance(void)
{
	Sy__V1__MentionStored *s = arena_alloc(&arena, sizeof(*s));
	Sy__V1__MentionFacts *f = arena_alloc(&arena, sizeof(*f));

	if (rand() % 4 == 0)
		return NULL;
	sy__v1__mention_stored__init(s);
	sy__v1__mention_facts__init(f);
	s->facts = f;
	f->deleted = rand() % 5 == 0;
	f->unit = (char *)units[rand() % 3];
	f->source = (char *)sources[rand() % 2];
	f->mention_class = (Sy__V1__MentionClass)(rand() % 3);
	f->reach = (uint64_t)(rand() % 10);
	f->published_at_us = NOW_US + rand() % 3 * US_PER_HOUR;
	f->published_day = 20000 + rand() % 2;
	return s;
}

static bool in_cell(const struct tally *t, const Sy__V1__MentionStored *s)
{
	return mention_counts(s) &&
	       t->hour == (int32_t)(s->facts->published_at_us / US_PER_HOUR) &&
	       t->day == s->facts->published_day &&
	       strcmp(t->unit, s->facts->unit) == 0 &&
	       strcmp(t->source, s->facts->source) == 0 &&
	       t->mention_class == s->facts->mention_class;
}

static void test_sums(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct mention list[40] = { 0 };
		struct tallies sums;
		int64_t all = 0, told = 0;

		srand((unsigned)round);
		for (int i = 0; i < 40; i++) {
			static const struct bus_item item;

			list[i].before = stored_by_chance();
			list[i].after = stored_by_chance();
			list[i].cause = rand() % 8 == 0 ? NULL : &item;
			list[i].next = i < 39 ? &list[i + 1] : NULL;
			if (list[i].cause == NULL)
				continue;
			all += mention_counts(list[i].after);
			all -= mention_counts(list[i].before);
		}
		sums = tally_sum(&arena, list);
		for (size_t t = 0; t < sums.n; t++) {
			int64_t n = 0, reach = 0;

			for (int i = 0; i < 40; i++) {
				if (list[i].cause == NULL)
					continue;
				if (in_cell(&sums.t[t], list[i].after)) {
					n++;
					reach += (int64_t)list[i]
							 .after->facts->reach;
				}
				if (in_cell(&sums.t[t], list[i].before)) {
					n--;
					reach -= (int64_t)list[i]
							 .before->facts->reach;
				}
			}
			assert_int_equal(sums.t[t].mentions, n);
			assert_int_equal(sums.t[t].reach, reach);
			assert_true(n != 0 || reach != 0);
			told += n;
		}
		assert_int_equal(told, all);
		arena_reset(&arena);
	}
}

/* --- ids --- */

static void test_ids(void **state)
{
	struct social svc = { .conf.subject_key = letters(64) };
	uint8_t a[UUID_BYTES], b[UUID_BYTES];
	struct error err;

	(void)state;
	memset(svc.conf.subject_key, 'a', 64);
	assert_int_equal(social_keys(&svc, &err), 0);
	mention_id_make(&svc, "vk", "12", a);
	mention_id_make(&svc, "vk", "12", b);
	assert_memory_equal(a, b, UUID_BYTES);
	assert_int_equal(a[6] >> 4, 8);
	assert_int_equal(a[8] >> 6, 2);
	mention_id_make(&svc, "vk1", "2", b);
	assert_memory_not_equal(a, b, UUID_BYTES);
	svc.conf.subject_key[0] = 'b';
	assert_int_equal(social_keys(&svc, &err), 0);
	mention_id_make(&svc, "vk", "12", b);
	assert_memory_not_equal(a, b, UUID_BYTES);
	svc.conf.subject_key[0] = 'x';
	assert_int_equal(social_keys(&svc, &err), -1);
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_times),   cmocka_unit_test(test_put),
		cmocka_unit_test(test_delete),  cmocka_unit_test(test_sums),
		cmocka_unit_test(test_ids),
	};

	arena_init(&arena);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
