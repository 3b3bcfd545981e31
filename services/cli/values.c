/* values.c -- see values.h; who builds them: mapping_load.c. */
#include "values.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "utf8.h"

/* Of one template; nobody writes more by hand. */
#define PARTS_MAX 32

static struct part *part_add(struct value *v, struct arena *arena)
{
	/* Templates are short and compiled once: growing by copy is fine. */
	struct part *parts =
		arena_alloc(arena, (v->parts_nr + 1) * sizeof(*parts));

	if (v->parts_nr > 0)
		memcpy(parts, v->parts, v->parts_nr * sizeof(*parts));
	v->parts = parts;
	return &parts[v->parts_nr++];
}

void value_column(struct value *v_r, const char *name, struct arena *arena)
{
	struct part *part;

	*v_r = (struct value){ 0 };
	part = part_add(v_r, arena);
	part->column.name = arena_strdup(arena, name);
}

int value_template(struct value *v_r, const char *template, struct arena *arena,
		   struct error *err)
{
	const char *p = template;

	*v_r = (struct value){ 0 };
	while (*p) {
		struct part *part = part_add(v_r, arena);
		size_t n = strcspn(p, "{}");

		if (v_r->parts_nr > PARTS_MAX)
			return error_set(err, "more than %d parts", PARTS_MAX);
		if (n > 0) {
			char *literal = arena_alloc(arena, n + 1);

			memcpy(literal, p, n);
			part->literal = literal;
		} else if (p[0] == p[1]) { /* {{ and }} */
			part->literal = *p == '{' ? "{" : "}";
			n = 2;
		} else {
			char *name;

			n = strcspn(p, "}");
			if (*p == '}' || p[n] == '\0' || n == 1)
				return error_set(err, "a brace without its "
						      "column: {Column}");
			name = arena_alloc(arena, n);
			memcpy(name, p + 1, n - 1);
			part->column.name = name;
			n++;
		}
		p += n;
	}
	return 0;
}

int column_bind(struct column *c, const struct records *records,
		struct error *err)
{
	c->index = records_find_column(records, c->name);
	if (c->index >= 0)
		return 0;
	return error_set(err, "the file has %s column '%.*s'",
			 c->index == -1 ? "no" : "more than one",
			 utf8_fit(c->name, 64), c->name);
}

int value_bind(struct value *v, const struct records *records,
	       struct error *err)
{
	for (size_t i = 0; i < v->parts_nr; i++)
		if (!v->parts[i].literal &&
		    column_bind(&v->parts[i].column, records, err) < 0)
			return -1;
	return 0;
}

/* "person.phone": the key as it stands, or objects in objects. */
static const json_t *json_at(const json_t *json, const char *path)
{
	const json_t *found = json_object_get(json, path);

	while (!found && json) {
		size_t n = strcspn(path, ".");

		json = json_object_getn(json, path, n);
		if (!path[n])
			return json;
		path += n + 1;
		found = json_object_get(json, path);
	}
	return found;
}

static int json_text(const json_t *json, struct arena *arena,
		     struct text *text_r)
{
	if (!json || json_is_null(json)) {
		*text_r = (struct text){ "", 0 };
		return 0;
	}
	if (json_is_string(json)) {
		text_r->data = json_string_value(json);
		text_r->len = json_string_length(json);
		return 0;
	}
	if (json_is_boolean(json))
		text_r->data = json_is_true(json) ? "true" : "false";
	else if (json_is_integer(json))
		text_r->data = arena_printf(arena, "%" JSON_INTEGER_FORMAT,
					    json_integer_value(json));
	else if (json_is_real(json))
		text_r->data =
			arena_printf(arena, "%.17g", json_real_value(json));
	else
		return -1;
	text_r->len = strlen(text_r->data);
	return 0;
}

int column_text(const struct column *c, const struct record *record,
		struct arena *arena, struct text *text_r,
		struct problem *problem)
{
	if (!record->json) {
		text_r->data = record->values[c->index];
		text_r->len = record->lens[c->index];
		return 0;
	}
	if (json_text(json_at(record->json, c->name), arena, text_r) < 0)
		return problem_set(problem, "INVALID", c->name,
				   "is not a single value");
	return 0;
}

static int part_text(const struct part *part, const struct record *record,
		     struct arena *arena, struct text *text_r,
		     struct problem *problem)
{
	if (!part->literal)
		return column_text(&part->column, record, arena, text_r,
				   problem);
	*text_r = (struct text){ part->literal, strlen(part->literal) };
	return 0;
}

static int parts_text(const struct value *v, const struct record *record,
		      struct arena *arena, struct text *text_r,
		      struct problem *problem)
{
	struct text texts[PARTS_MAX] = { 0 };
	size_t len = 0, n = v->parts_nr;
	char *data;

	for (size_t i = 0; i < n; i++) {
		if (part_text(&v->parts[i], record, arena, &texts[i], problem) <
		    0)
			return -1;
		len += texts[i].len;
	}
	data = arena_alloc(arena, len + 1);
	*text_r = (struct text){ data, len };
	for (size_t i = 0; i < n; i++) {
		if (texts[i].len > 0)
			memcpy(data, texts[i].data, texts[i].len);
		data += texts[i].len;
	}
	return 0;
}

int value_text(const struct value *v, const struct record *record,
	       struct arena *arena, struct text *text_r,
	       struct problem *problem)
{
	/* Most are one column or one literal: nothing to put together. */
	if ((v->parts_nr == 1
		     ? part_text(v->parts, record, arena, text_r, problem)
		     : parts_text(v, record, arena, text_r, problem)) < 0)
		return -1;
	if (v->map && text_r->len > 0) {
		const json_t *to = json_object_get(v->map, text_r->data);

		if (!to && !v->fallback)
			return problem_set(problem, "INVALID", "",
					   "is not in the mapping's map");
		*text_r = to ? (struct text){ json_string_value(to),
					      json_string_length(to) }
			     : (struct text){ "", 0 };
	}
	if (text_r->len == 0 && v->fallback)
		*text_r = (struct text){ v->fallback, strlen(v->fallback) };
	if (v->slug)
		*text_r = text_slug(*text_r, arena);
	return 0;
}

struct text text_slug(struct text text, struct arena *arena)
{
	/* Lower case may take one byte more than upper case does. */
	uint8_t *out = arena_alloc(arena, 2 * text.len + 1);
	const uint8_t *in = (const uint8_t *)text.data;
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < text.len;) {
		uint32_t lower;
		UChar32 c;

		U8_NEXT(in, i, text.len, c);
		if (c != '_' && !u_isalnum(c)) {
			gap = true;
			continue;
		}
		if (gap && n > 0)
			out[n++] = '-';
		gap = false;
		lower = (uint32_t)u_tolower(c);
		U8_APPEND_UNSAFE(out, n, lower);
	}
	return (struct text){ (char *)out, n };
}
