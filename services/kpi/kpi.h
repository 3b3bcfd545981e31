/* kpi.h -- indicators: cells of numerators and denominators that are counted
 * from the logs, added up over the tree of then, and divided last.
 *
 *	logs (links.c) -> apply.c -> rules.c -> cells.c -> table cell
 *	GetCells, GetSeries -> handlers.c -> answer.c -> table cell, directory
 *	Compare -> compare.c: the logs again, through the same rules.c and
 *		cells.c
 */
#ifndef SUYUAN_KPI_H
#define SUYUAN_KPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "bus/client.h"
#include "bus/consumer.h"
#include "bus/server.h"
#include "db/db.h"
#include "dir/replica.h"
#include "service.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "suyuan/v1/social.pb-c.h"

#define KPI_SERVICE "kpi" /* also the key's principal and the stream */
#define KPI_SHARDS 16

/* --- conf.c --- */

struct kpi_conf {
	struct service_conf common; /* first: service_conf_entries write here */
	char *complaints;           /* SUYUAN_COMPLAINTS: endpoint */
	char *social;               /* SUYUAN_SOCIAL: endpoint, "" = none */
	/* SUYUAN_CONSUMER: of the cursors, and of the schema that what was
	 * counted stands in. Another name counts everything anew. */
	char *consumer;
};
extern const struct conf_entry *const kpi_conf_tables[];
/* 0, or -1: the name cannot be that of a schema. */
int kpi_conf_check(const struct kpi_conf *conf, struct error *err);

/* --- the service --- */

/* The logs that are counted: links.c has the table. */
#define STREAMS_NR 2
#define STREAM_SHARDS 16

struct cell_table;
/* What one event of a log adds to cells; scratch holds what is unpacked. 0, or
 * -1: this is no event of that log. */
typedef int count_fn(struct cell_table *table, struct arena *scratch,
		     const Sy__V1__Event *event, int64_t accepted_at_us,
		     struct error *err);

struct kpi;
struct stream {
	const char *name;
	const char *endpoint; /* "": this installation does not have it */
	count_fn *count;
	struct consumer *consumer;
	struct bus_client *client; /* Compare reads the log by it */
	struct kpi *kpi;
};

struct kpi {
	struct kpi_conf conf;
	struct service service;
	struct replica *replica;
	struct stream streams[STREAMS_NR];
	struct bus_server *server;
	/* Compare reads all cells: longer than a query connection may take. */
	struct db_conn *compare_db;
	uint64_t counted, analyze_at; /* events since the start; next ANALYZE */
	struct compare *compare;      /* the one that runs, or NULL */
	int draining;                 /* the next of the streams */
	void (*drained_cb)(void *arg);
	void *drained_arg;
};

/* --- links.c --- */

/* The replica of the directory and what Compare needs. directory_ready_cb (arg:
 * kpi) is called once, when the directory's log was applied. */
int links_open(struct kpi *kpi, void (*directory_ready_cb)(void *arg),
	       struct error *err);
/* Begins to count; not before the directory is ready. */
int links_follow(struct kpi *kpi, struct error *err);
/* Finishes what is being applied, one stream after another, then drained_cb. */
void links_drain(struct kpi *kpi, void (*drained_cb)(void *arg), void *arg);
void links_close(struct kpi *kpi);

/* --- behind.c --- */

/* Events of all followed logs that are not counted yet, as last heard of. */
uint64_t links_behind(const struct kpi *kpi);
/* Why a log cannot be counted on, NULL: all is well. */
const char *links_stuck(const struct kpi *kpi);

/* --- rules.c: what counts as what; pure --- */

/* Numbers in cell.indicator; never given to anything else. */
enum cell_indicator {
	CELL_APPEALS = 1,
	CELL_FIRST_RESPONSE = 2,
	CELL_RESOLUTION = 3,
	CELL_MENTIONS = 4,
	CELL_NEGATIVE = 5,
	CELL_REACTION = 6,
	CELL_INQUIRY = 7,
	CELL_REPORT = 8,
};

