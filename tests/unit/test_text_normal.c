/* test_text_normal.c -- normal form, masks, languages and tokens: known
 * answers, ICU's own for every character, and junk that must stay harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "text/chars.h"
#include "text/lang.h"
#include "text/tokens.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct text normal(const char *raw)
{
	return text_normalise(&arena, raw, strlen(raw));
}

static const char *masked(const char *raw)
{
	struct text t = normal(raw);

	return text_mask(&arena, &t).s;
}

static const char *lang(const char *raw)
{
	struct text t = normal(raw);
	struct text m = text_mask(&arena, &t);

	return text_language(&m).code;
}

static void test_ready(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(text_ready(&err), 0);
}

static void test_known_forms(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ " \t\r\n ", "" },
		{ "Hello,  World!", "hello, world!" },
		{ "ПОЧТА России", "почта россии" },
		{ "Ёлка и ёж", "елка и еж" },
		/* a letter and its mark are one letter */
		{ "и\u0306од Е\u0308ж", "йод еж" },
		{ "ＡＢＣ１２３！", "abc123!" },
		{ "快递，太慢了。", "快递,太慢了。" },
		{ "Straße ﬁn №5", "strasse fin №5" },
		{ "№\u00e9 №e\u0301 №\u0301", "№\u00e9 №\u00e9 №\u0301" },
		/* no width, other direction, tag characters */
		{ "по\u200bчта\u202e x\u2066y\u2069\ufeff", "почта xy" },
		{ "a\u00adb\U000e0041c", "abc" },
		{ "👍🏽 👨‍👩‍👧 ❤️",
		  "👍🏽 👨👩👧 ❤" },
		{ "a\u00a0\u3000\u2028b", "a b" },
		{ "a\x01\x7f\xc2\x85z", "a z" },
		{ "a\xff\xc3z", "a\ufffd\ufffdz" },
		{ "cafe\u0301", "caf\u00e9" },
		{ "o\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
		  "\u00f2\u0301\u0302\u0303\u0304" },
		{ "«Почта»", "«почта»" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(normal(pairs[i][0]).s, pairs[i][1]);
}

static void test_a_nul_is_a_space(void **state)
{
	struct text t = text_normalise(&arena, "a\0b", 3);

	(void)state;
	assert_int_equal(t.len, 3);
	assert_string_equal(t.s, "a b");
}

/* ICU's answer for a, c, b; false: marks or spaces in it, which we treat in our
 * own way. */
static bool icu(UChar32 c, char *out, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = unorm2_getNFKCCasefoldInstance(&status);
	UChar u[4] = { 'a' }, folded[64];
	char raw[8] = "";
	int32_t len, m, bytes;

	char_put(raw, (uint32_t)c);
	u_strFromUTF8(u + 1, 2, &len, raw, -1, &status);
	status = U_ZERO_ERROR;
	u[++len] = 'b';
	len++;
	m = unorm2_normalize(n, u, len, folded, 64, &status);
	for (int32_t i = 0; i < m; i++) {
		UChar32 f = folded[i];

		if ((f & 0xfc00) == 0xd800)
			f = 0x10000 + ((f & 0x3ff) << 10) +
			    (folded[++i] & 0x3ff);
		if (u_isUWhiteSpace(f) || u_iscntrl(f) ||
		    (U_GET_GC_MASK(f) & U_GC_M_MASK) != 0)
			return false;
	}
	u_strToUTF8(out, (int32_t)size, &bytes, folded, m, &status);
	return U_SUCCESS(status);
}

static void test_every_character_as_icu(void **state)
{
	size_t compared = 0;

	(void)state;
	for (UChar32 c = 0x21; c <= 0x10ffff; c++) {
		char raw[8] = "a", expected[256];
		size_t len = 1;

		if ((c >= 0xd800 && c < 0xe000) || c == 0x451 || c == 0x401 ||
		    c == 0x2116 || !icu(c, expected, sizeof(expected)))
			continue;
		len += char_put(raw + len, (uint32_t)c);
		raw[len++] = 'b';
		raw[len] = '\0';
		if (strcmp(normal(raw).s, expected) != 0)
			fail_msg("U+%04X: %s, ICU has %s", (unsigned)c,
				 normal(raw).s, expected);
		compared++;
		if (compared % 10000 == 0)
			arena_reset(&arena);
	}
	assert_true(compared > 1000000);
}

