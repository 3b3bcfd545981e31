/* test_encoding.c -- files in other encodings than UTF-8, in pieces of every
 * size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/encoding.h"

/* What a file of these bytes is, read in pieces; free() it. */
static char *read_all(const char *name, const char *data, size_t len,
		      size_t piece, size_t *len_r)
{
	struct error err;
	struct encoding *e = encoding_open(name, &err);
	size_t room = ENCODING_GROWS * (piece + ENCODING_KEEPS), n = 0;
	char *out = malloc(ENCODING_GROWS * (len + ENCODING_KEEPS) + room + 1);

	assert_non_null(e);
	assert_non_null(out);
	for (size_t at = 0; at < len; at += piece)
		n += encoding_read(e, data + at,
				   len - at < piece ? len - at : piece, false,
				   out + n);
	n += encoding_read(e, "", 0, true, out + n);
	out[n] = '\0';
	encoding_close(&e);
	assert_null(e);
	*len_r = n;
	return out;
}

static void is(const char *name, const char *data, size_t len,
	       const char *wanted)
{
	for (size_t piece = 1; piece <= len; piece++) {
		size_t n;
		char *got = read_all(name, data, len, piece, &n);

		assert_string_equal(got, wanted);
		assert_int_equal(n, strlen(wanted));
		free(got);
	}
}

#define IS(name, data, wanted) is(name, data, sizeof(data) - 1, wanted)

static void test_encodings(void **state)
{
	(void)state;
	IS("windows-1251", "\xcf\xee\xf7\xf2\xe0; \xb9 1", "Почта; № 1");
	IS("IBM866", "\x8f\xae\xe7\xe2\xa0", "Почта");
	IS("GBK", "\xcd\xb6\xcb\xdf,1", "投诉,1");
	IS("gb18030", "\x95\x32\x82\x36", "𠀀");
	/* as spreadsheets write "Unicode text": the mark says which end is
	 * first */
	IS("UTF-16", "\xff\xfe\x1f\x04\t\0\x3d\xd8\x00\xde", "П\t😀");
	IS("UTF-16", "\xfe\xff\x04\x1f\0\t", "П\t");
	IS("UTF-8", "Почта", "Почта");
}

/* What is no character is none afterwards, and nothing around it is lost. */
static void test_wrong_bytes(void **state)
{
	(void)state;
	IS("gb18030", "a\xffz", "a\xffz");
	IS("GBK", "ay\xcd", "ay\xff");
	IS("UTF-8", "a\xd0z", "a\xd0z");
	IS("UTF-16LE", "a\0\0\xd8z\0", "a\xffz");
	IS("UTF-16LE", "a\0z", "a\xff");
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "moon", "utf-8 or so" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(encoding_open(bad[i], &err));
		assert_non_null(strstr(err.text, "no such encoding"));
	}
}

/* Whatever stands in the file: no more room than was said, and the same however
 * it comes. */
static void test_anything(void **state)
{
	static const char *const names[] = {
		"windows-1251", "KOI8-R",    "IBM866",      "GBK",    "gb18030",
		"Big5",         "EUC-JP",    "Shift_JIS",   "UTF-8",  "UTF-16",
		"UTF-32",       "UTF-7",     "ISO-2022-JP", "SCSU",   "BOCU-1",
		"HZ-GB-2312",   "macintosh", "CESU-8",      "IBM037", "EUC-KR",
	};
	char data[512];

	(void)state;
	srand(1);
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (char)rand();
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t n, m;
			char *whole = read_all(names[i], data, sizeof(data),
					       sizeof(data), &n);
			char *pieces = read_all(names[i], data, sizeof(data),
						1 + (size_t)round % 7, &m);

			assert_int_equal(n, m);
			assert_memory_equal(whole, pieces, n);
			free(whole);
			free(pieces);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_wrong_bytes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
