/* lookup.c -- see lookup.h. */
#include "dir/lookup.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define FIELD_MAX 64
#define HEADER_MAX 64
#define POINTER_MAX 200
#define COUNT_MAX 99 /* of a pattern's {n}: it is spelled out in memory */

#define RULE "policy.lookup."
#define HTTPS "https://"
#define HTTP "http://"

const char *const lookup_case_fields[] = {
	"appeal_id",  "external_id", "kind",    "channel", "topic",
	"element",    "product",     "segment", "unit",    "intake_unit",
	"department", "phone",       "address", NULL,
};

/* --- templates --- */

static bool is_case_field(const char *name)
{
	for (int i = 0; lookup_case_fields[i] != NULL; i++) {
		if (strcmp(lookup_case_fields[i], name) == 0)
			return true;
	}
	return false;
}

static bool is_input(const Sy__V1__LookupRule *rule, const char *name)
{
	for (size_t i = 0; i < rule->n_inputs; i++) {
		if (strcmp(rule->inputs[i]->name, name) == 0)
			return true;
	}
	return false;
}

/* The name behind a '{'; returns what comes after its '}', NULL: there is
 * none. */
static const char *field_read(const char *at, char name_r[FIELD_MAX])
{
	size_t len = strcspn(at, "{}");

	if (at[len] != '}' || len == 0 || len >= FIELD_MAX)
		return NULL;
	memcpy(name_r, at, len);
	name_r[len] = '\0';
	return at + len + 1;
}

static const char *template_fault(const Sy__V1__LookupRule *rule,
				  const char *text)
{
	char name[FIELD_MAX];

	if (strlen(text) > LOOKUP_TEMPLATE_MAX)
		return "is longer than 1000 bytes";
	if (utf8_has_control(text))
		return "holds a control character";
	for (const char *at = text; *at != '\0';) {
		if (*at == '}')
			return "has a } without its {";
		if (*at++ != '{')
			continue;
		at = field_read(at, name);
		if (at == NULL)
			return "has a { without its }";
		if (!is_case_field(name) && !is_input(rule, name))
			return "names a field that is neither the case's nor "
			       "typed in";
	}
	return NULL;
}

/* Of these a server, or a program on the way, makes another path. */
static bool is_dots(const char *value)
{
	return value[strspn(value, ".")] == '\0';
}

