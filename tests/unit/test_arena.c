/* test_arena.c -- memory that a thread has used goes when the thread does. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "arena.h"

#define THREADS 400
#define BLOCKS 8
#define BLOCK_BYTES (60 * 1024 / 4)

/* Pages that are in memory. */
static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long all, resident;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &all, &resident), 2);
	fclose(f);
	return resident;
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
	long before, pages_of_a_thread = BLOCKS * 64 / 4;

	(void)state;
	use_in_threads(20);
	before = resident_pages();
	use_in_threads(THREADS);
	assert_in_range(resident_pages(), 0,
			(uint64_t)(before + pages_of_a_thread * THREADS / 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
