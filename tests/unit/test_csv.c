/* test_csv.c -- files of records, CSV and JSON lines, good and bad; each input
 * goes in whole, in halves and byte by byte, with the same outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/records.h"

/* Everything that comes out, as text: "1 header a,b; 2 ok 1,2; ..." */
static char *read_all(enum record_format format, const char *data, size_t len,
		      size_t chunk)
{
	struct records *r = records_new(format);
	struct record record;
	struct problem problem;
	size_t at = 0, size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	for (;;) {
		enum record_outcome o = records_next(r, &record, &problem);

		if (o == RECORD_END)
			break;
		switch (o) {
		case RECORD_MORE: {
			size_t n = len - at < chunk ? len - at : chunk;

			records_feed(r, data + at, n);
			at += n;
			if (at == len)
				records_finish(r);
			break;
		}
		case RECORD_HEADER:
		case RECORD_OK:
			fprintf(out, "%d%s", (int)record.line,
				o == RECORD_HEADER ? "h" : "");
			for (size_t i = 0; i < record.n; i++)
				fprintf(out, "|%s", record.values[i]);
			if (record.json) {
				char *json =
					json_dumps(record.json, JSON_COMPACT);

				fprintf(out, "|%s", json);
				free(json);
			}
			fprintf(out, ";");
			break;
		case RECORD_BAD:
			fprintf(out, "%d!%s!%s!%s;", (int)problem.line,
				problem.code, problem.field, problem.text);
			break;
		case RECORD_END:
			break;
		}
	}
	fprintf(out, "%d", (int)records_lines(r));
	fclose(out);
	records_free(r);
	return text;
}

static void expect_n(enum record_format format, const char *data, size_t len,
		     const char *wanted)
{
	const size_t chunks[] = { len + 1, len / 2 + 1, 7, 1 };

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		char *got = read_all(format, data, len, chunks[i]);

		assert_string_equal(got, wanted);
		free(got);
	}
}

#define CSV(data, wanted) expect_n(FORMAT_CSV, data, sizeof(data) - 1, wanted)
#define JSONL(data, wanted)                                                    \
	expect_n(FORMAT_JSONL, data, sizeof(data) - 1, wanted)

static void test_plain(void **state)
{
	(void)state;
	CSV("a,b\n1,2\n3,4\n", "1h|a|b;2|1|2;3|3|4;3");
	CSV("a,b\n1,2\n3,4", "1h|a|b;2|1|2;3|3|4;3");
	CSV("a,b\n", "1h|a|b;1");
	CSV("", "0");
	CSV("a\n\n\nx\n", "1h|a;4|x;4");
	CSV("a,b\n , x \n", "1h|a|b;2| | x ;2");
}

static void test_bom_crlf_cr(void **state)
{
	(void)state;
	CSV("\xef\xbb\xbf"
	    "a,b\r\n1,2\r\n\r\n3,4\r\n",
	    "1h|a|b;2|1|2;4|3|4;4");
	CSV("a,b\r1,2\r3,4", "1h|a|b;1|1|2;1|3|4;1");
}

static void test_quotes(void **state)
{
	(void)state;
	CSV("a,b\n\"x, \"\"y\"\"\",\"l1\nl2\r\nl3\"\n5,6\n",
	    "1h|a|b;2|x, \"y\"|l1\nl2\r\nl3;5|5|6;5");
	CSV("a\n\"\"\n", "1h|a;2|;2");
}

static void test_the_header_says_what_divides(void **state)
{
	(void)state;
	CSV("a;b\n1,5;2\n\"x;y\";\n", "1h|a|b;2|1,5|2;3|x;y|;3");
	CSV("\xef\xbb\xbf"
	    "a;b\r\n1;2\r\n",
	    "1h|a|b;2|1|2;2");
	CSV("a\tb\n1;\t,2\n", "1h|a|b;2|1;|,2;2");
	CSV("a;b,c\n1;2,3\n", "1h|a;b|c;2|1;2|3;2");
	CSV("\"a,b\";c\n1;2\n", "1h|a,b|c;2|1|2;2");
	CSV("\n\r\na;b\n1;2\n", "3h|a|b;4|1|2;4");
	CSV("a;b", "1h|a|b;1");
	/* after a bad line too */
	CSV("a;b\n1;x\"y\n3;4\n",
	    "1h|a|b;2!MALFORMED!!a quote where none may be;3|3|4;3");
}

static void test_bad_quotes_cost_one_line(void **state)
{
	(void)state;
	CSV("a,b\n1,x\"y\n3,4\n",
	    "1h|a|b;2!MALFORMED!!a quote where none may be;3|3|4;3");
	CSV("a,b\n1,\"x\"y\n3,4\n",
	    "1h|a|b;2!MALFORMED!!a quote where none may be;3|3|4;3");
	/* Never closed: the next quote shows it. */
	CSV("a,b\n1,\"x\n3,4\n5,\"six\"\n7,8\n",
	    "1h|a|b;2!MALFORMED!!a quote where none may be;3|3|4;4|5|six;"
	    "5|7|8;5");
	/* Never closed: the end of the file shows it. */
	CSV("a,b\n1,\"x\n3,4\n5,6\n",
	    "1h|a|b;2!MALFORMED!!a quote is never closed;3|3|4;4|5|6;4");
	CSV("a,b\n1,\"x", "1h|a|b;2!MALFORMED!!a quote is never closed;2");
}

