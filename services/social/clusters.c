/* clusters.c -- the owner of a language: takes what batches have left in its
 * order, has the index looked through on a thread, asks, judges and writes. One
 * step at a time; while it is under way the next batches gather. */
#include "clusters.h"

#include <stdlib.h>
#include <string.h>

#include "bus/must.h"
#include "clusters_owner.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

#define TICK_MS 100
/* Batches of a step; each is of a transaction of the bus. */
#define BATCHES_MAX 16
#define FORGET_US US_PER_MINUTE
/* What is left of rows that were taken, until their room is used again: at
 * 10,000 mentions a second the database comes by itself for each 400 MB. */
#define TIDY_BYTES (8 << 20)
/* Where the index begins is looked for over all that it has room for. */
#define STATEMENT_TIMEOUT_MS 60000

static const char *const duty_names[CLUSTER_SHARDS] = {
	"clusters ru", "clusters zh", "clusters en", "clusters other"
};

static struct metric seen =
	METRIC(METRIC_COUNTER, "suyuan_social_clusters_mentions_total",
	       "Mentions that were compared with those before them.");
static struct metric joined =
	METRIC(METRIC_COUNTER, "suyuan_social_clusters_joined_total",
	       "Mentions that came to a cluster.");
static struct metric spam =
	METRIC(METRIC_COUNTER, "suyuan_social_clusters_spam_total",
	       "Mentions that were taken for spam since of their author's "
	       "others.");
static struct metric behind =
	METRIC(METRIC_GAUGE, "suyuan_social_clusters_behind_us",
	       "Age of the oldest mentions that wait to be compared, of the "
	       "languages owned here, microseconds.");
static struct metric texts =
	METRIC(METRIC_GAUGE, "suyuan_social_clusters_texts",
	       "Texts in memory that new ones are compared with.");
static struct metric bytes =
	METRIC(METRIC_GAUGE, "suyuan_social_clusters_bytes",
	       "Memory of the index of texts.");
static struct metric window =
	METRIC(METRIC_GAUGE, "suyuan_social_clusters_window_seconds",
	       "How far back copies are looked for; less than 7 days when the "
	       "memory is at its budget.");

static void advance(struct shard *s);

/* --- what the files of the owner share --- */

struct db_pipe *owner_pipe(struct shard *s)
{
	struct db_pipe *pipe = db_pipe_new(s->c->conn);

	db_pipe_base(pipe, -CLUSTERS_SQL_FIRST);
	return pipe;
}

static void forget(struct shard *s)
{
	s->ended = false;
	s->size = (struct cluster_index_size){ 0 };
	cluster_load_end(s);
	cluster_index_free(&s->index);
	spam_table_free(&s->authors);
	arena_reset(&s->arena);
	memset(&s->step, 0, sizeof(s->step));
	memset(&s->plan, 0, sizeof(s->plan));
	s->stage = STAGE_LOAD_FROM;
	s->more = false;
}

static void close_if_done(struct clusters *c)
{
	if (c->held)
		return;
	for (int i = 0; i < CLUSTER_SHARDS; i++)
		if (c->shards[i].busy)
			return;
	for (int i = 0; i < CLUSTER_SHARDS; i++)
		forget(&c->shards[i]);
	free(c);
}

static bool given_up(struct shard *s)
{
	s->busy = false;
	if (s->c->closing) {
		close_if_done(s->c);
		return true;
	}
	if (s->ended)
		forget(s);
	else
		return false;
	return true;
}

bool owner_failed(struct shard *s, const struct db_result *res)
{
	if (given_up(s))
		return true;
	if (res == NULL || res->outcome == DB_OK)
		return false;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("clusters: %s %s", res->sqlstate, res->text);
	return true;
}

void owner_work(struct shard *s, uv_work_cb work, uv_after_work_cb after)
{
	s->busy = true;
	s->work.data = s;
	/* Fails only without a function to call. */
	uv_queue_work(&s->c->svc->service.loop, &s->work, work, after);
}

