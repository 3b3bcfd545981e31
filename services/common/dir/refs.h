/* refs.h -- what a record of the directory is called in its log, and which
 * others it names: the one list of it for the directory's judgement, for what
 * it has to read before, and for the dry run of an import. Pure. */
#ifndef SUYUAN_DIR_REFS_H
#define SUYUAN_DIR_REFS_H

#include <stdbool.h>

#include "arena.h"
#include "suyuan/v1/directory.pb-c.h"

/* More than the widest record that is not refused for its shape. */
#define RECORD_REFS_MAX 48

enum ref_how {
	REF_KNOWN,        /* must be there, on whatever day */
	REF_ON_FIRST_DAY, /* must be valid on the record's first day */
	REF_PARENT,       /* must be valid on each day of the record */
};

struct record_ref {
	const char *of; /* unit, department, calendar, principal, a taxonomy */
	const char *code;
	const char *field; /* path in the record */
	enum ref_how how;
};

/* Codes that are "" are left out. The record's shape need not be good. */
size_t record_refs(const Sy__V1__DirectoryRecord *record,
		   struct record_ref refs[RECORD_REFS_MAX]);
/* "unit/CODE", "TAXONOMY/CODE", "calendar_day/CODE/DAY" ..., in the arena;
 * NULL: no record. */
const char *record_key(struct arena *arena,
		       const Sy__V1__DirectoryRecord *record);
/* Days [from, to) of a record of a sort that has versions, to 0 = open, and the
 * path of the latter; false: it has none. Key and first day are one version. */
bool record_days(const Sy__V1__DirectoryRecord *record, int32_t *from_r,
		 int32_t *to_r, const char **end_field_r);

/* Of the rule that a policy has; NULL: it has none, or matches everything. */
const Sy__V1__PolicyMatch *policy_match(const Sy__V1__Policy *policy);
/* 0 of rules that have none. */
uint32_t policy_order(const Sy__V1__Policy *policy);

#endif
