/* duty.c -- takes, keeps and gives back duties: looks at who has what a few
 * times a second, which writes nothing, and tells once a second that it is
 * alive. */
#include "duty/duty.h"

#include <sodium.h>
#include <string.h>

#include "bus/must.h"
#include "duty/duty_store.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"
#include "uuid.h"

#define LOOK_MS 250
/* While duties change hands. */
#define MOVING_LOOK_MS 40
#define MOVING_US (1000 * US_PER_MS)
#define RENEW_US (1000 * US_PER_MS)
/* Less than a lease: a lock that is waited for must not cost our own. */
#define STATEMENT_TIMEOUT_MS 2000

struct duty {
	struct duty_options o;
	struct duties *d;
	uint64_t epoch;      /* 0: not ours */
	uint64_t seen_epoch; /* as last read, whosever it is */
	uv_timer_t timer;
	struct metric *owned;
};

struct duties {
	const char *service;
	struct db_conn *conn;
	uint8_t me[UUID_BYTES]; /* this run of the program */
	struct duty *all[DUTIES_MAX];
	int nr;
	uv_loop_t *loop;
	uv_timer_t look;
	bool looking, draining, closed;
	bool initialised;
	int64_t renew_at_us, moving_until_us;
	int handles; /* that libuv has not closed */
	int pipes;   /* that were not answered */
	void (*drained_cb)(void *arg);
	void *drained_arg;
};

/* --- one duty --- */

uint64_t duty_epoch(const struct duty *duty)
{
	return duty->epoch;
}

static void tick_cb(uv_timer_t *timer)
{
	struct duty *duty = timer->data;

	duty->o.tick(duty, duty->o.arg);
}

static void begin(struct duty *duty, uint64_t epoch)
{
	duty->epoch = epoch;
	metric_set(duty->owned, 1);
	log_info("duty %s: taken", duty->o.name);
	if (duty->o.begin != NULL)
		duty->o.begin(duty, duty->o.arg);
	uv_timer_start(&duty->timer, tick_cb, 0, duty->o.tick_ms);
}

static void end(struct duty *duty, const char *why)
{
	if (duty->epoch == 0)
		return;
	duty->epoch = 0;
	metric_set(duty->owned, 0);
	uv_timer_stop(&duty->timer);
	log_info("duty %s: %s", duty->o.name, why);
	if (duty->o.end != NULL)
		duty->o.end(duty, duty->o.arg);
}

static void put_names(const struct duty *duty, uint64_t epoch,
		      struct db_pipe *pipe)
{
	db_sql_param(pipe, "text");
	db_text(pipe, duty->o.name);
	db_sql(pipe, ", ");
	db_sql_param(pipe, "uuid");
	db_uuid(pipe, duty->d->me);
	db_sql(pipe, ", ");
	db_sql_param(pipe, "bigint");
	db_i64(pipe, (int64_t)epoch);
	db_sql(pipe, ")");
}

void duty_claim(const struct duty *duty, uint64_t epoch, struct db_pipe *pipe)
{
	db_exec_composed(pipe);
	db_sql(pipe, duty_claim_call);
	put_names(duty, epoch, pipe);
}

void duty_ask(const struct duty *duty, uint64_t epoch, struct db_pipe *pipe)
{
	db_exec_composed(pipe);
	db_sql(pipe, duty_ask_where);
	put_names(duty, epoch, pipe);
}

bool duty_answer(const struct db_result *res, int statement)
{
	return db_rows(res, statement) > 0;
}

/* --- who has what --- */

static void free_if_done(struct duties *d)
{
	if (!d->closed || d->handles > 0 || d->pipes > 0)
		return;
	for (int i = 0; i < d->nr; i++)
		free(d->all[i]);
	free(d);
}

static void names(const struct duties *d, struct db_pipe *pipe)
{
	db_array_begin(pipe, DB_ARRAY_TEXT);
	for (int i = 0; i < d->nr; i++)
		db_array_text(pipe, d->all[i]->o.name);
	db_array_end(pipe);
}

static void look_cb(uv_timer_t *timer);

static void look_in(struct duties *d, uint64_t ms)
{
	if (!d->closed && !d->draining)
		uv_timer_start(&d->look, look_cb, ms, 0);
}

static void moved_cb(const struct db_result *res, void *arg)
{
	struct duties *d = arg;

	d->looking = false;
	d->pipes--;
	if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("duties: %s", res->text);
	/* What has become of it the next look says, whatever the answer. */
	look_in(d, res->outcome == DB_OK ? 0 : LOOK_MS);
	free_if_done(d);
}

