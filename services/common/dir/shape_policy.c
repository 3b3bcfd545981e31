/* shape_policy.c -- policies: a rule that says something, that does not
 * contradict itself, and its one normal form. */
#include <string.h>

#include "dir/shape_rules.h"

/* Ten years. */
#define EVENT_CHARS 63
#define CLOCK_OF_TASKS "task"

int normal_match(struct arena *arena, struct shape_fault *r, const char *field,
		 const Sy__V1__PolicyMatch *in, Sy__V1__PolicyMatch **out_r)
{
	Sy__V1__PolicyMatch *out;

	*out_r = NULL;
	if (!in || !(in->kind[0] || in->channel[0] || in->topic[0] ||
		     in->segment[0] || in->unit[0] || in->product[0]))
		return 0;
	if (shape_code_or_empty(r, field, in->kind) < 0 ||
	    shape_code_or_empty(r, field, in->channel) < 0 ||
	    shape_code_or_empty(r, field, in->topic) < 0 ||
	    shape_code_or_empty(r, field, in->segment) < 0 ||
	    shape_code_or_empty(r, field, in->unit) < 0 ||
	    shape_code_or_empty(r, field, in->product) < 0)
		return -1;
	out = arena_alloc(arena, sizeof(*out));
	sy__v1__policy_match__init(out);
	out->kind = arena_strdup(arena, in->kind);
	out->channel = arena_strdup(arena, in->channel);
	out->topic = arena_strdup(arena, in->topic);
	out->segment = arena_strdup(arena, in->segment);
	out->unit = arena_strdup(arena, in->unit);
	out->product = arena_strdup(arena, in->product);
	*out_r = out;
	return 0;
}

/* --- clocks ----------------------------------------------------------------
 */

/* Where a moment stands in the life of a case; -1: no moment. Those of equal
 * rank come in any order, but for a final answer: it is the first of what ends
 * a case. */
static int rank(Sy__V1__ClockMoment moment)
{
	switch (moment) {
	case SY__V1__CLOCK_MOMENT__AT_RECEIPT:
		return 0;
	case SY__V1__CLOCK_MOMENT__AT_REGISTRATION:
		return 1;
	case SY__V1__CLOCK_MOMENT__AT_CLASSIFICATION:
	case SY__V1__CLOCK_MOMENT__AT_ROUTING:
		return 2;
	case SY__V1__CLOCK_MOMENT__AT_FIRST_ANSWER:
		return 3;
	case SY__V1__CLOCK_MOMENT__AT_FINAL_ANSWER:
		return 4;
	case SY__V1__CLOCK_MOMENT__AT_RESOLUTION:
		return 5;
	case SY__V1__CLOCK_MOMENT__AT_INFORMING:
		return 6;
	case SY__V1__CLOCK_MOMENT__AT_CLOSING:
		return 7;
	case SY__V1__CLOCK_MOMENT__MOMENT_NONE:
	case _SY__V1__CLOCK_MOMENT_IS_INT_SIZE:
		break;
	}
	return -1;
}

static int check_moments(struct shape_fault *r, const Sy__V1__ClockRule *in)
{
	/* A sub-task starts and settles its own. */
	if (strcmp(in->clock, CLOCK_OF_TASKS) == 0 &&
	    in->start == SY__V1__CLOCK_MOMENT__MOMENT_NONE &&
	    in->stop == SY__V1__CLOCK_MOMENT__MOMENT_NONE)
		return 0;
	if (rank(in->start) < 0)
		return shape_refuse(r, "policy.clock.start",
				    "wants what starts the clock");
	if (rank(in->stop) < 0)
		return shape_refuse(r, "policy.clock.stop",
				    "wants what stops the clock");
	if (in->start == in->stop || rank(in->stop) < rank(in->start))
		return shape_refuse(r, "policy.clock.stop",
				    "comes before the start");
	/* Nobody can do anything about a case that is not on record yet. */
	if (in->stop == SY__V1__CLOCK_MOMENT__AT_REGISTRATION && in->may_pause)
		return shape_refuse(r, "policy.clock.may_pause",
				    "stops before the case is on record");
	if (in->stop == SY__V1__CLOCK_MOMENT__AT_REGISTRATION &&
	    in->extension_max)
		return shape_refuse(r, "policy.clock.extension_max",
				    "stops before the case is on record");
	return 0;
}

