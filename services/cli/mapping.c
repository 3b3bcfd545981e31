/* mapping.c -- one record to its events; the rules were compiled by
 * mapping_load.c. Records without a mapping file: mapping_identity.c. */
#include "mapping.h"

#include <string.h>

#include "mapping_identity.h"
#include "mapping_internal.h"
#include "methods.h"
#include "timeutil.h"

int mapping_bind(struct mapping *m, const struct records *records,
		 struct error *err)
{
	if (m->identity)
		return identity_bind(m, records, err);
	for (size_t i = 0; i < m->required_nr; i++)
		if (column_bind(&m->required[i], records, err) < 0)
			return error_prefix(err, "required_columns[%zu]", i);
	for (size_t i = 0; i < m->events_nr; i++) {
		struct map_event *ev = &m->events[i];

		if ((ev->has_when && column_bind(&ev->when, records, err) < 0))
			return error_prefix(err, "events[%zu].when", i);
		if (column_bind(&ev->occurred_at, records, err) < 0)
			return error_prefix(err, "events[%zu].occurred_at", i);
		if (value_bind(&ev->key, records, err) < 0)
			return error_prefix(err, "events[%zu].key", i);
		for (size_t f = 0; f < ev->fields_nr; f++)
			if (value_bind(&ev->fields[f].value, records, err) < 0)
				return error_prefix(err,
						    "events[%zu].fields.%s", i,
						    ev->fields[f].name);
	}
	return 0;
}

const char *mapping_rule_type(const struct mapping *m, unsigned rule)
{
	struct method method;

	if (m->identity)
		return method_at(rule, &method) ? method.rpc->name : "";
	return rule < m->events_nr ? m->events[rule].type : "";
}

static int check_required(const struct mapping *m, const struct record *record,
			  struct arena *arena, struct problem *problem)
{
	struct text text;

	for (size_t i = 0; i < m->required_nr; i++) {
		if (column_text(&m->required[i], record, arena, &text,
				problem) < 0)
			return -1;
		if (text.len == 0)
			return problem_set(problem, "INVALID",
					   m->required[i].name, "is empty");
	}
	return 0;
}

/* 1: the event is made, 0: it is not, -1. */
static int applies(const struct map_event *ev, const struct record *record,
		   struct arena *arena, struct problem *problem)
{
	struct text text;

	if (!ev->has_when)
		return 1;
	if (column_text(&ev->when, record, arena, &text, problem) < 0)
		return -1;
	if (!ev->in)
		return (text.len > 0) == ev->present;
	for (size_t i = 0; i < json_array_size(ev->in); i++)
		if (strcmp(json_string_value(json_array_get(ev->in, i)),
			   text.data) == 0)
			return 1;
	return 0;
}

static int set_time(const struct mapping *m, const struct map_event *ev,
		    const struct record *record, struct arena *arena,
		    struct mapped_event *event, struct problem *problem)
{
	const char *column = ev->occurred_at.name;
	struct text text;

	if (column_text(&ev->occurred_at, record, arena, &text, problem) < 0)
		return -1;
	if (text.len == 0)
		return problem_set(problem, "INVALID", column, "is empty");
	if (dates_parse(m->dates, text.data, text.len, &event->occurred_at_us) <
	    0)
		return problem_set(problem, "INVALID", column,
				   "is not a date as the mapping says");
	if (event->occurred_at_us < TIME_MIN_US)
		return problem_set(problem, "INVALID", column,
				   "lies before the year 2000");
	return 0;
}

static int set_fields(const struct map_event *ev, const struct record *record,
		      struct arena *arena, ProtobufCMessage *msg,
		      struct problem *problem)
{
	for (size_t i = 0; i < ev->fields_nr; i++) {
		const struct map_field *f = &ev->fields[i];
		struct text text;

		if (value_text(&f->value, record, arena, &text, problem) < 0) {
			if (!problem->field[0])
				problem_set(problem, "INVALID", f->name,
					    "is not in the mapping's map");
			return -1;
		}
		if (text.len > 0 &&
		    pb_path_set(msg, &f->path, text.data, text.len, arena) < 0)
			return problem_set(
				problem, "INVALID", f->name, "wants %s",
				pb_wanted(f->path.fields[f->path.n - 1]));
	}
	return 0;
}

static int make_event(const struct mapping *m, const struct map_event *ev,
		      const struct record *record, struct arena *arena,
		      struct mapped_event *event, struct problem *problem)
{
	ProtobufCMessage *msg = pb_message_new(ev->desc, arena);
	struct text key;

	event->type = ev->type;
	event->rule = (unsigned)(ev - m->events);
	event->payload = msg;
	if (set_time(m, ev, record, arena, event, problem) < 0 ||
	    value_text(&ev->key, record, arena, &key, problem) < 0 ||
	    set_fields(ev, record, arena, msg, problem) < 0)
		return -1;
	if (key.len == 0)
		return problem_set(problem, "INVALID", "key", "is empty");
	event->key = key.data;
	return 0;
}

/* What no service would take; said here with the line. */
static int check_size(const struct mapped_event *event, struct problem *problem)
{
	if (protobuf_c_message_get_packed_size(event->payload) >
	    RECORD_MAX_BYTES)
		return problem_set(problem, "TOO_LARGE", "",
				   "the event has over 262144 bytes");
	return 0;
}

int mapping_apply(struct mapping *m, const struct record *record,
		  struct arena *arena,
		  struct mapped_event events_r[MAPPING_EVENTS_MAX],
		  struct problem *problem)
{
	int n = 0;

	problem->line = record->line;
	problem->type = "";
	problem->field[0] = '\0';
	if (m->identity) {
		if (identity_apply(m, record, arena, events_r, problem) < 0)
			return -1;
		return check_size(events_r, problem) < 0 ? -1 : 1;
	}
	if (check_required(m, record, arena, problem) < 0)
		return -1;
	for (size_t i = 0; i < m->events_nr; i++) {
		const struct map_event *ev = &m->events[i];
		int made = applies(ev, record, arena, problem);

		problem->type = ev->type;
		if (made > 0)
			made = make_event(m, ev, record, arena, &events_r[n],
					  problem) < 0 ||
					       check_size(&events_r[n],
							  problem) < 0
				       ? -1
				       : 1;
		if (made < 0)
			return -1;
		n += made;
	}
	return n;
}
