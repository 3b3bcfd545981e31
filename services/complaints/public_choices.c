/* public_choices.c -- what customers may choose from, where the centres are,
 * and the figures that everybody may know: codes and totals, of nobody.
 */
#include <string.h>

#include "public.h"
#include "timeutil.h"

#define FIGURES_KEPT_US (10 * US_PER_MINUTE)
#define MONTHS_MAX 8
#define DAYS_SHOWN 7
#define UNIT_TEXT_MAX 100

static int32_t utc_day(void)
{
	return (int32_t)(time_now_us() / US_PER_DAY);
}

/* --- GetPublicChoices --- */

struct leading {
	const Sy__V1__ClockRule *rule;
};

/* The first that is about this activity, not about all. */
static bool lead_cb(const Sy__V1__Policy *policy, void *arg)
{
	struct leading *l = arg;
	const Sy__V1__ClockRule *rule = policy->clock;

	if (strcmp(rule->clock, PUBLIC_LEAD_TIME) != 0 || rule->match == NULL ||
	    rule->match->topic[0] == '\0')
		return true;
	l->rule = rule;
	return false;
}

static bool lead_time(const struct replica *replica, const char *topic,
		      Sy__V1__PublicChoice *choice)
{
	const struct policy_case of = {
		.kind = PUBLIC_APPLICATION,
		.channel = PUBLIC_CHANNEL,
		.topic = topic,
		.segment = "",
		.unit = "",
		.product = "",
	};
	struct leading l = { NULL };

	replica_policies(replica, SY__V1__POLICY__RULE_CLOCK, utc_day(), &of,
			 lead_cb, &l);
	if (l.rule == NULL)
		return false;
	if (l.rule->measure == SY__V1__CLOCK_MEASURE__WORKING_DAYS ||
	    l.rule->measure == SY__V1__CLOCK_MEASURE__CALENDAR_DAYS)
		choice->lead_days = l.rule->amount;
	choice->lead_working_days =
		l.rule->measure == SY__V1__CLOCK_MEASURE__WORKING_DAYS;
	return true;
}

static Sy__V1__PublicChoice *
choice_make(struct arena *arena, const struct db_result *res, int row, int col)
{
	Sy__V1__PublicChoice *c = arena_alloc(arena, sizeof(*c));

	sy__v1__public_choice__init(c);
	c->code = arena_strdup(arena, db_get_text(res, 0, row, col));
	c->names = public_labels(arena, res, 0, row, col + 1, &c->n_names);
	return c;
}

static void choices_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__GetPublicChoicesReply r =
		SY__V1__GET_PUBLIC_CHOICES_REPLY__INIT;
	size_t room;

	if (bus_reply_db_error(req, res))
		return;
	room = ((size_t)db_rows(res, 0) + 1) * sizeof(void *);
	r.kinds = arena_alloc(arena, room);
	r.topics = arena_alloc(arena, room);
	r.activities = arena_alloc(arena, room);
	r.services = arena_alloc(arena, room);
	for (int row = 0; row < db_rows(res, 0); row++) {
		const char *taxonomy = db_get_text(res, 0, row, 0);
		Sy__V1__PublicChoice *c = choice_make(arena, res, row, 1);

		if (strcmp(taxonomy, "kind") == 0)
			r.kinds[r.n_kinds++] = c;
		else if (strcmp(taxonomy, "topic") != 0)
			r.services[r.n_services++] = c;
		else {
			if (lead_time(svc->replica, c->code, c))
				r.activities[r.n_activities++] = c;
			r.topics[r.n_topics++] = c;
		}
	}
	bus_reply(req, &r.base);
}

void handle_get_public_choices(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_TERMS);
	db_i32(pipe, utc_day());
	db_pipe_run(pipe, choices_cb, req);
}

static void units_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	struct arena *arena = bus_request_arena(req);
	Sy__V1__FindPublicUnitsReply r = SY__V1__FIND_PUBLIC_UNITS_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	r.units = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
					     sizeof(r.units[0]));
	for (int row = 0; row < db_rows(res, 0); row++)
		r.units[r.n_units++] = choice_make(arena, res, row, 0);
	bus_reply(req, &r.base);
}

void handle_find_public_units(struct bus_request *req)
{
	const Sy__V1__FindPublicUnitsRequest *msg =
		(const void *)bus_request_message(req);
	struct db_pipe *pipe;

	if (strlen(msg->text) > UNIT_TEXT_MAX) {
		bus_reply_error(req, SY__V1__ERROR_CODE__INVALID, "text",
				"is longer than %d bytes", UNIT_TEXT_MAX);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_UNITS);
	db_i32(pipe, utc_day());
	db_text(pipe, msg->text);
	db_pipe_run(pipe, units_cb, req);
}

/* --- ListPublicCentres --- */