/* --- a step is over --- */

static void step_over(struct shard *s)
{
	for (size_t i = 0; i < s->plan.joins_nr; i++) {
		if (s->plan.joins[i].stands)
			metric_add(&joined,
				   (double)s->plan.joins[i].mentions_nr);
		cluster_index_drop(s->index, s->plan.joins[i].group);
	}
	metric_add(&seen, (double)s->items_nr);
	metric_add(&spam, (double)s->plan.spam_nr);
	s->size = cluster_index_size(s->index);
	memset(&s->step, 0, sizeof(s->step));
	memset(&s->plan, 0, sizeof(s->plan));
	arena_reset(&s->arena);
	owner_next(s, s->taken_bytes < TIDY_BYTES ? STAGE_TODO : STAGE_TIDY);
}

static void written_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;
	/* An answer that was lost, of what was committed. */
	bool done = strcmp(res->sqlstate, "SY007") == 0;

	if (done ? given_up(s) : owner_failed(s, res))
		return;
	step_over(s);
}

static void told_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct shard *s = arg;

	if (!given_up(s) && code == SY__V1__ERROR_CODE__OK)
		step_over(s);
}

static void write_step(struct shard *s)
{
	struct db_pipe *pipe;

	s->step.joins = s->plan.joins;
	s->step.joins_nr = s->plan.joins_nr;
	s->step.spam = s->plan.spam;
	s->step.spam_nr = s->plan.spam_nr;
	if (cluster_step_tells(&s->step)) {
		Sy__V1__ClusterStepRequest req =
			SY__V1__CLUSTER_STEP_REQUEST__INIT;

		req.shard = (uint32_t)s->number;
		req.epoch = s->step.epoch;
		bus_server_command(s->c->svc->bus,
				   &clusters_methods[CLUSTERS_STEP], &req.base,
				   told_cb, s);
		return;
	}
	pipe = owner_pipe(s);
	cluster_step_write(&s->step, pipe);
	db_pipe_run(pipe, written_cb, s);
}

const struct cluster_step *clusters_step(const struct clusters *c, int shard)
{
	const struct shard *s = &c->shards[shard];

	return s->busy && s->stage == STAGE_WRITE ? &s->step : NULL;
}

/* --- what has come --- */

static void plan_cb(uv_work_t *work)
{
	struct shard *s = work->data;

	cluster_plan(s->index, &s->plan);
}

static void planned_cb(uv_work_t *work, int status)
{
	struct shard *s = work->data;

	(void)status;
	/* From here on the index has these texts: the step is not given up. */
	if (!given_up(s))
		owner_next(s, s->plan.joins_nr > 0 ? STAGE_FACTS : STAGE_WRITE);
}

/* Of the directory as it is today, for a step: the replica is the loop's, the
 * plan the thread's. */
static struct spam_policy spam_policy_today(const struct shard *s)
{
	static const struct policy_case any = { "", "", "", "", "", "" };
	struct spam_policy policy = spam_policy_usual;

	replica_policies(s->c->svc->replica, SY__V1__POLICY__RULE_SPAM,
			 (int32_t)(time_now_us() / US_PER_DAY), &any,
			 spam_policy_cb, &policy);
	return policy;
}

static void plan(struct shard *s)
{
	s->plan.arena = &s->arena;
	s->plan.items = s->items;
	s->plan.items_nr = s->items_nr;
	s->plan.authors = s->authors;
	s->plan.policy = spam_policy_today(s);
	owner_work(s, plan_cb, planned_cb);
}

static void removed_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;

	if (!owner_failed(s, res))
		plan(s);
}

/* Those that were members go first, so that their clusters are counted without
 * them; to do it twice changes nothing. */