static bool stays(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

static char *put(char *to, const char *value, bool in_url)
{
	static const char hex[] = "0123456789ABCDEF";

	for (const char *p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (!in_url || stays(c)) {
			*to++ = *p;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return to;
}

/* Both passes of a filling: to NULL counts. -1: lacks_r. */
static long fill(const char *template, char *to, bool in_url,
		 lookup_value_fn *value, void *arg, struct arena *arena,
		 const char **lacks_r)
{
	char name[FIELD_MAX], *begin = to;
	long len = 0;

	for (const char *at = template; *at != '\0';) {
		const char *of;

		if (*at != '{') {
			if (to != NULL)
				*to++ = *at;
			at++;
			len++;
			continue;
		}
		at = field_read(at + 1, name);
		of = at != NULL ? value(arg, name) : NULL;
		if (of == NULL || is_dots(of)) {
			*lacks_r = arena_strdup(arena, name);
			return -1;
		}
		if (to != NULL)
			to = put(to, of, in_url);
		len += 3 * (long)strlen(of);
	}
	return to != NULL ? (long)(to - begin) : len;
}

char *lookup_fill(struct arena *arena, const char *template, bool in_url,
		  lookup_value_fn *value, void *arg, const char **lacks_r)
{
	long most = fill(template, NULL, in_url, value, arg, arena, lacks_r);
	char *text;

	if (most < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)most + 1);
	text[fill(template, text, in_url, value, arg, arena, lacks_r)] = '\0';
	return text;
}

static const char *url_fault(const Sy__V1__LookupRule *rule)
{
	struct outside_origin origin;
	const char *path;

	if (!outside_origin(rule->url, &origin))
		return "wants https://host/path or http://host/path, without "
		       "user and password; fields come after the host";
	path = strchr(rule->url + strlen(HTTPS), '/');
	if (path == NULL)
		return "wants a path";
	for (const char *p = path; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || *p == '#')
			return "holds what must be encoded, or a #";
	}
	if (!origin.secure && rule->n_headers > 0)
		return "a secret does not go over an open line: wants https://";
	return template_fault(rule, rule->url);
}

/* --- patterns --- */

/* Of a repetition {n}, {n,} or {n,m}: what comes after it; NULL: it is none. */
static const char *count_read(const char *at)
{
	for (int i = 0; i < 2; i++) {
		unsigned long n;
		char *end;

		if (i == 1 && *at == '}')
			break;
		if (!isdigit((unsigned char)*at))
			return NULL;
		n = strtoul(at, &end, 10);
		if (n > COUNT_MAX)
			return NULL;
		at = end;
		if (*at != ',')
			break;
		at++;
	}
	return *at == '}' ? at + 1 : NULL;
}

/* What both browsers and we understand alike, and no pattern that takes long:
 * no groups, no escapes, nothing repeated twice. */
static bool pattern_is_plain(const char *pattern)
{
	bool in_class = false, repeated = true;

	if (strlen(pattern) > LOOKUP_PATTERN_MAX)
		return false;
	for (const char *at = pattern; *at != '\0';) {
		if (*at < ' ' || *at > '~' || strchr("\\()", *at) != NULL)
			return false;
		if (in_class) {
			if (*at == '[')
				return false;
			in_class = *at++ != ']';
			continue;
		}
		if (strchr("*+?{", *at) != NULL) {
			if (repeated)
				return false;
			at = *at == '{' ? count_read(at + 1) : at + 1;
			if (at == NULL)
				return false;
			repeated = true;
			continue;
		}
		if (strchr("]}^$", *at) != NULL)
			return false;
		in_class = *at == '[';
		repeated = *at == '|';
		at++;
	}
	return !in_class;
}

static bool pattern_compile(const char *pattern, regex_t *regex_r)
{
	char whole[LOOKUP_PATTERN_MAX + 8] = "^(";

	if (!pattern_is_plain(pattern))
		return false;
	strcat(whole, pattern);
	strcat(whole, ")$");
	return regcomp(regex_r, whole, REG_EXTENDED | REG_NOSUB) == 0;
}

static const char *pattern_fault(const char *pattern)
{
	regex_t regex;

	if (pattern[0] == '\0')
		return NULL;
	if (!pattern_compile(pattern, &regex))
		return "is not a plain pattern: characters, [classes], |, and "
		       "the repetitions * + ? {n} {n,m} up to 99";
	regfree(&regex);
	return NULL;
}

bool lookup_input_fits(const Sy__V1__LookupInput *input, const char *value)
{
	regex_t regex;
	bool fits;

	if (is_dots(value) || strlen(value) > LOOKUP_VALUE_MAX ||
	    utf8_has_control(value))
		return false;
	if (input->pattern[0] == '\0')
		return true;
	if (!pattern_compile(input->pattern, &regex))
		return false;
	fits = regexec(&regex, value, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits;
}

/* --- the rest --- */

static const char *input_fault(const Sy__V1__LookupRule *rule, size_t n,
			       const char **field_r)
{
	const Sy__V1__LookupInput *input = rule->inputs[n];
	size_t len = strlen(input->name);

	*field_r = RULE "inputs.name";
	if (len == 0 || len >= FIELD_MAX ||
	    strspn(input->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != len)
		return "wants lower-case letters, digits and _";
	if (is_case_field(input->name))
		return "is a field of the case";
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rule->inputs[i]->name, input->name) == 0)
			return "is there twice";
	}
	*field_r = RULE "inputs.pattern";
	return pattern_fault(input->pattern);
}

