/* mask.c -- text_mask, see normal.h: what differs between copies of one text is
 * replaced. Each kind is looked for where a word begins, and never looks
 * further ahead than LOOK_MAX_BYTES, so that the whole stays O(length). */
#include <stdbool.h>
#include <string.h>

#include "text/chars.h"
#include "text/normal.h"

#define LOOK_MAX_BYTES 128
#define HANDLE_MAX_CHARS 30

struct masking {
	const char *s;
	size_t len;
	char *out;
	size_t out_len, chars;
	const char *last; /* the symbol just written, if nothing came since */
	bool gap;
};

static bool is_host(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_latin(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
	return is_latin(c) || is_digit(c);
}

static bool begins(const struct masking *m, size_t at, const char *with)
{
	size_t n = strlen(with);

	return m->len - at >= n && memcmp(m->s + at, with, n) == 0;
}

static size_t look_end(const struct masking *m, size_t at)
{
	return m->len - at < LOOK_MAX_BYTES ? m->len : at + LOOK_MAX_BYTES;
}

/* --- each returns where the thing that begins at `at` ends, 0: there is none
 */

static size_t url_end(const struct masking *m, size_t at)
{
	size_t i = at, end = look_end(m, at);
	bool dot = false;

	if (!begins(m, at, "http://") && !begins(m, at, "https://") &&
	    !begins(m, at, "www.")) {
		/* a host and a path: vk.com/... */
		for (; i < end && is_host(m->s[i]); i++)
			dot = dot || (m->s[i] == '.' && i > at);
		if (!dot || i >= end || m->s[i] != '/')
			return 0;
	}
	while (i < m->len && m->s[i] > ' ' && m->s[i] < 0x7f)
		i++;
	return i;
}

static size_t email_end(const struct masking *m, size_t at)
{
	size_t i = at, end = look_end(m, at), domain, dot = 0;

	while (i < end && (is_host(m->s[i]) || m->s[i] == '_' ||
			   m->s[i] == '+' || m->s[i] == '%'))
		i++;
	if (i == at || i >= end || m->s[i] != '@')
		return 0;
	domain = ++i;
	for (; i < end && is_host(m->s[i]); i++)
		if (m->s[i] == '.' && i > domain)
			dot = i;
	return dot != 0 && dot + 2 < i ? i : 0;
}

static size_t mention_end(const struct masking *m, size_t at)
{
	size_t i = at + 1, n = 0;

	if (m->s[at] != '@')
		return 0;
	while (i < m->len && n < HANDLE_MAX_CHARS) {
		size_t next = i;
		uint32_t c = char_next(m->s, &next);
		enum char_class class = char_class(c);

		if (!char_in_word(class) && class != CHAR_HAN && c != '_' &&
		    c != '-')
			break;
		i = next;
		n++;
	}
	return n > 0 ? i : 0;
}

/* Digits in groups: +7 (495) 123-45-67. */
static size_t phone_end(const struct masking *m, size_t at)
{
	size_t i = at, end = look_end(m, at), last = 0, digits = 0, between = 0;
	bool plus = m->s[at] == '+';
	char first = '\0';

	for (i += plus; i < end && digits <= 15; i++) {
		if (is_digit(m->s[i])) {
			if (digits++ == 0)
				first = m->s[i];
			between = 0;
			last = i + 1;
		} else if (++between > 2 || strchr(" -()", m->s[i]) == NULL) {
			break;
		}
	}
	if (digits < 10 || digits > 15 ||
	    (last < m->len && is_alnum(m->s[last])))
		return 0;
	if (!plus &&
	    (digits != 11 || (first != '7' && first != '8' && first != '1')))
		return 0;
	return last;
}

static size_t run_of(const struct masking *m, size_t at, size_t max,
		     bool (*is)(char c))
{
	size_t n = 0;

	while (n < max && at + n < m->len && is(m->s[at + n]))
		n++;
	return n;
}

/* RA123456785RU, ra 123456785 ru, 14 digits, SF and 12 digits. */
static size_t track_end(const struct masking *m, size_t at)
{
	size_t letters = run_of(m, at, 5, is_latin), i = at + letters, digits;

	if (letters > 4)
		return 0;
	if (letters == 2 && i < m->len && m->s[i] == ' ')
		i++;
	digits = run_of(m, i, LOOK_MAX_BYTES, is_digit);
	if (digits < 8 || (i > at + letters && digits != 9))
		return 0;
	i += digits;
	if (digits == 9 && letters == 2) {
		size_t j = i + (i < m->len && m->s[i] == ' ');

		if (run_of(m, j, 3, is_latin) == 2)
			return j + 2;
	}
	if (i > at + letters + digits)
		return 0;
	i += run_of(m, i, 2, is_latin);
	return i < m->len && is_alnum(m->s[i]) ? 0 : i;
}

/* 1,500.00 12:30 20/11/2026 3-5 */
static size_t number_end(const struct masking *m, size_t at)
{
	size_t i = at;

	while (i < m->len && is_digit(m->s[i])) {
		do
			i++;
		while (i < m->len && is_digit(m->s[i]));
		if (i + 1 < m->len && strchr(".,:/-", m->s[i]) != NULL &&
		    is_digit(m->s[i + 1]))
			i++;
	}
	return i > at ? i : 0;
}

/* --- names --- */

static size_t word_end(const struct masking *m, size_t at)
{
	while (at < m->len) {
		size_t next = at;

		if (char_class(char_next(m->s, &next)) != CHAR_LETTER)
			break;
		at = next;
	}
	return at;
}

static bool is_patronymic(const char *word, size_t len)
{
	static const char *const names[] = {
		"авдее",     "адольф",   "айрат",     "акимов",   "александр",
		"алексе",    "альберт",  "анатоль",   "андре",    "антон",
		"аркадь",    "арсе",     "артем",     "артур",    "афанась",
		"богдан",    "борис",    "вадим",     "валенти",  "валерь",
		"валерие",   "василь",   "викентье",  "виктор",   "виталь",
		"витали",    "владимир", "владисла",  "всеволод", "вячесла",
		"геннадь",   "генадь",   "георги",    "герман",   "григорь",
		"давид",     "даниил",   "данилов",   "денис",    "дмитри",
		"евгень",    "егор",     "ефим",      "захар",    "иван",
		"игнать",    "игор",     "ильдар",    "ильинич",  "иосиф",
		"карло",     "кирилл",   "константи", "кузьмин",  "лаврент",
		"леонид",    "леонть",   "львов",     "макар",    "максим",
		"марат",     "марков",   "матвее",    "михайл",   "моисее",
		"назар",     "наум",     "никит",     "никола",   "олег",
		"павл",      "петр",     "платон",    "прохор",   "ринат",
		"роберт",    "родион",   "роман",     "рудольф",  "руслан",
		"рустам",    "савель",   "семен",     "серафим",  "серге",
		"станислав", "степан",   "тарас",     "тимофе",   "тимур",
		"федор",     "феликс",   "филипп",    "эдуард",   "эмиль",
		"юрь",       "юлие",     "яковл",     "ярослав",
	};
	static const char *const endings[] = {
		"ич",    "ича",  "ичу",   "ичем", "иче",  "овна",  "овны",
		"овне",  "овну", "овной", "евна", "евны", "евне",  "евну",
		"евной", "ична", "ичны",  "ичне", "ичну", "ичной",
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t n = strlen(endings[i]);

		if (len <= n + 4 || memcmp(word + len - n, endings[i], n) != 0)
			continue;
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			if (len > strlen(names[k]) &&
			    memcmp(word, names[k], strlen(names[k])) == 0)
				return true;
	}
	return false;
}

/* A word, and the patronymic after it. */
static size_t russian_name_end(const struct masking *m, size_t at)
{
	size_t first = word_end(m, at), second;

	if (first == at || first >= m->len || m->s[first] != ' ')
		return 0;
	second = word_end(m, first + 1);
	return is_patronymic(m->s + first + 1, second - first - 1) ? second : 0;
}

/* The word after a title; *from_r: where it begins. */
static size_t english_name_end(const struct masking *m, size_t at,
			       size_t *from_r)
{
	static const char *const titles[] = { "mr", "mrs", "ms", "miss", "dr" };

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		size_t from = at + strlen(titles[i]), end;

		if (!begins(m, at, titles[i]))
			continue;
		from += from < m->len && m->s[from] == '.';
		if (from >= m->len || m->s[from] != ' ')
			continue;
		end = word_end(m, from + 1);
		/* no shorter than the symbol */
		if (end < from + 1 + strlen(MASK_NAME))
			continue;
		*from_r = from + 1;
		return end;
	}
	return 0;
}

