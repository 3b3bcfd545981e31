/* digest.h -- what was said on one day (S11): asked of the tables, put
 * together, shown as a page that can be printed, and mailed once.
 */
#ifndef SUYUAN_SOCIAL_DIGEST_H
#define SUYUAN_SOCIAL_DIGEST_H

#include "clock/zone.h"
#include "warnings.h"

/* --- digest_rules.c: pure --- */

/* A day of the installation. Counts are of whole hours, which in zones of half
 * an hour are those that begin on it. */
struct digest_day {
	int32_t day;
	int64_t from_us, to_us;
	int32_t from_hour, to_hour;
	int32_t utc_day; /* of its end: the tree is asked of that one */
};
struct digest_day digest_day_of(const struct zone *zone, int32_t day);
/* Weeks before of which there are counts, at most 4. */
int32_t digest_weeks(const struct digest_day *day, int32_t first_hour);
/* 0 or -1: not a time of day. */
int digest_time_read(const char *text, int *minutes_r);
/* The n addresses of a list, in the arena; -1: one of them is none. */
int digest_to_read(struct arena *arena, const char *text,
		   const char ***addresses_r, size_t *n_r);
/* How long the clocks of these reactions took. */
void digest_times(struct arena *arena, Sy__V1__ReactionFacts *const *reactions,
		  size_t n, Sy__V1__Digest *digest);

/* --- digest_html.c: pure --- */

/* Of the day and what is in the digest, in ru, zh or en. */
char *digest_html(struct arena *arena, const Sy__V1__Digest *digest,
		  const char *lang);
const char *digest_title(struct arena *arena, int32_t day, const char *lang);

/* --- digest.c --- */

struct digest_mailer;
/* Also checks the variables. */
int digest_open(struct digest_mailer **m_r, struct social *svc,
		struct duties *duties, struct error *err);
void digest_close(struct digest_mailer **m);

/* On any connection: adds the questions; the first stands at the pipe's length
 * of now. unit: "" = everything. */
void digest_ask(struct db_pipe *pipe, const struct digest_day *day,
		int32_t first_hour, const char *unit);
/* texts: with the beginnings of what was said. Strings are those of res. */
Sy__V1__Digest *digest_take(const struct db_result *res, int first,
			    const struct digest_day *day, int32_t first_hour,
			    const char *unit, bool texts, struct arena *arena);
void handle_get_digest(struct bus_request *req);

#endif
