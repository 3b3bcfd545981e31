/* test_clusters.c -- what becomes of a cluster that mentions come to, what a
 * batch leaves for its owner, authors who say too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dir/replica_mem.h"
#include "social/clusters.h"
#include "timeutil.h"

#define NOW_US (20000 * US_PER_DAY)

static struct cluster_mention mention(uint8_t id, int64_t author,
				      const char *source, int64_t at_us)
{
	return (struct cluster_mention){
		.id = { id },
		.found = true,
		.has_author = author != 0,
		.author = author,
		.source = source,
		.topic = "t",
		.unit = "u",
		.reach = 10,
		.published_at_us = at_us,
	};
}

static const uint8_t cluster_id[UUID_BYTES] = { 0xc1 };

static void test_growth(void **state)
{
	static const uint64_t steps[][2] = {
		{ 1, 0 },   { 2, 2 },     { 4, 2 },       { 5, 5 },
		{ 9, 5 },   { 10, 10 },   { 19, 10 },     { 20, 20 },
		{ 99, 50 }, { 100, 100 }, { 1999, 1000 }, { 2000, 2000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_int_equal(cluster_growth(steps[i][0]), steps[i][1]);
}

static void test_new(void **state)
{
	struct cluster_mention m[] = {
		mention(3, 7, "vk", NOW_US + 5),
		mention(1, 7, "vk", NOW_US),
		mention(2, 7, "ok", NOW_US + 9),
		mention(2, 7, "ok", NOW_US + 9),
		mention(9, 8, "vk", NOW_US),
		mention(8, 0, "vk", NOW_US + 1),
	};
	struct cluster_join join = { .made = true,
				     .mentions = m,
				     .mentions_nr = 6 };

	(void)state;
	m[4].deleted = true;
	cluster_judge(&join, cluster_id);
	assert_true(join.stands && join.grew);
	assert_int_equal(join.mentions_nr, 4); /* one deleted, one twice */
	assert_int_equal(join.after.mentions, 4);
	assert_int_equal(join.after.authors, 2); /* an account is of a source */
	assert_int_equal(join.after.sources, 2);
	assert_int_equal(join.after.reach, 40);
	assert_int_equal(join.after.first[0], 1);
	assert_true(join.after.first_at_us == NOW_US);
	assert_true(join.after.last_at_us == NOW_US + 9);
	assert_int_equal(join.after.told, 2);
	assert_int_equal(join.after.revision, 1);
}

/* One whose other mention is not there any more is no cluster. */
static void test_left_alone(void **state)
{
	struct cluster_mention m[] = { mention(1, 7, "vk", NOW_US),
				       mention(2, 8, "vk", NOW_US) };
	struct cluster_join join = { .made = true,
				     .mentions = m,
				     .mentions_nr = 2 };

	(void)state;
	m[0].found = false;
	cluster_judge(&join, cluster_id);
	assert_false(join.stands);
	assert_int_equal(join.mentions_nr, 1);
	assert_int_equal(join.mentions[0].id[0], 2);
}

static void test_joins(void **state)
{
	struct cluster_state before = { .mentions = 8,
					.authors = 3,
					.sources = 1,
					.reach = 100,
					.told = 5,
					.revision = 4,
					.first = { 5 },
					.first_at_us = NOW_US,
					.last_at_us = NOW_US + 1,
					.topic = "old",
					.unit = "" };
	struct cluster_mention m[] = { mention(1, 7, "vk", NOW_US + 9),
				       mention(2, 8, "vk", NOW_US - 1) };
	struct cluster_join join = { .mentions = m,
				     .mentions_nr = 2,
				     .clusters = &before,
				     .clusters_nr = 1 };

	(void)state;
	m[0].author_known = m[0].source_known = m[1].source_known = true;
	cluster_judge(&join, cluster_id);
	assert_true(join.stands && join.grew);
	assert_int_equal(join.after.mentions, 10);
	assert_int_equal(join.after.authors, 4);
	assert_int_equal(join.after.sources, 1);
	assert_int_equal(join.after.told, 10);
	assert_int_equal(join.after.revision, 5);
	/* what was published before all others is the first */
	assert_int_equal(join.after.first[0], 2);
	assert_string_equal(join.after.topic, "t");
}