static void remove_known(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	s->busy = true;
	duty_claim(s->duty, s->step.epoch, pipe);
	db_exec(pipe, CLUSTERS_SQL_REMOVE);
	db_i32(pipe, s->number);
	db_array_begin(pipe, DB_ARRAY_UUID);
	for (size_t i = 0; i < s->items_nr; i++)
		if (s->items[i].known)
			db_array_data(pipe, s->items[i].id, UUID_BYTES);
	db_array_end(pipe);
	db_pipe_run(pipe, removed_cb, s);
}

static void take_todo(struct shard *s, const struct db_result *res)
{
	size_t room = 0, len;
	const uint8_t *data;
	int rows = db_rows(res, 0);

	arena_reset(&s->arena);
	for (int row = 0; row < rows; row++) {
		db_get_bytes(res, 0, row, 3, &len);
		room += cluster_pack_room(len);
	}
	s->items = arena_alloc(&s->arena, (room + 1) * sizeof(s->items[0]));
	s->items_nr = 0;
	s->step = (struct cluster_step){
		.shard = s->number,
		.duty = s->duty,
		.epoch = duty_epoch(s->duty),
		.todo = arena_alloc(&s->arena,
				    (size_t)rows * sizeof(s->step.todo[0])),
	};
	for (int row = 0; row < rows; row++) {
		data = db_get_bytes(res, 0, row, 3, &len);
		s->taken_bytes += len;
		s->step.todo[s->step.todo_nr++] = db_get_i64(res, 0, row, 0);
		if (cluster_unpack(data, len, &s->arena, s->items, room,
				   &s->items_nr) < 0)
			log_error("clusters: a row of cluster_todo cannot be "
				  "read");
	}
	s->more = rows == BATCHES_MAX;
}

static void todo_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;
	bool known = false;

	if (owner_failed(s, res))
		return;
	if (db_rows(res, 0) == 0) {
		s->behind_us = 0;
		return;
	}
	s->behind_us = db_get_time(res, 0, 0, 2) - db_get_time(res, 0, 0, 1);
	take_todo(s, res);
	for (size_t i = 0; i < s->items_nr; i++)
		known |= s->items[i].known;
	if (known)
		remove_known(s);
	else
		plan(s);
}

static void ask_todo(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	db_exec(pipe, CLUSTERS_SQL_TODO);
	db_i32(pipe, s->number);
	db_i64(pipe, BATCHES_MAX);
	db_pipe_run(pipe, todo_cb, s);
}

static void tidied_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;

	s->taken_bytes = 0;
	s->stage = STAGE_TODO;
	if (!owner_failed(s, res))
		advance(s);
}

static void tidy(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	db_exec(pipe, CLUSTERS_SQL_TIDY);
	db_pipe_run(pipe, tidied_cb, s);
}

/* --- what is not kept any more, and how far back we look --- */

static void forgotten_cb(const struct db_result *res, void *arg)
{
	struct shard *s = arg;

	if (owner_failed(s, res))
		return;
	s->forget_at_us = time_monotonic_us() + FORGET_US;
}

static void forget_old(struct shard *s)
{
	struct db_pipe *pipe = owner_pipe(s);

	s->busy = true;
	duty_claim(s->duty, duty_epoch(s->duty), pipe);
	db_exec(pipe, CLUSTERS_SQL_FORGET);
	db_i32(pipe, s->number);
	db_i32(pipe, (int32_t)s->c->svc->conf.keep_days);
	db_exec(pipe, CLUSTERS_SQL_WINDOW);
	db_i32(pipe, s->number);
	db_i64(pipe, cluster_index_size(s->index).window_us / US_PER_S);
	db_pipe_run(pipe, forgotten_cb, s);
}

/* --- the rhythm --- */

