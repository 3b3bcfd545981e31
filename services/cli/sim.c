/* sim.c -- appeals by chance that can be repeated, and their totals. */
#include <string.h>

#include "sim.h"

#include "timeutil.h"

#define WINDOW_US (SIM_WINDOW_DAYS * US_PER_DAY)
#define FIRST_RESPONSE_US (48 * US_PER_HOUR)
#define SOCIAL_RESPONSE_US (24 * US_PER_HOUR)

/* Each decision about an appeal draws from a sequence of its own. */
enum salt {
	SALT_APPEAL = 1,
	SALT_KIND,
	SALT_CHANNEL,
	SALT_TOPIC,
	SALT_SEGMENT,
	SALT_REGISTERED,
	SALT_UNCLASSIFIED,
	SALT_ANSWER,
	SALT_ANSWER_TIME,
	SALT_RESOLVE,
	SALT_RESOLVE_TIME,
	SALT_CLOSE,
	SALT_CLOSE_TIME,
};

struct choice {
	const char *code;
	unsigned per_mille;
};

/* Codes of the profile post-ru; each list sums to 1000. */
static const struct choice kinds[] = {
	{ "complaint", 420 },     { "enquiry", 250 },   { "statement", 170 },
	{ "claim", 80 },          { "suggestion", 40 }, { "praise", 35 },
	{ "illegal_content", 5 },
};
static const struct choice channels[] = {
	{ "call_centre", 380 }, { "web", 190 },  { "app", 110 },
	{ "counter", 120 },     { "email", 70 }, { "mail", 30 },
	{ "social", 50 },       { "sms", 10 },   { "review_book", 25 },
	{ "regulator", 10 },    { "media", 5 },
};
static const struct choice topics[] = {
	{ "delivery_delay", 240 },
	{ "not_delivered_home", 110 },
	{ "tracking", 120 },
	{ "notice", 80 },
	{ "queue", 120 },
	{ "staff", 70 },
	{ "loss", 50 },
	{ "damage", 40 },
	{ "opening_hours", 40 },
	{ "tariff", 40 },
	{ "payment", 40 },
	{ "cash_on_delivery", 20 },
	{ "customs", 20 },
	{ "other", 10 },
};
static const struct choice segments[] = {
	{ "private", 900 },
	{ "corporate", 90 },
	{ "key", 10 },
};

