/* sheets.c -- rows of the directory's CSV files to records and back, by the
 * tables of sheet_forms.c. */
#include "sheets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timeutil.h"
#include "utf8.h"
#include "json/pbjson.h"

typedef Sy__V1__DirectoryRecord Record;

#define HOURS_MAX 24 /* in a cell; the directory allows fewer */
static const char *const weekdays[] = { "mon", "tue", "wed", "thu",
					"fri", "sat", "sun" };

/* --- the header ------------------------------------------------------------
 */

static size_t columns_nr(const struct sheet_form *form)
{
	size_t n = 0;

	while (form->columns[n].name)
		n++;
	return n;
}

/* Most forms share a column or two: of those that fit the one that knows the
 * most of the header. */
static const struct sheet_form *form_of(const struct records *records)
{
	const struct sheet_form *best = NULL;
	size_t best_known = 0;

	for (size_t i = 0; sheet_form_at(i); i++) {
		const struct sheet_form *form = sheet_form_at(i);
		size_t known = 0;

		if (records_find_column(records, form->marks[0]) == -1 ||
		    records_find_column(records, form->marks[1]) == -1)
			continue;
		for (size_t c = 0; c < columns_nr(form); c++)
			known += records_find_column(
					 records, form->columns[c].name) != -1;
		if (known > best_known) {
			best = form;
			best_known = known;
		}
	}
	return best;
}

/* A record is put as a whole: without these columns it would grant more than
 * the file says. */
static int check_rights(const struct records *records, struct error *err)
{
	static const char *const needed[] = { "unit", "revoked" };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (records_find_column(records, needed[i]) < 0)
			return error_set(err,
					 "principals want the column '%s' too: "
					 "records are put as a whole, and an "
					 "empty cell has a meaning",
					 needed[i]);
	return 0;
}

int sheet_bind(struct sheet *sheet_r, const struct records *records,
	       struct error *err)
{
	struct sheet *s = sheet_r;

	*s = (struct sheet){ .form = form_of(records),
			     .n = records_columns(records) };
	if (!s->form)
		return error_set(err, "the header is that of no directory "
				      "file");
	if (s->form->which == SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL &&
	    check_rights(records, err) < 0)
		return -1;
	if (s->n > SHEET_COLUMNS_MAX)
		return error_set(err, "more than %d columns",
				 SHEET_COLUMNS_MAX);
	for (size_t i = 0; i < s->n; i++) {
		const char *name = records_column(records, i, err);
		const struct sheet_column *c = s->form->columns;

		if (!name)
			return -1;
		while (c->name && strcmp(c->name, name) != 0)
			c++;
		/* Where a figure comes from: for people. */
		if (!c->name && strcmp(name, "source") != 0)
			return error_set(err, "%s have no column '%.*s'",
					 s->form->name, utf8_fit(name, 64),
					 name);
		s->cells[i] = c->name ? c : NULL;
	}
	return 0;
}

/* --- rows to records -------------------------------------------------------
 */

/* The repeated field at the path, in the message that holds it. */
static const ProtobufCFieldDescriptor *
list_at(ProtobufCMessage **msg, const char *path, struct arena *arena)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		char name[64];
		const ProtobufCFieldDescriptor *f;
		ProtobufCMessage **member;

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		f = protobuf_c_message_descriptor_get_field_by_name(
			(*msg)->descriptor, name);
		if (!path[len])
			return f;
		member = (ProtobufCMessage **)((char *)*msg + f->offset);
		if (!*member && !arena)
			return NULL;
		if (!*member) {
			*member = pb_message_new(f->descriptor, arena);
			pb_oneof_choose(*msg, f);
		}
		*msg = *member;
		path += len + 1;
	}
}

static void add(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *f,
		void *element, size_t max, struct arena *arena)
{
	void ***list = (void ***)((char *)msg + f->offset);
	size_t *n = (size_t *)((char *)msg + f->quantifier_offset);

	if (!*list)
		*list = arena_alloc(arena, max * sizeof(**list));
	if (*n < max)
		(*list)[(*n)++] = element;
}

static void add_label(ProtobufCMessage *msg, const struct sheet_column *c,
		      const char *text, struct arena *arena)
{
	const ProtobufCFieldDescriptor *f = list_at(&msg, c->path, arena);
	Sy__V1__Label *label = (Sy__V1__Label *)pb_message_new(
		&sy__v1__label__descriptor, arena);

	label->lang = (char *)c->lang;
	label->text = arena_strdup(arena, text);
	add(msg, f, label, 3, arena);
}

/* "reader;handler" */
static void add_texts(ProtobufCMessage *msg, const struct sheet_column *c,
		      const char *text, struct arena *arena)
{
	const ProtobufCFieldDescriptor *f = list_at(&msg, c->path, arena);
	char *copy = arena_strdup(arena, text), *save, *word;

	for (word = strtok_r(copy, ";", &save); word;
	     word = strtok_r(NULL, ";", &save))
		add(msg, f, word, strlen(text) / 2 + 1, arena);
}

