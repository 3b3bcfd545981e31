/* trace.h -- W3C trace context: whose doing a message is, from the request that
 * began it to the last service that it moved. It identifies no person. */
#ifndef SUYUAN_TRACE_H
#define SUYUAN_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_ID_BYTES 16
#define TRACE_SPAN_BYTES 8
#define TRACE_TEXT_MAX (2 * TRACE_ID_BYTES + 1)

/* An id of zeros: there is none. */
struct trace {
	uint8_t id[TRACE_ID_BYTES];
	uint8_t span[TRACE_SPAN_BYTES]; /* of who asks or publishes */
};

bool trace_is_set(const struct trace *t);
/* Of fields of a message: what has another length is none. */
void trace_take(struct trace *t_r, const uint8_t *id, size_t id_bytes,
		const uint8_t *span, size_t span_bytes);
/* A traceparent header, 00-TRACE-SPAN-FLAGS; false and none if it is not one.
 * NULL is none. */
bool trace_parse(const char *traceparent, struct trace *t_r);
/* A new trace where there is none; a span of our own in any case. */
void trace_enter(struct trace *t);
/* The id in hexadecimal. */
void trace_text(const struct trace *t, char text_r[TRACE_TEXT_MAX]);

#endif
