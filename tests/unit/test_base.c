/* test_base.c -- what everything else stands on: errors, configuration, times,
 * UUIDs, arenas, metrics, log lines. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include "arena.h"
#include "conf.h"
#include "error.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"
#include "uuid.h"

/* --- error ---------------------------------------------------------------- */

static void test_error(void **state)
{
	struct error err;
	char longer[600];

	(void)state;
	assert_int_equal(error_set(&err, "row %d", 7), -1);
	assert_int_equal(error_prefix(&err, "table %s", "log"), -1);
	assert_string_equal(err.text, "table log: row 7");
	/* its own text as an argument */
	error_set(&err, "again: %s", err.text);
	assert_string_equal(err.text, "again: table log: row 7");
	assert_int_equal(error_set(NULL, "nobody asks"), -1);
	assert_int_equal(error_prefix(NULL, "nobody asks"), -1);

	/* 511 bytes are room for 255 letters of two bytes, not 255 and a half
	 */
	for (size_t i = 0; i < sizeof(longer) - 2; i += 2)
		memcpy(longer + i, "ж", 3);
	error_set(&err, "%s", longer);
	assert_int_equal(strlen(err.text), 510);
	error_prefix(&err, "a");
	assert_int_equal(strlen(err.text), 511);
	error_prefix(&err, "b");
	assert_int_equal(strlen(err.text), 510);
	assert_memory_equal(err.text, "b: a: ж", 8);

	/* half a letter that somebody quotes; one of them is a whole letter */
	error_set(&err, "near <%s>", "ж\xd0\xe6\x96");
	assert_string_equal(err.text, "near <ж\?\?\?>");
}

/* --- conf ----------------------------------------------------------------- */

struct conf {
	char *url, *mode;
	int64_t port;
	char *extra;
};

static const struct conf_entry common[] = {
	{ .name = "SUYUAN_T_URL",
	  .type = CONF_STRING,
	  .offset = offsetof(struct conf, url),
	  .help = "where" },
	{ .name = "SUYUAN_T_MODE",
	  .type = CONF_STRING,
	  .offset = offsetof(struct conf, mode),
	  .fallback = "",
	  .help = "how" },
	{ .name = "SUYUAN_T_PORT",
	  .type = CONF_INT,
	  .offset = offsetof(struct conf, port),
	  .fallback = "17",
	  .min = -5,
	  .max = 65535,
	  .help = "port" },
	{ 0 },
};
static const struct conf_entry own[] = {
	{ .name = "SUYUAN_T_EXTRA",
	  .type = CONF_STRING,
	  .offset = offsetof(struct conf, extra),
	  .fallback = "x",
	  .help = "more" },
	{ 0 },
};
static const struct conf_entry *const tables[] = { common, own, NULL };

static int conf_setup(void **state)
{
	(void)state;
	return clearenv();
}

static void test_conf_good(void **state)
{
	struct conf conf;
	struct error err;

	(void)state;
	setenv("SUYUAN_T_URL", "tcp://a:1", 1);
	setenv("SUYUAN_T_PORT", "-5", 1);
	setenv("OTHER_THING", "1", 1);
	assert_int_equal(conf_load(tables, &conf, &err), 0);
	assert_string_equal(conf.url, "tcp://a:1");
	assert_string_equal(conf.mode, "");
	assert_string_equal(conf.extra, "x");
	assert_int_equal(conf.port, -5);
	conf_unload(tables, &conf);
	assert_null(conf.url);
	conf_unload(tables, &conf);
}

static void test_conf_all_problems(void **state)
{
	struct conf conf;
	struct error err;

	(void)state;
	setenv("SUYUAN_T_PROT", "s3cret", 1);
	setenv("SUYUAN_NONE_FILE", "s3cret", 1);
	setenv("SUYUAN_T_PORT", "65536", 1);
	setenv("SUYUAN_T_EXTRA", "s3cret", 1);
	setenv("SUYUAN_T_EXTRA_FILE", "/dev/null", 1);
	setenv("SUYUAN_T_MODE_FILE", "/nonexistent/s3", 1);
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	assert_non_null(strstr(err.text, "SUYUAN_T_PROT: no such variable"));
	assert_non_null(strstr(err.text, "SUYUAN_NONE_FILE: no such variable"));
	assert_non_null(strstr(err.text, "SUYUAN_T_URL: required"));
	assert_non_null(strstr(err.text, "SUYUAN_T_PORT: not a whole number "
					 "from -5 to 65535"));
	assert_non_null(strstr(err.text, "SUYUAN_T_EXTRA: set together with "
					 "SUYUAN_T_EXTRA_FILE"));
	assert_non_null(strstr(err.text, "SUYUAN_T_MODE_FILE: cannot read"));
	assert_null(strstr(err.text, "s3"));
	assert_null(conf.url);
	assert_null(conf.extra);
}