struct leaf {
	int16_t indicator; /* of enum cell_indicator */
	int32_t day;
	const char *unit, *kind, *channel, *topic, *department; /* borrowed */
	int64_t numerator, denominator;
};

/* One appeal, tally or reaction is in at most this many cells. */
#define LEAVES_MAX 3
/* The cells that an appeal with these facts stands in; facts may be NULL.
 * Returns how many. */
int rules_leaves(const Sy__V1__AppealFacts *facts,
		 struct leaf leaves_r[LEAVES_MAX]);

/* Those of mentions that a batch of the social service counted. */
int rules_mention_leaves(const Sy__V1__MentionTally *tally,
			 struct leaf leaves_r[LEAVES_MAX]);
/* Those of a point of reaction; facts may be NULL. */
int rules_reaction_leaves(const Sy__V1__ReactionFacts *facts,
			  struct leaf leaves_r[LEAVES_MAX]);

enum indicator_form { FORM_COUNT = 1, FORM_SHARE = 2, FORM_RATE = 3 };

/* Sets value, interval and has_value of a cell whose numerator and denominator
 * are set. per: of a rate. */
void rules_divide(Sy__V1__Cell *cell, enum indicator_form form, int64_t per);

/* How much a measure was over [from_day, to_day) for one unit. */
struct exposure {
	const char *measure, *unit;
	int32_t from_day, to_day;
	int64_t value;
};
/* The mean over the days of [from_day, to_day) for which the measure of the
 * unit is known, rounded; 0 when it is known for none. The segments do not
 * overlap. */
int64_t rules_exposure(const struct exposure *segments, size_t n,
		       const char *measure, const char *unit, int32_t from_day,
		       int32_t to_day);

/* First day of the step (BY_DAY, BY_MONTH) that day lies in, and of the next
 * one. */
int32_t rules_step_first(Sy__V1__Dimension step, int32_t day);
int32_t rules_step_next(Sy__V1__Dimension step, int32_t first);

struct days {
	int32_t from, to; /* half open */
};
/* What a period is compared with: of whole months as many before it, of other
 * days as many; and the same dates of the year before (29 February: 28). */
struct days rules_days_before(struct days days);
struct days rules_days_year_before(struct days days);

/* --- cells.c: what cells hold, added up in memory --- */

struct cell {
	struct leaf leaf; /* its strings are the table's own */
	int32_t accepted_day;
};

/* Cells live in the arena, the table must be freed before it. */
struct cell_table *cell_table_new(struct arena *arena);
void cell_table_free(struct cell_table *table);
/* Adds sign (1 or -1) times the leaf. */
void cell_table_add(struct cell_table *table, const struct leaf *leaf,
		    int32_t accepted_day, int sign);
/* The cell with the same key, NULL if there is none. */
const struct cell *cell_table_find(struct cell_table *table,
				   const struct cell *key);
/* The cells one after another, in no useful order; NULL begins and ends. Sums
 * of 0 are left out: such a cell says the same as none. */
const struct cell *cell_table_next(const struct cell_table *table,
				   const struct cell *cell);

static inline bool cell_is_zero(const struct cell *cell)
{
	return !cell->leaf.numerator && !cell->leaf.denominator;
}

/* --- count.c: cells(after) - cells(before) of one event --- */

count_fn count_complaints;
count_fn count_social;

/* --- apply.c: the consumer's part --- */

/* consumer_options.apply; arg is the struct stream. */
int kpi_apply(void *arg, const struct consumer_event *events, size_t n,
	      struct db_pipe *pipe, struct error *err);
/* consumer_options.applied: sees to it that the database knows how many cells
 * there are. */
void kpi_applied(void *arg, const struct consumer_event *events, size_t n);

/* --- store.c: every statement --- */

