/* warn_step.c -- the part that warnings are of the service: which sources a
 * batch was of, what a duty has to tell as a command to itself, and what people
 * say of a spike. */
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "timeutil.h"

enum method { METHOD_STEP, METHOD_JUDGE };
static const struct bus_method methods[];

/* --- which sources a batch was of --- */

struct arrival {
	const char *source;
	int32_t mentions;
};

static void count(struct arrival *all, size_t *n, const char *source)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(all[i].source, source) == 0) {
			all[i].mentions++;
			return;
		}
	all[(*n)++] = (struct arrival){ source, 1 };
}

static void write_arrivals(struct bus_batch *batch, struct db_pipe *pipe)
{
	struct arrival *all;
	size_t n = 0;

	for (const struct mention *m = mentions_first(mentions_of_batch());
	     m != NULL; m = m->next)
		n += m->cause != NULL && m->text != NULL;
	if (n == 0)
		return;
	all = arena_alloc(&batch->arena, n * sizeof(all[0]));
	n = 0;
	for (const struct mention *m = mentions_first(mentions_of_batch());
	     m != NULL; m = m->next)
		if (m->cause != NULL && m->text != NULL)
			count(all, &n, m->text->source);
	db_exec(pipe, WARN_SQL_ARRIVED);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < n; i++)
		db_array_text(pipe, all[i].source);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < n; i++)
		db_array_int(pipe, all[i].mentions);
	db_array_end(pipe);
}

/* --- what a step writes --- */

void spike_fill(const struct spike_series *s, const struct warn_step *step,
		struct arena *arena, Sy__V1__Spike *spike_r)
{
	sy__v1__spike__init(spike_r);
	spike_r->spike_id =
		uuid_format(s->id, arena_alloc(arena, UUID_TEXT_MAX));
	spike_r->of = s->of;
	spike_r->code = (char *)s->code;
	spike_r->since_hour = step->hour - 23;
	spike_r->until_hour = s->ends ? step->hour : 0;
	spike_r->observed = s->observed > s->peak ? s->observed : s->peak;
	spike_r->expected = s->expected;
	spike_r->bound = s->bound;
	spike_r->p_value = s->p_value;
	spike_r->baseline_days = (uint32_t)step->weeks;
	spike_r->unit = (char *)s->unit;
}

#define PUT_BEGUN(type, add)                                                   \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < step->series_nr; i++) {                 \
			const struct spike_series *s = &step->series[i];       \
                                                                               \
			if (s->begins)                                         \
				add;                                           \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void put_number(struct db_pipe *pipe, double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.17g", v);
	db_array_text(pipe, text);
}

static void write_begun(const struct warn_step *step, struct db_pipe *pipe)
{
	db_exec(pipe, WARN_SQL_SPIKES_BEGIN);
	db_i32(pipe, step->hour - 23);
	db_i32(pipe, (int32_t)step->weeks);
	PUT_BEGUN(DB_ARRAY_UUID, db_array_data(pipe, s->id, UUID_BYTES));
	PUT_BEGUN(DB_ARRAY_I32, db_array_int(pipe, s->of));
	PUT_BEGUN(DB_ARRAY_TEXT, db_array_text(pipe, s->code));
	PUT_BEGUN(DB_ARRAY_TEXT, db_array_text(pipe, s->unit));
	PUT_BEGUN(DB_ARRAY_I64, db_array_int(pipe, s->observed));
	PUT_BEGUN(DB_ARRAY_TEXT, put_number(pipe, s->expected));
	PUT_BEGUN(DB_ARRAY_TEXT, put_number(pipe, s->bound));
	PUT_BEGUN(DB_ARRAY_TEXT, put_number(pipe, s->p_value));
}

static void write_ended(const struct warn_step *step, struct db_pipe *pipe)
{
	db_exec(pipe, WARN_SQL_SPIKES_END);
	db_i32(pipe, step->hour);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < step->series_nr; i++)
		if (step->series[i].ends)
			db_array_data(pipe, step->series[i].id, UUID_BYTES);
	db_array_end(pipe);
}