static void test_conf_many_problems(void **state)
{
	struct conf conf;
	struct error err;
	char name[64];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "SUYUAN_MISTAKE_%02d", i);
		setenv(name, "", 1);
	}
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	assert_non_null(strstr(err.text, "SUYUAN_MISTAKE_00"));
	assert_non_null(strstr(err.text, " more"));
}

static void test_conf_numbers(void **state)
{
	static const char *const bad[] = {
		"",    " 1",  "1 ", "0x10", "1.5",
		"--1", "12a", "-6", "+",    "99999999999999999999"
	};
	struct conf conf;
	struct error err;

	(void)state;
	setenv("SUYUAN_T_URL", "u", 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("SUYUAN_T_PORT", bad[i], 1);
		assert_int_equal(conf_load(tables, &conf, &err), -1);
	}
	setenv("SUYUAN_T_PORT", "65535", 1);
	assert_int_equal(conf_load(tables, &conf, &err), 0);
	assert_int_equal(conf.port, 65535);
	conf_unload(tables, &conf);
}

static void write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void test_conf_file(void **state)
{
	char path[] = "/tmp/test_base.XXXXXX";
	struct conf conf;
	struct error err;
	char *large = malloc(70000);

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	setenv("SUYUAN_T_URL_FILE", path, 1);
	/* one newline is the editor's, a second one is the secret's */
	write_file(path, "pass word\n\n", 11);
	assert_int_equal(conf_load(tables, &conf, &err), 0);
	assert_string_equal(conf.url, "pass word\n");
	conf_unload(tables, &conf);
	write_file(path, "\n", 1);
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	write_file(path, "a\0b", 3);
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	memset(large, 'a', 70000);
	write_file(path, large, 70000);
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	setenv("SUYUAN_T_URL_FILE", "/tmp", 1);
	assert_int_equal(conf_load(tables, &conf, &err), -1);
	unlink(path);
	free(large);
}

/* --- timeutil ------------------------------------------------------------- */

static void test_time_parse(void **state)
{
	static const struct {
		const char *text, *want;
	} good[] = {
		{ "2025-03-14T05:20:00Z", "2025-03-14T05:20:00.000000Z" },
		{ "2025-03-14 05:20:00.5+03:00",
		  "2025-03-14T02:20:00.500000Z" },
		{ "2025-03-14t05:20:00.123456789z",
		  "2025-03-14T05:20:00.123456Z" },
		{ "2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000000Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z" },
		{ "1899-12-31T23:59:59.999999Z",
		  "1899-12-31T23:59:59.999999Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z" },
	};
	static const char *const bad[] = {
		"",
		"2025",
		"2025-03-14",
		"2025-03-14T05:20Z",
		"2025-03-14T05:20:00",
		"2025-03-14T05:20:00.Z",
		"2025-03-14T05:20:00+0300",
		"2025-03-14T05:20:00+24:00",
		"2025-03-14T05:20:00Z ",
		" 2025-03-14T05:20:00Z",
		"2025-13-14T05:20:00Z",
		"2025-02-29T05:20:00Z",
		"1900-02-29T05:20:00Z",
		"2025-04-31T05:20:00Z",
		"2025-04-00T05:20:00Z",
		"2025-04-30T24:00:00Z",
		"2025-04-30T23:60:00Z",
		"2025-04-30T23:59:61Z",
		"+025-04-30T23:59:00Z",
		"03/14/2025 05:20:00 AM",
	};
	char text[TIME_TEXT_MAX];
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(time_parse_us(good[i].text, &us), 0);
		assert_string_equal(time_format_us(us, text), good[i].want);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(time_parse_us(bad[i], &us), -1);
	assert_int_equal(time_parse_us("2000-01-01T00:00:00Z", &us), 0);
	assert_int_equal(us, TIME_MIN_US);
}

static void test_time_format(void **state)
{
	char text[TIME_TEXT_MAX];

	(void)state;
	assert_string_equal(time_format_us(0, text),
			    "1970-01-01T00:00:00.000000Z");
	assert_string_equal(time_format_us(-1, text),
			    "1969-12-31T23:59:59.999999Z");
	assert_string_equal(time_format_us(INT64_MIN, text),
			    "-290308-12-21T19:59:05.224192Z");
	assert_string_equal(time_format_us(INT64_MAX, text),
			    "294247-01-10T04:00:54.775807Z");
}

