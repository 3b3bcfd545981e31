/* query.c -- one message out of the three places where HTTP has fields: the
 * path, the query, the body. Query parameters become JSON first, so that one
 * converter (json/pbjson.c) judges them all. */
#include <stdio.h>
#include <string.h>
#include <unicode/utf8.h>

#include "parts.h"
#include "suyuan/v1/common.pb-c.h"
#include "utf8.h"
#include "json/pbjson.h"

/* More are a mistake, and each costs a look-up. */
#define PARAMETERS_MAX 64
/* A search for 100 characters of any script, percent-decoded, is the longest.
 */
#define PARAMETER_MAX_BYTES 512

/* --- text ------------------------------------------------------------------
 */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_utf8(const char *text, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)text;
	int32_t i = 0, n = (int32_t)len;
	UChar32 c;

	while (i < n) {
		U8_NEXT(bytes, i, n, c);
		if (c < 0)
			return false;
	}
	return true;
}

char *percent_decode(const char *text, size_t len, bool plus,
		     struct arena *arena)
{
	char *out = arena_alloc(arena, len + 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(text[i + 2]);

			if (low < 0)
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c == '\0')
			return NULL;
		*to++ = c;
	}
	*to = '\0';
	return is_utf8(out, (size_t)(to - out)) ? out : NULL;
}

/* --- errors ----------------------------------------------------------------
 */

static void refuse(struct field_error *error, const char *field,
		   const char *text)
{
	snprintf(error->field, sizeof(error->field), "%.*s",
		 utf8_fit(field, sizeof(error->field) - 1), field);
	snprintf(error->text, sizeof(error->text), "%s", text);
}

/* A path holds no blank, what is wrong does; between them stands ": ", and
 * again after the element of a list. */
void field_error_split(const char *text, struct field_error *error_r)
{
	size_t n = 0;

	for (;;) {
		const char *colon = strstr(text, ": ");
		size_t len = colon ? (size_t)(colon - text) : 0;

		if (!colon || memchr(text, ' ', len) ||
		    n + len + 2 > sizeof(error_r->field))
			break;
		if (n)
			error_r->field[n++] = '.';
		memcpy(error_r->field + n, text, len);
		n += len;
		text = colon + 2;
	}
	error_r->field[n] = '\0';
	snprintf(error_r->text, sizeof(error_r->text), "%.*s",
		 utf8_fit(text, sizeof(error_r->text) - 1), text);
}

/* --- parameters to JSON ----------------------------------------------------
 */

static json_t *scalar(const ProtobufCFieldDescriptor *field, const char *text)
{
	if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(text, "true") == 0)
		return json_true();
	if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(text, "false") == 0)
		return json_false();
	return json_string(text);
}

/* days=2025-03-01..2025-04-01, half open like the message. */
static json_t *day_range(char *text)
{
	char *dots = strstr(text, "..");

	if (!dots)
		return NULL;
	*dots = '\0';
	return json_pack("{s:s,s:s}", "from_day", text, "to_day", dots + 2);
}

/* a,b and the parameter twice are the same. */
static json_t *list(json_t *before, const ProtobufCFieldDescriptor *field,
		    char *text)
{
	json_t *elements = before ? json_incref(before) : json_array();

	while (text) {
		char *word = strsep(&text, ",");

		if (*word)
			json_array_append_new(elements, scalar(field, word));
	}
	return elements;
}

static int put_parameter(json_t *object, const ProtobufCMessageDescriptor *desc,
			 const char *name, char *text,
			 struct field_error *error_r)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(desc, name);
	json_t *before = json_object_get(object, name), *value;

	if (!field) {
		refuse(error_r, name, "no such parameter");
		return -1;
	}
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		value = list(before, field, text);
	} else if (before) {
		refuse(error_r, name, "given twice");
		return -1;
	} else if (!*text) {
		return 0; /* as if it were not there */
	} else if (field->descriptor == &sy__v1__day_range__descriptor) {
		value = day_range(text);
		if (!value) {
			refuse(error_r, name,
			       "expected days like 2025-03-01..2025-04-01");
			return -1;
		}
	} else {
		value = scalar(field, text);
	}
	json_object_set_new(object, name, value);
	return 0;
}

static int put_parameters(json_t *object,
			  const ProtobufCMessageDescriptor *desc,
			  const char *query, struct arena *arena,
			  struct field_error *error_r)
{
	for (int n = 0; *query; n++) {
		size_t len = strcspn(query, "&");
		size_t name_len = strcspn(query, "=&");
		char *name = percent_decode(query, name_len, true, arena);
		char *text = (char *)"";

		if (name_len < len)
			text = percent_decode(query + name_len + 1,
					      len - name_len - 1, true, arena);
		if (!name || !text || n == PARAMETERS_MAX) {
			refuse(error_r, name ? name : "",
			       n == PARAMETERS_MAX
				       ? "too many parameters"
				       : "not UTF-8 in percent-encoding");
			return -1;
		}
		if (strlen(text) > PARAMETER_MAX_BYTES) {
			refuse(error_r, name, "longer than 512 bytes");
			return -1;
		}
		if (len && put_parameter(object, desc, name, text, error_r) < 0)
			return -1;
		query += len + (query[len] == '&');
	}
	return 0;
}

/* --- the path's variables --------------------------------------------------
 */

/* "appeal.appeal_id": what the path says, the body must leave out. */
static int put_variable(json_t *object, char *name, const char *value,
			struct field_error *error_r)
{
	char *dot = strchr(name, '.');

	if (dot)
		*dot = '\0';
	if (json_object_get(object, name)) {
		refuse(error_r, name, "stands in the path already");
		return -1;
	}
	json_object_set_new(object, name,
			    dot ? json_pack("{s:s}", dot + 1, value)
				: json_string(value));
	return 0;
}

ProtobufCMessage *fields_read(const ProtobufCMessageDescriptor *desc,
			      const struct route *route,
			      const char *const *vars, const char *query,
			      const json_t *body, struct arena *arena,
			      struct field_error *error_r)
{
	ProtobufCMessage *msg = NULL;
	json_t *object;
	struct error err = { "" };
	const char *name;

	*error_r = (struct field_error){ .field = "" };
	if (body && !json_is_object(body)) {
		refuse(error_r, "", "expected an object");
		return NULL;
	}
	object = body ? json_copy((json_t *)body) : json_object();
	if (put_parameters(object, desc, query, arena, error_r) < 0)
		goto out;
	for (int i = 0; (name = route_var(route, i, arena)); i++)
		if (put_variable(object, arena_strdup(arena, name), vars[i],
				 error_r) < 0)
			goto out;
	msg = pbjson_to_message(object, desc, arena, &err);
	if (!msg)
		field_error_split(err.text, error_r);
out:
	json_decref(object);
	return msg;
}