/* What troubles normalising, in any order. */
static size_t junk(char *raw, size_t max)
{
	static const uint32_t pieces[] = {
		'a',     'B',    ' ',    '\n',   0,      '.',    '@',
		'1',     0x451,  0x435,  0x401,  0x438,  0x306,  0x308,
		0x300,   0x301,  0x316,  0x323,  0x345,  0x200d, 0x202e,
		0x2028,  0xfe0f, 0xfb01, 0xfdfa, 0x1100, 0x1161, 0x11a8,
		0x3099,  0x304b, 0x4e2d, 0xff21, 0xff76, 0xff9e, 0x1f44d,
		0x1f3fd, 0xad,   0xdf,   0x130,  0xf71,  0xf72,  0xf74,
		0x1d15f, 0x5d0,  0x5b0,  0x627,  0x64b,  0xe0e,  0xe33,
	};
	size_t n = 0;

	while (n + 4 < max) {
		if (rand() % 50 == 0)
			raw[n++] = (char)(0x80 | (rand() & 0x7f));
		else
			n += char_put(
				raw + n,
				pieces[(size_t)rand() %
				       (sizeof(pieces) / sizeof(*pieces))]);
	}
	return n;
}

static void test_twice_is_as_once(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 20000; round++) {
		char raw[160];
		size_t n = junk(raw, 4 + (size_t)rand() % 150);
		struct text once = text_normalise_mapped(&arena, raw, n);
		struct text twice = text_normalise(&arena, once.s, once.len);
		size_t chars = 0;

		assert_string_equal(once.s, twice.s);
		assert_int_equal(strlen(once.s), once.len);
		for (size_t i = 0; i < once.len; chars++) {
			assert_true(once.at[i] < n);
			char_next(once.s, &i);
		}
		assert_int_equal(chars, once.chars);
		for (size_t i = 1; i < once.len; i++)
			assert_true(once.at[i] >= once.at[i - 1]);
		text_mask(&arena, &once);
		text_tokens(&arena, &once);
		if (round % 100 == 0)
			arena_reset(&arena);
	}
}

static void test_the_map_leads_back(void **state)
{
	const char *raw = "  ＰОЧТА  ﬁn";
	struct text t = text_normalise_mapped(&arena, raw, strlen(raw));

	(void)state;
	assert_string_equal(t.s, "pочта fin");
	assert_int_equal(t.at[0], 2);   /* P */
	assert_int_equal(t.at[1], 5);   /* the first Cyrillic letter */
	assert_int_equal(t.at[10], 15); /* fi */
	assert_int_equal(t.at[12], 18); /* n */
}

static void fill(char *raw, size_t n, const char *with)
{
	size_t len = strlen(with);

	for (size_t i = 0; i < n; i += len)
		memcpy(raw + i, with, i + len <= n ? len : n - i);
}

static void test_junk_of_64_kb(void **state)
{
	static const char *const with[] = {
		"\u0301",
		"\u0301\u0316",
		"\u202e",
		"\u200b",
		"a\u0301\u0316",
		"\ufdfa",
		"\u1161",
		"\u0f71\u0f72",
		"@",
		"a.",
		"1-",
		"+7",
		"www.",
		"dr ",
		"王",
		"\U0001d15f",
		"a@b.",
		"иван ",
		"\xff",
		"ﬁ\u0301",
	};
	static char raw[TEXT_MAX_BYTES + 1000];

	(void)state;
	for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++) {
		struct text t, m;
		struct tokens k;

		fill(raw, sizeof(raw), with[i]);
		t = text_normalise(&arena, raw, sizeof(raw));
		m = text_mask(&arena, &t);
		k = text_tokens(&arena, &t);
		/* 18 letters is the most that a character becomes */
		assert_true(t.len <= 12 * TEXT_MAX_BYTES);
		assert_true(m.len <= t.len && k.n <= t.chars);
		arena_reset(&arena);
	}
	fill(raw, sizeof(raw), "\u0301");
	assert_int_equal(text_normalise(&arena, raw, sizeof(raw)).chars,
			 TEXT_MARKS_MAX);
}

