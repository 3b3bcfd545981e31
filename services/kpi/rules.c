/* rules.c -- what counts as what, and how figures are divided. Pure: the
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

static const char *class_code(Sy__V1__MentionClass mention_class)
{
	switch (mention_class) {
	case SY__V1__MENTION_CLASS__MENTION_CLAIM:
		return "claim";
	case SY__V1__MENTION_CLASS__MENTION_QUESTION:
		return "question";
	case SY__V1__MENTION_CLASS__MENTION_PRAISE:
		return "praise";
	case SY__V1__MENTION_CLASS__MENTION_SUGGESTION:
		return "suggestion";
	case SY__V1__MENTION_CLASS__MENTION_NEWS:
		return "news";
	case SY__V1__MENTION_CLASS__MENTION_EVENT:
		return "event";
	case SY__V1__MENTION_CLASS__MENTION_SPAM:
		return "spam";
	case SY__V1__MENTION_CLASS__MENTION_OTHER:
		return "other";
	case SY__V1__MENTION_CLASS__MENTION_CLASS_NONE:
	case _SY__V1__MENTION_CLASS_IS_INT_SIZE:
		break;
	}
	return "";
}

int rules_mention_leaves(const Sy__V1__MentionTally *tally,
			 struct leaf leaves_r[LEAVES_MAX])
{
	struct leaf leaf = {
		.indicator = CELL_MENTIONS,
		.day = tally->day,
		.unit = tally->unit,
		.kind = class_code(tally->mention_class),
		.channel = tally->source,
		.topic = tally->topic,
		.department = "",
		.numerator = tally->mentions,
	};
	int n = 0;

	/* Nobody said it. */
	if (tally->mention_class == SY__V1__MENTION_CLASS__MENTION_SPAM)
		return 0;
	leaves_r[n++] = leaf;
	if (tally->sentiment != SY__V1__SENTIMENT__SENTIMENT_NONE) {
		leaf.indicator = CELL_NEGATIVE;
		leaf.numerator =
			tally->sentiment ==
					SY__V1__SENTIMENT__SENTIMENT_NEGATIVE
				? tally->mentions
				: 0;
		leaf.denominator = tally->mentions;
		leaves_r[n++] = leaf;
	}
	return n;
}

int rules_reaction_leaves(const Sy__V1__ReactionFacts *facts,
			  struct leaf leaves_r[LEAVES_MAX])
{
	static const struct {
		const char *clock;
		int16_t indicator;
	} clocks[] = { { "reaction", CELL_REACTION },
		       { "inquiry", CELL_INQUIRY },
		       { "report", CELL_REPORT } };
	int n = 0;

	/* What needed none, and what another stands for, is nobody's delay. */
	if (!facts ||
	    facts->state == SY__V1__REACTION_STATE__REACTION_DISMISSED ||
	    facts->state == SY__V1__REACTION_STATE__REACTION_MERGED)
		return 0;
	for (size_t i = 0; i < facts->n_clocks; i++) {
		const Sy__V1__AppealClock *clock = facts->clocks[i];
		bool met = clock->state == SY__V1__CLOCK_STATE__CLOCK_MET;

		if (!met && clock->state != SY__V1__CLOCK_STATE__CLOCK_BREACHED)
			continue;
		for (size_t k = 0; k < sizeof(clocks) / sizeof(clocks[0]); k++)
			if (n < LEAVES_MAX &&
			    strcmp(clock->clock, clocks[k].clock) == 0)
				leaves_r[n++] = (struct leaf){
					.indicator = clocks[k].indicator,
					.day = facts->published_day,
					.unit = facts->unit,
					.kind = class_code(
						facts->mention_class),
					.channel = facts->source,
					.topic = facts->topic,
					.department = "",
					.numerator = met,
					.denominator = 1,
				};
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
