/* preview.c -- what a change of a policy would do: the newest cases are judged
 * again, by the policies as they are and as if the changed one had held all
 * along. A slice at a time, each a statement of its own, so that what comes in
 * meanwhile waits for one slice at most.
 */
#include <string.h>

#include "dir/shape.h"
#include "items.h"
#include "policies.h"
#include "timeutil.h"

#define CASES_MAX 20000
#define SLICE_CASES 200
#define BUDGET_US (20 * US_PER_S)
#define DAYS_DEFAULT 30
#define DAYS_MAX 366
#define SAMPLE_MAX 20
/* As the directory takes them: ten years. */

enum { COL_ID, COL_REGISTERED, COL_DAY, COL_FACT }; /* of a row */

struct tally {
	Sy__V1__ClockTally *clocks[2 * CASE_CLOCKS_MAX];
	size_t n;
};

struct preview {
	struct bus_request *req;
	struct policies_if changed;
	bool of_clocks;
	const char *root; /* "": all */
	int64_t from_us, now_us;
	/* the next slice is older than this */
	int64_t before_us;
	uint8_t before_id[UUID_BYTES];
	struct tally before, after;
	Sy__V1__ClockChange *sample[SAMPLE_MAX];
	Sy__V1__PreviewPolicyReply reply;
};

/* --- one case --- */

static Sy__V1__ClockTally *tally_of(struct preview *p, struct tally *t,
				    const char *clock)
{
	struct arena *arena = bus_request_arena(p->req);
	Sy__V1__ClockTally *row;

	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->clocks[i]->clock, clock) == 0)
			return t->clocks[i];
	}
	if (t->n == sizeof(t->clocks) / sizeof(t->clocks[0]))
		return NULL;
	row = arena_alloc(arena, sizeof(*row));
	sy__v1__clock_tally__init(row);
	row->clock = arena_strdup(arena, clock);
	t->clocks[t->n++] = row;
	return row;
}

static void tally_add(struct preview *p, struct tally *t,
		      const struct appeal_facts *facts)
{
	for (size_t i = 0; i < facts->clocks_nr; i++) {
		const Sy__V1__AppealClock *clock = facts->clocks[i];
		Sy__V1__ClockTally *row = tally_of(p, t, clock->clock);

		if (row == NULL)
			continue;
		row->running +=
			clock->state == SY__V1__CLOCK_STATE__CLOCK_RUNNING;
		row->paused +=
			clock->state == SY__V1__CLOCK_STATE__CLOCK_PAUSED;
		row->met += clock->state == SY__V1__CLOCK_STATE__CLOCK_MET;
		row->breached +=
			clock->state == SY__V1__CLOCK_STATE__CLOCK_BREACHED;
	}
}

static const Sy__V1__AppealClock *clock_of(const struct appeal_facts *facts,
					   const char *clock)
{
	for (size_t i = 0; i < facts->clocks_nr; i++) {
		if (strcmp(facts->clocks[i]->clock, clock) == 0)
			return facts->clocks[i];
	}
	return NULL;
}

static Sy__V1__AppealClock *clock_copy(struct arena *arena,
				       const Sy__V1__AppealClock *from)
{
	Sy__V1__AppealClock *to;

	if (from == NULL)
		return NULL;
	to = arena_memdup(arena, from, sizeof(*from));
	to->clock = arena_strdup(arena, from->clock);
	to->policy = arena_strdup(arena, from->policy);
	return to;
}

/* Those in another state stand first, and push the others out. */
static void sample_add(struct preview *p, const uint8_t *id, bool turned,
		       const Sy__V1__AppealClock *before,
		       const Sy__V1__AppealClock *after)
{
	struct arena *arena = bus_request_arena(p->req);
	size_t at = turned ? p->reply.turned - 1 : p->reply.n_sample;
	Sy__V1__ClockChange *change;
	char text[UUID_TEXT_MAX];

	if (at >= SAMPLE_MAX)
		return;
	change = arena_alloc(arena, sizeof(*change));
	sy__v1__clock_change__init(change);
	change->appeal_id = arena_strdup(arena, uuid_format(id, text));
	change->before = clock_copy(arena, before);
	change->after = clock_copy(arena, after);
	if (p->reply.n_sample < SAMPLE_MAX)
		p->sample[p->reply.n_sample++] = p->sample[at];
	p->sample[at] = change;
}

/* The first of its clocks that differs, one in another state before others. */
static void compare(struct preview *p, const uint8_t *id,
		    const struct appeal_facts *before,
		    const struct appeal_facts *after)
{
	const Sy__V1__AppealClock *was = NULL, *is = NULL;
	bool changed = false, turned = false;

	for (size_t i = 0; i < before->clocks_nr + after->clocks_nr; i++) {
		const char *name =
			i < before->clocks_nr
				? before->clocks[i]->clock
				: after->clocks[i - before->clocks_nr]->clock;
		const Sy__V1__AppealClock *a = clock_of(before, name);
		const Sy__V1__AppealClock *b = clock_of(after, name);
		bool other = a == NULL || b == NULL || a->state != b->state;

		if (!other && a->due_us == b->due_us)
			continue;
		if (!changed || (other && !turned)) {
			was = a;
			is = b;
		}
		changed = true;
		turned = turned || other;
	}
	p->reply.changed += changed;
	p->reply.turned += turned;
	if (changed)
		sample_add(p, id, turned, was, is);
}

