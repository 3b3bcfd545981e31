/* sla.c -- see sla.h: a fold over the events. A clock runs in stretches, each
 * from the start or from the end of a pause on, with what is left of its
 * amount; where the stretch leads is computed from these two alone. */
#include "clock/sla.h"

#include "timeutil.h"

/* Ten years, where the calendar knows no due time. */
#define NEVER_DAYS 3653
/* What is longer would leave the range of times. */
#define DAYS_MAX 36525

struct clock {
	const struct sla_rule *rule;
	const struct calendar *calendar; /* NULL: always open, every day */
	bool days;
	bool started, paused, breached;
	int64_t start_us, stop_us;
	int64_t from_us, left; /* the stretch */
	int64_t due_us, warn_us;
	int64_t pause_us; /* since when it is paused */
	int64_t paused_us, extended;
};

/* The n-th day after the one of us. */
static int32_t days_after(const struct clock *c, int64_t us, int64_t n)
{
	int32_t day = zone_local_day(c->rule->zone, us), last;

	if (!c->calendar)
		return day + (int32_t)n;
	last = calendar_working_day(c->calendar, day, (int32_t)n);
	return last == INT32_MAX ? day + NEVER_DAYS : last;
}

/* When n more are used up. */
static int64_t time_after(const struct clock *c, int64_t us, int64_t n)
{
	int64_t end_us;

	if (!c->calendar)
		return us + n;
	end_us = calendar_after_open_us(c->calendar, c->rule->zone, us, n);
	return end_us == 0 ? us + NEVER_DAYS * US_PER_DAY : end_us;
}

/* Where the stretch leads. */
static void aim(struct clock *c)
{
	/* Up to where the warning is, of days its day itself counted. */
	int64_t until = c->left - c->rule->warn_before + c->days;

	if (c->days)
		c->due_us = zone_day_start_us(
			c->rule->zone, days_after(c, c->from_us, c->left) + 1);
	else
		c->due_us = time_after(c, c->from_us, c->left);

	if (c->rule->warn_before <= 0)
		return;
	if (until > 0 && c->days)
		c->warn_us = zone_day_start_us(
			c->rule->zone, days_after(c, c->from_us, until));
	else if (until > 0)
		c->warn_us = time_after(c, c->from_us, until);
	else if (c->warn_us == 0)
		c->warn_us = c->from_us;
}

/* What the stretch has used up by then. */
static int64_t used(const struct clock *c, int64_t us)
{
	int32_t from_day, day;

	if (!c->days && !c->calendar)
		return us - c->from_us;
	if (!c->days)
		return calendar_open_us(c->calendar, c->rule->zone, c->from_us,
					us);
	from_day = zone_local_day(c->rule->zone, c->from_us);
	day = zone_local_day(c->rule->zone, us);
	if (c->calendar)
		return calendar_working_days(c->calendar, from_day, day);
	return day > from_day ? day - from_day : 0;
}

static void start(struct clock *c, int64_t us)
{
	const int64_t most = c->days ? DAYS_MAX : DAYS_MAX * US_PER_DAY;
	const struct sla_rule *rule = c->rule;

	c->started = true;
	c->breached = false;
	c->start_us = c->from_us = c->pause_us = us;
	c->stop_us = c->warn_us = c->paused_us = c->extended = 0;
	c->left = rule->amount < most ? rule->amount : most;
	aim(c);
}

static void resume(struct clock *c, int64_t us)
{
	const struct zone *zone = c->rule->zone;

	c->paused = false;
	c->paused_us += us - c->pause_us;
	if (c->days &&
	    zone_local_day(zone, us) == zone_local_day(zone, c->pause_us))
		return;
	c->left -= used(c, c->pause_us);
	/* paused at the very end of its last day, which is the next one */
	if (c->left < 0)
		c->left = 0;
	/* the last day is one that counts */
	if (c->left == 0 && c->days && c->calendar &&
	    calendar_hours(c->calendar, zone_local_day(zone, us)).n == 0)
		c->left = 1;
	c->from_us = us;
	aim(c);
}

static void extend(struct clock *c, int64_t us, int64_t amount)
{
	const int64_t rest = c->rule->extension_max - c->extended;
	const int64_t warned_us = c->warn_us;

	if (amount > rest)
		amount = rest;
	if (amount <= 0)
		return;
	c->extended += amount;
	c->left += amount;
	aim(c);
	/* had it, and has not more than warn_before again */
	if (warned_us <= us && c->warn_us <= us)
		c->warn_us = warned_us;
}

static void take(struct clock *c, const struct sla_event *event)
{
	const bool runs = c->started && c->stop_us == 0;

	if (runs && !c->paused && event->at_us > c->due_us)
		c->breached = true;
	switch (event->what) {
	case SLA_START:
		if (!c->started)
			start(c, event->at_us);
		break;
	case SLA_STOP:
		if (!runs)
			break;
		if (c->paused)
			resume(c, event->at_us);
		c->stop_us = event->at_us;
		break;
	case SLA_RESTART:
		if (!c->started)
			break;
		c->paused = false;
		start(c, event->at_us);
		break;
	case SLA_PAUSE:
		if (!c->rule->may_pause || c->paused || c->breached ||
		    (c->started && !runs))
			break;
		c->paused = true;
		c->pause_us = event->at_us;
		break;
	case SLA_RESUME:
		if (c->paused && c->started)
			resume(c, event->at_us);
		c->paused = false;
		break;
	case SLA_EXTEND:
		if (runs && !c->breached)
			extend(c, event->at_us, event->amount);
		break;
	}
}

static struct sla_result answer(struct clock *c, int64_t now_us)
{
	struct sla_result res = { .state = SLA_NONE };

	if (!c->started)
		return res;
	if (c->stop_us != 0) {
		res.state = c->breached ? SLA_BREACHED : SLA_MET;
	} else if (c->paused) {
		res.state = SLA_PAUSED;
		resume(c, now_us);
	} else if (c->breached || now_us > c->due_us) {
		res.state = SLA_BREACHED;
	} else {
		res.state = SLA_RUNNING;
		res.next_us = now_us < c->warn_us ? c->warn_us : c->due_us + 1;
	}
	if (res.state == SLA_PAUSED || res.state == SLA_RUNNING)
		res.remaining_us = c->due_us - now_us;
	res.started_us = c->start_us;
	res.due_us = c->due_us;
	res.stopped_us = c->stop_us;
	res.warn_us = c->warn_us;
	res.paused_us = c->paused_us;
	res.extended = c->extended;
	return res;
}

struct sla_result sla_judge(const struct sla_rule *rule,
			    const struct sla_event *events, size_t n,
			    int64_t now_us)
{
	struct clock c = { .rule = rule };

	c.days = rule->measure == SLA_CALENDAR_DAYS ||
		 rule->measure == SLA_WORKING_DAYS;
	if (rule->measure == SLA_WORKING || rule->measure == SLA_WORKING_DAYS)
		c.calendar = rule->calendar;
	for (size_t i = 0; i < n; i++)
		take(&c, &events[i]);
	if (n > 0 && now_us < events[n - 1].at_us)
		now_us = events[n - 1].at_us;
	return answer(&c, now_us);
}
