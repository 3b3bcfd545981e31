/* test_complaints_lookup.c -- whom a deployment lets look-ups ask, and what of
 * an answer is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "complaints/lookup.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool allows(const struct outside_hosts *hosts, const char *url)
{
	struct outside_origin origin;

	assert_true(outside_origin(url, &origin));
	return outside_hosts_allow(hosts, &origin);
}

static bool reaches(const struct outside_hosts *hosts, const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return outside_hosts_reach(hosts, (struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return outside_hosts_reach(hosts, (struct sockaddr *)&v6);
}

static void test_hosts(void **state)
{
	struct outside_hosts hosts;
	struct error err;

	(void)state;
	assert_int_equal(outside_hosts_read("", "HOSTS", &hosts, &err), 0);
	assert_false(allows(&hosts, "https://track.example/"));
	assert_int_equal(outside_hosts_read(" Track.Example,gis.example:8443, "
					    "10.1.0.0/16 [::1]:81,fd00::/8,"
					    "192.168.1.9",
					    "HOSTS", &hosts, &err),
			 0);
	assert_true(allows(&hosts, "https://track.example/x"));
	assert_true(allows(&hosts, "http://TRACK.example/x"));
	assert_false(allows(&hosts, "https://track.example:8443/x"));
	assert_true(allows(&hosts, "https://gis.example:8443/x"));
	assert_false(allows(&hosts, "https://gis.example/x"));
	assert_false(allows(&hosts, "https://x.track.example/"));
	assert_false(allows(&hosts, "https://track.example.evil/"));
	/* a range says where names may lead, not whom to ask */
	assert_false(allows(&hosts, "https://10.1.2.3/"));
	assert_true(allows(&hosts, "https://192.168.1.9/"));
	assert_true(allows(&hosts, "http://[::1]:81/"));
	assert_true(reaches(&hosts, "10.1.200.3"));
	assert_false(reaches(&hosts, "10.2.0.1"));
	assert_true(reaches(&hosts, "192.168.1.9"));
	assert_false(reaches(&hosts, "192.168.1.8"));
	assert_true(reaches(&hosts, "fd12::5"));
	assert_true(reaches(&hosts, "::1"));
	assert_true(reaches(&hosts, "::ffff:10.1.0.9"));
}

static void test_bad_hosts(void **state)
{
	static const char *const bad[] = {
		"https://a", "a/8",     "10.0.0.0/33", "a:b",
		"a:0",       "a_b",     "*.a",         "10.0.0.0/",
		"[::1",      "a:70000", "fd00::/129",  "u@a"
	};
	struct outside_hosts hosts;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (outside_hosts_read(bad[i], "HOSTS", &hosts, &err) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "HOSTS: entry 1"));
	}
}

static void test_addresses_inside(void **state)
{
	static const char *const inside[] = {
		"0.0.0.0",
		"10.0.0.1",
		"100.64.0.1",
		"127.0.0.1",
		"127.9.9.9",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.1",
		"192.0.0.8",
		"192.168.0.1",
		"198.19.0.1",
		"224.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"fe80::1",
		"fc00::1",
		"fdff::1",
		"ff02::1",
		"::ffff:127.0.0.1",
		"64:ff9b::7f00:1",
		"2002:7f00:1::",
		"2001::1",
		"2001:db8::1",
		"::127.0.0.1",
	};
	static const char *const open[] = { "8.8.8.8",      "172.32.0.1",
					    "192.0.1.1",    "100.128.0.1",
					    "2a00:1450::1", "::ffff:8.8.8.8" };
	struct outside_hosts none = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(inside); i++) {
		if (reaches(&none, inside[i]))
			fail_msg("reached: %s", inside[i]);
	}
	for (size_t i = 0; i < COUNT(open); i++) {
		if (!reaches(&none, open[i]))
			fail_msg("not reached: %s", open[i]);
	}
}

