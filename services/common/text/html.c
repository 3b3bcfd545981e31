/* html.c -- see html.h. libxml2 reads it, as forgiving as a browser; this walks
 * over the tree.
 */
#include "text/html.h"

#include <string.h>

#include <libxml/HTMLparser.h>

struct seen {
	char *out;
	size_t len, cap;
	int newlines; /* at the end, at most two */
	bool blank;   /* wanted before the next character */
};

static bool is_any(const xmlNode *node, const char *const *names)
{
	for (; *names != NULL; names++)
		if (xmlStrcasecmp(node->name, (const xmlChar *)*names) == 0)
			return true;
	return false;
}

static bool is_hidden(const xmlNode *node)
{
	static const char *const names[] = { "head",   "script",   "style",
					     "object", "template", NULL };

	return is_any(node, names);
}

/* How many line ends stand before and after it. */
static int lines_of(const xmlNode *node)
{
	static const char *const two[] = { "p",   "h1",         "h2", "h3",
					   "h4",  "ul",         "ol", "table",
					   "pre", "blockquote", NULL };
	static const char *const one[] = { "br", "div", "tr", "li",
					   "hr", "dt",  "dd", NULL };

	return is_any(node, two) ? 2 : is_any(node, one) ? 1 : 0;
}

static void put(struct seen *s, char c)
{
	if (s->len < s->cap)
		s->out[s->len++] = c;
}

static void end_lines(struct seen *s, int n)
{
	if (n == 0) /* within a line */
		return;
	s->blank = false;
	while (s->len > 0 && s->newlines < n) {
		put(s, '\n');
		s->newlines++;
	}
}

static void put_text(struct seen *s, const xmlChar *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		if (strchr(" \t\r\n\f", *text) != NULL) {
			s->blank = s->len > 0 && s->newlines == 0;
			continue;
		}
		if (s->blank)
			put(s, ' ');
		s->blank = false;
		s->newlines = 0;
		put(s, (char)*text);
	}
}

/* Behind the last child of all that ends here; NULL: that was all. */
static const xmlNode *next_up(struct seen *s, const xmlNode *node)
{
	while (node != NULL && node->next == NULL) {
		node = node->parent;
		if (node != NULL && node->type == XML_ELEMENT_NODE)
			end_lines(s, lines_of(node));
	}
	return node != NULL ? node->next : NULL;
}

const char *html_text(struct arena *arena, const char *html, size_t len)
{
	/* a blank or a line end more than the text itself has is possible
	 * only where a tag was */
	struct seen s = { .cap = 2 * len + 2 };
	const xmlNode *node;
	htmlDocPtr doc;

	doc = htmlReadMemory(html, (int)len, NULL, "UTF-8",
			     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
				     HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
	if (doc == NULL)
		return "";
	s.out = arena_alloc(arena, s.cap + 1);
	node = doc->children;
	while (node != NULL) {
		if (node->type == XML_TEXT_NODE)
			put_text(&s, node->content);
		if (node->type == XML_ELEMENT_NODE)
			end_lines(&s, lines_of(node));
		if (node->children != NULL && node->type == XML_ELEMENT_NODE &&
		    !is_hidden(node))
			node = node->children;
		else
			node = next_up(&s, node);
	}
	while (s.len > 0 && s.out[s.len - 1] == '\n')
		s.len--;
	s.out[s.len] = '\0';
	xmlFreeDoc(doc);
	return s.out;
}
