/* template_fill.c -- the fields of the desk's templates, and the one renderer:
 * for an answer at the desk and for a mail. Pure.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "template_fill.h"
#include "timeutil.h"

const char *const desk_field_names[FIELDS_NR] = {
	[FIELD_EXTERNAL_ID] = "appeal.external_id",
	[FIELD_REGISTERED] = "appeal.registered",
	[FIELD_PERSON_NAME] = "person.name",
	[FIELD_UNIT_NAME] = "unit.name",
	[FIELD_DEPARTMENT_NAME] = "department.name",
	[FIELD_TOPIC_NAME] = "topic.name",
	[FIELD_DUE_ANSWER] = "due.answer",
	[FIELD_NUMBER] = "appeal.number",
	[FIELD_NOTICE_TEXT] = "notice.text",
	[FIELD_RATING_LINK] = "rating.link",
};

#define NAME_SHOWN_MAX 40

/* Between "{{" and "}}", blanks apart. */
struct name {
	const char *text;
	size_t len;
	const char *after; /* the "}}"; NULL: there is none */
};

static struct name name_at(const char *open)
{
	struct name n = { .text = open + 2 };
	const char *close = strstr(n.text, "}}");

	if (close == NULL)
		return n;
	n.after = close + 2;
	while (n.text < close && *n.text == ' ')
		n.text++;
	while (close > n.text && close[-1] == ' ')
		close--;
	n.len = (size_t)(close - n.text);
	return n;
}

static enum desk_field field_of(const struct name *n)
{
	int i = 0;

	while (i < FIELDS_NR &&
	       (strlen(desk_field_names[i]) != n->len ||
		memcmp(desk_field_names[i], n->text, n->len) != 0))
		i++;
	return (enum desk_field)i;
}

/* Somebody's text may stand there as well: that is not repeated. */
static bool looks_like_a_name(const struct name *n)
{
	return n->len > 0 && n->len <= NAME_SHOWN_MAX &&
	       strspn(n->text, "abcdefghijklmnopqrstuvwxyz_.") >= n->len;
}

const char *template_fault(const char *text, char buf[FIELD_FAULT_MAX])
{
	while ((text = strstr(text, "{{")) != NULL) {
		struct name n = name_at(text);

		if (n.after == NULL)
			return "has a field that does not end";
		if (field_of(&n) == FIELDS_NR && !looks_like_a_name(&n))
			return "has a field that there is not";
		if (field_of(&n) == FIELDS_NR) {
			snprintf(buf, FIELD_FAULT_MAX,
				 "has the field %.*s, which there is not",
				 (int)n.len, n.text);
			return buf;
		}
		text = n.after;
	}
	return NULL;
}

struct filling {
	const char *const *value;
	uint32_t missing;
	char *out; /* NULL: only counts */
	size_t len;
};

static void put(struct filling *f, const char *text, size_t len)
{
	if (f->out != NULL)
		memcpy(f->out + f->len, text, len);
	f->len += len;
}

/* What stands at the field's place; false: there is nothing to say. */
static bool put_field(struct filling *f, enum desk_field field)
{
	const char *value = f->value[field];

	if (value == NULL || value[0] == '\0') {
		f->missing |= 1u << field;
		return false;
	}
	put(f, value, strlen(value));
	return true;
}

/* A line with its end; where it ends. */
static const char *fill_line(struct filling *f, const char *text,
			     bool drop_empty)
{
	const char *end = text + strcspn(text, "\n");
	size_t before = f->len;
	int fields = 0, said = 0;

	end += *end == '\n';
	while (text < end) {
		const char *open = strstr(text, "{{");
		struct name n = { .text = NULL };

		if (open != NULL && open < end)
			n = name_at(open);
		if (n.after == NULL || field_of(&n) == FIELDS_NR) {
			put(f, text, (size_t)(end - text));
			break;
		}
		put(f, text, (size_t)(open - text));
		fields++;
		said += put_field(f, field_of(&n));
		text = n.after;
	}
	if (drop_empty && fields > 0 && said == 0)
		f->len = before;
	return end;
}

static void fill(struct filling *f, const char *text, bool drop_empty)
{
	while (*text != '\0')
		text = fill_line(f, text, drop_empty);
}

char *template_fill(struct arena *arena, const char *text,
		    const char *const value[FIELDS_NR],
		    enum template_lines lines, uint32_t *missing_r)
{
	struct filling counted = { .value = value };
	struct filling f = { .value = value };

	/* with the lines that are dropped: they are written before */
	fill(&counted, text, false);
	f.out = arena_alloc(arena, counted.len + 1);
	fill(&f, text, lines == LINES_WITH_WORDS);
	f.out[f.len] = '\0';
	*missing_r = f.missing;
	return f.out;
}

char *day_in_words(int32_t day, const char *lang, char buf[32])
{
	static const char *const months[] = {
		"January",   "February", "March",    "April",
		"May",       "June",     "July",     "August",
		"September", "October",  "November", "December"
	};
	int year = 0, month = 0, of_month = 0;

	day_format(day, buf);
	if (sscanf(buf, "%d-%d-%d", &year, &month, &of_month) != 3)
		return buf;
	if (strcmp(lang, "ru") == 0)
		snprintf(buf, 32, "%02d.%02d.%d", of_month, month, year);
	else if (strcmp(lang, "zh") == 0)
		snprintf(buf, 32, "%d年%d月%d日", year, month, of_month);
	else if (month >= 1 && month <= 12)
		snprintf(buf, 32, "%d %s %d", of_month, months[month - 1],
			 year);
	return buf;
}