#define PUT_GAPS(gaps, n, type, value)                                         \
	do {                                                                   \
		db_array_begin(pipe, type);                                    \
		for (size_t i = 0; i < (n); i++) {                             \
			const struct warn_gap *g = &(gaps)[i];                 \
                                                                               \
			value;                                                 \
		}                                                              \
		db_array_end(pipe);                                            \
	} while (0)

static void write_gaps(const struct warn_step *step, struct db_pipe *pipe)
{
	if (step->silent_nr > 0) {
		db_exec(pipe, WARN_SQL_GAPS_BEGIN);
		PUT_GAPS(step->silent, step->silent_nr, DB_ARRAY_TEXT,
			 db_array_text(pipe, g->source));
		PUT_GAPS(step->silent, step->silent_nr, DB_ARRAY_TIME,
			 db_array_int(pipe, g->from_us));
		PUT_GAPS(step->silent, step->silent_nr, DB_ARRAY_I64,
			 db_array_int(pipe, g->usual_us));
		PUT_GAPS(step->silent, step->silent_nr, DB_ARRAY_I64,
			 db_array_int(pipe, g->revision));
	}
	if (step->back_nr > 0) {
		db_exec(pipe, WARN_SQL_GAPS_END);
		PUT_GAPS(step->back, step->back_nr, DB_ARRAY_TEXT,
			 db_array_text(pipe, g->source));
		PUT_GAPS(step->back, step->back_nr, DB_ARRAY_TIME,
			 db_array_int(pipe, g->to_us));
		PUT_GAPS(step->back, step->back_nr, DB_ARRAY_I64,
			 db_array_int(pipe, g->revision));
	}
}

/* Of the duty, as its row in warn_step is called. */
static const char *const duty_names[WARN_DUTIES] = {
	[WARN_SPIKES] = "spikes",
	[WARN_SOURCES] = "sources",
};

static void write_step(const struct warn_step *step, enum warn_duty duty,
		       struct db_pipe *pipe)
{
	duty_claim(step->duty, step->epoch, pipe);
	db_exec(pipe, WARN_SQL_STEP);
	db_text(pipe, duty_names[duty]);
	db_uuid(pipe, step->id);
	if (step->series_nr > 0) {
		write_begun(step, pipe);
		write_ended(step, pipe);
	}
	write_gaps(step, pipe);
	db_fault(pipe, "warning_written");
}

/* --- what it tells --- */

static void emit(struct bus_batch *batch, const struct bus_item *cause,
		 const char *type, const char *key, int64_t revision,
		 const ProtobufCMessage *payload)
{
	const struct bus_event event = {
		.type = type,
		.key = key,
		.revision = (uint64_t)revision,
		.occurred_at_us = batch->now_us,
		.payload = payload,
	};

	bus_emit(batch, cause, &event);
}

static void emit_spike(const struct spike_series *s,
		       const struct warn_step *step, struct bus_batch *batch,
		       const struct bus_item *cause)
{
	Sy__V1__SpikeDetected detected = SY__V1__SPIKE_DETECTED__INIT;
	Sy__V1__SpikeEnded ended = SY__V1__SPIKE_ENDED__INIT;
	Sy__V1__Spike spike;

	if (!s->begins && !s->ends)
		return;
	spike_fill(s, step, &batch->arena, &spike);
	spike.told_at_us = batch->now_us;
	detected.spike = ended.spike = &spike;
	if (s->begins)
		emit(batch, cause, "SpikeDetected", spike.spike_id, 1,
		     &detected.base);
	else
		emit(batch, cause, "SpikeEnded", spike.spike_id, 2,
		     &ended.base);
}

static void gap_fill(const struct warn_gap *g, Sy__V1__SourceGap *gap_r)
{
	sy__v1__source_gap__init(gap_r);
	gap_r->source = (char *)g->source;
	gap_r->from_us = g->from_us;
	gap_r->to_us = g->to_us;
	gap_r->usual_us = g->usual_us;
}

