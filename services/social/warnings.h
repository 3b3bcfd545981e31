/* warnings.h -- what is more than usual (S9), which source fell silent (S10)
 *and the digest of a day (S11). Three duties of one replica at a time.
 *
 *	"spikes"	counts of the last 24 hours against those of the same
 *			weekday, once a while; spike_rules.c
 *	"sources"	arrivals against the longest silence that is usual
 *	"digest"	the mail of the day before; digest.h
 *
 * What a duty has to tell is a command to the service itself (warn_step.c); all
 * its state stands in the database.
 */
#ifndef SUYUAN_SOCIAL_WARNINGS_H
#define SUYUAN_SOCIAL_WARNINGS_H

#include "duty/duty.h"
#include "mentions.h"
#include "press.h"

/* --- spike_rules.c: pure --- */

#define SPIKE_WEEKS 7
/* Fewer mentions in 24 hours are none. */
#define SPIKE_EVENTS_MIN 5
/* False discoveries among all that are told of one run. */
#define SPIKE_RATE .05

struct spike_series {
	Sy__V1__SpikeOf of;
	const char *code;
	int64_t observed;          /* of the last 24 hours */
	int64_t week[SPIKE_WEEKS]; /* the same hours of the weeks before */
	uint32_t sensitivity;      /* 1 (early) .. 5 (sure); 0 = 3 */
	const char *unit;          /* who may see it; "" = who sees all */
	uint8_t id[UUID_BYTES];    /* of the one that lasts */
	bool lasts;
	int64_t peak; /* of it so far */
	/* Judged: */
	bool judged; /* there was enough to compare with */
	double expected, bound, p_value;
	bool begins, ends, rises;
};
/* weeks: how many of the weeks before there are counts of at all. */
void spikes_judge(struct spike_series *series, size_t n, size_t weeks);

/* The longest silence that is usual, of the longest of each day; 0: too few
 * days to tell. Of many days the longest one may have been an outage. Sorts. */
int64_t source_usual_us(int64_t *longest_us, size_t n);
/* The same of a list like "1,2,3". */
int64_t warn_usual_us(const char *longest);
bool source_is_silent(int64_t silence_us, int64_t usual_us);

/* --- warn_step.c, warn_store.c --- */

#define WARN_SQL_FIRST PRESS_SQL_END
enum warn_sql {
	WARN_SQL_ARRIVED = WARN_SQL_FIRST,
	WARN_SQL_STEP_READ,
	WARN_SQL_STEP,
	WARN_SQL_SPIKES_BEGIN,
	WARN_SQL_SPIKES_END,
	WARN_SQL_GAPS_BEGIN,
	WARN_SQL_GAPS_END,
	WARN_SQL_SPIKE_FIND,
	WARN_SQL_SPIKE_JUDGE,
	WARN_SQL_GAPS,
	WARN_SQL_SOURCES,
	WARN_SQL_DIGEST_LINES,
	WARN_SQL_DIGEST_CLUSTERS,
	WARN_SQL_DIGEST_REACTIONS,
	WARN_SQL_DIGEST_SPIKES,
	/* of the duties alone */
	WARN_SQL_SPIKES_FIRST_HOUR,
	WARN_SQL_SPIKES_COUNT,
	WARN_SQL_SPIKES_RISE,
	WARN_SQL_SOURCES_FOLD,
	WARN_SQL_SOURCES_LOOK,
	WARN_SQL_MAIL_ADD,
	WARN_SQL_MAIL_TAKE,
	WARN_SQL_MAIL_SENT,
	WARN_SQL_END,
};
extern const struct db_statement warn_sql[WARN_SQL_END - WARN_SQL_FIRST];
extern const struct part warn_part;
struct db_pipe *warn_pipe(struct db_conn *conn);

struct warn_gap {
	const char *source;
	int64_t from_us, to_us, usual_us, revision;
};
/* What a duty has to tell, until it was. */
struct warn_step {
	struct duty *duty;
	uint64_t epoch;
	uint8_t id[UUID_BYTES];
	int32_t hour;
	struct spike_series *series; /* those that begin or end are told */
	size_t series_nr, weeks;
	struct warn_gap *silent, *back;
	size_t silent_nr, back_nr;
};
struct warnings;
int warnings_open(struct warnings **w_r, struct social *svc,
		  struct duties *duties, struct error *err);
void warnings_close(struct warnings **w);

enum warn_duty { WARN_SPIKES, WARN_SOURCES, WARN_DUTIES };
/* NULL: none is on its way. */
const struct warn_step *warn_step_of(const struct warnings *w,
				     enum warn_duty duty);
/* Begins it; done_cb is called once. */
void warn_step_tell(struct social *svc, enum warn_duty duty,
		    const struct warn_step *step,
		    void (*done_cb)(Sy__V1__ErrorCode code, void *arg),
		    void *arg);
void spike_fill(const struct spike_series *s, const struct warn_step *step,
		struct arena *arena, Sy__V1__Spike *spike_r);

/* --- warn_list.c --- */

struct spikes_ask {
	const char *root; /* of the subtree; "": everything */
	bool lasting;
	uint32_t limit;
	int64_t from_us, to_us; /* 0: open */
	int64_t told_us;        /* of the last one that was shown; 0: none */
	uint8_t id[UUID_BYTES];
};
/* SPIKE_SELECT; one row more than the limit. */
void spikes_put_list(struct db_pipe *pipe, const struct spikes_ask *ask);
void handle_list_spikes(struct bus_request *req);
void handle_list_sources(struct bus_request *req);
/* The gaps of a source ("" = all) that touch a stretch: the statement, and its
 * rows. */
void warn_gaps_ask(struct db_pipe *pipe, const char *source, int64_t from_us,
		   int64_t to_us);
Sy__V1__SourceGap **warn_gaps_take(const struct db_result *res, int statement,
				   struct arena *arena, size_t *n_r);
Sy__V1__Spike *warn_spike_take(const struct db_result *res, int statement,
			       int row, struct arena *arena);
/* The columns that it reads, of a table that is called s. */
#define SPIKE_SELECT                                                           \
	"s.spike_id, s.of_what::int, s.code, s.unit, s.since_hour,"            \
	" coalesce(s.until_hour, 0), s.observed, s.expected::text,"            \
	" s.bound::text, s.p_value::text, s.baseline_days, s.told_at,"         \
	" s.judged, s.was_right, s.judged_by"

#endif
