/* test_kpi_rules.c -- what an appeal counts as: whatever happens to a case, and
 * however its events are cut into batches, the sum of the deltas is the cells
 * of its last facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kpi/kpi.h"
#include "timeutil.h"

#define STATE(name) SY__V1__APPEAL_STATE__APPEAL_##name
#define CLOCK(name) SY__V1__CLOCK_STATE__CLOCK_##name

/* 2025-03-01 as a day. */
#define DAY 20148

static struct arena arena;
static struct cell_table *table;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	table = cell_table_new(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cell_table_free(table);
	arena_reset(&arena);
	return 0;
}

static Sy__V1__AppealFacts facts_of(Sy__V1__AppealState state)
{
	Sy__V1__AppealFacts f = SY__V1__APPEAL_FACTS__INIT;

	f.state = state;
	f.kind = (char *)"complaint";
	f.channel = (char *)"phone";
	f.topic = (char *)"queue";
	f.unit = (char *)"office-1";
	f.department = (char *)"retail";
	f.registered_day = DAY;
	return f;
}

/* As the log holds it: packed, in an event. */
static void add(struct cell_table *to, const Sy__V1__AppealFacts *before,
		const Sy__V1__AppealFacts *after, int32_t accepted_day)
{
	Sy__V1__AppealChanged changed = SY__V1__APPEAL_CHANGED__INIT;
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct error err;

	changed.before = (Sy__V1__AppealFacts *)before;
	changed.after = (Sy__V1__AppealFacts *)after;
	event.payload.len = sy__v1__appeal_changed__get_packed_size(&changed);
	event.payload.data = arena_alloc(&arena, event.payload.len + 1);
	sy__v1__appeal_changed__pack(&changed, event.payload.data);
	assert_int_equal(count_complaints(to, &arena, &event,
					  accepted_day * US_PER_DAY + 1, &err),
			 0);
}

static size_t length(const struct cell_table *t)
{
	const struct cell *cell = NULL;
	size_t n = 0;

	while ((cell = cell_table_next(t, cell)))
		n++;
	return n;
}

/* "numerator/denominator" of a cell, "-" when there is none. */
static const char *cell_text(const struct cell_table *t, int16_t indicator,
			     int32_t day, int32_t accepted_day,
			     const char *unit, const char *topic)
{
	static char text[64];
	const struct cell *cell = NULL;

	while ((cell = cell_table_next(t, cell)))
		if (cell->leaf.indicator == indicator &&
		    cell->leaf.day == day &&
		    cell->accepted_day == accepted_day &&
		    !strcmp(cell->leaf.unit, unit) &&
		    !strcmp(cell->leaf.topic, topic))
			break;
	if (!cell)
		return "-";
	snprintf(text, sizeof(text), "%lld/%lld",
		 (long long)cell->leaf.numerator,
		 (long long)cell->leaf.denominator);
	return text;
}

/* --- leaves -------------------------------------------------------------- */

static void test_nothing_before_registration(void **state)
{
	struct leaf leaves[LEAVES_MAX];
	Sy__V1__AppealFacts none = facts_of(STATE(NONE));
	Sy__V1__AppealFacts pending = facts_of(STATE(PENDING));

	(void)state;
	pending.first_response = CLOCK(MET);
	pending.resolved_at_us = 1;
	assert_int_equal(rules_leaves(NULL, leaves), 0);
	assert_int_equal(rules_leaves(&none, leaves), 0);
	assert_int_equal(rules_leaves(&pending, leaves), 0);
}

