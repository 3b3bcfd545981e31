/* test_mapping.c -- mapping files, good and bad, and what records become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/dates.h"
#include "cli/mapping.h"
#include "cli/values.h"
#include "timeutil.h"
#include "json/pbjson.h"

/* Maps the whole text; what comes out, one line an event or problem. */
static char *map_all(struct mapping *m, enum record_format format,
		     const char *data)
{
	struct records *r = records_new(format);
	struct mapped_event events[MAPPING_EVENTS_MAX];
	struct record record;
	struct problem p;
	struct arena arena;
	struct error err;
	char *text = NULL, time[TIME_TEXT_MAX];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	enum record_outcome o;

	arena_init(&arena);
	records_feed(r, data, strlen(data));
	records_finish(r);
	while ((o = records_next(r, &record, &p)) != RECORD_END) {
		int n = 0;

		if (o == RECORD_HEADER) {
			if (mapping_bind(m, r, &err) < 0) {
				fprintf(out, "bind: %s\n", err.text);
				break;
			}
			continue;
		}
		assert_int_equal(o, RECORD_OK);
		n = mapping_apply(m, &record, &arena, events, &p);
		if (n < 0)
			fprintf(out, "%d!%s!%s!%s!%s\n", (int)p.line, p.type,
				p.field, p.code, p.text);
		for (int i = 0; i < n; i++) {
			json_t *json = pbjson_from_message(events[i].payload);
			char *dump = json_dumps(json, JSON_COMPACT);

			assert_string_equal(
				mapping_rule_type(m, events[i].rule),
				events[i].type);
			fprintf(out, "%d %s %s %.19s %s\n", (int)record.line,
				events[i].type, events[i].key,
				time_format_us(events[i].occurred_at_us, time),
				dump);
			free(dump);
			json_decref(json);
		}
		arena_reset(&arena);
	}
	fclose(out);
	records_free(r);
	return text;
}

static void maps(const char *mapping, enum record_format format,
		 const char *data, const char *wanted)
{
	struct mapping *m;
	struct error err;
	char *got;

	if (!mapping)
		m = mapping_identity(&mapping_appeals);
	else if (mapping_load(&m, &mapping_appeals, mapping, strlen(mapping),
			      &err) < 0)
		fail_msg("%s", err.text);
	got = map_all(m, format, data);
	assert_string_equal(got, wanted);
	free(got);
	mapping_free(&m);
}

#define NYC                                                                    \
	"{\"zone\":\"America/New_York\",\"date_format\":\"M/d/yyyy H:mm\","    \
	"\"required_columns\":[\"id\"],\"events\":["                           \
	"{\"type\":\"RegisterAppeal\",\"occurred_at\":\"made\","               \
	"\"key\":\"{id}\",\"fields\":{\"external_id\":\"{id}\","               \
	"\"channel\":{\"column\":\"by\",\"map\":{\"Tel\":\"call_centre\"},"    \
	"\"default\":\"web\"},"                                                \
	"\"topic\":{\"template\":\"{a} / {b}\",\"slug\":true},"                \
	"\"person.phone\":\"+1{phone}\"}},"                                    \
	"{\"type\":\"CloseAppeal\",\"when\":{\"column\":\"done\","             \
	"\"present\":true},\"occurred_at\":\"done\",\"key\":\"{id}\","         \
	"\"fields\":{\"appeal.external_id\":\"{id}\"}}]}"