static void move(struct duties *d, uint64_t take, int give)
{
	struct db_pipe *pipe = db_pipe_new(d->conn);

	if (give >= 0) {
		end(d->all[give], "given to another replica");
		db_exec(pipe, DUTY_SQL_GIVE_TURN);
		db_exec(pipe, DUTY_SQL_GIVE);
		db_uuid(pipe, d->me);
		db_text(pipe, d->all[give]->o.name);
	} else {
		db_exec(pipe, DUTY_SQL_TAKE);
		db_uuid(pipe, d->me);
		db_array_begin(pipe, DB_ARRAY_TEXT);
		for (int i = 0; i < d->nr; i++)
			if (take >> i & 1)
				db_array_text(pipe, d->all[i]->o.name);
		db_array_end(pipe);
		db_array_begin(pipe, DB_ARRAY_I64);
		for (int i = 0; i < d->nr; i++)
			if (take >> i & 1)
				db_array_int(pipe,
					     (int64_t)d->all[i]->seen_epoch);
		db_array_end(pipe);
	}
	d->looking = true;
	d->pipes++;
	db_pipe_run(pipe, moved_cb, d);
}

static int member_of(const struct db_result *res, int statement,
		     const uint8_t *owner, size_t owner_len)
{
	for (int row = 0; row < db_rows(res, statement); row++) {
		size_t len;
		const uint8_t *id = db_get_bytes(res, statement, row, 0, &len);

		if (owner != NULL && len == owner_len &&
		    memcmp(id, owner, len) == 0)
			return row;
	}
	return -1;
}

/* What another has, and what is ours: a duty begins or ends here. */
static void see(struct duties *d, const struct db_result *res, int read,
		struct duty_view *view)
{
	for (int i = 0; i < d->nr; i++)
		view->owner[i] = -1;
	for (int row = 0; row < db_rows(res, read); row++) {
		int64_t i = db_get_i64(res, read, row, 0);
		uint64_t epoch = (uint64_t)db_get_i64(res, read, row, 2);
		struct duty *duty = d->all[i];
		size_t len;
		const uint8_t *owner = db_get_bytes(res, read, row, 1, &len);
		bool mine = owner != NULL && len == UUID_BYTES &&
			    memcmp(owner, d->me, len) == 0;

		view->owner[i] = member_of(res, read + 1, owner, len);
		if (view->owner[i] >= 0)
			view->members[view->owner[i]].owned++;
		duty->seen_epoch = epoch;
		if (duty->epoch != 0 && (!mine || epoch != duty->epoch))
			end(duty, "another replica took it");
		if (mine && duty->epoch == 0)
			begin(duty, epoch);
	}
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct duties *d = arg;
	int read = res->n - 2;
	struct duty_view view = { .duties_nr = d->nr };
	uint64_t take = 0;
	int give = -1;

	d->looking = false;
	d->pipes--;
	if (d->closed || d->draining) {
		free_if_done(d);
		return;
	}
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("duties: %s", res->text);
		d->renew_at_us = 0;
		look_in(d, LOOK_MS);
		return;
	}
	d->initialised = true;
	view.members_nr = db_rows(res, read + 1);
	view.members = must_calloc((size_t)view.members_nr + 1,
				   sizeof(view.members[0]));
	for (int m = 0; m < view.members_nr; m++)
		view.members[m].knows =
			(uint64_t)db_get_i64(res, read + 1, m, 1);
	view.me = member_of(res, read + 1, d->me, UUID_BYTES);
	see(d, res, read, &view);
	if (view.me < 0) {
		d->renew_at_us = 0; /* we were thought dead */
	} else {
		give = duty_rules_give(&view);
		take = duty_rules_take(&view);
	}
	free(view.members);
	if (take != 0 || give >= 0) {
		d->moving_until_us = time_monotonic_us() + MOVING_US;
		move(d, take, give);
	} else {
		look_in(d, time_monotonic_us() < d->moving_until_us
				   ? MOVING_LOOK_MS
				   : LOOK_MS);
	}
}

