/* sse_filter.c -- where a listener stands, as text, and what it may see. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sse.h"
#include "timeutil.h"

int positions_read(const char *text, int shards_nr, uint64_t done_r[])
{
	uint32_t named = 0;

	memset(done_r, 0, (size_t)shards_nr * sizeof(*done_r));
	while (*text) {
		char *end;
		unsigned long shard;

		if (*text < '0' || *text > '9')
			return -1;
		shard = strtoul(text, &end, 10);
		if (*end != ':' || shard >= (unsigned long)shards_nr ||
		    (named & 1u << shard) || end[1] < '0' || end[1] > '9')
			return -1;
		named |= 1u << shard;
		done_r[shard] = strtoull(end + 1, &end, 10);
		/* As offsets go into a bigint. */
		if (done_r[shard] >= INT64_MAX || (*end && *end != ','))
			return -1;
		text = end + (*end == ',');
		if (*end == ',' && *text == '\0')
			return -1;
	}
	return named == (1u << shards_nr) - 1 ? 0 : -1;
}

char *positions_write(const uint64_t *done, int shards_nr,
		      char text[POSITIONS_TEXT_MAX])
{
	int n = 0;

	for (int i = 0; i < shards_nr; i++)
		n += snprintf(text + n, POSITIONS_TEXT_MAX - (size_t)n,
			      "%s%d:%" PRIu64, i ? "," : "", i, done[i]);
	return text;
}

static bool unit_visible(const struct replica *replica,
			 const struct bus_grant *grant, const char *unit,
			 int32_t day)
{
	return grant->unit[0] == '\0' ||
	       replica_in_subtree(replica, unit, grant->unit, day);
}

static int32_t today(void)
{
	return (int32_t)(time_now_us() / US_PER_DAY);
}

/* As complaints itself judges: by the tree of the day of registration; of what
 * is not registered nobody knows yet whose it will be. */
static bool facts_visible(const struct replica *replica,
			  const struct bus_grant *grant,
			  const Sy__V1__AppealFacts *facts)
{
	return facts && facts->registered_at_us != 0 &&
	       replica_in_subtree(replica, facts->unit, grant->unit,
				  facts->registered_day);
}

/* Everybody sees the tree and its words; who may do what is for administrators
 * of that part of the tree. */
static bool record_visible(const struct replica *replica,
			   const struct bus_grant *grant,
			   const Sy__V1__DirectoryRecord *record)
{
	if (!record)
		return false;
	switch (record->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return true;
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return unit_visible(replica, grant, record->denominator->unit,
				    today());
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		return (grant->roles & ROLE_ADMIN) &&
		       unit_visible(replica, grant, record->principal->unit,
				    today());
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		return false;
	}
	return false;
}

bool event_visible(const struct replica *replica, const struct bus_grant *grant,
		   const struct seen_event *seen)
{
	if (seen->record)
		return record_visible(replica, grant, seen->record->after);
	if (!seen->appeal)
		return false;
	return grant->unit[0] == '\0' ||
	       facts_visible(replica, grant, seen->appeal->before) ||
	       facts_visible(replica, grant, seen->appeal->after);
}