/* What the pointer finds in the answer; NULL: it is missing. */
static const char *found(struct arena *arena, const char *answer,
			 const char *pointer)
{
	Sy__V1__LookupField field = SY__V1__LOOKUP_FIELD__INIT,
			    *fields[] = { &field };
	Sy__V1__LookupRule rule = SY__V1__LOOKUP_RULE__INIT;
	Sy__V1__LookupResult *result = arena_alloc(arena, sizeof(*result));

	sy__v1__lookup_result__init(result);
	field.pointer = (char *)pointer;
	rule.shown = fields;
	rule.n_shown = 1;
	assert_true(
		lookup_answer(arena, &rule, answer, strlen(answer), result));
	return result->values[0]->missing ? NULL : result->values[0]->value;
}

static void test_pointers(void **state)
{
	/* RFC 6901, section 5, and what does not lead anywhere */
	static const char answer[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,"
		"\"o\":{\"p\":[{\"q\":true}],\"r\":null},\"t\":\"x\\ny\"}";
	static const struct {
		const char *pointer, *value;
	} cases[] = {
		{ "/foo/0", "bar" },
		{ "/", "0" },
		{ "/a~1b", "1" },
		{ "/m~0n", "8" },
		{ "/foo", "[\"bar\",\"baz\"]" },
		{ "/o/p/0/q", "true" },
		{ "/t", "x y" },
		{ "/foo/2", NULL },
		{ "/foo/-", NULL },
		{ "/foo/00", NULL },
		{ "/foo/x", NULL },
		{ "/foo/0/x", NULL },
		{ "/o/r", NULL },
		{ "/nothing", NULL },
		{ "/o/r/s", NULL },
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *value = found(&arena, answer, cases[i].pointer);

		if (cases[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, cases[i].value);
	}
	assert_string_equal(found(&arena, "[7]", "/0"), "7");
	arena_reset(&arena);
}

static void test_answers(void **state)
{
	static const char *const bad[] = { "",
					   "x",
					   "{",
					   "{\"a\":1}x",
					   "1",
					   "\"a\"",
					   "{\"a\":\"\xff\"}",
					   "{\"a\":\"\\u0000\"}" };
	Sy__V1__LookupRule rule = SY__V1__LOOKUP_RULE__INIT;
	Sy__V1__LookupResult result = SY__V1__LOOKUP_RESULT__INIT;
	char answer[2 * LOOKUP_KEPT_MAX + 16];
	struct arena arena;
	const char *value;
	size_t at;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(lookup_answer(&arena, &rule, bad[i],
					   strlen(bad[i]), &result));
	/* two bytes a character: cut between two of them */
	at = (size_t)sprintf(answer, "{\"a\":\"x");
	for (int i = 0; i < LOOKUP_KEPT_MAX; i++)
		at += (size_t)sprintf(answer + at, "\xd0\xb0");
	sprintf(answer + at, "\"}");
	value = found(&arena, answer, "/a");
	assert_int_equal(strlen(value), LOOKUP_KEPT_MAX - 1);
	arena_reset(&arena);
}

static const char *quoted(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "n") == 0 ? "\"\\}\n" : NULL;
}

static void test_bodies(void **state)
{
	Sy__V1__LookupPart part = SY__V1__LOOKUP_PART__INIT,
			   more = SY__V1__LOOKUP_PART__INIT,
			   *parts[] = { &part, &more };
	Sy__V1__LookupRule rule = SY__V1__LOOKUP_RULE__INIT;
	struct arena arena;
	const char *lacks = NULL;

	(void)state;
	arena_init(&arena);
	rule.body = parts;
	assert_string_equal(lookup_body(&arena, &rule, quoted, NULL, &lacks),
			    "{}");
	rule.n_body = 2;
	part.name = (char *)"a";
	part.value = (char *)"<{n}>";
	more.name = (char *)"b";
	more.value = (char *)"";
	assert_string_equal(lookup_body(&arena, &rule, quoted, NULL, &lacks),
			    "{\"a\":\"<\\\"\\\\}\\n>\",\"b\":\"\"}");
	more.value = (char *)"{x}";
	assert_null(lookup_body(&arena, &rule, quoted, NULL, &lacks));
	assert_string_equal(lacks, "x");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_bad_hosts),
		cmocka_unit_test(test_addresses_inside),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
