/* forget.c -- looks for ended cases that were kept as long as the retention of
 * their kind says, and has what is personal in them erased, as commands of the
 * service to itself: some at a time, so that nobody waits for it.
 */
#include <stdlib.h>

#include "log.h"
#include "metrics.h"
#include "subjects.h"

#define LOOK_MS 5000
#define FORGET_MAX 100

struct forgetter {
	struct complaints *svc;
	struct db_conn *conn;
	uv_timer_t tick;
	bool looking, erasing;
	bool closing, closed; /* told to close; its handle is closed */
};

static struct metric forgotten =
	METRIC(METRIC_COUNTER, "suyuan_complaints_forgotten_total",
	       "Cases that were sent to be erased since they were kept long "
	       "enough");

static void look_cb(uv_timer_t *tick);

static void erased_cb(Sy__V1__ErrorCode code, void *arg)
{
	struct forgetter *f = arg;

	f->erasing = false;
	/* there may be more; what was refused is found by a later look */
	if (code == SY__V1__ERROR_CODE__OK)
		look_cb(&f->tick);
}

static void erase(struct forgetter *f, const struct db_result *res)
{
	Sy__V1__ForgetAppealsRequest req = SY__V1__FORGET_APPEALS_REQUEST__INIT;
	char text[FORGET_MAX][UUID_TEXT_MAX];
	char *ids[FORGET_MAX];
	size_t len;

	for (int row = 0; row < db_rows(res, 0) && row < FORGET_MAX; row++) {
		const uint8_t *id = db_get_bytes(res, 0, row, 0, &len);

		if (len == UUID_BYTES)
			ids[req.n_appeal_ids++] = uuid_format(id, text[row]);
	}
	if (req.n_appeal_ids == 0)
		return;
	req.appeal_ids = ids;
	f->erasing = true;
	metric_add(&forgotten, (double)req.n_appeal_ids);
	bus_server_command(f->svc->bus,
			   &complaints_methods[METHOD_FORGET_APPEALS],
			   &req.base, erased_cb, f);
}

static void looked_cb(const struct db_result *res, void *arg)
{
	struct forgetter *f = arg;

	f->looking = false;
	if (f->closing) {
		if (f->closed)
			free(f);
		return;
	}
	if (res->outcome == DB_OK)
		erase(f, res);
	else if (res->outcome == DB_FAILED || res->outcome == DB_DATA)
		log_error("retention: %s", res->text);
}

static void look_cb(uv_timer_t *tick)
{
	struct forgetter *f = tick->data;
	struct db_pipe *pipe;

	if (f->looking || f->erasing || f->closing || !f->svc->started ||
	    !db_conn_up(f->conn))
		return;
	f->looking = true;
	pipe = db_pipe_new(f->conn);
	db_exec(pipe, SQL_RETENTION_DUE);
	db_i64(pipe, FORGET_MAX);
	db_pipe_run(pipe, looked_cb, f);
}

static void closed_cb(uv_handle_t *handle)
{
	struct forgetter *f = handle->data;

	f->closed = true;
	if (!f->looking)
		free(f);
}

/* The bus is closed before: no command calls back any more. */
void forgetter_close(struct forgetter **f_p)
{
	struct forgetter *f = f_p != NULL ? *f_p : NULL;

	if (f == NULL)
		return;
	*f_p = NULL;
	f->closing = true;
	db_conn_close(&f->conn);
	uv_close((uv_handle_t *)&f->tick, closed_cb);
}

int forgetter_open(struct forgetter **f_r, struct complaints *svc,
		   struct error *err)
{
	struct forgetter *f = calloc(1, sizeof(*f));
	const struct db_conn_options options = {
		.url = svc->conf.common.db_url,
		.schema = svc->service.name,
		.role = "complaints retention",
		.statements = complaints_sql,
		.statements_nr = SQL_NR,
		.statement_timeout_ms = 5000,
	};

	*f_r = NULL;
	if (f == NULL)
		return error_set(err, "retention: no memory");
	f->svc = svc;
	uv_timer_init(&svc->service.loop, &f->tick);
	f->tick.data = f;
	if (db_conn_open(&f->conn, &svc->service.loop, &options, err) < 0) {
		forgetter_close(&f);
		return -1;
	}
	uv_timer_start(&f->tick, look_cb, LOOK_MS, LOOK_MS);
	*f_r = f;
	return 0;
}