static void look_cb(uv_timer_t *timer)
{
	struct duties *d = timer->data;
	int64_t now_us = time_monotonic_us();
	struct db_pipe *pipe;

	if (d->looking)
		return;
	if (!db_conn_up(d->conn)) {
		d->renew_at_us = 0;
		look_in(d, LOOK_MS);
		return;
	}
	pipe = db_pipe_new(d->conn);
	if (!d->initialised) {
		db_exec(pipe, DUTY_SQL_INIT);
		names(d, pipe);
	}
	if (now_us >= d->renew_at_us) {
		d->renew_at_us = now_us + RENEW_US;
		db_exec(pipe, DUTY_SQL_MEMBER);
		db_uuid(pipe, d->me);
		db_i32(pipe, DUTY_LEASE_MS);
		names(d, pipe);
	}
	db_exec(pipe, DUTY_SQL_READ);
	names(d, pipe);
	db_exec(pipe, DUTY_SQL_MEMBERS);
	names(d, pipe);
	d->looking = true;
	d->pipes++;
	db_pipe_run(pipe, looked_cb, d);
}

/* --- its life --- */

static void conn_state_cb(bool up, void *arg)
{
	struct duties *d = arg;

	/* Its session is another one: the others must hear of it at once. */
	d->renew_at_us = 0;
	if (up && !d->looking)
		look_in(d, 0);
}

int duties_open(struct duties **d_r, uv_loop_t *loop, const char *url,
		const char *schema, const char *service, struct error *err)
{
	struct duties *d = must_calloc(1, sizeof(*d));
	char role[64];
	const struct db_conn_options options = {
		.url = url,
		.schema = schema,
		.role = role,
		.statements = duty_sql,
		.statements_nr = DUTY_SQL_NR,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS,
		.state_cb = conn_state_cb,
		.state_arg = d,
	};

	*d_r = NULL;
	snprintf(role, sizeof(role), "%s duties", service);
	d->service = service;
	d->loop = loop;
	uuid_make(d->me);
	uv_timer_init(loop, &d->look);
	d->look.data = d;
	d->handles = 1;
	if (db_conn_open(&d->conn, loop, &options, err) < 0) {
		duties_close(&d);
		return -1;
	}
	*d_r = d;
	return 0;
}

struct duty *duties_add(struct duties *d, const struct duty_options *options)
{
	struct duty *duty = must_calloc(1, sizeof(*duty));

	if (d->nr == DUTIES_MAX)
		abort();
	duty->o = *options;
	duty->d = d;
	duty->owned = metric_new(METRIC_GAUGE, "suyuan_duty_owned",
				 "1 while this replica does it.",
				 "service=\"%s\",duty=\"%s\"", d->service,
				 options->name);
	metric_show(duty->owned);
	uv_timer_init(d->loop, &duty->timer);
	duty->timer.data = duty;
	d->handles++;
	d->all[d->nr++] = duty;
	return duty;
}

static void released_cb(const struct db_result *res, void *arg)
{
	struct duties *d = arg;

	d->pipes--;
	if (res->outcome != DB_OK && !d->closed)
		log_warn("duties end by themselves: %s", res->text);
	if (!d->closed)
		d->drained_cb(d->drained_arg);
	free_if_done(d);
}

static void end_all(struct duties *d)
{
	for (int i = 0; i < d->nr; i++)
		end(d->all[i], "ended");
}

void duties_drain(struct duties *d, void (*drained_cb)(void *arg), void *arg)
{
	struct db_pipe *pipe;

	if (d == NULL || d->draining) {
		drained_cb(arg);
		return;
	}
	d->draining = true;
	d->drained_cb = drained_cb;
	d->drained_arg = arg;
	end_all(d);
	uv_timer_stop(&d->look);
	if (!db_conn_up(d->conn)) { /* its session has ended: others know */
		drained_cb(arg);
		return;
	}
	pipe = db_pipe_new(d->conn);
	db_exec(pipe, DUTY_SQL_RELEASE);
	db_uuid(pipe, d->me);
	db_exec(pipe, DUTY_SQL_LEAVE);
	db_uuid(pipe, d->me);
	d->pipes++;
	db_pipe_run(pipe, released_cb, d);
}

static void closed_cb(uv_handle_t *handle)
{
	struct duties *d = handle->data;

	d->handles--;
	free_if_done(d);
}

void duties_close(struct duties **d_p)
{
	struct duties *d = d_p != NULL ? *d_p : NULL;

	if (d == NULL)
		return;
	*d_p = NULL;
	end_all(d);
	d->closed = true;
	db_conn_close(&d->conn); /* the handles are there still, and so is d */
	for (int i = 0; i < d->nr; i++) {
		d->all[i]->timer.data = d;
		uv_close((uv_handle_t *)&d->all[i]->timer, closed_cb);
	}
	uv_close((uv_handle_t *)&d->look, closed_cb);
}
