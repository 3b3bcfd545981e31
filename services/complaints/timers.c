/* timers.c -- looks for clocks that are due and has them judged again, as
 * commands of the service to itself. Several replicas may do so at once: the
 * first to commit wins, the others find nothing to change.
 */
#include <stdlib.h>

#include "complaints.h"
#include "log.h"
#include "metrics.h"
#include "timeutil.h"

#define LOOK_MS 500
/* Where a clock runs apart from the monotonic one, somebody has set it: nothing
 * fires until that is looked into (BUS.md "Timers"). */
#define CLOCK_APART_US (60 * US_PER_S)

enum { LOOK_CLOCK, LOOK_DUE };

struct timers {
	struct complaints *svc;
	void (*ready_cb)(void *arg);
	struct db_conn *conn;
	uv_timer_t tick;
	bool looking;
	bool closing, closed; /* told to close; its handle is closed */
	bool ready;           /* policies were read */
	size_t judging;       /* commands in flight */
	int64_t db_ahead_us; /* database clock - monotonic, at the first look */
	int64_t wall_ahead_us;
	bool held;
};

static struct metric fired =
	METRIC(METRIC_COUNTER, "suyuan_complaints_timers_fired_total",
	       "Due timers that were sent to be judged");
static struct metric held =
	METRIC(METRIC_GAUGE, "suyuan_complaints_timers_held",
	       "1 while timers are held since a clock has jumped");

static bool apart(int64_t a_us, int64_t b_us)
{
	return llabs(a_us - b_us) > CLOCK_APART_US;
}

/* False: a clock has jumped since the start. */
static bool clocks_agree(struct timers *t, int64_t db_us)
{
	int64_t db_ahead_us = db_us - time_monotonic_us();
	int64_t wall_ahead_us = time_now_us() - time_monotonic_us();
	bool jumped;

	if (t->db_ahead_us == 0) {
		t->db_ahead_us = db_ahead_us;
		t->wall_ahead_us = wall_ahead_us;
	}
	jumped = apart(db_ahead_us, t->db_ahead_us) ||
		 apart(wall_ahead_us, t->wall_ahead_us);
	if (jumped && !t->held)
		log_error("the clock of the database or of this machine jumped "
			  "by more than 60 s: timers are held");
	if (!jumped && t->held)
		log_info("the clocks agree again: timers fire");
	t->held = jumped;
	metric_set(&held, jumped);
	return !jumped;
}

static void judged_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct timers *t = arg;

	/* whatever the answer: what is still due is found by the next look */
	(void)code;
	t->judging--;
}

static void judge(struct timers *t, const struct db_result *res, int row)
{
	Sy__V1__ClockDueRequest req = SY__V1__CLOCK_DUE_REQUEST__INIT;
	char id_text[UUID_TEXT_MAX];
	const uint8_t *id;
	size_t len;

	id = db_get_bytes(res, LOOK_DUE, row, 0, &len);
	if (len != UUID_BYTES)
		return;
	req.appeal_id = uuid_format(id, id_text);
	t->judging++;
	metric_add(&fired, 1);
	bus_server_command(t->svc->bus, &complaints_methods[METHOD_CLOCK_DUE],
			   &req.base, judged_cb, t);
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct timers *t = arg;

	t->looking = false;
	if (t->closing) {
		if (t->closed)
			free(t);
		return;
	}
	if (res->outcome != DB_OK) {
		if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
			log_error("timers: %s", res->text);
		return;
	}
	if (!t->ready) {
		t->ready = true;
		t->ready_cb(t->svc);
	}
	if (!clocks_agree(t, db_get_time(res, LOOK_CLOCK, 0, 0)) ||
	    !t->svc->started)
		return;
	for (int row = 0; row < db_rows(res, LOOK_DUE); row++)
		judge(t, res, row);
}

static void look_cb(uv_timer_t *tick)
{
	struct timers *t = tick->data;
	struct db_pipe *pipe;

	if (t->looking || t->judging > 0 || !db_conn_up(t->conn))
		return;
	t->looking = true;
	pipe = db_pipe_new(t->conn);
	db_exec(pipe, SQL_CLOCK_NOW);
	db_exec(pipe, SQL_TIMERS_DUE);
	db_pipe_run(pipe, looked_cb, t);
}

static void closed_cb(uv_handle_t *handle)
{
	struct timers *t = handle->data;

	t->closed = true;
	if (!t->looking)
		free(t);
}

/* The bus is closed before: no command calls back any more. */
void timers_close(struct timers **t_p)
{
	struct timers *t = t_p != NULL ? *t_p : NULL;

	if (t == NULL)
		return;
	*t_p = NULL;
	t->closing = true;
	db_conn_close(&t->conn);
	uv_close((uv_handle_t *)&t->tick, closed_cb);
}

/* The first look need not wait for the next tick. */
static void conn_state_cb(bool up, void *arg)
{
	struct timers *t = arg;

	if (up && !t->closing)
		uv_timer_start(&t->tick, look_cb, 0, LOOK_MS);
}

int timers_open(struct timers **t_r, struct complaints *svc,
		void (*ready_cb)(void *arg), struct error *err)
{
	struct timers *t = calloc(1, sizeof(*t));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "complaints timers",
		.statements = complaints_sql,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = 5000,
		.state_cb = conn_state_cb,
		.state_arg = t,
	};

	metric_show(&held);
	*t_r = NULL;
	if (t == NULL)
		return error_set(err, "timers: no memory");
	t->svc = svc;
	t->ready_cb = ready_cb;
	uv_timer_init(&svc->service.loop, &t->tick);
	t->tick.data = t;
	if (db_conn_open(&t->conn, &svc->service.loop, &options, err) < 0) {
		timers_close(&t);
		return -1;
	}
	*t_r = t;
	return 0;
}

bool timers_ready(const struct timers *t)
{
	return t != NULL && t->ready;
}