static void test_rows(void **state)
{
	(void)state;
	maps(NYC, FORMAT_CSV,
	     "id,made,done,by,a,b,phone\n"
	     "1,3/14/2025 1:20,3/15/2025 13:05,Tel,Dead Animal,Cat (old),5\n"
	     "2,1/2/2025 0:00,,Fax,X,,6\n",
	     "2 RegisterAppeal 1 2025-03-14T05:20:00 "
	     "{\"external_id\":\"1\",\"channel\":\"call_centre\","
	     "\"topic\":\"dead-animal-cat-old\","
	     "\"person\":{\"phone\":\"+15\"}}\n"
	     "2 CloseAppeal 1 2025-03-15T17:05:00 "
	     "{\"appeal\":{\"external_id\":\"1\"}}\n"
	     "3 RegisterAppeal 2 2025-01-02T05:00:00 "
	     "{\"external_id\":\"2\",\"channel\":\"web\","
	     "\"topic\":\"x\",\"person\":{\"phone\":\"+16\"}}\n");
}

static void test_bad_rows(void **state)
{
	(void)state;
	/* A row with one bad event sends nothing at all. */
	maps(NYC, FORMAT_CSV,
	     "id,made,done,by,a,b,phone\n"
	     ",3/14/2025 1:20,,,,,\n"
	     "1,3/14/1899 1:20,,,,,\n"
	     "2,2025-03-14,,,,,\n"
	     "3,13/1/2025 1:20,,,,,\n"
	     "4,3/14/2025 1:20x,,,,,\n"
	     "5,3/14/2025 1:20,soon,,,,\n"
	     "6,,,,,,\n"
	     "7,2/30/2025 1:20,,,,,\n",
	     "2!!id!INVALID!is empty\n"
	     "3!RegisterAppeal!made!INVALID!lies before the year 2000\n"
	     "4!RegisterAppeal!made!INVALID!is not a date as the mapping says\n"
	     "5!RegisterAppeal!made!INVALID!is not a date as the mapping says\n"
	     "6!RegisterAppeal!made!INVALID!is not a date as the mapping says\n"
	     "7!CloseAppeal!done!INVALID!is not a date as the mapping says\n"
	     "8!RegisterAppeal!made!INVALID!is empty\n"
	     "9!RegisterAppeal!made!INVALID!is not a date as the mapping "
	     "says\n");
	maps(NYC, FORMAT_CSV, "id,made\n1,3/14/2025 1:20\n",
	     "bind: events[0].fields.channel: the file has no column 'by'\n");
	maps(NYC, FORMAT_CSV, "made,made\n1,3/14/2025 1:20\n",
	     "bind: required_columns[0]: the file has no column 'id'\n");
	maps(NYC, FORMAT_CSV, "id,made,made,done,by,a,b,phone\n",
	     "bind: events[0].occurred_at: the file has more than one column "
	     "'made'\n");
}

static void test_jsonl(void **state)
{
	(void)state;
	maps("{\"events\":[{\"type\":\"AnswerAppeal\",\"occurred_at\":\"t\","
	     "\"when\":{\"column\":\"s\",\"in\":[\"A\",\"true\"]},"
	     "\"key\":\"k-{o.id}\",\"fields\":{\"appeal.external_id\":"
	     "\"{o.id}\",\"text\":\"{{{x}}}\"}}]}",
	     FORMAT_JSONL,
	     "{\"t\":\"2025-03-14T05:20:00Z\",\"s\":\"A\",\"o\":{\"id\":7}}\n"
	     "{\"t\":\"2025-03-14T05:20:00Z\",\"s\":\"B\",\"o\":{\"id\":8}}\n"
	     "{\"t\":\"2025-03-14T05:20:00Z\",\"s\":true,\"o.id\":\"9\"}\n"
	     "{\"t\":\"2025-03-14T05:20:00Z\",\"s\":\"A\",\"o\":{\"id\":[]}}\n",
	     "1 AnswerAppeal k-7 2025-03-14T05:20:00 "
	     "{\"appeal\":{\"external_id\":\"7\"},\"text\":\"{}\"}\n"
	     "3 AnswerAppeal k-9 2025-03-14T05:20:00 "
	     "{\"appeal\":{\"external_id\":\"9\"},\"text\":\"{}\"}\n"
	     "4!AnswerAppeal!o.id!INVALID!is not a single value\n");
}

