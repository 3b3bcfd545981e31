/* error.c -- texts of failures; see error.h. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* Copies text, cut to the size. These texts go into protobuf strings, so a
 * character must not be cut in two: by us, or by a library that quotes what it
 * was given byte by byte, as jansson does. */
static void set_text(struct error *err, const char *text)
{
	size_t len = (size_t)utf8_fit(text, sizeof(err->text) - 1);

	memcpy(err->text, text, len);
	err->text[len] = '\0';
	utf8_mend(err->text);
}

int error_set(struct error *err, const char *fmt, ...)
{
	/* Apart, because the arguments may point into err->text. */
	char text[sizeof(err->text) + 1];
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	set_text(err, text);
	return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	char text[2 * sizeof(err->text)];
	va_list ap;
	size_t len;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, ": %s", err->text);
	set_text(err, text);
	return -1;
}
