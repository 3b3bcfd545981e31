/* warnings.c -- the duties "spikes" and "sources": look, judge, tell. A step
 * whose telling failed is forgotten: the next look finds what is still so. */
#include "warnings.h"

#include <stdlib.h>
#include <string.h>

#include "bus/must.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

#define SOURCES_TICK_MS 2000
#define STATEMENT_TIMEOUT_MS 60000

struct watch {
	struct warnings *w;
	enum warn_duty number;
	struct duty *duty;
	struct arena arena; /* of a step */
	struct warn_step step;
	bool busy;    /* a pipe or the bus has it */
	bool telling; /* the bus */
};

struct warnings {
	struct social *svc;
	struct db_conn *conn;
	struct watch watches[WARN_DUTIES];
	bool closing, held;
};

static struct metric spikes = METRIC(
	METRIC_COUNTER, "suyuan_social_spikes_total", "Spikes that were told.");
static struct metric silences =
	METRIC(METRIC_COUNTER, "suyuan_social_silences_total",
	       "Sources whose silence was told.");

const struct warn_step *warn_step_of(const struct warnings *w,
				     enum warn_duty duty)
{
	return w->watches[duty].telling ? &w->watches[duty].step : NULL;
}

/* --- a look --- */

static void close_if_done(struct warnings *w)
{
	if (w->held)
		return;
	for (int i = 0; i < WARN_DUTIES; i++)
		if (w->watches[i].busy)
			return;
	for (int i = 0; i < WARN_DUTIES; i++)
		arena_reset(&w->watches[i].arena);
	free(w);
}

/* True: the service is closing, and the watch may be gone. */
static bool look_over(struct watch *watch)
{
	watch->busy = watch->telling = false;
	if (!watch->w->closing)
		return false;
	close_if_done(watch->w);
	return true;
}

static bool look_failed(struct watch *watch, const struct db_result *res)
{
	if (look_over(watch))
		return true;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("warnings: %s %s", res->sqlstate, res->text);
	return res->outcome != DB_OK;
}

static void told_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct watch *watch = arg;
	size_t begun = 0;

	for (size_t i = 0; i < watch->step.series_nr; i++)
		begun += watch->step.series[i].begins;
	if (code == SY__V1__ERROR_CODE__OK) {
		metric_add(&spikes, (double)begun);
		metric_add(&silences, (double)watch->step.silent_nr);
	}
	look_over(watch);
}

static void tell(struct watch *watch)
{
	watch->busy = watch->telling = true;
	uuid_make(watch->step.id);
	warn_step_tell(watch->w->svc, watch->number, &watch->step, told_cb,
		       watch);
}

static void step_begin(struct watch *watch)
{
	arena_reset(&watch->arena);
	watch->step = (struct warn_step){
		.duty = watch->duty,
		.epoch = duty_epoch(watch->duty),
	};
}

/* --- spikes --- */

static void read_counts(struct spike_series *s, const char *weeks,
			const char *counts)
{
	while (weeks[0] != '\0' && counts[0] != '\0') {
		char *weeks_end, *counts_end;
		long k = strtol(weeks, &weeks_end, 10);
		int64_t n = strtoll(counts, &counts_end, 10);

		if (k == 0)
			s->observed = n;
		else if (k > 0 && k <= SPIKE_WEEKS)
			s->week[k - 1] = n;
		weeks = weeks_end[0] == ',' ? weeks_end + 1 : "";
		counts = counts_end[0] == ',' ? counts_end + 1 : "";
	}
}

static void read_series(struct watch *watch, const struct db_result *res)
{
	struct warn_step *step = &watch->step;
	int rows = db_rows(res, 0);

	step->series = arena_alloc(
		&watch->arena, ((size_t)rows + 1) * sizeof(step->series[0]));
	for (int row = 0; row < rows; row++) {
		struct spike_series *s = &step->series[row];
		const uint8_t *id;
		size_t len;

		memset(s, 0, sizeof(*s));
		s->of = (Sy__V1__SpikeOf)db_get_i64(res, 0, row, 0);
		s->code = arena_strdup(&watch->arena,
				       db_get_text(res, 0, row, 1));
		read_counts(s, db_get_text(res, 0, row, 2),
			    db_get_text(res, 0, row, 3));
		id = db_get_bytes(res, 0, row, 4, &len);
		s->lasts = id != NULL && len == UUID_BYTES;
		s->peak = db_get_i64(res, 0, row, 5);
		s->sensitivity = (uint32_t)db_get_i32(res, 0, row, 6);
		s->unit = arena_strdup(&watch->arena,
				       db_get_text(res, 0, row, 7));
		if (s->lasts)
			memcpy(s->id, id, UUID_BYTES);
		else
			uuid_make(s->id);
	}
	step->series_nr = (size_t)rows;
}