static void test_meeting(void **state)
{
	struct cluster_state c[] = {
		{ .mentions = 4,
		  .authors = 4,
		  .sources = 1,
		  .reach = 1,
		  .told = 2,
		  .revision = 1,
		  .first = { 5 },
		  .first_at_us = NOW_US,
		  .last_at_us = NOW_US,
		  .topic = "a",
		  .unit = "" },
		{ .mentions = 7,
		  .authors = 5,
		  .sources = 2,
		  .reach = 2,
		  .told = 5,
		  .revision = 2,
		  .first = { 6 },
		  .first_at_us = NOW_US - 1,
		  .last_at_us = NOW_US + 4,
		  .topic = "b",
		  .unit = "" },
	};
	struct cluster_mention m[] = { mention(1, 7, "vk", NOW_US) };
	struct cluster_join join = { .mentions = m,
				     .mentions_nr = 1,
				     .clusters = c,
				     .clusters_nr = 2,
				     .authors = 6,
				     .sources = 2 };

	(void)state;
	m[0].source_known = true;
	cluster_judge(&join, cluster_id);
	assert_true(join.stands && join.grew);
	assert_int_equal(join.after.mentions, 12);
	assert_int_equal(join.after.authors, 7); /* those of both once */
	assert_int_equal(join.after.sources, 2);
	assert_int_equal(join.after.reach, 13);
	assert_int_equal(join.after.first[0], 6);
	assert_string_equal(join.after.topic, "b");
	assert_int_equal(join.after.told, 10);
	assert_int_equal(join.after.revision, 3); /* the meeting, the growth */
}

/* --- the todo --- */

