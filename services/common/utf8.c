/* utf8.c -- see utf8.h. */
#include "utf8.h"

#include <stdint.h>
#include <string.h>
#include <unicode/utf8.h>

int utf8_fit(const char *text, size_t max_bytes)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = strnlen(text, max_bytes);

	U8_TRUNCATE_IF_INCOMPLETE(bytes, 0, len);
	return (int)len;
}

void utf8_trim(char *text)
{
	text[utf8_fit(text, strlen(text))] = '\0';
}

void utf8_mend(char *text)
{
	uint8_t *bytes = (uint8_t *)text;
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t from = i;
		UChar32 c;

		U8_NEXT(bytes, i, len, c);
		if (c < 0)
			memset(bytes + from, '?', i - from);
	}
}

bool utf8_has_control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	for (; *s != '\0'; s++) {
		if (*s < 0x20 || *s == 0x7f)
			return true;
		if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0)
			return true;
	}
	return false;
}
