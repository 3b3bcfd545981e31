/* lookup.c -- look-ups in systems outside: what they answer, taken apart by
 * pointers; and what an administrator and an operator write: a rule, the list
 * of hosts. */
#include <string.h>

#include "../lib/fuzz.h"
#include "complaints/lookup.h"

static const char *same(void *arg, const char *name)
{
	(void)name;
	return arg;
}

/* A rule that is taken makes a URL of the host that it names, whatever stands
 * in its fields. */
static void rule_filled(const Sy__V1__LookupRule *rule, const char *value,
			struct arena *arena)
{
	struct outside_origin named, filled;
	const char *lacks = NULL, *path;
	char *url = lookup_fill(arena, rule->url, true, same, (void *)value,
				&lacks);

	REQUIRE((url == NULL) == (lacks != NULL));
	if (url == NULL)
		return;
	REQUIRE(outside_origin(rule->url, &named));
	REQUIRE(outside_origin(url, &filled));
	REQUIRE(strcmp(named.host, filled.host) == 0 &&
		named.port == filled.port && named.secure == filled.secure);
	path = strchr(strstr(url, "//") + 2, '/');
	for (const char *p = path; *p != '\0'; p++)
		REQUIRE(*p > ' ' && *p <= '~' && *p != '#');
}

static void rule(struct fuzz *f, struct arena *arena)
{
	Sy__V1__LookupInput input = SY__V1__LOOKUP_INPUT__INIT,
			    *inputs[] = { &input };
	Sy__V1__LookupField field = SY__V1__LOOKUP_FIELD__INIT,
			    *shown[] = { &field };
	Sy__V1__LookupRule rule = SY__V1__LOOKUP_RULE__INIT;
	const char *where = "", *why, *value;
	Sy__V1__LookupResult result = SY__V1__LOOKUP_RESULT__INIT;
	size_t len;
	char *answer;

	rule.url = fuzz_line(f, arena, NULL);
	input.name = (char *)"n";
	input.pattern = fuzz_line(f, arena, NULL);
	field.pointer = fuzz_line(f, arena, NULL);
	value = fuzz_line(f, arena, NULL);
	rule.inputs = inputs;
	rule.n_inputs = 1;
	rule.shown = shown;
	rule.n_shown = 1;
	why = lookup_fault(&rule, &where);
	REQUIRE(where[0] != '\0');
	if (why != NULL)
		return;
	lookup_input_fits(&input, value);
	rule_filled(&rule, value, arena);
	answer = fuzz_rest(f, arena, &len);
	if (!lookup_answer(arena, &rule, answer, len, &result))
		return;
	REQUIRE(result.n_values == 1);
	REQUIRE(strlen(result.values[0]->value) <= LOOKUP_KEPT_MAX);
	fuzz_require_clean(&result.base);
}

static void hosts(struct fuzz *f, struct arena *arena)
{
	static struct outside_hosts allowed;
	struct outside_origin origin;
	struct error err = { "" };
	const char *url;

	if (outside_hosts_read(fuzz_line(f, arena, NULL), "HOSTS", &allowed,
			       &err) < 0) {
		REQUIRE(err.text[0] != '\0');
		return;
	}
	url = fuzz_line(f, arena, NULL);
	if (outside_origin(url, &origin) &&
	    outside_hosts_allow(&allowed, &origin))
		REQUIRE(allowed.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct arena arena;

	arena_init(&arena);
	if (fuzz_byte(&f) % 2 == 0)
		rule(&f, &arena);
	else
		hosts(&f, &arena);
	arena_reset(&arena);
	return 0;
}