/* What we say ourselves, and what would change how the answer comes. */
static const char *header_fault(const char *name)
{
	static const char *const ours[] = {
		"host",         "content-length",
		"content-type", "transfer-encoding",
		"connection",   "expect",
		"accept",       "accept-encoding",
		"te",           "upgrade",
		"cookie",       "idempotency-key",
	};
	size_t len = strlen(name);

	if (len == 0 || len > HEADER_MAX ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789-") != len)
		return "is not the name of a header";
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (strcasecmp(ours[i], name) == 0)
			return "is not for a policy to say";
	}
	return NULL;
}

static const char *pointer_fault(const char *pointer)
{
	if (pointer[0] != '/' || strlen(pointer) > POINTER_MAX ||
	    utf8_has_control(pointer))
		return "wants a JSON pointer, as /state or /events/0/place";
	for (const char *at = pointer; (at = strchr(at, '~')) != NULL; at++) {
		if (at[1] != '0' && at[1] != '1')
			return "has a ~ that is neither ~0 nor ~1";
	}
	return NULL;
}

static const char *part_fault(const Sy__V1__LookupRule *rule, size_t n,
			      const char **field_r)
{
	const Sy__V1__LookupPart *part = rule->body[n];

	*field_r = RULE "body.name";
	if (part->name[0] == '\0' || strlen(part->name) >= FIELD_MAX ||
	    utf8_has_control(part->name))
		return "wants a name of the JSON object";
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rule->body[i]->name, part->name) == 0)
			return "is there twice";
	}
	*field_r = RULE "body.value";
	return template_fault(rule, part->value);
}

static const char *sizes_fault(const Sy__V1__LookupRule *rule,
			       const char **field_r)
{
	const struct {
		const char *field, *why;
		bool bad;
	} rules[] = {
		{ RULE "inputs", "at most 4",
		  rule->n_inputs > LOOKUP_INPUTS_MAX },
		{ RULE "headers", "at most 4",
		  rule->n_headers > LOOKUP_HEADERS_MAX },
		{ RULE "body", "at most 16", rule->n_body > LOOKUP_PARTS_MAX },
		{ RULE "body", "only a POST has a body",
		  rule->n_body > 0 &&
			  rule->method != SY__V1__LOOKUP_METHOD__LOOKUP_POST },
		{ RULE "shown", "wants 1 to 20 parts of the answer",
		  rule->n_shown < 1 || rule->n_shown > LOOKUP_SHOWN_MAX },
		{ RULE "method", "is not LOOKUP_GET or LOOKUP_POST",
		  rule->method != SY__V1__LOOKUP_METHOD__LOOKUP_GET &&
			  rule->method != SY__V1__LOOKUP_METHOD__LOOKUP_POST },
		{ RULE "timeout_ms", "must be 100 to 15000, or 0",
		  rule->timeout_ms != 0 &&
			  (rule->timeout_ms < 100 ||
			   rule->timeout_ms > LOOKUP_TIMEOUT_MAX_MS) },
		{ RULE "max_bytes", "must be at most 1048576",
		  rule->max_bytes > LOOKUP_ANSWER_MAX_BYTES },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		*field_r = rules[i].field;
		if (rules[i].bad)
			return rules[i].why;
	}
	return NULL;
}

const char *lookup_fault(const Sy__V1__LookupRule *rule, const char **field_r)
{
	const char *why = sizes_fault(rule, field_r);

	for (size_t i = 0; why == NULL && i < rule->n_inputs; i++)
		why = input_fault(rule, i, field_r);
	for (size_t i = 0; why == NULL && i < rule->n_body; i++)
		why = part_fault(rule, i, field_r);
	for (size_t i = 0; why == NULL && i < rule->n_headers; i++) {
		*field_r = RULE "headers.name";
		why = header_fault(rule->headers[i]->name);
	}
	for (size_t i = 0; why == NULL && i < rule->n_shown; i++) {
		*field_r = RULE "shown.pointer";
		why = pointer_fault(rule->shown[i]->pointer);
	}
	if (why != NULL)
		return why;
	*field_r = RULE "url";
	return url_fault(rule);
}
