/* reactions_follow.c -- the log of complaints, as far as it is about what was
 * registered here: noted in the transaction of the cursor, and heard by the
 * reaction in one of its own (reactions_duty.c), so that nothing is lost and
 * nothing heard twice.
 */
#include <string.h>

#include "reactions.h"

#define STREAM "complaints"
#define STREAM_SHARDS 16

struct noted {
	uint8_t appeal_id[UUID_BYTES];
	const char *type;
	int64_t at_us;
	const Sy__V1__AppealChanged *changed;
};

/* What changes nothing that is shown of a case from afar. */
static bool is_news(const char *type)
{
	static const char *const types[] = {
		"AppealRegistered",   "AppealClassified", "AppealRouted",
		"AppealInvestigated", "AppealAnswered",   "AppealResolved",
		"CustomerInformed",   "AppealClosed",     "AppealReopened",
		"AppealWithdrawn",    "AppealMerged",     "TaskSettled",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

#define COLUMN(type, add)                                                      \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < n; i++) {                               \
			const struct noted *e = &noted[i];                     \
                                                                               \
			add;                                                   \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static const char *task_of(const struct noted *e)
{
	return strcmp(e->type, "TaskSettled") == 0 && e->changed->detail != NULL
		       ? e->changed->detail->item
		       : "";
}

static uint32_t task_state_of(const struct noted *e)
{
	return task_of(e)[0] != '\0' ? e->changed->detail->state : 0;
}

static void note(struct db_pipe *pipe, const struct social *svc,
		 const struct noted *noted, size_t n)
{
	db_exec(pipe, FOLLOW_NOTE);
	COLUMN(DB_ARRAY_UUID, db_array_data(pipe, e->appeal_id, UUID_BYTES));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, e->type));
	COLUMN(DB_ARRAY_TIME, db_array_int(pipe, e->at_us));
	COLUMN(DB_ARRAY_I16,
	       db_array_int(pipe, (int64_t)e->changed->after->state));
	COLUMN(DB_ARRAY_TEXT, db_array_text(pipe, task_of(e)));
	COLUMN(DB_ARRAY_I16, db_array_int(pipe, task_state_of(e)));
	COLUMN(DB_ARRAY_TEXT,
	       db_array_text(pipe, strcmp(e->type, "AppealMerged") == 0
					   ? e->changed->after->merged_into
					   : ""));
	COLUMN(DB_ARRAY_BOOL,
	       db_array_int(pipe, strcmp(e->changed->source,
					 svc->service.name) == 0));
}

static int apply(void *arg, const struct consumer_event *events, size_t n,
		 struct db_pipe *pipe, struct error *err)
{
	struct social *svc = arg;
	struct noted *noted;
	struct arena arena;
	size_t noted_nr = 0;
	int status = 0;

	arena_init(&arena);
	noted = arena_alloc(&arena, (n + 1) * sizeof(*noted));
	for (size_t i = 0; i < n; i++) {
		const Sy__V1__Event *event = events[i].event;
		struct noted *e = &noted[noted_nr];

		if (!is_news(event->type))
			continue;
		e->type = event->type;
		e->at_us = event->occurred_at_us;
		e->changed = sy__v1__appeal_changed__unpack(
			&arena.allocator, event->payload.len,
			event->payload.data);
		if (e->changed == NULL || e->changed->after == NULL ||
		    uuid_parse(e->changed->appeal_id, e->appeal_id) < 0) {
			status = error_set(err,
					   "payload of type %s is no "
					   "AppealChanged",
					   event->type);
			break;
		}
		noted_nr++;
	}
	if (status == 0 && noted_nr > 0)
		note(pipe, svc, noted, noted_nr);
	arena_reset(&arena);
	return status;
}

static uint64_t directory_rev(void *arg)
{
	const struct social *svc = arg;

	return replica_revision(svc->replica);
}

int reactions_follow(struct social *svc, struct error *err)
{
	const struct consumer_options options = {
		.loop = &svc->service.loop,
		.endpoint = svc->conf.complaints,
		.server_key = registry_key(svc->service.registry, STREAM),
		.key = &svc->service.key,
		.name = svc->service.name,
		.stream = STREAM,
		.shards_nr = STREAM_SHARDS,
		.db_url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.statements = reactions_follow_sql,
		.statements_nr = FOLLOW_NR,
		.apply = apply,
		.directory_rev = directory_rev,
		.quarantine = true,
		.arg = svc,
	};

	if (svc->conf.complaints[0] == '\0')
		return 0;
	return consumer_open(&svc->complaints, &options, err);
}
