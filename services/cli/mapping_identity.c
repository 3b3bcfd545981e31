/* mapping_identity.c -- no mapping file: a column (or key) is named as the
 * field of the request that it fills, "type" says which request, occurred_at_us
 * (of a mention published_at_us, deleted_at_us) when.
 */
#include "mapping_identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "methods.h"
#include "timeutil.h"
#include "json/pbjson.h"

/* When it was: the first of these that a request has. */
static const char *const times[] = { "occurred_at_us", "published_at_us",
				     "deleted_at_us" };
#define TIMES_NR (sizeof(times) / sizeof(times[0]))

static bool has_time(const struct records *records)
{
	for (size_t i = 0; i < TIMES_NR; i++)
		if (records_find_column(records, times[i]) != -1)
			return true;
	return false;
}

/* Of any of the events; a record's own type is asked later. */
static bool is_field(const struct mapping_of *of, const char *name)
{
	struct method method;
	struct pb_path path;

	for (unsigned i = 0; method_at(i, &method); i++)
		if (method.rpc->output == of->reply &&
		    pb_path_find(method.rpc->input, name, &path, NULL) == 0)
			return true;
	return false;
}

/* The columns are kept as the fields of an event whose type each record says
 * for itself. */
int identity_bind(struct mapping *m, const struct records *records,
		  struct error *err)
{
	struct map_event *ev = &m->events[0];
	size_t n = records_columns(records);

	m->type_column = records_find_column(records, "type");
	if ((m->type_column == -1 && !m->of->type) || !has_time(records))
		return error_set(err, "without a mapping the file needs the "
				      "columns type and occurred_at_us");
	ev->fields = arena_alloc(&m->arena, n * sizeof(*ev->fields));
	ev->fields_nr = n;
	for (size_t i = 0; i < n; i++) {
		const char *name = records_column(records, i, err);

		if (!name)
			return -1;
		if ((int)i != m->type_column && !is_field(m->of, name))
			return error_set(err,
					 "column %zu, '%s': no event of %s has "
					 "that field; suyuan methods lists "
					 "them",
					 i + 1, name, m->of->what);
		ev->fields[i].name = arena_strdup(&m->arena, name);
	}
	return 0;
}

/* type NULL or "": the record says none. */
static const ProtobufCMessageDescriptor *
request_of(const struct mapping *m, const char *type, struct problem *problem)
{
	const ProtobufCMessageDescriptor *desc;

	if (!type || !*type)
		type = m->of->type;
	desc = type ? mapping_request(m->of, type) : NULL;
	if (!desc)
		problem_set(problem, "INVALID", "type",
			    "is not the name of an event of %s", m->of->what);
	return desc;
}

static ProtobufCMessage *from_columns(const struct mapping *m,
				      const struct record *record,
				      struct arena *arena,
				      struct problem *problem)
{
	const struct map_event *ev = &m->events[0];
	const ProtobufCMessageDescriptor *desc = request_of(
		m, m->type_column < 0 ? NULL : record->values[m->type_column],
		problem);
	ProtobufCMessage *msg;

	if (!desc)
		return NULL;
	msg = pb_message_new(desc, arena);
	for (size_t i = 0; i < record->n; i++) {
		const char *name = ev->fields[i].name;
		struct pb_path path;

		if (record->lens[i] == 0 || (int)i == m->type_column)
			continue;
		if (pb_path_find(desc, name, &path, NULL) < 0) {
			problem_set(problem, "INVALID", name,
				    "is no field of this type");
			return NULL;
		}
		if (pb_path_set(msg, &path, record->values[i], record->lens[i],
				arena) < 0) {
			problem_set(problem, "INVALID", name, "wants %s",
				    pb_wanted(path.fields[path.n - 1]));
			return NULL;
		}
	}
	return msg;
}

static ProtobufCMessage *from_json(const struct mapping *m,
				   const struct record *record,
				   struct arena *arena, struct problem *problem)
{
	const ProtobufCMessageDescriptor *desc = request_of(
		m, json_string_value(json_object_get(record->json, "type")),
		problem);
	ProtobufCMessage *msg;
	struct error err;
	json_t *fields;

	if (!desc)
		return NULL;
	fields = json_copy(record->json); /* shallow: without the type */
	json_object_del(fields, "type");
	msg = pbjson_to_message(fields, desc, arena, &err);
	json_decref(fields);
	if (!msg) {
		char *reason = strstr(err.text, ": ");

		if (reason) { /* behind the field; a name may hold a colon */
			*reason = '\0';
			reason += 2;
		}
		problem_set(problem, "INVALID", err.text, "%s",
			    reason ? reason : "");
	}
	return msg;
}

/* The text of a field that is there, or NULL. */
static const char *text_at(const ProtobufCMessage *msg, const char *outer,
			   const char *name)
{
	const ProtobufCFieldDescriptor *f;
	const char *text;

	f = protobuf_c_message_descriptor_get_field_by_name(
		msg->descriptor, outer ? outer : name);
	if (!f)
		return NULL;
	if (outer) {
		msg = *(ProtobufCMessage *const *)((const char *)msg +
						   f->offset);
		return msg ? text_at(msg, NULL, name) : NULL;
	}
	text = *(char *const *)((const char *)msg + f->offset);
	return *text ? text : NULL;
}

static const char *key_of(const ProtobufCMessage *msg, struct arena *arena)
{
	const char *key = text_at(msg, NULL, "external_id");
	const char *source = text_at(msg, NULL, "source");

	/* a mention: ids are of its source */
	if (key && source)
		key = arena_printf(arena, "%s/%s", source, key);
	if (!key)
		key = text_at(msg, "appeal", "external_id");
	if (!key)
		key = text_at(msg, "appeal", "appeal_id");
	return key;
}

static const ProtobufCFieldDescriptor *time_field(const ProtobufCMessage *msg)
{
	const ProtobufCFieldDescriptor *f = NULL;

	for (size_t i = 0; i < TIMES_NR && !f; i++)
		f = protobuf_c_message_descriptor_get_field_by_name(
			msg->descriptor, times[i]);
	return f; /* each event has one */
}

static int64_t *time_of(ProtobufCMessage *msg)
{
	return (int64_t *)((char *)msg + time_field(msg)->offset);
}

static void method_of(const ProtobufCMessageDescriptor *desc,
		      struct mapped_event *event)
{
	struct method method;
	unsigned i = 0;

	while (method_at(i, &method) && method.rpc->input != desc)
		i++;
	event->type = method.rpc->name;
	event->rule = i;
}

int identity_apply(struct mapping *m, const struct record *record,
		   struct arena *arena, struct mapped_event *event_r,
		   struct problem *problem)
{
	ProtobufCMessage *msg =
		record->json ? from_json(m, record, arena, problem)
			     : from_columns(m, record, arena, problem);
	int64_t *at;

	if (!msg)
		return -1;
	method_of(msg->descriptor, event_r);
	problem->type = event_r->type;
	event_r->payload = msg;
	event_r->key = key_of(msg, arena);
	if (!event_r->key)
		return problem_set(problem, "INVALID", "external_id",
				   "is empty");
	at = time_of(msg);
	event_r->occurred_at_us = *at;
	*at = 0; /* the envelope says it */
	if (event_r->occurred_at_us < TIME_MIN_US)
		return problem_set(problem, "INVALID", time_field(msg)->name,
				   event_r->occurred_at_us
					   ? "lies before the year 2000"
					   : "is empty");
	return 0;
}
