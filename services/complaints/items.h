/* items.h -- what a case holds besides its state: promises, remedies, tasks,
 * attachments, the red line, the matter, whose repeat it is, the rating. Like
 * the state it is the fold of the case's facts in the order in which they
 * happened; pure, time is passed in.
 */
#ifndef SUYUAN_ITEMS_H
#define SUYUAN_ITEMS_H

#include "complaints.h"

enum item_kind {
	ITEM_PROMISE,
	ITEM_REMEDY,
	ITEM_TASK,
	ITEM_RED_LINE, /* has no code: the next comes after a dismissal */
	ITEM_ATTACHMENT,
	ITEM_KIND_NR,
};

/* --- items_rules.c: what may become of an item --- */

/* The state of what the case does not hold (yet). */
#define ITEM_ABSENT (-1)

enum item_need {
	NEED_NOTHING,
	NEED_SECOND_PERSON, /* than who opened it */
	NEED_VERIFY_LATER,  /* it was said so when it was opened */
};

struct item_transition {
	int from, asked; /* in the enum of the item's state */
	enum fact_fit fit;
	enum item_need need;
	const char *sentence; /* why, or why not */
	const char *unmet;    /* why not, when the need is not met */
	enum fact_fit unmet_fit;
};
/* All pairs: from ITEM_ABSENT on, what may be asked varies first. */
struct item_table {
	int asked_first, asked_nr;
	const struct item_transition *rows;
	size_t rows_nr;
};
/* Of an attachment there is none: it stays as it came. */
extern const struct item_table item_tables[ITEM_KIND_NR];

/* NULL: that cannot be asked. */
const struct item_transition *item_transition(enum item_kind kind, int from,
					      int asked);

/* --- items.c: the fold --- */

/* Each is looked for among all others, on every fold. */
#define CASE_ITEMS_MAX 200

struct case_item {
	enum item_kind kind;
	const char *code;
	int state; /* PromiseState, RemedyState, TaskState, RedLineOutcome */
	const Sy__V1__AppealDetail *said; /* by the fact that opened it */
	int opened_n;                     /* of that fact: its text is there */
	const char *opened_by;
	int64_t opened_at_us;
	int64_t due_us;         /* as it stands now; 0 = none */
	int settled_n;          /* of the last that changed it, -1 = none */
	int64_t settled_at_us;  /* likewise; 0 while it is open */
	const char *decided_by; /* of a remedy: who judged it last, or NULL */
	struct case_item *next; /* as they were opened */
};

struct item_waiting {
	enum item_kind kind;
	const char *code;
	int n;
	bool ready; /* to be tried again */
	struct item_waiting *next;
};

struct case_items {
	struct arena *arena;
	struct case_item *first, **last; /* of every kind */
	size_t nr;
	struct item_waiting *waiting, **waiting_last;
	struct case_item *red_line; /* the last that was flagged, or NULL */
	const char *matter;         /* appeal_id; "" = none */
	const char *repeat_of;      /* appeal_id; "" = none */
	int64_t repeat_until_us;    /* provisional up to then; 0 = not */
	uint32_t rating;            /* 0 = not rated */
};

void items_open(struct case_items *items, struct arena *arena);

/* Takes one fact, in the order of happening; facts that are about no item are
 * taken without effect. fact->detail: item is the code; state what is asked for
 * (of ProposeRemedy: APPROVED when its rule wants no second person); of
 * MarkRepeat, due_us is the end of the window. The fact itself is not kept,
 * what it points at is.
 *
 * FIT_WAITS: it settles what is not there yet, or comes before what must be
 * first. If that lies before it, it takes its place in the next fold. If it
 * lies after it (clocks differ), items_woken tells. A fact that waited may be
 * refused when what it waited for comes; the one that came is not to blame. */
enum fact_fit items_take(struct case_items *items,
			 const struct appeal_fact *fact, const char **why_r);

/* After each items_take that was FIT_TAKEN, until it is -1: n of a fact that
 * waited for that one and is to be handed to items_take again. */
int items_woken(struct case_items *items);

/* NULL: not known. */
const struct case_item *items_find(const struct case_items *items,
				   enum item_kind kind, const char *code);
struct item_counts {
	uint32_t promises_open, promises_kept, promises_broken;
	uint32_t tasks_open;
	uint32_t attachments;
};
struct item_counts items_count(const struct case_items *items);
/* A promise or a task that is not settled. */
bool item_is_open(const struct case_item *item);
/* Exactly at the due time is in time. */
bool item_overdue(const struct case_item *item, int64_t now_us);
/* The earliest due time after now_us of open promises and tasks, 0: none. */
int64_t items_due_us(const struct case_items *items, int64_t now_us);

/* --- attachment.c --- */

#define ATTACHMENT_BYTES_MAX (512 * 1024)
#define ATTACHMENT_NAME_MAX 255

/* Reads the system's table of file types: once, before anything is sniffed. */
int attachments_open(struct error *err);
void attachments_close(void);

/* What the content is, of the media types that are taken; NULL: another one. */
const char *attachment_sniff(const uint8_t *content, size_t bytes);
/* Name, size, and that the content is what it says. */
bool attachment_check(const Sy__V1__AttachFileRequest *req,
		      struct problem *problem_r);

#endif
