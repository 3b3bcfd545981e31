/* watch.c -- watch rules, a line each up to an empty one, then a line of a
 * value for every field, then a mention's text: parsed, printed, compiled
 * together and matched. A first byte above 'z' hands the text in as it is, not
 * normalised. */
#include <string.h>

#include "../lib/fuzz.h"
#include "text/normal.h"
#include "text/watch.h"

#define RULES_MAX 8

static size_t chars(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

static void check_problem(const struct watch_problem *problem,
			  const struct watch_rule *rule)
{
	REQUIRE(problem->column >= 1 &&
		problem->column <= chars(rule->text, rule->len) + 1);
	REQUIRE(problem->text[0] != '\0' && fuzz_utf8(problem->text));
}

/* Whether it is a rule; then it stays one when it is printed. */
static bool check_rule(struct arena *arena, const struct watch_rule *rule)
{
	const struct watch_tree *tree, *again;
	struct watch_problem problem;
	struct watch_value_list values;
	const char *text;

	if (watch_parse(arena, rule->text, rule->len, &tree, &problem) < 0) {
		check_problem(&problem, rule);
		return false;
	}
	text = watch_print(tree);
	REQUIRE(fuzz_utf8(text));
	REQUIRE(watch_parse(arena, text, strlen(text), &again, &problem) == 0);
	REQUIRE(strcmp(text, watch_print(again)) == 0);
	values = watch_values(tree);
	REQUIRE(values.n == watch_values(again).n);
	for (size_t i = 0; i < values.n; i++)
		REQUIRE(values.v[i].column <= chars(rule->text, rule->len) &&
			strcmp(values.v[i].value,
			       watch_values(again).v[i].value) == 0);
	return true;
}

static void check_hits(struct arena *arena, struct watch_scratch *scratch,
		       const struct watch_subject *subject, size_t rules_nr)
{
	struct watch_range_list list;
	struct watch_hits hits;

	watch_match(scratch, subject, &hits);
	REQUIRE(!hits.cut && hits.n <= rules_nr);
	for (size_t i = 0; i < hits.n; i++) {
		REQUIRE(hits.rules[i] < rules_nr &&
			(i == 0 || hits.rules[i] > hits.rules[i - 1]));
		list = watch_ranges(scratch, arena, hits.rules[i]);
		for (size_t r = 0; r < list.n; r++)
			REQUIRE(list.r[r].begin < list.r[r].end &&
				list.r[r].end <= subject->len &&
				(r == 0 ||
				 list.r[r].begin > list.r[r - 1].end));
	}
}

/* One rule alone says what it says among the others. */
static void check_alone(struct watch_scratch *all,
			const struct watch_subject *subject,
			const struct watch_rule *rule)
{
	struct watch_problem problem;
	struct watch_scratch *scratch;
	struct watch_hits alone, among;
	struct watch_set *set;
	size_t failed;

	REQUIRE(watch_set_compile(&set, rule, 1, &failed, &problem) == 0);
	REQUIRE(watch_scratch_open(&scratch, set, NULL) == 0);
	watch_match(scratch, subject, &alone);
	watch_match(all, subject, &among);
	REQUIRE((alone.n == 1) == (among.n > 0 && among.rules[0] == 0));
	watch_scratch_close(&scratch);
	watch_set_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct watch_subject_value values[WATCH_VALUES_NR];
	struct fuzz f = { data, size };
	struct watch_rule rules[RULES_MAX];
	struct watch_subject subject = { .values = values,
					 .values_nr = WATCH_VALUES_NR };
	struct watch_problem problem;
	struct watch_scratch *scratch;
	struct watch_set *set;
	struct arena arena;
	struct text text;
	size_t n = 0, failed, len;
	bool raw = fuzz_byte(&f) > 'z';
	const char *value;

	arena_init(&arena);
	while (n < RULES_MAX) {
		rules[n].text = fuzz_line(&f, &arena, &rules[n].len);
		if (rules[n].len == 0)
			break;
		n += check_rule(&arena, &rules[n]);
	}
	value = fuzz_line(&f, &arena, NULL);
	for (int i = 0; i < WATCH_VALUES_NR; i++)
		values[i] = (struct watch_subject_value){
			.field = (enum watch_field)i,
			.value = value,
		};
	subject.text = fuzz_rest(&f, &arena, &len);
	subject.len = len;
	if (!raw) {
		text = text_normalise(&arena, subject.text, len);
		subject.text = text.s;
		subject.len = text.len;
	}
	REQUIRE(watch_set_compile(&set, rules, n, &failed, &problem) == 0);
	REQUIRE(watch_scratch_open(&scratch, set, NULL) == 0);
	check_hits(&arena, scratch, &subject, n);
	if (n > 1)
		check_alone(scratch, &subject, &rules[0]);
	watch_scratch_close(&scratch);
	watch_set_free(&set);
	arena_reset(&arena);
	return 0;
}
