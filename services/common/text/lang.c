/* lang.c -- the language of a text, see lang.h. */
#include <string.h>

#include "text/chars.h"
#include "text/lang.h"

#define HAN_LETTERS 3
/* Words looked at: the language of the first hundred is that of the rest. */
#define WORDS_MAX 100
#define WORD_MAX_BYTES 8

/* The small words of a language, none of which is one of its neighbours'. */
static const char english[] =
	" the and is are was to of in it you for that this "
	"with not have my your they what be on at we but "
	"from how i'm don't i s t a been will can ";
static const char latin_others[] =
	" der die und das ist nicht ich ein mit le la les et est des une pas "
	"vous je que el los las un por con para il di che non per sono o os um "
	"uma nao em do da ve bir bu icin de w na sie jest dla i\u015f na\u010d "
	"yang "
	"dan ini itu untuk het een van ";
static const char bulgarian[] = " \u0432\u044a\u0432 \u0441\u044a\u043c "
				"\u0435 \u0441\u0435 \u0441\u0430 \u0449\u0435 "
				"\u0441\u044a\u0441 \u043a\u0430\u0442\u043e "
				"\u0442\u043e\u0437\u0438 \u043c\u0438 ";

struct counts {
	size_t cyrillic, latin, han, kana, others;
	size_t not_russian; /* Cyrillic letters that Russian has not */
	size_t not_english; /* Latin ones with marks */
	size_t words, english, latin_others, bulgarian;
};

static bool among(const char *list, const char *word, size_t len)
{
	char padded[WORD_MAX_BYTES + 3];

	padded[0] = ' ';
	memcpy(padded + 1, word, len);
	padded[len + 1] = ' ';
	padded[len + 2] = '\0';
	return strstr(list, padded) != NULL;
}

static void count_word(struct counts *n, const char *word, size_t len)
{
	if (len == 0 || len > WORD_MAX_BYTES || n->words >= WORDS_MAX)
		return;
	n->words++;
	if ((uint8_t)word[0] >= 0xd0 && (uint8_t)word[0] <= 0xd3) {
		n->bulgarian += among(bulgarian, word, len);
	} else {
		n->english += among(english, word, len);
		n->latin_others += among(latin_others, word, len);
	}
}

static void count_letter(struct counts *n, uint32_t c)
{
	if (c < 0x80) {
		n->latin++;
	} else if (char_is_cyrillic(c)) {
		n->cyrillic++;
		n->not_russian += c < 0x430 || c > 0x451 || c == 0x450;
	} else if (c >= 0x3041 && c <= 0x30fa) {
		n->kana++;
	} else if (char_is_han(c)) {
		n->han++;
	} else if (c >= 0xc0 && c < 0x250) {
		n->latin++;
		n->not_english++;
	} else if (c >= 0x250 &&
		   (U_GET_GC_MASK((UChar32)c) & U_GC_L_MASK) != 0) {
		n->others++;
	}
}

static struct counts count(const struct text *t)
{
	struct counts n = { 0 };
	size_t word = 0;

	for (size_t i = 0; i < t->len;) {
		size_t next = i;
		uint32_t c = char_next(t->s, &next);
		bool letter = (c >= 'a' && c <= 'z') ||
			      (c >= 0x80 && char_class(c) != CHAR_SYMBOL &&
			       char_class(c) != CHAR_PUNCT);

		if (letter) {
			count_letter(&n, c);
		} else {
			count_word(&n, t->s + word, i - word);
			word = next;
		}
		i = next;
	}
	count_word(&n, t->s + word, t->len - word);
	return n;
}

static int per_1000(size_t part, size_t whole)
{
	return whole == 0 ? 0 : (int)(part * 1000 / whole);
}

/* Russian, unless letters or words of another are more than a slip. */
static struct text_lang cyrillic(const struct counts *n)
{
	size_t foreign = n->not_russian * 5 + n->bulgarian * 8;
	int other = per_1000(foreign < n->cyrillic ? foreign : n->cyrillic,
			     n->cyrillic);

	if (other >= 200)
		return (struct text_lang){ .code = "other",
					   .confidence_per_1000 = other };
	return (struct text_lang){ .code = "ru",
				   .confidence_per_1000 = 1000 - other };
}

/* English is what has its small words; a few words without any tell nothing. */
static struct text_lang latin(const struct counts *n)
{
	size_t others = n->latin_others + (n->not_english + 1) / 2;
	size_t signs = n->english + others;

	if (n->english > others)
		return (struct text_lang){ .code = "en",
					   .confidence_per_1000 = per_1000(
						   n->english, signs) };
	if (others > 0)
		return (struct text_lang){ .code = "other",
					   .confidence_per_1000 =
						   per_1000(others, signs) };
	return (struct text_lang){ .code = n->words >= 8 ? "other" : "en",
				   .confidence_per_1000 = 400 };
}

struct text_lang text_language(const struct text *masked)
{
	struct counts n = count(masked);
	size_t han = (n.han + n.kana) * HAN_LETTERS;
	size_t all = n.cyrillic + n.latin + han + n.others;
	struct text_lang lang = { .code = "" };
	size_t most = 0;

	if (all < LANG_LETTERS_MIN)
		return lang;
	if (n.others >= n.cyrillic && n.others >= n.latin && n.others >= han) {
		most = n.others;
		lang.code = "other";
		lang.confidence_per_1000 = 1000;
	} else if (han >= n.cyrillic && han >= n.latin) {
		/* Japanese has Kana in every sentence */
		int kana = per_1000(n.kana, n.han + n.kana);

		most = han;
		lang.code = kana > 150 ? "other" : "zh";
		lang.confidence_per_1000 = kana > 150 ? 1000 : 1000 - kana;
	} else if (n.cyrillic >= n.latin) {
		most = n.cyrillic;
		lang = cyrillic(&n);
	} else {
		most = n.latin;
		lang = latin(&n);
	}
	lang.share_per_1000 = per_1000(most, all);
	return lang;
}