static void days_fill(struct arena *arena, const struct replica *replica,
		      const Sy__V1__Centre *from, Sy__V1__PublicCentre *c)
{
	int32_t day = centre_today(replica, from->unit, NULL);
	const struct calendar *calendar = centre_calendar(replica, from, day);

	c->days = arena_alloc(arena, DAYS_SHOWN * sizeof(c->days[0]));
	for (int i = 0; calendar != NULL && i < DAYS_SHOWN; i++) {
		struct day_hours hours = calendar_hours(calendar, day + i);
		Sy__V1__OpenDay *d = arena_alloc(arena, sizeof(*d));

		sy__v1__open_day__init(d);
		d->day = day + i;
		d->hours =
			arena_alloc(arena, CALENDAR_HOURS_MAX * sizeof(void *));
		for (int h = 0; h < hours.n; h++) {
			Sy__V1__OpenHours *o = arena_alloc(arena, sizeof(*o));

			sy__v1__open_hours__init(o);
			o->from_minute = hours.open[h].from_minute;
			o->to_minute = hours.open[h].to_minute;
			d->hours[d->n_hours++] = o;
		}
		c->days[c->n_days++] = d;
	}
}

/* "a,b" */
static char **codes_split(struct arena *arena, const char *list, size_t *n_r)
{
	char *rest = arena_strdup(arena, list), *code;
	char **codes = arena_alloc(arena, (strlen(list) + 1) * sizeof(char *));

	*n_r = 0;
	while ((code = strsep(&rest, ",")) != NULL)
		if (*code != '\0')
			codes[(*n_r)++] = code;
	return codes;
}

static void centres_cb(const struct db_result *res, void *arg)
{
	struct bus_request *req = arg;
	const struct complaints *svc = bus_request_svc(req);
	struct arena *arena = bus_request_arena(req);
	Sy__V1__ListPublicCentresReply r =
		SY__V1__LIST_PUBLIC_CENTRES_REPLY__INIT;

	if (bus_reply_db_error(req, res))
		return;
	r.centres = arena_alloc(arena, ((size_t)db_rows(res, 0) + 1) *
					       sizeof(r.centres[0]));
	for (int row = 0; row < db_rows(res, 0); row++) {
		Sy__V1__Centre *from = centre_unpack(arena, res, row, 1);
		Sy__V1__PublicCentre *c = arena_alloc(arena, sizeof(*c));

		if (from == NULL)
			continue;
		sy__v1__public_centre__init(c);
		c->unit = from->unit;
		c->names = public_labels(arena, res, 0, row, 2, &c->n_names);
		c->open = from->open;
		c->planned_day = from->planned_day;
		c->addresses = from->addresses;
		c->n_addresses = from->n_addresses;
		c->phone = from->phone;
		c->email = from->email;
		c->services = from->services;
		c->n_services = from->n_services;
		if (from->open) {
			c->booked =
				codes_split(arena, db_get_text(res, 0, row, 5),
					    &c->n_booked);
			days_fill(arena, svc->replica, from, c);
		}
		r.centres[r.n_centres++] = c;
	}
	bus_reply(req, &r.base);
}

void handle_list_public_centres(struct bus_request *req)
{
	struct db_pipe *pipe = bus_request_pipe(req);

	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_CENTRES);
	db_i32(pipe, utc_day());
	db_pipe_run(pipe, centres_cb, req);
}

/* --- GetPublicFigures --- */

/* Counted once for all who ask within ten minutes: it reads half a year. */
static struct {
	Sy__V1__PublicMonth months[MONTHS_MAX];
	size_t n;
	int64_t counted_us, counted_monotonic_us;
} figures;

static void figures_reply(struct bus_request *req)
{
	Sy__V1__GetPublicFiguresReply r =
		SY__V1__GET_PUBLIC_FIGURES_REPLY__INIT;
	Sy__V1__PublicMonth *months[MONTHS_MAX];

	for (size_t i = 0; i < figures.n; i++)
		months[i] = &figures.months[i];
	r.months = months;
	r.n_months = figures.n;
	r.counted_at_us = figures.counted_us;
	bus_reply(req, &r.base);
}

static void figures_cb(const struct db_result *res, void *arg)
{
	if (bus_reply_db_error(arg, res))
		return;
	figures.n = 0;
	for (int row = 0; row < db_rows(res, 0) && figures.n < MONTHS_MAX;
	     row++) {
		Sy__V1__PublicMonth *m = &figures.months[figures.n++];

		sy__v1__public_month__init(m);
		m->first_day = db_get_i32(res, 0, row, 0);
		m->appeals = (uint64_t)db_get_i64(res, 0, row, 1);
		m->in_time = (uint64_t)db_get_i64(res, 0, row, 2);
		m->judged = (uint64_t)db_get_i64(res, 0, row, 3);
	}
	figures.counted_us = time_now_us();
	figures.counted_monotonic_us = time_monotonic_us();
	figures_reply(arg);
}

void handle_get_public_figures(struct bus_request *req)
{
	struct db_pipe *pipe;

	if (figures.counted_us != 0 &&
	    time_monotonic_us() - figures.counted_monotonic_us <
		    FIGURES_KEPT_US) {
		figures_reply(req);
		return;
	}
	pipe = bus_request_pipe(req);
	db_exec(pipe, SQL_PUBLIC + PUBLIC_SQL_FIGURES);
	db_pipe_run(pipe, figures_cb, req);
}
