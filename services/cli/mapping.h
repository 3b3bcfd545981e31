/* mapping.h -- from the records of somebody's file to our events. README.md
 * beside this file documents the mapping's JSON. */
#ifndef SUYUAN_CLI_MAPPING_H
#define SUYUAN_CLI_MAPPING_H

#include "records.h"

#include "arena.h"
#include "error.h"

/* One record may yield this many events. */
#define MAPPING_EVENTS_MAX 16

struct mapping;

/* What a file may be about. */
struct mapping_of {
	const char *what; /* "appeals" */
	const char *service;
	/* Its events are the methods with this answer. */
	const ProtobufCMessageDescriptor *reply;
	const char *type; /* of a record that names none; NULL: it must */
};
extern const struct mapping_of mapping_appeals, mapping_mentions;

struct mapped_event {
	const char *type;
	const char *key; /* of the lane and of the event: order is kept in it */
	int64_t occurred_at_us;
	const ProtobufCMessage *payload;
	unsigned rule; /* which event of the mapping it is, below 256 */
};

/* json: the text of the mapping file. err names the path in it. */
int mapping_load(struct mapping **m_r, const struct mapping_of *of,
		 const char *json, size_t len, struct error *err);
/* Without a mapping file: columns are named as the fields of the request,
 * "type" says which one. */
struct mapping *mapping_identity(const struct mapping_of *of);
void mapping_free(struct mapping **m);

/* CSV: looks the columns up in the header. Once, before mapping_apply. */
int mapping_bind(struct mapping *m, const struct records *records,
		 struct error *err);

/* Fills events_r, in the arena, and returns how many there are; -1 with the
 * problem: then nothing of this record may be sent. Depends on nothing but the
 * record and the mapping (not on today's date), so that a second run makes the
 * same events. */
int mapping_apply(struct mapping *m, const struct record *record,
		  struct arena *arena,
		  struct mapped_event events_r[MAPPING_EVENTS_MAX],
		  struct problem *problem);

/* The type that a rule makes, for reports. */
const char *mapping_rule_type(const struct mapping *m, unsigned rule);

#endif