static void emit_step(const struct warn_step *step, struct bus_batch *batch,
		      const struct bus_item *cause)
{
	Sy__V1__SourceGap gap;

	for (size_t i = 0; i < step->series_nr; i++)
		emit_spike(&step->series[i], step, batch, cause);
	for (size_t i = 0; i < step->silent_nr; i++) {
		Sy__V1__SourceSilent silent = SY__V1__SOURCE_SILENT__INIT;

		gap_fill(&step->silent[i], &gap);
		silent.gap = &gap;
		emit(batch, cause, "SourceSilent", gap.source,
		     step->silent[i].revision, &silent.base);
	}
	for (size_t i = 0; i < step->back_nr; i++) {
		Sy__V1__SourceBack back = SY__V1__SOURCE_BACK__INIT;

		gap_fill(&step->back[i], &gap);
		back.gap = &gap;
		emit(batch, cause, "SourceBack", gap.source,
		     step->back[i].revision, &back.base);
	}
}

/* --- the commands --- */

struct decided {
	const struct warn_step *steps[WARN_DUTIES];
	const struct bus_item **judges;
	size_t judges_nr;
};

static const struct warn_step *step_of(const struct social *svc,
				       const struct bus_item *item,
				       enum warn_duty *duty_r)
{
	const Sy__V1__WarnStepRequest *req = (const void *)item->request;

	if (item->method != &methods[METHOD_STEP] || req->duty >= WARN_DUTIES)
		return NULL;
	*duty_r = (enum warn_duty)req->duty;
	return warn_step_of(svc->warnings, *duty_r);
}

static void warn_read(void *arg, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct social *svc = arg;

	db_exec(pipe, WARN_SQL_SPIKE_FIND);
	db_array_begin(pipe, DB_ARRAY_I32);
	for (size_t i = 0; i < batch->n; i++)
		if (batch->items[i]->method == &methods[METHOD_JUDGE])
			db_array_int(pipe, (int64_t)i);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < batch->n; i++) {
		const Sy__V1__JudgeSpikeRequest *judge =
			(const void *)batch->items[i]->request;
		uint8_t id[UUID_BYTES] = { 0 };

		if (batch->items[i]->method != &methods[METHOD_JUDGE])
			continue;
		/* no spike has the id of all zeroes */
		if (uuid_parse(judge->spike_id, id) < 0)
			memset(id, 0, sizeof(id));
		db_array_data(pipe, id, UUID_BYTES);
	}
	db_array_end(pipe);
	for (size_t i = 0; i < batch->n; i++) {
		enum warn_duty duty;
		const struct warn_step *step =
			step_of(svc, batch->items[i], &duty);

		if (step == NULL)
			continue;
		duty_ask(step->duty, step->epoch, pipe);
		db_exec(pipe, WARN_SQL_STEP_READ);
		db_text(pipe, duty_names[duty]);
		db_uuid(pipe, step->id);
	}
}

static void decide_judge(const struct social *svc, struct decided *d,
			 struct bus_item *item, size_t i,
			 const struct db_result *res, int first)
{
	static const Sy__V1__JudgeSpikeReply reply =
		SY__V1__JUDGE_SPIKE_REPLY__INIT;

	for (int row = 0; row < db_rows(res, first); row++)
		if (db_get_i32(res, first, row, 0) == (int32_t)i &&
		    social_sees(svc, item->grant,
				db_get_text(res, first, row, 1))) {
			d->judges[d->judges_nr++] = item;
			item->reply = &reply.base;
			return;
		}
	bus_refuse(item, SY__V1__ERROR_CODE__NOT_FOUND, "spike_id",
		   "no such spike");
}

