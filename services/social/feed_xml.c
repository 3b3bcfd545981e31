/* feed_xml.c -- RSS 2.0, RSS 1.0 and Atom, read by expat as they come; what is
 * not of them is passed over. A document that declares entities is refused: no
 * feed needs them, and a few lines of them are gigabytes. */
#include <string.h>

#include <expat.h>

#include "feed_parse.h"
#include "text/charset.h"

#define DEPTH_MAX 64

/* What the text of an element becomes. */
enum gathered {
	GATHER_NOTHING,
	GATHER_ID,
	GATHER_LINK,
	GATHER_TITLE,
	GATHER_SUMMARY,
	GATHER_CONTENT,
	GATHER_AUTHOR,
	GATHER_PUBLISHED,
	GATHER_UPDATED,
	GATHER_LANG,
	GATHER_NR
};

#define ATOM "http://www.w3.org/2005/Atom"
#define RSS1 "http://purl.org/rss/1.0/"
#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define DC "http://purl.org/dc/elements/1.1/"
#define CONTENT "http://purl.org/rss/1.0/modules/content/"

static const struct {
	const char *space, *name;
	enum gathered gathered;
} elements[] = {
	{ "", "guid", GATHER_ID },
	{ "", "link", GATHER_LINK },
	{ "", "title", GATHER_TITLE },
	{ "", "description", GATHER_SUMMARY },
	{ "", "author", GATHER_AUTHOR },
	{ "", "pubDate", GATHER_PUBLISHED },
	{ RSS1, "link", GATHER_LINK },
	{ RSS1, "title", GATHER_TITLE },
	{ RSS1, "description", GATHER_SUMMARY },
	{ CONTENT, "encoded", GATHER_CONTENT },
	{ DC, "creator", GATHER_AUTHOR },
	{ DC, "date", GATHER_PUBLISHED },
	{ DC, "language", GATHER_LANG },
	{ ATOM, "id", GATHER_ID },
	{ ATOM, "title", GATHER_TITLE },
	{ ATOM, "summary", GATHER_SUMMARY },
	{ ATOM, "content", GATHER_CONTENT },
	{ ATOM, "name", GATHER_AUTHOR },
	{ ATOM, "published", GATHER_PUBLISHED },
	{ ATOM, "updated", GATHER_UPDATED },
};

struct text {
	char *data;
	size_t len, cap;
};

struct reading {
	struct arena *arena;
	struct feed_document *document;
	XML_Parser parser;
	const char *problem;
	int depth;
	int item_depth;   /* of the item that is read, 0: none */
	int gather_depth; /* of the element whose text is gathered, 0: none */
	enum gathered gathering;
	struct text texts[GATHER_NR];
	const char *about; /* rdf:about of an RSS 1.0 item */
	bool known;        /* the root is that of a feed */
};

static void stop(struct reading *r, const char *problem)
{
	if (r->problem == NULL)
		r->problem = problem;
	XML_StopParser(r->parser, XML_FALSE);
}

/* "space name", or "name" where there is no space. */
static bool is(const char *qualified, const char *space, const char *name)
{
	const char *blank = strchr(qualified, ' ');
	size_t space_len = blank != NULL ? (size_t)(blank - qualified) : 0;

	return strlen(space) == space_len &&
	       memcmp(qualified, space, space_len) == 0 &&
	       strcmp(blank != NULL ? blank + 1 : qualified, name) == 0;
}

static bool is_item(const char *name)
{
	return is(name, "", "item") || is(name, RSS1, "item") ||
	       is(name, ATOM, "entry");
}

static bool is_feed(const char *name)
{
	return is(name, "", "rss") || is(name, RDF, "RDF") ||
	       is(name, ATOM, "feed");
}

static const char *attribute(const char **attributes, const char *space,
			     const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (is(attributes[0], space, name))
			return attributes[1];
	return NULL;
}

/* The first of each is taken: what follows is of another part of the item. */
static void gather(struct reading *r, enum gathered what)
{
	if (r->texts[what].data != NULL)
		return;
	r->texts[what].data = arena_alloc(r->arena, 1);
	r->gathering = what;
	r->gather_depth = r->depth;
}

