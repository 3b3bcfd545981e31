/* mask.c -- text_mask, see normal.h: what differs between copies of one text is
 * replaced. Each kind is looked for where a word begins; addresses and numbers
 * are known by things.c, names here. */
#include <stdbool.h>
#include <string.h>

#include "text/chars.h"
#include "text/things.h"

struct masking {
	const struct text *text;
	bool chinese_titles; /* it has any */
	char *out;
	size_t out_len, chars;
	const char *last; /* the symbol just written, if nothing came since */
	bool gap;
};

/* --- names --- */

static size_t word_end(const struct text *t, size_t at)
{
	while (at < t->len) {
		size_t next = at;

		if (char_class(char_next(t->s, &next)) != CHAR_LETTER)
			break;
		at = next;
	}
	return at;
}

/* Whether one of the endings below could be there: all have a ч or an н as one
 * of their last three letters. */
static bool may_be_patronymic(const char *word, size_t len)
{
	if (len <= 8)
		return false;
	for (size_t i = len - 6; i < len; i += 2)
		if (memcmp(word + i, "ч", 2) == 0 ||
		    memcmp(word + i, "н", 2) == 0)
			return true;
	return false;
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

	if (!may_be_patronymic(word, len))
		return false;
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
static size_t russian_name_end(const struct text *t, size_t at)
{
	size_t first = word_end(t, at), second;

	if (first == at || first >= t->len || t->s[first] != ' ')
		return 0;
	second = word_end(t, first + 1);
	return is_patronymic(t->s + first + 1, second - first - 1) ? second : 0;
}

/* The word after a title; *from_r: where it begins. */
static size_t english_name_end(const struct text *t, size_t at, size_t *from_r)
{
	static const char *const titles[] = { "mr", "mrs", "ms", "miss", "dr" };

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		size_t from = at + strlen(titles[i]), end;

		if (!text_begins(t, at, titles[i]))
			continue;
		from += from < t->len && t->s[from] == '.';
		if (from >= t->len || t->s[from] != ' ')
			continue;
		end = word_end(t, from + 1);
		/* no shorter than the symbol */
		if (end < from + 1 + strlen(MASK_NAME))
			continue;
		*from_r = from + 1;
		return end;
	}
	return 0;
}

static const char *const chinese_titles[] = { "先生", "女士", "小姐" };
#define CHINESE_TITLES 3

/* Most texts have none, and a surname may be any of their characters. */
static bool has_chinese_title(const struct text *t)
{
	for (size_t i = 0; i < CHINESE_TITLES; i++)
		if (memmem(t->s, t->len, chinese_titles[i],
			   strlen(chinese_titles[i])) != NULL)
			return true;
	return false;
}

/* Up to the title, which stays. */
static size_t chinese_name_end(const struct text *t, size_t at)
{
	static const char surnames[] =
		"王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓"
		"曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
		"范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛"
		"郝龚邵万钱严覃武戴莫孔向汤";
	size_t end = at;
	bool found = false;

	for (size_t i = 0; i < sizeof(surnames) - 1 && !found; i += 3)
		found = memcmp(surnames + i, t->s + at, 3) == 0;
	for (int n = 0; found && n < 3; n++) {
		if (end >= t->len || !char_is_han(char_next(t->s, &end)))
			return 0;
		for (size_t i = 0; i < CHINESE_TITLES; i++)
			if (text_begins(t, end, chinese_titles[i]))
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

/* A name; what stands before it, a title, is copied. */
static size_t name_end(const struct masking *m, size_t at, uint32_t c,
		       size_t *from_r)
{
	const struct text *t = m->text;

	*from_r = at;
	if (char_is_cyrillic(c))
		return russian_name_end(t, at);
	if (c == 'm' || c == 'd')
		return english_name_end(t, at, from_r);
	return m->chinese_titles && char_is_han(c) && c < 0x10000
		       ? chinese_name_end(t, at)
		       : 0;
}

/* Writes the thing that begins at `at`, where a word does. Returns its end, 0:
 * nothing to be masked begins there. */
static size_t mask_at(struct masking *m, size_t at, uint32_t c)
{
	static const char *const symbols[] = {
		[THING_URL] = MASK_URL,     [THING_MENTION] = MASK_MENTION,
		[THING_EMAIL] = MASK_EMAIL, [THING_PHONE] = MASK_PHONE,
		[THING_TRACK] = MASK_TRACK, [THING_NUMBER] = MASK_NUMBER,
	};
	enum thing thing;
	size_t from, end = 0;

	if (c < 0x80) {
		end = thing_address(m->text, at, &thing);
		if (end == 0)
			end = thing_number(m->text, at, &thing);
	}
	if (end > 0) {
		put_symbol(m, symbols[thing]);
		return end;
	}
	end = name_end(m, at, c, &from);
	if (end == 0)
		return 0;
	if (from > at) {
		size_t title = from - 1 - at;

		title -= m->text->s[at + title - 1] == '.';
		put(m, m->text->s + at, title, title);
		m->gap = true;
	}
	put_symbol(m, MASK_NAME);
	return end;
}

struct text text_mask(struct arena *arena, const struct text *normal)
{
	struct masking m = { .text = normal,
			     .chinese_titles = has_chinese_title(normal),
			     .out = arena_alloc(arena, normal->len + 1) };
	bool in_word = false;

	for (size_t i = 0; i < normal->len;) {
		size_t next = i, end = 0;
		uint32_t c = char_next(normal->s, &next);
		enum char_class class = char_class(c);

		if (!in_word)
			end = mask_at(&m, i, c);
		if (end > 0) {
			in_word = false; /* 5 km and 5km */
			i = end;
			continue;
		}
		in_word = char_in_word(class);
		if (class == CHAR_SPACE || class == CHAR_PUNCT) {
			m.gap = true;
		} else {
			put(&m, normal->s + i, next - i, 1);
			m.last = NULL;
		}
		i = next;
	}
	m.out[m.out_len] = '\0';
	return (struct text){ .s = m.out, .len = m.out_len, .chars = m.chars };
}
