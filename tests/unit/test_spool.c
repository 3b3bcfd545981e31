/* test_spool.c -- the spool file of libsuyuan: what is read back, what is cut
 * at its end, what is reported and left alone. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sdk/spool.h"

#define OWNER "complaints pbx"

struct seen {
	int n;
	char text[64][32];
	unsigned lanes[64];
	uint64_t at_bytes[64];
};

static char path[] = "/tmp/suyuan-spool-XXXXXX";

static void see(void *arg, unsigned lane, const uint8_t *event, size_t len,
		uint64_t at_bytes)
{
	struct seen *seen = arg;

	assert_true(seen->n < 64);
	snprintf(seen->text[seen->n], sizeof(seen->text[0]), "%.*s", (int)len,
		 (const char *)event);
	seen->lanes[seen->n] = lane;
	seen->at_bytes[seen->n++] = at_bytes;
}

static int reopen(struct spool *spool, struct seen *seen, struct error *err)
{
	memset(seen, 0, sizeof(*seen));
	return spool_open(spool, path, OWNER, see, seen, err);
}

static void append(struct spool *spool, unsigned lane, const char *text)
{
	struct error err;
	uint64_t at_bytes;

	assert_int_equal(spool_append(spool, lane, (const uint8_t *)text,
				      strlen(text), &at_bytes, &err),
			 0);
}

/* Three events of two lanes, one of which is numbered. */
static void fill(void)
{
	struct spool spool;
	struct seen seen;
	struct error err;

	unlink(path);
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	assert_int_equal(seen.n, 0);
	append(&spool, 3, "first");
	assert_int_equal(spool_number(&spool, 3, 41, &err), 0);
	append(&spool, 7, "second");
	append(&spool, 3, "third");
	spool_close(&spool, false);
}

static size_t slurp(uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	n = fread(data, 1, size, file);
	fclose(file);
	return n;
}

static void put(const uint8_t *data, size_t n)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, n, file), n);
	fclose(file);
}

static void test_reads_back(void **state)
{
	struct spool spool;
	struct seen seen;
	struct error err;
	struct stat st;

	(void)state;
	fill();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.text[0], "first");
	assert_string_equal(seen.text[1], "second");
	assert_string_equal(seen.text[2], "third");
	assert_int_equal(seen.lanes[1], 7);
	assert_true(spool.numbered[3]);
	assert_int_equal(spool.base[3], 41);
	assert_false(spool.numbered[7]);
	assert_int_equal(spool.torn_bytes, 0);
	spool_close(&spool, true);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_one_owner(void **state)
{
	struct spool spool, other;
	struct seen seen;
	struct error err;

	(void)state;
	fill();
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	assert_int_equal(spool_open(&other, path, OWNER, see, &seen, &err), -1);
	assert_non_null(strstr(err.text, "another program"));
	spool_close(&spool, false);
	assert_int_equal(
		spool_open(&other, path, "complaints web", see, &seen, &err),
		-1);
	assert_non_null(strstr(err.text, "another publisher"));
}

static void test_not_a_spool(void **state)
{
	static const uint8_t legs[] = "leg_id,call_id,agent\n";
	uint8_t after[64];
	struct spool spool;
	struct seen seen;
	struct error err;

	(void)state;
	put(legs, sizeof(legs));
	assert_int_equal(reopen(&spool, &seen, &err), -1);
	assert_non_null(strstr(err.text, "is another file"));
	assert_int_equal(slurp(after, sizeof(after)), sizeof(legs));
	assert_memory_equal(after, legs, sizeof(legs));
}

/* Whatever a dying process has written of its last record is cut. */
static void test_torn_end(void **state)
{
	uint8_t whole[1024];
	struct spool spool;
	struct seen seen;
	struct error err;
	size_t n, last;

	(void)state;
	fill();
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	last = (size_t)seen.at_bytes[2];
	spool_close(&spool, false);
	n = slurp(whole, sizeof(whole));
	for (size_t cut = last + 1; cut < n; cut++) {
		put(whole, cut);
		assert_int_equal(reopen(&spool, &seen, &err), 0);
		assert_int_equal(seen.n, 2);
		assert_int_equal(spool.torn_bytes, cut - last);
		append(&spool, 1, "after");
		spool_close(&spool, false);
		assert_int_equal(reopen(&spool, &seen, &err), 0);
		assert_int_equal(seen.n, 3);
		assert_string_equal(seen.text[2], "after");
		spool_close(&spool, false);
	}
}

/* A byte that changed in any record but the last is told, and nothing done. */
static void test_damage(void **state)
{
	uint8_t whole[1024], now[1024];
	struct spool spool;
	struct seen seen;
	struct error err;
	size_t n, last;

	(void)state;
	fill();
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	last = (size_t)seen.at_bytes[2];
	spool_close(&spool, false);
	n = slurp(whole, sizeof(whole));
	for (size_t i = 0; i < n; i++) {
		whole[i] ^= 0x20;
		put(whole, n);
		if (i < last) {
			assert_int_equal(reopen(&spool, &seen, &err), -1);
			assert_non_null(strstr(err.text, "damaged"));
			assert_int_equal(slurp(now, sizeof(now)), n);
			assert_memory_equal(now, whole, n);
		} else {
			assert_int_equal(reopen(&spool, &seen, &err), 0);
			assert_int_equal(seen.n, 2);
			spool_close(&spool, false);
		}
		whole[i] ^= 0x20;
	}
}

static void test_rewrite(void **state)
{
	struct spool spool;
	struct seen seen;
	struct error err;
	uint8_t instance_id[16];
	uint64_t at_bytes;

	(void)state;
	fill();
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	memcpy(instance_id, spool.instance_id, sizeof(instance_id));
	assert_int_equal(spool_rewrite(&spool, &err), 0);
	spool_new_base(&spool, 3, 42);
	assert_int_equal(spool_keep(&spool, seen.at_bytes[2], strlen("third"),
				    &at_bytes, &err),
			 0);
	assert_int_equal(spool_rewrite_commit(&spool, &err), 0);
	append(&spool, 3, "fourth");
	spool_close(&spool, false);
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.text[0], "third");
	assert_string_equal(seen.text[1], "fourth");
	assert_int_equal(spool.base[3], 42);
	assert_memory_equal(spool.instance_id, instance_id, 16);
	/* One that is given up changes nothing. */
	assert_int_equal(spool_rewrite(&spool, &err), 0);
	spool_close(&spool, false);
	assert_int_equal(reopen(&spool, &seen, &err), 0);
	assert_int_equal(seen.n, 2);
	spool_close(&spool, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_not_a_spool),
		cmocka_unit_test(test_torn_end),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_rewrite),
	};
	int fd = mkstemp(path), status;

	if (fd < 0)
		return 1;
	close(fd);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return status;
}