static void test_identity(void **state)
{
	(void)state;
	maps(NULL, FORMAT_CSV,
	     "type,external_id,appeal.external_id,kind,person.phone,"
	     "occurred_at_us\n"
	     "RegisterAppeal,1,,complaint,5,2025-03-14T05:20:00Z\n"
	     "CloseAppeal,,1,,,2025-03-14T08:20:00+03:00\n"
	     "CloseAppeal,,1,complaint,,2025-03-14T08:20:00+03:00\n"
	     "PutRecord,1,,,,2025-03-14T05:20:00Z\n"
	     "CloseAppeal,,,,,2025-03-14T05:20:00Z\n"
	     "CloseAppeal,,1,,,1999-03-14T05:20:00Z\n"
	     "CloseAppeal,,1,,,\n",
	     "2 RegisterAppeal 1 2025-03-14T05:20:00 {\"external_id\":\"1\","
	     "\"kind\":\"complaint\",\"person\":{\"phone\":\"5\"}}\n"
	     "3 CloseAppeal 1 2025-03-14T05:20:00 "
	     "{\"appeal\":{\"external_id\":\"1\"}}\n"
	     "4!!kind!INVALID!is no field of this type\n"
	     "5!!type!INVALID!is not the name of an event of appeals\n"
	     "6!CloseAppeal!external_id!INVALID!is empty\n"
	     "7!CloseAppeal!occurred_at_us!INVALID!lies before the year 2000\n"
	     "8!CloseAppeal!occurred_at_us!INVALID!is empty\n");
	maps(NULL, FORMAT_CSV, "external_id\n1\n",
	     "bind: without a mapping the file needs the columns type and "
	     "occurred_at_us\n");
	maps(NULL, FORMAT_CSV,
	     "type,occurred_at_us,kind,kind\n,2025-03-14T05:20:00Z,a,b\n",
	     "bind: column 'kind' is there twice\n");
	maps(NULL, FORMAT_CSV, "type,occurred_at_us,,\n,,,\n",
	     "bind: column 3 has no name\n");
	maps(NULL, FORMAT_CSV, "type,occurred_at_us,type\n,,\n",
	     "bind: column 'type' is there twice\n");
	maps(NULL, FORMAT_JSONL,
	     "{\"type\":\"ResolveAppeal\",\"appeal\":{\"appeal_id\":\"u\"},"
	     "\"occurred_at_us\":\"2025-03-14T05:20:00Z\"}\n"
	     "{\"type\":\"RegisterAppeal\",\"external_id\":\"1\",\"person\":"
	     "{\"phone\":5},\"occurred_at_us\":\"2025-03-14T05:20:00Z\"}\n"
	     "{\"external_id\":\"1\"}\n",
	     "1 ResolveAppeal u 2025-03-14T05:20:00 "
	     "{\"appeal\":{\"appeal_id\":\"u\"}}\n"
	     "2!!person.phone!INVALID!expected a string without NUL\n"
	     "3!!type!INVALID!is not the name of an event of appeals\n");
}

static void broken(const char *mapping, const char *wanted)
{
	struct mapping *m;
	struct error err;

	assert_int_equal(mapping_load(&m, &mapping_appeals, mapping,
				      strlen(mapping), &err),
			 -1);
	assert_null(m);
	assert_string_equal(err.text, wanted);
}

#define EVENT(rest)                                                            \
	"{\"events\":[{\"type\":\"CloseAppeal\",\"occurred_at\":\"t\","        \
	"\"key\":\"{k}\",\"fields\":{}" rest "}]}"

