/* charset.c -- see charset.h. ICU converts, and guesses where nothing is said:
 * old programs still send windows-1251 and GB 18030 without a word. */
#include "text/charset.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>

static bool is_utf8(const uint8_t *data, size_t len)
{
	return g_utf8_validate((const char *)data, (gssize)len, NULL);
}

/* What the bytes look like, NULL: like nothing. */
static const char *guessed(struct arena *arena, const uint8_t *data, size_t len)
{
	UErrorCode status = U_ZERO_ERROR;
	UCharsetDetector *detector = ucsdet_open(&status);
	const UCharsetMatch *match;
	const char *name = NULL;

	ucsdet_setText(detector, (const char *)data,
		       (int32_t)(len < 8192 ? len : 8192), &status);
	match = ucsdet_detect(detector, &status);
	if (U_SUCCESS(status) && match != NULL)
		name = ucsdet_getName(match, &status);
	if (name != NULL)
		name = arena_strdup(arena, name);
	ucsdet_close(detector);
	return U_SUCCESS(status) ? name : NULL;
}

char *charset_clean(struct arena *arena, const char *text, size_t len)
{
	gchar *valid = g_utf8_make_valid(text, (gssize)len);
	char *out = arena_alloc(arena, strlen(valid) + 1), *to = out;

	for (const char *p = valid; *p != '\0'; p++)
		if (*p != '\r')
			*to++ = *p;
	g_free(valid);
	return out;
}

char *charset_to_utf8(struct arena *arena, const uint8_t *data, size_t len,
		      const char *charset)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *from;
	UChar *wide;
	char *out;
	int32_t wide_len, out_len = 0;

	if (len == 0) /* data may be NULL */
		return arena_strdup(arena, "");
	if (is_utf8(data, len) &&
	    (charset == NULL || g_ascii_strncasecmp(charset, "utf-16", 6)) &&
	    (charset == NULL || g_ascii_strncasecmp(charset, "iso-2022", 8)) &&
	    (charset == NULL || g_ascii_strncasecmp(charset, "hz-", 3)))
		return charset_clean(arena, (const char *)data, len);
	if (charset == NULL || charset[0] == '\0' ||
	    g_ascii_strcasecmp(charset, "us-ascii") == 0)
		charset = guessed(arena, data, len);
	from = charset != NULL ? ucnv_open(charset, &status) : NULL;
	if (from == NULL || U_FAILURE(status)) {
		ucnv_close(from);
		return charset_clean(arena, (const char *)data, len);
	}
	wide = arena_alloc(arena, (2 * len + 2) * sizeof(UChar));
	wide_len = ucnv_toUChars(from, wide, (int32_t)(2 * len + 1),
				 (const char *)data, (int32_t)len, &status);
	ucnv_close(from);
	out = arena_alloc(arena, 3 * (size_t)wide_len + 1);
	if (U_SUCCESS(status))
		u_strToUTF8WithSub(out, 3 * wide_len + 1, &out_len, wide,
				   wide_len, 0xfffd, NULL, &status);
	if (U_FAILURE(status))
		return charset_clean(arena, (const char *)data, len);
	return charset_clean(arena, out, strlen(out));
}
