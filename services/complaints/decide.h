/* decide.h -- what the files that judge a batch share. */
#ifndef SUYUAN_DECIDE_H
#define SUYUAN_DECIDE_H

#include "items.h"
#include "policies.h"

/* One event to come: what the case was and became. */
struct effect {
	const struct bus_item *item;
	const struct appeal_case *c;
	const char *type;
	uint64_t revision;
	int64_t occurred_at_us;
	struct appeal_facts before, after;
	const char *refused;
	const Sy__V1__AppealDetail *detail;
	struct effect *next;
};

struct decision {
	struct complaints *svc;
	struct bus_batch *batch;
	struct cases *cases;
	bool directory_fresh;
	bool wait; /* for the directory */
	struct effect *effects, **effects_last;
};

/* The case becomes after; one event tells of it. refused: why a fact was. */
struct effect *decide_effect(struct decision *d, const struct bus_item *item,
			     struct appeal_case *c, const char *type,
			     int64_t occurred_us,
			     const struct appeal_facts *after);
/* Refuses with UNKNOWN_CODE, or waits for the directory; false. */
bool decide_unknown(struct decision *d, struct bus_item *item,
		    const char *field);

/* --- decide_fold.c --- */

/* A case as its facts make it. */
struct folded {
	struct case_items items;
	struct appeal_fact **order; /* of the case's facts */
	struct appeal_facts after;
};
/* The fold alone. */
void decide_fold_life(struct decision *d, struct appeal_case *c,
		      struct folded *f);
/* Judges what depends on time, as of now_us; since_us: what is new lies there
 * or later. */
void decide_judge(struct decision *d, const struct appeal_case *c,
		  struct folded *f, int64_t since_us, int64_t now_us);
/* Both, and what else the fold alone cannot know. */
void decide_fold(struct decision *d, struct appeal_case *c, struct folded *f);

/* --- decide_life.c --- */

/* What a registration or a classification that names no department is told by
 * the routing rules of the day; NULL: nothing. facts: the codes with it. */
Sy__V1__AppealDetail *decide_routing(struct decision *d,
				     const struct appeal_facts *facts,
				     int32_t day);
/* What only the directory and other cases can tell of a fact; makes its
 * detail. c: NULL, not known yet. False: refused, or waiting. */
bool decide_life(struct decision *d, struct bus_item *item,
		 const struct appeal_case *c, struct asked *a);
bool decide_codes(struct decision *d, struct bus_item *item,
		  const char *const code[CODE_NR], int32_t day);
bool decide_scope(struct decision *d, struct bus_item *item, const char *unit,
		  int32_t day);

/* decide_clock.c. False: refused. */
bool decide_clock(struct decision *d, struct bus_item *item,
		  const struct appeal_case *c, const struct asked *a,
		  const Sy__V1__AppealDetail *detail);

/* --- decide_due.c --- */

void decide_due(struct decision *d, struct bus_item *item);

#endif
