/* duty.h -- work of a service that one replica at a time is to do: clusters of
 *a language, clocks, an index. Each duty has a name; the replicas of a service
 * share them fairly (duty_rules.c), and who owns one may keep memory about it.
 *
 *	free --took--> begin, tick, tick ... --gave, lost, draining--> end
 *
 * A replica that has died is followed by another within a second (its session
 * at the database has ended), one that stands still after DUTY_LEASE_MS. Every
 * transaction of a duty claims it first, so that what wakes up late writes
 * nothing: between taking and the claim's answer nothing here is certain.
 */
#ifndef SUYUAN_DUTY_H
#define SUYUAN_DUTY_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "db/db.h"
#include "error.h"

/* By the database's clock; some renewals fit in. */
#define DUTY_LEASE_MS 5000
#define DUTIES_MAX 60

struct duties; /* those of one process */
struct duty;

struct duty_options {
	const char *name; /* for ever; borrowed */
	/* Owned from now on: what memory there is comes from the database. May
	 * be NULL, as may end. */
	void (*begin)(struct duty *duty, void *arg);
	/* Owned no more: forget. What is on its way fails at its claim. */
	void (*end)(struct duty *duty, void *arg);
	/* As long as it is owned; the first time at once. */
	void (*tick)(struct duty *duty, void *arg);
	uint32_t tick_ms;
	void *arg;
};

/* Its tables are those of the component "duty". */
int duties_open(struct duties **d_r, uv_loop_t *loop, const char *url,
		const char *schema, const char *service, struct error *err);
/* All of a service, before the loop runs. */
struct duty *duties_add(struct duties *d, const struct duty_options *options);
/* Ends all, gives them back at once, and calls. NULL calls at once. */
void duties_drain(struct duties *d, void (*drained_cb)(void *arg), void *arg);
/* Ends what is owned still; others wait for the end of the session. */
void duties_close(struct duties **d);

/* 0: not ours, as far as is known. Another one each time that it is taken. */
uint64_t duty_epoch(const struct duty *duty);

/* The first statement of each transaction, on whatever connection: SY006, a
 * DB_CONFLICT, unless it is ours in this epoch, and holds it to the end. */
void duty_claim(const struct duty *duty, uint64_t epoch, struct db_pipe *pipe);
/* For a command of the bus, which starts again after a conflict: asked in read,
 * looked at in decide; false: refuse it, and do not claim. */
void duty_ask(const struct duty *duty, uint64_t epoch, struct db_pipe *pipe);
bool duty_answer(const struct db_result *res, int statement);

/* --- duty_rules.c: pure --- */

/* A replica: what it knows, a bit each. */
struct duty_member {
	uint64_t knows;
	int owned;
};
/* Who owns what; a duty's owner is a position in members, -1: nobody. */
struct duty_view {
	int duties_nr, members_nr;
	int owner[DUTIES_MAX];
	struct duty_member *members;
	int me;
};
/* What I am to take now, a bit each: all who look at the same view see each
 * free duty with the same replica, the one that has the least. */
uint64_t duty_rules_take(struct duty_view *view);
/* What I am to give, -1: nothing; one at a time, and none while one is free. */
int duty_rules_give(const struct duty_view *view);

#endif