/* "09:00-13:00"; 24:00 may end it. */
static bool parse_hours(const char *text, Sy__V1__Hours *h)
{
	unsigned from_h, from_m, to_h, to_m;
	int end = 0;

	if (strlen(text) != 11 ||
	    sscanf(text, "%2u:%2u-%2u:%2u%n", &from_h, &from_m, &to_h, &to_m,
		   &end) != 4 ||
	    end != 11 || from_m > 59 || to_m > 59 || from_h > 24 || to_h > 24)
		return false;
	h->from_minute = 60 * from_h + from_m;
	h->to_minute = 60 * to_h + to_m;
	return true;
}

static int add_hours(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *f,
		     const char *text, struct arena *arena)
{
	char *copy = arena_strdup(arena, text), *save, *word;

	for (word = strtok_r(copy, ";", &save); word;
	     word = strtok_r(NULL, ";", &save)) {
		Sy__V1__Hours *h = (Sy__V1__Hours *)pb_message_new(
			&sy__v1__hours__descriptor, arena);

		if (!parse_hours(word, h))
			return -1;
		add(msg, f, h, HOURS_MAX, arena);
	}
	return 0;
}

static int add_weekday(ProtobufCMessage *msg, const struct sheet_column *c,
		       const char *text, struct arena *arena)
{
	const ProtobufCFieldDescriptor *f = list_at(&msg, c->path, arena);
	ProtobufCMessage *day =
		pb_message_new(&sy__v1__week_day__descriptor, arena);

	((Sy__V1__WeekDay *)day)->weekday = c->weekday;
	add(msg, f, day, 7, arena);
	return add_hours(day, list_at(&day, "hours", arena), text, arena);
}

static int set_weekday(ProtobufCMessage *msg, const struct sheet_column *c,
		       const char *text, struct arena *arena)
{
	struct pb_path path;
	char number[2] = "1";

	for (int i = 0; i < 7; i++) {
		if (strcmp(weekdays[i], text) != 0)
			continue;
		number[0] = (char)('1' + i);
		pb_path_find(msg->descriptor, c->path, &path, NULL);
		return pb_path_set(msg, &path, number, 1, arena);
	}
	return -1;
}

/* The list as it is: a cell holds all of it. */
static void list_copy(ProtobufCMessage *to, const ProtobufCMessage *from,
		      const ProtobufCFieldDescriptor *f)
{
	memcpy((char *)to + f->offset, (const char *)from + f->offset,
	       sizeof(void *));
	memcpy((char *)to + f->quantifier_offset,
	       (const char *)from + f->quantifier_offset, sizeof(size_t));
}

/* '[{"pointer":"/state"}]' */
static int set_json(ProtobufCMessage *msg, const struct sheet_column *c,
		    const char *text, size_t len, struct arena *arena,
		    struct problem *problem)
{
	const ProtobufCFieldDescriptor *f = list_at(&msg, c->path, arena);
	json_t *list = json_loadb(text, len, 0, NULL);
	json_t *whole = list ? json_pack("{s:o}", f->name, list) : NULL;
	struct error err = { "not JSON" };
	const ProtobufCMessage *read = NULL;

	if (whole)
		read = pbjson_to_message(whole, msg->descriptor, arena, &err);
	json_decref(whole);
	if (!read)
		return problem_set(problem, "INVALID", c->name,
				   "wants a list in JSON: %s", err.text);
	list_copy(msg, read, f);
	return 0;
}

static int set_field(ProtobufCMessage *msg, const struct sheet_column *c,
		     const char *text, size_t len, struct arena *arena,
		     struct problem *problem)
{
	struct pb_path path;
	struct error err;

	if (pb_path_find(msg->descriptor, c->path, &path, &err) < 0)
		return problem_set(problem, "INVALID", c->name, "%s", err.text);
	if (pb_path_set(msg, &path, text, len, arena) < 0)
		return problem_set(problem, "INVALID", c->name, "wants %s",
				   pb_wanted(path.fields[path.n - 1]));
	return 0;
}

static int set_cell(ProtobufCMessage *msg, const struct sheet_column *c,
		    const char *text, size_t len, struct arena *arena,
		    struct problem *problem)
{
	const ProtobufCFieldDescriptor *f;

	switch (c->form) {
	case CELL_FIELD:
		return set_field(msg, c, text, len, arena, problem);
	case CELL_JSON:
		return set_json(msg, c, text, len, arena, problem);
	case CELL_LABEL:
		add_label(msg, c, text, arena);
		return 0;
	case CELL_LIST:
		add_texts(msg, c, text, arena);
		return 0;
	case CELL_HOURS:
		f = list_at(&msg, c->path, arena);
		if (add_hours(msg, f, text, arena) == 0)
			return 0;
		break;
	case CELL_WEEK:
		if (add_weekday(msg, c, text, arena) == 0)
			return 0;
		break;
	case CELL_WEEKDAY:
		if (set_weekday(msg, c, text, arena) == 0)
			return 0;
		return problem_set(problem, "INVALID", c->name,
				   "wants one of mon, tue, wed, thu, fri, "
				   "sat, sun");
	}
	return problem_set(problem, "INVALID", c->name,
			   "wants hours like 09:00-13:00;14:00-18:00");
}

