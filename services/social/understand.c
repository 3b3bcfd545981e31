/* understand.c -- asks services/common/text about one mention: language, what
 * it is, the offices that it names, what its near-copies share.
 */
#include "understand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clusters.h"
#include "labels.h"
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

static void take_class(struct understanding *u, const struct prediction *p)
{
	if (p == NULL)
		return;
	u->class_probability = p->probability;
	u->unsure = !p->sure;
	if (p->sure)
		u->facts.mention_class = class_of_label(p->label);
	u->facts.spam =
		u->facts.mention_class == SY__V1__MENTION_CLASS__MENTION_SPAM;
}

static void take_sentiment(struct understanding *u, const struct prediction *p)
{
	if (p == NULL)
		return;
	u->sentiment_probability = p->probability;
	if (p->sure)
		u->facts.sentiment = sentiment_of_label(p->label);
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

/* What the model in use says goes before the word lists; of a head that it was
 * not trained for in this language they speak. */
static void take_predictions(const struct reader *r, struct arena *arena,
			     const struct tokens *tokens,
			     struct understanding *u)
{
	static const char *const heads[] = { "class", "sentiment", "topic" };
	const struct prediction *p[] = { NULL, NULL, NULL };
	struct predictions model = { 0 }, lists = { 0 };
	size_t missing = 0;

	if (r->model != NULL) {
		struct features f = text_features(arena, tokens);

		model = text_model_predict(r->model, arena, &f, u->facts.lang);
	}
	for (size_t i = 0; i < 3; i++) {
		p[i] = prediction_of(&model, heads[i]);
		missing += p[i] == NULL;
	}
	if (missing < 3)
		u->facts.model = r->model_version;
	if (missing > 0 && r->lexicon != NULL)
		lists = lexicon_predict(r->lexicon, arena, tokens,
					u->facts.lang);
	for (size_t i = 0; i < 3; i++)
		if (p[i] == NULL)
			p[i] = prediction_of(&lists, heads[i]);
	take_class(u, p[0]);
	take_sentiment(u, p[1]);
	take_topic(u, arena, p[2]);
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
