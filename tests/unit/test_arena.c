/* test_arena.c -- memory that a thread has used goes when the thread does. */
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"

#define THREADS 400
#define BLOCKS 8
#define BLOCK_BYTES (60 * 1024 / 4)

/* Bytes; 0 under ASan, which says itself what was lost. */
static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

static void *use_cb(void *unused)
{
	struct arena arena;

	arena_init(&arena);
	for (int i = 0; i < BLOCKS * 4; i++)
		arena_alloc(&arena, BLOCK_BYTES);
	arena_reset(&arena);
	return unused;
}

static void use_in_threads(int n)
{
	for (int i = 0; i < n; i++) {
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, use_cb, NULL),
				 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
}

/* 200 MB, if each left its blocks behind. */
static void test_threads_end(void **state)
{
	size_t before;

	(void)state;
	use_in_threads(20);
	before = in_use();
	use_in_threads(THREADS);
	assert_in_range(in_use(), 0, before + 1024 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
