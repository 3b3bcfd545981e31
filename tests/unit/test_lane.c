/* test_lane.c -- lanes: the hash that clients in other languages must agree
 * with, the queue of one lane through acknowledgements, rejects and resume, and
 * what waits to go together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bus/client_internal.h"
#include "bus/publisher_internal.h"

static void lane_is_xxh64_mod_16(void **state)
{
	/* XXH64 with seed 0: the last hexadecimal digit. */
	static const struct {
		const char *key;
		unsigned lane;
	} golden[] = {
		{ "", 0x9 },       /* ef46db3751d8e999 */
		{ "a", 0xb },      /* d24ec4f1a98c6e5b */
		{ "abc", 0x9 },    /* 44bc2cf5ad770999 */
		{ "xxhash", 0x0 }, /* 32dd38952c4bc720 */
		{ "call-centre:2025-000001", 0xa },
		{ "\xe6\xba\xaf\xe6\xba\x90", 0xd },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++)
		assert_int_equal(publisher_lane(golden[i].key), golden[i].lane);
}

static void push(struct lane *lane, uint64_t tag)
{
	struct queued *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	q->tag = tag;
	lane_push(lane, q);
}

/* Pops one event and says its tag, 0: none; reject_r its code. */
static uint64_t pop(struct lane *lane, int *code_r)
{
	Sy__V1__Reject *reject;
	struct queued *q = lane_pop_done(lane, &reject);
	uint64_t tag = q ? q->tag : 0;

	*code_r = reject ? (int)reject->code : -1;
	if (reject)
		sy__v1__reject__free_unpacked(reject, NULL);
	free(q);
	return tag;
}

static void done_in_order_once_committed(void **state)
{
	struct lane lane = { .next_seq = 1, .fixed_seq = UINT64_MAX };
	int code;

	(void)state;
	/* More than the ring's first size, so that it grows. */
	for (uint64_t tag = 1; tag <= 1000; tag++)
		push(&lane, tag);
	lane.next_seq = 1001;
	assert_int_equal(pop(&lane, &code), 0);
	assert_int_equal(lane_in_flight(&lane), 1000);
	lane_committed(&lane, 700);
	lane_committed(&lane, 650); /* an older ACK */
	assert_int_equal(lane_in_flight(&lane), 300);
	for (uint64_t tag = 1; tag <= 700; tag++)
		assert_int_equal(pop(&lane, &code), tag);
	assert_int_equal(pop(&lane, &code), 0);
	/* Sent again is what is not committed, and nothing else. */
	lane_rewind(&lane);
	assert_int_equal(lane.next_seq, 701);
	assert_int_equal(lane_at(&lane, 701)->tag, 701);
	for (uint64_t tag = 1001; tag <= 3000; tag++)
		push(&lane, tag);
	lane_committed(&lane, 3000);
	for (uint64_t tag = 701; tag <= 3000; tag++)
		assert_int_equal(pop(&lane, &code), tag);
	lane_close(&lane);
}

static void earlier_run_is_skipped(void **state)
{
	struct lane lane = { .next_seq = 1, .fixed_seq = UINT64_MAX };
	int code;

	(void)state;
	push(&lane, 1);
	lane_committed(&lane, 3); /* WELCOME: an earlier run got to 3 */
	assert_int_equal(lane.next_seq, 4);
	assert_int_equal(lane_in_flight(&lane), 0);
	push(&lane, 2);
	push(&lane, 3);
	push(&lane, 4);
	for (uint64_t tag = 1; tag <= 3; tag++)
		assert_int_equal(pop(&lane, &code), tag);
	assert_int_equal(pop(&lane, &code), 0);
	lane_close(&lane);
}

static Sy__V1__Reject reject_of(uint64_t seq, Sy__V1__ErrorCode code)
{
	Sy__V1__Reject reject = SY__V1__REJECT__INIT;

	reject.seq = seq;
	reject.code = code;
	return reject;
}

static void rejects_meet_their_events(void **state)
{
	struct lane lane = { .next_seq = 1, .fixed_seq = UINT64_MAX };
	Sy__V1__Reject second = reject_of(2, SY__V1__ERROR_CODE__INVALID);
	Sy__V1__Reject third = reject_of(3, SY__V1__ERROR_CODE__UNKNOWN_CODE);
	/* Out of order, twice, and one before its event was submitted. */
	Sy__V1__Reject *all[] = { &third, &second };
	int code;

	(void)state;
	push(&lane, 1);
	push(&lane, 2);
	lane_take_rejects(&lane, all, 2);
	lane_take_rejects(&lane, all, 2);
	lane_committed(&lane, 3);
	assert_int_equal(pop(&lane, &code), 1);
	assert_int_equal(code, -1);
	assert_int_equal(pop(&lane, &code), 2);
	assert_int_equal(code, SY__V1__ERROR_CODE__INVALID);
	assert_int_equal(pop(&lane, &code), 0);
	lane_take_rejects(&lane, all, 2); /* the second was reported */
	push(&lane, 3);
	assert_int_equal(pop(&lane, &code), 3);
	assert_int_equal(code, SY__V1__ERROR_CODE__UNKNOWN_CODE);
	assert_null(lane.rejects);
	lane_close(&lane);
}

