/* feed_rules.c -- see feed_rules.h. */
#include "feed_rules.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "feed_parse.h"
#include "timeutil.h"
#include "utf8.h"

#define CODE_MAX_BYTES 64
#define URL_MAX_BYTES 1024
#define NAME_MAX_BYTES 256
#define NAMES_MAX 10
#define BACK_OFF_MAX_S 21600
#define RETRY_AFTER_MAX_S 86400

__attribute__((format(printf, 3, 4))) static bool
bad(struct feed_fault *fault_r, const char *field, const char *fmt, ...)
{
	va_list args;

	snprintf(fault_r->field, sizeof(fault_r->field), "%s", field);
	va_start(args, fmt);
	vsnprintf(fault_r->text, sizeof(fault_r->text), fmt, args);
	va_end(args);
	return false;
}

const char *feed_source(const Sy__V1__Feed *feed)
{
	return feed->source[0] != '\0' ? feed->source : feed->code;
}

/* Letters, digits, '.', '_', '-', and in a secret's name nothing that leads out
 * of its folder. */
static bool code_good(const char *code, size_t max)
{
	size_t len = strlen(code);

	for (const char *c = code; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
			return false;
	return len > 0 && len <= max && code[0] != '.';
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool url_good(const Sy__V1__Feed *feed, struct feed_fault *fault_r)
{
	bool mail = feed->kind == SY__V1__FEED_KIND__FEED_MAIL;
	const char *url = feed->url, *host;

	if (strlen(url) > URL_MAX_BYTES)
		return bad(fault_r, "url", "is longer than %d bytes",
			   URL_MAX_BYTES);
	if (mail ? !starts(url, "imaps://") && !starts(url, "imap://")
		 : !starts(url, "https://") && !starts(url, "http://"))
		return bad(fault_r, "url",
			   mail ? "wants imaps:// or imap://"
				: "wants https:// or http://");
	host = strstr(url, "://") + 3;
	if (*host == '\0' || *host == '/')
		return bad(fault_r, "url", "has no host");
	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return bad(fault_r, "url",
				   "has a blank or a control character");
	if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
		return bad(fault_r, "url",
			   "has a user or a password, which belongs into a "
			   "secret");
	return true;
}

static bool mapping_good(const Sy__V1__FeedMapping *m,
			 struct feed_fault *fault_r)
{
	const struct {
		const char *field, *pointer;
	} pointers[] = {
		{ "mapping.items", m->items },
		{ "mapping.external_id", m->external_id },
		{ "mapping.text", m->text },
		{ "mapping.title", m->title },
		{ "mapping.url", m->url },
		{ "mapping.author", m->author },
		{ "mapping.published_at", m->published_at },
		{ "mapping.edited_at", m->edited_at },
		{ "mapping.reach", m->reach },
		{ "mapping.stars", m->stars },
		{ "mapping.lang", m->lang },
		{ "mapping.unit", m->unit },
		{ "mapping.next", m->next },
		{ "mapping.deleted", m->deleted },
	};

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
		if (!feed_pointer_check(pointers[i].pointer))
			return bad(fault_r, pointers[i].field,
				   "is no JSON pointer");
	if (m->external_id[0] == '\0' && m->url[0] == '\0')
		return bad(fault_r, "mapping.external_id",
			   "is needed, or mapping.url");
	if (m->text[0] == '\0' && m->title[0] == '\0')
		return bad(fault_r, "mapping.text",
			   "is needed, or mapping.title");
	if (strlen(m->next_parameter) > CODE_MAX_BYTES ||
	    m->next_parameter[strspn(m->next_parameter,
				     "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_.[]-")] != '\0')
		return bad(fault_r, "mapping.next_parameter",
			   "is no name of a parameter");
	return true;
}

static bool secret_good(const Sy__V1__Feed *feed, struct feed_fault *fault_r)
{
	const char *header = feed->secret_header;

	if (feed->secret[0] != '\0' && !code_good(feed->secret, CODE_MAX_BYTES))
		return bad(fault_r, "secret",
			   "is not the name of a file: letters, digits, . _ -");
	if (strlen(header) > NAME_MAX_BYTES || utf8_has_control(header))
		return bad(fault_r, "secret_header",
			   "is too long, or has a control character");
	if ((feed->secret[0] != '\0') != (header[0] != '\0'))
		return bad(fault_r, "secret_header",
			   "belongs to a secret: both or none");
	if (feed->kind == SY__V1__FEED_KIND__FEED_MAIL)
		return header[0] != '\0' || bad(fault_r, "secret_header",
						"the mailbox's user is "
						"needed");
	return header[strspn(header, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-")] == '\0' ||
	       bad(fault_r, "secret_header", "is no name of a header");
}

bool feed_check(const Sy__V1__Feed *feed, struct feed_fault *fault_r)
{
	if (!code_good(feed->code, CODE_MAX_BYTES))
		return bad(fault_r, "code",
			   "wants 1 to %d letters, digits, . _ -",
			   CODE_MAX_BYTES);
	if (feed->source[0] != '\0' && !code_good(feed->source, CODE_MAX_BYTES))
		return bad(fault_r, "source",
			   "wants at most %d letters, digits, . _ -",
			   CODE_MAX_BYTES);
	if (feed->n_names > NAMES_MAX)
		return bad(fault_r, "names", "are more than %d", NAMES_MAX);
	for (size_t i = 0; i < feed->n_names; i++)
		if (strlen(feed->names[i]->text) > NAME_MAX_BYTES ||
		    strlen(feed->names[i]->lang) > CODE_MAX_BYTES ||
		    utf8_has_control(feed->names[i]->text))
			return bad(fault_r, "names",
				   "have one that is too long, or with a "
				   "control character");
	if (feed->every_s != 0 && (feed->every_s < FEED_EVERY_MIN_S ||
				   feed->every_s > FEED_EVERY_MAX_S))
		return bad(fault_r, "every_s", "wants %d to %d",
			   FEED_EVERY_MIN_S, FEED_EVERY_MAX_S);
	if (strlen(feed->lang) > CODE_MAX_BYTES ||
	    strlen(feed->unit) > CODE_MAX_BYTES)
		return bad(fault_r,
			   strlen(feed->lang) > CODE_MAX_BYTES ? "lang"
							       : "unit",
			   "is longer than %d bytes", CODE_MAX_BYTES);
	switch (feed->kind) {
	case SY__V1__FEED_KIND__FEED_RSS:
	case SY__V1__FEED_KIND__FEED_MAIL:
		break;
	case SY__V1__FEED_KIND__FEED_JSON:
		if (feed->mapping == NULL)
			return bad(fault_r, "mapping",
				   "is needed: where the document says what");
		if (!mapping_good(feed->mapping, fault_r))
			return false;
		break;
	case SY__V1__FEED_KIND__FEED_KIND_NONE:
	case _SY__V1__FEED_KIND_IS_INT_SIZE:
	default:
		return bad(fault_r, "kind",
			   "wants FEED_RSS, FEED_JSON or "
			   "FEED_MAIL");
	}
	return url_good(feed, fault_r) && secret_good(feed, fault_r);
}

int64_t feed_next_us(const Sy__V1__Feed *feed, uint32_t failures,
		     int64_t retry_after_s, double spread, int64_t now_us)
{
	int64_t wait_s =
		feed->every_s != 0 ? feed->every_s : FEED_EVERY_DEFAULT_S;

	if (failures > 0 && wait_s < BACK_OFF_MAX_S) {
		for (uint32_t i = 0; i < failures && wait_s < BACK_OFF_MAX_S;
		     i++)
			wait_s *= 2;
		if (wait_s > BACK_OFF_MAX_S)
			wait_s = BACK_OFF_MAX_S;
	}
	if (retry_after_s > RETRY_AFTER_MAX_S)
		retry_after_s = RETRY_AFTER_MAX_S;
	if (wait_s < retry_after_s)
		wait_s = retry_after_s;
	/* up to a tenth later, never sooner */
	return now_us +
	       (int64_t)((double)(wait_s * US_PER_S) * (1 + 0.1 * spread));
}

static bool unreserved(char c)
{
	return isalnum((unsigned char)c) || strchr("-._~", c) != NULL;
}

char *feed_page_url(struct arena *arena, const char *url, const char *parameter,
		    const char *token)
{
	size_t base = strcspn(url, "#");
	char *encoded = arena_alloc(arena, 3 * strlen(token) + 1),
	     *to = encoded;
	char *out;

	for (const char *c = token; *c != '\0'; c++) {
		if (unreserved(*c))
			*to++ = *c;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*c);
	}
	*to = '\0';
	out = arena_printf(arena, "%.*s%c%s=%s", (int)base, url,
			   memchr(url, '?', base) != NULL ? '&' : '?',
			   parameter, encoded);
	return strlen(out) <= 2 * URL_MAX_BYTES ? out : NULL;
}

const char *feed_status_problem(long status)
{
	if (status >= 200 && status < 300)
		return NULL;
	switch (status) {
	case 401:
	case 403:
		return "the server refuses us: the secret, or an address that "
		       "is not allowed";
	case 404:
	case 410:
		return "there is no such document";
	case 429:
		return "the server wants to be asked less often";
	default:
		return status >= 500 ? "the server has a fault of its own"
				     : "the server answers with a status that "
				       "is no document";
	}
}
