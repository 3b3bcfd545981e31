/* test_lookup.c -- what a look-up may be: its URL, its templates, the pattern
 * of what is typed in; and what is made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dir/lookup.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A rule that has no fault, and what its lists point at. */
struct good {
	Sy__V1__LookupRule rule;
	Sy__V1__LookupInput input, *inputs[LOOKUP_INPUTS_MAX + 1];
	Sy__V1__LookupHeader header, *headers[LOOKUP_HEADERS_MAX + 1];
	Sy__V1__LookupPart part, *body[LOOKUP_PARTS_MAX + 1];
	Sy__V1__LookupField field, *shown[LOOKUP_SHOWN_MAX + 1];
};

static Sy__V1__LookupRule *good(struct good *g)
{
	sy__v1__lookup_rule__init(&g->rule);
	sy__v1__lookup_input__init(&g->input);
	sy__v1__lookup_header__init(&g->header);
	sy__v1__lookup_part__init(&g->part);
	sy__v1__lookup_field__init(&g->field);
	for (size_t i = 0; i < COUNT(g->inputs); i++)
		g->inputs[i] = &g->input;
	for (size_t i = 0; i < COUNT(g->headers); i++)
		g->headers[i] = &g->header;
	for (size_t i = 0; i < COUNT(g->body); i++)
		g->body[i] = &g->part;
	for (size_t i = 0; i < COUNT(g->shown); i++)
		g->shown[i] = &g->field;
	g->input.name = (char *)"number";
	g->input.pattern = (char *)"[A-Z]{2}[0-9]{9}";
	g->header.name = (char *)"X-Key";
	g->header.secret = (char *)"key";
	g->part.name = (char *)"n";
	g->part.value = (char *)"{number}";
	g->field.pointer = (char *)"/state";
	g->rule.url = (char *)"https://track.example/v1/{number}?of={unit}";
	g->rule.inputs = g->inputs;
	g->rule.n_inputs = 1;
	g->rule.headers = g->headers;
	g->rule.n_headers = 1;
	g->rule.body = g->body;
	g->rule.shown = g->shown;
	g->rule.n_shown = 1;
	return &g->rule;
}

static const char *fault_of(const Sy__V1__LookupRule *rule)
{
	const char *field = "";

	return lookup_fault(rule, &field) != NULL ? field : "";
}

static void test_rules(void **state)
{
	struct good g;
	Sy__V1__LookupRule *r;

	(void)state;
	assert_string_equal(fault_of(good(&g)), "");
	r = good(&g);
	r->method = SY__V1__LOOKUP_METHOD__LOOKUP_POST;
	r->n_body = 1;
	assert_string_equal(fault_of(r), "");
	r->method = SY__V1__LOOKUP_METHOD__LOOKUP_GET;
	assert_string_equal(fault_of(r), "policy.lookup.body");
	r = good(&g);
	r->n_inputs = 2; /* the same twice */
	assert_string_equal(fault_of(r), "policy.lookup.inputs.name");
	r->n_inputs = LOOKUP_INPUTS_MAX + 1;
	assert_string_equal(fault_of(r), "policy.lookup.inputs");
	r = good(&g);
	r->n_headers = LOOKUP_HEADERS_MAX + 1;
	assert_string_equal(fault_of(r), "policy.lookup.headers");
	r = good(&g);
	r->n_shown = 0;
	assert_string_equal(fault_of(r), "policy.lookup.shown");
	r = good(&g);
	r->timeout_ms = 15001;
	assert_string_equal(fault_of(r), "policy.lookup.timeout_ms");
	r->timeout_ms = 15000;
	r->max_bytes = 1048577;
	assert_string_equal(fault_of(r), "policy.lookup.max_bytes");
	r = good(&g);
	g.input.name = (char *)"unit"; /* the case's */
	assert_string_equal(fault_of(r), "policy.lookup.inputs.name");
}

static void test_urls(void **state)
{
	static const char *const bad[] = {
		"",
		"track.example/x",
		"ftp://track.example/x",
		"file:///etc/passwd",
		"https://track.example",
		"https://track.example?x=1",
		"https://user@track.example/x",
		"https://user:word@track.example/x",
		"https://{unit}/x",
		"https://{unit}.example/x",
		"https://track.example{unit}/x",
		"https://track.example:/x",
		"https://track.example:99999/x",
		"https://track.example:0/x",
		"https://track.example:80{unit}/x",
		"https://track.example\\@inside/x",
		"https://track.example/x y",
		"https://track.example/x#y",
		"https://track.example/\xd1\x85",
		"https://track.example/{nothing}",
		"https://track.example/{name}", /* a customer's: never */
		"https://track.example/{}",
		"https://track.example/{number",
		"https://track.example/number}",
		"https://track.example/{num{ber}}",
		"https://track.example/{number\n}",
		"http://track.example/x", /* there is a secret */
		"https://[::1/x",
		"https:///x",
	};
	static const char *const fine[] = {
		"https://track.example/",
		"https://TRACK.example:8443/{number}/{unit}?a={address}",
		"https://[2001:db8::1]:444/x",
		"https://192.0.2.1/x?{phone}",
	};
	struct good g;
	Sy__V1__LookupRule *r = good(&g);

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		r->url = (char *)bad[i];
		if (strcmp(fault_of(r), "policy.lookup.url") != 0)
			fail_msg("taken: %s", bad[i]);
	}
	for (size_t i = 0; i < COUNT(fine); i++) {
		r->url = (char *)fine[i];
		if (fault_of(r)[0] != '\0')
			fail_msg("refused: %s", fine[i]);
	}
	r->n_headers = 0;
	r->url = (char *)"http://track.example/x";
	assert_string_equal(fault_of(r), "");
}