Record *sheet_record(const struct sheet *s, const struct record *row,
		     struct arena *arena, struct problem *problem)
{
	ProtobufCMessage *msg = pb_message_new(s->form->desc, arena);
	Record *record = (Record *)pb_message_new(
		&sy__v1__directory_record__descriptor, arena);

	problem->line = row->line;
	problem->type = "";
	for (size_t i = 0; i < s->n; i++)
		if (s->cells[i] && row->lens[i] > 0 &&
		    set_cell(msg, s->cells[i], row->values[i], row->lens[i],
			     arena, problem) < 0)
			return NULL;
	record->record_case = s->form->which;
	record->unit = (Sy__V1__Unit *)msg; /* a union of pointers */
	return record;
}

/* --- records to cells ------------------------------------------------------
 */

static const char *enum_name(const ProtobufCFieldDescriptor *f, int value)
{
	const ProtobufCEnumValue *v =
		protobuf_c_enum_descriptor_get_value(f->descriptor, value);

	return v ? v->name : "";
}

/* Zero is nothing, but for a number that is not a day. */
static const char *field_text(const ProtobufCFieldDescriptor *f, const void *at,
			      struct arena *arena)
{
	char day[16];

	if (f->type == PROTOBUF_C_TYPE_STRING)
		return *(char *const *)at;
	if (f->type == PROTOBUF_C_TYPE_BOOL)
		return *(const protobuf_c_boolean *)at ? "true" : "false";
	if (f->type == PROTOBUF_C_TYPE_ENUM)
		return enum_name(f, *(const int *)at);
	if (f->type == PROTOBUF_C_TYPE_UINT32)
		return arena_printf(arena, "%u", *(const uint32_t *)at);
	if (f->type == PROTOBUF_C_TYPE_INT64)
		return arena_printf(arena, "%lld",
				    (long long)*(const int64_t *)at);
	if (f->type == PROTOBUF_C_TYPE_UINT64)
		return arena_printf(arena, "%llu",
				    (unsigned long long)*(const uint64_t *)at);
	if (*(const int32_t *)at == 0)
		return "";
	return arena_strdup(arena, day_format(*(const int32_t *)at, day));
}

static const char *hours_text(Sy__V1__Hours *const *hours, size_t n,
			      struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = arena_printf(
			arena, "%s%s%02u:%02u-%02u:%02u", text, i ? ";" : "",
			hours[i]->from_minute / 60, hours[i]->from_minute % 60,
			hours[i]->to_minute / 60, hours[i]->to_minute % 60);
	return text;
}

static const char *list_text(const struct sheet_column *c, void *const *list,
			     size_t n, struct arena *arena)
{
	const char *text = "";

	if (c->form == CELL_HOURS)
		return hours_text((Sy__V1__Hours *const *)list, n, arena);
	for (size_t i = 0; i < n; i++) {
		const Sy__V1__Label *label = list[i];
		const Sy__V1__WeekDay *day = list[i];

		if (c->form == CELL_LIST)
			text = arena_printf(arena, "%s%s%s", text, i ? ";" : "",
					    (const char *)list[i]);
		else if (c->form == CELL_LABEL &&
			 strcmp(label->lang, c->lang) == 0)
			return label->text;
		else if (c->form == CELL_WEEK && day->weekday == c->weekday)
			return hours_text(day->hours, day->n_hours, arena);
	}
	return text;
}

static const char *json_text(const ProtobufCMessage *msg,
			     const ProtobufCFieldDescriptor *f,
			     struct arena *arena)
{
	ProtobufCMessage *only = pb_message_new(msg->descriptor, arena);
	const char *text = "";
	json_t *whole;
	char *dump;

	list_copy(only, msg, f);
	whole = pbjson_from_message(only);
	dump = json_dumps(json_object_get(whole, f->name), JSON_COMPACT);
	if (dump)
		text = arena_strdup(arena, dump);
	free(dump);
	json_decref(whole);
	return text;
}

const char *sheet_text(const struct sheet_column *c, const Record *record,
		       struct arena *arena)
{
	ProtobufCMessage *msg = &record->unit->base;
	const ProtobufCFieldDescriptor *f = list_at(&msg, c->path, NULL);
	const void *at;

	if (!f)
		return "";
	at = (const char *)msg + f->offset;
	if (c->form == CELL_WEEKDAY) {
		uint32_t day = *(const uint32_t *)at;

		return day >= 1 && day <= 7 ? weekdays[day - 1] : "";
	}
	if (c->form == CELL_FIELD)
		return field_text(f, at, arena);
	if (c->form == CELL_JSON)
		return json_text(msg, f, arena);
	return list_text(
		c, *(void *const *const *)at,
		*(const size_t *)((const char *)msg + f->quantifier_offset),
		arena);
}
