/* watches_live.c -- the rules in use on this replica: one compiled set, swapped
 * when the setting "watch" has changed, asked of every mention before its
 * batch. A set that cannot be compiled leaves the last one in use and says so.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mention_read.h"
#include "metrics.h"
#include "reaction_rules.h"
#include "timeutil.h"
#include "watches.h"

/* Of one mention's fields; what it has more of is not asked for. */
#define VALUES_MAX 128

struct watch_of_book {
	const char *code;
	bool reaction;
};

struct watch_book {
	struct arena arena;
	struct watch_of_book *watches; /* by index of the set's rules */
	struct watch_rule *rules;
	size_t n;
	struct watch_set *set; /* NULL: there are no rules, or it failed */
	struct watch_scratch *scratch;
	bool failed;
	char problem[600];
};

static struct metric in_use = METRIC(METRIC_GAUGE, "suyuan_social_watches",
				     "Watch rules that are in use here");
static struct metric failed =
	METRIC(METRIC_GAUGE, "suyuan_social_watches_failed",
	       "1: the last change of the watch rules could not be compiled, "
	       "those before it are in use");
static struct metric cut =
	METRIC(METRIC_COUNTER, "suyuan_social_watches_cut_total",
	       "Mentions that matched more rules than are noted, or took more "
	       "steps than are spent");

/* --- the setting --- */

static void book_free(struct watch_book *book)
{
	if (book == NULL)
		return;
	watch_scratch_close(&book->scratch);
	watch_set_free(&book->set);
	arena_reset(&book->arena);
	free(book);
}

static void *take_rules(const struct db_result *res, int statement, void *arg)
{
	struct watch_book *book = calloc(1, sizeof(*book));
	size_t rows = (size_t)db_rows(res, statement);

	(void)arg;
	if (book == NULL)
		abort();
	arena_init(&book->arena);
	book->watches =
		arena_alloc(&book->arena, (rows + 1) * sizeof(*book->watches));
	book->rules =
		arena_alloc(&book->arena, (rows + 1) * sizeof(*book->rules));
	for (int row = 0; row < (int)rows; row++) {
		const Sy__V1__Watch *w;
		const uint8_t *bytes;
		size_t len;

		bytes = db_get_bytes(res, statement, row, 0, &len);
		w = sy__v1__watch__unpack(&book->arena.allocator, len, bytes);
		if (w == NULL)
			continue;
		book->watches[book->n].code = w->code;
		book->watches[book->n].reaction = w->reaction;
		book->rules[book->n++] =
			(struct watch_rule){ w->query, strlen(w->query) };
	}
	return book;
}

static void make_set(void *made)
{
	struct watch_book *book = made;
	struct watch_problem problem;
	struct error err;
	size_t rule;

	if (book->n == 0)
		return;
	if (watch_set_compile(&book->set, book->rules, book->n, &rule,
			      &problem) < 0) {
		book->failed = true;
		snprintf(book->problem, sizeof(book->problem), "%s: %s",
			 rule < book->n ? book->watches[rule].code : "together",
			 problem.text);
	} else if (watch_scratch_open(&book->scratch, book->set, &err) < 0) {
		book->failed = true;
		snprintf(book->problem, sizeof(book->problem), "%s", err.text);
	}
}

static void swap_book(void *made, void *arg)
{
	struct social *svc = arg;
	struct watch_book *book = made, *gone = book;

	metric_set(&failed, book->failed);
	if (book->failed) {
		log_error("watch rules cannot be compiled, those before stay "
			  "in use: %s",
			  book->problem);
	} else {
		gone = svc->watches;
		svc->watches = book;
		metric_set(&in_use, (double)book->n);
	}
	book_free(gone);
}

static void drop_book(void *made)
{
	book_free(made);
}

struct setting watches_setting = {
	.name = "watch",
	.select = { "settings_watches", watches_select_sql },
	.take = take_rules,
	.make = make_set,
	.swap = swap_book,
	.drop = drop_book,
};

void watches_open(struct social *svc)
{
	watches_setting.arg = svc;
	metric_show(&in_use);
	metric_show(&failed);
	metric_show(&cut);
}

void watches_close(struct social *svc)
{
	book_free(svc->watches);
	svc->watches = NULL;
}

/* --- one mention --- */

struct values {
	struct arena *arena;
	struct watch_subject_value *v;
	size_t n;
};

