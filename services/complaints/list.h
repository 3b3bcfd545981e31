/* list.h -- the work list: what was asked for (list.c) and the statements that
 * it becomes (list_store.c).
 *
 * Open work is small and has indexes of its own. History is large: there a list
 * walks a bounded way through the index of its order, which fills a page unless
 * the filters together are rare; then the search index, which knows the codes
 * of all cases, gives the rest. So no combination of filters reads the table.
 */
#ifndef SUYUAN_LIST_H
#define SUYUAN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "search.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "uuid.h"

/* A subtree of so few units is read unit by unit; open work, of which a unit
 * has little, of more of them. Larger ones are a good part of everything. */
#define LIST_UNITS_FEW 64
#define LIST_UNITS_OPEN 2000
/* How far a list walks before it turns to the search index, which it then asks
 * for 32 days, then for as many more as a page should need, at last for all:
 * frequent filters end on the walk, and what is not quite as frequent never
 * makes the index give much more than a page. */
#define LIST_WALK_ROWS 8000
#define LIST_WALK_ROWS_RARE 4000 /* with several filters */
#define LIST_WALK_TEXTS 3000
#define LIST_SPANS_MAX 16

/* Where a page ended: the order's key. */
struct list_key {
	int64_t at_us; /* 0: at the beginning */
	uint8_t id[UUID_BYTES];
};

struct list_ask {
	const Sy__V1__ListAppealsRequest *msg;
	const char *root;  /* of what is asked for; "" = all */
	const char *grant; /* of what may be seen; "" = all */
	int64_t units_nr;  /* below it, LIST_UNITS_OPEN + 1: or more */
	struct list_key from;
	uint32_t limit;
	const char *tsquery; /* of msg->text, NULL: none */
	size_t terms_nr;     /* that the search index knows */
};

/* What the words of a case must all have, each a tsquery: of each code one, of
 * flags three, and the text. Side by side the index jumps from one's next case
 * to the other's; joined by & in one it would read the shortest list of cases
 * from its beginning. */
#define LIST_TERMS_MAX (SEARCH_CODES_NR + 2 + 1)
struct list_terms {
	const char *t[LIST_TERMS_MAX];
	size_t n;
};

/* Columns of every list: those of SQL_GET up to the facts, then the key. */
void list_units(struct db_pipe *pipe, const struct list_ask *ask);
/* The walk. bounded_r: it may have ended before the list did; list_walk_end
 * then tells where (no row: at its end). */
bool list_is_bounded(const struct list_ask *ask);
void list_walk(struct db_pipe *pipe, const struct list_ask *ask);
void list_walk_end(struct db_pipe *pipe, const struct list_ask *ask);
/* By the search index, from ask->from on; until_us: not before, 0: to the end.
 */
void list_search(struct db_pipe *pipe, const struct list_ask *ask,
		 const struct list_terms *terms, int64_t until_us);
/* How far the index is behind, microseconds; no row: it is not. */
void list_behind(struct db_pipe *pipe);
/* What was said in these cases, in the order of its happening. */
void list_texts(struct db_pipe *pipe, const Sy__V1__AppealRow *const *rows,
		size_t n);

#endif
