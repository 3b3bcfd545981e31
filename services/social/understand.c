/* understand.c -- asks services/common/text about one mention: language, what
 * it is, the offices that it names, what its near-copies share.
 */
#include "understand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clusters.h"
#include "reader.h"
#include "text/lang.h"
#include "watches.h"

/* --- the language --- */

/* A tag of BCP 47 to what we tell apart. */
static const char *lang_of_tag(const char *tag)
{
	static const char *const known[] = { "ru", "zh", "en" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncasecmp(tag, known[i], 2) == 0 &&
		    (tag[2] == '\0' || tag[2] == '-'))
			return known[i];
	return "other";
}

/* --- what it is --- */

static const struct {
	const char *label;
	Sy__V1__MentionClass class;
} classes[] = {
	{ "claim", SY__V1__MENTION_CLASS__MENTION_CLAIM },
	{ "question", SY__V1__MENTION_CLASS__MENTION_QUESTION },
	{ "praise", SY__V1__MENTION_CLASS__MENTION_PRAISE },
	{ "suggestion", SY__V1__MENTION_CLASS__MENTION_SUGGESTION },
	{ "news", SY__V1__MENTION_CLASS__MENTION_NEWS },
	{ "event", SY__V1__MENTION_CLASS__MENTION_EVENT },
	{ "spam", SY__V1__MENTION_CLASS__MENTION_SPAM },
	{ "other", SY__V1__MENTION_CLASS__MENTION_OTHER },
};

static const struct {
	const char *label;
	Sy__V1__Sentiment sentiment;
} sentiments[] = {
	{ "negative", SY__V1__SENTIMENT__SENTIMENT_NEGATIVE },
	{ "neutral", SY__V1__SENTIMENT__SENTIMENT_NEUTRAL },
	{ "positive", SY__V1__SENTIMENT__SENTIMENT_POSITIVE },
};

static void take_class(struct understanding *u, const struct prediction *p)
{
	if (p == NULL)
		return;
	u->class_probability = p->probability;
	u->unsure = !p->sure;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (p->sure && strcmp(p->label, classes[i].label) == 0)
			u->facts.mention_class = classes[i].class;
	u->facts.spam =
		u->facts.mention_class == SY__V1__MENTION_CLASS__MENTION_SPAM;
}

static void take_sentiment(struct understanding *u, const struct prediction *p)
{
	if (p == NULL)
		return;
	u->sentiment_probability = p->probability;
	for (size_t i = 0; i < sizeof(sentiments) / sizeof(sentiments[0]); i++)
		if (p->sure && strcmp(p->label, sentiments[i].label) == 0)
			u->facts.sentiment = sentiments[i].sentiment;
}

/* The surest; that of more than one has no place in it yet. */
static void take_topic(struct understanding *u, struct arena *arena,
		       const struct prediction *p)
{
	if (p == NULL || !p->sure)
		return;
	u->facts.topic = arena_strdup(arena, p->label);
	u->facts.topics = arena_alloc(arena, sizeof(u->facts.topics[0]));
	u->facts.topics[0] = u->facts.topic;
	u->facts.n_topics = 1;
}

static void take_predictions(const struct reader *r, struct arena *arena,
			     const struct tokens *tokens,
			     struct understanding *u)
{
	struct predictions said;

	if (r->lexicon == NULL)
		return;
	said = lexicon_predict(r->lexicon, arena, tokens, u->facts.lang);
	take_class(u, prediction_of(&said, "class"));
	take_sentiment(u, prediction_of(&said, "sentiment"));
	take_topic(u, arena, prediction_of(&said, "topic"));
}

/* --- where --- */

static bool has_unit(const Sy__V1__MentionFacts *facts, const char *unit)
{
	for (size_t i = 0; i < facts->n_units; i++)
		if (strcmp(facts->units[i], unit) == 0)
			return true;
	return false;
}

static void take_units(const struct reader *r, struct arena *arena,
		       const struct tokens *tokens, struct understanding *u)
{
	Sy__V1__MentionFacts *f = &u->facts;
	struct gazetteer_hits hits;

	if (r->gazetteer == NULL)
		return;
	hits = gazetteer_find(r->gazetteer, arena, tokens);
	if (hits.n == 0)
		return;
	f->units = arena_alloc(arena, UNITS_MAX * sizeof(f->units[0]));
	for (size_t h = 0; h < hits.n; h++)
		for (size_t i = 0; i < hits.h[h].units_nr; i++)
			if (f->n_units < UNITS_MAX &&
			    !has_unit(f, hits.h[h].units[i]))
				f->units[f->n_units++] =
					arena_strdup(arena, hits.h[h].units[i]);
}

/* --- all of it --- */

static const char *title_and_text(struct arena *arena, const char *title,
				  const char *text)
{
	size_t title_len = strlen(title), len = strlen(text);
	char *raw;

	if (title_len == 0)
		return text;
	raw = arena_alloc(arena, title_len + len + 2);
	memcpy(raw, title, title_len);
	raw[title_len] = '\n';
	memcpy(raw + title_len + 1, text, len);
	return raw;
}

struct text mention_normal(struct arena *arena, const char *title,
			   const char *text)
{
	const char *raw = title_and_text(arena, title, text);

	return text_normalise(arena, raw, strlen(raw));
}

struct text mention_normal_mapped(struct arena *arena, const char *title,
				  const char *text)
{
	const char *raw = title_and_text(arena, title, text);

	return text_normalise_mapped(arena, raw, strlen(raw));
}

void understand(struct social *svc, struct arena *arena,
		const Sy__V1__PutMentionRequest *mention,
		struct understanding *u_r)
{
	const struct reader *r = svc->reader;
	struct tokens tokens;
	struct text masked;

	*u_r = (struct understanding){ .unsure = true };
	sy__v1__mention_facts__init(&u_r->facts);
	u_r->normal = mention_normal(arena, mention->title, mention->text);
	tokens = text_tokens(arena, &u_r->normal);
	masked = text_mask(arena, &u_r->normal);
	u_r->facts.lang = (char *)(mention->lang[0] != '\0'
					   ? lang_of_tag(mention->lang)
					   : text_language(&masked).code);
	take_predictions(r, arena, &tokens, u_r);
	take_units(r, arena, &tokens, u_r);
	u_r->shingles = cluster_shingles(arena, &masked);
	watches_match(svc, arena, mention, u_r);
}
