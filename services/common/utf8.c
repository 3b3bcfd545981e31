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
