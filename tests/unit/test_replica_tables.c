/* test_replica_tables.c -- the replica's tables on a real PostgreSQL: whatever
 * happens to the tree, the closure in dir_unit_path says of each day what a
 * walk up the versions in memory says, ended or not, and tables read again are
 * the memory again. Needs TEST_DB_URL. */
#include "db_fixture.h"

#include "dir/replica_store.h"
#include "schema/directory_replica.h"

#define UNITS 24
#define ROUNDS 150
#define DAYS 60

static struct db_conn *conn;
static int done;
static char failure[256];

static void done_cb(const struct db_result *res, void *arg)
{
	(void)arg;
	failure[0] = '\0';
	if (res->outcome != DB_OK)
		snprintf(failure, sizeof(failure), "%s", res->text);
	done++;
}

static void state_cb(bool up, void *arg)
{
	(void)arg;
	done += up;
}

static void run_pipe(struct db_pipe *pipe)
{
	done = 0;
	db_pipe_run(pipe, done_cb, NULL);
	run_until(&done, 1, 30000);
	if (failure[0])
		fail_msg("%s", failure);
}

static void open_tables(void)
{
	static const struct db_migration *const components[] = {
		schema_directory_replica, NULL
	};
	struct error err;

	must("DROP SCHEMA IF EXISTS " SCHEMA " CASCADE");
	must("CREATE SCHEMA " SCHEMA);
	must("SET search_path = " SCHEMA);
	if (db_migrate(test_url, SCHEMA, components, 0, &err) < 0)
		fail_msg("%s", err.text);
	done = 0;
	if (db_conn_open(&conn, &loop,
			 &(struct db_conn_options){
				 .url = test_url,
				 .schema = SCHEMA,
				 .role = "test",
				 .statements = replica_statements,
				 .statements_nr = REPLICA_SQL_NR,
				 .state_cb = state_cb,
			 },
			 &err) < 0)
		fail_msg("%s", err.text);
	run_until(&done, 1, 5000);
}

static void close_tables(void)
{
	db_conn_close(&conn);
	run_for(20);
	must("DROP SCHEMA " SCHEMA " CASCADE");
}

/* --- records ---------------------------------------------------------------
 */

struct batch {
	struct arena arena;
	struct replica_change changes[1000];
	size_t n;
	uint64_t revision;
};

static void add(struct batch *b, Sy__V1__DirectoryRecord *r)
{
	b->changes[b->n++] = (struct replica_change){ .revision = ++b->revision,
						      .record = r };
}

static void add_unit(struct batch *b, const char *code, const char *parent,
		     int32_t from, int32_t to)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(&b->arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	r->record_case = SY__V1__DIRECTORY_RECORD__RECORD_UNIT;
	r->unit = arena_alloc(&b->arena, sizeof(*r->unit));
	sy__v1__unit__init(r->unit);
	r->unit->code = arena_strdup(&b->arena, code);
	r->unit->parent = arena_strdup(&b->arena, parent);
	r->unit->valid_from_day = from;
	r->unit->valid_to_day = to;
	add(b, r);
}

static void add_denominator(struct batch *b, int64_t value, int32_t from,
			    int32_t to)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(&b->arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	r->record_case = SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR;
	r->denominator = arena_alloc(&b->arena, sizeof(*r->denominator));
	sy__v1__denominator__init(r->denominator);
	r->denominator->unit = (char *)"u1";
	r->denominator->measure = (char *)"customers";
	r->denominator->value = value;
	r->denominator->valid_from_day = from;
	r->denominator->valid_to_day = to;
	add(b, r);
}

static void flush(struct batch *b, struct replica_mem *mem)
{
	struct db_pipe *pipe = db_pipe_new(conn);

	replica_store(pipe, b->changes, b->n, b->revision);
	run_pipe(pipe);
	replica_mem_take(mem, b->changes, b->n, b->revision);
	arena_reset(&b->arena);
	b->n = 0;
}

/* --- what the tables say ---------------------------------------------------
 */

static bool table_path[UNITS][UNITS][DAYS];

static void read_paths(void)
{
	PGresult *res = PQexec(outside, "SELECT substr(ancestor, 2)::int,"
					" substr(unit, 2)::int, from_day,"
					" to_day, depth FROM dir_unit_path");

	memset(table_path, 0, sizeof(table_path));
	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	for (int row = 0; row < PQntuples(res); row++) {
		int above = atoi(PQgetvalue(res, row, 0));
		int below = atoi(PQgetvalue(res, row, 1));
		int from = atoi(PQgetvalue(res, row, 2));
		int to = atoi(PQgetvalue(res, row, 3));

		assert_true(above != below ||
			    atoi(PQgetvalue(res, row, 4)) == 0);
		for (int day = from; day < (to ? to : DAYS) && day < DAYS;
		     day++) {
			assert_false(table_path[above][below][day]);
			table_path[above][below][day] = true;
		}
	}
	PQclear(res);
}

