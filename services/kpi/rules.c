/* rules.c -- what an appeal counts as, and how figures are divided. Pure: the
 * facts come from the event, so the same log always gives the same cells.
 *
 * The class of a kind is the directory's and can be corrected there; it is
 * therefore no part of a cell, but joined when a question is asked. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "kpi.h"
#include "stats/interval.h"
#include "timeutil.h"

static bool is_counted(Sy__V1__AppealState state)
{
	switch (state) {
	case SY__V1__APPEAL_STATE__APPEAL_REGISTERED:
	case SY__V1__APPEAL_STATE__APPEAL_CLASSIFIED:
	case SY__V1__APPEAL_STATE__APPEAL_ANSWERED:
	case SY__V1__APPEAL_STATE__APPEAL_RESOLVED:
	case SY__V1__APPEAL_STATE__APPEAL_CLOSED:
	case SY__V1__APPEAL_STATE__APPEAL_ROUTED:
	case SY__V1__APPEAL_STATE__APPEAL_INVESTIGATED:
	case SY__V1__APPEAL_STATE__APPEAL_INFORMED:
	case SY__V1__APPEAL_STATE__APPEAL_REOPENED:
	case SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN:
	case SY__V1__APPEAL_STATE__APPEAL_MERGED:
		return true;
	case SY__V1__APPEAL_STATE__APPEAL_NONE:
	case SY__V1__APPEAL_STATE__APPEAL_PENDING:
	case _SY__V1__APPEAL_STATE_IS_INT_SIZE:
		break;
	}
	return false;
}

/* Whether it can be said of the case that it was resolved or not. A withdrawn
 * one is asked for by nobody any more; a merged one is resolved with the case
 * that it went into, which is counted itself. A reopening brings it back. */
static bool wants_resolution(Sy__V1__AppealState state)
{
	return state != SY__V1__APPEAL_STATE__APPEAL_WITHDRAWN &&
	       state != SY__V1__APPEAL_STATE__APPEAL_MERGED;
}

int rules_leaves(const Sy__V1__AppealFacts *facts,
		 struct leaf leaves_r[LEAVES_MAX])
{
	int n = 0;

	if (!facts || !is_counted(facts->state))
		return 0;

	struct leaf leaf = {
		.day = facts->registered_day,
		.unit = facts->unit,
		.kind = facts->kind,
		.channel = facts->channel,
		.topic = facts->topic,
		.department = facts->department,
	};

	leaf.indicator = CELL_APPEALS;
	leaf.numerator = 1;
	leaf.denominator = 0;
	leaves_r[n++] = leaf;

	/* A clock that still runs is neither timely nor late. */
	bool met = facts->first_response == SY__V1__CLOCK_STATE__CLOCK_MET;
	if (met ||
	    facts->first_response == SY__V1__CLOCK_STATE__CLOCK_BREACHED) {
		leaf.indicator = CELL_FIRST_RESPONSE;
		leaf.numerator = met;
		leaf.denominator = 1;
		leaves_r[n++] = leaf;
	}

	if (wants_resolution(facts->state)) {
		leaf.indicator = CELL_RESOLUTION;
		leaf.numerator = facts->resolved_at_us != 0;
		leaf.denominator = 1;
		leaves_r[n++] = leaf;
	}
	return n;
}

static void set_value(Sy__V1__Cell *cell, double value, struct interval range)
{
	cell->value = value;
	cell->low = range.low;
	cell->high = range.high;
	cell->has_value = true;
}

void rules_divide(Sy__V1__Cell *cell, enum indicator_form form, int64_t per)
{
	double numerator = (double)cell->numerator;
	double denominator = (double)cell->denominator;

	cell->has_value = false;
	switch (form) {
	case FORM_COUNT:
		set_value(cell, numerator,
			  (struct interval){ numerator, numerator });
		break;
	case FORM_SHARE:
		if (cell->denominator <= 0)
			break;
		set_value(cell, numerator / denominator,
			  wilson_interval(cell->numerator, cell->denominator));
		break;
	case FORM_RATE:
		if (cell->denominator <= 0)
			break;
		struct interval mean = poisson_interval(cell->numerator);
		double scale = (double)per / denominator;

		set_value(cell, numerator * scale,
			  (struct interval){ mean.low * scale,
					     mean.high * scale });
		break;
	}
}

int64_t rules_exposure(const struct exposure *segments, size_t n,
		       const char *measure, const char *unit, int32_t from_day,
		       int32_t to_day)
{
	double sum = 0;
	int64_t known_days = 0;

	for (size_t i = 0; i < n; i++) {
		const struct exposure *s = &segments[i];
		int32_t from = s->from_day > from_day ? s->from_day : from_day;
		int32_t to = s->to_day < to_day ? s->to_day : to_day;

		if (from >= to || strcmp(s->unit, unit) != 0 ||
		    strcmp(s->measure, measure) != 0)
			continue;
		sum += (double)s->value * (double)(to - from);
		known_days += to - from;
	}
	return known_days ? llround(sum / (double)known_days) : 0;
}

static int32_t month_first(int32_t day, int months_later)
{
	time_t at = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&at, &tm);
	tm.tm_mday = 1;
	tm.tm_mon += months_later;
	return (int32_t)(timegm(&tm) / 86400);
}

int32_t rules_step_first(Sy__V1__Dimension step, int32_t day)
{
	return step == SY__V1__DIMENSION__BY_MONTH ? month_first(day, 0) : day;
}

int32_t rules_step_next(Sy__V1__Dimension step, int32_t first)
{
	return step == SY__V1__DIMENSION__BY_MONTH ? month_first(first, 1)
						   : first + 1;
}

/* The same date so many months away, or the last one of a shorter month. */
static int32_t months_away(int32_t day, int months)
{
	int32_t first = month_first(day, 0);
	int32_t there = month_first(day, months);
	int32_t last = month_first(there, 1) - 1;
	int32_t same = there + (day - first);

	return same < last ? same : last;
}

struct days rules_days_before(struct days days)
{
	int32_t length = days.to - days.from;
	int months = 0;

	while (month_first(days.from, months) < days.to)
		months++;
	if (month_first(days.from, 0) == days.from &&
	    month_first(days.from, months) == days.to)
		return (struct days){ month_first(days.from, -months),
				      days.from };
	return (struct days){ days.from - length, days.from };
}

struct days rules_days_year_before(struct days days)
{
	return (struct days){ months_away(days.from, -12),
			      months_away(days.to, -12) };
}
