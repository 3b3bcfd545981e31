/* labels.c -- see labels.h. */
#include "labels.h"

#include <string.h>

static const char *const classes[] = {
	[SY__V1__MENTION_CLASS__MENTION_CLASS_NONE] = "",
	[SY__V1__MENTION_CLASS__MENTION_CLAIM] = "claim",
	[SY__V1__MENTION_CLASS__MENTION_QUESTION] = "question",
	[SY__V1__MENTION_CLASS__MENTION_PRAISE] = "praise",
	[SY__V1__MENTION_CLASS__MENTION_SUGGESTION] = "suggestion",
	[SY__V1__MENTION_CLASS__MENTION_NEWS] = "news",
	[SY__V1__MENTION_CLASS__MENTION_EVENT] = "event",
	[SY__V1__MENTION_CLASS__MENTION_SPAM] = "spam",
	[SY__V1__MENTION_CLASS__MENTION_OTHER] = "other",
};
#define CLASSES_NR (sizeof(classes) / sizeof(classes[0]))

static const char *const sentiments[] = {
	[SY__V1__SENTIMENT__SENTIMENT_NONE] = "",
	[SY__V1__SENTIMENT__SENTIMENT_NEGATIVE] = "negative",
	[SY__V1__SENTIMENT__SENTIMENT_NEUTRAL] = "neutral",
	[SY__V1__SENTIMENT__SENTIMENT_POSITIVE] = "positive",
};
#define SENTIMENTS_NR (sizeof(sentiments) / sizeof(sentiments[0]))

static size_t find(const char *const *list, size_t n, const char *label)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(list[i], label) == 0)
			return i;
	return 0;
}

Sy__V1__MentionClass class_of_label(const char *label)
{
	return (Sy__V1__MentionClass)find(classes, CLASSES_NR, label);
}

Sy__V1__Sentiment sentiment_of_label(const char *label)
{
	return (Sy__V1__Sentiment)find(sentiments, SENTIMENTS_NR, label);
}

const char *label_of_class(Sy__V1__MentionClass class)
{
	return (size_t) class < CLASSES_NR ? classes[class] : "";
}

const char *label_of_sentiment(Sy__V1__Sentiment sentiment)
{
	return (size_t)sentiment < SENTIMENTS_NR ? sentiments[sentiment] : "";
}

/* --- corrections --- */

uint32_t said_of_head(const char *head)
{
	static const char *const heads[] = { "class", "sentiment", "topic",
					     "unit" };

	for (uint32_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strcmp(heads[i], head) == 0)
			return 1U << i;
	return 0;
}

/* "-" is none. */
static const char *code_of(const char *said)
{
	return strcmp(said, SAID_NONE) == 0 ? "" : said;
}

bool correction_read(const Sy__V1__CorrectMentionRequest *req,
		     struct correction *c_r, const char **field_r)
{
	*c_r = (struct correction){
		.said = (req->mention_class != 0 ? SAID_CLASS : 0) |
			(req->sentiment != 0 ? SAID_SENTIMENT : 0) |
			(req->topic[0] != '\0' ? SAID_TOPIC : 0) |
			(req->unit[0] != '\0' ? SAID_UNIT : 0),
		.mention_class = req->mention_class,
		.sentiment = req->sentiment,
		.topic = code_of(req->topic),
		.unit = code_of(req->unit),
	};
	*field_r = NULL;
	if ((size_t)req->mention_class >= CLASSES_NR)
		*field_r = "mention_class";
	else if ((size_t)req->sentiment >= SENTIMENTS_NR)
		*field_r = "sentiment";
	else if (c_r->said == 0)
		*field_r = "";
	return *field_r == NULL;
}

static void set_topic(Sy__V1__MentionFacts *f, const char *topic)
{
	f->topic = (char *)topic;
	f->topics = &f->topic;
	f->n_topics = topic[0] != '\0';
}

static void set_class(Sy__V1__MentionStored *s, Sy__V1__MentionClass class)
{
	s->facts->mention_class = class;
	s->facts->spam = class == SY__V1__MENTION_CLASS__MENTION_SPAM;
	s->unsure = false;
}

Sy__V1__MentionStored *correction_apply(struct arena *arena,
					const Sy__V1__MentionStored *before,
					const struct correction *c)
{
	Sy__V1__MentionStored *after =
		arena_memdup(arena, before, sizeof(*after));
	Sy__V1__MentionFacts *f =
		arena_memdup(arena, before->facts, sizeof(*f));
	struct corrected_head changed[CORRECTED_HEADS_MAX];

	after->facts = f;
	if (c->said & SAID_CLASS)
		set_class(after, c->mention_class);
	if (c->said & SAID_SENTIMENT)
		f->sentiment = c->sentiment;
	if (c->said & SAID_TOPIC)
		set_topic(f, c->topic);
	if (c->said & SAID_UNIT)
		f->unit = (char *)c->unit;
	after->said |= c->said;
	f->corrected = true;
	if (after->said == before->said &&
	    correction_changes(before->facts, f, changed) == 0)
		return NULL;
	return after;
}

void correction_keep(Sy__V1__MentionStored *after,
		     const Sy__V1__MentionStored *before)
{
	Sy__V1__MentionFacts *f = after->facts;

	if (before->said & SAID_CLASS)
		set_class(after, before->facts->mention_class);
	if (before->said & SAID_SENTIMENT)
		f->sentiment = before->facts->sentiment;
	if (before->said & SAID_TOPIC)
		set_topic(f, before->facts->topic);
	if (before->said & SAID_UNIT)
		f->unit = before->facts->unit;
	after->said = before->said;
	f->corrected = before->facts->corrected;
}

size_t correction_changes(const Sy__V1__MentionFacts *before,
			  const Sy__V1__MentionFacts *after,
			  struct corrected_head heads_r[CORRECTED_HEADS_MAX])
{
	const struct corrected_head all[CORRECTED_HEADS_MAX] = {
		{ "class", label_of_class(before->mention_class),
		  label_of_class(after->mention_class) },
		{ "sentiment", label_of_sentiment(before->sentiment),
		  label_of_sentiment(after->sentiment) },
		{ "topic", before->topic, after->topic },
		{ "unit", before->unit, after->unit },
	};
	size_t n = 0;

	for (size_t i = 0; i < CORRECTED_HEADS_MAX; i++)
		if (strcmp(all[i].before, all[i].after) != 0)
			heads_r[n++] = all[i];
	return n;
}
