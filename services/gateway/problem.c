/* problem.c -- errors as application/problem+json (RFC 9457): what status an
 * error code has, and where in the body it points to (RFC 6901). */
#include <stdio.h>
#include <string.h>

#include "parts.h"

int problem_status(Sy__V1__ErrorCode code)
{
	switch (code) {
	case SY__V1__ERROR_CODE__OK:
		return 200;
	case SY__V1__ERROR_CODE__INVALID:
	case SY__V1__ERROR_CODE__MALFORMED:
		return 400;
	case SY__V1__ERROR_CODE__UNKNOWN_CODE:
		return 422;
	case SY__V1__ERROR_CODE__CONFLICT:
	case SY__V1__ERROR_CODE__STATE:
	case SY__V1__ERROR_CODE__KEY_REUSED:
		return 409;
	case SY__V1__ERROR_CODE__FORBIDDEN:
	case SY__V1__ERROR_CODE__SCOPE:
		return 403;
	case SY__V1__ERROR_CODE__NOT_FOUND:
		return 404;
	case SY__V1__ERROR_CODE__TOO_LARGE:
		return 413;
	case SY__V1__ERROR_CODE__BUSY:
	case SY__V1__ERROR_CODE__RETRY:
		return 503;
	case SY__V1__ERROR_CODE__TIMEOUT:
		return 504;
	case SY__V1__ERROR_CODE__UNKNOWN_METHOD:
		/* Of a service older than this gateway. */
		return 501;
	case SY__V1__ERROR_CODE__INTERNAL:
	case SY__V1__ERROR_CODE__FENCED:
	case _SY__V1__ERROR_CODE_IS_INT_SIZE:
		break;
	}
	return 500;
}

const char *problem_code_name(Sy__V1__ErrorCode code)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
		&sy__v1__error_code__descriptor, (int)code);

	return value ? value->name : "INTERNAL";
}

const char *problem_title(int status)
{
	static const struct {
		int status;
		const char *title;
	} titles[] = {
		{ 400, "The request is not valid" },
		{ 401, "Sign in first" },
		{ 403, "Not allowed" },
		{ 404, "Not found" },
		{ 405, "The path does not have this method" },
		{ 409, "In conflict with what is there" },
		{ 413, "Too large" },
		{ 415, "The body must be JSON" },
		{ 422, "Refers to something unknown" },
		{ 428, "A header is missing" },
		{ 429, "Too many requests" },
		{ 500, "An error of the system" },
		{ 501, "Not available" },
		{ 503, "Not now" },
		{ 504, "No answer in time" },
	};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Refused";
}

char *problem_pointer(const char *field, struct arena *arena)
{
	char *out = arena_alloc(arena, 2 * strlen(field) + 2), *to = out;

	*to++ = '/';
	for (; *field; field++) {
		if (*field == '.' || *field == '[') {
			*to++ = '/';
		} else if (*field == '~') {
			*to++ = '~';
			*to++ = '0';
		} else if (*field == '/') {
			*to++ = '~';
			*to++ = '1';
		} else if (*field != ']') {
			*to++ = *field;
		}
	}
	*to = '\0';
	return out;
}

static void put(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, json_string(text));
}

json_t *problem_json(int status, const char *code, const char *detail,
		     const char *field, const char *pointer,
		     uint32_t retry_after_ms, const char *trace)
{
	json_t *json = json_object();
	char type[64] = "urn:suyuan:problem:";
	size_t n = strlen(type);

	for (const char *p = code; *p && n < sizeof(type) - 1; p++)
		type[n++] = (char)(*p == '_'                ? '-'
				   : *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a'
							    : *p);
	type[n] = '\0';
	put(json, "type", type);
	put(json, "title", problem_title(status));
	json_object_set_new(json, "status", json_integer(status));
	put(json, "code", code);
	put(json, "detail", detail);
	put(json, "field", field);
	put(json, "pointer", pointer);
	if (retry_after_ms)
		json_object_set_new(json, "retry_after_ms",
				    json_integer(retry_after_ms));
	put(json, "trace_id", trace);
	return json;
}
