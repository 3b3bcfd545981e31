/* trace.c -- see trace.h. https://www.w3.org/TR/trace-context/ */
#include "trace.h"

#include <sodium.h>
#include <string.h>

#define PARENT_CHARS 55 /* of version 00; later ones may be longer */

bool trace_is_set(const struct trace *t)
{
	return !sodium_is_zero(t->id, sizeof(t->id));
}

void trace_take(struct trace *t_r, const uint8_t *id, size_t id_bytes,
		const uint8_t *span, size_t span_bytes)
{
	*t_r = (struct trace){ 0 };
	if (id_bytes != sizeof(t_r->id))
		return;
	memcpy(t_r->id, id, sizeof(t_r->id));
	if (span_bytes == sizeof(t_r->span))
		memcpy(t_r->span, span, sizeof(t_r->span));
}

static bool take_hex(const char *text, uint8_t *to, size_t bytes)
{
	size_t len;

	return sodium_hex2bin(to, bytes, text, 2 * bytes, NULL, &len, NULL) ==
		       0 &&
	       len == bytes;
}

bool trace_parse(const char *traceparent, struct trace *t_r)
{
	struct trace t;

	*t_r = (struct trace){ 0 };
	if (!traceparent || strlen(traceparent) < PARENT_CHARS ||
	    strncmp(traceparent, "ff", 2) == 0 || traceparent[2] != '-' ||
	    traceparent[35] != '-' || traceparent[52] != '-' ||
	    !take_hex(traceparent + 3, t.id, sizeof(t.id)) ||
	    !take_hex(traceparent + 36, t.span, sizeof(t.span)) ||
	    !trace_is_set(&t))
		return false;
	*t_r = t;
	return true;
}

void trace_enter(struct trace *t)
{
	if (!trace_is_set(t))
		randombytes_buf(t->id, sizeof(t->id));
	randombytes_buf(t->span, sizeof(t->span));
}

void trace_text(const struct trace *t, char text_r[TRACE_TEXT_MAX])
{
	sodium_bin2hex(text_r, TRACE_TEXT_MAX, t->id, sizeof(t->id));
}