static void test_todo(void **state)
{
	struct arena arena;
	uint32_t h[] = { 1, 5, 9 };
	struct cluster_item items[] = {
		{ .id = { 1 },
		  .accepted_at_us = NOW_US,
		  .edited_at_us = 3,
		  .author = -4,
		  .has_author = true,
		  .link = true,
		  .set = { .h = h, .n = 3, .chars = 12 } },
		{ .id = { 2 },
		  .accepted_at_us = NOW_US,
		  .known = true,
		  .gone = true },
	};
	struct cluster_pack pack = { 0 };
	struct cluster_item got[2];
	size_t n = 0;

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 2; i++)
		cluster_pack_add(&pack, &arena, &items[i]);
	assert_true(cluster_pack_room(pack.len) >= 2);
	assert_int_equal(
		cluster_unpack(pack.data, pack.len, &arena, got, 2, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(got[0].id[0], 1);
	assert_int_equal(got[0].author, -4);
	assert_true(got[0].has_author && got[0].link && !got[0].known);
	assert_int_equal(got[0].set.n, 3);
	assert_memory_equal(got[0].set.h, h, sizeof(h));
	assert_true(got[1].known && got[1].gone);
	/* cut off anywhere it is told, not read beyond */
	for (size_t len = 1; len < pack.len; len++) {
		uint8_t *cut = malloc(len);

		memcpy(cut, pack.data, len);
		n = 0;
		if (cluster_unpack(cut, len, &arena, got, 2, &n) == 0)
			assert_int_equal(n, 1);
		free(cut);
	}
	n = 0;
	assert_int_equal(
		cluster_unpack(pack.data, pack.len, &arena, got, 1, &n), -1);
	arena_reset(&arena);
}

/* --- spam --- */

static const struct spam_policy policy = {
	.burst = 30,
	.copies_least = 5,
	.copies_percent = 80,
	.links_least = 10,
	.links_percent = 95,
};

static void test_spam(void **state)
{
	struct spam_table *t = spam_table_new();

	(void)state;
	for (int i = 1; i <= 40; i++)
		assert_int_equal(spam_seen(t, &policy, 1, NOW_US, false, false),
				 i >= 30);
	/* another hour, another count */
	assert_false(
		spam_seen(t, &policy, 1, NOW_US + US_PER_HOUR, false, false));
	for (int i = 1; i <= 10; i++) {
		assert_int_equal(spam_seen(t, &policy, 2, NOW_US, true, false),
				 i >= 5);
		assert_int_equal(spam_seen(t, &policy, 3, NOW_US, false, true),
				 i >= 10);
		/* each second one is of his own */
		assert_false(
			spam_seen(t, &policy, 4, NOW_US, i % 2 == 0, false));
	}
	/* as many authors as will come */
	for (int64_t a = 100; a < 200000; a++)
		spam_seen(t, &policy, a * 7919, NOW_US, true, true);
	spam_table_free(&t);
	assert_null(t);
}

static void put_policy(struct replica_mem *m, const char *code, uint32_t burst,
		       int32_t from, int32_t to)
{
	Sy__V1__Policy p = SY__V1__POLICY__INIT;
	Sy__V1__SpamRule rule = SY__V1__SPAM_RULE__INIT;
	uint8_t body[100];

	rule.burst = burst;
	rule.copies_least = burst + 1;
	rule.copies_percent = burst + 2;
	rule.links_least = burst + 3;
	rule.links_percent = burst + 4;
	p.code = (char *)code;
	p.rule_case = SY__V1__POLICY__RULE_SPAM;
	p.spam = &rule;
	p.valid_from_day = from;
	p.valid_to_day = to;
	assert_true(sy__v1__policy__get_packed_size(&p) <= sizeof(body));
	mem_put_policy(m, body, sy__v1__policy__pack(&p, body), 1);
}

static struct spam_policy policy_on(const struct replica_mem *m, int32_t day)
{
	static const struct policy_case any = { "", "", "", "", "", "" };
	struct spam_policy found = spam_policy_usual;

	mem_policies(m, SY__V1__POLICY__RULE_SPAM, day, &any, spam_policy_cb,
		     &found);
	return found;
}

/* Of several that are valid that day the lowest code; of none the usual. */
static void test_policy(void **state)
{
	struct replica_mem m = { 0 };
	struct spam_policy found;

	(void)state;
	assert_int_equal(policy_on(&m, 100).burst, 100);
	put_policy(&m, "b", 30, 100, 0);
	put_policy(&m, "c", 40, 0, 200);
	put_policy(&m, "a", 20, 150, 160);
	assert_int_equal(policy_on(&m, 99).burst, 40);
	assert_int_equal(policy_on(&m, 100).burst, 30);
	assert_int_equal(policy_on(&m, 150).burst, 20);
	found = policy_on(&m, 160);
	assert_int_equal(found.burst, 30);
	assert_int_equal(found.copies_least, 31);
	assert_int_equal(found.copies_percent, 32);
	assert_int_equal(found.links_least, 33);
	assert_int_equal(found.links_percent, 34);
	put_policy(&m, "b", 30, 100, 170);
	assert_int_equal(policy_on(&m, 200).links_percent, 95);
	mem_free(&m);
}

/* --- what is compared --- */

static void test_shards(void **state)
{
	(void)state;
	assert_int_equal(cluster_shard("ru"), 0);
	assert_int_equal(cluster_shard("zh"), 1);
	assert_int_equal(cluster_shard("en"), 2);
	assert_int_equal(cluster_shard(""), 3);
	assert_int_equal(cluster_shard("kk"), 3);
}

static void test_long(void **state)
{
	static char text[60000];
	struct arena arena;
	struct text normal, masked;
	struct shingles set;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, i % 2 ? "邮" : "局", 3);
	arena_init(&arena);
	normal = text_normalise(&arena, text, strlen(text));
	masked = text_mask(&arena, &normal);
	set = cluster_shingles(&arena, &masked);
	assert_int_equal(set.chars, CLUSTER_TEXT_CHARS);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_joins),
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_todo),
		cmocka_unit_test(test_spam),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