static void test_masks(void **state)
{
	static const char *const pairs[][2] = {
		{ "Смотри https://t.co/AbC?x=1 и vk.com/wall-1_2!",
		  "смотри ↗ и ↗" },
		{ "@ivan_1 @petr посылка", "@ посылка" },
		{ "пишите a.b@post.ru, срочно", "пишите ✉ срочно" },
		{ "8 (800) 555-35-35", "☎" },
		{ "+7 495 1234567 ждем", "☎ ждем" },
		{ "电话13812345678快", "电话☎快" },
		{ "трек RA123456785RU", "трек ▤" },
		{ "RA 123456785 RU ok", "▤ ok" },
		{ "трек 80082368001234", "трек ▤" },
		{ "单号SF1234567890123到", "单号▤到" },
		{ "1,500.00 руб в 12:30", "# руб в #" },
		{ "жду 5 дней, 10 лет", "жду # дней # лет" },
		{ "Уважаемый Иван Петрович!", "уважаемый ☺" },
		{ "о Марии Ивановне сказали", "о ☺ сказали" },
		{ "на основной, уровне ежедневной",
		  "на основной уровне ежедневной" },
		{ "Dear Mr. Smith, hi", "dear mr ☺ hi" },
		{ "mr x", "mr x" },
		{ "张小明先生你好", "☺先生你好" },
		{ "先生你好", "先生你好" },
		{ "covid19 отдел", "covid19 отдел" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(masked(pairs[i][0]), pairs[i][1]);
}

static void test_languages(void **state)
{
	static const char *const pairs[][2] = {
		{ "Посылка идёт третью неделю", "ru" },
		{ "@someone_in_latin https://example.com/abc где посылка",
		  "ru" },
		{ "快递太慢了", "zh" },
		{ "用 iPhone 15 下单，太慢", "zh" },
		{ "Where is my parcel? It was sent two weeks ago", "en" },
		{ "Посилка не прийшла, де вона є? Її немає вже тиждень",
		  "other" },
		{ "荷物がまだ届いていません", "other" },
		{ "Das Paket ist nicht angekommen und ich bin traurig",
		  "other" },
		{ "El paquete no ha llegado y los plazos son un desastre",
		  "other" },
		{ "שלום לכולם כאן", "other" },
		{ "ок", "" },
		{ "12345 !!! 👍", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(lang(pairs[i][0]), pairs[i][1]);
}

static void test_tokens(void **state)
{
	struct text t = normal("Не 5g,快递!!! :)) @abc 👍👍 http://a.ru/x");
	struct tokens k = text_tokens(&arena, &t);
	char *out = arena_strdup(&arena, "");
	static const char kinds[] = { [TOKEN_WORD] = 'w',
				      [TOKEN_NUMBER] = 'n',
				      [TOKEN_HAN] = 'h',
				      [TOKEN_ADDRESS] = 'a',
				      [TOKEN_SIGN] = 's' };

	(void)state;
	for (size_t i = 0; i < k.n; i++)
		out = arena_printf(
			&arena, "%s%c:%.*s ", out, kinds[k.t[i].kind],
			(int)(k.t[i].end - k.t[i].begin), k.s + k.t[i].begin);
	assert_string_equal(out, "w:не n:5 w:g s:, h:快 h:递 s:!!! s:: s:)) "
				 "a:@abc s:👍 s:👍 a:http://a.ru/x ");
	assert_int_equal(k.words, 2);
	assert_int_equal(k.han, 2);
}

static void test_stems(void **state)
{
	static const char *const pairs[][2] = {
		{ "москва", "москв" },
		{ "москве", "москв" },
		{ "москвой", "москв" },
		{ "новосибирске", "новосибирск" },
		{ "новосибирск", "новосибирск" },
		{ "ленина", "ленин" },
		{ "центрального", "центральн" },
		{ "центральное", "центральн" },
		{ "почта", "почт" },
		{ "уфа", "уфа" },
		{ "office", "office" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_int_equal(token_stem(pairs[i][0], strlen(pairs[i][0])),
				 strlen(pairs[i][1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_known_forms),
		cmocka_unit_test(test_a_nul_is_a_space),
		cmocka_unit_test(test_every_character_as_icu),
		cmocka_unit_test(test_twice_is_as_once),
		cmocka_unit_test(test_the_map_leads_back),
		cmocka_unit_test(test_junk_of_64_kb),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_stems),
	};

	return cmocka_run_group_tests_name("text_normal", tests, setup,
					   teardown);
}
