/* mapping_internal.h -- a compiled mapping: made by mapping_load.c, used by
 * mapping.c. */
#ifndef SUYUAN_CLI_MAPPING_INTERNAL_H
#define SUYUAN_CLI_MAPPING_INTERNAL_H

#include "dates.h"
#include "mapping.h"
#include "values.h"
#include "json/pbtext.h"

struct map_field {
	struct value value;
	struct pb_path path;
	const char *name;
};

struct map_event {
	const char *type;
	const ProtobufCMessageDescriptor *desc;
	/* when: none, present or not, one of several texts. */
	bool has_when, present;
	struct column when;
	json_t *in; /* borrowed list of texts; NULL = only present counts */
	struct column occurred_at;
	struct value key;
	struct map_field *fields;
	size_t fields_nr;
};

struct mapping {
	const struct mapping_of *of;
	struct arena arena; /* all that is below */
	json_t *json;       /* owns what is borrowed */
	struct dates *dates;
	struct column *required;
	size_t required_nr;
	struct map_event events[MAPPING_EVENTS_MAX];
	size_t events_nr;
	/* Without a file: one pseudo-event a type, columns as fields. */
	bool identity;
	int type_column; /* -1: none */
};

/* The request of an event of what the file is about, NULL: no such event. */
const ProtobufCMessageDescriptor *mapping_request(const struct mapping_of *of,
						  const char *type);

#endif
