/* feed_item.c -- what items of all feeds have in common: limits, plain text,
 * times. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sodium.h>

#include "feed_parse.h"
#include "text/html.h"
#include "timeutil.h"
#include "utf8.h"

/* Later than any second that anybody writes, earlier than any millisecond of
 * this century. */
#define SECONDS_MAX INT64_C(100000000000)
#define KNOWN_MAX_S (TIME_DAY_MAX * INT64_C(86400))

void feed_document_open(struct arena *arena, struct feed_document *document)
{
	*document = (struct feed_document){ .next = "" };
	document->items =
		arena_alloc(arena, FEED_ITEMS_MAX * sizeof(document->items[0]));
}

struct feed_item *feed_item_room(struct feed_document *document)
{
	struct feed_item *item;

	if (document->n == FEED_ITEMS_MAX) {
		document->left_out++;
		return NULL;
	}
	item = &document->items[document->n];
	*item = (struct feed_item){ .external_id = "",
				    .url = "",
				    .title = "",
				    .text = "",
				    .author = "",
				    .lang = "",
				    .unit = "" };
	return item;
}

/* Nothing was said about us before 1970, nor will be behind the last day that
 * is known. */
static int known(int64_t us, int64_t *us_r)
{
	if (us <= 0 || us >= KNOWN_MAX_S * US_PER_S)
		return -1;
	*us_r = us;
	return 0;
}

static int time_of_number(const char *text, int64_t *us_r)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	/* the fraction of a second is left out */
	if (end == text || n <= 0 || n >= SECONDS_MAX * 1000 ||
	    (*end != '\0' &&
	     (*end != '.' || end[1 + strspn(end + 1, "0123456789")] != '\0')))
		return -1;
	return known(n * (n < SECONDS_MAX ? US_PER_S : US_PER_MS), us_r);
}

int feed_time_read(const char *text, int64_t *us_r)
{
	int64_t us;
	time_t at;

	text += strspn(text, " \t\n");
	if (text[strspn(text, "0123456789.")] == '\0')
		return time_of_number(text, us_r);
	if (time_parse_us(text, &us) == 0)
		return known(us, us_r);
	/* what it does not know it takes for a number or a name */
	if (strchr(text, ':') == NULL)
		return -1;
	at = curl_getdate(text, NULL);
	return at < KNOWN_MAX_S ? known((int64_t)at * US_PER_S, us_r) : -1;
}

/* "<p>", "</p>", "&amp;": a source that writes HTML does so everywhere. */
static bool has_markup(const char *text)
{
	for (const char *p = text; (p = strpbrk(p, "<&")) != NULL; p++) {
		const char *end = strpbrk(p, *p == '<' ? ">" : "; \n");

		if (end == NULL)
			continue;
		if (*p == '<' && (isalpha((unsigned char)p[1]) || p[1] == '/' ||
				  p[1] == '!'))
			return true;
		if (*p == '&' && *end == ';' && end - p < 10)
			return true;
	}
	return false;
}

/* Without control characters but line ends, at most max bytes. */
static const char *field(struct arena *arena, const char *text, size_t max,
			 bool lines)
{
	char *out, *to;

	text += strspn(text, " \t\r\n");
	out = to = arena_strdup(arena, text);
	for (const char *p = text; *p != '\0'; p++) {
		bool control = (unsigned char)*p < ' ' || *p == 0x7f;

		*to++ = control && !(lines && *p == '\n') ? ' ' : *p;
	}
	out[utf8_fit(out, max)] = '\0';
	to = out + strlen(out);
	while (to > out && (to[-1] == ' ' || to[-1] == '\n'))
		*--to = '\0';
	return out;
}

static const char *plain(struct arena *arena, const char *text)
{
	return has_markup(text) ? html_text(arena, text, strlen(text)) : text;
}

/* Keeps what tells ids apart, whatever their length. */
static const char *short_id(struct arena *arena, const char *id)
{
	unsigned char hash[16];
	char hex[2 * sizeof(hash) + 1];

	if (strlen(id) <= FEED_ID_MAX)
		return id;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)id,
			   strlen(id), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return arena_printf(arena, "hash:%s", hex);
}

bool feed_item_finish(struct arena *arena, struct feed_item *item)
{
	if (item->external_id[strspn(item->external_id, " \t\r\n")] == '\0')
		item->external_id = item->url;
	item->external_id = short_id(
		arena, field(arena, item->external_id, SIZE_MAX, false));
	item->url = field(arena, item->url, FEED_FIELD_MAX, false);
	item->author = field(arena, item->author, FEED_FIELD_MAX, false);
	item->title =
		field(arena, plain(arena, item->title), FEED_TITLE_MAX, false);
	item->text =
		field(arena, plain(arena, item->text), FEED_TEXT_MAX, true);
	if (item->text[0] == '\0') {
		item->text = item->title;
		item->title = "";
	}
	if (item->stars > 5)
		item->stars = 0;
	return item->external_id[0] != '\0' &&
	       (item->text[0] != '\0' || item->deleted);
}
