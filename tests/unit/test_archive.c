/* test_archive.c -- the files of a log's archive: what was appended is read,
 * what was torn is written again, what is damaged or missing is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/archive.h"
#include "log.h"

#define SHARD 3
#define EVENTS 60

struct world {
	char dir[64];
	struct archive *archive;
	struct arena arena;
	Sy__V1__LogEntry *entries[EVENTS];
};

/* A file takes some ten of these. */
#define FILE_BYTES 2000

static void reopen(struct world *w)
{
	struct error err;

	archive_close(&w->archive);
	assert_int_equal(
		archive_open(&w->archive, w->dir, "letters", FILE_BYTES, &err),
		0);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/test-archive-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->arena);
	for (size_t i = 0; i < EVENTS; i++) {
		Sy__V1__LogEntry *e = arena_alloc(&w->arena, sizeof(*e));

		sy__v1__log_entry__init(e);
		e->offset = i + 1;
		e->accepted_at_us = 1000 + (int64_t)i;
		e->event.len = 100 + i;
		e->event.data = arena_alloc(&w->arena, e->event.len);
		memset(e->event.data, (int)i, e->event.len);
		w->entries[i] = e;
	}
	reopen(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	archive_close(&w->archive);
	arena_reset(&w->arena);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

/* Offsets, both included. */
static enum archive_written append(struct world *w, uint64_t from, uint64_t to,
				   struct error *err)
{
	uint64_t bytes;

	return archive_append(w->archive, SHARD, w->entries + from - 1,
			      to - from + 1, &bytes, err);
}

static void appended(struct world *w, uint64_t from, uint64_t to)
{
	struct error err = { "" };

	for (uint64_t at = from; at <= to; at += 5) /* a file is full */
		if (append(w, at, at + 4 < to ? at + 4 : to, &err) !=
		    ARCHIVE_DONE)
			fail_msg("%s", err.text);
}

/* How many come from an offset on, each as it was written; -1: an error. */
static int reads(struct world *w, const struct archive_range *range,
		 struct archive_hint *hint)
{
	uint64_t from = range->first - (range->and_before ? 1 : 0);
	struct archive_batch batch;
	struct arena arena;
	struct error err;
	int n;

	arena_init(&arena);
	n = archive_read(w->archive, SHARD, range, hint, &arena, &batch, &err);
	for (size_t i = 0; n == 0 && i < batch.n; i++) {
		const Sy__V1__LogEntry *was = w->entries[from - 1 + i];

		assert_int_equal(batch.entries[i]->offset, was->offset);
		assert_int_equal(batch.entries[i]->accepted_at_us,
				 was->accepted_at_us);
		assert_int_equal(batch.entries[i]->event.len, was->event.len);
		assert_memory_equal(batch.entries[i]->event.data,
				    was->event.data, was->event.len);
	}
	if (n == 0)
		n = (int)batch.n;
	if (hint)
		*hint = batch.last;
	arena_reset(&arena);
	return n;
}

static int reads_from(struct world *w, uint64_t first)
{
	const struct archive_range range = { first, UINT64_MAX, false, 1000,
					     1 << 20 };

	return reads(w, &range, NULL);
}

/* The path of the n-th file by name; fails if there is none. */
static void file_at(const struct world *w, int n, char path[128])
{
	char command[160];
	FILE *ls;

	snprintf(command, sizeof(command), "ls %s/letters/03/* | sed -n %dp",
		 w->dir, n);
	ls = popen(command, "r");
	assert_non_null(ls);
	assert_non_null(fgets(path, 128, ls));
	pclose(ls);
	path[strcspn(path, "\n")] = '\0';
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Another value for the byte at a place, from the end if it is negative. */
static void damage(const char *path, off_t at)
{
	FILE *f = fopen(path, "r+b");
	int byte;

	assert_non_null(f);
	fseeko(f, at, at < 0 ? SEEK_END : SEEK_SET);
	byte = fgetc(f);
	fseeko(f, -1, SEEK_CUR);
	fputc(byte ^ 1, f);
	fclose(f);
}

static void what_was_appended_is_read(void **state)
{
	struct world *w = *state;
	char path[128];

	assert_int_equal(reads_from(w, 1), 0);
	appended(w, 1, 7);
	appended(w, 8, 40);
	assert_int_equal(reads_from(w, 1), 40);
	assert_int_equal(reads_from(w, 40), 1);
	assert_int_equal(reads_from(w, 41), 0);
	reopen(w); /* nothing is remembered */
	appended(w, 41, 60);
	for (uint64_t from = 1; from <= EVENTS; from++)
		assert_int_equal(reads_from(w, from), 61 - (int)from);
	file_at(w, 1, path);
	assert_non_null(strstr(path, "/00000000000000000001-"));
	assert_non_null(strstr(path, ".log"));
	file_at(w, 3, path); /* there are several */
	assert_int_equal(archive_low(w->archive, SHARD, 61), 1);
	assert_int_equal(archive_low(w->archive, SHARD + 1, 61), 61);
}

static void limits_are_kept(void **state)
{
	struct world *w = *state;
	struct archive_range range = { 5, 30, true, 4, 1 << 20 };
	struct archive_hint hint = { 0 };

	appended(w, 1, 40);
	assert_int_equal(reads(w, &range, NULL), 5); /* and the one before */
	range.and_before = false;
	assert_int_equal(reads(w, &range, NULL), 4);
	range.max_events = 1000;
	assert_int_equal(reads(w, &range, NULL), 26);
	range.max_bytes = 1;
	assert_int_equal(reads(w, &range, NULL), 1);
	range.and_before = true;
	assert_int_equal(reads(w, &range, NULL), 2);
	range.first = 31;
	assert_int_equal(reads(w, &range, NULL), 1); /* 30 */
	/* A hint that is wrong costs a search. */
	hint = (struct archive_hint){ 1, 3, 70 };
	assert_int_equal(reads_from(w, 4), 37);
	range = (struct archive_range){ 4, 40, false, 1000, 1 << 20 };
	assert_int_equal(reads(w, &range, &hint), 37);
	hint = (struct archive_hint){ 0 };
	/* By the hint of the answer before, to the end. */
	range = (struct archive_range){ 1, 40, false, 7, 1 << 20 };
	for (; range.first <= 40; range.first += 7) {
		uint64_t left = 41 - range.first;

		range.and_before = range.first > 1;
		assert_int_equal(reads(w, &range, &hint),
				 (left < 7 ? left : 7) +
					 (range.first > 1 ? 1 : 0));
	}
}

static void a_repeat_is_compared_and_not_written(void **state)
{
	struct world *w = *state;
	struct error err;
	char path[128];
	off_t size;

	appended(w, 1, 5);
	file_at(w, 1, path);
	size = size_of(path);
	appended(w, 1, 5);
	appended(w, 3, 5);
	assert_int_equal(size_of(path), size);
	appended(w, 4, 8);
	assert_int_equal(reads_from(w, 1), 8);
	w->entries[6]->event.data[0] ^= 1;
	assert_int_equal(append(w, 6, 9, &err), ARCHIVE_FAILED);
	assert_non_null(strstr(err.text, "another event at 7"));
}

static void a_gap_is_refused(void **state)
{
	struct world *w = *state;
	struct error err;
	Sy__V1__LogEntry *two[] = { w->entries[0], w->entries[2] };
	uint64_t bytes;
	char path[128];

	assert_int_equal(append(w, 2, 4, &err), ARCHIVE_FAILED);
	assert_non_null(strstr(err.text, "not the folder"));
	assert_int_equal(
		archive_append(w->archive, SHARD, two, 2, &bytes, &err),
		ARCHIVE_FAILED);
	appended(w, 1, 40);
	assert_int_equal(append(w, 42, 43, &err), ARCHIVE_FAILED);
	/* A file that is gone: not read over, and not written behind. */
	file_at(w, 2, path);
	assert_int_equal(unlink(path), 0);
	assert_true(reads_from(w, 1) < 40);
	assert_int_equal(reads_from(w, 25), 0);
	assert_true(archive_low(w->archive, SHARD, 41) > 25);
	assert_int_equal(append(w, 41, 43, &err), ARCHIVE_FAILED);
	assert_non_null(strstr(err.text, "missing"));
}

/* Wherever a write ended: what is whole is read, the rest is written again. */
static void a_torn_tail_is_not_there(void **state)
{
	struct world *w = *state;
	char path[128];
	off_t before, after;

	appended(w, 1, 3);
	file_at(w, 1, path);
	before = size_of(path);
	appended(w, 4, 4);
	after = size_of(path);
	for (off_t size = after; size >= before; size--) {
		assert_int_equal(truncate(path, size), 0);
		reopen(w);
		assert_int_equal(reads_from(w, 1), size == after ? 4 : 3);
		appended(w, 4, 4);
		assert_int_equal(size_of(path), after);
		assert_int_equal(reads_from(w, 1), 4);
	}
	damage(path, -1);
	reopen(w);
	assert_int_equal(reads_from(w, 1), 3);
	appended(w, 4, 6);
	assert_int_equal(reads_from(w, 1), 6);
	/* In the header, before the first record. */
	for (off_t size = 64; size >= 0; size--) {
		assert_int_equal(truncate(path, size), 0);
		reopen(w);
		assert_int_equal(reads_from(w, 1), 0);
		appended(w, 1, 2);
		assert_int_equal(reads_from(w, 1), 2);
	}
}

/* The log begins at 6 already: nothing of the file may be cut off. */
static void what_the_log_has_lost_is_not_cut_off(void **state)
{
	struct world *w = *state;
	struct error err;
	char path[128];
	off_t size;

	appended(w, 1, 5);
	file_at(w, 1, path);
	size = size_of(path);
	damage(path, 64 + 20); /* in the first record */
	reopen(w);
	assert_int_equal(append(w, 6, 8, &err), ARCHIVE_FAILED);
	assert_int_equal(size_of(path), size);
	assert_int_equal(reads_from(w, 1), 0);
}

static void a_sealed_file_is_right_or_an_error(void **state)
{
	struct world *w = *state;
	char path[128];
	off_t size;

	appended(w, 1, 40);
	file_at(w, 1, path);
	size = size_of(path);
	for (off_t at = 64; at < size; at += 7) {
		damage(path, at);
		assert_int_equal(reads_from(w, 1), -1);
		damage(path, at);
	}
	for (off_t at = 0; at < 64; at++) {
		damage(path, at);
		assert_int_equal(reads_from(w, 1), -1);
		damage(path, at);
	}
	assert_int_equal(reads_from(w, 1), 40);
	assert_int_equal(truncate(path, size - 1), 0);
	assert_int_equal(reads_from(w, 1), -1);
	assert_int_equal(truncate(path, size / 2), 0);
	assert_int_equal(reads_from(w, 1), -1);
}

static void one_process_writes(void **state)
{
	struct world *w = *state;
	char path[128];
	struct error err;
	FILE *other;

	snprintf(path, sizeof(path), "%s/letters/lock", w->dir);
	other = fopen(path, "r");
	assert_non_null(other);
	assert_int_equal(flock(fileno(other), LOCK_EX), 0);
	assert_int_equal(append(w, 1, 2, &err), ARCHIVE_LOCKED);
	fclose(other);
	appended(w, 1, 2);
}

static void a_folder_must_be_there(void **state)
{
	struct archive *archive;
	struct error err;

	(void)state;
	assert_int_equal(
		archive_open(&archive, "/tmp/no/such/folder", "x", 0, &err),
		-1);
	assert_null(archive);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_appended_is_read),
		TEST(limits_are_kept),
		TEST(a_repeat_is_compared_and_not_written),
		TEST(a_gap_is_refused),
		TEST(a_torn_tail_is_not_there),
		TEST(what_the_log_has_lost_is_not_cut_off),
		TEST(a_sealed_file_is_right_or_an_error),
		TEST(one_process_writes),
		TEST(a_folder_must_be_there),
	};

	log_open("test", LOG_ERROR); /* what is cut off is a warning */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