static void risen_cb(const struct db_result *res, void *arg)
{
	look_failed(arg, res);
}

static void rise(struct watch *watch)
{
	const struct warn_step *step = &watch->step;
	struct db_pipe *pipe = warn_pipe(watch->w->conn);

	watch->busy = true;
	duty_claim(watch->duty, step->epoch, pipe);
	db_exec(pipe, WARN_SQL_SPIKES_RISE);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < step->series_nr; i++)
		if (step->series[i].rises)
			db_array_data(pipe, step->series[i].id, UUID_BYTES);
	db_array_end(pipe);
	db_array_begin(pipe, DB_ARRAY_I64);
	for (size_t i = 0; i < step->series_nr; i++)
		if (step->series[i].rises)
			db_array_int(pipe, step->series[i].observed);
	db_array_end(pipe);
	db_pipe_run(pipe, risen_cb, watch);
}

static void counted_cb(const struct db_result *res, void *arg)
{
	struct watch *watch = arg;
	struct warn_step *step = &watch->step;
	bool news = false, rises = false;

	if (look_failed(watch, res))
		return;
	read_series(watch, res);
	spikes_judge(step->series, step->series_nr, step->weeks);
	for (size_t i = 0; i < step->series_nr; i++) {
		news |= step->series[i].begins || step->series[i].ends;
		rises |= step->series[i].rises;
	}
	if (news)
		tell(watch);
	else if (rises)
		rise(watch);
}

static void first_hour_cb(const struct db_result *res, void *arg)
{
	struct watch *watch = arg;
	struct db_pipe *pipe;
	int32_t first;

	if (look_failed(watch, res) || db_is_null(res, 0, 0, 0))
		return;
	first = db_get_i32(res, 0, 0, 0);
	step_begin(watch);
	watch->step.hour = db_get_i32(res, 0, 0, 1);
	while (watch->step.weeks < SPIKE_WEEKS &&
	       first <= watch->step.hour - 23 -
				(int32_t)(watch->step.weeks + 1) * 168)
		watch->step.weeks++;
	watch->busy = true;
	pipe = warn_pipe(watch->w->conn);
	db_exec(pipe, WARN_SQL_SPIKES_COUNT);
	db_i32(pipe, watch->step.hour);
	db_i32(pipe, SPIKE_WEEKS);
	db_pipe_run(pipe, counted_cb, watch);
}

static void spikes_tick_cb(struct duty *duty, void *arg)
{
	struct watch *watch = arg;
	struct db_pipe *pipe;

	(void)duty;
	if (watch->busy || !db_conn_up(watch->w->conn) ||
	    !watch->w->svc->started)
		return;
	watch->busy = true;
	pipe = warn_pipe(watch->w->conn);
	db_exec(pipe, WARN_SQL_SPIKES_FIRST_HOUR);
	db_pipe_run(pipe, first_hour_cb, watch);
}

/* --- sources --- */

enum {
	LOOK_SOURCE,
	LOOK_LAST,
	LOOK_NOW,
	LOOK_REVISION,
	LOOK_LONGEST,
	LOOK_GAP_FROM,
	LOOK_GAP_USUAL
};

#define DAYS_MAX 32

int64_t warn_usual_us(const char *longest)
{
	int64_t days[DAYS_MAX];
	size_t n = 0;

	while (longest[0] != '\0' && n < DAYS_MAX) {
		char *end;

		days[n++] = strtoll(longest, &end, 10);
		longest = end[0] == ',' ? end + 1 : "";
	}
	return source_usual_us(days, n);
}