enum kpi_statement {
	SQL_ADD_CELLS,
	SQL_CUSTOM_PLAN,
	SQL_INDICATORS,
	SQL_CELLS,
	SQL_EXPOSURES,
	SQL_EVERYTHING,
	SQL_ANALYZE,
	SQL_NR,
};
extern const struct db_statement kpi_statements[SQL_NR];

/* The parameters of SQL_INDICATORS, SQL_CELLS and SQL_EXPOSURES. */
struct cells_question {
	const char *unit; /* "" = every unit */
	const char *const *indicators;
	size_t indicators_nr; /* 0 = all */
	/* Half open; INT32_MIN and INT32_MAX where it is open. */
	int32_t from_day, to_day;
	int32_t known_by_day;               /* INT32_MAX = all */
	const char *kind, *channel, *topic; /* "" = all */
	const Sy__V1__Dimension *split_by;
	size_t split_by_nr;
	uint32_t limit;
};

/* Of enum Dimension, DIMENSION_NONE not counted; numbered from 1. */
#define DIMENSIONS 8
bool question_splits(const struct cells_question *question,
		     Sy__V1__Dimension dimension);

/* One statement, or none if nothing is to be added. Returns how many cells. */
size_t store_add_cells(struct db_pipe *pipe, const struct cell_table *table);
/* Four statements, whose results answer.c reads: enum below by position. */
enum { ASK_PLAN, ASK_INDICATORS, ASK_CELLS, ASK_EXPOSURES };
void store_ask(struct db_pipe *pipe, const struct cells_question *question);
/* The same in parts, for several questions at once: a statement each. */
void store_plan(struct db_pipe *pipe);
void store_ask_cells(struct db_pipe *pipe,
		     const struct cells_question *question);
/* Columns of the cells, those that more than answer.c reads. */
enum {
	CELLS_BY_KIND = 2,
	CELLS_BY_TOPIC = 4,
	CELLS_BY_CHANNEL_CLASS = 6,
	CELLS_NUMERATOR = 9,
};

/* Every cell, and for each shard of each log the last offset in them: a row
 * whose accepted_day is NULL, with the shard as day, the stream as unit and the
 * offset as numerator. */
enum {
	EVERYTHING_ACCEPTED_DAY = 7,
	EVERYTHING_NUMERATOR,
	EVERYTHING_DENOMINATOR,
};
void store_read_everything(struct db_pipe *pipe, const char *consumer);

/* --- answer.c: from rows to cells --- */

struct indicator; /* a row of the registry */

enum answer_outcome { ANSWER_OK, ANSWER_UNKNOWN_INDICATOR };

struct answer {
	Sy__V1__Cell **cells;
	size_t cells_nr;
	bool truncated;
	/* The days that the figures are of: as asked, and where that is open,
	 * up to the first and last cell that was found. Empty if there is none.
	 */
	int32_t from_day, to_day;
	/* What was read besides, for answer_fill_steps. */
	struct indicator *indicators;
	size_t indicators_nr;
	struct exposure *exposures;
	size_t exposures_nr;
};

/* Reads the results of store_ask. Everything lies in the arena. */
enum answer_outcome answer_read(const struct db_result *res,
				const struct cells_question *question,
				struct arena *arena, struct answer *answer_r);
/* Of one indicator that was split by step alone: the steps without a cell get
 * one of 0. -1: more than max steps. */
int answer_fill_steps(struct answer *answer,
		      const struct cells_question *question, size_t max,
		      struct arena *arena);

/* --- handlers.c, compare.c, report.c --- */

extern const struct bus_method kpi_methods[];
/* Whose figures: the asked unit if the principal may see it, else its own. A
 * unit that was closed is looked for in the tree of the last asked day. NULL:
 * refused and answered. */
const char *asked_unit(struct bus_request *req, const char *asked,
		       int32_t to_day);
void handle_compare(struct bus_request *req);
void handle_get_appeal_report(struct bus_request *req);

#endif