static void test_days(void **state)
{
	char text[16];
	int32_t back;

	(void)state;
	assert_int_equal(day_parse("1970-01-01", &back), 0);
	assert_int_equal(back, 0);
	assert_int_equal(day_parse("2025-03-14", &back), 0);
	assert_int_equal(back, 20161);
	for (int32_t day = -719162; day < 2900000; day += 97) {
		assert_int_equal(day_parse(day_format(day, text), &back), 0);
		assert_int_equal(back, day);
	}
	assert_int_equal(day_parse("2025-3-14", &back), -1);
	assert_int_equal(day_parse("2025-03-14T", &back), -1);
	assert_int_equal(day_parse("2025-02-30", &back), -1);
	assert_string_equal(day_format(INT32_MAX, text), "5881580-07-11");
}

/* --- uuid ----------------------------------------------------------------- */

static void test_uuid_order(void **state)
{
	uint8_t last[UUID_BYTES] = { 0 }, next[UUID_BYTES];
	int64_t before = time_now_us() / 1000, ms = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uuid_make(next);
		assert_true(memcmp(last, next, 8) < 0);
		assert_int_equal(next[6] >> 4, 7);
		assert_int_equal(next[8] >> 6, 2);
		memcpy(last, next, sizeof(last));
	}
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | last[i];
	/* Made faster than 4096 a millisecond, they run ahead of the clock. */
	assert_in_range(ms, before, time_now_us() / 1000 + 100000 / 4096 + 1);
}

static void test_uuid_text(void **state)
{
	static const char text[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	static const char *const bad[] = {
		"",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		"017f22e279b07cc398c4dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e2079b0-7cc3-98c4-dc0c0c07398f",
		"{17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
	};
	uint8_t uuid[UUID_BYTES];
	char back[UUID_TEXT_MAX];

	(void)state;
	assert_int_equal(
		uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", uuid), 0);
	assert_string_equal(uuid_format(uuid, back), text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(uuid_parse(bad[i], uuid), -1);
}

/* A child must not go on with its parent's random bytes. */
static void test_uuid_fork(void **state)
{
	uint8_t mine[UUID_BYTES], childs[UUID_BYTES];
	int fds[2], status;
	pid_t pid;

	(void)state;
	uuid_make(mine); /* the pool is filled */
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		uuid_make(childs);
		_exit(write(fds[1], childs, UUID_BYTES) == UUID_BYTES ? 0 : 1);
	}
	assert_int_equal(read(fds[0], childs, UUID_BYTES), UUID_BYTES);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	uuid_make(mine);
	assert_memory_not_equal(mine + 8, childs + 8, 8);
	close(fds[0]);
	close(fds[1]);
}

/* --- arena ---------------------------------------------------------------- */

static void test_arena(void **state)
{
	struct {
		uint8_t *p;
		size_t len;
	} pieces[3000];
	struct arena a;
	unsigned seed = 5;

	(void)state;
	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3000; i++) {
			size_t len = (size_t)rand_r(&seed) % 200;

			if (i % 100 == 0)
				len *= 1000; /* above a block */
			pieces[i].p = arena_alloc(&a, len);
			pieces[i].len = len;
			assert_int_equal((uintptr_t)pieces[i].p % 16, 0);
			for (size_t k = 0; k < len; k++)
				assert_true(pieces[i].p[k] == 0);
			memset(pieces[i].p, i % 251, len);
		}
		/* none was cut out of another */
		for (int i = 0; i < 3000; i++)
			for (size_t k = 0; k < pieces[i].len; k++)
				assert_true(pieces[i].p[k] == i % 251);
		arena_reset(&a);
	}
	arena_reset(&a);
}

static void test_arena_text(void **state)
{
	struct arena a;
	char *copy, *printed;

	(void)state;
	arena_init(&a);
	copy = arena_strdup(&a, "простой");
	printed = arena_printf(&a, "%s/%d", copy, 42);
	assert_string_equal(copy, "простой");
	assert_string_equal(printed, "простой/42");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(&a, "%100000d", 1)), 100000);
	assert_memory_equal(arena_memdup(&a, "a\0b", 3), "a\0b", 3);
	assert_non_null(arena_memdup(&a, NULL, 0));
	arena_reset(&a);
}

/* --- metrics -------------------------------------------------------------- */

static struct metric answers_ok = { .name = "suyuan_t_answers_total",
				    .help = "Answers.",
				    .kind = METRIC_COUNTER,
				    .labels = "code=\"ok\"" };