static const char *code_of(int i)
{
	static char codes[UNITS][8];

	snprintf(codes[i], sizeof(codes[i]), "u%d", i);
	return codes[i];
}

static void compare(const struct replica_mem *mem)
{
	for (int below = 0; below < UNITS; below++)
		for (int day = 0; day < DAYS; day++) {
			bool begun = mem_unit_place(mem, code_of(below), day);

			for (int above = 0; above < UNITS; above++) {
				bool is = begun &&
					  mem_in_subtree(mem, code_of(below),
							 code_of(above), day);

				if (table_path[above][below][day] == is)
					continue;
				fail_msg("%d below %d on day %d: table %d",
					 below, above, day, !is);
			}
		}
}

static void compare_loaded(const struct replica_mem *mem)
{
	struct replica_mem again = { 0 };
	struct error err;

	if (replica_load_blocking(&again, test_url, SCHEMA, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(again.revision, mem->revision);
	for (int i = 0; i < UNITS; i++)
		for (int day = 0; day < DAYS; day++) {
			const struct replica_unit *a, *b;

			a = mem_unit(mem, code_of(i), day);
			b = mem_unit(&again, code_of(i), day);
			assert_int_equal(!a, !b);
			if (!a || !b)
				continue;
			assert_string_equal(a->parent, b->parent);
			assert_int_equal(a->valid_to_day, b->valid_to_day);
		}
	mem_free(&again);
}

/* A unit moves below one of a lower number only, so there is no circle; that a
 * parent is valid is not asked for, the closure must be right anyhow. */
static void paths_are_what_memory_says(void **state)
{
	static struct batch b;
	struct replica_mem mem = { 0 };
	unsigned seed = 20250314;

	(void)state;
	open_tables();
	arena_init(&b.arena);
	for (int round = 0; round < ROUNDS; round++) {
		int n = 1 + rand_r(&seed) % 6;

		for (int i = 0; i < n; i++) {
			int below = rand_r(&seed) % UNITS;
			int32_t from = rand_r(&seed) % DAYS;
			int32_t to = rand_r(&seed) % 3
					     ? 0
					     : from + 1 + rand_r(&seed) % 30;

			add_unit(&b, code_of(below),
				 below && rand_r(&seed) % 8
					 ? code_of(rand_r(&seed) % below)
					 : "",
				 rand_r(&seed) % 2 ? 0 : from, to);
		}
		flush(&b, &mem);
		if (round % 10 == 9) {
			read_paths();
			compare(&mem);
		}
	}
	compare_loaded(&mem);
	mem_free(&mem);
	close_tables();
}

static void denominators_do_not_overlap(void **state)
{
	static struct batch b;
	struct replica_mem mem = { 0 };

	(void)state;
	open_tables();
	arena_init(&b.arena);
	add_denominator(&b, 1, 100, 0);
	add_denominator(&b, 2, 100, 0); /* the later word counts */
	add_denominator(&b, 3, 200, 250);
	flush(&b, &mem);
	add_denominator(&b, 4, 150, 0);
	add_denominator(&b, 5, 240, 0);
	flush(&b, &mem);
	assert_int_equal(number("SELECT count(*) FROM dir_denominator"), 4);
	for (int32_t day = 90; day < 260; day += 10) {
		char sql[256];
		long want = day < 100   ? -1
			    : day < 150 ? 2
			    : day < 200 ? 4
			    : day < 240 ? 3
					: 5;

		snprintf(sql, sizeof(sql),
			 "SELECT value FROM dir_denominator"
			 " WHERE valid_from_day <= %d AND"
			 " (valid_to_day = 0 OR %d < valid_to_day)",
			 day, day);
		assert_int_equal(number(sql), want);
	}
	assert_int_equal(number("SELECT max(revision) FROM dir_revision"), 5);
	mem_free(&mem);
	close_tables();
}

/* --- what cases run by -----------------------------------------------------
 */

static void add_record(struct batch *b,
		       Sy__V1__DirectoryRecord__RecordCase sort,
		       const void *message)
{
	Sy__V1__DirectoryRecord *r = arena_alloc(&b->arena, sizeof(*r));

	sy__v1__directory_record__init(r);
	r->record_case = sort;
	r->policy = (Sy__V1__Policy *)message; /* of a union of pointers */
	add(b, r);
}

static void add_policy(struct batch *b, uint32_t days, int32_t from)
{
	static Sy__V1__RepeatRule rules[2];
	static Sy__V1__Policy policies[2];
	int i = from != 0;

	sy__v1__repeat_rule__init(&rules[i]);
	rules[i].window_days = days;
	sy__v1__policy__init(&policies[i]);
	policies[i].code = (char *)"again";
	policies[i].rule_case = SY__V1__POLICY__RULE_REPEAT;
	policies[i].repeat = &rules[i];
	policies[i].valid_from_day = from;
	add_record(b, SY__V1__DIRECTORY_RECORD__RECORD_POLICY, &policies[i]);
}

static void add_calendar(struct batch *b)
{
	static Sy__V1__Hours hours, *one = &hours;
	static Sy__V1__WeekDay monday, *week = &monday;
	static Sy__V1__Calendar calendar;
	static Sy__V1__CalendarDay day;
	static Sy__V1__Unit unit;

	sy__v1__hours__init(&hours);
	hours.from_minute = 540;
	hours.to_minute = 1080;
	sy__v1__week_day__init(&monday);
	monday.weekday = 1;
	monday.n_hours = 1;
	monday.hours = &one;
	sy__v1__calendar__init(&calendar);
	calendar.code = (char *)"ru";
	calendar.n_week = 1;
	calendar.week = &week;
	add_record(b, SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR, &calendar);
	sy__v1__calendar_day__init(&day);
	day.calendar = (char *)"ru";
	day.day = 5;
	day.like_weekday = 1;
	add_record(b, SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY, &day);
	sy__v1__unit__init(&unit);
	unit.code = (char *)"u1";
	unit.calendar = (char *)"ru";
	add_record(b, SY__V1__DIRECTORY_RECORD__RECORD_UNIT, &unit);
}

static void compare_rules(const struct replica_mem *m)
{
	const struct calendar *c = mem_unit_calendar(m, "u1", 0);

	assert_non_null(c);
	assert_int_equal(calendar_hours(c, 4).open[0].from_minute, 540);
	assert_int_equal(calendar_hours(c, 5).open[0].to_minute, 1080);
	assert_int_equal(calendar_hours(c, 6).n, 0);
	assert_int_equal(mem_policy(m, "again", 99)->repeat->window_days, 40);
	assert_int_equal(mem_policy(m, "again", 100)->repeat->window_days, 20);
}

static void rules_are_read_again(void **state)
{
	static struct batch b;
	struct replica_mem mem = { 0 }, again = { 0 };
	struct error err;

	(void)state;
	open_tables();
	arena_init(&b.arena);
	add_policy(&b, 30, 0);
	add_policy(&b, 20, 100);
	add_calendar(&b);
	flush(&b, &mem);
	add_policy(&b, 40, 0); /* corrected */
	flush(&b, &mem);
	compare_rules(&mem);
	if (replica_load_blocking(&again, test_url, SCHEMA, &err) < 0)
		fail_msg("%s", err.text);
	compare_rules(&again);
	mem_free(&again);
	mem_free(&mem);
	close_tables();
}

/* Of a version: the day it really ends. */
static void employees_and_centres(void **state)
{
	static struct batch b;
	struct replica_mem mem = { 0 };
	Sy__V1__Employee e = SY__V1__EMPLOYEE__INIT, moved;
	Sy__V1__Centre c = SY__V1__CENTRE__INIT, opened;

	(void)state;
	open_tables();
	arena_init(&b.arena);
	e.code = (char *)"e1";
	e.name = (char *)"Name";
	e.unit = (char *)"u1";
	moved = e;
	moved.unit = (char *)"u2";
	moved.valid_from_day = 50;
	c.unit = (char *)"u1";
	c.planned_day = 70;
	opened = c;
	opened.open = true;
	opened.opened_day = opened.valid_from_day = 80;
	add_record(&b, SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE, &e);
	add_record(&b, SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE, &moved);
	add_record(&b, SY__V1__DIRECTORY_RECORD__RECORD_CENTRE, &c);
	add_record(&b, SY__V1__DIRECTORY_RECORD__RECORD_CENTRE, &opened);
	flush(&b, &mem);
	assert_int_equal(number("SELECT valid_to_day FROM dir_employee"
				" WHERE unit = 'u1'"),
			 50);
	assert_int_equal(number("SELECT valid_to_day FROM dir_employee"
				" WHERE unit = 'u2'"),
			 0);
	assert_int_equal(number("SELECT valid_to_day FROM dir_centre"
				" WHERE NOT open AND planned_day = 70"),
			 80);
	assert_int_equal(number("SELECT opened_day FROM dir_centre WHERE open"),
			 80);
	mem_free(&mem);
	close_tables();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_what_memory_says),
		cmocka_unit_test(denominators_do_not_overlap),
		cmocka_unit_test(rules_are_read_again),
		cmocka_unit_test(employees_and_centres),
	};
	int status;

	open_outside();
	uv_loop_init(&loop);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	run_for(20);
	uv_loop_close(&loop);
	PQfinish(outside);
	return status;
}
