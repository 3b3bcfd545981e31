/* understand.c -- the language of a mention: what the source says, or the
 * script of its text.
 */
#include "understand.h"

#include <string.h>
#include <strings.h>

/* Fewer letters than this say nothing. */
#define LETTERS_MIN 6

static const char *lang_of_code(const char *code)
{
	static const char *const known[] = { "ru", "zh", "en" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncasecmp(code, known[i], 2) == 0 &&
		    (code[2] == '\0' || code[2] == '-'))
			return known[i];
	return "other";
}

static const char *lang_of_script(const char *text)
{
	size_t latin = 0, cyrillic = 0, han = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		latin += (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';
		cyrillic += *p == 0xd0 || *p == 0xd1;
		han += *p >= 0xe4 && *p <= 0xe9;
	}
	if (latin + cyrillic + 3 * han < LETTERS_MIN)
		return "";
	if (3 * han >= latin && 3 * han >= cyrillic)
		return "zh";
	return cyrillic >= latin ? "ru" : "en";
}

void understand(struct social *svc, struct arena *arena,
		const Sy__V1__PutMentionRequest *mention,
		struct understanding *u_r)
{
	(void)svc;
	(void)arena;
	*u_r = (struct understanding){ .unsure = true };
	sy__v1__mention_facts__init(&u_r->facts);
	u_r->facts.lang = (char *)(mention->lang[0] != '\0'
					   ? lang_of_code(mention->lang)
					   : lang_of_script(mention->text));
}
