/* encoding.c -- see encoding.h. ICU converts: it brings its tables along, where
 * a small image has none of the C library's. */
#include "encoding.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>

#define PIVOT_CHARS 1024

struct encoding {
	UConverter *from, *utf8;
	UChar pivot[PIVOT_CHARS];
	UChar *read, *written; /* in it */
};

/* What is no character goes through the pivot as half a pair, which no file can
 * hold ... */
static void wrong_cb(const void *context, UConverterToUnicodeArgs *args,
		     const char *bytes, int32_t bytes_nr,
		     UConverterCallbackReason reason, UErrorCode *status)
{
	static const UChar half = 0xd800;

	(void)context;
	(void)bytes;
	(void)bytes_nr;
	if (reason > UCNV_IRREGULAR)
		return; /* reset, close, clone */
	*status = U_ZERO_ERROR;
	ucnv_cbToUWriteUChars(args, &half, 1, 0, status);
}

/* ... and comes out as what no UTF-8 holds. */
static void half_cb(const void *context, UConverterFromUnicodeArgs *args,
		    const UChar *chars, int32_t chars_nr, UChar32 c,
		    UConverterCallbackReason reason, UErrorCode *status)
{
	(void)context;
	(void)chars;
	(void)chars_nr;
	(void)c;
	if (reason > UCNV_IRREGULAR)
		return;
	*status = U_ZERO_ERROR;
	ucnv_cbFromUWriteBytes(args, "\xff", 1, 0, status);
}

struct encoding *encoding_open(const char *name, struct error *err)
{
	UErrorCode status = U_ZERO_ERROR;
	struct encoding *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->read = e->written = e->pivot;
	/* ICU takes "" for what it would take itself. */
	e->from = ucnv_open(name[0] ? name : "none", &status);
	e->utf8 = ucnv_open("UTF-8", &status);
	if (U_SUCCESS(status)) {
		ucnv_setToUCallBack(e->from, wrong_cb, NULL, NULL, NULL,
				    &status);
		ucnv_setFromUCallBack(e->utf8, half_cb, NULL, NULL, NULL,
				      &status);
	}
	if (U_SUCCESS(status))
		return e;
	encoding_close(&e);
	error_set(err, "no such encoding: %.40s", name);
	return NULL;
}

void encoding_close(struct encoding **e)
{
	if (!*e)
		return;
	ucnv_close((*e)->from);
	ucnv_close((*e)->utf8);
	free(*e);
	*e = NULL;
}

size_t encoding_read(struct encoding *e, const char *data, size_t n, bool last,
		     char *out)
{
	UErrorCode status = U_ZERO_ERROR;
	char *to = out;

	/* What is wrong in it is wrong already. */
	if (ucnv_getType(e->from) == UCNV_UTF8) {
		memcpy(out, data, n);
		return n;
	}
	/* There is room for all, and what is wrong is written: nothing is left
	 * that it could fail for. */
	ucnv_convertEx(e->utf8, e->from, &to,
		       out + ENCODING_GROWS * (n + ENCODING_KEEPS), &data,
		       data + n, e->pivot, &e->read, &e->written,
		       e->pivot + PIVOT_CHARS, 0, last, &status);
	if (U_FAILURE(status))
		abort();
	return (size_t)(to - out);
}
