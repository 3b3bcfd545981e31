/* test_duty.c -- duties between processes and a real PostgreSQL: one at a time,
 * shared, given back, taken over from who died or stands still, who then writes
 * nothing. Each replica is this program again. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db_fixture.h"
#include "duty/duty.h"
#include "log.h"
#include "schema/duty.h"

#define DUTIES_NR 4
#define TICK_MS 10
/* A second, on a machine that does much else. */
#define SOON_MS 3000

static const char *const duty_names[DUTIES_NR] = { "a", "b", "c", "d" };

/* --- a replica: adds a row a tick to each duty that it owns --- */

enum { SQL_WORK, SQL_NR };

static const struct db_statement statements[SQL_NR] = {
	[SQL_WORK] = { "work", "INSERT INTO work (name, pid, epoch) VALUES "
			       "($1::text, $2::int, $3::bigint)" },
};

static struct db_conn *work_conn;
static struct duties *duties;
static uv_signal_t sigterm;

struct worker {
	const char *name;
	bool busy;
};

static void worked_cb(const struct db_result *res, void *arg)
{
	struct worker *w = arg;

	(void)res;
	w->busy = false;
}

static void work_cb(struct duty *duty, void *arg)
{
	struct worker *w = arg;
	uint64_t epoch = duty_epoch(duty);
	struct db_pipe *pipe;

	if (w->busy)
		return;
	w->busy = true;
	pipe = db_pipe_new(work_conn);
	duty_claim(duty, epoch, pipe);
	db_exec(pipe, SQL_WORK);
	db_text(pipe, w->name);
	db_i32(pipe, getpid());
	db_i64(pipe, (int64_t)epoch);
	db_pipe_run(pipe, worked_cb, w);
}

static void drained_cb(void *arg)
{
	(void)arg;
	duties_close(&duties);
	db_conn_close(&work_conn);
	uv_close((uv_handle_t *)&sigterm, NULL);
}

static void sigterm_cb(uv_signal_t *signal, int number)
{
	(void)signal;
	(void)number;
	duties_drain(duties, drained_cb, NULL);
}

static int replica(void)
{
	static struct worker workers[DUTIES_NR];
	const struct db_conn_options options = {
		.url = test_url,
		.schema = SCHEMA,
		.role = "test work",
		.statements = statements,
		.statements_nr = SQL_NR,
	};
	struct error err;

	log_open("test", LOG_WARN);
	uv_loop_init(&loop);
	uv_signal_init(&loop, &sigterm);
	uv_signal_start(&sigterm, sigterm_cb, SIGTERM);
	if (db_conn_open(&work_conn, &loop, &options, &err) < 0 ||
	    duties_open(&duties, &loop, test_url, SCHEMA, "test", &err) < 0)
		return EXIT_FAILURE;
	for (int i = 0; i < DUTIES_NR; i++) {
		workers[i].name = duty_names[i];
		duties_add(duties, &(struct duty_options){
					   .name = duty_names[i],
					   .tick = work_cb,
					   .tick_ms = TICK_MS,
					   .arg = &workers[i],
				   });
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- the test looks on --- */

static const char *self;
static pid_t started[8];
static int started_nr;

static pid_t start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(self, self, "replica", NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	started[started_nr++] = pid;
	return pid;
}

static void forget(pid_t pid)
{
	for (int i = 0; i < started_nr; i++)
		if (started[i] == pid)
			started[i] = started[--started_nr];
}

static void kill_hard(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	forget(pid);
}

static void drain(pid_t pid)
{
	int status;

	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	forget(pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* How many duties this process has done in the last moment. */
static long does(pid_t pid, const char *since)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "SELECT count(DISTINCT name) FROM work WHERE pid = %d "
		 "AND at > clock_timestamp() - interval '%s'",
		 pid, since);
	return number(sql);
}

static void await(pid_t pid, long n, long limit_ms)
{
	for (long ms = 0; ms < limit_ms; ms += 20) {
		if (does(pid, "100 ms") == n)
			return;
		usleep(20000);
	}
	fail_msg("a replica does %ld, not %ld", does(pid, "100 ms"), n);
}

static long rows(void)
{
	return number("SELECT count(*) FROM work");
}

/* Nobody writes under an epoch that is over, and no epoch has two owners. */
static void must_be_exclusive(void)
{
	assert_int_equal(
		number("SELECT count(*) FROM (SELECT epoch < lag(epoch) OVER "
		       "(PARTITION BY name ORDER BY id) AS back FROM work) w "
		       "WHERE back"),
		0);
	assert_int_equal(number("SELECT count(*) FROM (SELECT FROM work "
				"GROUP BY name, epoch "
				"HAVING count(DISTINCT pid) > 1) w"),
			 0);
}

static int setup(void **state)
{
	static const struct db_migration *const components[] = { schema_duty,
								 NULL };
	struct error err;

	(void)state;
	must("DROP SCHEMA IF EXISTS " SCHEMA
	     " CASCADE; SET search_path = " SCHEMA);
	if (db_migrate(test_url, SCHEMA, components, 5, &err) < 0)
		fail_msg("%s", err.text);
	must("CREATE TABLE work (id bigserial PRIMARY KEY, name text, "
	     "pid int, epoch bigint, at timestamptz DEFAULT "
	     "clock_timestamp())");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (started_nr > 0) {
		kill(started[0], SIGCONT);
		kill_hard(started[0]);
	}
	return 0;
}

static void test_shared_and_drained(void **state)
{
	pid_t a = start(), b;

	(void)state;
	await(a, DUTIES_NR, SOON_MS);
	b = start();
	await(b, DUTIES_NR / 2, SOON_MS);
	await(a, DUTIES_NR / 2, SOON_MS);
	drain(a);
	await(b, DUTIES_NR, SOON_MS);
	must_be_exclusive();
	drain(b);
	assert_int_equal(number("SELECT count(*) FROM duty_member"), 0);
	assert_int_equal(
		number("SELECT count(*) FROM duty WHERE owner IS NOT NULL"), 0);
}

static void test_killed(void **state)
{
	pid_t a = start(), b;

	(void)state;
	await(a, DUTIES_NR, SOON_MS);
	b = start();
	await(b, DUTIES_NR / 2, SOON_MS);
	kill_hard(a);
	await(b, DUTIES_NR, SOON_MS);
	/* between the last row of the dead and the first of who follows */
	assert_true(number("SELECT max(extract(epoch FROM gap) * 1000)::bigint "
			   "FROM (SELECT at - lag(at) OVER (PARTITION BY name "
			   "ORDER BY id) AS gap FROM work) w") < SOON_MS);
	must_be_exclusive();
}

static void test_paused(void **state)
{
	pid_t a = start(), b;
	long before;

	(void)state;
	await(a, DUTIES_NR, SOON_MS);
	b = start();
	await(b, DUTIES_NR / 2, SOON_MS);
	kill(a, SIGSTOP);
	await(b, DUTIES_NR, DUTY_LEASE_MS + SOON_MS);
	before = rows();
	kill(a, SIGCONT);
	/* it takes part again, as one who comes new */
	await(a, DUTIES_NR / 2, SOON_MS);
	assert_true(rows() > before);
	must_be_exclusive();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shared_and_drained, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paused, setup, teardown),
	};

	if (argc > 1) {
		test_url = getenv("TEST_DB_URL");
		return replica();
	}
	self = argv[0];
	open_outside();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