uint64_t sim_hash(uint64_t x, uint64_t salt)
{
	uint64_t z = x + salt * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static const char *choose(const struct choice *from, uint64_t hash)
{
	unsigned at = (unsigned)(hash % 1000);

	while (at >= from->per_mille)
		at -= from++->per_mille;
	return from->code;
}

/* Whole seconds in [from, to), as a call centre's clock gives them. */
static int64_t between(int64_t from_us, int64_t to_us, uint64_t hash)
{
	uint64_t seconds = (uint64_t)((to_us - from_us) / US_PER_S);

	return from_us + (int64_t)(hash % seconds) * US_PER_S;
}

static int64_t inside(int64_t us)
{
	return us < WINDOW_US ? us : SIM_NEVER;
}

static int64_t answer_time(uint64_t h, int64_t registered_us)
{
	unsigned at = (unsigned)(sim_hash(h, SALT_ANSWER) % 1000);
	uint64_t chance = sim_hash(h, SALT_ANSWER_TIME);

	if (at < 820)
		return inside(registered_us + between(US_PER_HOUR,
						      FIRST_RESPONSE_US + 1,
						      chance));
	if (at < 950)
		return inside(registered_us +
			      between(FIRST_RESPONSE_US + US_PER_S,
				      5 * US_PER_DAY, chance));
	return SIM_NEVER;
}

/* Some time after what came before it, if that has happened. */
static int64_t later(uint64_t h, enum salt salt, unsigned per_mille,
		     int64_t before_us, int64_t at_most_us)
{
	int64_t after_us;

	if (before_us == SIM_NEVER || sim_hash(h, salt) % 1000 >= per_mille)
		return SIM_NEVER;
	after_us = between(US_PER_S, at_most_us, sim_hash(h, salt + 1));
	return inside(before_us + after_us);
}

void sim_appeal(uint64_t seed, uint64_t i, struct sim_appeal *a)
{
	uint64_t h = sim_hash(sim_hash(seed, SALT_APPEAL), i + 1);

	a->hash = h;
	a->kind = choose(kinds, sim_hash(h, SALT_KIND));
	a->channel = choose(channels, sim_hash(h, SALT_CHANNEL));
	a->topic = choose(topics, sim_hash(h, SALT_TOPIC));
	a->segment = choose(segments, sim_hash(h, SALT_SEGMENT));
	a->registered_us = between(0, WINDOW_US, sim_hash(h, SALT_REGISTERED));
	a->topic_then = a->topic;
	a->classified_us = SIM_NEVER;
	if (sim_hash(h, SALT_UNCLASSIFIED) % 10 == 0) {
		a->topic_then = "";
		a->classified_us = inside(a->registered_us + 600 * US_PER_S);
		if (a->classified_us == SIM_NEVER)
			a->topic = "";
	}
	a->answered_us = answer_time(h, a->registered_us);
	a->resolved_us =
		later(h, SALT_RESOLVE, 900, a->answered_us, 5 * US_PER_DAY);
	a->closed_us =
		later(h, SALT_CLOSE, 900, a->resolved_us, 2 * US_PER_DAY);
}

/* In registrations; by type. */
static const uint64_t lags[SIM_TYPES_NR] = { 0, 8, 64, 128, 192 };

static int64_t time_of(const struct sim_appeal *a, enum sim_type type)
{
	switch (type) {
	case SIM_REGISTER:
		return a->registered_us;
	case SIM_CLASSIFY:
		return a->classified_us;
	case SIM_ANSWER:
		return a->answered_us;
	case SIM_RESOLVE:
		return a->resolved_us;
	case SIM_CLOSE:
		return a->closed_us;
	case SIM_TYPES_NR:
		break;
	}
	return SIM_NEVER;
}

int sim_next(struct sim_stream *s, enum sim_type *type_r, uint64_t *i_r,
	     struct sim_appeal *a_r)
{
	while (s->count == 0 || s->step < s->count + lags[SIM_CLOSE]) {
		enum sim_type type = s->type % SIM_TYPES_NR;
		uint64_t step = s->step;

		s->type = (type + 1) % SIM_TYPES_NR;
		s->step += s->type == SIM_REGISTER;
		if (step < lags[type] ||
		    (s->count > 0 && step - lags[type] >= s->count))
			continue;
		*i_r = step - lags[type];
		*type_r = type;
		sim_appeal(s->seed, *i_r, a_r);
		if (time_of(a_r, type) != SIM_NEVER)
			return 1;
	}
	return 0;
}

static void count_up(json_t *in, const char *name)
{
	json_t *n = json_object_get(in, name);

	if (n)
		json_integer_set(n, json_integer_value(n) + 1);
	else
		json_object_set_new(in, name, json_integer(1));
}

/* As deploy/profiles/post-ru has it. */
static int64_t first_response_us(const struct sim_appeal *a)
{
	return strcmp(a->channel, "social") == 0 ? SOCIAL_RESPONSE_US
						 : FIRST_RESPONSE_US;
}

/* State of the clock of the first answer at the end of the window. */
static const char *timeliness(const struct sim_appeal *a)
{
	int64_t due_us = a->registered_us + first_response_us(a);

	if (a->answered_us != SIM_NEVER)
		return a->answered_us <= due_us ? "timely" : "late";
	return due_us < WINDOW_US ? "overdue" : "running";
}

json_t *sim_totals(uint64_t seed, uint64_t count)
{
	json_t *kind = json_object(), *channel = json_object();
	json_t *topic = json_object(), *clock = json_object();
	json_t *events = json_object(), *totals;

	for (uint64_t i = 0; i < count; i++) {
		static const char *const names[SIM_TYPES_NR] = {
			"registered", "classified", "answered", "resolved",
			"closed"
		};
		struct sim_appeal a;

		sim_appeal(seed, i, &a);
		count_up(kind, a.kind);
		count_up(channel, a.channel);
		count_up(topic, *a.topic ? a.topic : "unclassified");
		count_up(clock, timeliness(&a));
		for (int t = 0; t < SIM_TYPES_NR; t++)
			if (time_of(&a, (enum sim_type)t) != SIM_NEVER)
				count_up(events, names[t]);
	}
	totals = json_pack("{s:I,s:o,s:o,s:o,s:o,s:o}", "appeals",
			   (json_int_t)count, "events", events, "kind", kind,
			   "channel", channel, "topic", topic, "first_response",
			   clock);
	return totals;
}