static void put(struct reading *r, enum gathered what, const char *data,
		size_t len)
{
	struct text *t = &r->texts[what];

	if (t->data == NULL || t->len + len >= t->cap) {
		size_t cap = 2 * (t->len + len) + 64;
		char *grown = arena_alloc(r->arena, cap);

		if (t->data != NULL)
			memcpy(grown, t->data, t->len);
		t->data = grown;
		t->cap = cap;
	}
	if (len > 0)
		memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

/* Of Atom the address is an attribute, and there may be several. */
static void read_link(struct reading *r, const char **attributes)
{
	const char *rel = attribute(attributes, "", "rel");
	const char *href = attribute(attributes, "", "href");

	if (href != NULL && (rel == NULL || strcmp(rel, "alternate") == 0) &&
	    r->texts[GATHER_LINK].data == NULL)
		put(r, GATHER_LINK, href, strlen(href));
}

static void XMLCALL begin_cb(void *arg, const char *name,
			     const char **attributes)
{
	struct reading *r = arg;

	if (++r->depth > DEPTH_MAX) {
		stop(r, "is nested too deeply");
		return;
	}
	if (r->depth == 1 && !is_feed(name)) {
		stop(r, "is XML, but neither RSS nor Atom");
		return;
	}
	r->known = true;
	if (r->item_depth == 0) {
		if (!is_item(name))
			return;
		r->item_depth = r->depth;
		r->about = attribute(attributes, RDF, "about");
		if (r->about != NULL)
			r->about = arena_strdup(r->arena, r->about);
		memset(r->texts, 0, sizeof(r->texts));
		return;
	}
	if (r->gather_depth != 0)
		return;
	if (is(name, ATOM, "link"))
		read_link(r, attributes);
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (is(name, elements[i].space, elements[i].name))
			gather(r, elements[i].gathered);
}

static const char *text_of(const struct reading *r, enum gathered what)
{
	return r->texts[what].len > 0 ? r->texts[what].data : "";
}

static void item_end(struct reading *r)
{
	struct feed_item *item = feed_item_room(r->document);

	if (item == NULL)
		return;
	item->external_id = text_of(r, GATHER_ID);
	if (item->external_id[0] == '\0' && r->about != NULL)
		item->external_id = r->about;
	item->url = text_of(r, GATHER_LINK);
	item->title = text_of(r, GATHER_TITLE);
	item->text = text_of(r, GATHER_CONTENT);
	if (item->text[0] == '\0')
		item->text = text_of(r, GATHER_SUMMARY);
	item->author = text_of(r, GATHER_AUTHOR);
	item->lang = text_of(r, GATHER_LANG);
	feed_time_read(text_of(r, GATHER_UPDATED), &item->edited_at_us);
	if (feed_time_read(text_of(r, GATHER_PUBLISHED),
			   &item->published_at_us) < 0) {
		item->published_at_us = item->edited_at_us;
		item->edited_at_us = 0;
	}
	if (item->edited_at_us <= item->published_at_us)
		item->edited_at_us = 0;
	if (feed_item_finish(r->arena, item))
		r->document->n++;
	else
		r->document->refused++;
}

static void XMLCALL end_cb(void *arg, const char *name)
{
	struct reading *r = arg;

	(void)name;
	if (r->depth == r->gather_depth)
		r->gather_depth = 0;
	if (r->depth == r->item_depth) {
		item_end(r);
		r->item_depth = 0;
	}
	r->depth--;
}

static void XMLCALL text_cb(void *arg, const char *data, int len)
{
	struct reading *r = arg;

	if (r->gather_depth != 0)
		put(r, r->gathering, data, (size_t)len);
}

static void XMLCALL entity_cb(void *arg, const char *name, int is_parameter,
			      const char *value, int value_len,
			      const char *base, const char *system_id,
			      const char *public_id, const char *notation)
{
	(void)name, (void)is_parameter, (void)value, (void)value_len;
	(void)base, (void)system_id, (void)public_id, (void)notation;
	stop(arg, "declares entities, which no feed needs");
}

/* encoding="..." of the first line; it is ASCII in all that matters here. */
static const char *declared(struct arena *arena, const uint8_t *data,
			    size_t len)
{
	size_t head_len = len < 200 ? len : 200;
	char *head = arena_memdup(arena, data, head_len + 1), *at, *end;

	head[head_len] = '\0';
	if (strncmp(head, "<?xml", 5) != 0 ||
	    (end = strstr(head, "?>")) == NULL)
		return NULL;
	*end = '\0';
	at = strstr(head, "encoding=");
	if (at == NULL || (at[9] != '"' && at[9] != '\''))
		return NULL;
	at += 10;
	at[strcspn(at, "\"'")] = '\0';
	return at;
}

/* XML has no place for them, feeds have them: they would end the reading. */
static void drop_controls(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' && *text != '\n' &&
		    *text != '\t')
			*text = ' ';
}

int feed_parse_xml(struct arena *arena, const uint8_t *data, size_t len,
		   const char *charset, struct feed_document *document_r,
		   const char **problem_r)
{
	struct reading r = { .arena = arena, .document = document_r };
	uint8_t *copy;
	char *text;

	feed_document_open(arena, document_r);
	*problem_r = NULL;
	if (len > FEED_DOCUMENT_MAX) {
		*problem_r = "is larger than 8 MiB";
		return -1;
	}
	copy = arena_alloc(arena, len + 1);
	if (len > 0)
		memcpy(copy, data, len);
	if (charset == NULL || charset[0] == '\0')
		charset = declared(arena, copy, len);
	text = charset_to_utf8(arena, copy, len, charset);
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	drop_controls(text);

	r.parser = XML_ParserCreateNS("UTF-8", ' ');
	if (r.parser == NULL) {
		*problem_r = "no memory to read it";
		return -1;
	}
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, begin_cb, end_cb);
	XML_SetCharacterDataHandler(r.parser, text_cb);
	XML_SetEntityDeclHandler(r.parser, entity_cb);
	if (XML_Parse(r.parser, text, (int)strlen(text), XML_TRUE) !=
		    XML_STATUS_OK &&
	    r.problem == NULL)
		r.problem = arena_printf(
			arena, "is no XML: line %lu: %s",
			(unsigned long)XML_GetCurrentLineNumber(r.parser),
			XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	*problem_r = r.problem;
	return r.problem != NULL ? -1 : 0;
}