static struct metric answers_busy = { .name = "suyuan_t_answers_total",
				      .help = "Answers.",
				      .kind = METRIC_COUNTER,
				      .labels = "code=\"busy\"" };
static struct metric depth = METRIC(METRIC_GAUGE, "suyuan_t_depth", "Depth.");
static struct metric took =
	METRIC(METRIC_HISTOGRAM, "suyuan_t_took_us", "Time.");

static void assert_has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no %s in:\n%s", line, text);
}

static void test_metrics(void **state)
{
	size_t len;
	char *text;

	(void)state;
	metric_add(&answers_ok, 3);
	metric_set(&depth, 7);
	metric_set(&depth, -2.5);
	metric_add(&answers_busy, 1);
	metric_add(&answers_ok, 1);
	metric_observe(&took, 0);
	metric_observe(&took, 2);   /* the bound itself is inside */
	metric_observe(&took, 2.1); /* and this one above it */
	metric_observe(&took, 1e12);
	text = metrics_render(&len);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	/* one head, and the series of a name stand together */
	assert_has(text, "# HELP suyuan_t_answers_total Answers.\n"
			 "# TYPE suyuan_t_answers_total counter\n"
			 "suyuan_t_answers_total{code=\"ok\"} 4\n"
			 "suyuan_t_answers_total{code=\"busy\"} 1\n");
	assert_has(text, "# TYPE suyuan_t_depth gauge\nsuyuan_t_depth -2.5\n");
	assert_has(text, "suyuan_t_took_us_bucket{le=\"1\"} 1\n"
			 "suyuan_t_took_us_bucket{le=\"2\"} 2\n"
			 "suyuan_t_took_us_bucket{le=\"4\"} 3\n");
	assert_has(text, "suyuan_t_took_us_bucket{le=\"8388608\"} 3\n"
			 "suyuan_t_took_us_bucket{le=\"+Inf\"} 4\n");
	assert_has(text, "suyuan_t_took_us_count 4\n");
	assert_has(text, "process_resident_memory_bytes ");
	assert_has(text, "process_open_fds ");
	assert_has(text, "process_start_time_seconds ");
	free(text);
}

/* --- log ------------------------------------------------------------------ */

/* What log_info writes for the text, as one parsed line. */
static json_t *logged(const char *text)
{
	static char line[8192];
	int fds[2], saved = dup(STDERR_FILENO);
	json_error_t err;
	json_t *json;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	log_info("%s", text);
	log_debug("below the threshold");
	dup2(saved, STDERR_FILENO);
	n = read(fds[0], line, sizeof(line) - 1);
	assert_in_range(n, 1, 4096);
	line[n] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	json = json_loads(line, 0, &err);
	if (!json)
		fail_msg("%s: %s", err.text, line);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	return json;
}

static void assert_logged(const char *text, const char *want)
{
	json_t *json = logged(text);
	int64_t us;

	assert_string_equal(json_string_value(json_object_get(json, "msg")),
			    want);
	assert_string_equal(json_string_value(json_object_get(json, "level")),
			    "info");
	assert_string_equal(json_string_value(json_object_get(json, "service")),
			    "te\"st");
	assert_int_equal(
		time_parse_us(json_string_value(json_object_get(json, "ts")),
			      &us),
		0);
	json_decref(json);
}

static void test_log(void **state)
{
	char longer[4096];
	json_t *json;

	(void)state;
	log_open("te\"st", LOG_INFO);
	assert_logged("plain", "plain");
	assert_logged("a \"b\" \\ \n\r\t\x01\x1f\x7f",
		      "a \"b\" \\ \n\r\t\x01\x1f\x7f");
	assert_logged("Ошибка 错误 \U0001F4E6", "Ошибка 错误 \U0001F4E6");
	assert_logged("a\xff"
		      "b\xed\xa0\x80"
		      "c\xd0",
		      "a\uFFFDb\uFFFD\uFFFD\uFFFDc\uFFFD");
	/* the worst: each byte becomes six */
	memset(longer, 1, sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	json = logged(longer);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),
		cmocka_unit_test_setup(test_conf_good, conf_setup),
		cmocka_unit_test_setup(test_conf_all_problems, conf_setup),
		cmocka_unit_test_setup(test_conf_many_problems, conf_setup),
		cmocka_unit_test_setup(test_conf_numbers, conf_setup),
		cmocka_unit_test_setup(test_conf_file, conf_setup),
		cmocka_unit_test(test_time_parse),
		cmocka_unit_test(test_time_format),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_uuid_order),
		cmocka_unit_test(test_uuid_text),
		cmocka_unit_test(test_uuid_fork),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_arena_text),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