static void advance(struct shard *s)
{
	const struct social_conf *conf = &s->c->svc->conf;

	s->busy = true;
	switch (s->stage) {
	case STAGE_LOAD_FROM:
		s->index = cluster_index_new((size_t)conf->cluster_memory_mb *
						     (1 << 20) / CLUSTER_SHARDS,
					     CLUSTER_WINDOW_US);
		s->authors = spam_table_new();
		cluster_load_from(s);
		break;
	case STAGE_LOAD:
		cluster_load(s);
		break;
	case STAGE_TODO:
		ask_todo(s);
		break;
	case STAGE_FACTS:
		cluster_ask_facts(s);
		break;
	case STAGE_KNOWN:
		cluster_ask_known(s);
		break;
	case STAGE_WRITE:
		write_step(s);
		break;
	case STAGE_TIDY:
		tidy(s);
		break;
	}
}

/* An idle shard asks at the tick alone. */
void owner_next(struct shard *s, enum stage stage)
{
	bool idle = stage == STAGE_TODO && !s->more;

	s->stage = stage;
	s->more = false;
	if (!idle)
		advance(s);
}

static void tick_cb(struct duty *duty, void *arg)
{
	struct shard *s = arg;

	(void)duty;
	if (s->busy || !db_conn_up(s->c->conn) || !s->c->svc->started)
		return;
	if (s->stage == STAGE_TODO && time_monotonic_us() >= s->forget_at_us)
		forget_old(s);
	else
		advance(s);
}

static void end_cb(struct duty *duty, void *arg)
{
	struct shard *s = arg;

	(void)duty;
	s->behind_us = 0;
	if (s->busy)
		s->ended = true;
	else
		forget(s);
}

static void sample_cb(void *arg)
{
	const struct clusters *c = arg;
	int64_t window_us = CLUSTER_WINDOW_US, behind_us = 0;
	size_t texts_nr = 0, bytes_nr = 0;

	for (int i = 0; i < CLUSTER_SHARDS; i++) {
		const struct shard *s = &c->shards[i];

		texts_nr += s->size.texts;
		bytes_nr += s->size.bytes;
		if (s->size.bytes > 0 && s->size.window_us < window_us)
			window_us = s->size.window_us;
		if (s->behind_us > behind_us)
			behind_us = s->behind_us;
	}
	metric_set(&texts, (double)texts_nr);
	metric_set(&bytes, (double)bytes_nr);
	window_us /= US_PER_S;
	metric_set(&window, (double)window_us);
	metric_set(&behind, (double)behind_us);
}

/* --- its life --- */

/* The bus and the duties are closed before: neither calls back any more. */
void clusters_close(struct clusters **c_p)
{
	struct clusters *c = c_p != NULL ? *c_p : NULL;

	if (c == NULL)
		return;
	*c_p = NULL;
	metrics_sampler_remove(&c->sampler);
	c->closing = c->held = true;
	db_conn_close(&c->conn);
	c->held = false;
	close_if_done(c);
}

int clusters_open(struct clusters **c_r, struct social *svc,
		  struct duties *duties, struct error *err)
{
	struct clusters *c = must_calloc(1, sizeof(*c));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "social clusters",
		.statements = clusters_sql,
		.statements_nr = CLUSTERS_SQL_END - CLUSTERS_SQL_FIRST,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
	};

	*c_r = NULL;
	c->svc = svc;
	c->sampler = (struct metric_sampler){ .sample = sample_cb, .arg = c };
	metrics_sampler_add(&c->sampler);
	if (db_conn_open(&c->conn, &svc->service.loop, &options, err) < 0) {
		clusters_close(&c);
		return -1;
	}
	for (int i = 0; i < CLUSTER_SHARDS; i++) {
		struct shard *s = &c->shards[i];

		s->c = c;
		s->number = i;
		arena_init(&s->arena);
		s->duty = duties_add(duties, &(struct duty_options){
						     .name = duty_names[i],
						     .end = end_cb,
						     .tick = tick_cb,
						     .tick_ms = TICK_MS,
						     .arg = s,
					     });
	}
	*c_r = c;
	return 0;
}