static void case_judge(struct preview *p, struct arena *arena,
		       const uint8_t *id, int32_t day, struct appeal_fact *fact,
		       size_t n)
{
	const struct clock_source is = policies_clocks(p->changed.replica);
	const struct clock_source would = policies_clocks_if(&p->changed);
	struct appeal_fact **order =
		arena_alloc(arena, (n + 1) * sizeof(order[0]));
	struct appeal_facts before, after;
	struct case_items items;

	items_open(&items, arena);
	appeal_fold(fact, n, order, &items, &before);
	if (before.registered_at_us == 0)
		return;
	before.registered_day = day;
	after = before;
	p->reply.cases++;
	if (policies_match_if(&p->changed, &before, day))
		p->reply.matching++;
	if (!p->of_clocks)
		return;
	clocks_judge(&is, arena, order, n, (struct clocks_before){ 0 }, &before,
		     p->now_us);
	clocks_judge(&would, arena, order, n, (struct clocks_before){ 0 },
		     &after, p->now_us);
	tally_add(p, &p->before, &before);
	tally_add(p, &p->after, &after);
	compare(p, id, &before, &after);
}

/* --- slice by slice --- */

static void slice_ask(struct preview *p);

static void answer(struct preview *p)
{
	Sy__V1__PreviewPolicyReply *reply = &p->reply;

	reply->before = p->before.clocks;
	reply->n_before = p->before.n;
	reply->after = p->after.clocks;
	reply->n_after = p->after.n;
	reply->sample = p->sample;
	bus_reply(p->req, &reply->base);
}

/* How many cases the rows were of. */
static size_t slice_judge(struct preview *p, const struct db_result *res)
{
	const int rows = db_rows(res, 0);
	struct arena arena;
	size_t cases = 0, len;

	arena_init(&arena);
	for (int row = 0, n; row < rows; row += n, cases++) {
		const uint8_t *id = db_get_bytes(res, 0, row, COL_ID, &len);
		struct appeal_fact *fact;

		for (n = 1; row + n < rows; n++) {
			if (memcmp(db_get_bytes(res, 0, row + n, COL_ID, &len),
				   id, UUID_BYTES) != 0)
				break;
		}
		fact = arena_alloc(&arena, (size_t)n * sizeof(*fact));
		for (int i = 0; i < n; i++)
			store_fact(&arena, res, 0, row + i, COL_FACT, &fact[i]);
		case_judge(p, &arena, id, db_get_i32(res, 0, row, COL_DAY),
			   fact, (size_t)n);
		p->before_us = db_get_time(res, 0, row, COL_REGISTERED);
		memcpy(p->before_id, id, UUID_BYTES);
		arena_reset(&arena);
	}
	return cases;
}

static void slice_cb(const struct db_result *res, void *arg)
{
	struct preview *p = arg;

	if (bus_reply_db_error(p->req, res))
		return;
	if (slice_judge(p, res) < SLICE_CASES) {
		answer(p);
	} else if (p->reply.cases + SLICE_CASES > CASES_MAX ||
		   time_now_us() - p->now_us > BUDGET_US) {
		p->reply.more = true;
		answer(p);
	} else {
		slice_ask(p);
	}
}

static void slice_ask(struct preview *p)
{
	struct db_pipe *pipe = bus_request_pipe(p->req);

	db_exec(pipe,
		p->root[0] != '\0' ? SQL_PREVIEW_SUBTREE : SQL_PREVIEW_ALL);
	db_time(pipe, p->from_us);
	db_time(pipe, p->before_us);
	db_uuid(pipe, p->before_id);
	db_i64(pipe, SLICE_CASES);
	if (p->root[0] != '\0') {
		db_text(pipe, p->root);
		db_text(pipe, bus_request_grant(p->req)->unit);
	}
	db_pipe_run(pipe, slice_cb, p);
}

/* --- what is asked --- */

/* False: refused and answered. */
static bool root_take(struct preview *p, const char *asked)
{
	const struct bus_grant *grant = bus_request_grant(p->req);
	const int32_t today = (int32_t)(p->now_us / US_PER_DAY);

	p->root = asked[0] != '\0' ? asked : grant->unit;
	if (asked[0] != '\0' &&
	    !replica_unit_known(p->changed.replica, asked)) {
		bus_reply_error(p->req, SY__V1__ERROR_CODE__UNKNOWN_CODE,
				"unit", "is not in the directory");
		return false;
	}
	if (replica_in_subtree(p->changed.replica, p->root, grant->unit, today))
		return true;
	if (p->root[0] == '\0' && grant->unit[0] == '\0')
		return true;
	bus_reply_error(p->req, SY__V1__ERROR_CODE__SCOPE, "unit",
			"lies outside of the principal's subtree");
	return false;
}

void handle_preview_policy(struct bus_request *req)
{
	const Sy__V1__PreviewPolicyRequest *msg =
		(const Sy__V1__PreviewPolicyRequest *)bus_request_message(req);
	struct complaints *svc = bus_request_svc(req);
	struct preview *p = arena_alloc(bus_request_arena(req), sizeof(*p));
	const uint32_t days = msg->days == 0 ? DAYS_DEFAULT : msg->days;
	struct shape_fault fault = { "policy", "is missing" };

	if (msg->policy == NULL || normal_policy(bus_request_arena(req),
						 msg->policy, &fault) == NULL) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, fault.field,
				"%s", fault.text);
		return;
	}
	if (days > DAYS_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "days",
				"is more than %d", DAYS_MAX);
		return;
	}
	p->req = req;
	p->changed.replica = svc->replica;
	p->changed.what.policy = msg->policy;
	p->changed.what.ended = msg->ended;
	p->of_clocks = msg->policy->rule_case == SY__V1__POLICY__RULE_CLOCK;
	p->now_us = time_now_us();
	p->from_us = p->now_us - days * US_PER_DAY;
	/* what happened a little ahead of this clock too */
	p->before_us = p->now_us + 2 * US_PER_DAY;
	sy__v1__preview_policy_reply__init(&p->reply);
	if (root_take(p, msg->unit))
		slice_ask(p);
}