static void test_columns(void **state)
{
	(void)state;
	CSV("a,b\n1\n1,2,3\n4,5\n",
	    "1h|a|b;2!INVALID!!1 columns, the header has 2;"
	    "3!INVALID!!3 columns, the header has 2;4|4|5;4");
}

static void test_bytes(void **state)
{
	(void)state;
	CSV("a,b\n1,\xff\n\xc3\xa9,\xf0\x9f\x98\x80\n",
	    "1h|a|b;2!INVALID!b!is not UTF-8: see "
	    "--encoding;3|\xc3\xa9|\xf0\x9f\x98\x80;3");
	CSV("a,b\n1\0,2\n3,4\n", "1h|a|b;2!INVALID!a!holds NUL;3|3|4;3");
	CSV("a,b\n\xed\xa0\x80,2\n3,\xc0\x80\n", /* surrogate, overlong */
	    "1h|a|b;2!INVALID!a!is not UTF-8: see --encoding;3!INVALID!b!is "
	    "not UTF-8: see --encoding;3");
	CSV("a\xff,b\n1,2\n",
	    "1!INVALID!!is not UTF-8: see --encoding;2h|1|2;2");
}

static void test_huge_line(void **state)
{
	size_t n = 10 * 1024 * 1024, len;
	char *data = malloc(n + 64);
	const char *wanted = "1h|a|b;2!TOO_LARGE!!over 262144 bytes;3|3|4;3";

	(void)state;
	memset(data, 'x', n + 64);
	memcpy(data, "a,b\n1,", 6);
	memcpy(data + n, "\n3,4\n", 5);
	len = n + 5;
	for (size_t chunk = 4096; chunk < 2 * len; chunk *= 64) {
		char *got = read_all(FORMAT_CSV, data, len, chunk);

		assert_string_equal(got, wanted);
		free(got);
	}
	/* An open quote must not take the rest of a large file with it. */
	memcpy(data, "a,b\n1,\"\n3,4\n", 12);
	for (size_t i = 12; i + 4 <= n; i += 4)
		memcpy(data + i, "5,6\n", 4);
	{
		char *got = read_all(FORMAT_CSV, data, 1024 * 1024, 65536);

		static const char wanted_head[] =
			"1h|a|b;2!TOO_LARGE!!over 262144 bytes: is a quote "
			"never closed?;3|3|4;4|5|6;";

		assert_memory_equal(got, wanted_head, sizeof(wanted_head) - 1);
		free(got);
	}
	/* The limit itself is allowed. */
	memset(data, 'x', n);
	memcpy(data, "a\n", 2);
	data[2 + RECORD_MAX_BYTES - 1] = '\n';
	{
		char *got =
			read_all(FORMAT_CSV, data, 2 + RECORD_MAX_BYTES, 65536);

		assert_memory_equal(got, "1h|a;2|xxx", 10);
		free(got);
	}
	free(data);
}

static void test_jsonl(void **state)
{
	(void)state;
	JSONL("\xef\xbb\xbf{\"a\":1}\r\n\n{\"b\":{\"c\":\"d\"}}",
	      "1|{\"a\":1};3|{\"b\":{\"c\":\"d\"}};3");
	JSONL("{\"a\":1\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":\"\\u0000\"}\n"
	      "{\"a\":\"\xff\"}\n{}\n",
	      "1!MALFORMED!!is not JSON at character 6;"
	      "2!MALFORMED!!is not an object;"
	      "3!MALFORMED!!has a key twice at character 10;"
	      "4!MALFORMED!!holds NUL at character 13;"
	      "5!MALFORMED!!is not UTF-8 at character 6;6|{};6");
	JSONL("{\"a\":\0}\n{}\n", "1!INVALID!!holds NUL;2|{};2");
}

static void test_jsonl_huge(void **state)
{
	size_t n = 10 * 1024 * 1024;
	char *data = malloc(n), *got;

	(void)state;
	memset(data, ' ', n);
	memcpy(data + n - 4, "\n{}\n", 4);
	got = read_all(FORMAT_JSONL, data, n, 65536);
	assert_string_equal(got, "1!TOO_LARGE!!over 262144 bytes;2|{};2");
	free(got);
	/* Deep nesting is refused by jansson, not by the stack. */
	memset(data, '[', 200000);
	memcpy(data, "{\"a\":", 5);
	data[200000] = '\n';
	got = read_all(FORMAT_JSONL, data, 200001, 65536);
	assert_non_null(strstr(got, "1!MALFORMED!!is not JSON"));
	free(got);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_bom_crlf_cr),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_the_header_says_what_divides),
		cmocka_unit_test(test_bad_quotes_cost_one_line),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_huge_line),
		cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_jsonl_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