static void test_leaves(void **state)
{
	static const struct {
		Sy__V1__AppealState state;
		Sy__V1__ClockState clock;
		int64_t resolved_at_us;
		const char *first_response, *resolution;
	} rows[] = {
		{ STATE(REGISTERED), CLOCK(RUNNING), 0, "-", "0/1" },
		{ STATE(CLASSIFIED), CLOCK(NONE), 0, "-", "0/1" },
		{ STATE(CLASSIFIED), CLOCK(BREACHED), 0, "0/1", "0/1" },
		{ STATE(ANSWERED), CLOCK(MET), 0, "1/1", "0/1" },
		{ STATE(RESOLVED), CLOCK(BREACHED), 5, "0/1", "1/1" },
		{ STATE(CLOSED), CLOCK(MET), 5, "1/1", "1/1" },
		{ STATE(WITHDRAWN), CLOCK(NONE), 0, "-", "-" },
		{ STATE(MERGED), CLOCK(BREACHED), 0, "0/1", "-" },
		{ STATE(REOPENED), CLOCK(BREACHED), 0, "0/1", "0/1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cell_table *t = cell_table_new(&arena);
		Sy__V1__AppealFacts f = facts_of(rows[i].state);

		f.first_response = rows[i].clock;
		f.resolved_at_us = rows[i].resolved_at_us;
		add(t, NULL, &f, DAY);
		assert_string_equal(cell_text(t, CELL_APPEALS, DAY, DAY,
					      "office-1", "queue"),
				    "1/0");
		assert_string_equal(cell_text(t, CELL_FIRST_RESPONSE, DAY, DAY,
					      "office-1", "queue"),
				    rows[i].first_response);
		assert_string_equal(cell_text(t, CELL_RESOLUTION, DAY, DAY,
					      "office-1", "queue"),
				    rows[i].resolution);
		cell_table_free(t);
	}
}

/* --- deltas -------------------------------------------------------------- */

/* What was known on the day before the correction stays as it was. */
static void test_correction_moves_cells(void **state)
{
	Sy__V1__AppealFacts before = facts_of(STATE(REGISTERED));
	Sy__V1__AppealFacts after = facts_of(STATE(CLASSIFIED));

	(void)state;
	after.unit = (char *)"office-2";
	after.topic = (char *)"loss";
	add(table, NULL, &before, DAY + 1);
	add(table, &before, &after, DAY + 7);
	assert_string_equal(cell_text(table, CELL_APPEALS, DAY, DAY + 1,
				      "office-1", "queue"),
			    "1/0");
	assert_string_equal(cell_text(table, CELL_APPEALS, DAY, DAY + 7,
				      "office-1", "queue"),
			    "-1/0");
	assert_string_equal(cell_text(table, CELL_APPEALS, DAY, DAY + 7,
				      "office-2", "loss"),
			    "1/0");
	assert_string_equal(cell_text(table, CELL_RESOLUTION, DAY, DAY + 7,
				      "office-1", "queue"),
			    "0/-1");
	assert_int_equal(length(table), 6);
}

/* Who withdraws is not unresolved for ever; a reopening asks again. */
static void test_withdrawal_leaves_the_resolution(void **state)
{
	Sy__V1__AppealFacts open = facts_of(STATE(ROUTED));
	Sy__V1__AppealFacts withdrawn = facts_of(STATE(WITHDRAWN));
	Sy__V1__AppealFacts again = facts_of(STATE(REOPENED));

	(void)state;
	add(table, NULL, &open, DAY + 1);
	add(table, &open, &withdrawn, DAY + 2);
	add(table, &withdrawn, &again, DAY + 3);
	assert_string_equal(cell_text(table, CELL_RESOLUTION, DAY, DAY + 1,
				      "office-1", "queue"),
			    "0/1");
	assert_string_equal(cell_text(table, CELL_RESOLUTION, DAY, DAY + 2,
				      "office-1", "queue"),
			    "0/-1");
	assert_string_equal(cell_text(table, CELL_RESOLUTION, DAY, DAY + 3,
				      "office-1", "queue"),
			    "0/1");
	assert_string_equal(cell_text(table, CELL_APPEALS, DAY, DAY + 1,
				      "office-1", "queue"),
			    "1/0");
	assert_int_equal(length(table), 4);
}

static void test_no_effect(void **state)
{
	Sy__V1__AppealFacts pending = facts_of(STATE(PENDING));
	Sy__V1__AppealFacts f = facts_of(STATE(ANSWERED));

	(void)state;
	add(table, NULL, &pending, DAY);
	add(table, &pending, &pending, DAY);
	add(table, &f, NULL, DAY); /* a refused fact changes nothing */
	add(table, &f, &f, DAY);
	assert_int_equal(length(table), 0);
}

static void test_garbage(void **state)
{
	uint8_t bytes[] = { 0x12, 0x7f, 0x01 };
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct error err;

	(void)state;
	event.payload.data = bytes;
	event.payload.len = sizeof(bytes);
	assert_int_equal(count_complaints(table, &arena, &event, 0, &err), -1);
	assert_int_equal(length(table), 0);
}

/* Codes that run into each other when written one after another. */
static void test_keys_are_told_apart(void **state)
{
	Sy__V1__AppealFacts one = facts_of(STATE(REGISTERED));
	Sy__V1__AppealFacts two = one;

	(void)state;
	one.kind = (char *)"ab";
	one.channel = (char *)"c";
	two.kind = (char *)"a";
	two.channel = (char *)"bc";
	add(table, NULL, &one, DAY);
	add(table, NULL, &two, DAY);
	assert_int_equal(length(table), 4);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static Sy__V1__AppealFacts random_facts(uint32_t *seed)
{
	static const char *const codes[] = { "", "a", "b", "ab", "ba" };
	Sy__V1__AppealFacts f =
		facts_of((Sy__V1__AppealState)(random_next(seed) % 7));

	f.kind = (char *)codes[random_next(seed) % 5];
	f.channel = (char *)codes[random_next(seed) % 5];
	f.topic = (char *)codes[random_next(seed) % 5];
	f.unit = (char *)codes[random_next(seed) % 5];
	f.department = (char *)codes[random_next(seed) % 5];
	f.registered_day = DAY + (int32_t)(random_next(seed) % 3);
	f.first_response = (Sy__V1__ClockState)(random_next(seed) % 4);
	f.resolved_at_us = random_next(seed) % 2;
	return f;
}

/* Adds the cells of from to the other table, as batches are added in SQL. */
static void merge(struct cell_table *to, const struct cell_table *from,
		  bool forget_accepted)
{
	const struct cell *cell = NULL;

	while ((cell = cell_table_next(from, cell)))
		cell_table_add(to, &cell->leaf,
			       forget_accepted ? 0 : cell->accepted_day, 1);
}

static void assert_same(struct cell_table *a, struct cell_table *b)
{
	const struct cell *cell = NULL;

	assert_int_equal(length(a), length(b));
	while ((cell = cell_table_next(a, cell))) {
		const struct cell *other = cell_table_find(b, cell);

		assert_non_null(other);
		assert_int_equal(cell->leaf.numerator, other->leaf.numerator);
		assert_int_equal(cell->leaf.denominator,
				 other->leaf.denominator);
	}
}

/* Random lives of 200 cases: the deltas of every cut into batches add up to the
 * same, and without the day of acceptance to the cells of the last facts. */
static void test_deltas_add_up(void **state)
{
	struct cell_table *last = cell_table_new(&arena);
	struct cell_table *batched = cell_table_new(&arena);
	struct cell_table *batch = cell_table_new(&arena);
	struct cell_table *corrected = cell_table_new(&arena);
	uint32_t seed = 20250314;

	(void)state;
	for (int i = 0; i < 200; i++) {
		Sy__V1__AppealFacts facts = SY__V1__APPEAL_FACTS__INIT;
		Sy__V1__AppealFacts before;
		struct leaf leaves[LEAVES_MAX];
		int events = 1 + (int)(random_next(&seed) % 8);

		for (int k = 0; k < events; k++) {
			int32_t accepted =
				DAY + (int32_t)(random_next(&seed) % 5);

			before = facts;
			facts = random_facts(&seed);
			add(table, k ? &before : NULL, &facts, accepted);
			add(batch, k ? &before : NULL, &facts, accepted);
			if (random_next(&seed) % 10 == 0) {
				merge(batched, batch, false);
				cell_table_free(batch);
				batch = cell_table_new(&arena);
			}
		}
		for (int k = 0, n = rules_leaves(&facts, leaves); k < n; k++)
			cell_table_add(last, &leaves[k], 0, 1);
	}
	merge(batched, batch, false);
	merge(corrected, table, true);
	assert_true(length(table) > 500);
	assert_same(table, batched);
	assert_same(corrected, last);

	cell_table_free(last);
	cell_table_free(batched);
	cell_table_free(batch);
	cell_table_free(corrected);
}

/* --- the social log --- */

static void add_social(struct cell_table *to, const char *type,
		       const ProtobufCMessage *payload)
{
	Sy__V1__Event event = SY__V1__EVENT__INIT;
	struct error err;

	event.type = (char *)type;
	event.payload.len = protobuf_c_message_get_packed_size(payload);
	event.payload.data = arena_alloc(&arena, event.payload.len + 1);
	protobuf_c_message_pack(payload, event.payload.data);
	assert_int_equal(
		count_social(to, &arena, &event, DAY * US_PER_DAY, &err), 0);
}

static void tally(struct cell_table *to, Sy__V1__MentionClass mention_class,
		  Sy__V1__Sentiment sentiment, int64_t mentions)
{
	Sy__V1__MentionTally t = SY__V1__MENTION_TALLY__INIT;
	Sy__V1__MentionTally *list[] = { &t };
	Sy__V1__MentionsTallied tallied = SY__V1__MENTIONS_TALLIED__INIT;

	t.day = DAY;
	t.unit = (char *)"office-1";
	t.topic = (char *)"queue";
	t.source = (char *)"vk";
	t.mention_class = mention_class;
	t.sentiment = sentiment;
	t.mentions = mentions;
	tallied.n_tallies = 1;
	tallied.tallies = list;
	add_social(to, "MentionsTallied", &tallied.base);
}

static void social_cell(struct cell_table *in, int16_t indicator,
			const char *kind, int64_t numerator,
			int64_t denominator)
{
	const struct cell key = {
		.leaf = { .indicator = indicator,
			  .day = DAY,
			  .unit = "office-1",
			  .kind = kind,
			  .channel = "vk",
			  .topic = "queue",
			  .department = "" },
		.accepted_day = DAY,
	};
	const struct cell *found = cell_table_find(in, &key);

	assert_int_equal(found ? found->leaf.numerator : 0, numerator);
	assert_int_equal(found ? found->leaf.denominator : 0, denominator);
}

static void test_mentions(void **state)
{
	(void)state;
	tally(table, SY__V1__MENTION_CLASS__MENTION_CLAIM,
	      SY__V1__SENTIMENT__SENTIMENT_NEGATIVE, 5);
	tally(table, SY__V1__MENTION_CLASS__MENTION_CLAIM,
	      SY__V1__SENTIMENT__SENTIMENT_POSITIVE, 2);
	tally(table, SY__V1__MENTION_CLASS__MENTION_CLAIM,
	      SY__V1__SENTIMENT__SENTIMENT_NONE, 4);
	tally(table, SY__V1__MENTION_CLASS__MENTION_SPAM,
	      SY__V1__SENTIMENT__SENTIMENT_NEGATIVE, 9);
	social_cell(table, CELL_MENTIONS, "claim", 11, 0);
	social_cell(table, CELL_NEGATIVE, "claim", 5, 7);
	social_cell(table, CELL_MENTIONS, "spam", 0, 0);
	/* one was corrected into a question, and one deleted */
	tally(table, SY__V1__MENTION_CLASS__MENTION_CLAIM,
	      SY__V1__SENTIMENT__SENTIMENT_NEGATIVE, -2);
	tally(table, SY__V1__MENTION_CLASS__MENTION_QUESTION,
	      SY__V1__SENTIMENT__SENTIMENT_NEGATIVE, 1);
	social_cell(table, CELL_MENTIONS, "claim", 9, 0);
	social_cell(table, CELL_NEGATIVE, "claim", 3, 5);
	social_cell(table, CELL_NEGATIVE, "question", 1, 1);
}

static void react(struct cell_table *to, Sy__V1__ReactionState before,
		  Sy__V1__ClockState clock_before, Sy__V1__ReactionState after,
		  Sy__V1__ClockState clock_after)
{
	Sy__V1__AppealClock clocks[2] = { SY__V1__APPEAL_CLOCK__INIT,
					  SY__V1__APPEAL_CLOCK__INIT };
	Sy__V1__AppealClock *list[2][1] = { { &clocks[0] }, { &clocks[1] } };
	Sy__V1__ReactionFacts facts[2] = { SY__V1__REACTION_FACTS__INIT,
					   SY__V1__REACTION_FACTS__INIT };
	Sy__V1__ReactionChanged changed = SY__V1__REACTION_CHANGED__INIT;

	clocks[0].state = clock_before;
	clocks[1].state = clock_after;
	facts[0].state = before;
	facts[1].state = after;
	for (int i = 0; i < 2; i++) {
		clocks[i].clock = (char *)"reaction";
		facts[i].n_clocks = 1;
		facts[i].clocks = list[i];
		facts[i].unit = (char *)"office-1";
		facts[i].source = (char *)"vk";
		facts[i].topic = (char *)"queue";
		facts[i].mention_class = SY__V1__MENTION_CLASS__MENTION_CLAIM;
		facts[i].published_day = DAY;
	}
	changed.before = before ? &facts[0] : NULL;
	changed.after = &facts[1];
	add_social(to, "ReactionChanged", &changed.base);
}

static void test_reactions(void **state)
{
	(void)state;
	/* a running clock counts nowhere */
	react(table, SY__V1__REACTION_STATE__REACTION_NONE,
	      SY__V1__CLOCK_STATE__CLOCK_NONE,
	      SY__V1__REACTION_STATE__REACTION_OPEN,
	      SY__V1__CLOCK_STATE__CLOCK_RUNNING);
	social_cell(table, CELL_REACTION, "claim", 0, 0);
	react(table, SY__V1__REACTION_STATE__REACTION_OPEN,
	      SY__V1__CLOCK_STATE__CLOCK_RUNNING,
	      SY__V1__REACTION_STATE__REACTION_ANSWERED,
	      SY__V1__CLOCK_STATE__CLOCK_MET);
	social_cell(table, CELL_REACTION, "claim", 1, 1);
	/* another is breached while it is open, then found to need none */
	react(table, SY__V1__REACTION_STATE__REACTION_OPEN,
	      SY__V1__CLOCK_STATE__CLOCK_RUNNING,
	      SY__V1__REACTION_STATE__REACTION_OPEN,
	      SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	social_cell(table, CELL_REACTION, "claim", 1, 2);
	react(table, SY__V1__REACTION_STATE__REACTION_OPEN,
	      SY__V1__CLOCK_STATE__CLOCK_BREACHED,
	      SY__V1__REACTION_STATE__REACTION_DISMISSED,
	      SY__V1__CLOCK_STATE__CLOCK_BREACHED);
	social_cell(table, CELL_REACTION, "claim", 1, 1);
}

static void test_social_rest(void **state)
{
	Sy__V1__WatchChanged watch = SY__V1__WATCH_CHANGED__INIT;

	(void)state;
	add_social(table, "WatchChanged", &watch.base);
	assert_int_equal(length(table), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_nothing_before_registration),
		T(test_leaves),
		T(test_correction_moves_cells),
		T(test_withdrawal_leaves_the_resolution),
		T(test_no_effect),
		T(test_garbage),
		T(test_keys_are_told_apart),
		T(test_deltas_add_up),
		T(test_mentions),
		T(test_reactions),
		T(test_social_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
