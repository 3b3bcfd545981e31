/* mention_check.c -- the fields of a request by themselves: each limit is one
 * row or one line. Texts may be any junk that is UTF-8; what stands in lists
 * may hold no control characters. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "mentions.h"
#include "timeutil.h"
#include "utf8.h"

#define SOURCE_MAX 64
#define CODE_MAX 64
#define EXTERNAL_ID_MAX 200
#define URL_MAX 2048
#define AUTHOR_MAX 200
#define TITLE_MAX 1000
#define TEXT_MAX 65536
#define LANG_MAX 35 /* BCP 47 */
#define TAGS_MAX 32
#define TAG_MAX 64
#define STARS_MAX 5
/* Nobody is heard by more: sums of it stay far from the end of 64 bits. */
#define REACH_MAX UINT64_C(100000000000)

static bool fault(struct mention_fault *fault_r, const char *field,
		  const char *text)
{
	snprintf(fault_r->field, sizeof(fault_r->field), "%s", field);
	snprintf(fault_r->text, sizeof(fault_r->text), "%s", text);
	return false;
}

static bool line_good(const char *text, size_t max, const char *field,
		      struct mention_fault *fault_r)
{
	char why[64];

	if (strlen(text) > max) {
		snprintf(why, sizeof(why), "has more than %zu bytes", max);
		return fault(fault_r, field, why);
	}
	if (utf8_has_control(text))
		return fault(fault_r, field, "holds a control character");
	return true;
}

static bool source_good(const char *source, struct mention_fault *fault_r)
{
	size_t len = strlen(source);

	if (len == 0 || len > SOURCE_MAX ||
	    strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789._-") != len)
		return fault(fault_r, "source",
			     "wants 1 to 64 of a-z, 0-9, '.', '_', '-'");
	return true;
}

bool mention_ref_check(const char *source, const char *external_id,
		       struct mention_fault *fault_r)
{
	if (!source_good(source, fault_r))
		return false;
	if (external_id[0] == '\0')
		return fault(fault_r, "external_id", "is missing");
	return line_good(external_id, EXTERNAL_ID_MAX, "external_id", fault_r);
}

static bool url_good(const char *url, struct mention_fault *fault_r)
{
	if (url[0] != '\0' && strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0)
		return fault(fault_r, "url", "wants http:// or https://");
	return line_good(url, URL_MAX, "url", fault_r);
}

static bool lang_good(const char *lang, struct mention_fault *fault_r)
{
	size_t len = strlen(lang);

	if (len > LANG_MAX ||
	    strspn(lang, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789-") != len)
		return fault(fault_r, "lang", "is no tag of BCP 47");
	return true;
}

static bool tags_good(const Sy__V1__PutMentionRequest *m,
		      struct mention_fault *fault_r)
{
	if (m->n_tags > TAGS_MAX)
		return fault(fault_r, "tags", "are more than 32");
	for (size_t i = 0; i < m->n_tags; i++)
		if (!line_good(m->tags[i], TAG_MAX, "tags", fault_r))
			return false;
	return true;
}

bool mention_check(const Sy__V1__PutMentionRequest *m,
		   struct mention_fault *fault_r)
{
	if (!mention_ref_check(m->source, m->external_id, fault_r) ||
	    !url_good(m->url, fault_r) ||
	    !line_good(m->author, AUTHOR_MAX, "author", fault_r) ||
	    !lang_good(m->lang, fault_r) ||
	    !line_good(m->in_reply_to, EXTERNAL_ID_MAX, "in_reply_to",
		       fault_r) ||
	    !line_good(m->unit, CODE_MAX, "unit", fault_r) ||
	    !line_good(m->feed, CODE_MAX, "feed", fault_r) ||
	    !tags_good(m, fault_r))
		return false;
	if (strlen(m->title) > TITLE_MAX)
		return fault(fault_r, "title", "has more than 1000 bytes");
	if (strlen(m->text) > TEXT_MAX)
		return fault(fault_r, "text", "has more than 65536 bytes");
	if (m->text[0] == '\0' && m->title[0] == '\0' && m->stars == 0)
		return fault(fault_r, "text",
			     "is missing, and there are no title and no stars");
	if (m->reach > REACH_MAX)
		return fault(fault_r, "reach", "is more than 100000000000");
	if (m->stars > STARS_MAX)
		return fault(fault_r, "stars", "wants 1 to 5, or 0 for none");
	return true;
}

bool mention_time_good(int64_t at_us, int64_t now_us)
{
	return at_us >= TIME_MIN_US && at_us <= now_us + US_PER_DAY;
}
