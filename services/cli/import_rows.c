/* import_rows.c -- see import_rows.h. A sheet is known by its columns; which
 * field a column fills follows from its name and the .proto. */
#include "import_rows.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

typedef Sy__V1__DirectoryRecord Record;

struct sheet_form {
	const char *name;
	/* Both must be there for this to be the form. */
	const char *marks[2];
	const ProtobufCMessageDescriptor *desc;
	Sy__V1__DirectoryRecord__RecordCase which;
};

/* In order of import. */
static const struct sheet_form forms[] = {
	{ "units",
	  { "code", "level" },
	  &sy__v1__unit__descriptor,
	  SY__V1__DIRECTORY_RECORD__RECORD_UNIT },
	{ "terms",
	  { "taxonomy", "code" },
	  &sy__v1__term__descriptor,
	  SY__V1__DIRECTORY_RECORD__RECORD_TERM },
	{ "denominators",
	  { "measure", "value" },
	  &sy__v1__denominator__descriptor,
	  SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR },
	{ "principals",
	  { "name", "roles" },
	  &sy__v1__principal__descriptor,
	  SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL },
	/* Least said about it, so looked for last. */
	{ "departments",
	  { "code", "parent" },
	  &sy__v1__department__descriptor,
	  SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT },
};
#define FORMS_NR (sizeof(forms) / sizeof(forms[0]))

int sheet_rank(const struct sheet *sheet)
{
	static const int ranks[FORMS_NR] = { 0, 2, 3, 4, 1 };

	return ranks[sheet->form - forms];
}

static const struct sheet_form *form_of(const struct records *records)
{
	for (size_t i = 0; i < FORMS_NR; i++)
		if (records_find_column(records, forms[i].marks[0]) >= 0 &&
		    records_find_column(records, forms[i].marks[1]) >= 0)
			return &forms[i];
	return NULL;
}

/* valid_from -> valid_from_day, name_ru -> names, roles -> a list. */
static int bind_column(struct sheet *s, size_t i, const char *name,
		       struct arena *arena, struct error *err)
{
	const ProtobufCMessageDescriptor *desc = s->form->desc;
	const ProtobufCFieldDescriptor *list;
	const char *path = name;

	if (strncmp(name, "name_", 5) == 0 &&
	    protobuf_c_message_descriptor_get_field_by_name(desc, "names")) {
		s->cells[i].kind = CELL_NAME;
		s->cells[i].lang = arena_strdup(arena, name + 5);
		return 0;
	}
	list = protobuf_c_message_descriptor_get_field_by_name(desc, name);
	if (list && list->label == PROTOBUF_C_LABEL_REPEATED &&
	    list->type == PROTOBUF_C_TYPE_STRING) {
		s->cells[i].kind = CELL_LIST;
		s->cells[i].path.fields[0] = list;
		return 0;
	}
	if (strcmp(name, "valid_from") == 0 || strcmp(name, "valid_to") == 0)
		path = arena_printf(arena, "%s_day", name);
	s->cells[i].kind = CELL_FIELD;
	if (pb_path_find(desc, path, &s->cells[i].path, NULL) < 0)
		return error_set(err, "%s have no column '%.*s'", s->form->name,
				 utf8_fit(name, 64), name);
	return 0;
}

int sheet_bind(struct sheet *sheet_r, const struct records *records,
	       struct arena *arena, struct error *err)
{
	*sheet_r = (struct sheet){ .form = form_of(records),
				   .n = records_columns(records) };
	if (!sheet_r->form)
		return error_set(err, "the header is that of no directory "
				      "file");
	if (sheet_r->n > SHEET_COLUMNS_MAX)
		return error_set(err, "more than %d columns",
				 SHEET_COLUMNS_MAX);
	for (size_t i = 0; i < sheet_r->n; i++) {
		const char *name = records_column(records, i);

		if (records_find_column(records, name) == -2)
			return error_set(err, "column '%.*s' is there twice",
					 utf8_fit(name, 64), name);
		if (bind_column(sheet_r, i, name, arena, err) < 0)
			return -1;
	}
	return 0;
}

static void add_name(ProtobufCMessage *msg, const char *lang, const char *text,
		     struct arena *arena)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(msg->descriptor,
								"names");
	Sy__V1__Label ***list = (Sy__V1__Label ***)((char *)msg + f->offset);
	size_t *n = (size_t *)((char *)msg + f->quantifier_offset);
	Sy__V1__Label *label = (Sy__V1__Label *)pb_message_new(
		&sy__v1__label__descriptor, arena);

	label->lang = (char *)lang;
	label->text = arena_strdup(arena, text);
	if (!*list)
		*list = arena_alloc(arena, SHEET_NAMES_MAX * sizeof(**list));
	if (*n < SHEET_NAMES_MAX)
		(*list)[(*n)++] = label;
}

/* "reader;handler" */
static void set_list(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *f,
		     const char *text, struct arena *arena)
{
	char ***list = (char ***)((char *)msg + f->offset);
	size_t *n = (size_t *)((char *)msg + f->quantifier_offset);
	char *copy = arena_strdup(arena, text), *save, *word;

	*list = arena_alloc(arena, (strlen(text) / 2 + 1) * sizeof(**list));
	for (word = strtok_r(copy, ";", &save); word;
	     word = strtok_r(NULL, ";", &save))
		(*list)[(*n)++] = word;
}

Record *sheet_record(const struct sheet *s, const struct record *row,
		     struct arena *arena, struct problem *problem)
{
	ProtobufCMessage *msg = pb_message_new(s->form->desc, arena);
	Record *record = (Record *)pb_message_new(
		&sy__v1__directory_record__descriptor, arena);

	problem->line = row->line;
	problem->type = "";
	for (size_t i = 0; i < s->n; i++) {
		const char *text = row->values[i];

		if (row->lens[i] == 0)
			continue;
		if (s->cells[i].kind == CELL_NAME) {
			add_name(msg, s->cells[i].lang, text, arena);
		} else if (s->cells[i].kind == CELL_LIST) {
			set_list(msg, s->cells[i].path.fields[0], text, arena);
		} else if (pb_path_set(msg, &s->cells[i].path, text,
				       row->lens[i], arena) < 0) {
			const ProtobufCFieldDescriptor *f =
				s->cells[i].path.fields[0];

			problem_set(problem, "INVALID", f->name, "wants %s",
				    pb_wanted(f));
			return NULL;
		}
	}
	record->record_case = s->form->which;
	record->unit = (Sy__V1__Unit *)msg; /* a union of pointers */
	return record;
}

const char *record_makes(const Record *record, struct arena *arena)
{
	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return arena_printf(arena, "unit/%s", record->unit->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return arena_printf(arena, "department/%s",
				    record->department->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return arena_printf(arena, "%s/%s", record->term->taxonomy,
				    record->term->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return NULL;
}

const char *record_refers(const Record *record, struct arena *arena)
{
	const char *taxonomy = NULL, *code = "";

	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		taxonomy = "unit";
		code = record->unit->parent;
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		taxonomy = "department";
		code = record->department->parent;
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		taxonomy = record->term->taxonomy;
		code = record->term->parent;
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		taxonomy = "unit";
		code = record->denominator->unit;
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		taxonomy = "unit";
		code = record->principal->unit;
		break;
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	if (!taxonomy || !*code)
		return NULL;
	return arena_printf(arena, "%s/%s", taxonomy, code);
}