static void test_origins(void **state)
{
	struct outside_origin o;

	(void)state;
	assert_true(outside_origin("https://Track.Example/x", &o));
	assert_string_equal(o.host, "track.example");
	assert_true(o.secure);
	assert_int_equal(o.port, 443);
	assert_true(outside_origin("http://10.0.0.1:8080", &o));
	assert_int_equal(o.port, 8080);
	assert_false(o.secure);
	assert_true(outside_origin("http://[::FFFF:1]/", &o));
	assert_string_equal(o.host, "::ffff:1");
	assert_int_equal(o.port, 80);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *fits, *fails;
	} good_ones[] = {
		{ "", "anything", "" },
		{ "[0-9]{14}|[A-Z]{2}[0-9]{9}[A-Z]{2}", "RA123456785RU",
		  "RA12345678RU" },
		{ "[0-9]{14}|[A-Z]{2}", "12345678901234", "x12345678901234" },
		{ "a+b*c?", "aab", "b" },
		{ "[^x]{1,3}", "abc", "abcd" },
		{ "a.c", "abc", "abcabc" },
		{ "x{2,}", "xxxx", "x" },
	};
	static const char *const bad[] = {
		"(a)",    "a\\d",     "a**",   "a{2}{3}",     "a{100}",
		"*a",     "a|*",      "[a",    "a]",          "a{",
		"a{x}",   "^a",       "a$",    "[[:alpha:]]", "a{1,200}",
		"a{3,1}", "\xd1\x85", "[z-a]",
	};
	struct good g;
	Sy__V1__LookupRule *r = good(&g);
	char long_value[LOOKUP_VALUE_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(good_ones); i++) {
		g.input.pattern = (char *)good_ones[i].pattern;
		assert_string_equal(fault_of(r), "");
		assert_true(lookup_input_fits(&g.input, good_ones[i].fits));
		assert_false(lookup_input_fits(&g.input, good_ones[i].fails));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		g.input.pattern = (char *)bad[i];
		if (strcmp(fault_of(r), "policy.lookup.inputs.pattern") != 0)
			fail_msg("taken: %s", bad[i]);
	}
	g.input.pattern = (char *)"";
	assert_false(lookup_input_fits(&g.input, "."));
	assert_false(lookup_input_fits(&g.input, ".."));
	assert_false(lookup_input_fits(&g.input, "a\nb"));
	memset(long_value, 'x', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	assert_false(lookup_input_fits(&g.input, long_value));
}

static void test_headers_and_pointers(void **state)
{
	static const char *const headers[] = {
		"",       "X Key",  "X:Key",          "Host", "content-LENGTH",
		"Cookie", "X\r\nY", "Idempotency-Key"
	};
	static const char *const pointers[] = { "", "state", "/a~", "/a~2b",
						"/a\n" };
	struct good g;
	Sy__V1__LookupRule *r = good(&g);

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		g.header.name = (char *)headers[i];
		assert_string_equal(fault_of(r), "policy.lookup.headers.name");
	}
	r = good(&g);
	for (size_t i = 0; i < COUNT(pointers); i++) {
		g.field.pointer = (char *)pointers[i];
		assert_string_equal(fault_of(r), "policy.lookup.shown.pointer");
	}
	g.field.pointer = (char *)"/a~0b~1c/0";
	assert_string_equal(fault_of(r), "");
	r->method = SY__V1__LOOKUP_METHOD__LOOKUP_POST;
	r->n_body = 1;
	g.part.value = (char *)"{nobody}";
	assert_string_equal(fault_of(r), "policy.lookup.body.value");
}

static const char *value(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "number") == 0  ? "a/b?c&d %\xd0\xb0"
	       : strcmp(name, "unit") == 0  ? "north-01"
	       : strcmp(name, "dots") == 0  ? ".."
	       : strcmp(name, "empty") == 0 ? ""
					    : NULL;
}

static void test_filling(void **state)
{
	struct arena arena;
	const char *lacks = NULL;

	(void)state;
	arena_init(&arena);
	assert_string_equal(lookup_fill(&arena, "/{number}?u={unit}.", true,
					value, NULL, &lacks),
			    "/a%2Fb%3Fc%26d%20%25%D0%B0?u=north-01.");
	assert_string_equal(lookup_fill(&arena, "{number}{unit}", false, value,
					NULL, &lacks),
			    "a/b?c&d %\xd0\xb0north-01");
	assert_null(lacks);
	assert_null(lookup_fill(&arena, "/{unit}/{empty}", true, value, NULL,
				&lacks));
	assert_string_equal(lacks, "empty");
	assert_null(
		lookup_fill(&arena, "/{dots}/x", true, value, NULL, &lacks));
	assert_null(lookup_fill(&arena, "/{none}", true, value, NULL, &lacks));
	assert_string_equal(lacks, "none");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_headers_and_pointers),
		cmocka_unit_test(test_filling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