/* Most are codes, which are folded as they stand. */
static const char *folded(struct arena *arena, const char *value)
{
	size_t len = strlen(value);

	if (strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len)
		return value;
	return text_normalise(arena, value, len).s;
}

static void add(struct values *all, enum watch_field field, const char *value)
{
	if (value[0] == '\0' || all->n == VALUES_MAX)
		return;
	all->v[all->n++] =
		(struct watch_subject_value){ field,
					      folded(all->arena, value) };
}

/* And what it lies under: a rule for a region is one for its offices. */
static void add_unit(struct values *all, const struct social *svc,
		     const char *unit, int32_t day)
{
	while (unit[0] != '\0' && all->n < VALUES_MAX) {
		const struct replica_unit *u =
			replica_unit_place(svc->replica, unit, day);

		add(all, WATCH_UNIT, unit);
		unit = u != NULL ? u->parent : "";
	}
}

static const char *sentiment_code(Sy__V1__Sentiment sentiment)
{
	static const char *const codes[] = { "", "negative", "neutral",
					     "positive" };

	return sentiment < sizeof(codes) / sizeof(codes[0]) ? codes[sentiment]
							    : "";
}

void watch_subject_make(const struct social *svc, struct arena *arena,
			const Sy__V1__MentionFacts *facts, const char *author,
			const struct text *normal,
			struct watch_subject *subject_r)
{
	int32_t day = (int32_t)(time_now_us() / US_PER_DAY);
	struct values all = { .arena = arena };

	all.v = arena_alloc(arena, VALUES_MAX * sizeof(all.v[0]));
	add(&all, WATCH_SOURCE, facts->source);
	add(&all, WATCH_LANG, facts->lang);
	add(&all, WATCH_CLASS, mention_class_code(facts->mention_class));
	add(&all, WATCH_SENTIMENT, sentiment_code(facts->sentiment));
	add(&all, WATCH_TOPIC, facts->topic);
	for (size_t i = 0; i < facts->n_topics; i++)
		if (strcmp(facts->topics[i], facts->topic) != 0)
			add(&all, WATCH_TOPIC, facts->topics[i]);
	add(&all, WATCH_AUTHOR, author);
	add_unit(&all, svc, facts->unit, day);
	for (size_t i = 0; i < facts->n_units; i++)
		if (strcmp(facts->units[i], facts->unit) != 0)
			add_unit(&all, svc, facts->units[i], day);
	*subject_r = (struct watch_subject){
		.text = normal->s,
		.len = normal->len,
		.values = all.v,
		.values_nr = all.n,
		.reach = (int64_t)facts->reach,
	};
}

void watches_match(struct social *svc, struct arena *arena,
		   const Sy__V1__PutMentionRequest *mention,
		   struct understanding *u)
{
	const struct watch_book *book = svc->watches;
	Sy__V1__MentionFacts facts = u->facts;
	struct watch_subject subject;
	struct watch_hits hits;

	if (book == NULL || book->set == NULL)
		return;
	facts.source = mention->source;
	facts.reach = mention->reach;
	facts.unit = mention->unit[0] != '\0'
			     ? mention->unit
			     : (char *)social_common_unit(svc, facts.units,
							  facts.n_units);
	watch_subject_make(svc, arena, &facts, mention->author, &u->normal,
			   &subject);
	watch_match(book->scratch, &subject, &hits);
	if (hits.cut || hits.n > WATCHES_OF_MENTION)
		metric_add(&cut, 1);
	if (hits.n > WATCHES_OF_MENTION)
		hits.n = WATCHES_OF_MENTION;
	if (hits.n == 0)
		return;
	u->facts.watches =
		arena_alloc(arena, hits.n * sizeof(u->facts.watches[0]));
	/* the set may be swapped before the batch is committed */
	for (size_t i = 0; i < hits.n; i++)
		u->facts.watches[u->facts.n_watches++] =
			arena_strdup(arena, book->watches[hits.rules[i]].code);
}

static bool names(const Sy__V1__MentionFacts *facts, const char *code)
{
	for (size_t i = 0; i < facts->n_watches; i++)
		if (strcmp(facts->watches[i], code) == 0)
			return true;
	return false;
}

static int code_order(const void *code, const void *watch)
{
	return strcmp(code, ((const struct watch_of_book *)watch)->code);
}