static enum bus_decision warn_decide(void *arg, struct bus_batch *batch,
				     const struct db_result *res, int first,
				     bool directory_fresh)
{
	const struct social *svc = arg;
	struct decided *d = arena_alloc(&batch->arena, sizeof(*d));
	int next = first + 1;

	(void)directory_fresh;
	d->judges = arena_alloc(&batch->arena,
				(batch->n + 1) * sizeof(d->judges[0]));
	batch->scratch = d;
	for (size_t i = 0; i < batch->n; i++) {
		struct bus_item *item = batch->items[i];
		const struct warn_step *step;
		enum warn_duty duty;

		if (item->method == &methods[METHOD_JUDGE]) {
			decide_judge(svc, d, item, i, res, first);
			continue;
		}
		step = step_of(svc, item, &duty);
		if (step == NULL || !duty_answer(res, next)) {
			bus_refuse(item, SY__V1__ERROR_CODE__CONFLICT, "duty",
				   "is another's by now");
		} else if (db_rows(res, next + 1) > 0) {
			item->duplicate = true;
		} else {
			d->steps[duty] = step;
			emit_step(step, batch, item);
		}
		next += step != NULL ? 2 : 0;
	}
	return BUS_DECIDED;
}

static void write_judges(const struct decided *d, struct db_pipe *pipe)
{
	const Sy__V1__JudgeSpikeRequest *req;
	uint8_t id[UUID_BYTES];

	db_exec(pipe, WARN_SQL_SPIKE_JUDGE);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < d->judges_nr; i++) {
		req = (const void *)d->judges[i]->request;
		if (uuid_parse(req->spike_id, id) == 0)
			db_array_data(pipe, id, UUID_BYTES);
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_BOOL);
	for (size_t i = 0; i < d->judges_nr; i++) {
		req = (const void *)d->judges[i]->request;
		db_array_int(pipe, req->right);
	}
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (size_t i = 0; i < d->judges_nr; i++)
		db_array_text(pipe, d->judges[i]->principal);
	db_array_end(pipe);
}

static void warn_write(void *svc, struct bus_batch *batch, struct db_pipe *pipe)
{
	const struct decided *d = batch->scratch;

	(void)svc;
	write_arrivals(batch, pipe);
	if (d == NULL)
		return;
	for (int i = 0; i < WARN_DUTIES; i++)
		if (d->steps[i] != NULL)
			write_step(d->steps[i], (enum warn_duty)i, pipe);
	if (d->judges_nr > 0)
		write_judges(d, pipe);
}

void warn_step_tell(struct social *svc, enum warn_duty duty,
		    const struct warn_step *step,
		    void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
		    void *arg)
{
	Sy__V1__WarnStepRequest req = SY__V1__WARN_STEP_REQUEST__INIT;

	req.duty = (uint32_t)duty;
	req.epoch = step->epoch;
	bus_server_command(svc->bus, &methods[METHOD_STEP], &req.base, done_cb,
			   arg);
}

#define READERS (ROLE_READER | ROLE_HANDLER)

/* clang-format off */
static const struct bus_method methods[] = {
	[METHOD_STEP] = { "WarnStep", 0, BUS_WRITE,
		&sy__v1__warn_step_request__descriptor, NULL },
	[METHOD_JUDGE] = { "JudgeSpike", ROLE_HANDLER, BUS_WRITE,
		&sy__v1__judge_spike_request__descriptor, NULL },
	{ "ListSpikes", READERS, BUS_READ,
		&sy__v1__list_spikes_request__descriptor, handle_list_spikes },
	{ "ListSources", READERS, BUS_READ,
		&sy__v1__list_sources_request__descriptor,
		handle_list_sources },
	{ "GetDigest", READERS, BUS_READ,
		&sy__v1__get_digest_request__descriptor, handle_get_digest },
	{ 0 },
};
/* clang-format on */

const struct part warn_part = {
	.methods = methods,
	.statements_first = WARN_SQL_FIRST,
	.statements = warn_sql,
	.statements_nr = WARN_SQL_END - WARN_SQL_FIRST,
	.read = warn_read,
	.decide = warn_decide,
	.write = warn_write,
};