static void judge_source(struct watch *watch, const struct db_result *res,
			 int st, int row)
{
	struct warn_step *step = &watch->step;
	int64_t last_us = db_get_time(res, st, row, LOOK_LAST);
	int64_t now_us = db_get_time(res, st, row, LOOK_NOW);
	int64_t gap_us = db_get_time(res, st, row, LOOK_GAP_FROM);
	struct warn_gap g = {
		.source = arena_strdup(&watch->arena,
				       db_get_text(res, st, row, LOOK_SOURCE)),
		.from_us = last_us,
		.usual_us =
			warn_usual_us(db_get_text(res, st, row, LOOK_LONGEST)),
		.revision = db_get_i64(res, st, row, LOOK_REVISION) + 1,
	};

	if (gap_us == 0 && source_is_silent(now_us - last_us, g.usual_us)) {
		step->silent[step->silent_nr++] = g;
	} else if (gap_us != 0 && last_us > gap_us) {
		g.from_us = gap_us;
		g.to_us = last_us;
		g.usual_us = db_get_i64(res, st, row, LOOK_GAP_USUAL);
		step->back[step->back_nr++] = g;
	}
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct watch *watch = arg;
	struct warn_step *step = &watch->step;
	int st = res->n - 1;
	size_t rows;

	if (look_failed(watch, res))
		return;
	rows = (size_t)db_rows(res, st);
	step->silent = arena_alloc(&watch->arena,
				   (rows + 1) * sizeof(step->silent[0]));
	step->back =
		arena_alloc(&watch->arena, (rows + 1) * sizeof(step->back[0]));
	for (int row = 0; row < (int)rows; row++)
		judge_source(watch, res, st, row);
	if (step->silent_nr > 0 || step->back_nr > 0)
		tell(watch);
}

static void sources_tick_cb(struct duty *duty, void *arg)
{
	struct watch *watch = arg;
	struct db_pipe *pipe;

	(void)duty;
	if (watch->busy || !db_conn_up(watch->w->conn) ||
	    !watch->w->svc->started)
		return;
	step_begin(watch);
	watch->busy = true;
	pipe = warn_pipe(watch->w->conn);
	duty_claim(watch->duty, watch->step.epoch, pipe);
	db_exec(pipe, WARN_SQL_SOURCES_FOLD);
	db_exec(pipe, WARN_SQL_SOURCES_LOOK);
	db_i32(pipe, (int32_t)(time_now_us() / US_PER_DAY));
	db_pipe_run(pipe, looked_cb, watch);
}

/* --- their life --- */

void warnings_close(struct warnings **w_p)
{
	struct warnings *w = w_p != NULL ? *w_p : NULL;

	if (w == NULL)
		return;
	*w_p = NULL;
	w->closing = w->held = true;
	db_conn_close(&w->conn);
	w->held = false;
	close_if_done(w);
}

int warnings_open(struct warnings **w_r, struct social *svc,
		  struct duties *duties, struct error *err)
{
	struct warnings *w = must_calloc(1, sizeof(*w));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social warnings",
		.statements = warn_sql,
		.statements_nr = WARN_SQL_END - WARN_SQL_FIRST,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
	};
	const struct duty_options of[WARN_DUTIES] = {
		[WARN_SPIKES] = { .name = "spikes",
				  .tick = spikes_tick_cb,
				  .tick_ms = (uint32_t)svc->conf.spike_every_s *
					     1000 },
		[WARN_SOURCES] = { .name = "sources",
				   .tick = sources_tick_cb,
				   .tick_ms = SOURCES_TICK_MS },
	};

	*w_r = NULL;
	w->svc = svc;
	metric_show(&spikes);
	metric_show(&silences);
	if (db_conn_open(&w->conn, &svc->service.loop, &options, err) < 0) {
		warnings_close(&w);
		return -1;
	}
	for (int i = 0; i < WARN_DUTIES; i++) {
		struct duty_options o = of[i];

		w->watches[i].w = w;
		w->watches[i].number = (enum warn_duty)i;
		arena_init(&w->watches[i].arena);
		o.arg = &w->watches[i];
		w->watches[i].duty = duties_add(duties, &o);
	}
	*w_r = w;
	return 0;
}