/* Live, a lane's numbers begin behind what the service has, and nothing is sent
 * or done before that is known. */
static void live_goes_on_behind(void **state)
{
	struct lane lane = { .next_seq = 1 };
	int code;

	(void)state;
	for (uint64_t tag = 1; tag <= 100; tag++)
		push(&lane, tag);
	assert_int_equal(lane_sendable_seq(&lane), 0);
	assert_false(lane_number(&lane));
	lane.welcomed = true;
	lane.welcome_seq = 7000;
	lane_committed(&lane, 7000);
	assert_int_equal(pop(&lane, &code), 0);
	assert_true(lane_number(&lane));
	assert_false(lane_number(&lane));
	assert_int_equal(lane.next_seq, 7001);
	assert_int_equal(lane_sendable_seq(&lane), 7100);
	assert_int_equal(lane.seen_seq, 7000);
	push(&lane, 101);
	lane_committed(&lane, 7101);
	for (uint64_t tag = 1; tag <= 101; tag++)
		assert_int_equal(pop(&lane, &code), tag);
	lane_close(&lane);
}

/* What an earlier run had numbered keeps its numbers; new events wait until all
 * of it is done, and begin behind what the service has by then. */
static void restored_keep_their_numbers(void **state)
{
	struct lane lane = { .seen_welcome = true,
			     .done_seq = 50,
			     .committed_seq = 50,
			     .queued_seq = 50,
			     .next_seq = 51,
			     .fixed_seq = 53 };
	int code;

	(void)state;
	for (uint64_t tag = 1; tag <= 5; tag++)
		push(&lane, tag);
	assert_int_equal(lane_sendable_seq(&lane), 53);
	/* More than what is left of it: the end of the file was lost. */
	lane.welcomed = true;
	lane.welcome_seq = 60;
	lane_committed(&lane, 60);
	assert_false(lane_number(&lane));
	for (uint64_t tag = 1; tag <= 3; tag++)
		assert_int_equal(pop(&lane, &code), tag);
	assert_int_equal(pop(&lane, &code), 0);
	assert_true(lane_number(&lane));
	assert_int_equal(lane.next_seq, 61);
	assert_int_equal(lane_sendable_seq(&lane), 62);
	lane_committed(&lane, 62);
	assert_int_equal(pop(&lane, &code), 4);
	assert_int_equal(pop(&lane, &code), 5);
	lane_close(&lane);
}

static void endpoints(void **state)
{
	char host[64];
	int first, last;

	(void)state;
	assert_int_equal(endpoint_parse("tcp://social:17100", host,
					sizeof(host), &first, &last),
			 0);
	assert_string_equal(host, "social");
	assert_int_equal(first, 17100);
	assert_int_equal(last, 17100);
	assert_int_equal(endpoint_parse("tcp://[::1]:17100-17103", host,
					sizeof(host), &first, &last),
			 0);
	assert_string_equal(host, "::1");
	assert_int_equal(last, 17103);
	static const char *const wrong[] = {
		"social:17100",     "tcp://social",       "tcp://:17100",
		"tcp://social:",    "tcp://social:0",     "tcp://social:70000",
		"tcp://social:9-8", "tcp://social:1-100", "tcp://social:17100x"
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(endpoint_parse(wrong[i], host, sizeof(host),
						&first, &last),
				 -1);
}

static void few_wait_for_the_ack(void **state)
{
	struct lane lane = { .next_seq = 1, .fixed_seq = UINT64_MAX };
	int code;

	(void)state;
	push(&lane, 1);
	assert_false(lane_saves_up(&lane)); /* nothing is on its way */
	lane.next_seq = 2;
	for (uint64_t tag = 2; tag <= 8; tag++) {
		push(&lane, tag);
		assert_true(lane_saves_up(&lane));
	}
	push(&lane, 9);
	assert_false(lane_saves_up(&lane)); /* 8 are worth a message */
	lane.next_seq = 10;
	push(&lane, 10);
	assert_true(lane_saves_up(&lane));
	lane_committed(&lane, 9);
	assert_false(lane_saves_up(&lane));
	/* What may not be sent yet is none of them. */
	lane.next_seq = 11;
	lane.fixed_seq = 14;
	for (uint64_t tag = 11; tag <= 200; tag++)
		push(&lane, tag);
	assert_true(lane_saves_up(&lane));
	lane.fixed_seq = UINT64_MAX;
	assert_false(lane_saves_up(&lane));
	lane_committed(&lane, 200);
	while (pop(&lane, &code))
		;
	lane_close(&lane);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lane_is_xxh64_mod_16),
		cmocka_unit_test(done_in_order_once_committed),
		cmocka_unit_test(earlier_run_is_skipped),
		cmocka_unit_test(rejects_meet_their_events),
		cmocka_unit_test(live_goes_on_behind),
		cmocka_unit_test(restored_keep_their_numbers),
		cmocka_unit_test(few_wait_for_the_ack),
		cmocka_unit_test(endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