/* Up to the title, which stays. */
static size_t chinese_name_end(const struct masking *m, size_t at)
{
	static const char surnames[] =
		"王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓"
		"曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
		"范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛"
		"郝龚邵万钱严覃武戴莫孔向汤";
	static const char *const titles[] = { "先生", "女士", "小姐" };
	size_t end = at;
	bool found = false;

	for (size_t i = 0; i < sizeof(surnames) - 1 && !found; i += 3)
		found = memcmp(surnames + i, m->s + at, 3) == 0;
	for (int n = 0; found && n < 3; n++) {
		if (end >= m->len || !char_is_han(char_next(m->s, &end)))
			return 0;
		for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
			if (begins(m, end, titles[i]))
				return end;
	}
	return 0;
}

/* --- all of it --- */

static void put(struct masking *m, const char *bytes, size_t n, size_t chars)
{
	if (m->gap && m->out_len > 0) {
		m->out[m->out_len++] = ' ';
		m->chars++;
	}
	m->gap = false;
	memcpy(m->out + m->out_len, bytes, n);
	m->out_len += n;
	m->chars += chars;
}

static void put_symbol(struct masking *m, const char *symbol)
{
	if (m->last != symbol)
		put(m, symbol, strlen(symbol), 1);
	m->last = symbol;
}

