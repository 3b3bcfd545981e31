/* test_simulate.c -- simulated appeals: the same every time, and the totals are
 * those of what is really published. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sim.h"
#include "cli/sim_requests.h"
#include "timeutil.h"

#define COUNT 3000

static int64_t total(const json_t *totals, const char *group, const char *name)
{
	return json_integer_value(
		json_object_get(json_object_get(totals, group), name));
}

/* What the services would know of an appeal after all its events. */
struct known {
	int64_t registered_us, answered_us, last_us;
	char kind[32], channel[32], topic[32];
	int events;
};

static void publish(struct known *known, struct sim_requests *r,
		    enum sim_type type, uint64_t i, const struct sim_appeal *a)
{
	struct known *k = &known[i];
	struct pump_event event;

	sim_request(r, type, i, a, &event);
	assert_true(event.occurred_at_us >= r->from_us);
	assert_true(event.occurred_at_us <
		    r->from_us + SIM_WINDOW_DAYS * US_PER_DAY);
	/* The life of an appeal is published in its order. */
	assert_true(k->events > 0 || type == SIM_REGISTER);
	assert_true(event.occurred_at_us > k->last_us);
	k->last_us = event.occurred_at_us;
	k->events++;
	if (type == SIM_REGISTER) {
		const Sy__V1__RegisterAppealRequest *q = &r->request.registered;

		assert_int_equal(k->events, 1);
		k->registered_us = event.occurred_at_us;
		strcpy(k->kind, q->kind);
		strcpy(k->channel, q->channel);
		strcpy(k->topic, q->topic);
		assert_true(strlen(q->unit) > 0 && strlen(q->text) > 0);
		assert_string_equal(q->external_id, event.key);
	} else if (type == SIM_CLASSIFY) {
		strcpy(k->topic, r->request.classified.topic);
	} else if (type == SIM_ANSWER) {
		k->answered_us = event.occurred_at_us;
	}
}

static void test_totals_by_counting(void **state)
{
	static const char *code = "o1";
	struct known *known = calloc(COUNT, sizeof(*known));
	struct sim_stream stream = { .seed = 42, .count = COUNT };
	struct sim_requests r;
	struct sim_appeal a;
	enum sim_type type;
	uint64_t i, events[SIM_TYPES_NR] = { 0 };
	int64_t timely = 0, late = 0, overdue = 0, complaints = 0, web = 0,
		queue = 0;
	json_t *totals = sim_totals(42, COUNT);

	(void)state;
	sim_requests_init(&r);
	r.offices.codes = &code;
	r.offices.n = 1;
	r.from_us = 1741929600000000;
	while (sim_next(&stream, &type, &i, &a)) {
		assert_true(i < COUNT);
		publish(known, &r, type, i, &a);
		events[type]++;
	}
	for (i = 0; i < COUNT; i++) {
		const struct known *k = &known[i];
		int64_t due_us = k->registered_us +
				 (strcmp(k->channel, "social") == 0 ? 24 : 48) *
					 US_PER_HOUR;

		assert_true(k->events > 0);
		timely += k->answered_us && k->answered_us <= due_us;
		late += k->answered_us > due_us;
		overdue += !k->answered_us &&
			   due_us < r.from_us + SIM_WINDOW_DAYS * US_PER_DAY;
		complaints += strcmp(k->kind, "complaint") == 0;
		web += strcmp(k->channel, "web") == 0;
		queue += strcmp(k->topic, "queue") == 0;
	}
	assert_int_equal(total(totals, "kind", "complaint"), complaints);
	assert_int_equal(total(totals, "channel", "web"), web);
	assert_int_equal(total(totals, "topic", "queue"), queue);
	assert_int_equal(total(totals, "first_response", "timely"), timely);
	assert_int_equal(total(totals, "first_response", "late"), late);
	assert_int_equal(total(totals, "first_response", "overdue"), overdue);
	assert_int_equal(total(totals, "events", "registered"),
			 events[SIM_REGISTER]);
	assert_int_equal(total(totals, "events", "classified"),
			 events[SIM_CLASSIFY]);
	assert_int_equal(total(totals, "events", "answered"),
			 events[SIM_ANSWER]);
	assert_int_equal(total(totals, "events", "resolved"),
			 events[SIM_RESOLVE]);
	assert_int_equal(total(totals, "events", "closed"), events[SIM_CLOSE]);
	/* Something of everything, or the comparison says nothing. */
	assert_true(timely && late && overdue && complaints && web && queue);
	assert_true(events[SIM_CLASSIFY] && events[SIM_CLOSE]);
	json_decref(totals);
	free(known);
}

/* These numbers may only change together with the name of the publisher:
 * otherwise a stream that is resumed goes on with other events. */
static void test_same_for_ever(void **state)
{
	struct sim_appeal a, b;

	(void)state;
	sim_appeal(1, 0, &a);
	sim_appeal(1, 0, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.hash == UINT64_C(0x5e41ab087439611e));
	assert_string_equal(a.kind, "complaint");
	assert_string_equal(a.topic, "staff");
	assert_int_equal(a.registered_us, 2074782000000);
	assert_int_equal(a.answered_us, 2202997000000);
	sim_appeal(2, 0, &b);
	assert_true(a.hash != b.hash);
	sim_appeal(1, 1, &b);
	assert_true(a.hash != b.hash);
}

static void test_endless(void **state)
{
	struct sim_stream endless = { .seed = 3 };
	struct sim_stream some = { .seed = 3, .count = 100000 };
	struct sim_appeal a, b;
	enum sim_type type, type_b;
	uint64_t i, j;

	(void)state;
	for (int n = 0; n < 5000; n++) {
		assert_int_equal(sim_next(&endless, &type, &i, &a), 1);
		assert_int_equal(sim_next(&some, &type_b, &j, &b), 1);
		assert_int_equal(type, type_b);
		assert_int_equal(i, j);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static char *units(const struct sim_organisation *o)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	sim_write_units(to, o);
	fclose(to);
	return text;
}

/* Not with strstr(): that of ASan looks for the end of the text each time. */
static int count(const char *text, const char *what)
{
	const char *end = text + strlen(text);
	size_t len = strlen(what);
	int n = 0;

	while ((text = memmem(text, (size_t)(end - text), what, len))) {
		n++;
		text++;
	}
	return n;
}

static void test_organisation(void **state)
{
	const struct sim_organisation o = { 86, 40000, 1 };
	const struct sim_organisation other = { 86, 40000, 2 };
	const struct sim_organisation small = { 3, 7, 1 };
	static const char *const zones[] = {
		"Kaliningrad", "Moscow",  "Samara",      "Yekaterinburg",
		"Omsk",        "Irkutsk", "Krasnoyarsk", "Yakutsk",
		"Vladivostok", "Magadan", "Kamchatka"
	};
	char *a = units(&o), *b = units(&o), *c = units(&other);
	char *d = units(&small);

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_int_equal(count(a, ",office,"), 40000);
	assert_int_equal(count(a, ",branch,"), 86);
	assert_int_equal(count(a, ",company,"), 1);
	assert_int_equal(count(d, ",office,"), 7);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		assert_non_null(strstr(a, zones[i]));
	free(a);
	free(b);
	free(c);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals_by_counting),
		cmocka_unit_test(test_same_for_ever),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_organisation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
