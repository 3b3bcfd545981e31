/* mapping_load.c -- a mapping file, checked as a whole before the first record:
 * every error says where in the file it stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapping_internal.h"
#include "methods.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/social.pb-c.h"
#include "utf8.h"

/* the facts of a case */
const struct mapping_of mapping_appeals = {
	.what = "appeals",
	.service = "complaints",
	.reply = &sy__v1__appeal_reply__descriptor,
};
const struct mapping_of mapping_mentions = {
	.what = "mentions",
	.service = "social",
	.reply = &sy__v1__put_mention_reply__descriptor,
	.type = "PutMention",
};

const ProtobufCMessageDescriptor *mapping_request(const struct mapping_of *of,
						  const char *type)
{
	struct method method;

	if (method_find(type, &method) < 0 || method.rpc->output != of->reply)
		return NULL;
	return method.rpc->input;
}

/* Keys that are not in the list (NULL-terminated) are errors: a misspelt one
 * would be a silence. */
static int known_keys(const json_t *object, const char *const *keys,
		      struct error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, "wants an object");
	json_object_foreach((json_t *)object, name, value)
	{
		const char *const *k = keys;

		while (*k && strcmp(*k, name) != 0)
			k++;
		if (!*k)
			return error_set(err, "%.*s: no such key",
					 utf8_fit(name, 40), name);
	}
	return 0;
}

/* NULL when the key is not there. */
static int text_of(const json_t *object, const char *key, const char **text_r,
		   struct error *err)
{
	const json_t *v = json_object_get(object, key);

	*text_r = json_string_value(v);
	if (v && !*text_r)
		return error_set(err, "%s: wants a string", key);
	return 0;
}

static int wanted_text(const json_t *object, const char *key,
		       const char **text_r, struct error *err)
{
	if (text_of(object, key, text_r, err) < 0)
		return -1;
	if (!*text_r || !**text_r)
		return error_set(err, "%s: is missing", key);
	return 0;
}

static int load_map(const json_t *spec, struct value *v, struct error *err)
{
	const char *name;
	json_t *to;

	v->map = json_object_get(spec, "map");
	if (!v->map)
		return 0;
	if (!json_is_object(v->map))
		return error_set(err, "map: wants an object");
	json_object_foreach(v->map, name, to)
	{
		if (!json_is_string(to))
			return error_set(err, "map.%.*s: wants a string",
					 utf8_fit(name, 40), name);
	}
	return 0;
}

/* "template", or {"column" or "template", "map", "default", "slug"}. */
static int load_value(const json_t *spec, struct value *v_r,
		      struct arena *arena, struct error *err)
{
	static const char *const keys[] = { "column",  "template", "map",
					    "default", "slug",     NULL };
	const char *column, *template, *fallback;
	const json_t *slug = json_object_get(spec, "slug");

	if (json_is_string(spec))
		return value_template(v_r, json_string_value(spec), arena, err);
	if (known_keys(spec, keys, err) < 0 ||
	    text_of(spec, "column", &column, err) < 0 ||
	    text_of(spec, "template", &template, err) < 0 ||
	    text_of(spec, "default", &fallback, err) < 0)
		return -1;
	if (!column == !template)
		return error_set(err, "wants one of column and template");
	if (slug && !json_is_boolean(slug))
		return error_set(err, "slug: wants true or false");
	if (column)
		value_column(v_r, column, arena);
	else if (value_template(v_r, template, arena, err) < 0)
		return error_prefix(err, "template");
	v_r->fallback = fallback;
	v_r->slug = json_is_true(slug);
	return load_map(spec, v_r, err);
}

static int load_when(const json_t *spec, struct map_event *ev,
		     struct error *err)
{
	static const char *const keys[] = { "column", "present", "in", NULL };
	const json_t *present = json_object_get(spec, "present");
	size_t n;

	if (!spec)
		return 0;
	if (known_keys(spec, keys, err) < 0 ||
	    wanted_text(spec, "column", &ev->when.name, err) < 0)
		return -1;
	ev->has_when = true;
	ev->in = json_object_get(spec, "in");
	if (!present == !ev->in)
		return error_set(err, "wants one of present and in");
	if (present && !json_is_boolean(present))
		return error_set(err, "present: wants true or false");
	ev->present = json_is_true(present);
	n = json_array_size(ev->in);
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(ev->in, i)))
			return error_set(err, "in[%zu]: wants a string", i);
	if (ev->in && n == 0)
		return error_set(err, "in: wants a list of strings");
	return 0;
}