static int check_amounts(struct shape_fault *r, const Sy__V1__ClockRule *in)
{
	uint32_t max = 0;

	switch (in->measure) {
	case SY__V1__CLOCK_MEASURE__ELAPSED_TIME:
	case SY__V1__CLOCK_MEASURE__WORKING_TIME:
		max = MINUTES_MAX;
		break;
	case SY__V1__CLOCK_MEASURE__CALENDAR_DAYS:
	case SY__V1__CLOCK_MEASURE__WORKING_DAYS:
		max = DAYS_MAX;
		break;
	case SY__V1__CLOCK_MEASURE__MEASURE_NONE:
	case _SY__V1__CLOCK_MEASURE_IS_INT_SIZE:
		break;
	}
	if (!max)
		return shape_refuse(r, "policy.clock.measure",
				    "wants minutes or days, elapsed or "
				    "working");
	if (in->amount < 1 || in->amount > max)
		return shape_refuse(r, "policy.clock.amount",
				    "must be more than nothing and at most ten "
				    "years");
	if (in->warn_before >= in->amount)
		return shape_refuse(r, "policy.clock.warn_before",
				    "must be less than the amount");
	if (in->extension_max > max)
		return shape_refuse(r, "policy.clock.extension_max",
				    "must be at most ten years");
	return 0;
}