const char *watches_reaction(const struct social *svc,
			     const Sy__V1__MentionFacts *facts)
{
	const struct watch_book *book = svc->watches;

	if (book == NULL)
		return NULL;
	for (size_t i = 0; i < facts->n_watches; i++) {
		const struct watch_of_book *w =
			bsearch(facts->watches[i], book->watches, book->n,
				sizeof(book->watches[0]), code_order);

		if (w != NULL && w->reaction)
			return w->code;
	}
	return NULL;
}

/* --- what the directory knows --- */

/* Values are folded, and codes may be upper case. */
static bool value_good(const struct social *svc, const struct watch_value *v,
		       int32_t day)
{
	char code[65];
	size_t len = strlen(v->value);

	if ((v->field != WATCH_TOPIC && v->field != WATCH_UNIT) ||
	    strchr(v->value, '*') != NULL)
		return true;
	if (len >= sizeof(code))
		return false;
	for (size_t i = 0; i <= len; i++)
		code[i] = v->value[i] >= 'a' && v->value[i] <= 'z'
				  ? (char)(v->value[i] - 'a' + 'A')
				  : v->value[i];
	if (v->field == WATCH_UNIT)
		return replica_unit_known(svc->replica, v->value) ||
		       replica_unit_known(svc->replica, code);
	return replica_term(svc->replica, "topic", v->value, day) != NULL ||
	       replica_term(svc->replica, "topic", code, day) != NULL;
}

bool watch_values_good(const struct social *svc, struct watch_query *q)
{
	int32_t day = (int32_t)(time_now_us() / US_PER_DAY);

	for (size_t i = 0; i < q->values.n; i++) {
		if (value_good(svc, &q->values.v[i], day))
			continue;
		q->good = false;
		q->column = (uint32_t)q->values.v[i].column;
		snprintf(q->problem, sizeof(q->problem),
			 "the directory has no such %s",
			 q->values.v[i].field == WATCH_UNIT ? "unit" : "topic");
		return false;
	}
	return true;
}

/* --- where in the text --- */

struct watch_spans watch_spans_of(struct watch_scratch *scratch,
				  struct arena *arena, uint32_t rule,
				  const struct text *mapped, const char *title,
				  const char *text)
{
	struct watch_range_list ranges = watch_ranges(scratch, arena, rule);
	size_t skip = title[0] != '\0' ? strlen(title) + 1 : 0;
	size_t raw_len = skip + strlen(text);
	struct watch_spans spans = {
		.s = arena_alloc(arena, (ranges.n + 1) * sizeof(*spans.s)),
	};

	for (size_t i = 0; i < ranges.n; i++) {
		size_t begin = mapped->at[ranges.r[i].begin];
		size_t end = ranges.r[i].end < mapped->len
				     ? mapped->at[ranges.r[i].end]
				     : raw_len;
		Sy__V1__TextSpan *span;

		if (begin < skip)
			begin = skip;
		while (end > begin &&
		       (unsigned char)text[end - 1 - skip] <= ' ')
			end--;
		if (end <= begin)
			continue; /* of the title */
		span = arena_alloc(arena, sizeof(*span));
		sy__v1__text_span__init(span);
		span->begin = (uint32_t)(begin - skip);
		span->end = (uint32_t)(end - skip);
		spans.s[spans.n++] = span;
	}
	return spans;
}

void watches_show(const struct social *svc, struct arena *arena,
		  Sy__V1__Mention *m)
{
	const struct watch_book *book = svc->watches;
	struct watch_subject subject;
	struct watch_hits hits;
	struct text mapped;

	if (book == NULL || book->set == NULL || m->facts->n_watches == 0 ||
	    (m->text[0] == '\0' && m->title[0] == '\0'))
		return;
	mapped = mention_normal_mapped(arena, m->title, m->text);
	watch_subject_make(svc, arena, m->facts, m->author, &mapped, &subject);
	watch_match(book->scratch, &subject, &hits);
	m->matched = arena_alloc(arena, (hits.n + 1) * sizeof(m->matched[0]));
	for (size_t i = 0; i < hits.n; i++) {
		const char *code = book->watches[hits.rules[i]].code;
		struct watch_spans spans;
		Sy__V1__WatchMatch *match;

		if (!names(m->facts, code))
			continue;
		spans = watch_spans_of(book->scratch, arena, hits.rules[i],
				       &mapped, m->title, m->text);
		match = arena_alloc(arena, sizeof(*match));
		sy__v1__watch_match__init(match);
		match->watch = arena_strdup(arena, code);
		match->spans = spans.s;
		match->n_spans = spans.n;
		m->matched[m->n_matched++] = match;
	}
}