/* Where a thing to be masked ends that begins at `at`, which begins a word; 0:
 * none does. */
static size_t thing_end(const struct masking *m, size_t at,
			const char **symbol_r)
{
	char c = m->s[at];
	size_t end = 0;

	if (c == '@') {
		*symbol_r = MASK_MENTION;
		return mention_end(m, at);
	}
	if (is_alnum(c)) {
		*symbol_r = MASK_URL;
		end = url_end(m, at);
		if (end == 0) {
			*symbol_r = MASK_EMAIL;
			end = email_end(m, at);
		}
	}
	if (end == 0 && (is_digit(c) || c == '+')) {
		*symbol_r = MASK_PHONE;
		end = phone_end(m, at);
	}
	if (end == 0 && is_alnum(c)) {
		*symbol_r = MASK_TRACK;
		end = track_end(m, at);
	}
	if (end == 0 && is_digit(c)) {
		*symbol_r = MASK_NUMBER;
		end = number_end(m, at);
	}
	return end;
}

/* A name; what stands before it, a title, is copied. */
static size_t name_end(const struct masking *m, size_t at, uint32_t c,
		       size_t *from_r)
{
	*from_r = at;
	if (char_is_cyrillic(c))
		return russian_name_end(m, at);
	if (c == 'm' || c == 'd')
		return english_name_end(m, at, from_r);
	return char_is_han(c) && c < 0x10000 ? chinese_name_end(m, at) : 0;
}

struct text text_mask(struct arena *arena, const struct text *normal)
{
	struct masking m = { .s = normal->s,
			     .len = normal->len,
			     .out = arena_alloc(arena, normal->len + 1) };
	bool in_word = false;

	for (size_t i = 0; i < m.len;) {
		size_t next = i, end = 0, from;
		uint32_t c = char_next(m.s, &next);
		enum char_class class = char_class(c);
		const char *symbol = MASK_NAME;

		if (!in_word) {
			end = thing_end(&m, i, &symbol);
			if (end == 0) {
				symbol = MASK_NAME;
				end = name_end(&m, i, c, &from);
				if (end > 0 && from > i)
					put(&m, m.s + i, from - 1 - i,
					    from - 1 - i);
				m.gap = m.gap || (end > 0 && from > i);
			}
		}
		if (end > 0) {
			put_symbol(&m, symbol);
			/* 5 km and 5km, but one after the other is one */
			in_word = false;
			i = end;
			continue;
		}
		in_word = char_in_word(class);
		if (class == CHAR_SPACE || class == CHAR_PUNCT) {
			m.gap = true;
		} else {
			put(&m, m.s + i, next - i, 1);
			m.last = NULL;
		}
		i = next;
	}
	m.out[m.out_len] = '\0';
	return (struct text){ .s = m.out, .len = m.out_len, .chars = m.chars };
}
