/* desk_rules.c -- the rules of what stands around the cases: what may become
 * of a version, and whose case it will be. Pure.
 */
#include <string.h>

#include "desk.h"

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