static Sy__V1__ClockRule *normal_clock(struct arena *arena,
				       const Sy__V1__ClockRule *in,
				       struct shape_fault *r)
{
	Sy__V1__ClockRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__clock_rule__init(out);
	if (shape_code(r, "policy.clock.clock", in->clock) < 0 ||
	    normal_match(arena, r, "policy.clock.match", in->match,
			 &out->match) < 0 ||
	    check_moments(r, in) < 0 || check_amounts(r, in) < 0 ||
	    shape_code_or_empty(r, "policy.clock.calendar", in->calendar) < 0 ||
	    shape_names(arena, r, "policy.clock.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0 ||
	    (in->basis[0] && shape_text(r, "policy.clock.basis", in->basis,
					SHAPE_TEXT_CHARS) < 0))
		return NULL;
	out->clock = arena_strdup(arena, in->clock);
	out->order = in->order;
	out->start = in->start;
	out->stop = in->stop;
	out->measure = in->measure;
	out->amount = in->amount;
	out->warn_before = in->warn_before;
	out->may_pause = in->may_pause;
	out->extension_max = in->extension_max;
	out->calendar = arena_strdup(arena, in->calendar);
	out->basis = arena_strdup(arena, in->basis);
	return out;
}

/* --- the other rules -------------------------------------------------------
 */

static Sy__V1__RoutingRule *normal_routing(struct arena *arena,
					   const Sy__V1__RoutingRule *in,
					   struct shape_fault *r)
{
	Sy__V1__RoutingRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__routing_rule__init(out);
	if (normal_match(arena, r, "policy.routing.match", in->match,
			 &out->match) < 0 ||
	    shape_code_or_empty(r, "policy.routing.unit", in->unit) < 0 ||
	    shape_code_or_empty(r, "policy.routing.department",
				in->department) < 0 ||
	    shape_code_or_empty(r, "policy.routing.skill", in->skill) < 0)
		return NULL;
	out->order = in->order;
	out->unit = arena_strdup(arena, in->unit);
	out->department = arena_strdup(arena, in->department);
	out->skill = arena_strdup(arena, in->skill);
	out->green_channel = in->green_channel;
	return out;
}

static int check_span(struct shape_fault *r, const char *field, uint32_t days)
{
	return days >= 1 && days <= DAYS_MAX
		       ? 0
		       : shape_refuse(r, field, "must be 1 to 3650 days");
}

static Sy__V1__RepeatRule *normal_repeat(struct arena *arena,
					 const Sy__V1__RepeatRule *in,
					 struct shape_fault *r)
{
	Sy__V1__RepeatRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__repeat_rule__init(out);
	if (normal_match(arena, r, "policy.repeat.match", in->match,
			 &out->match) < 0 ||
	    check_span(r, "policy.repeat.window_days", in->window_days) < 0)
		return NULL;
	out->window_days = in->window_days;
	return out;
}

static int check_money(struct shape_fault *r, const Sy__V1__RemedyRule *in)
{
	bool some = in->free_limit_minor || in->limit_minor;

	if (in->free_limit_minor < 0)
		return shape_refuse(r, "policy.remedy.free_limit_minor",
				    "is negative");
	if (in->limit_minor < 0)
		return shape_refuse(r, "policy.remedy.limit_minor",
				    "is negative");
	if (in->limit_minor && in->limit_minor < in->free_limit_minor)
		return shape_refuse(r, "policy.remedy.limit_minor",
				    "is below the free limit");
	if ((some || in->currency[0]) &&
	    (strlen(in->currency) != 3 ||
	     strspn(in->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3))
		return shape_refuse(r, "policy.remedy.currency",
				    "must be three capital letters, as in ISO "
				    "4217");
	return 0;
}

static Sy__V1__RemedyRule *normal_remedy(struct arena *arena,
					 const Sy__V1__RemedyRule *in,
					 struct shape_fault *r)
{
	Sy__V1__RemedyRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__remedy_rule__init(out);
	if (normal_match(arena, r, "policy.remedy.match", in->match,
			 &out->match) < 0 ||
	    shape_code_or_empty(r, "policy.remedy.remedy", in->remedy) < 0 ||
	    check_money(r, in) < 0)
		return NULL;
	out->remedy = arena_strdup(arena, in->remedy);
	out->free_limit_minor = in->free_limit_minor;
	out->limit_minor = in->limit_minor;
	out->currency = arena_strdup(arena, in->currency);
	return out;
}

static Sy__V1__OutsideAppealRule *
normal_outside_appeal(struct arena *arena, const Sy__V1__OutsideAppealRule *in,
		      struct shape_fault *r)
{
	Sy__V1__OutsideAppealRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__outside_appeal_rule__init(out);
	if (normal_match(arena, r, "policy.outside_appeal.match", in->match,
			 &out->match) < 0 ||
	    check_span(r, "policy.outside_appeal.days", in->days) < 0 ||
	    shape_texts(arena, r, "policy.outside_appeal.texts", in->texts,
			in->n_texts, SHAPE_TEXT_CHARS, &out->texts,
			&out->n_texts) < 0)
		return NULL;
	if (!out->n_texts) {
		shape_refuse(r, "policy.outside_appeal.texts",
			     "does not say where to turn to");
		return NULL;
	}
	out->days = in->days;
	return out;
}

static Sy__V1__NoticeRule *normal_notice(struct arena *arena,
					 const Sy__V1__NoticeRule *in,
					 struct shape_fault *r)
{
	Sy__V1__NoticeRule *out = arena_alloc(arena, sizeof(*out));
	size_t len = strlen(in->event);

	sy__v1__notice_rule__init(out);
	if (normal_match(arena, r, "policy.notice.match", in->match,
			 &out->match) < 0)
		return NULL;
	if (len < 1 || len > EVENT_CHARS || in->event[0] < 'A' ||
	    in->event[0] > 'Z' ||
	    strspn(in->event, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz") != len) {
		shape_refuse(r, "policy.notice.event",
			     "wants an event's name, as AppealRegistered");
		return NULL;
	}
	if (shape_code(r, "policy.notice.template", in->template_) < 0)
		return NULL;
	if (in->by[0] != '\0' && strcmp(in->by, "email") != 0 &&
	    (strncmp(in->by, "webhook/", 8) != 0 ||
	     shape_code(r, "policy.notice.by", in->by + 8) < 0)) {
		shape_refuse(r, "policy.notice.by",
			     "is not email or webhook/NAME");
		return NULL;
	}
	if (in->lang[0] != '\0' && !shape_lang_valid(in->lang)) {
		shape_refuse(r, "policy.notice.lang", "is not ru, zh or en");
		return NULL;
	}
	out->event = arena_strdup(arena, in->event);
	out->template_ = arena_strdup(arena, in->template_);
	out->by = arena_strdup(arena, in->by);
	out->lang = arena_strdup(arena, in->lang);
	return out;
}

static int check_count(struct shape_fault *r, const char *field, uint32_t count)
{
	return count >= 1 ? 0 : shape_refuse(r, field, "must be at least 1");
}

static int check_percent(struct shape_fault *r, const char *field,
			 uint32_t percent)
{
	return percent >= 1 && percent <= 100
		       ? 0
		       : shape_refuse(r, field, "must be from 1 to 100");
}

static Sy__V1__SpamRule *normal_spam(struct arena *arena,
				     const Sy__V1__SpamRule *in,
				     struct shape_fault *r)
{
	Sy__V1__SpamRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__spam_rule__init(out);
	if (check_count(r, "policy.spam.burst", in->burst) < 0 ||
	    check_count(r, "policy.spam.copies_least", in->copies_least) < 0 ||
	    check_percent(r, "policy.spam.copies_percent", in->copies_percent) <
		    0 ||
	    check_count(r, "policy.spam.links_least", in->links_least) < 0 ||
	    check_percent(r, "policy.spam.links_percent", in->links_percent) <
		    0)
		return NULL;
	out->burst = in->burst;
	out->copies_least = in->copies_least;
	out->copies_percent = in->copies_percent;
	out->links_least = in->links_least;
	out->links_percent = in->links_percent;
	return out;
}

static bool normal_rule(struct arena *arena, const Sy__V1__Policy *in,
			Sy__V1__Policy *out, struct shape_fault *r)
{
	out->rule_case = in->rule_case;
	switch (in->rule_case) {
	case SY__V1__POLICY__RULE_CLOCK:
		out->clock = normal_clock(arena, in->clock, r);
		return out->clock;
	case SY__V1__POLICY__RULE_ROUTING:
		out->routing = normal_routing(arena, in->routing, r);
		return out->routing;
	case SY__V1__POLICY__RULE_REPEAT:
		out->repeat = normal_repeat(arena, in->repeat, r);
		return out->repeat;
	case SY__V1__POLICY__RULE_REMEDY:
		out->remedy = normal_remedy(arena, in->remedy, r);
		return out->remedy;
	case SY__V1__POLICY__RULE_OUTSIDE_APPEAL:
		out->outside_appeal =
			normal_outside_appeal(arena, in->outside_appeal, r);
		return out->outside_appeal;
	case SY__V1__POLICY__RULE_NOTICE:
		out->notice = normal_notice(arena, in->notice, r);
		return out->notice;
	case SY__V1__POLICY__RULE_LOOKUP:
		out->lookup = normal_lookup(arena, in->lookup, r);
		return out->lookup;
	case SY__V1__POLICY__RULE_REACTION:
		out->reaction = normal_reaction(arena, in->reaction, r);
		return out->reaction;
	case SY__V1__POLICY__RULE_SPAM:
		out->spam = normal_spam(arena, in->spam, r);
		return out->spam;
	case SY__V1__POLICY__RULE__NOT_SET:
	case _SY__V1__POLICY__RULE__CASE_IS_INT_SIZE:
		break;
	}
	shape_refuse(r, "policy.rule", "is missing");
	return false;
}

Sy__V1__Policy *normal_policy(struct arena *arena, const Sy__V1__Policy *in,
			      struct shape_fault *r)
{
	Sy__V1__Policy *out = arena_alloc(arena, sizeof(*out));

	sy__v1__policy__init(out);
	if (shape_code(r, "policy.code", in->code) < 0 ||
	    shape_days(r, "policy.valid_from_day", "policy.valid_to_day",
		       in->valid_from_day, in->valid_to_day) < 0 ||
	    shape_names(arena, r, "policy.names", in->names, in->n_names,
			&out->names, &out->n_names) < 0 ||
	    !normal_rule(arena, in, out, r))
		return NULL;
	out->code = arena_strdup(arena, in->code);
	out->valid_from_day = in->valid_from_day;
	out->valid_to_day = in->valid_to_day;
	return out;
}