static void test_broken_mappings(void **state)
{
	(void)state;
	broken("{}", "events: wants a list of 1 to 16");
	broken("[]", "wants an object");
	broken("{\"events\":[{}]}", "events[0]: type: is missing");
	broken("{\"event\":[]}", "event: no such key");
	broken("{\"events\":[{\"type\":\"GetAppeal\",\"occurred_at\":\"t\"}]}",
	       "events[0]: type: no such event of appeals");
	broken(EVENT(",\"wen\":1"), "events[0]: wen: no such key");
	broken(EVENT(",\"when\":{\"column\":\"a\"}"),
	       "events[0]: when: wants one of present and in");
	broken(EVENT(",\"when\":{\"column\":\"a\",\"in\":[]}"),
	       "events[0]: when: in: wants a list of strings");
	broken("{\"zone\":\"Mars/Base\",\"date_format\":\"d\",\"events\":[]}",
	       "zone: no such IANA zone");
	broken("{\"zone\":\"Europe/Moscow\",\"events\":[]}",
	       "zone: is for a date_format; RFC 3339 times say their own");
	broken("{\"events\":[{\"type\":\"CloseAppeal\",\"occurred_at\":\"t\","
	       "\"key\":\"{k\",\"fields\":{}}]}",
	       "events[0]: key: a brace without its column: {Column}");
	broken("{\"events\":[{\"type\":\"CloseAppeal\",\"occurred_at\":\"t\","
	       "\"key\":\"k\",\"fields\":{\"kind\":\"x\"}}]}",
	       "events[0]: fields: CloseAppealRequest has no field kind");
	broken("{\"events\":[{\"type\":\"CloseAppeal\",\"occurred_at\":\"t\","
	       "\"key\":\"k\",\"fields\":{\"appeal\":\"x\"}}]}",
	       "events[0]: fields: appeal of CloseAppealRequest is not a "
	       "single value");
	broken("{\"events\":[{\"type\":\"RegisterAppeal\",\"occurred_at\":"
	       "\"t\",\"key\":\"k\",\"fields\":{\"kind\":{\"column\":\"a\","
	       "\"map\":{\"b\":1}}}}]}",
	       "events[0]: fields: kind: map.b: wants a string");
}

static void test_slug(void **state)
{
	static const char *const cases[][2] = {
		{ "04 BROOKLYN", "04-brooklyn" },
		{ "  A--b_c.D  ", "a-b_c-d" },
		{ "Доставка: Отказ!", "доставка-отказ" },
		{ "!!", "" },
		{ "", "" },
		{ "\xc8\xba", "\xe2\xb1\xa5" }, /* grows by a byte */
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text in = { cases[i][0], strlen(cases[i][0]) };
		struct text out = text_slug(in, &arena);

		assert_string_equal(out.data, cases[i][1]);
		assert_int_equal(out.len, strlen(cases[i][1]));
	}
	arena_reset(&arena);
}

static void test_dates_at_clock_changes(void **state)
{
	struct dates *d;
	struct error err;
	int64_t us;
	char text[TIME_TEXT_MAX];

	(void)state;
	assert_int_equal(
		dates_open(&d, "yyyy-MM-dd HH:mm", "America/New_York", &err),
		0);
	/* 1:30 comes twice on this day: the first one is meant. */
	assert_int_equal(dates_parse(d, "2025-11-02 01:30", 16, &us), 0);
	assert_string_equal(time_format_us(us, text),
			    "2025-11-02T05:30:00.000000Z");
	/* 2:30 does not come at all on this one. */
	assert_int_equal(dates_parse(d, "2025-03-09 02:30", 16, &us), -1);
	assert_int_equal(dates_parse(d, "2025-03-09 03:30", 16, &us), 0);
	assert_string_equal(time_format_us(us, text),
			    "2025-03-09T07:30:00.000000Z");
	dates_close(&d);
	assert_int_equal(dates_open(&d, NULL, NULL, &err), 0);
	assert_int_equal(dates_parse(d, "2025-03-09 02:30", 16, &us), -1);
	dates_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bad_rows),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_broken_mappings),
		cmocka_unit_test(test_slug),
		cmocka_unit_test(test_dates_at_clock_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
