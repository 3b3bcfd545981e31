/* desk_rules.c -- the rules of what stands around the cases: which fields a
 * template has, what may become of a version, and whose case it will be. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "timeutil.h"

/* --- templates --- */

const char *const desk_field_names[FIELDS_NR] = {
	[FIELD_EXTERNAL_ID] = "appeal.external_id",
	[FIELD_REGISTERED] = "appeal.registered",
	[FIELD_PERSON_NAME] = "person.name",
	[FIELD_UNIT_NAME] = "unit.name",
	[FIELD_DEPARTMENT_NAME] = "department.name",
	[FIELD_TOPIC_NAME] = "topic.name",
	[FIELD_DUE_ANSWER] = "due.answer",
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

/* The length of what it becomes; out may be NULL. */
static size_t fill(const char *text, const char *const value[FIELDS_NR],
		   uint32_t *missing_r, char *out)
{
	size_t len = 0;

	*missing_r = 0;
	while (*text != '\0') {
		const char *open = strstr(text, "{{");
		size_t plain =
			open != NULL ? (size_t)(open - text) : strlen(text);
		struct name n;
		enum desk_field field;

		if (out != NULL)
			memcpy(out + len, text, plain);
		len += plain;
		if (open == NULL)
			break;
		n = name_at(open);
		field = n.after != NULL ? field_of(&n) : FIELDS_NR;
		if (field == FIELDS_NR)
			break;
		if (value[field] == NULL || value[field][0] == '\0') {
			*missing_r |= 1u << field;
		} else {
			if (out != NULL)
				memcpy(out + len, value[field],
				       strlen(value[field]));
			len += strlen(value[field]);
		}
		text = n.after;
	}
	return len;
}

char *template_fill(struct arena *arena, const char *text,
		    const char *const value[FIELDS_NR], uint32_t *missing_r)
{
	char *out = arena_alloc(arena, fill(text, value, missing_r, NULL) + 1);

	fill(text, value, missing_r, out);
	return out;
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

/* --- versions --- */

static bool no(struct problem *problem_r, Sy__V1__ErrorCode code,
	       const char *field, const char *text)
{
	*problem_r = (struct problem){ code, field, text };
	return false;
}

bool desk_may_decide(const struct desk_life *life, uint32_t version,
		     Sy__V1__DeskState wanted, const char *by,
		     struct problem *problem_r)
{
	bool is_draft = version != 0 && version == life->draft;
	bool is_approved = version != 0 && version == life->approved;

	if (wanted != SY__V1__DESK_STATE__DESK_APPROVED &&
	    wanted != SY__V1__DESK_STATE__DESK_RETIRED)
		return no(problem_r, SY__V1__ERROR_CODE__INVALID, "state",
			  "is neither approved nor retired");
	if (version == 0 || version > life->last)
		return no(problem_r, SY__V1__ERROR_CODE__NOT_FOUND, "version",
			  "there is no such version");
	if (!is_draft && !is_approved)
		return no(problem_r, SY__V1__ERROR_CODE__STATE, "version",
			  "is retired: a newer one has taken its place");
	if (wanted == SY__V1__DESK_STATE__DESK_RETIRED)
		return true;
	if (is_approved)
		return no(problem_r, SY__V1__ERROR_CODE__STATE, "version",
			  "is approved already");
	/* four eyes */
	if (strcmp(by, life->draft_author) == 0)
		return no(problem_r, SY__V1__ERROR_CODE__FORBIDDEN, "state",
			  "its author cannot approve it: another person must");
	return true;
}

/* --- seats --- */

bool seat_away(const struct seat *seat, int64_t now_us)
{
	if (seat->away_from_us == 0 && seat->away_to_us == 0)
		return false;
	return seat->away_from_us <= now_us &&
	       (seat->away_to_us == 0 || now_us < seat->away_to_us);
}

bool seat_skilled(const struct seat *seat, const struct seat_need *need)
{
	if (seat->department[0] != '\0' && need->department[0] != '\0' &&
	    strcmp(seat->department, need->department) != 0)
		return false;
	for (size_t i = 0; i < seat->skills_nr; i++)
		for (int j = 0; j < NEED_CODES_NR; j++)
			if (need->code[j][0] != '\0' &&
			    strcmp(seat->skills[i], need->code[j]) == 0)
				return true;
	return seat->skills_nr == 0;
}

static bool fits(const struct seat *seat, const struct seat_need *need)
{
	return seat->serves_unit && seat_skilled(seat, need);
}

/* Somebody who would take the case is away and has this one as deputy. */
static bool stands_in(const struct seat *seats, size_t n,
		      const struct seat *seat, const struct seat_need *need,
		      int64_t now_us)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(seats[i].deputy, seat->principal) == 0 &&
		    seat_away(&seats[i], now_us) && fits(&seats[i], need))
			return true;
	return false;
}

static bool has_room(const struct seat *seat)
{
	return seat->capacity == 0 || seat->load < seat->capacity;
}

/* By cases; then the one with more room; then by name, so that two who ask at
 * once do not differ. */
static bool goes_before(const struct seat *a, const struct seat *b)
{
	uint32_t room_a = a->capacity == 0 ? UINT32_MAX : a->capacity;
	uint32_t room_b = b->capacity == 0 ? UINT32_MAX : b->capacity;

	if (a->load != b->load)
		return a->load < b->load;
	if (room_a != room_b)
		return room_a > room_b;
	return strcmp(a->principal, b->principal) < 0;
}

const struct seat *seat_pick(const struct seat *seats, size_t n,
			     const struct seat_need *need, int64_t now_us)
{
	const struct seat *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct seat *s = &seats[i];

		if (seat_away(s, now_us) || !has_room(s) ||
		    (!fits(s, need) && !stands_in(seats, n, s, need, now_us)))
			continue;
		if (best == NULL || goes_before(s, best))
			best = s;
	}
	return best;
}
