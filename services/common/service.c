/* service.c -- the life of a process: open, run, drain, stop.
 *
 *   running --SIGTERM--> draining --service_stop--> stopped
 *                           |
 *                           +--20 s or a second SIGTERM--> cut off, status 1
 */
#include "service.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "metrics.h"

/* Deployments give a process 30 s before SIGKILL. */
#define DRAIN_TIMEOUT_MS 20000
/* A machine that boots starts its PostgreSQL beside us. */
#define DATABASE_WAIT_S 30

#define STRING(name_, field_, fallback_, help_)                                \
	{                                                                      \
		.name = (name_), .type = CONF_STRING,                          \
		.offset = offsetof(struct service_conf, field_),               \
		.fallback = (fallback_), .help = (help_)                       \
	}

const struct conf_entry service_conf_entries[] = {
	STRING("SUYUAN_BIND", bind, NULL,
	       "endpoint that the bus listens on, tcp://host:port"),
	STRING("SUYUAN_DB_URL", db_url, NULL,
	       "libpq connection string of this service's login"),
	STRING("SUYUAN_KEY", key, NULL,
	       "path of this service's CURVE key pair"),
	STRING("SUYUAN_REGISTRY", registry, NULL,
	       "path of the list of keys and principals"),
	STRING("SUYUAN_OPS_HOST", ops_host, "127.0.0.1",
	       "address of the operations port"),
	{ .name = "SUYUAN_OPS_PORT",
	  .type = CONF_INT,
	  .offset = offsetof(struct service_conf, ops_port),
	  .fallback = "0",
	  .min = 0,
	  .max = 65535,
	  .help = "operations port, 0 for any free one" },
	STRING("SUYUAN_LOG_LEVEL", log_level, "info",
	       "debug, info, warn or error"),
	STRING("SUYUAN_DIRECTORY", directory, "",
	       "endpoint of the directory service"),
	{ 0 },
};

static struct metric draining_gauge =
	METRIC(METRIC_GAUGE, "suyuan_service_draining",
	       "1 from the signal to stop until the end of the process.");

static int open_log(const struct service *s, struct error *err)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
		if (strcmp(s->conf->log_level, names[i]) == 0) {
			log_open(s->name, (enum log_level)i);
			return 0;
		}
	}
	return error_set(err, "SUYUAN_LOG_LEVEL: not debug, info, warn or "
			      "error");
}

static bool ready_cb(void *arg, const char **why_r)
{
	struct service *s = arg;

	if (s->draining) {
		*why_r = "draining";
		return false;
	}
	return s->ready ? s->ready(s->arg, why_r) : true;
}

/* --- signals -------------------------------------------------------------- */

static void cut_off(struct service *s, const char *why)
{
	log_error("%s: stopped without draining", why);
	s->status = EXIT_FAILURE;
	uv_stop(&s->loop);
}

static void drain_timeout_cb(uv_timer_t *timer)
{
	cut_off(timer->data, "not drained in time");
}

static void signal_cb(uv_signal_t *handle, int number)
{
	struct service *s = handle->data;

	if (number == SIGTERM && ++s->sigterm_nr == 2) {
		cut_off(s, "second SIGTERM");
		return;
	}
	/* Ctrl-C reaches the whole group, and whoever started us may send
	 * SIGTERM behind it: that is one wish, not two. */
	if (s->draining)
		return;
	log_info("signal %d: draining", number);
	s->draining = true;
	metric_set(&draining_gauge, 1);
	/* Unreferenced: it watches the drain, and alone it keeps no loop
	 * alive. So it may stay armed behind service_stop, and ends a process
	 * whose handles do not all close. */
	uv_timer_start(&s->drain_timer, drain_timeout_cb, DRAIN_TIMEOUT_MS, 0);
	uv_unref((uv_handle_t *)&s->drain_timer);
	if (s->drain)
		s->drain(s->arg);
	else
		service_stop(s);
}

/* --- life ------------------------------------------------------------------
 */

static int open_loop(struct service *s, struct error *err)
{
	int res = uv_loop_init(&s->loop);

	if (res < 0)
		return error_set(err, "event loop: %s", uv_strerror(res));
	uv_signal_init(&s->loop, &s->sigterm);
	uv_signal_init(&s->loop, &s->sigint);
	uv_timer_init(&s->loop, &s->drain_timer);
	s->sigterm.data = s;
	s->sigint.data = s;
	s->drain_timer.data = s;
	s->open = true;
	return 0;
}

static int open_ops(struct service *s, struct error *err)
{
	const struct service_conf *conf = s->conf;

	if (ops_open(&s->ops, &s->loop, conf->ops_host, (int)conf->ops_port,
		     ready_cb, s, err) < 0)
		return -1;
	metric_set(&draining_gauge, 0);
	log_info("operations port is %s:%d", conf->ops_host, ops_port(s->ops));
	return 0;
}

/* Nothing is accepted yet, so there is nothing to drain. The default would do,
 * were we not the first process of a container: that one ignores what it has
 * no handler for. */
static void end_early(int number)
{
	(void)number;
	_exit(EXIT_SUCCESS);
}

/* What a batch or a larger table took goes back to the system; the threads of
 * libuv's pool share what they leave. Before the first of them. */
static void hold_little_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 2);
}

int service_open(struct service *s,
		 const struct db_migration *const *components,
		 struct error *err)
{
	const struct service_conf *conf = s->conf;
	int res;

	hold_little_memory();
	/* A peer that went away is an error of a write, not our end. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end_early);
	signal(SIGINT, end_early);
	if (open_log(s, err) < 0 || key_load(conf->key, &s->key, err) < 0 ||
	    open_loop(s, err) < 0)
		return -1;
	if (registry_open(&s->registry, &s->loop, conf->registry, err) < 0 ||
	    db_migrate(conf->db_url, s->schema ? s->schema : s->name,
		       components, DATABASE_WAIT_S, err) < 0 ||
	    open_ops(s, err) < 0)
		goto fail;
	/* From here on signals drain: the loop is near. */
	res = uv_signal_start(&s->sigterm, signal_cb, SIGTERM);
	if (res == 0)
		res = uv_signal_start(&s->sigint, signal_cb, SIGINT);
	if (res < 0) {
		error_set(err, "signals: %s", uv_strerror(res));
		goto fail;
	}
	return 0;
fail:
	service_close(s);
	return -1;
}

int service_run(struct service *s)
{
	uv_run(&s->loop, UV_RUN_DEFAULT);
	log_info("stopped");
	return s->status;
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void service_stop(struct service *s)
{
	if (!s->open)
		return;
	ops_close(&s->ops);
	registry_close(&s->registry);
	close_handle(&s->sigterm);
	close_handle(&s->sigint);
	uv_unref((uv_handle_t *)&s->drain_timer);
}

/* After a cut off, other parts' handles are still open: their close callbacks
 * run here as far as they come, and the process ends anyhow. */
void service_close(struct service *s)
{
	if (!s->open)
		return;
	service_stop(s);
	close_handle(&s->drain_timer);
	for (int i = 0; i < 10 && uv_loop_close(&s->loop) == UV_EBUSY; i++)
		uv_run(&s->loop, UV_RUN_NOWAIT);
	s->open = false;
}