static int load_fields(const json_t *spec, struct map_event *ev,
		       struct arena *arena, struct error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(spec))
		return error_set(err, "wants an object");
	ev->fields = arena_alloc(arena,
				 json_object_size(spec) * sizeof(*ev->fields));
	json_object_foreach((json_t *)spec, name, value)
	{
		struct map_field *f = &ev->fields[ev->fields_nr++];

		f->name = name;
		if (pb_path_find(ev->desc, name, &f->path, err) < 0)
			return -1;
		if (load_value(value, &f->value, arena, err) < 0)
			return error_prefix(err, "%.*s", utf8_fit(name, 64),
					    name);
	}
	return 0;
}

static int load_event(struct mapping *m, const json_t *spec,
		      struct map_event *ev, struct error *err)
{
	static const char *const keys[] = { "type", "when",   "occurred_at",
					    "key",  "fields", NULL };
	const json_t *key = json_object_get(spec, "key");

	if (known_keys(spec, keys, err) < 0 ||
	    wanted_text(spec, "type", &ev->type, err) < 0 ||
	    wanted_text(spec, "occurred_at", &ev->occurred_at.name, err) < 0)
		return -1;
	ev->desc = mapping_request(m->of, ev->type);
	if (!ev->desc)
		return error_set(err, "type: no such event of %s", m->of->what);
	if (!key)
		return error_set(err, "key: is missing");
	if (load_value(key, &ev->key, &m->arena, err) < 0)
		return error_prefix(err, "key");
	if (load_when(json_object_get(spec, "when"), ev, err) < 0)
		return error_prefix(err, "when");
	if (load_fields(json_object_get(spec, "fields"), ev, &m->arena, err) <
	    0)
		return error_prefix(err, "fields");
	return 0;
}

static int load_events(struct mapping *m, const json_t *list, struct error *err)
{
	size_t n = json_array_size(list);

	if (n == 0 || n > MAPPING_EVENTS_MAX)
		return error_set(err, "events: wants a list of 1 to %d",
				 MAPPING_EVENTS_MAX);
	for (; m->events_nr < n; m->events_nr++)
		if (load_event(m, json_array_get(list, m->events_nr),
			       &m->events[m->events_nr], err) < 0)
			return error_prefix(err, "events[%zu]", m->events_nr);
	return 0;
}

static int load_required(struct mapping *m, const json_t *list,
			 struct error *err)
{
	size_t n = json_array_size(list);

	if (list && !json_is_array(list))
		return error_set(err, "required_columns: wants a list");
	m->required = arena_alloc(&m->arena, (n + 1) * sizeof(*m->required));
	for (; m->required_nr < n; m->required_nr++) {
		const json_t *name = json_array_get(list, m->required_nr);

		if (!json_is_string(name))
			return error_set(err,
					 "required_columns[%zu]: wants a "
					 "string",
					 m->required_nr);
		m->required[m->required_nr].name = json_string_value(name);
	}
	return 0;
}

static int load(struct mapping *m, struct error *err)
{
	static const char *const keys[] = { "zone", "date_format",
					    "required_columns", "events",
					    NULL };
	const char *zone, *pattern;

	if (known_keys(m->json, keys, err) < 0 ||
	    text_of(m->json, "zone", &zone, err) < 0 ||
	    text_of(m->json, "date_format", &pattern, err) < 0)
		return -1;
	if (zone && !pattern)
		return error_set(err, "zone: is for a date_format; RFC 3339 "
				      "times say their own");
	if (dates_open(&m->dates, pattern, zone, err) < 0 ||
	    load_required(m, json_object_get(m->json, "required_columns"),
			  err) < 0)
		return -1;
	return load_events(m, json_object_get(m->json, "events"), err);
}

static struct mapping *mapping_new(const struct mapping_of *of)
{
	struct mapping *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->of = of;
	arena_init(&m->arena);
	return m;
}

int mapping_load(struct mapping **m_r, const struct mapping_of *of,
		 const char *json, size_t len, struct error *err)
{
	struct mapping *m = mapping_new(of);
	json_error_t fault;

	*m_r = m;
	m->json = json_loadb(json, len, JSON_REJECT_DUPLICATES, &fault);
	if (!m->json)
		error_set(err, "line %d: %.*s", fault.line,
			  utf8_fit(fault.text, 200), fault.text);
	if (m->json && load(m, err) == 0)
		return 0;
	mapping_free(m_r);
	return -1;
}

struct mapping *mapping_identity(const struct mapping_of *of)
{
	struct mapping *m = mapping_new(of);

	m->identity = true;
	return m;
}

void mapping_free(struct mapping **m)
{
	if (!m || !*m)
		return;
	dates_close(&(*m)->dates);
	json_decref((*m)->json);
	arena_reset(&(*m)->arena);
	free(*m);
	*m = NULL;
}
