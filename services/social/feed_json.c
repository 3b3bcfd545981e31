/* feed_json.c -- a JSON document to mentions, by a mapping of JSON pointers
 * (RFC 6901). */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "feed_parse.h"
#include "text/charset.h"

#define POINTER_MAX 256
#define NUMBER_MAX 40

bool feed_pointer_check(const char *pointer)
{
	if (strlen(pointer) > POINTER_MAX)
		return false;
	if (pointer[0] != '\0' && pointer[0] != '/')
		return false;
	for (const char *p = pointer; (p = strchr(p, '~')) != NULL; p++)
		if (p[1] != '0' && p[1] != '1')
			return false;
	return true;
}

static const json_t *step(const json_t *json, const char *name)
{
	char *end;
	unsigned long index;

	if (json_is_object(json))
		return json_object_get(json, name);
	if (!json_is_array(json))
		return NULL;
	index = strtoul(name, &end, 10);
	if (end == name || *end != '\0')
		return NULL;
	return json_array_get(json, index);
}

static const json_t *at(const json_t *json, const char *pointer)
{
	char name[POINTER_MAX + 1];

	while (json != NULL && *pointer == '/') {
		size_t n = 0;

		for (pointer++; *pointer != '\0' && *pointer != '/';
		     pointer++) {
			char c = *pointer;

			if (c == '~')
				c = *++pointer == '1' ? '/' : '~';
			if (n < POINTER_MAX)
				name[n++] = c;
		}
		name[n] = '\0';
		json = step(json, name);
	}
	return json;
}

/* "" where it is not there, or no text and no number. */
static const char *text_at(struct arena *arena, const json_t *json,
			   const char *pointer)
{
	const json_t *value = pointer[0] != '\0' ? at(json, pointer) : NULL;

	if (json_is_string(value))
		return charset_clean(arena, json_string_value(value),
				     json_string_length(value));
	if (json_is_integer(value))
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT,
				    json_integer_value(value));
	if (json_is_real(value))
		return arena_printf(arena, "%.3f", json_real_value(value));
	return "";
}

static double number_at(const json_t *json, const char *pointer)
{
	const json_t *value = pointer[0] != '\0' ? at(json, pointer) : NULL;

	if (json_is_string(value))
		return strtod(json_string_value(value), NULL);
	return json_is_number(value) ? json_number_value(value) : 0;
}

static bool true_at(const json_t *json, const char *pointer)
{
	const json_t *value = pointer[0] != '\0' ? at(json, pointer) : NULL;

	return json_is_true(value) ||
	       (json_is_integer(value) && json_integer_value(value) != 0);
}

static void read_item(struct arena *arena, const json_t *json,
		      const Sy__V1__FeedMapping *m,
		      struct feed_document *document)
{
	struct feed_item *item = feed_item_room(document);
	double reach, stars;

	if (item == NULL)
		return;
	item->external_id = text_at(arena, json, m->external_id);
	item->text = text_at(arena, json, m->text);
	item->title = text_at(arena, json, m->title);
	item->url = text_at(arena, json, m->url);
	item->author = text_at(arena, json, m->author);
	item->lang = text_at(arena, json, m->lang);
	item->unit = text_at(arena, json, m->unit);
	feed_time_read(text_at(arena, json, m->published_at),
		       &item->published_at_us);
	feed_time_read(text_at(arena, json, m->edited_at), &item->edited_at_us);
	reach = number_at(json, m->reach);
	if (reach > 0 && reach < 1e15)
		item->reach = (uint64_t)reach;
	stars = number_at(json, m->stars);
	if (stars >= 1 && stars <= 5)
		item->stars = (uint32_t)(stars + 0.5);
	item->deleted = true_at(json, m->deleted);
	if (feed_item_finish(arena, item))
		document->n++;
	else
		document->refused++;
}

int feed_parse_json(struct arena *arena, const uint8_t *data, size_t len,
		    const Sy__V1__FeedMapping *mapping,
		    struct feed_document *document_r, const char **problem_r)
{
	json_error_t fault;
	json_t *root;
	const json_t *items;

	feed_document_open(arena, document_r);
	*problem_r = NULL;
	if (len > FEED_DOCUMENT_MAX) {
		*problem_r = "is larger than 8 MiB";
		return -1;
	}
	root = json_loadb((const char *)data, len, JSON_ALLOW_NUL, &fault);
	if (root == NULL) {
		*problem_r =
			arena_printf(arena, "is no JSON: line %d, column %d",
				     fault.line, fault.column);
		return -1;
	}
	items = at(root, mapping->items);
	if (json_is_array(items)) {
		for (size_t i = 0; i < json_array_size(items); i++)
			read_item(arena, json_array_get(items, i), mapping,
				  document_r);
		document_r->next = text_at(arena, root, mapping->next);
	} else {
		*problem_r = "has no array where mapping.items points";
	}
	json_decref(root);
	return *problem_r != NULL ? -1 : 0;
}
