/* shape_reaction.c -- which mentions need a reaction: a rule that says
 * something of mentions, and says in full what it means. */
#include <string.h>

#include "dir/shape_rules.h"

#define PRIORITY 3
#define PRIORITY_LAST 5
#define DAY_MINUTES (24 * 60)
#define INQUIRY_DAYS 8
#define INQUIRY_DAYS_MAX 14

/* What a mention has: no segment, no product, and its class is no term. */
static int check_mention(struct shape_fault *r,
			 const Sy__V1__PolicyMatch *match)
{
	static const char *const classes[] = {
		"",     "claim", "question", "praise", "suggestion",
		"news", "event", "spam",     "other"
	};
	const size_t n = sizeof(classes) / sizeof(classes[0]);
	size_t i = 0;

	if (!match)
		return 0;
	if (match->segment[0] || match->product[0])
		return shape_refuse(r, "policy.reaction.match",
				    "a mention has no segment and no product");
	while (i < n && strcmp(match->kind, classes[i]) != 0)
		i++;
	return i < n ? 0
		     : shape_refuse(r, "policy.reaction.match.kind",
				    "is no class of mentions");
}

static int check_minutes(struct shape_fault *r, const char *field,
			 uint32_t minutes)
{
	return minutes <= MINUTES_MAX
		       ? 0
		       : shape_refuse(r, field, "must be at most ten years");
}

static int check_reaction(struct shape_fault *r, const Sy__V1__ReactionRule *in)
{
	if (in->sentiment > SY__V1__SENTIMENT__SENTIMENT_POSITIVE)
		return shape_refuse(r, "policy.reaction.sentiment",
				    "is not negative, neutral or positive");
	/* a parameter of a statement */
	if (in->min_reach > INT64_MAX)
		return shape_refuse(r, "policy.reaction.min_reach",
				    "is more than there are people");
	if (in->priority > PRIORITY_LAST)
		return shape_refuse(r, "policy.reaction.priority",
				    "must be from 1 to 5");
	if (check_minutes(r, "policy.reaction.answer_minutes",
			  in->answer_minutes) < 0 ||
	    check_minutes(r, "policy.reaction.report_minutes",
			  in->report_minutes) < 0)
		return -1;
	if (in->inquiry_days > DAYS_MAX)
		return shape_refuse(r, "policy.reaction.inquiry_days",
				    "must be at most ten years");
	if (in->inquiry_days_max > DAYS_MAX)
		return shape_refuse(r, "policy.reaction.inquiry_days_max",
				    "must be at most ten years");
	return 0;
}

static uint32_t or_else(uint32_t said, uint32_t usual)
{
	return said ? said : usual;
}

/* It says in full what it means. */
Sy__V1__ReactionRule *normal_reaction(struct arena *arena,
				      const Sy__V1__ReactionRule *in,
				      struct shape_fault *r)
{
	Sy__V1__ReactionRule *out = arena_alloc(arena, sizeof(*out));

	sy__v1__reaction_rule__init(out);
	if (check_mention(r, in->match) < 0 ||
	    normal_match(arena, r, "policy.reaction.match", in->match,
			 &out->match) < 0 ||
	    check_reaction(r, in) < 0 ||
	    shape_code_or_empty(r, "policy.reaction.watch", in->watch) < 0 ||
	    shape_code_or_empty(r, "policy.reaction.calendar", in->calendar) <
		    0 ||
	    shape_code_or_empty(r, "policy.reaction.appeal_kind",
				in->appeal_kind) < 0)
		return NULL;
	out->order = in->order;
	out->sentiment = in->sentiment;
	out->min_reach = in->min_reach;
	out->min_mentions = or_else(in->min_mentions, 1);
	out->watch = arena_strdup(arena, in->watch);
	out->priority = or_else(in->priority, PRIORITY);
	out->answer_minutes = or_else(in->answer_minutes, DAY_MINUTES);
	out->inquiry_days = or_else(in->inquiry_days, INQUIRY_DAYS);
	out->inquiry_days_max = or_else(in->inquiry_days_max, INQUIRY_DAYS_MAX);
	out->report_minutes = or_else(in->report_minutes, DAY_MINUTES);
	out->calendar = arena_strdup(arena, in->calendar);
	out->appeal_kind = arena_strdup(arena, in->appeal_kind);
	if (out->inquiry_days_max < out->inquiry_days) {
		shape_refuse(r, "policy.reaction.inquiry_days_max",
			     "is less than inquiry_days");
		return NULL;
	}
	return out;
}
